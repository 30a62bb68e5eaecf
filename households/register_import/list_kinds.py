"""How the rows of each kind of list become records: cadres, posts, helpers, units, pairings, exits."""

from abc import ABC, abstractmethod
from datetime import date
from typing import Any, ClassVar

from django.utils.translation import gettext_noop

from households import accounts, exits, pairings
from households.models import ExitRecord, HelperPairing, Household, ImportKind
from households.models.exits import STEPS
from households.register_import.cells import REMEDIES
from households.register_import.villages_by_name import Named, NoVillage, VillagesByName
from villages import places, postings
from villages.models import Cadre, Pairing, PartnerUnit, Posting
from villages.models.postings import LEVELS_OF_POST

REMEDIES |= {
    "unknown_account": gettext_noop("There is no cadre with this account. Bring the cadres in first."),
    "unknown_household": gettext_noop("There is no household with this number. Bring the register in first."),
    "unknown_unit": gettext_noop("There is no unit of this name. Bring the units in first."),
    "name_differs": gettext_noop("This account belongs to %(hint)s. Correct the account or the name."),
    "no_place": gettext_noop("Say where the post stands: %(hint)s."),
    "not_your_row": gettext_noop("This is not one of your places. Ask the district's office to bring this row in."),
    "said": gettext_noop("%(hint)s"),
    "same_row": gettext_noop("The same entry stands in row %(hint)s already. Keep one of the two rows."),
}


class ListKind(ABC):
    """How the rows of one kind of list become records. `shown` are the fields the preview compares."""

    shown: ClassVar[tuple[str, ...]]

    def __init__(self, actor: Cadre | None, on: date) -> None:
        self.actor, self.on = actor, on
        self.villages = VillagesByName([""])
        self._cadres = {cadre.username: cadre for cadre in Cadre.objects.all()}
        self._units = {unit.name: unit for unit in PartnerUnit.objects.all()}

    @abstractmethod
    def record(self, values: dict[str, Any]) -> Any:
        """The record the row means, changed as the row says, not saved. Raises NoVillage with the column."""

    @abstractmethod
    def may(self, record: Any) -> bool:
        """Whether the actor may write it."""

    @abstractmethod
    def save(self, record: Any) -> None:
        """Hand it to its verb."""

    @abstractmethod
    def name(self, record: Any) -> tuple[str, str, str | None]:
        """Key, name and village of the record, for the preview."""

    def cadre(self, values: dict[str, Any]) -> Cadre:
        """The cadre of the account; a name beside it must be theirs."""
        cadre = self._cadres.get(values["username"])
        if cadre is None:
            raise NoVillage("username", "unknown_account")
        if values.get("name") and values["name"].replace(" ", "") != cadre.name.replace(" ", ""):
            raise NoVillage("name", "name_differs", cadre.name)
        return cadre

    def household(self, values: dict[str, Any]) -> Household:
        """The household of the number; a head's name beside it must be the head's."""
        household = Household.objects.filter(number=values["number"]).select_related("village").first()
        if household is None:
            raise NoVillage("number", "unknown_household")
        if values.get("head_name") and values["head_name"] != household.head_name:
            raise NoVillage("head_name", "name_differs", household.head_name)
        return household

    def unit(self, name: str) -> PartnerUnit:
        """The unit of that name."""
        if name not in self._units:
            raise NoVillage("unit", "unknown_unit")
        return self._units[name]

    def place(self, values: dict[str, Any]) -> Named:
        """What the row says of the place."""
        return Named(**{name: values.get(name) or "" for name in Named._fields})


