"""Bulletins of the made-up district: one that was released a month ago, and the draft that waits for the supervisor."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone

from casework.bulletin_calendar import Period, rounds_of
from casework.bulletins import count_bulletin, draft_by_calendar, release_bulletin
from casework.demo.district import Demo
from casework.models import Bulletin, BulletinKind
from villages.calendar import add_workdays

NUMBER = "赣区走访〔%s〕%s号"


def make_bulletins(demo: Demo) -> None:
    """The two last months that are over, each counted on the first working day after it."""
    last = demo.on.replace(day=1) - timedelta(days=1)
    earlier = last.replace(day=1) - timedelta(days=1)
    before = _drafted(demo, earlier)
    if before:
        Bulletin.objects.filter(pk=before.pk).update(
            number=NUMBER % (earlier.year, earlier.month),
            unit="区走访工作专班",
            checked_by="审核人甲",
            filled_by="填表人乙",
        )
        moment = _morning(add_workdays(earlier, 2))
        release_bulletin(bulletin_id=before.pk, actor=demo.accounts["supervisor"], now=moment)
    _drafted(demo, last)


def _drafted(demo: Demo, last: date) -> Bulletin | None:
    """The month's draft with its figures; none when no round lies in it."""
    period = Period(BulletinKind.MONTHLY, last.replace(day=1), last)
    rounds = rounds_of(demo.district, period)
    if not rounds:
        return None
    now = _morning(min(add_workdays(last, 1), demo.on))
    days = {"starts_on": period.first, "cut_off_on": period.last}
    draft = draft_by_calendar(demo.district, period.kind, rounds=rounds, now=now, **days)
    if draft:
        count_bulletin(draft.pk, now=now)
    return draft


def _morning(day: date) -> datetime:
    return datetime.combine(day, time(8, 30), timezone.get_current_timezone())
