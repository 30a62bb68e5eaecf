"""What a phone takes along: the households of one's own, or of one village, and which visits are owed there.

No identity number, telephone, account or health. The number of queries does not grow with the households.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db.models import OuterRef, Q, QuerySet, Subquery

from casework.confirmations import LINK, MEASURE, with_answers
from casework.credit import Tenure, Tenures
from casework.models import Duty, Problem, Received, Round, Visit, VisitVisitor
from casework.models.duties import seat_label
from casework.models.rounds import VISITING_POSTS, RoundState
from casework.timeline import LATEST_FIRST
from households.guarantees import assurances_of
from households.measures import measures_shown_to
from households.models import BenefitLink, Guarantee, HelperPairing, Household, HouseholdLabel, MeasureKind
from villages import reach
from villages.models import Cadre, Post, Posting, Village

MOST_HOUSEHOLDS = 500
LATELY = timedelta(days=62)  # so long ago a visit entered late may be
MOST_PROBLEMS = 3
COLUMNS = (
    *("pk", "number", "head_name", "initials", "village_id", "house", "is_away", "base_type", "monitoring_type"),
    *("registered_on", "register_as_of", "has_dangerous_house", "has_safe_water"),
    *("group", "group__number", "group__name"),
)


class NotYours(Exception):
    """The village is not one of the cadre's."""


class TooMany(Exception):
    """More households than a phone takes along."""


@dataclass(slots=True)
class Caseload:
    """Everything as plain values, ready for JSON: see the phone's protocol."""

    households: list[dict[str, Any]]
    villages: list[dict[str, Any]]
    rounds: list[dict[str, Any]]
    seats: dict[str, str]
    tenures: list[dict[str, Any]]
    colleagues: list[dict[str, Any]]


@dataclass(slots=True)
class _Found:
    """The rows read so far, by household and village."""

    households: list[Household]
    villages: list[Any]
    on: date
    cadre: Cadre
    people: dict[int, str] = field(default_factory=dict)
    places: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))

    @property
    def ids(self) -> list[int]:
        return [household.pk for household in self.households]

    @property
    def codes(self) -> list[str]:
        return [village.pk for village in self.villages]


def caseload_of(cadre: Cadre, *, village: str | None, on: date) -> Caseload:
    """The households of the village, or, without one, those the cadre helps. Raises NotYours, TooMany."""
    households = list(_households(cadre, village, on)[: MOST_HOUSEHOLDS + 1])
    if len(households) > MOST_HOUSEHOLDS:
        raise TooMany
    found = _Found(households, _villages(cadre, village, households, on), on, cadre)
    rounds = _rounds(on)
    tenures, helpers = _tenures(found), _helpers(found)
    duties = _duties(found, rounds, _as_tenures(tenures, helpers))
    visits = _last_visits(found)
    return Caseload(
        households=_as_households(found, duties, visits, helpers),
        villages=[_as_village(village, duties, visits) for village in found.villages],
        rounds=[_as_round(round) for round in rounds],
        seats={seat: seat_label(seat) for round in rounds for seat in round.seats()},
        tenures=tenures,
        colleagues=_colleagues(found),
    )


def _households(cadre: Cadre, village: str | None, on: date) -> QuerySet[Household]:
    rows = Household.objects.registered(on).select_related("group").only(*COLUMNS)
    rows = rows.filter(village=village) if village else rows.helped_by(cadre, on)
    last = Visit.objects.standing().filter(household=OuterRef("pk"), visited_on__lte=on).order_by(*LATEST_FIRST)
    return rows.annotate(last_visit=Subquery(last.values("pk")[:1])).order_by("village", "group__number", "number")


def _villages(cadre: Cadre, village: str | None, households: list[Household], on: date) -> list[Any]:
    last = Visit.objects.standing().filter(village=OuterRef("pk"), visited_on__lte=on).order_by(*LATEST_FIRST)
    rows = Village.objects.select_related("town").annotate(last_visit=Subquery(last.values("pk")[:1])).order_by("code")
    if village:
        found = list(rows.visible_to(cadre, on).filter(pk=village))
        if not found:
            raise NotYours
        return found
    posts = reach.own_postings(cadre, on).filter(village__isnull=False, post__in=VISITING_POSTS)
    lived_in = {household.village_id for household in households}
    return list(rows.filter(Q(pk__in=lived_in) | Q(pk__in=posts.values("village"))))