class Cadres(ListKind):
    """Accounts; a new one cannot sign in before the office gives it a password."""

    shown = ("name", "unit", "rank", "email", "is_active")

    def record(self, values: dict[str, Any]) -> Cadre:
        """The account of that name."""
        cadre = self._cadres.get(values["username"]) or Cadre(username=values["username"])
        for name in ("name", "rank", "email"):
            if values.get(name):
                setattr(cadre, name, values[name])
        if values.get("unit"):
            cadre.unit = self.unit(values["unit"])
        if values.get("is_active") is not None:
            cadre.is_active = values["is_active"]
        return cadre

    def may(self, record: Cadre) -> bool:
        """As the verb says."""
        stored = Cadre.objects.get(pk=record.pk) if record.pk else record
        return self.actor is None or accounts.can_change_account(self.actor, stored, self.on)

    def save(self, record: Cadre) -> None:
        """By the verb."""
        accounts.save_account(record, actor=self.actor, on=self.on)

    def name(self, record: Cadre) -> tuple[str, str, str | None]:
        """Account and name."""
        return record.username, record.name, None


class Posts(ListKind):
    """Posts: the same cadre, post, place and first day is the same posting."""

    shown = ("ends_on",)

    def record(self, values: dict[str, Any]) -> Posting:
        """The posting."""
        cadre, where = self.cadre(values), self._where(values)
        same = {"cadre": cadre, "post": values["post"], "starts_on": values["starts_on"], **where}
        posting = Posting.objects.filter(**same).first() or Posting(**same)
        posting.ends_on = values.get("ends_on") or posting.ends_on
        return _with_days(posting)

    def _where(self, values: dict[str, Any]) -> dict[str, Any]:
        levels = LEVELS_OF_POST.get(values["post"], ())
        named = self.place(values)
        if "unit" in levels and values.get("unit"):
            return {"unit_id": self.unit(values["unit"]).pk}
        if "village" in levels and (named.village or named.village_code):
            return {"village_id": self.villages.find(named)}
        if "town" in levels and named.town and not named.village:
            return {"town_id": self.villages.town(named.town)}
        if "district" in levels and not named.town and not named.village:
            return {"district_id": self.villages.district(named.county)}
        titles = {"unit": "单位", "village": "行政村", "town": "乡", "district": "县"}
        raise NoVillage("post", "no_place", "、".join(titles[level] for level in levels) or "户编号")

    def may(self, record: Posting) -> bool:
        """As the verb says."""
        code = record.village_id or record.town_id or record.district_id or ""
        return self.actor is None or postings.can_change_postings(self.actor, code, self.on)

    def save(self, record: Posting) -> None:
        """By the verb."""
        postings.save_posting(record, actor=self.actor, on=self.on)

    def name(self, record: Posting) -> tuple[str, str, str | None]:
        """Account, post and place."""
        where = record.village_id or record.town_id or record.district_id or f"u{record.unit_id}"
        key = f"{record.cadre.username} {record.post} {where} {record.starts_on}"
        return key, f"{record.cadre.name} · {record.get_post_display()} · {record.place}", record.village_id


class Helpers(ListKind):
    """Helper pairings: the same household, cadre and first day is the same pairing."""

    shown = ("is_primary", "ends_on")

    def record(self, values: dict[str, Any]) -> HelperPairing:
        """The pairing."""
        same = {"household": self.household(values), "cadre": self.cadre(values), "starts_on": values["starts_on"]}
        pairing = HelperPairing.objects.filter(**same).first() or HelperPairing(**same)
        if values.get("is_primary") is not None:
            pairing.is_primary = values["is_primary"]
        pairing.ends_on = values.get("ends_on") or pairing.ends_on
        return _with_days(pairing)

    def may(self, record: HelperPairing) -> bool:
        """As the verb says."""
        village = record.household.village_id
        return self.actor is None or pairings.can_change_pairings(self.actor, village, self.on)

    def save(self, record: HelperPairing) -> None:
        """By the verb."""
        pairings.save_helper_pairing(record, actor=self.actor, on=self.on)

    def name(self, record: HelperPairing) -> tuple[str, str, str | None]:
        """Household and helper."""
        key = f"{record.household.number} {record.cadre.username} {record.starts_on}"
        return key, f"{record.household.head_name} · {record.cadre.name}", record.household.village_id


