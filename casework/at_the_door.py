"""Everything the page of a household shows of it, read in one message to the database."""

from datetime import date
from functools import lru_cache
from typing import NamedTuple

from casework.confirmations import ANSWERS, Said, answers_from
from casework.doorstep import DUTIES, asked_at, duties_from
from casework.mine import HELD, UNREAD, Head
from casework.models import Duty, Problem
from casework.notes import NOTES_ON, WRITER_AT, NoteLine, may_write_from, notes_from
from casework.problem_rows import OPEN_PROBLEMS, problems_from
from casework.timeline import Timeline, timeline_from, visits_query
from households.file import FILE, SEEN, HouseholdFile, Seen, file_from, seen_from
from villages.models import Cadre
from villages.prepared_rows import Together


class AtTheDoor(NamedTuple):
    """The household's file, its visits, what it answered, its open problems, and which visits are owed to it.

    `head` is what the head of the reader's page needs: asked here, it costs no messages of its own.
    """

    seen: Seen
    head: Head
    file: HouseholdFile
    timeline: Timeline
    answers: dict[str, dict[int, Said]]
    duties: list[Duty]
    problems: list[Problem]
    notes: list[NoteLine]
    may_write_note: bool


class OnPaper(NamedTuple):
    """What the file on A4 shows of a household beside its visits."""

    file: HouseholdFile
    answers: dict[str, dict[int, Said]]
    problems: list[Problem]


def read_for_paper(seen: Seen, on: date) -> OnPaper:
    """All of it, in one message."""
    *file, answers, problems = _PAPER.rows(household=seen.household.pk, on=on)
    return OnPaper(file_from(file, seen, on), answers_from(answers), problems_from(problems))


def read_at_the_door(cadre: Cadre, household: int, on: date, *, latest: int) -> AtTheDoor:
    """All of it, with so many of the latest visits. Raises Household.DoesNotExist when it is hidden from the cadre.

    Which household is seen is asked together with what it has: of a hidden one nothing is made of the rest.
    """
    asked = asked_at(household, cadre, on)
    found, posts, unread, *rest = _everything(latest).rows(**asked, has_moved=False)
    *file, visits, answers, duties, problems, notes, writing = rest
    seen = seen_from(found)
    if seen.household.moved_on:  # few have: they cost one more query, which looks where the duties lie
        duties = DUTIES.rows(**asked, has_moved=True)
    return AtTheDoor(
        seen,
        Head(posts, bool(unread)),
        file_from(file, seen, on),
        timeline_from(visits, latest=latest),
        answers_from(answers),
        duties_from(duties),
        problems_from(problems),
        notes_from(notes),
        may_write_from(writing, seen.household.village_id, is_superuser=cadre.is_superuser),
    )


_PAPER = Together(*FILE, ANSWERS, OPEN_PROBLEMS)


@lru_cache(maxsize=8)
def _everything(latest: int) -> Together:
    return Together(
        *(SEEN, HELD, UNREAD, *FILE, visits_query(latest), ANSWERS, DUTIES, OPEN_PROBLEMS, NOTES_ON, WRITER_AT)
    )
