"""The cadres of the made-up district and the posts they hold, with a few vacancies and changes of holder."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta

from django.contrib.auth.hashers import make_password

from casework.demo.chance import day_between, insert, shares
from casework.demo.district import Demo
from casework.demo.names import cadre_name
from villages.models import Cadre, District, PartnerUnit, Post, Posting, Town, Village
from villages.models.cadres import Rank

PASSWORD = "village-visits-2026"  # documented for everybody, therefore refused in production
VILLAGE_POSTS = (Post.VILLAGE_CHIEF, Post.FIRST_SECRETARY, Post.VILLAGE_SECRETARY)
# How many in 276 villages: without a holder today, and with a new one since a few weeks.
VACANT, HANDED_OVER = 3, 5

LEVELS = {District: "district", Town: "town", Village: "village", PartnerUnit: "unit"}
Place = District | Town | Village | PartnerUnit


class Staff:
    """Hires cadres and gives them posts; afterwards tells who held which post on a day."""

    def __init__(self, demo: Demo) -> None:
        self.demo = demo
        self.rng = demo.draws("staff")
        # One salt and one hash for all: hashing 7,000 times would take an hour.
        self.password = make_password(PASSWORD, salt="demo-district-salt-22c")
        self.cadres: list[Cadre] = []
        self.postings: list[Posting] = []
        self._tenures: dict[tuple[str, str], list[tuple[date, date | None, int]]] = defaultdict(list)

    def hire(self, rank: str = Rank.STAFF, unit: PartnerUnit | None = None, account: str = "") -> Cadre:
        """A new cadre; `account` makes it one of the demo accounts."""
        username = account or f"c{len(self.cadres) + 1:04d}"
        email = f"{account}@example.invalid" if account else ""
        name = cadre_name(self.rng)
        cadre = Cadre(username=username, name=name, rank=rank, unit=unit, email=email, password=self.password)
        if account:
            self.demo.accounts[account] = cadre
        self.cadres.append(cadre)
        return cadre

    def post(self, cadre: Cadre, post: str, place: Place, starts_on: date | None = None) -> Posting:
        """Give the cadre a post at the place, since long ago unless a day is given."""
        posting = Posting(cadre=cadre, post=post, starts_on=starts_on or self._early_day())
        setattr(posting, LEVELS[type(place)], place)
        self.postings.append(posting)
        return posting

    def save(self) -> None:
        """Write cadres and postings, and learn who holds what."""
        list(insert(Cadre, self.cadres))
        for posting in insert(Posting, self.postings):
            code = posting.village_id or posting.town_id or posting.district_id or ""
            self._tenures[posting.post, code].append((posting.starts_on, posting.ends_on, posting.cadre_id))

    def holder(self, post: str, codes: Iterable[str], on: date) -> int | None:
        """Id of the cadre who holds the post at the first of these places where somebody does."""
        for code in codes:
            for starts_on, ends_on, cadre_id in self._tenures.get((post, code), ()):
                if starts_on <= on and (ends_on is None or on <= ends_on):
                    return cadre_id
        return None

    def members(self, village_code: str) -> list[int]:
        """Ids of the village's team members."""
        return [cadre_id for *_days, cadre_id in self._tenures.get((Post.TEAM_MEMBER, village_code), ())]

    def recent_day(self) -> date:
        """A day of the last weeks, in the middle of the rounds."""
        return self.demo.on - timedelta(days=self.rng.randint(12, 50))

    def _early_day(self) -> date:
        return day_between(self.rng, self.demo.long_ago - timedelta(days=700), self.demo.long_ago)


def make_staff(demo: Demo) -> Staff:
    """Everybody with a post, and after them cadres of the units who only help, up to the district's number."""
    staff = Staff(demo)
    _district_posts(staff)
    _town_posts(staff)
    _village_posts(staff)
    _unit_leaders(staff)
    _disturb(staff)
    staff.save()
    return staff


def _district_posts(staff: Staff) -> None:
    district = staff.demo.district
    staff.post(staff.hire(Rank.COUNTY, account="district-secretary"), Post.DISTRICT_SECRETARY, district)
    for account in ("supervisor", ""):
        staff.post(staff.hire(Rank.SECTION, account=account), Post.SUPERVISOR, district)
    for account in ("clerk", ""):
        staff.post(staff.hire(account=account), Post.CLERK, district)
    _district_leaders(staff)