class Units(ListKind):
    """Partner units by their names."""

    shown = ("is_active",)

    def record(self, values: dict[str, Any]) -> PartnerUnit:
        """The unit."""
        unit = self._units.get(values["unit"]) or PartnerUnit(name=values["unit"])
        if values.get("is_active") is not None:
            unit.is_active = values["is_active"]
        return unit

    def may(self, record: PartnerUnit) -> bool:
        """As the verb says."""
        return self.actor is None or places.can_change_shared(self.actor, self.on)

    def save(self, record: PartnerUnit) -> None:
        """By the verb."""
        places.save_unit(record, actor=self.actor, on=self.on)

    def name(self, record: PartnerUnit) -> tuple[str, str, str | None]:
        """Its name."""
        return record.name[:80], record.name, None


class UnitPairings(ListKind):
    """Pairings of units: the same unit, village and first day is the same pairing."""

    shown = ("is_lead", "ends_on")

    def record(self, values: dict[str, Any]) -> Pairing:
        """The pairing."""
        same = {"unit": self.unit(values["unit"]), "village_id": self.villages.find(self.place(values))}
        same["starts_on"] = values["starts_on"]
        pairing = Pairing.objects.filter(**same).first() or Pairing(**same)
        if values.get("is_lead") is not None:
            pairing.is_lead = values["is_lead"]
        pairing.ends_on = values.get("ends_on") or pairing.ends_on
        return _with_days(pairing)

    def may(self, record: Pairing) -> bool:
        """As the verb says."""
        return self.actor is None or postings.can_change_postings(self.actor, record.village_id, self.on)

    def save(self, record: Pairing) -> None:
        """By the verb."""
        postings.save_pairing(record, actor=self.actor, on=self.on)

    def name(self, record: Pairing) -> tuple[str, str, str | None]:
        """Unit and village."""
        village = self.villages.names[record.village_id]
        key = f"{record.unit_id} {record.village_id} {record.starts_on}"
        return key, f"{record.unit.name} · {village}", record.village_id


class Exits(ListKind):
    """Exits from poverty: one for each household, and one for each village when no household is named."""

    shown = (*STEPS, "is_wrong")

    def record(self, values: dict[str, Any]) -> ExitRecord:
        """The exit."""
        same: dict[str, Any] = {"household": None}
        if values.get("number"):
            household = self.household(values)
            same, village_id = {"household": household}, household.village_id
        else:
            village_id = self.villages.find(self.place(values))
            same["village_id"] = village_id
        known = ExitRecord.objects.filter(**same).select_related("household").first()
        record = known or ExitRecord(**same | {"village_id": village_id})
        for name in STEPS:
            if day := values.get(name):
                setattr(record, name, date.fromisoformat(day) if isinstance(day, str) else day)
        if values.get("is_wrong") is not None:
            record.is_wrong = values["is_wrong"]
        return record

    def may(self, record: ExitRecord) -> bool:
        """As the verb says."""
        return self.actor is None or exits.can_import_exit(self.actor, record.village_id, self.on)

    def save(self, record: ExitRecord) -> None:
        """By the verb."""
        exits.import_exit(record, actor=self.actor, on=self.on)

    def name(self, record: ExitRecord) -> tuple[str, str, str | None]:
        """Household or village."""
        village = self.villages.names[record.village_id]
        if record.household is None:
            return record.village_id, village, record.village_id
        return record.household.number, f"{record.household.head_name} · {village}", record.village_id


KINDS: dict[str, type[ListKind]] = {
    ImportKind.CADRES: Cadres,
    ImportKind.POSTS: Posts,
    ImportKind.HELPERS: Helpers,
    ImportKind.UNITS: Units,
    ImportKind.PAIRINGS: UnitPairings,
    ImportKind.EXITS: Exits,
}


def _with_days(record: Any) -> Any:
    """Days as days: the verbs compare them."""
    for name in ("starts_on", "ends_on"):
        value = getattr(record, name)
        if isinstance(value, str):
            setattr(record, name, date.fromisoformat(value))
    return record
