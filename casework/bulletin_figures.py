"""What a bulletin counts: each round of a place by village, post and class of household, as plain values to be kept.

The shape, all numbers whole:

    {"place": {"code", "name"}, "starts_on", "cut_off_on", "counted_at",
     "rounds": [{"id", "name", "starts_on", "due_on", "as_of", "rule": {…},
                 "towns": [{"code", "name", "counts", "villages": [{"code", "name", "counts"}]}],
                 "seats": [{"seat", "counts", "vacant_places", "classes": {"key": [owed, done, new], …}}],
                 "counts"}],
     "problems": {"found", "solved", "posts": [{"post", "found", "solved"}]},
     "since": None or {"title", "cut_off_on", "rounds": [{"id", "is_previous", "counts"}]}}

`counts` are those of casework/coverage.py, over the same duties in the same states as its page shows; sums are sums of
counts. A class counts duties: all of them, those done, and those done within the bulletin's period.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import BooleanField, Case, CharField, Count, Q, Value, When
from django.utils import timezone

from casework.coverage import Counts
from casework.models import Bulletin, BulletinKind, Duty, Round, State
from casework.problem_figures import problems_between
from households.models import BaseType
from villages.models import Cadre, Post, Town, Village

# Exited and monitored households (脱贫户 监测对象), the others, and villages where villages are visited.
KEY, OTHER, VILLAGE = "key", "other", "village"
# What a sentence about the counting is made of.
RULE_FIELDS = (
    *("posts", "is_any_post", "target_kind", "repetition", "contacts", "outcomes", "counts_away_by_phone"),
    "grace_days",
)

THE_SYSTEM = Cadre(is_superuser=True)  # counts the whole place, whoever asks

Figures = dict[str, Any]
Counted = dict[tuple[str, str], Counts]


def count_figures(bulletin: Bulletin, *, now: datetime) -> Figures:
    """Count everything a bulletin tells, as of the end of its cut-off day and with what had been entered by `now`."""
    found = {round.pk: round for round in Round.objects.filter(pk__in=bulletin.round_ids)}
    rounds = [found[pk] for pk in bulletin.round_ids if pk in found]
    parts = [_of_round(round, bulletin) for round in rounds]
    return {
        "place": {"code": bulletin.place.pk, "name": bulletin.place.name},
        "starts_on": bulletin.starts_on.isoformat(),
        "cut_off_on": bulletin.cut_off_on.isoformat(),
        "counted_at": timezone.localtime(now).replace(microsecond=0).isoformat(),
        "rounds": parts,
        "problems": _problems(bulletin),
        "since": _since(bulletin, rounds),
    }


def digest_of(figures: Figures) -> str:
    """The same figures have the same digest, in whatever order a database keeps their names."""
    plain = json.dumps(figures, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()


def counts_in(part: dict[str, Any]) -> Counts:
    """The counts of a line that was kept."""
    return Counts(**part["counts"])


def unvisited(counts: Counts) -> int:
    """Open, overdue and vacant: what is owed and not done."""
    return counts.owed - counts.done


def round_in(part: dict[str, Any]) -> Round:
    """The round as it was when it was counted: its rule and its days, not stored."""
    rule = {name: value for name, value in part["rule"].items() if name in RULE_FIELDS}
    days = {name: date.fromisoformat(part[name]) for name in ("starts_on", "due_on")}
    round = Round(pk=part["id"], name=part["name"], **rule, **days)
    round.last_credit_on = round.due_on + timedelta(days=round.grace_days)
    return round


def _of_round(round: Round, bulletin: Bulletin) -> dict[str, Any]:
    as_of = round.day_of_figures(bulletin.cut_off_on)
    counted, classes = _counted(round, bulletin.code, bulletin.starts_on, as_of)
    return {
        "id": round.pk,
        "name": round.name,
        "starts_on": round.starts_on.isoformat(),
        "due_on": round.due_on.isoformat(),
        "as_of": as_of.isoformat(),
        "rule": {name: getattr(round, name) for name in RULE_FIELDS},
        "towns": _towns(counted),
        "seats": _seats(counted, classes),
        "counts": _sum(counted.values()),
    }


def _counted(
    round: Round, place_code: str, starts_on: date, as_of: date
) -> tuple[Counted, dict[str, dict[str, list[int]]]]:
    """Counts by village and seat, and by seat and class: one grouped query, so that they cannot differ."""
    is_key = Q(household__base_type=BaseType.EXITED) | ~Q(household__monitoring_type="")
    kinds = [When(household__isnull=True, then=Value(VILLAGE)), When(is_key, then=Value(KEY))]
    is_new = When(state=State.DONE, credited_on__gte=starts_on, then=Value(True))
    duties = Duty.objects.in_round(round).within(place_code).with_state(as_of).order_by()
    grouped = duties.annotate(
        kind=Case(*kinds, default=Value(OTHER), output_field=CharField()),
        is_new=Case(is_new, default=Value(False), output_field=BooleanField()),
    ).values_list("village_id", "seat", "state", "is_by_phone", "kind", "is_new")
    counted: Counted = defaultdict(Counts)
    classes: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0, 0]))
    for village_id, seat, state, is_by_phone, kind, new, count in grouped.annotate(count=Count("pk")):
        counted[village_id, seat].add(Counts(total=count, by_phone=count * is_by_phone, **{state: count}))
        numbers = classes[seat][kind]
        numbers[0] += count * (state != State.EXCUSED)
        numbers[1] += count * (state == State.DONE)
        numbers[2] += count * new
    return dict(counted), classes


def _towns(counted: Counted) -> list[dict[str, Any]]:
    """Towns and their villages in order of codes."""
    by_village: dict[str, list[Counts]] = defaultdict(list)
    for (village_id, _seat), counts in counted.items():
        by_village[village_id].append(counts)
    villages: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for village in Village.objects.filter(pk__in=by_village).order_by("pk"):
        line = {"code": village.pk, "name": village.short_name, "counts": _sum(by_village[village.pk])}
        villages[village.town_id].append(line)
    names = dict(Town.objects.filter(pk__in=villages).values_list("pk", "name"))
    return [
        {"code": code, "name": names[code], "counts": _sum(map(counts_in, villages[code])), "villages": villages[code]}
        for code in sorted(villages)
    ]


def _seats(counted: Counted, classes: dict[str, dict[str, list[int]]]) -> list[dict[str, Any]]:
    by_seat: dict[str, list[Counts]] = defaultdict(list)
    for (_village_id, seat), counts in counted.items():
        by_seat[seat].append(counts)
    return [
        {
            "seat": seat,
            "counts": _sum(by_seat[seat]),
            "vacant_places": sum(counts.vacant > 0 for counts in by_seat[seat]),
            "classes": {kind: classes[seat][kind] for kind in (KEY, OTHER, VILLAGE) if kind in classes[seat]},
        }
        for seat in sorted(by_seat)
    ]


def _sum(parts: Iterable[Counts]) -> dict[str, int]:
    total = Counts()
    for counts in parts:
        total.add(counts)
    return total.as_dict()


def _problems(bulletin: Bulletin) -> dict[str, Any]:
    """Found and solved in the period, by the finder's post ("" where none is known)."""
    first, last = bulletin.starts_on, bulletin.cut_off_on
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for line in problems_between(THE_SYSTEM, first, last, bulletin.code, on=last):
        sums[line.post][0] += line.found
        sums[line.post][1] += line.solved
    order = [*Post.values, ""]
    posts = [{"post": post, "found": sums[post][0], "solved": sums[post][1]} for post in order if post in sums]
    return {**{name: sum(line[name] for line in posts) for name in ("found", "solved")}, "posts": posts}


def _since(bulletin: Bulletin, rounds: list[Round]) -> dict[str, Any] | None:
    """What the last bulletin of the place said of the same rounds, or of their previous periods."""
    last = last_issued(bulletin)
    if last is None:
        return None
    told = {part["id"]: part["counts"] for part in last.counted["rounds"]}
    lines = []
    for round in rounds:
        for pk, is_previous in ((round.pk, False), (round.previous_id, True)):
            if pk in told:
                lines.append({"id": round.pk, "is_previous": is_previous, "counts": told[pk]})
                break
    return {"title": last.title, "cut_off_on": last.cut_off_on.isoformat(), "rounds": lines}


def last_issued(bulletin: Bulletin) -> Bulletin | None:
    """The bulletin of the place that stands before this one; by its kind, when it is about a month or a quarter."""
    earlier = Bulletin.objects.issued().filter(
        district=bulletin.district_id, town=bulletin.town_id, cut_off_on__lt=bulletin.cut_off_on
    )
    if bulletin.kind != BulletinKind.BY_HAND:
        earlier = earlier.filter(kind=bulletin.kind)
    return earlier.order_by("-cut_off_on", "-pk").first()
