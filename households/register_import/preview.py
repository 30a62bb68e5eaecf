"""Read a file of households into a preview: what each row would change, written nowhere yet."""

from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from datetime import date
from itertools import chain, islice
from operator import itemgetter
from typing import Any, NamedTuple

from households.models import Household, ImportGroup, ImportRefusal, RegisterImport
from households.models.imports import Fate
from households.register_import.check import (
    Checked,
    Checker,
    Refusal,
    refuse,
    refuse_headless,
    refuse_household,
    refuse_member,
    turned_away,
)
from households.register_import.compare import (
    Difference,
    Ours,
    PersonChange,
    born_after_leaving,
    clears_too_early,
    compare,
    fates_in_order,
    person_known,
)
from households.register_import.gathering import Gathered, Gathering
from households.register_import.memory import seldom_collecting
from households.register_import.ours import (
    Known,
    bases,
    income_field,
    income_year,
    known_households,
    known_persons,
    ours_of,
    persons_by_number,
)
from households.register_import.packing import packed, pressed, written
from households.register_import.passed_on import PassedOn
from households.register_import.payload import payload
from households.register_import.plan import Sheets
from households.register_import.progress import Step
from households.register_import.read import Raw
from households.register_import.twins import Twins
from households.register_import.villages_by_name import VillagesByName
from villages.among import by_their_indexes
from villages.pour import in_no_hurry, pour

BATCH = 4000  # households
FATE_OF_ROW = itemgetter(2)
GROUP_COLUMNS = (
    *("job_id", "position", "key", "label", "village_id", "fate", "is_moving", "has_conflict"),
    *("rows", "changes", "values", "before", "digest"),
)
REFUSAL_COLUMNS = ("job_id", "sheet", "row", "column", "value", "code", "hint", "label", "cells")
# As each of half a million rows carries them: asking an enumeration for a value costs as much as making the row.
CREATED, UPDATED, UNCHANGED = Fate.CREATED.value, Fate.UPDATED.value, Fate.UNCHANGED.value


class Handed(NamedTuple):
    """A new household as the preview has it in hand: its place there, what recognises it, the numbers of persons who
    come from other households, what the file says (packing) and by what each person's identity number is found, in the
    order of the persons.
    """

    position: int
    digest: str
    number: str
    village_id: str
    comers: list[str]
    said: bytes
    id_indexes: list[str]


HandOn = Callable[[Sequence[Handed]], None]


