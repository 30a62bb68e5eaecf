"""A small district to test in: two towns, three villages, and the cast."""

import uuid
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from casework.models import Contact, Duty, Outcome, Round, TargetKind, Visit
from casework.report import VisitReport
from casework.rounds import continue_opening, open_round
from casework.visits import record_visit
from households.models import BaseType, HelperPairing, Household
from households.pairings import save_helper_pairing
from households.residence import save_household
from villages import audit
from villages.facts import FactChange, announce
from villages.models import Cadre, District, Pairing, PartnerUnit, Post, Posting, Town, Village, VillagerGroup
from villages.postings import save_pairing, save_posting

SHANGHAI = ZoneInfo("Asia/Shanghai")
LONG_AGO = date(2025, 1, 1)
TODAY = date(2026, 10, 15)
# How a posting calls the place of each kind.
FIELDS = {District: "district", Town: "town", Village: "village", PartnerUnit: "unit"}


def at(day: date, hour: int = 10, minute: int = 0) -> datetime:
    """A moment in Shanghai on that day."""
    return datetime.combine(day, time(hour, minute), SHANGHAI)


def state_on(day: date, **which: Any) -> str:
    """The state that day of the one duty that matches."""
    return Duty.objects.with_state(day).values_list("state", flat=True).get(**which)