def _rounds(on: date) -> list[Round]:
    """Those under way, and those in whose period a late visit may lie."""
    return list(Round.objects.filter(Q(state=RoundState.OPEN) | Q(last_credit_on__gte=on - LATELY)).order_by("pk"))


def _tenures(found: _Found) -> list[dict[str, Any]]:
    """Posts over the villages, of anybody, in the days that may be reported."""
    above = {code[:digits] for code in found.codes for digits in (12, 9, 6)}
    rows = Posting.objects.overlapping(found.on - LATELY, found.on).filter(place_code__in=above, cadre__is_active=True)
    tenures = []
    for cadre, name, post, place, first, last in (
        rows.filter(post__in=VISITING_POSTS)
        .order_by("place_code", "post", "starts_on", "pk")
        .values_list("cadre", "cadre__name", "post", "place_code", "starts_on", "ends_on")
    ):
        _meet(found, cadre, name, {code for code in found.codes if code.startswith(place)})
        tenures.append({"cadre": cadre, "post": post, "place": place, "from": first, "to": last})
    return tenures


def _helpers(found: _Found) -> dict[int, list[dict[str, Any]]]:
    rows = HelperPairing.objects.overlapping(found.on - LATELY, found.on).filter(household__in=found.ids)
    helpers = defaultdict(list)
    for household, village, cadre, name, first, last in rows.order_by("household", "starts_on", "pk").values_list(
        "household", "household__village", "cadre", "cadre__name", "starts_on", "ends_on"
    ):
        _meet(found, cadre, name, {village})
        helpers[household].append({"cadre": cadre, "from": first, "to": last})
    return helpers


def _meet(found: _Found, cadre: int, name: str, villages: set[str]) -> None:
    found.people[cadre] = name
    found.places[cadre] |= villages


def _as_tenures(posts: Iterable[dict[str, Any]], helpers: dict[int, list[dict[str, Any]]]) -> Tenures:
    rows = [Tenure(post["cadre"], post["post"], post["place"], post["from"], post["to"]) for post in posts]
    for household, helping in helpers.items():
        rows += [Tenure(one["cadre"], Post.HELPER, household, one["from"], one["to"]) for one in helping]
    return Tenures.of(rows)


def _duties(found: _Found, rounds: list[Round], tenures: Tenures) -> dict[int | str, list[dict[str, Any]]]:
    """By household id and village code."""
    at = Q(household__in=found.ids) | Q(village__in=found.codes, household__isnull=True)
    rows = Duty.objects.filter(at, round__in=rounds).order_by("round", "seat", "pk")
    duties = defaultdict(list)
    for pk, round, seat, village, household, done_on, excused_on, excuse, left_on in rows.values_list(
        *("pk", "round", "seat", "village", "household", "credited_on", "excused_on", "excuse", "left_on")
    ):
        is_excused = any(day is not None and day <= found.on for day in (excused_on, left_on))
        duties[household or village].append(
            {
                "id": pk,
                "round": round,
                "seat": seat,
                "done_on": done_on,
                "excused": (excuse or "—") if is_excused else "",
                "is_mine": found.cadre.pk in tenures.holders(seat, village, household, found.on),
            }
        )
    return duties


def _last_visits(found: _Found) -> dict[Any, dict[str, Any]]:
    """By the id of the visit: the day, and who went."""
    targets: list[Any] = [*found.households, *found.villages]
    rows = VisitVisitor.objects.filter(visit__in={row.last_visit for row in targets if row.last_visit})
    visits: dict[Any, dict[str, Any]] = {}
    for visit, day, name in rows.order_by("pk").values_list("visit", "visit__visited_on", "cadre__name"):
        known = visits.setdefault(visit, {"on": day, "by": []})
        known["by"].append(name)
    return {visit: {"on": said["on"], "by": "、".join(said["by"])} for visit, said in visits.items()}


