"""The bulletins of the calendar: when a month or a quarter is over, a draft for a person to release, once."""

from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db.models import Q

from casework.bulletins import draft_by_calendar
from casework.models import Bulletin, BulletinKind, Round
from casework.models.rounds import RoundState
from villages.calendar import add_workdays, day_of
from villages.models import District, Town

QUARTER = 3  # months


class Period(NamedTuple):
    """A month or a quarter that is over."""

    kind: str
    first: date
    last: date


def periods_over(on: date) -> list[Period]:
    """The last month and the last quarter, each from the working day on that the office has set."""
    month = on.replace(day=1)
    quarter = date(on.year, (on.month - 1) // QUARTER * QUARTER + 1, 1)
    found = []
    if settings.BULLETIN_MONTHLY:
        found.append(Period(BulletinKind.MONTHLY, _months_before(month, 1), month - timedelta(days=1)))
    if settings.BULLETIN_QUARTERLY:
        found.append(Period(BulletinKind.QUARTERLY, _months_before(quarter, QUARTER), quarter - timedelta(days=1)))
    return [period for period in found if add_workdays(period.last, max(settings.BULLETIN_WORKDAY, 1)) <= on]


def _months_before(first: date, months: int) -> date:
    """The first day of the month so many months earlier."""
    number = first.year * 12 + first.month - 1 - months
    return date(number // 12, number % 12 + 1, 1)


def draft_due(*, now: datetime) -> list[Bulletin]:
    """Draft what the calendar asks for and is not there yet, of places with a round in the period. Twice is once."""
    made = []
    periods = periods_over(day_of(now))
    places = _places() if periods else []
    for period in periods:
        have = Bulletin.objects.filter(kind=period.kind, starts_on=period.first, corrects=None)
        codes = set(have.values_list("place_code", flat=True))
        for place in places:
            rounds = [] if place.pk in codes else rounds_of(place, period)
            if rounds and (draft := _draft(place, period, rounds, now)):
                made.append(draft)
    return made


def _draft(place: District | Town, period: Period, rounds: list[Round], now: datetime) -> Bulletin | None:
    days = {"starts_on": period.first, "cut_off_on": period.last}
    return draft_by_calendar(place, period.kind, rounds=rounds, now=now, **days)


def _places() -> list[District | Town]:
    places: list[District | Town] = list(District.objects.all())
    if settings.BULLETIN_TOWNS:
        places += Town.objects.filter(is_active=True).select_related("district")
    return places


def rounds_of(place: District | Town, period: Period) -> list[Round]:
    """The rounds that lie in the period, the longest-running first: the district's, in a town its own as well."""
    lies_in = Q(starts_on__lte=period.last, last_credit_on__gte=period.first)
    where = Q(district=place, town=None) if isinstance(place, District) else _around(place)
    rounds = Round.objects.filter(lies_in, where).exclude(state=RoundState.OPENING)
    return list(rounds.order_by("starts_on", "-due_on", "pk"))


def _around(town: Town) -> Q:
    return Q(town=town) | Q(district=town.district, town=None)
