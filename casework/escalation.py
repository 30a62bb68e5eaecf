"""A matter that stays climbs a level each so many working days, once per level, and is withdrawn when it is settled.

Whoever stands at a level hears of what is new there by one letter a day (Kind.ESCALATION). Where nobody stands, or
nobody who can be reached, the next level hears at once: a matter never goes to nobody.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max, QuerySet

from casework import summary
from casework.escalation_words import lines_for
from casework.heartbeat import beat, last_beat
from casework.matters import Found, MatterKey, matters_on
from casework.models import Kind, Level, Problem, Reminder
from casework.models.matters import Escalation, Matter, Rung
from casework.models.seats import posts_of
from casework.policies import Policies
from casework.supervising import Overseers, overseers
from villages.calendar import day_of, is_workday, workdays_in
from villages.models import Post

CLIMB = "escalation"
# What was raised longer ago and could not be told is in the weekly summary.
TELL_FOR = timedelta(days=30)
RUNG_OF_LEVEL: dict[str, Rung] = {Level.VILLAGE: Rung.VILLAGE, Level.TOWN: Rung.TOWN, Level.DISTRICT: Rung.DISTRICT}
OF_TOWN = {Post.TOWN_SECRETARY, Post.DISTRICT_LEADER, Post.DISTRICT_SECRETARY}


def first_rung(seat: str) -> Rung:
    """Above whoever owes: the village for its helpers, the town for the village's posts, the district for the rest."""
    posts = set(posts_of(seat))
    if posts <= {Post.HELPER}:
        return Rung.VILLAGE
    return Rung.DISTRICT if posts & OF_TOWN else Rung.TOWN


def rung_after(workdays: int, seat: str, patience: int | None) -> Rung | None:
    """The level a matter has reached after so many working days; None: it is still its holder's own.

    `patience` is how many it stays at each level, by the policy; None: it never climbs.
    """
    climbed = 0 if patience is None else workdays // max(patience, 1)
    return None if climbed < 1 else Rung(min(first_rung(seat) + climbed - 1, Rung.DISTRICT))


def patience_with(matter: Matter, policies: Policies) -> int | None:
    """The shortest that a policy of the seat's posts gives: where any one suffices, none of them waits for another."""
    given = [policies.policy_for(matter.round, post).escalate_after for post in posts_of(matter.seat)]
    return min((workdays for workdays in given if workdays is not None), default=None)


def climb(*, now: datetime) -> int:
    """Note new matters, settle those that are none any more, raise what has waited. Once a day; twice is once.

    Returns how many levels were reached.
    """
    on = day_of(now)
    last = last_beat(CLIMB)
    # Another day, be it an earlier one: a clock that was set back must not silence us.
    if (last is not None and day_of(last) == on) or not is_workday(on):
        return 0
    with transaction.atomic():
        beat(CLIMB, now=now)  # locks the row: another sweep waits here, and then finds everything as we left it
        _compare(matters_on(on), on)
        return _raise(on)


def _compare(found: dict[MatterKey, Found], on: date) -> None:
    """Bring the standing matters to what was found."""
    known = {_key(matter): matter for matter in Matter.objects.standing().select_for_update(of=("self",))}
    _settle([matter.pk for key, matter in known.items() if key not in found], on)
    changed = [matter for key, matter in known.items() if key in found and matter.left != found[key].left]
    for matter in changed:
        matter.left = found[_key(matter)].left
    Matter.objects.bulk_update(changed, ["left"], batch_size=1000)
    Matter.objects.bulk_create(
        (
            Matter(
                kind=key.kind, round_id=key.round_id, seat=key.seat, village_id=key.village_id,
                since=facts.since or on, left=facts.left,
            )
            for key, facts in found.items()
            if key not in known
        ),
        ignore_conflicts=True,
        batch_size=1000,
    )  # fmt: skip


def _key(matter: Matter) -> MatterKey:
    return MatterKey(matter.village_id, matter.seat, matter.round_id)


def _settle(matter_ids: list[int], on: date) -> None:
    Matter.objects.filter(pk__in=matter_ids).update(settled_on=on)
    Escalation.objects.standing().filter(matter__in=matter_ids).update(withdrawn_on=on)


def _raise(on: date) -> int:
    """Write down each level a standing matter has reached and was not raised to yet."""
    reached: dict[int, set[int]] = defaultdict(set)
    matters = list(Matter.objects.standing().select_related("round"))
    policies = Policies.read((settings.REMIND_FROM_HOUR, settings.REMIND_UNTIL_HOUR))
    for matter_id, rung in Escalation.objects.standing().order_by().values_list("matter", "rung"):
        reached[matter_id].add(rung)
    people = overseers(on, kind=Kind.ESCALATION)
    workdays = _workdays_since(matters, on)
    rows = [
        Escalation(matter=matter, rung=rung, raised_on=on, is_from_nobody=is_from_nobody)
        for matter in matters
        for rung, is_from_nobody in _rungs(
            matter, rung_after(workdays[matter.since], matter.seat, patience_with(matter, policies)), people
        )
        if rung not in reached[matter.pk]
    ]
    return len(Escalation.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000))


