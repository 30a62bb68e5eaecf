"""How the rows of a list become records: what every kind must say, and cadres, posts, units and their pairings."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import date
from typing import Any, ClassVar

from django.utils.translation import gettext_noop

from households import accounts
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

    def know(self, rows: Sequence[dict[str, Any]]) -> None:  # noqa: B027, short lists need nothing
        """Read at once what the rows that come next speak of, where each by itself would take too long."""

    @abstractmethod
    def record(self, values: dict[str, Any]) -> Any:
        """The record the row means, changed as the row says, not saved. Raises NoVillage with the column."""

    def stored(self, record: Any) -> Any:
        """The record as it is stored; None for a new one."""
        return type(record)._default_manager.filter(pk=record.pk).first() if record.pk else None

    def check(self, record: Any) -> None:
        """Raise ValidationError when the record cannot be true."""
        record.full_clean(exclude=["password"])

    @abstractmethod
    def may(self, record: Any) -> bool:
        """Whether the actor may write it."""

    @abstractmethod
    def save(self, record: Any) -> None:
        """Hand it to its verb."""

    def comes_first(self, record: Any) -> bool:
        """Whether it is new, and neither what is stored nor an earlier row can stand in its way: see save_first()."""
        return False

    def save_first(self, records: Sequence[Any]) -> None:
        """Hand records that come first to their verb, at once where there are many of the kind."""
        for record in records:
            self.save(record)

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
        return with_days(posting)

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
        return with_days(pairing)

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


def with_days(record: Any) -> Any:
    """Days as days: the verbs compare them."""
    for name in ("starts_on", "ends_on"):
        value = getattr(record, name)
        if isinstance(value, str):
            setattr(record, name, date.fromisoformat(value))
    return record
