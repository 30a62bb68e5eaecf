"""What the public notice of a village says: enough for the neighbours to speak up, and nothing private.

Source: public notices show no identity number, telephone, bank account or health (PIPL 个人信息保护法, articles 25 and
28). The head's name and group are shown, because a notice nobody can recognise invites no objection. A risk such as
illness or disability would tell somebody's health, so that no risk is shown at all, only the monitoring type.
"""

from datetime import date
from typing import NamedTuple

from django.conf import settings

from households.models import CaseState, MonitoringCase
from villages.models import Cadre, VillagerGroup


class Family(NamedTuple):
    """One line of the notice."""

    head_name: str
    group: VillagerGroup | None
    members: int
    monitoring_type: str


def families_on_notice(case: MonitoringCase, cadre: Cadre, on: date) -> list[Family]:
    """The families of the village that stand on one notice with the case, as far as the cadre sees them.

    Before it is put up: all that were appraised. Afterwards: all with the same first and last day.
    """
    cases = MonitoringCase.objects.visible_to(cadre, on).filter(household__village=case.household.village_id)
    if case.notice_from is None:
        cases = cases.filter(state=CaseState.APPRAISED)
    else:
        cases = cases.filter(notice_from=case.notice_from, notice_until=case.notice_until)
    rows = cases.select_related("household__group").order_by("household__group__number", "household__number")
    return [
        Family(row.household.head_name, row.household.group, row.household.members, row.get_monitoring_type_display())
        for row in rows
    ]


def telephone_of(village_code: str) -> str:
    """The office to tell: the town's number, or else the district's; empty when the office has set none."""
    numbers: dict[str, str] = settings.NOTICE_TELEPHONES
    return numbers.get(village_code[:9]) or numbers.get(village_code[:6]) or ""
