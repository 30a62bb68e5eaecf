"""Draw a few of last week's visits in each town, ask the household, and let its own word settle what was asked.

The sample is seeded by town and week: whoever draws again from the same visits draws the same. It is drawn once,
visits with an unsettled question a little more likely, and it blocks nothing and counts for nobody.
"""

import math
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from casework.models import Answer, Outcome, Recheck, RecheckDraw, Visit, VisitFlag, VisitVisitor, Way
from households.models import Household
from villages import audit, reach
from villages.calendar import day_of
from villages.models import Cadre, Posting, Town
from villages.prepared import Prepared

WEEK = timedelta(days=7)
UNSURE = (Answer.NOT_VISITED, Answer.CANNOT_SAY)
MOST_TOLD = 20


def last_week(on: date) -> date:
    """The Monday of the week before the day's own: whose visits are asked about now."""
    return on - timedelta(days=on.weekday()) - WEEK


# Drawing --------------------------------------------------------------------------------------


def draw_samples(*, now: datetime) -> int:
    """Draw last week's sample in every town that has none yet; how many visits. A second run draws nothing."""
    week = last_week(day_of(now))
    if not settings.RECHECKS_A_TOWN:
        return 0
    drawn = RecheckDraw.objects.filter(week=week).values("town")
    towns = Town.objects.filter(is_active=True, villages__is_active=True).exclude(pk__in=drawn).distinct()
    return sum(draw_sample(town=town, week=week, now=now) for town in towns.order_by("code"))


@transaction.atomic
def draw_sample(*, town: Town, week: date, now: datetime) -> int:
    """The sample of one town and week; none when it was drawn before, by whomever."""
    draw, is_new = RecheckDraw.objects.get_or_create(town=town, week=week, defaults={"drawn_at": now})
    if not is_new:
        return 0
    visits = list(candidates(town, week))
    chosen = choose(visits, seed=f"{town.pk} {week}", size=settings.RECHECKS_A_TOWN)
    draw.candidates = len(visits)
    draw.save(update_fields=["candidates"])
    Recheck.objects.bulk_create(
        Recheck(
            draw=draw,
            visit=visit,
            household_id=visit.household_id,
            village_id=visit.village_id,
            visited_on=visit.visited_on,
        )
        for visit in chosen
    )
    return len(chosen)


def candidates(town: Town, week: date) -> Any:
    """Visits to families of the town, entered in that week, at which somebody was met and of which nobody has asked.

    Late entries are in it too; a day on which the family was asked about before is not, whichever version it was.
    """
    zone = ZoneInfo(settings.TIME_ZONE)
    first, last = (datetime.combine(day, time(), zone) for day in (week, week + WEEK))
    asked = Recheck.objects.filter(household=OuterRef("household"), visited_on=OuterRef("visited_on"))
    questions = VisitFlag.objects.filter(visit=OuterRef("pk"))
    return (
        Visit.objects.standing()
        .filter(received_at__gte=first, received_at__lt=last, outcome=Outcome.MET, household__isnull=False)
        .filter(village__town=town, household__in=Household.objects.registered(week + WEEK))
        .filter(~Exists(asked))
        .annotate(has_question=Exists(questions))
        .order_by("pk")
    )


def choose(visits: Sequence[Any], *, seed: str, size: int) -> list[Any]:
    """So many of the visits by weight, one a household, in the order of places; the same seed chooses the same.

    Each draws a number u in (0, 1) and keeps the largest of log(u) / weight (Efraimidis and Spirakis, 2006).
    """
    chance = Random(seed)
    drawn = []
    for visit in visits:
        weight = settings.RECHECK_FLAGGED_WEIGHT if visit.has_question else 1
        drawn.append((math.log(1 - chance.random()) / max(weight, 1), str(visit.pk), visit))
    kept: dict[int, Any] = {}
    for _key, _pk, visit in sorted(drawn, key=lambda one: one[:2], reverse=True):
        if len(kept) < size:
            kept.setdefault(visit.household_id, visit)
    return sorted(kept.values(), key=lambda visit: (visit.village_id, str(visit.pk)))


# Finding --------------------------------------------------------------------------------------


def answered_recheck(visits: Iterable[Visit], cadre: Cadre, on: date) -> Recheck | None:
    """What the household said about one of these versions of a visit, as far as the cadre may read it."""
    seen = Recheck.objects.visible_to(cadre, on).filter(visit__in=list(visits)).exclude(answer="")
    return seen.select_related("answered_by", "replied_by").first()


def _to_ask(cadre_id: int, on: date) -> Any:
    seen = Household.objects.visible_to(Cadre(pk=cadre_id), on).order_by()
    mine = Recheck.objects.lasting().unanswered().filter(reviewer=cadre_id, household__in=seen.values("pk"))
    return mine.order_by("pk").values_list("pk")[:MOST_TOLD]


def _to_answer(cadre_id: int, since: date) -> Any:
    """Own visits of which the household lately said something else than that somebody was there."""
    went = Exists(VisitVisitor.objects.filter(visit=OuterRef("visit"), cadre=cadre_id))
    told = Recheck.objects.lasting().filter(went, answer__in=UNSURE, reply="", answered_on__gte=since)
    return told.order_by("pk").values_list("pk", "household__head_name")[:MOST_TOLD]


