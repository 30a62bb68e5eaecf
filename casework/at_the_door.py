"""Everything the page of a household shows of it, read in one message to the database."""

from datetime import date
from functools import lru_cache
from typing import NamedTuple

from casework.confirmations import ANSWERS, Said, answers_from
from casework.doorstep import DUTIES, asked_at, duties_from
from casework.models import Duty, Problem
from casework.notes import NOTES_ON, WRITER_AT, NoteLine, may_write_from, notes_from
from casework.problem_rows import OPEN_PROBLEMS, problems_from
from casework.timeline import Timeline, timeline_from, visits_query
from households.file import FILE, HouseholdFile, Seen, file_from
from villages.models import Cadre
from villages.prepared_rows import Together


class AtTheDoor(NamedTuple):
    """The household's file, its visits, what it answered, its open problems, and which visits are owed to it."""

    file: HouseholdFile
    timeline: Timeline
    answers: dict[str, dict[int, Said]]
    duties: list[Duty]
    problems: list[Problem]
    notes: list[NoteLine]
    may_write_note: bool


def read_at_the_door(seen: Seen, cadre: Cadre, on: date, *, latest: int) -> AtTheDoor:
    """All of it for a household the cadre sees, with so many of the latest visits."""
    *file, visits, answers, duties, problems, notes, writing = _everything(latest).rows(
        **asked_at(seen.household, cadre, on)
    )
    return AtTheDoor(
        file_from(file, seen, on),
        timeline_from(visits, latest=latest),
        answers_from(answers),
        duties_from(duties),
        problems_from(problems),
        notes_from(notes),
        may_write_from(writing, seen.household.village_id, is_superuser=cadre.is_superuser),
    )


@lru_cache(maxsize=8)
def _everything(latest: int) -> Together:
    return Together(*FILE, visits_query(latest), ANSWERS, DUTIES, OPEN_PROBLEMS, NOTES_ON, WRITER_AT)
