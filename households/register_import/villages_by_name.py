"""Which village a row means: by its code, or by its name within the town."""

from collections import defaultdict
from typing import NamedTuple

from households.register_import.cells import plain
from villages.models import District, Town, Village

VILLAGE_ENDINGS = ("村民委员会", "村委会", "居民委员会", "居委会", "社区", "村")
TOWN_ENDINGS = ("街道办事处", "街道", "镇", "乡")
COUNTY_ENDINGS = ("区", "县", "市", "旗")


class NoVillage(Exception):
    """No village, or more than one. `field` is the column to correct, `code` and `hint` name the remedy."""

    def __init__(self, field: str, code: str, hint: str = "") -> None:
        super().__init__(code)
        self.field, self.code, self.hint = field, code, hint


class Named(NamedTuple):
    """What the place columns of a row say."""

    county: str = ""
    town: str = ""
    village: str = ""
    village_code: str = ""


def _short(name: str, endings: tuple[str, ...]) -> str:
    """The name as people say it: 王母渡镇 and 王母渡 are the same town."""
    name = plain(name)
    for ending in endings:
        if name.endswith(ending) and len(name) > len(ending):
            return name.removesuffix(ending)
    return name


class VillagesByName:
    """The villages of the register, looked up once and then answered from memory.

    `places` are codes below which the office may change households; "" stands above all.
    """

    def __init__(self, places: list[str]) -> None:
        self.places = tuple(places)
        self.names = dict(Village.objects.values_list("code", "name"))
        self._towns: dict[str, set[str]] = defaultdict(set)
        for code, name in Town.objects.values_list("code", "name"):
            self._towns[_short(name, TOWN_ENDINGS)].add(code)
        self._counties = {
            _short(name, COUNTY_ENDINGS): code for code, name in District.objects.values_list("code", "name")
        }
        self._by_name: dict[str, list[str]] = defaultdict(list)
        for code, name in Village.objects.in_register().order_by("code").values_list("code", "name"):
            self._by_name[_short(name, VILLAGE_ENDINGS)].append(code)
        self._town_names = dict(Town.objects.values_list("code", "name"))
        self._known: dict[Named, str | NoVillage] = {}

    def is_mine(self, village_code: str) -> bool:
        """Whether households of the village may be changed."""
        return village_code.startswith(self.places)

    def find(self, named: Named) -> str:
        """The village's code. Raises NoVillage."""
        found = self._known.get(named)
        if found is None:
            try:
                found = self._find(named)
            except NoVillage as reason:
                found = reason
            self._known[named] = found
        if isinstance(found, NoVillage):
            raise found
        return found

    def town(self, name: str) -> str:
        """The town's code. Raises NoVillage."""
        codes = self._towns.get(_short(name, TOWN_ENDINGS), set())
        if len(codes) != 1:
            raise NoVillage("town", "unknown_town")
        return next(iter(codes))

    def district(self, name: str) -> str:
        """The district's code; without a name the only one there is. Raises NoVillage."""
        if not name and len(self._counties) == 1:
            return next(iter(self._counties.values()))
        if code := self._counties.get(_short(name, COUNTY_ENDINGS)):
            return code
        raise NoVillage("county", "other_county")

    def _find(self, named: Named) -> str:
        if named.village_code:
            if named.village_code not in self.names:
                raise NoVillage("village_code", "unknown_village_code")
            return self._mine(named.village_code, "village_code")
        if not named.village:
            raise NoVillage("village", "missing")
        if named.county and _short(named.county, COUNTY_ENDINGS) not in self._counties:
            raise NoVillage("county", "other_county")
        codes = self._by_name.get(_short(named.village, VILLAGE_ENDINGS), [])
        if named.town:
            towns = self._towns.get(_short(named.town, TOWN_ENDINGS))
            if not towns:
                raise NoVillage("town", "unknown_town")
            codes = [code for code in codes if code[:9] in towns]
        if not codes:
            raise NoVillage("village", "unknown_village")
        if len(codes) > 1:
            towns_named = "、".join(self._town_names[code[:9]] for code in codes)
            raise NoVillage("town", "which_town", towns_named)
        return self._mine(codes[0], "village")

    def _mine(self, code: str, field: str) -> str:
        if not self.is_mine(code):
            raise NoVillage(field, "not_yours")
        return code
