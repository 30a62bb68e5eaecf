"""How the register's rows are written by an import: as cells, remembered for undoing, told to the trail."""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any

from households.models import Household, ImportGroup, Person, RegisterImport, Relation, Source
from households.models.verdicts import problem_of
from households.register_import.compare import HOUSEHOLD_FIELDS, PERSON_FIELDS, plain
from households.register_import.newcomers import Newcomers
from villages.models import AuditEntry, Cadre
from villages.pour import pour, rewrite

HOUSEHOLD_COLUMNS = (
    *HOUSEHOLD_FIELDS,
    *("village_id", "group_id", "initials", "moved_on", "left_on", "register_as_of", "register_row_id"),
)
PERSON_COLUMNS = (*PERSON_FIELDS, "household_id", "initials", "left_on", "id_index", "id_tail_index", "id_problem")
INCOME_COLUMNS = ("per_head", "as_of", "source")
# Not for the trail: how the import keeps its place, and what is derived.
UNTOLD = ("register_row", "register_as_of", "initials")
NO_CHANGES: dict[str, Any] = {}
ENTRY_COLUMNS = ("at", "actor_id", "verb", "target_type", "target_id", "village_id", "reason", "changes")
JUDGED = frozenset({"id_number", "born_on", "sex"})


class Stale(Exception):
    """Records were changed since the preview was made: it must be made anew before anybody confirms it."""


class Trail:
    """Audit entries of one import, put into the trail in batches."""

    def __init__(self, actor: Cadre | None, now: datetime) -> None:
        self.actor_id, self.now = (actor.pk if actor else None), now
        self._rows: list[tuple] = []

    def tell(self, verb: str, label: str, key: int, village_id: str | None, changes: dict[str, Any]) -> None:
        """What was done to which record."""
        self._rows.append((self.now, self.actor_id, verb, label, str(key), village_id, "", changes))

    def tell_of_each(self, verb: str, label: str, records: Iterable[tuple[int, str]]) -> None:
        """What was done to each of many records; key and village of each. Appended at once."""
        same = {"at": self.now, "actor_id": self.actor_id, "verb": verb, "target_type": label, "reason": ""}
        pour(AuditEntry, ("target_id", "village_id"), records, same | {"changes": NO_CHANGES})

    def write(self) -> None:
        """Append what was told."""
        pour(AuditEntry, ENTRY_COLUMNS, self._rows)
        self._rows = []


def income_of(job: RegisterImport, household: int, year: int, per_head: str) -> dict[str, Any]:
    """What the register says of a household's income, as a new row has it."""
    made_by = job.confirmed_by.pk if job.confirmed_by else None
    values = {"household_id": household, "year": year, "per_head": per_head, "source": Source.REGISTER.value}
    return values | {"as_of": job.as_of, "recorded_by_id": made_by}


def set_person(person: Person, updates: dict[str, Any]) -> None:
    """Give a person new values, and what follows from them."""
    for name, value in updates.items():
        if name == "household":
            person.household_id = value
        else:
            setattr(person, name, or_default(Person, name, value))
    if "name" in updates:
        person.initials = ""
    if "id_number" in updates:
        number = updates["id_number"]
        person.id_index, person.id_tail_index = Newcomers().indexes(number) if number else ("", "")
    if not JUDGED.isdisjoint(updates):
        _judge(person)


def _judge(person: Any) -> None:
    """The verdict on the identity number beside birth date and sex, as save() would reach it."""
    number = person.id_number.reveal() if person.id_number else ""
    born_on = person.born_on
    born_on = date.fromisoformat(born_on) if isinstance(born_on, str) else born_on
    person.id_problem = problem_of(number, born_on=born_on, sex=person.sex)


def write_persons(rows: list[list[Any]]) -> None:
    """Heads last: a household has one head at a time, also between two rows of a statement."""
    place = 1 + PERSON_COLUMNS.index("relation")
    stepping_down = [row[0] for row in rows]
    Person.objects.filter(pk__in=stepping_down, relation=Relation.HEAD).update(relation=Relation.OTHER)
    rewrite(Person, PERSON_COLUMNS, [row for row in rows if row[place] != Relation.HEAD])
    rewrite(Person, PERSON_COLUMNS, [row for row in rows if row[place] == Relation.HEAD])


def look_anew_at(households: Collection[int]) -> None:
    """Whoever was in these households belongs to others by this import: a file that says what the last one said of
    them is to be compared all the same, not recognised.
    """
    if households:
        said = Household.objects.filter(pk__in=households).order_by().values("register_row")
        ImportGroup.objects.filter(pk__in=said).update(digest="")


def or_default(model: Any, name: str, value: Any) -> Any:
    """A blank as the column keeps it."""
    if value is None or value == "":
        field = model._meta.get_field(name)
        return None if field.null else field.get_default()
    return value


def row_of(row: Any, columns: tuple[str, ...]) -> list[Any]:
    """Key and columns, for rewriting."""
    return [row.pk, *(getattr(row, name) for name in columns)]


def remembered(row: Any, columns: tuple[str, ...]) -> dict[str, Any]:
    """The columns as JSON holds them. Personal numbers in the open: the JSON is sealed as a whole, and with the key
    of its own time; a number sealed inside it would be out of reach of a change of keys.
    """
    return {name: plain(getattr(row, name)) for name in columns}
