"""The province: a line for each district, and the running rounds of the one that is opened."""

from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from casework.coverage import Counts
from casework.forms.province import ProvinceQuery
from casework.province import DistrictLine, RoundLine, province, sees_several_districts
from casework.views.figures import COLUMNS, cells_of, percent
from casework.views.requests import CadreRequest
from villages.calendar import today


class Shown(NamedTuple):
    """One line in finished words. `numbers` stand in the order of the columns."""

    label: str
    note: str
    address: str
    numbers: list[str]
    percent: str
    moment: str


@require_safe
def province_page(request: CadreRequest) -> HttpResponse:
    """Every district of which the cadre sees everything, in order of codes."""
    day = today()
    if not sees_several_districts(request.user, day):
        raise PermissionDenied
    lines = province(request.user, day)
    opened = ProvinceQuery(request.GET).opened()
    total = Counts()
    for line in lines:
        total.add(line.counts)
    context = {
        "today": day,
        "columns": COLUMNS,
        "lines": [_district(line, day) for line in lines],
        "total": (_numbers(total), percent(total)),
        "opened": next((line.district for line in lines if line.district.pk == opened), None),
        "rounds": [_round(line, day) for of in lines if of.district.pk == opened for line in of.rounds],
        "minutes": settings.PROVINCE_KEPT_MINUTES,
    }
    return render(request, "province.html", context)


def _district(line: DistrictLine, day: object) -> Shown:
    rounds = ngettext("%(rounds)s round", "%(rounds)s rounds", len(line.rounds)) % {"rounds": len(line.rounds)}
    address = f"{reverse('province')}?district={line.district.pk}#rounds"
    moment = _moment(line.counted_at, day)
    if line.uncounted:
        moment = " ".join([moment, _("(not counted yet: %(rounds)s)") % {"rounds": line.uncounted}]).strip()
    return Shown(line.district.name, rounds, address, _numbers(line.counts), percent(line.counts), moment)


def _round(line: RoundLine, day: object) -> Shown:
    place = line.round.town.name if line.round.town else ""
    address = reverse("coverage", args=[line.round.pk])
    moment = _moment(line.counted_at, day) or _("not counted yet")
    return Shown(line.round.name, place, address, _numbers(line.counts), percent(line.counts), moment)


def _numbers(counts: Counts) -> list[str]:
    return [str(cell.number) for cell in cells_of(counts)]


def _moment(at: datetime | None, day: object) -> str:
    """The time of today, with the day when it is another one."""
    if at is None:
        return ""
    local = timezone.localtime(at)
    clock = date_format(local, "H:i:s")
    return clock if local.date() == day else f"{date_format(local, 'DATE_FORMAT')} {clock}"