class World:
    """Builds facts through the same verbs as the system; every name is made up."""

    def __init__(self) -> None:
        self.district = District.objects.create(code="360704", name="赣县区")
        self.town = Town.objects.create(code="360704101", district=self.district, name="王母渡镇")
        self.other_town = Town.objects.create(code="360704102", district=self.district, name="沙地镇")
        self.village = self.make_village("360704101200", "潭埠村委会", is_poor=True)
        self.sibling = self.make_village("360704101201", "浓口村委会")
        self.foreign = self.make_village("360704102200", "攸镇村委会")
        self._serial = 0

    def make_village(self, code: str, name: str, **fields: Any) -> Village:
        """A village of the town its code names, with two groups."""
        village = Village.objects.create(code=code, town_id=code[:9], name=name, **fields)
        VillagerGroup.objects.bulk_create(VillagerGroup(village=village, number=number) for number in (1, 2))
        return village

    def cadre(self, name: str, **fields: Any) -> Cadre:
        """Somebody who can sign in, without any post yet."""
        cadre = self._cadre(name, **fields)
        cadre.save()
        return cadre

    def _cadre(self, name: str, **fields: Any) -> Cadre:
        self._serial += 1
        cadre = Cadre(username=f"cadre{self._serial}", name=name, **fields)
        cadre.set_password("secret-words")
        return cadre

    def post(
        self, cadre: Cadre | str, post: str, place: Any, starts_on: date = LONG_AGO, ends_on: date | None = None
    ) -> Cadre:
        """Let the cadre (or a new one of that name) hold the post at the place; returns the cadre."""
        holder = self.cadre(cadre) if isinstance(cadre, str) else cadre
        posting = Posting(cadre=holder, post=post, starts_on=starts_on, ends_on=ends_on, **{FIELDS[type(place)]: place})
        save_posting(posting, actor=None, on=starts_on)
        return holder

    def unit(self, name: str, *villages: Village, is_lead: bool = True) -> PartnerUnit:
        """A partner unit paired with the villages."""
        unit = PartnerUnit.objects.create(name=name)
        for village in villages:
            pairing = Pairing(unit=unit, village=village, is_lead=is_lead, starts_on=LONG_AGO)
            save_pairing(pairing, actor=None, on=LONG_AGO)
        return unit

    def household(self, head_name: str, village: Village | None = None, **fields: Any) -> Household:
        """A registered household; poor unless another base type is given."""
        self._serial += 1
        village = village or self.village
        defaults: dict[str, Any] = {
            "number": f"{village.code}{self._serial:05}",
            "base_type": BaseType.EXITED,
            "registered_on": LONG_AGO,
            "group": village.groups.first(),
        }
        household = Household(head_name=head_name, village=village, **(defaults | fields))
        return save_household(household, actor=None, on=household.registered_on)

    def help(
        self,
        cadre: Cadre | str,
        household: Household,
        starts_on: date = LONG_AGO,
        ends_on: date | None = None,
        is_primary: bool = True,
    ) -> Cadre:
        """Pair the cadre (or a new one of that name) with the household; returns the cadre."""
        helper = self.cadre(cadre) if isinstance(cadre, str) else cadre
        pairing = HelperPairing(
            cadre=helper, household=household, starts_on=starts_on, ends_on=ends_on, is_primary=is_primary
        )
        save_helper_pairing(pairing, actor=None, on=starts_on)
        return helper

    def round(
        self,
        posts: list[str],
        target_kind: str = TargetKind.RURAL_HOUSEHOLD,
        starts_on: date = date(2026, 10, 1),
        due_on: date = date(2026, 10, 31),
        on: date | None = None,
        **fields: Any,
    ) -> Round:
        """An open round with its duties, opened on its first day unless another is given."""
        round = Round(
            name=fields.pop("name", "测试轮次"),
            posts=[str(post) for post in posts],
            target_kind=target_kind,
            district=self.district,
            starts_on=starts_on,
            due_on=due_on,
            **fields,
        )
        round = open_round(round, actor=None, on=on or starts_on)
        assert continue_opening(round.pk)
        round.refresh_from_db()
        return round

    def report(self, target: Household | Village, day: date, *visitors: Cadre, **fields: Any) -> VisitReport:
        """What the form would hand over: a home visit at which the family was met."""
        where = {"household": target} if isinstance(target, Household) else {"village": target}
        defaults: dict[str, Any] = {
            "id": uuid.uuid4(),
            "visited_on": day,
            "contact": Contact.HOME,
            "outcome": Outcome.MET,
            "visitors": list(visitors),
        }
        return VisitReport(**(defaults | where | fields))

    def visit(self, target: Household | Village, day: date, *visitors: Cadre, **fields: Any) -> Visit:
        """Record a visit, typed in by the first visitor at ten o'clock of that day unless `now` is given."""
        now = fields.pop("now", at(day))
        actor = fields.pop("actor", visitors[0])
        return record_visit(self.report(target, day, *visitors, **fields), actor=actor, now=now)

    @transaction.atomic
    def cast(self) -> dict[str, Cadre]:
        """One of each: everybody reaches self.village, the outsider nothing.

        Written together, with the same trail as by the verbs one by one, which would take a tenth of a second.
        """
        unit = self.unit("区档案馆", self.village)
        posts: dict[str, tuple[str, Post, Any]] = {
            "district_secretary": ("区委书记甲", Post.DISTRICT_SECRETARY, self.district),
            "district_leader": ("区领导乙", Post.DISTRICT_LEADER, self.town),
            "town_secretary": ("镇书记丙", Post.TOWN_SECRETARY, self.town),
            "chief": ("大村长丁", Post.VILLAGE_CHIEF, self.village),
            "first_secretary": ("第一书记戊", Post.FIRST_SECRETARY, self.village),
            "village_secretary": ("村书记己", Post.VILLAGE_SECRETARY, self.village),
            "team_member": ("队员庚", Post.TEAM_MEMBER, self.village),
            "unit_leader": ("单位领导辛", Post.UNIT_LEADER, unit),
            "supervisor": ("督导壬", Post.SUPERVISOR, self.district),
            "town_supervisor": ("镇督导癸", Post.SUPERVISOR, self.town),
            "clerk": ("录入员子", Post.CLERK, self.district),
            "town_clerk": ("镇录入员丑", Post.CLERK, self.town),
        }
        cadres = Cadre.objects.bulk_create(self._cadre(name) for name, _post, _place in posts.values())
        postings = Posting.objects.bulk_create(
            Posting(cadre=cadre, post=post, starts_on=LONG_AGO, **{FIELDS[type(place)]: place})
            for cadre, (_name, post, place) in zip(cadres, posts.values(), strict=True)
        )
        rows = [(posting, posting.village_id) for posting in postings]
        audit.record_new(actor=None, verb="posting.started", rows=rows)
        codes = frozenset({self.district.pk, self.town.pk, self.village.pk})
        announce(FactChange(since=LONG_AGO, place_codes=codes, posts=frozenset(posting.post for posting in postings)))
        return dict(zip(posts, cadres, strict=True)) | {"outsider": self.cadre("局外人")}