def _problems(found: _Found) -> dict[int, list[str]]:
    """The open problems of the ledger, the latest first."""
    rows = Problem.objects.open(found.on).filter(household__in=found.ids).order_by("-found_on", "pk")
    problems: dict[int, list[str]] = defaultdict(list)
    for household, problem in rows.values_list("household", "text"):
        if len(problems[household]) < MOST_PROBLEMS:
            problems[household].append(problem)
    return problems


def _questions(found: _Found) -> dict[int, list[dict[str, Any]]]:
    """What to ask about measures and links, as at the door; nothing of health goes along."""
    lately = Q(recorded_on__gte=found.on - timedelta(days=settings.CONFIRM_WITHIN_DAYS), starts_on__lte=found.on)
    measures = measures_shown_to(found.cadre, found.on).exclude(kind=MeasureKind.HEALTH)
    questions = defaultdict(list)
    for sort, rows in ((MEASURE, measures), (LINK, BenefitLink.objects.visible_to(found.cadre, found.on))):
        asked = with_answers(rows.filter(household__in=found.ids), sort)
        open_ones = asked.filter(lately & (Q(answer=None) | ~Q(answer=Received.YES)))
        for row in open_ones.order_by("starts_on", "pk"):
            questions[row.household_id].append({"kind": sort, "id": row.pk, "label": str(row)})
    return questions


def _guarantees(found: _Found) -> dict[int, list[Guarantee]]:
    checks = defaultdict(list)
    for check in Guarantee.objects.filter(household__in=found.ids).order_by("-checked_on", "-pk"):
        checks[check.household_id].append(check)
    return checks


def _as_households(
    found: _Found,
    duties: dict[int | str, list[dict[str, Any]]],
    visits: dict[Any, dict[str, Any]],
    helpers: dict[int, list[dict[str, Any]]],
) -> list[dict[str, Any]]:
    problems, questions, checks = _problems(found), _questions(found), _guarantees(found)
    tokens = dict(HouseholdLabel.objects.filter(household__in=found.ids).values_list("household", "token"))
    return [
        {
            **_as_household(household),
            "last_visit": visits.get(household.last_visit),  # type: ignore[attr-defined]
            "problems": problems.get(household.pk, []),
            "answers_wanted": questions.get(household.pk, []),
            "guarantees": {one.kind: one.state for one in assurances_of(household, checks.get(household.pk, []))},
            "token": tokens.get(household.pk),
            "duties": duties.get(household.pk, []),
            "helpers": helpers.get(household.pk, []),
        }
        for household in found.households
    ]


def _as_household(household: Household) -> dict[str, Any]:
    label = household.get_monitoring_type_display() if household.monitoring_type else household.get_base_type_display()
    group = household.group
    return {
        "id": household.pk,
        "number": household.number,
        "head": household.head_name,
        "initials": household.initials,
        "village": household.village_id,
        "group": {"number": group.number, "label": str(group)} if group else None,
        "house": household.house,
        "is_away": household.is_away,
        "class_label": str(label),
        "registered_on": household.registered_on,
    }


def _as_village(
    village: Village, duties: dict[int | str, list[dict[str, Any]]], visits: dict[Any, dict[str, Any]]
) -> dict[str, Any]:
    return {
        "code": village.pk,
        "name": village.short_name,
        "town": village.town.name,
        "last_visit": visits.get(village.last_visit),  # type: ignore[attr-defined]
        "duties": duties.get(village.pk, []),
    }


def _as_round(round: Round) -> dict[str, Any]:
    return {
        "id": round.pk,
        "name": round.name,
        "is_open": round.state == RoundState.OPEN,
        "period_from": round.starts_on,
        "period_to": round.last_credit_on,
        "due_on": round.due_on,
        "contacts": round.contacts,
        "outcomes": round.outcomes,
        "counts_away_by_phone": round.counts_away_by_phone,
    }


def _colleagues(found: _Found) -> list[dict[str, Any]]:
    """Who may be named beside the cadre, and in which villages."""
    people = {pk: name for pk, name in found.people.items() if pk != found.cadre.pk}
    return [
        {"id": pk, "name": name, "villages": sorted(found.places[pk])}
        for pk, name in sorted(people.items(), key=lambda entry: (entry[1], entry[0]))
    ]
