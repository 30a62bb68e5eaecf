"""What a closed round's figures were, what they are now, and for every difference by name why it is there."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import Enum
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Count, F, Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from casework.coverage import BY_PLACE, Counts, duties_behind, figures
from casework.last_period import closing_by
from casework.models import Duty, Round, State, Visit
from casework.models.duties import DutyQuerySet
from casework.models.seats import posts_of
from households.contradictions import BELOW
from households.models import HelperPairing
from villages.models import AuditEntry, Cadre, Post, Posting, Village


class Why(Enum):
    """Why a duty is no longer what it was when its round was closed."""

    LATE = _("entered after closing")
    CORRECTED = _("visit corrected after closing")
    WITHDRAWN = _("visit withdrawn after closing")
    POSTING = _("posting corrected after closing")
    MOVED = _("move or departure entered after closing")
    OTHER = _("other correction of the records")

    @property
    def words(self) -> Promise:
        """The reason as a person reads it."""
        return self.value


@dataclass(slots=True)
class Both:
    """One line: a place with its closing figures and today's."""

    key: str
    label: str
    closing: Counts
    now: Counts

    @property
    def has_changed(self) -> bool:
        """Whether any of the states counts otherwise now."""
        return any(getattr(self.closing, state) != getattr(self.now, state) for state in State.values)


@dataclass(slots=True)
class Changed:
    """A duty with another state than at closing, why, and the visit or the words that tell it."""

    duty: Duty
    why: Why
    visit: Visit | None = None
    reason: str = ""
    at: datetime | None = None


def both_figures(
    round: Round, *, by: str, cadre: Cadre, on: date, place_code: str, seen_on: date | None = None
) -> tuple[list[Both], Both]:
    """The closing figures, which are never written again, beside those of the same day as the facts stand now."""
    seen_on = seen_on or on
    table = figures(round, cadre=cadre, on=on, place_code=place_code, by=by, seen_on=seen_on)
    closing = closing_by(by, round, cadre=cadre, on=seen_on, place_code=place_code)
    if by == BY_PLACE and sum(counts.total for counts in closing.values()) < table.total.total:
        _add_helped(closing, round, cadre=cadre, on=seen_on, place_code=place_code)
    rows = [Both(row.key, row.label, closing.get(row.key, Counts()), row.counts) for row in table.rows]
    total = Both("", "", Counts(), table.total)
    for row in rows:
        total.closing.add(row.closing)
    return rows, total


def _add_helped(closing: dict[str, Counts], round: Round, *, cadre: Cadre, on: date, place_code: str) -> None:
    """Add families helped in villages out of reach: no figures of villages may tell of them, each duty does."""
    reached = Village.objects.visible_to(cadre, on).within(place_code).order_by()
    helped = Duty.objects.in_round(round).visible_within(place_code, cadre, on).exclude(village__in=reached)
    grouped = helped.exclude(closing_state="").order_by().values_list("village_id", "closing_state")
    digits = BELOW[len(place_code)]
    for village_id, state, count in grouped.annotate(count=Count("pk")):
        closing.setdefault(village_id[:digits], Counts()).add(Counts(total=count, **{state: count}))


def changed_since_closing(
    round: Round, *, cadre: Cadre, on: date, place_code: str = "", seen_on: date | None = None
) -> DutyQuerySet:
    """The duties whose state as of the closing day is no longer what it was when the round was closed."""
    duties = duties_behind(round, cadre=cadre, on=on, place_code=place_code, seen_on=seen_on)
    changed = duties.exclude(closing_state="").exclude(closing_state=F("state"))
    return changed.select_related("household", "village", "credited_visit").order_by(
        "village_id", "household__number", "seat", "pk"
    )


def told(duties: Sequence[Duty], round: Round) -> list[Changed]:
    """Why each of the duties has changed. As many queries for fifty as for one."""
    if not duties or round.closed_on is None:
        return []
    since = timezone.make_aware(datetime.combine(round.closed_on, time()))
    visits = _visits_since(duties, round, since)
    posts = _posts_changed(duties, round, since)
    return [_why(duty, visits, posts) for duty in duties]


