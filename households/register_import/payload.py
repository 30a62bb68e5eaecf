"""What a file says of a household, as it is kept with the preview and remembered for the next file."""

from typing import Any

from households.register_import.check import Checked, turned_away
from households.register_import.compare import household_values


def payload(checked: Checked, base: dict[str, Any] | None) -> dict[str, Any]:
    """What the file says of a household, completed by what an earlier file said in columns this one lacks.

    `kept` is what an earlier file said of persons of whom this one says nothing that could be taken in: all where it is
    a list of households, otherwise those whose rows are refused.
    `fields` names the values of each person; `said` and `told` are the fields this file has, of the household and
    of persons, empty when these are all of them; `refused` the names in refused rows. Names are kept as one text:
    there is a hundred thousand times the same dozens of them.
    """
    household = household_values(checked)
    persons = {member.number: member.values for member in checked.members}
    fields, cells = _table(persons)
    told, said = "", ""
    refused = [refusal.label for refusal in checked.refusals]
    kept: dict[str, Any] = {}
    if base is not None:
        kept = base["persons"]
        if persons:
            kept = {number: kept[number] for number in turned_away(checked) if number in kept}
        said, household = " ".join(household), base["household"] | household
        known = {number: base["persons"].get(number, {}) | values for number, values in persons.items()}
        named, (fields, cells) = fields, _table(known)
        told = "" if named == fields else " ".join(named)
    return {
        "household": household,
        "fields": " ".join(fields),
        "persons": cells,
        "said": said,
        "told": told,
        "refused": refused,
        **({"kept": kept} if kept else {}),
    }


def _table(persons: dict[str, dict[str, Any]]) -> tuple[list[str], dict[str, list[Any]]]:
    """The names of all fields that any of the persons has, and each one's values in that order.

    Nearly always it is their own, the same for all.
    """
    fields = [*next(iter(persons.values()), {})]
    if all(map(fields.__eq__, map(list, persons.values()))):
        return fields, {number: [*values.values()] for number, values in persons.items()}
    fields = [*dict.fromkeys(name for values in persons.values() for name in values)]
    return fields, {number: [values.get(name) for name in fields] for number, values in persons.items()}
