"""What a page for one cadre starts from: posts, families helped, rounds, cases and problems that wait, letters."""

from datetime import date
from typing import Any, NamedTuple

from casework.handing import GIVEN_FAMILIES, GIVEN_POSTS, TAKEN_FAMILIES, TAKEN_POSTS, Handed, handed_from, since
from casework.models import Problem, Reminder, Round
from casework.notes import DUE, NoteLine, notes_from
from casework.rechecks import TO_ANSWER, TO_ASK
from households.models import HelperPairing
from households.turns import days_of_waiting_cases
from villages import reach
from villages.models import Cadre, Post
from villages.prepared import Prepared
from villages.prepared_rows import Together

Held = list[tuple[str, str]]


class Head(NamedTuple):
    """What the head of a page is written from: post and place code of each post held, and whether a letter waits."""

    posts: Held
    has_unread: bool


class Asking(NamedTuple):
    """A running round, as far as it asks for visits."""

    pk: int
    posts: list[str]
    is_any_post: bool
    name: str
    due_on: date


class Mine(NamedTuple):
    """What concerns one cadre on one day.

    `posts` are post and place code of each post held, `helped` the ids of the families helped, `rounds` the running
    rounds that ask for one of the posts, by id. `waiting` has for each monitoring case that waits for the cadre the
    day by which it is to be decided, the most pressing first; `handed` the same of each problem handed to the cadre.
    `passed` are posts and families that passed from or to the cadre lately, `notes` the reviewers' notes the cadre
    answers for, `to_ask` the re-checks whose family the cadre is to ask, `to_answer` those of own visits to which a
    reply may be wanted, with the family's name.
    """

    posts: Held
    helped: tuple[int, ...]
    rounds: dict[int, Asking]
    waiting: list[date]
    has_unread: bool
    handed: list[date]
    passed: list[Handed]
    notes: list[NoteLine]
    to_ask: list[int]
    to_answer: list[tuple[int, str]]


def mine_on(cadre: Cadre, on: date) -> Mine:
    """All of it, in one query."""
    ask = _ASK_FOR_ALL if cadre.is_superuser else _ASK
    held, helped, running, waiting, unread, handed, notes, to_ask, to_answer, *passed = ask.rows(
        cadre_id=cadre.pk, on=on, since=since(on)
    )
    posts = {post for post, _place in held} | ({Post.HELPER.value} if helped else set())
    rounds = {row[0]: Asking(*row) for row in running if not posts.isdisjoint(row[1])}
    return Mine(
        posts=held,
        helped=tuple(pk for (pk,) in helped),
        rounds=rounds,
        waiting=[day for (day,) in waiting],
        has_unread=bool(unread),
        handed=[day for (day,) in handed],
        passed=handed_from(*passed),
        notes=notes_from(notes),
        to_ask=[pk for (pk,) in to_ask],
        to_answer=to_answer,
    )


def posts_held(cadre: Cadre, on: date) -> Held:
    """Post and place code of each post the cadre holds on that day."""
    return HELD.rows(cadre_id=cadre.pk, on=on)


def has_unread(cadre: Cadre, on: date) -> bool:
    """Whether a letter waits to be read."""
    return bool(UNREAD.rows(cadre_id=cadre.pk, on=on))


def _ask(*, is_superuser: bool) -> Together:
    def days(cadre_id: int, on: date) -> Any:
        return days_of_waiting_cases(Cadre(pk=cadre_id, is_superuser=is_superuser), on)

    passed = (GIVEN_POSTS, TAKEN_POSTS, GIVEN_FAMILIES, TAKEN_FAMILIES)
    return Together(HELD, _HELPED, _RUNNING, Prepared(days), UNREAD, _HANDED, DUE, TO_ASK, TO_ANSWER, *passed)


def _unread(cadre_id: int, on: date) -> Any:
    return Reminder.objects.visible_to(Cadre(pk=cadre_id), on).filter(read_at=None).order_by().values_list("pk")[:1]


def _handed(cadre_id: int, on: date) -> Any:
    return Problem.objects.handed_to(Cadre(pk=cadre_id), on).order_by("due_on").values_list("due_on")


HELD = Prepared(
    lambda cadre_id, on: reach.own_postings(Cadre(pk=cadre_id), on).order_by().values_list("post", "place_code")
)
_HELPED = Prepared(
    lambda cadre_id, on: HelperPairing.objects.in_force(on).filter(cadre=cadre_id).order_by().values_list("household")
)
_RUNNING = Prepared(lambda cadre_id, on: Round.objects.running(on).order_by("pk").values_list(*Asking._fields))
UNREAD = Prepared(_unread)
_HANDED = Prepared(_handed)
_ASK, _ASK_FOR_ALL = _ask(is_superuser=False), _ask(is_superuser=True)