class Previewer:
    """Compares a file with the register, batch by batch, and keeps what it finds."""

    def __init__(
        self,
        job: RegisterImport,
        sheets: Sheets,
        places: list[str],
        passed_on: PassedOn,
        *,
        on: date,
        step: Step,
        hand_on: HandOn | None = None,
    ) -> None:
        """`hand_on` is called with new households when they are kept."""
        self.job, self.gathering, self.on, self.step = job, Gathering(sheets), on, step
        self._hand_on, self._handed = hand_on, list[Handed]()
        self.villages = VillagesByName(places)
        self.checker = Checker(self.villages, on=on, has_persons=job.has_persons)
        self.rows: Counter[str] = Counter()
        self.facts: Counter[str] = Counter()
        self.covered: set[str] = set()
        self.passed_on = passed_on
        self.twins = Twins(sheets, self.villages, passed_on, on=on, has_persons=job.has_persons)
        self._refused: set[str] = set()
        self._missing: dict[str, int] = {}  # person numbers that their household lacks, and where it stands
        self._turned_away: set[str] = set()  # person numbers in refused rows
        self._noted: set[str] = set()  # those of them that were in order by themselves
        self.elsewhere, self.staying = list[str](), list[str]()  # of those numbers that their household lacks
        self._position = self._done = 0
        self._expects_new = False

    @seldom_collecting()
    def preview(self, raws: Iterable[Raw], *, is_scattered: bool = False) -> None:
        """Go through the whole file. The counts are in `rows` and `facts` afterwards.

        Households are compared while the file is being read: two programs are at work. Where that cannot be,
        because rows of a household are `is_scattered`, Scattered is raised, and somebody must begin anew. So they must
        when Unsettled is raised, for identity numbers that pass from one person to another.
        """
        self.passed_on.begin()
        households = self.gathering.whole(raws, self.step) if is_scattered else self.gathering.as_read(raws)
        looked_at = map(self._look, households)
        while batch := list(islice(looked_at, BATCH)):
            with in_no_hurry(), by_their_indexes():
                self._batch(batch)
            self._tell_what_is_new()
            self.step((self.gathering.rows + self._done) // 2 if is_scattered else self._done)
        self.passed_on.settle()
        if self.job.has_persons:
            self._married()
            self._gone()

    def told(self) -> dict[str, Any]:
        """What is kept of the file besides its rows."""
        return {**self.facts, "elsewhere": self.elsewhere, "staying": self.staying}

    # One household ----------------------------------------------------------------------------

    def _look(self, gathered: Gathered) -> tuple[Gathered, Checked | None]:
        """A household, and what it says where it is probably new.

        It is checked and written down at once then, while its cells are at hand for the processor: those of a batch
        are not, when the database has answered. It decides nothing, only when this is done.
        """
        if not self._expects_new:
            return gathered, None
        checked = self._read(gathered)
        self.twins.recognise(checked.members)
        checked.said = written(payload(checked, None))
        return gathered, checked

    def _read(self, gathered: Gathered) -> Checked:
        checked = self.checker.check(gathered.number, gathered.lines)
        if gathered.number.startswith("?"):
            for line in gathered.lines:
                if not checked.refusals:
                    checked.refusals.append(refuse(line, line.plan.columns[line.plan.index["number"]], "missing"))
        if "per_head" in checked.values:
            year = checked.year or income_year(self.job.as_of)
            checked.values[income_field(year)] = checked.values.pop("per_head")
        return checked

    def _held_against(self, home: Known | None, checked: Checked) -> Checked:
        """The same, refused where it is not the reader's to change, or new and without a head."""
        if not checked.is_refused and home and not self.villages.is_mine(home.village_id):
            refuse_household(checked, "not_yours", "village", "village_code")
        elif not checked.is_refused and home is None and not checked.values.get("head_name"):
            refuse_headless(checked)
        return checked

    # One batch --------------------------------------------------------------------------------

    def _batch(self, batch: list[tuple[Gathered, Checked | None]]) -> None:
        """Keep what is found. The database stores one household while the next one is compared."""
        known = known_households([gathered.number for gathered, _checked in batch])
        self._expects_new = 2 * len(known) < len(batch)
        unchanged: list[tuple] = []
        changed: list[tuple[int, Checked, str]] = []
        for gathered, checked in batch:
            self._position += 1
            self._done += len(gathered.lines)
            home = known.get(gathered.number)
            is_same = home is not None and home.digest == gathered.digest
            if home and is_same and self.villages.is_mine(home.village_id) and self.twins.is_first(gathered):
                unchanged.append(self._unchanged(gathered, home))
            else:
                found = self._held_against(home, checked or self._read(gathered))
                changed.append((self._position, found, gathered.digest))
        homes = known_persons([member.number for _p, found, _d in changed for member in found.members])
        self.twins.refuse_in([found for _position, found, _digest in changed], homes)
        pour(ImportGroup, GROUP_COLUMNS, chain(unchanged, self._compared(changed, known, homes)))
        self._refuse([found for _position, found, _digest in changed])

    def _tell_what_is_new(self) -> None:
        """Others can see it now."""
        if self._hand_on and self._handed:
            self._hand_on(self._handed)
            self._handed = []

    def _refuse(self, batch: list[Checked]) -> None:
        refusals = [refusal for checked in batch for refusal in checked.refusals]
        if refusals:
            pour(ImportRefusal, REFUSAL_COLUMNS, [self._refusal(refusal) for refusal in refusals])
        self._turned_away.update(*map(turned_away, batch))
        self._refused |= {checked.number for checked in batch if checked.is_refused}
        self.rows[Fate.REFUSED] += len(refusals)

    def _unchanged(self, gathered: Gathered, home: Known) -> tuple:
        """Recognised by its digest: nothing of it need be read."""
        rows = [[line.plan.sheet, line.row, UNCHANGED, ""] for line in gathered.lines]
        self.rows[UNCHANGED] += len(rows)
        self.facts["households_unchanged"] += 1
        self.covered.add(home.village_id)
        return self._group(
            self._position, gathered.number, "", home.village_id, UNCHANGED, rows, digest=gathered.digest
        )

    # Comparing --------------------------------------------------------------------------------

    def _compared(
        self, changed: list[tuple[int, Checked, str]], known: dict[str, Known], elsewhere: dict[str, tuple[int, str]]
    ) -> Iterator[tuple]:
        """The rows for the table, each made when it is asked for; what is asked of the database is asked at once."""
        taken = [one for one in changed if not one[1].is_refused]
        homes = [known.get(checked.number) for _p, checked, _d in taken]
        differing = {
            home: checked.members
            for (_p, checked, digest), home in zip(taken, homes, strict=True)
            if home and home.digest != self._digest(checked, digest)
        }
        had = bases(differing)
        meant = {home.key: [member.number for member in members] for home, members in differing.items()}
        ours = ours_of(meant, on=self.on)[1] if meant else {}
        for (_p, checked, _d), home in zip(taken, homes, strict=True):
            if home in differing:
                self._noted |= _refuse_beside_ours(checked, had.get(home.key), ours[home.key])

        new = [checked for (_p, checked, _d), home in zip(taken, homes, strict=True) if home is None]
        comers = _comers(new, elsewhere) if elsewhere else {}

        def group(position: int, checked: Checked, whole: str, home: Known | None) -> tuple:
            digest = self._digest(checked, whole)
            self.covered.add(checked.village_id)
            if home is None:
                return self._new(position, checked, digest, comers)
            if home.digest == digest:
                return self._same(position, checked, digest)
            return self._known(position, checked, digest, had.get(home.key), ours[home.key])

        return (group(*one, home) for one, home in zip(taken, homes, strict=True) if not one[1].is_refused)

    def _digest(self, checked: Checked, digest: str) -> str:
        """What recognises it next time. Rows that were not all taken in must not hide the others then."""
        if not checked.refusals:
            return digest
        return self.gathering.digest_of_part(digest, (member.number for member in checked.members))

    def _same(self, position: int, checked: Checked, digest: str) -> tuple:
        """The same rows were taken in last time, and the same refused."""
        self.twins.stay(checked.members)
        rows = told_of(checked, [UNCHANGED] * len(checked.members or checked.lines))
        self._count(rows)
        self.facts["households_unchanged"] += 1
        label = checked.values.get("head_name") or ""
        return self._group(position, checked.number, label, checked.village_id, UNCHANGED, rows, digest=digest)

    def _new(self, position: int, checked: Checked, digest: str, known: dict[str, PersonChange]) -> tuple:
        """A household the register here does not have; some of its persons may be here in another household."""
        comers = [known[member.number] for member in checked.members if member.number in known] if known else []
        fates = [UPDATED if member.number in known else CREATED for member in checked.members]
        rows = told_of(checked, fates or [CREATED] * len(checked.lines))
        changes = [comer.as_json() for comer in comers]
        if comers:
            self.passed_on.note(checked, comers)
        self._count(rows)
        self.facts["households_created"] += 1
        told = {"persons": changes, "count": len(checked.members)} if changes else {"count": len(checked.members)}
        said = checked.said or written(payload(checked, None))
        if self._hand_on:
            numbers, indexes = [one.number for one in comers], [member.id_index for member in checked.members]
            self._handed.append(Handed(position, digest, checked.number, checked.village_id, numbers, said, indexes))
        return self._group(
            *(position, checked.number, checked.values["head_name"], checked.village_id, CREATED, rows),
            changes=told,
            values=pressed(said),
            digest=digest,
        )

    def _known(self, position: int, checked: Checked, digest: str, base: dict[str, Any] | None, ours: Ours) -> tuple:
        found = compare(checked, base, ours)
        self.passed_on.note(checked, found.persons)
        rows = fates_of(checked, found)
        self._count(rows)
        changes = found.as_json()
        fate = UPDATED if changes else UNCHANGED
        is_moving = "village" in found.updates
        self.facts[f"households_{fate}"] += 1
        self.facts["moved"] += is_moving
        self.facts["conflicts"] += found.has_conflict
        self._missing |= {one.number: position for one in found.persons if one.fate == "gone"}
        label = checked.values.get("head_name") or ours.values["head_name"]
        return self._group(
            *(position, checked.number, label, checked.village_id, fate, rows),
            changes=changes,
            values=packed(payload(checked, base)),
            digest=digest,
            is_moving=is_moving,
            has_conflict=found.has_conflict,
        )

    def _count(self, rows: list[list[Any]]) -> None:
        self.rows.update(map(FATE_OF_ROW, rows))

    def _married(self) -> None:
        """Whom one household lacks and another one names has not gone: the preview of the first forgets them.

        Neither has who is named in refused rows alone, or in a household that is recognised as unchanged: they were
        brought here by hand. Where the file has another head, they cease to be it.
        """
        there = {number for number in self._missing if self.twins.comes(number)} - self._noted
        self.elsewhere = sorted(there)
        staying = {number for number in self._missing if number in self.twins or number in self._turned_away}
        self.staying = sorted(staying - there)
        self.facts["persons_gone"] = len(self._missing) - len(self.elsewhere) - len(self.staying)
        named = there.union(self.staying)
        for group in ImportGroup.objects.filter(job=self.job, position__in={self._missing[number] for number in named}):
            persons = group.changes["persons"]
            here = [one for one in persons if one["fate"] != "gone" or one["number"] not in named]
            gone = (one for one in persons if one["fate"] == "gone" and one["number"] in named - there)
            told = group.changes | {"persons": here + [one | {"fate": UPDATED} for one in gone if one["updates"]]}
            group.changes = told if any(told.values()) else {}
            group.fate = UPDATED if group.changes else UNCHANGED
            self.facts["households_updated"] -= not group.changes
            self.facts["households_unchanged"] += not group.changes
            group.save(update_fields=["changes", "fate"])

    def _gone(self) -> None:
        """Households an earlier import brought or confirmed, in villages the file speaks of, that it does not name."""
        here = Household.objects.registered(self.on).filter(village__in=self.covered, register_as_of__isnull=False)
        named = ImportGroup.objects.filter(job=self.job).order_by().values("key")
        missing = here.exclude(number__in=named).order_by("village", "number")
        groups = []
        for number, head, village in missing.values_list("number", "head_name", "village"):
            if number not in self._refused:
                self._position += 1
                groups.append(self._group(self._position, number, head, village, Fate.GONE.value, []))
        self.facts["gone"] = len(groups)
        pour(ImportGroup, GROUP_COLUMNS, groups)

    def _group(
        self,
        position: int,
        key: str,
        label: str,
        village_id: str,
        fate: str,
        rows: list[list[Any]],
        *,
        changes: dict[str, Any] | None = None,
        values: bytes | None = None,
        digest: str = "",
        is_moving: bool = False,
        has_conflict: bool = False,
    ) -> tuple:
        """A row of ImportGroup in the order of GROUP_COLUMNS."""
        head = (self.job.pk, position, key, label, village_id, fate, is_moving, has_conflict)
        return (*head, rows, changes or {}, values, None, digest)

    def _refusal(self, refusal: Refusal) -> tuple:
        cells = (refusal.sheet, refusal.row, refusal.column, refusal.value, refusal.code)
        return (self.job.pk, *cells, refusal.hint[:500], refusal.label, packed(refusal.cells))


def _refuse_beside_ours(checked: Checked, base: dict[str, Any] | None, ours: Ours) -> set[str]:
    """Refuse what is in order by itself and would contradict what stands here, whoever wins a conflict.

    Returns the numbers of the persons whose rows are refused.
    """
    refused = born_after_leaving(checked, base, ours)
    for member in refused:
        refuse_member(checked, member, "born_after_leaving", "born_on", "id_number")
    if clears_too_early(checked, base, ours):
        refused += checked.members
        refuse_household(checked, "cleared_before", "risk_cleared_on", "risk_identified_on")
    return {member.number for member in refused}


def _comers(new: list[Checked], elsewhere: Container[str]) -> dict[str, PersonChange]:
    """What becomes of persons of new households who are here in another one, by number."""
    members = {one.number: one for checked in new for one in checked.members if one.number in elsewhere}
    ours = persons_by_number(members) if members else {}
    return {number: person_known(members[number], None, mine, None) for number, mine in ours.items()}


def fates_of(checked: Checked, found: Difference) -> list[list[Any]]:
    """Sheet, row, fate and name of each row taken in. What concerns the household is told of its head's row."""
    fates = fates_in_order(checked, found)
    return told_of(checked, fates if checked.members else fates * len(checked.lines))


def told_of(checked: Checked, fates: list[str]) -> list[list[Any]]:
    """Sheet, row, fate and name of each row taken in, whose fates these are."""
    if not checked.members:
        return [[line.plan.sheet, line.row, fate, ""] for line, fate in zip(checked.lines, fates, strict=True)]
    return [
        [member.line.plan.sheet, member.line.row, fate, member.values["name"]]
        for member, fate in zip(checked.members, fates, strict=True)
    ]
