"""What households say about measures and benefit links: what to ask at the next visit, and what was answered."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import OuterRef, Q, Subquery
from django.utils.translation import gettext as _

from casework.models import Confirmation, Outcome, Received, Visit
from households.measures import measures_shown_to
from households.models import BenefitLink, Household, Measure
from villages.models import Cadre
from villages.prepared_rows import PreparedRows, Rows

MEASURE, LINK = "measure", "link"
MODELS: dict[str, Any] = {MEASURE: Measure, LINK: BenefitLink}


class Answer(NamedTuple):
    """An answer as it is reported: about which measure or link, yes or no."""

    sort: str
    pk: int
    answer: str

    @property
    def key(self) -> str:
        """How a form names the question."""
        return f"{self.sort}_{self.pk}"


class Said(NamedTuple):
    """The latest answer of a household about one measure or link, and the visit it was given on."""

    answer: str
    on: date
    visit_id: Any

    @property
    def is_received(self) -> bool:
        """Whether the family has received it."""
        return self.answer == Received.YES


class Question(NamedTuple):
    """One line to ask at a visit; `earlier` is what was answered last, if anything."""

    sort: str
    row: Any
    earlier: Said | None

    @property
    def key(self) -> str:
        """How the form names it."""
        return f"{self.sort}_{self.row.pk}"


def answers_of(household: Household) -> dict[str, dict[int, Said]]:
    """The latest standing answer about each measure and link of the household: by sort, then by id. One query."""
    return answers_from(ANSWERS.rows(household=household.pk))


def answers_from(rows: Rows) -> dict[str, dict[int, Said]]:
    """The latest answers by what the query ANSWERS has found."""
    found: dict[str, dict[int, Said]] = {MEASURE: {}, LINK: {}}
    for one, (day,) in rows:
        found[MEASURE if one.measure_id else LINK][one.measure_id or one.link_id] = Said(one.answer, day, one.visit_id)
    return found


def _answers(household: int) -> Any:
    """What was answered on the household's own visits, in their order: found by the visits' index."""
    answers = Confirmation.objects.standing().filter(visit__household=household)
    return answers.order_by("visit__visited_on", "visit__received_at", "pk")


ANSWERS = PreparedRows(Confirmation, _answers, "visit__visited_on")


def with_answers(rows: Any, sort: str) -> Any:
    """The measures or links with `answer`, `answered_on` and `answered_visit`: the latest that stands, or None."""
    latest = Confirmation.objects.standing().filter(**{sort: OuterRef("pk")})
    latest = latest.order_by("-visit__visited_on", "-visit__received_at", "-pk")
    return rows.annotate(
        answer=Subquery(latest.values("answer")[:1]),
        answered_on=Subquery(latest.values("visit__visited_on")[:1]),
        answered_visit=Subquery(latest.values("visit")[:1]),
    )


def said_not_received(rows: Any, sort: str) -> Any:
    """Those of the rows, annotated with their answers, that the household last said it has not received."""
    denied = Confirmation.objects.standing().filter(answer=Received.NO, **{f"{sort}__isnull": False})
    return rows.filter(pk__in=denied.values(sort), answer=Received.NO)


def questions_for(household: Household, cadre: Cadre, on: date, known: Iterable[Answer] = ()) -> list[Question]:
    """What to ask at a visit that day: entered lately, begun, and not confirmed yet; and what `known` answers."""
    known = list(known)
    seen = {MEASURE: measures_shown_to(cadre, on), LINK: BenefitLink.objects.visible_to(cadre, on)}
    lately = Q(recorded_on__gte=on - timedelta(days=settings.CONFIRM_WITHIN_DAYS), starts_on__lte=on)
    is_open = lately & (Q(answer=None) | ~Q(answer=Received.YES))
    found = []
    for sort, rows in seen.items():
        is_known = Q(pk__in=[answer.pk for answer in known if answer.sort == sort])
        asked = with_answers(rows.filter(household=household), sort).filter(is_open | is_known)
        found += [Question(sort, row, _earlier(row)) for row in asked.order_by("starts_on", "pk")]
    return found


def _earlier(row: Any) -> Said | None:
    return Said(row.answer, row.answered_on, row.answered_visit) if row.answer else None


def problem_with(answers: Iterable[Answer], household: Household | None, outcome: str) -> str:
    """Why the answers cannot be, in words; nothing when they can. No query when there are none."""
    answers = list(answers)
    if not answers:
        return ""
    if outcome != Outcome.MET:
        return _("Nobody of the family was met: leave the questions about measures at “not asked”.")
    if household is None or any(answer.answer not in Received.values for answer in answers):
        return _("Answer with yes or no; leave out what was not asked.")
    for sort, model in MODELS.items():
        ids = {answer.pk for answer in answers if answer.sort == sort}
        if ids and model.objects.filter(pk__in=ids, household=household).count() < len(ids):
            return _("One of the measures was taken back meanwhile. Open the form again and answer the others.")
    return ""


def rows_of(visit: Visit, answers: Iterable[Answer]) -> list[Confirmation]:
    """The rows to store with the visit."""
    return [Confirmation(visit=visit, answer=one.answer, **{f"{one.sort}_id": one.pk}) for one in answers]


def answers_at(visit: Visit) -> list[Answer]:
    """What a version of a visit says, as it would be reported."""
    stored = Confirmation.objects.filter(visit=visit).order_by("pk").values_list("measure", "link", "answer")
    return [Answer(MEASURE if measure else LINK, measure or link, answer) for measure, link, answer in stored]


def told_at(visits: Iterable[Visit], cadre: Cadre, on: date) -> list[Confirmation]:
    """The answers of these versions of visits that the cadre may read, with their measures and links. One query."""
    shown = Q(measure=None) | Q(measure__in=measures_shown_to(cadre, on))
    return list(Confirmation.objects.filter(shown, visit__in=list(visits)).select_related("measure", "link"))