def _workdays_since(matters: Iterable[Matter], on: date) -> dict[date, int]:
    """Whole working days from each of the first days until yesterday."""
    days = {matter.since for matter in matters}
    if not days:
        return {}
    worked = workdays_in(min(days), on - timedelta(days=1))
    return {day: sum(one >= day for one in worked) for day in days}


def _rungs(matter: Matter, highest: Rung | None, people: Overseers) -> Iterator[tuple[Rung, bool]]:
    """From its first level to the one it has climbed to, and on past levels where nobody hears."""
    if highest is None:
        return
    fell = False
    for rung in Rung:
        if rung < first_rung(matter.seat) or (rung > highest and not fell):
            continue
        yield rung, fell
        fell = _falls(matter.village_id, rung, people)


def _falls(village_id: str, rung: Rung, people: Overseers) -> bool:
    """Whether the next level must hear too: nobody stands at this one, or only people without an address.

    Those without one still find it in their inbox; where nobody above has one either, that must do.
    """
    told = people.told(village_id, rung)
    if not told or people.can_be_told(told):
        return not told
    return any(people.can_be_told(people.told(village_id, above)) for above in Rung if above > rung)


def recipients(on: date, now: datetime) -> set[int]:
    """Whoever stands at a level that something has reached since their last letter.

    Who gets the weekly summary that day finds it there: one letter is read, two are not.
    """
    raised = _raised_lately(on).order_by().values_list("matter__village", "rung", "raised_on")
    problems = _problems_lately(on).order_by().values_list("village", "level", "escalated_on")
    climbed = {(code, Rung(rung), day) for code, rung, day in raised}
    climbed |= {(code, RUNG_OF_LEVEL[level], day) for code, level, day in problems if day is not None}
    if not climbed:  # on most days, and then nobody needs to be looked for
        return set()
    people = overseers(on, kind=Kind.ESCALATION, villages={code for code, _rung, _day in climbed})
    told = [(pk, day) for code, rung, day in climbed for pk in people.told(code, rung)]
    last = _last_letters({pk for pk, _day in told}, on)
    news = {pk for pk, day in told if day > last.get(pk, date.min)}
    return news - summary.recipients(on, now) if news else news


def lines(cadre_ids: Collection[int], on: date, now: datetime) -> dict[int, list[dict[str, Any]]]:
    """What is new to each of them and still true at this moment."""
    people, last = overseers(on, kind=Kind.ESCALATION), _last_letters(cadre_ids, on)
    since = {pk: last.get(pk, date.min) for pk in cadre_ids}
    news, problems = _news(on, people, since), _problem_news(on, people, since)
    matters = {raised.matter_id: raised.matter for rows in news.values() for raised in rows}
    found = matters_on(on, {matter.village_id for matter in matters.values()}) if matters else {}
    true = {pk: found[_key(matter)] for pk, matter in matters.items() if _key(matter) in found}
    told = {}
    for cadre_id in cadre_ids:
        standing = [raised for raised in news.get(cadre_id, ()) if raised.matter_id in true]
        if standing or problems.get(cadre_id):
            told[cadre_id] = lines_for(standing, true, problems.get(cadre_id, ()), on=on)
    return told


def _news(on: date, people: Overseers, since: Mapping[int, date]) -> dict[int, list[Escalation]]:
    """The escalations that each of those in `since` has not been told of until that day."""
    news: dict[int, list[Escalation]] = defaultdict(list)
    for row in _raised_lately(on):
        for pk in people.told(row.matter.village_id, Rung(row.rung)):
            if row.raised_on > since.get(pk, date.max):
                news[pk].append(row)
    return news


def _problem_news(on: date, people: Overseers, since: Mapping[int, date]) -> dict[int, list[Problem]]:
    """The problems that the ledger took up to the level of each after that day, and that are still late."""
    news: dict[int, list[Problem]] = defaultdict(list)
    for problem in _problems_lately(on).select_related("village__town").order_by("village", "due_on", "pk"):
        for pk in people.told(problem.village_id, RUNG_OF_LEVEL[problem.level]):
            if problem.escalated_on and problem.escalated_on > since.get(pk, date.max):
                news[pk].append(problem)
    return news


def _problems_lately(on: date) -> QuerySet[Problem]:
    return Problem.objects.past_deadline(on).filter(escalated_on__range=(on - TELL_FOR, on))


def _raised_lately(on: date) -> QuerySet[Escalation]:
    lately = Escalation.objects.standing().filter(raised_on__range=(on - TELL_FOR, on))
    return lately.select_related("matter__village__town", "matter__round").order_by("matter__village", "pk")


def _last_letters(cadre_ids: Collection[int], on: date) -> dict[int, date]:
    """The day before that day on which each of them was last told what had climbed, by a letter or a summary.

    Letters older than what is still told are left out: they make no difference.
    """
    given = Reminder.objects.filter(
        recipient__in=cadre_ids,
        kind__in=(Kind.ESCALATION, Kind.SUMMARY),
        for_day__range=(on - TELL_FOR, on - timedelta(days=1)),
        delivered_at__isnull=False,
    )
    return dict(given.order_by().values_list("recipient").annotate(last=Max("for_day")))
