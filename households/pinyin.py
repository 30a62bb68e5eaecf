"""The pinyin initials of a name (张三丰: zsf), by which people find it on a keyboard.

The dictionary takes 50 MB: only the worker and commands import this module, never a web process.
"""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from django.db.models import Case, CharField, Value, When
from pypinyin import Style, lazy_pinyin

from households.models import Household, Person

# A surname is read in its own way where the dictionary knows the everyday word. Two characters before one.
SURNAMES = {
    **{"万俟": "mq", "单于": "cy", "尉迟": "yc", "长孙": "zs", "澹台": "tt"},
    **{"曾": "z", "单": "s", "仇": "q", "区": "o", "解": "x", "查": "z", "盖": "g", "尉": "w", "翟": "z", "覃": "q"},
    **{"朴": "p", "缪": "m", "乐": "y", "任": "r", "华": "h", "召": "s", "折": "s", "种": "c", "秘": "b", "繁": "p"},
    **{"黑": "h", "员": "y", "乜": "n", "祭": "z", "能": "n", "燕": "y", "车": "c", "石": "s", "重": "c", "佴": "n"},
}
UNREADABLE = "?"
LONGEST = 20
BATCH = 1000
A_SWEEP = 20_000


def initials_of(name: str) -> str:
    """Lower-case initials, at most twenty; letters and digits as they are; "?" for a name with nothing to read."""
    text = "".join(name.split()).replace("·", "")
    known = next((SURNAMES[text[:length]] for length in (2, 1) if text[:length] in SURNAMES), "")
    given = lazy_pinyin(text[len(known) :], style=Style.FIRST_LETTER, errors=_as_they_are)
    return (known + "".join(given)).lower()[:LONGEST] or UNREADABLE


def _as_they_are(text: str) -> Any:
    """What the dictionary does not know: Latin letters and digits, each by itself."""
    return [character for character in text if character.isascii() and character.isalnum()]


def fill_in(*, most: int = A_SWEEP, told: Callable[[int], None] | None = None) -> int:
    """Write the initials of persons and heads who have none, at most about so many; returns how many.

    A second run finds nothing to do. `told` hears the number so far after each batch.
    """
    filled = 0
    for model, name in ((Person, "name"), (Household, "head_name")):
        for number in islice(_batches(model, name), max(0, -(-(most - filled) // BATCH))):
            filled += number
            if told:
                told(filled)
    return filled


def _batches(model: type[Person] | type[Household], name: str) -> Iterator[int]:
    """By name, not by row: whoever is renamed meanwhile has another name and keeps no wrong initials."""
    blank = model._default_manager.filter(initials="")
    while names := set(blank.order_by().values_list(name, flat=True)[:BATCH]):
        whens = [When(**{name: one}, then=Value(initials_of(one))) for one in sorted(names)]
        yield blank.filter(**{f"{name}__in": names}).update(initials=Case(*whens, output_field=CharField()))