def _district_leaders(staff: Staff) -> None:
    """One leader for a small town as a whole; the villages of a large one are shared out among several."""
    demo = staff.demo
    members = [demo.villages_of(town) for town in demo.towns]
    extra = shares(max(demo.size.district_leaders - len(members), 0), [len(villages) ** 2 for villages in members])
    for town, villages, more in zip(demo.towns, members, extra, strict=True):
        places = [[town]] if not more else [villages[part :: more + 1] for part in range(more + 1)]
        for attached in places:
            is_account = town in attached or demo.showcase in attached
            is_account = is_account and town.pk == demo.showcase.town_id
            leader = staff.hire(Rank.COUNTY, account="district-leader" if is_account else "")
            for place in attached:
                staff.post(leader, Post.DISTRICT_LEADER, place)


def _town_posts(staff: Staff) -> None:
    for town in staff.demo.towns:
        shows = town.pk == staff.demo.showcase.town_id
        for post, account, rank in (
            (Post.TOWN_SECRETARY, "town-secretary", Rank.SECTION),
            (Post.SUPERVISOR, "town-supervisor", Rank.STAFF),
            (Post.CLERK, "town-clerk", Rank.STAFF),
        ):
            staff.post(staff.hire(rank, account=account if shows else ""), post, town)


def _village_posts(staff: Staff) -> None:
    demo = staff.demo
    members = shares(demo.size.team_cadres - len(demo.villages), [1] * len(demo.villages))
    staff.rng.shuffle(members)
    secretaries = {p.town_id: p.cadre for p in staff.postings if p.post == Post.TOWN_SECRETARY}
    for village, count in zip(demo.villages, members, strict=True):
        shows = village is demo.showcase
        unit = demo.lead_unit[village.pk]
        # A town secretary is at the same time chief of one village of the town.
        chief = None if shows else secretaries.pop(village.town_id, None)
        rank = staff.rng.choice((Rank.COUNTY, Rank.SECTION, Rank.SECTION))
        staff.post(chief or staff.hire(rank, account="chief" if shows else ""), Post.VILLAGE_CHIEF, village)
        leader = staff.hire(Rank.SECTION, unit, account="first-secretary" if shows else "")
        for post in (Post.TEAM_LEADER, Post.FIRST_SECRETARY):
            staff.post(leader, post, village)
        secretary = staff.hire(Rank.VILLAGE, account="village-secretary" if shows else "")
        staff.post(secretary, Post.VILLAGE_SECRETARY, village)
        for _member in range(count):
            staff.post(staff.hire(unit=unit), Post.TEAM_MEMBER, village)


def _unit_leaders(staff: Staff) -> None:
    shown = staff.demo.lead_unit[staff.demo.showcase.pk]
    for unit in staff.demo.units:
        account = "unit-leader" if unit is shown else ""
        staff.post(staff.hire(Rank.SECTION, unit, account=account), Post.UNIT_LEADER, unit)


def _disturb(staff: Staff) -> None:
    """End a few posts without a successor, and hand a few over in the middle of the rounds."""
    rng, demo = staff.rng, staff.demo
    held = {(posting.post, str(posting.village_id or posting.town_id)): posting for posting in staff.postings}
    quiet = [village.pk for village in demo.villages if village is not demo.showcase]
    for post in VILLAGE_POSTS:
        codes = rng.sample(quiet, min(len(quiet), VACANT + HANDED_OVER))
        for code in codes[:VACANT]:
            _hand_over(staff, [held[post, code]], successor=None)
        for code in codes[VACANT:]:
            # The First Secretary's successor leads the team as well.
            posts = (post, Post.TEAM_LEADER) if post == Post.FIRST_SECRETARY else (post,)
            before = held[post, code].cadre
            _hand_over(staff, [held[key, code] for key in posts], staff.hire(before.rank, before.unit))
    towns = [town.pk for town in demo.towns if town.pk != demo.showcase.town_id]
    for index, code in enumerate(rng.sample(towns, min(len(towns), 2))):
        _hand_over(staff, [held[Post.TOWN_SECRETARY, code]], staff.hire(Rank.SECTION) if index else None)


def _hand_over(staff: Staff, postings: list[Posting], successor: Cadre | None) -> None:
    """End the posts of one cadre on a day of the last weeks; the successor, if any, takes them all."""
    day = staff.recent_day()
    for posting in postings:
        posting.ends_on = day - timedelta(days=1)
        place = posting.place
        if successor and place:
            staff.post(successor, posting.post, place, day)
