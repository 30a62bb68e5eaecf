"""The demo accounts, one per role: who they are and how to sign in."""

from datetime import date
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from casework.demo.staff import PASSWORD
from households.models import HelperPairing
from villages.models import Cadre, Post, Posting

ROLES: dict[str, str | Promise] = {
    "helper": Post.HELPER.label,
    "chief": Post.VILLAGE_CHIEF.label,
    "first-secretary": Post.FIRST_SECRETARY.label,
    "village-secretary": Post.VILLAGE_SECRETARY.label,
    "town-secretary": Post.TOWN_SECRETARY.label,
    "district-leader": Post.DISTRICT_LEADER.label,
    "district-secretary": Post.DISTRICT_SECRETARY.label,
    "unit-leader": Post.UNIT_LEADER.label,
    "supervisor": _("supervisor (district)"),
    "town-supervisor": _("supervisor (town)"),
    "clerk": _("clerk (district)"),
    "town-clerk": _("clerk (town)"),
}


class Account(NamedTuple):
    """One line of the table."""

    role: str
    username: str
    name: str
    place: str
    password: str


def accounts(on: date) -> list[Account]:
    """The demo accounts of this database, in order of roles; none where there is no demo."""
    cadres = {cadre.username: cadre for cadre in Cadre.objects.filter(username__in=ROLES)}
    return [
        Account(str(role), username, cadre.name, _place(cadre, on), PASSWORD)
        for username, role in ROLES.items()
        if (cadre := cadres.get(username))
    ]


def _place(cadre: Cadre, on: date) -> str:
    """Where the cadre holds the post today, or has the first household."""
    posting = Posting.objects.in_force(on).filter(cadre=cadre).order_by("place_code").first()
    if posting:
        return str(posting.place)
    pairing = HelperPairing.objects.in_force(on).filter(cadre=cadre).select_related("household__village").first()
    return str(pairing.household.village) if pairing else ""