TO_ASK, TO_ANSWER = Prepared(_to_ask), Prepared(_to_answer)


# Asking ---------------------------------------------------------------------------------------


def went(cadre: Cadre, recheck: Recheck) -> bool:
    """Whether the cadre went on the visit, in whichever version."""
    return VisitVisitor.objects.filter(visit=recheck.visit_id, cadre=cadre).exists()


def is_of_office(cadre: Cadre, recheck: Recheck, on: date) -> bool:
    """Whether the cadre is clerk or supervisor at or above the village."""
    return reach.holds_any(cadre, reach.CLERKS, on, recheck.village_id)


def can_name_reviewer(cadre: Cadre, recheck: Recheck, on: date) -> bool:
    """The office of the place, while nothing has been answered, and not whoever went."""
    return not recheck.is_answered and is_of_office(cadre, recheck, on) and not went(cadre, recheck)


def can_answer(cadre: Cadre, recheck: Recheck, on: date) -> bool:
    """The office of the place or whom it has named; never whoever went."""
    may = recheck.reviewer_id == cadre.pk or is_of_office(cadre, recheck, on)
    return may and not went(cadre, recheck)


def can_reply(cadre: Cadre, recheck: Recheck) -> bool:
    """Those who went, once the household has been asked."""
    return bool(recheck.answer) and went(cadre, recheck)


def possible_reviewers(recheck: Recheck, on: date) -> Any:
    """Who may be asked to ask: whoever holds a post over the village and did not go."""
    posts = Posting.objects.in_force(on).covering(recheck.village_id)
    visitors = VisitVisitor.objects.filter(visit=recheck.visit_id).values("cadre")
    people = Cadre.objects.filter(is_active=True, pk__in=posts.order_by().values("cadre"))
    return people.exclude(pk__in=visitors).order_by("name", "pk")


@transaction.atomic
def name_reviewer(*, recheck_id: int, reviewer: Cadre | None, actor: Cadre, on: date) -> Recheck:
    """Let somebody ask the household; nobody: the office does it itself. Raises PermissionDenied, ValidationError."""
    recheck = _locked(recheck_id, actor, on)
    if not can_name_reviewer(actor, recheck, on):
        raise PermissionDenied(_("The office of the place names who asks."))
    if reviewer is not None and not possible_reviewers(recheck, on).filter(pk=reviewer.pk).exists():
        raise ValidationError({"reviewer": _("Choose somebody with a post over this village who did not go.")})
    recheck.reviewer = reviewer
    return _told(recheck, actor, "recheck.given", ["reviewer"])


@transaction.atomic
def answer_recheck(*, recheck_id: int, actor: Cadre, answer: str, way: str, words: str = "", on: date) -> Recheck:
    """Write down what the household says; said again it stands instead, and the trail keeps both.

    Raises Recheck.DoesNotExist, PermissionDenied, ValidationError by field.
    """
    recheck = _locked(recheck_id, actor, on)
    if not can_answer(actor, recheck, on):
        raise PermissionDenied(_("The office of the place, or whom it names, asks the household; never who went."))
    problems: dict[str, Any] = {}
    if answer not in Answer.values:
        problems["answer"] = _("Choose one of the answers.")
    if way not in Way.values:
        problems["way"] = _("Say how you asked.")
    if problems:
        raise ValidationError(problems)
    recheck.answer, recheck.way, recheck.words = answer, way, words.strip()
    recheck.answered_on, recheck.answered_by = on, actor
    return _told(recheck, actor, "recheck.answered", ["answer", "way", "words", "answered_on", "answered_by"])


@transaction.atomic
def reply_to_recheck(*, recheck_id: int, actor: Cadre, words: str, on: date) -> Recheck:
    """What those who went say to the household's answer. Raises as answer_recheck() does."""
    recheck = _locked(recheck_id, actor, on)
    if not can_reply(actor, recheck):
        raise PermissionDenied(_("Only those who went can reply."))
    if not words.strip():
        raise ValidationError({"reply": _("Write a few words.")})
    recheck.reply, recheck.replied_on, recheck.replied_by = words.strip(), on, actor
    return _told(recheck, actor, "recheck.replied", ["reply", "replied_on", "replied_by"])


def _locked(recheck_id: int, actor: Cadre, on: date) -> Recheck:
    seen = Recheck.objects.visible_to(actor, on)
    return seen.select_for_update(of=("self",)).get(pk=recheck_id)


def _told(recheck: Recheck, actor: Cadre, verb: str, fields: Iterable[str]) -> Recheck:
    """Check, save, and tell the trail what changed; nothing changed: nothing told."""
    before = audit.snapshot(Recheck.objects.get(pk=recheck.pk))
    recheck.full_clean(exclude=["visit", "draw", "household", "village"])
    recheck.save(update_fields=list(fields))
    if changes := audit.difference(before, audit.snapshot(recheck)):
        audit.record(actor=actor, verb=verb, target=recheck, village_id=recheck.village_id, changes=changes)
    return recheck