def _why(duty: Duty, visits: dict[Any, list[Visit]], posts: dict[tuple[str, str], AuditEntry]) -> Changed:
    """The first that explains it: a visit entered or corrected since, a departure, a posting."""
    for visit in visits.get(_target(duty), ()):
        if duty.state == State.DONE and visit.pk != duty.credited_visit_id:  # type: ignore[attr-defined]
            continue
        corrected = visit.is_withdrawn or bool(visit.reason)
        if not corrected and duty.state != State.DONE:  # type: ignore[attr-defined]
            continue
        why = Why.WITHDRAWN if visit.is_withdrawn else Why.CORRECTED if corrected else Why.LATE
        return Changed(duty, why, visit, visit.reason, visit.received_at)
    if State.EXCUSED in (duty.state, duty.closing_state):  # type: ignore[attr-defined]
        return Changed(duty, Why.MOVED)
    for post in posts_of(duty.seat):
        where = str(duty.household_id) if post == Post.HELPER else duty.village_id
        if entry := _entry_at(posts, post, where):
            return Changed(duty, Why.POSTING, reason=entry.reason, at=entry.at)
    return Changed(duty, Why.OTHER)


def _target(duty: Duty) -> Any:
    return duty.household_id or duty.village_id


def _visits_since(duties: Iterable[Duty], round: Round, since: datetime) -> dict[Any, list[Visit]]:
    """Latest versions that came in since, at the targets, in the round's period or out of it; the newest first."""
    households = {duty.household_id for duty in duties if duty.household_id}
    villages = {duty.village_id for duty in duties if not duty.household_id}
    at_targets = Q(household__in=households) | Q(village__in=villages)
    found: dict[Any, list[Visit]] = defaultdict(list)
    for visit in Visit.objects.current().filter(at_targets, received_at__gte=since).order_by("-received_at", "pk"):
        for key in (visit.household_id, visit.village_id):
            if key in households or key in villages:
                found[key].append(visit)
    return found


def _posts_changed(duties: Sequence[Duty], round: Round, since: datetime) -> dict[tuple[str, str], AuditEntry]:
    """The latest change since of a posting or a helper, by post and place, or post and household. Four queries."""
    posts = {post for duty in duties for post in posts_of(duty.seat)}
    codes = {duty.village_id[:digits] for duty in duties for digits in (6, 9, 12)}
    households = {duty.household_id for duty in duties if duty.household_id}
    began = {"starts_on__lte": round.closed_on}
    places = Posting.objects.filter(place_code__in=codes, post__in=posts, **began).values_list(
        "pk", "post", "place_code"
    )
    pairings = HelperPairing.objects.filter(household__in=households, **began).values_list("pk", "household_id")
    keys = {("villages.Posting", str(pk)): (post, place) for pk, post, place in places}
    keys |= {("households.HelperPairing", str(pk)): (Post.HELPER.value, str(household)) for pk, household in pairings}
    written = AuditEntry.objects.filter(at__gte=since).order_by("at", "pk")
    found = {}
    for entry in written.filter(_of_rows(keys)) if keys else ():
        found[keys[entry.target_type, entry.target_id]] = entry
    for entry in written.filter(verb__in=("posting.removed", "helper.removed"), village__in=codes):
        found[_removed(entry)] = entry
    return found


def _of_rows(keys: Iterable[tuple[str, str]]) -> Q:
    by_type: dict[str, list[str]] = defaultdict(list)
    for kind, pk in keys:
        by_type[kind].append(pk)
    return reduce(or_, (Q(target_type=kind, target_id__in=pks) for kind, pks in by_type.items()))


def _removed(entry: AuditEntry) -> tuple[str, str]:
    """Whose post it was, by what the trail keeps of a row that is no more."""
    before = {name: values[0] for name, values in entry.changes.items()}
    if entry.verb == "helper.removed":
        return Post.HELPER.value, str(before.get("household"))
    return str(before.get("post")), str(entry.village_id)


def _entry_at(posts: dict[tuple[str, str], AuditEntry], post: str, where: str) -> AuditEntry | None:
    """The change of the post at the village, or above it; of the helper at the household."""
    places = [where] if post == Post.HELPER else [where, where[:9], where[:6]]
    return next((posts[post, place] for place in places if (post, place) in posts), None)
