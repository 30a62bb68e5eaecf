"""Bulletins: counted as the coverage page counts, kept as issued, drafted once, released by the place's office."""

from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from casework import bulletin_calendar, bulletins
from casework.bulletin_figures import digest_of
from casework.bulletins import (
    IllegalMove,
    ask_for_bulletin,
    correct_bulletin,
    count_bulletin,
    edit_bulletin,
    recount_bulletin,
    release_bulletin,
    withdraw_bulletin,
)
from casework.coverage import BY_POST, BY_VILLAGE, figures
from casework.models import Bulletin, BulletinKind, BulletinState, Contact, Duty, Outcome, Round, TargetKind
from casework.rounds import close_round, excuse_duty
from casework.tasks import sweep
from casework.tests.world import TODAY, World, at
from households.models import BaseType
from villages.models import AuditEntry, Cadre, District, Post, SpecialDay, Town

pytestmark = pytest.mark.django_db

NOW = at(TODAY)
OCTOBER, END = date(2026, 10, 1), date(2026, 10, 31)
MONDAY = date(2026, 11, 2)


@pytest.fixture
def cast(world: World) -> dict[str, Cadre]:
    return world.cast()


@pytest.fixture
def round(world: World, cast: dict[str, Cadre]) -> Round:
    """Two posts, three villages in two towns: done, by phone, open, vacant and excused."""
    homes = [world.household(f"户{n}") for n in range(4)]
    plain = world.household("一般户", base_type=BaseType.ORDINARY)
    world.household("空缺户", world.sibling)
    world.household("外村户", world.foreign)
    round = world.round([Post.VILLAGE_CHIEF, Post.FIRST_SECRETARY], name="大走访")
    world.visit(homes[0], date(2026, 10, 5), cast["chief"])
    world.visit(homes[1], date(2026, 10, 6), cast["chief"], contact=Contact.PHONE, outcome=Outcome.FAMILY_AWAY)
    world.visit(plain, date(2026, 10, 7), cast["chief"], cast["first_secretary"])
    duty = Duty.objects.get(household=homes[2], seat=Post.VILLAGE_CHIEF)
    excuse_duty(duty=duty, actor=cast["supervisor"], on=TODAY, reason="在外")
    return round


def made(
    place: District | Town,
    rounds: list[Round],
    actor: Cadre,
    *,
    starts_on: date = OCTOBER,
    cut_off_on: date = TODAY,
    now: datetime = NOW,
) -> Bulletin:
    """A draft by hand with its figures."""
    days = {"starts_on": starts_on, "cut_off_on": cut_off_on}
    draft = ask_for_bulletin(key=uuid4(), place=place, rounds=rounds, actor=actor, now=now, **days)
    assert count_bulletin(draft.pk, now=now)
    draft.refresh_from_db()
    return draft


def released(place: District | Town, rounds: list[Round], actor: Cadre, **options) -> Bulletin:
    draft = made(place, rounds, actor, **options)
    return release_bulletin(bulletin_id=draft.pk, actor=actor, now=options.get("now", at(TODAY)))


def villages_in(part: dict) -> dict[str, dict[str, int]]:
    return {village["code"]: village["counts"] for town in part["towns"] for village in town["villages"]}


# The figures ----------------------------------------------------------------------------------


@pytest.mark.core
@pytest.mark.parametrize("cut_off_on", [date(2026, 10, 4), date(2026, 10, 6), TODAY])
def test_every_line_agrees_with_the_coverage_page_of_that_day(world, cast, round, cut_off_on):
    for place in (world.district, world.town):
        part = made(place, [round], cast["supervisor"], cut_off_on=cut_off_on).counted["rounds"][0]
        options = {"cadre": cast["supervisor"], "on": cut_off_on, "place_code": place.pk, "seen_on": TODAY}
        page, posts = figures(round, by=BY_VILLAGE, **options), figures(round, by=BY_POST, **options)

        assert villages_in(part) == {row.key: row.counts.as_dict() for row in page.rows}
        assert {seat["seat"]: seat["counts"] for seat in part["seats"]} == {
            row.key: row.counts.as_dict() for row in posts.rows
        }
        assert part["counts"] == page.total.as_dict()


def test_towns_are_the_sums_of_their_villages_in_order_of_codes(world, cast, round):
    part = made(world.district, [round], cast["supervisor"]).counted["rounds"][0]

    for town in part["towns"]:
        for name, number in town["counts"].items():
            assert number == sum(village["counts"][name] for village in town["villages"])
    assert [town["code"] for town in part["towns"]] == ["360704101", "360704102"]
    assert part["counts"]["done"] == sum(town["counts"]["done"] for town in part["towns"]) == 4


def test_each_post_is_told_by_key_and_other_households_and_what_is_new(world, cast, round):
    bulletin = made(world.district, [round], cast["supervisor"], starts_on=date(2026, 10, 6))

    first, chief = bulletin.counted["rounds"][0]["seats"]
    assert (first["seat"], first["classes"]) == (Post.FIRST_SECRETARY, {"key": [6, 0, 0], "other": [1, 1, 1]})
    assert (chief["seat"], chief["classes"]) == (Post.VILLAGE_CHIEF, {"key": [5, 2, 1], "other": [1, 1, 1]})
    assert (chief["vacant_places"], chief["counts"]["vacant"]) == (2, 2)


def test_villages_are_counted_where_villages_are_visited(world, cast):
    round = world.round([Post.DISTRICT_SECRETARY], TargetKind.POOR_VILLAGE, name="书记遍访")
    world.visit(world.village, date(2026, 10, 8), cast["district_secretary"])

    bulletin = made(world.district, [round], cast["supervisor"])

    [seat] = bulletin.counted["rounds"][0]["seats"]
    assert seat["classes"] == {"village": [1, 1, 1]}
    assert "区委书记已走访1个村，其中本期1个。" in bulletin.text


def test_problems_of_the_period_are_counted_by_the_finders_post(world, cast, round):
    home = Duty.objects.filter(seat=Post.FIRST_SECRETARY).exclude(credited_on__isnull=False).first().household
    world.visit(home, date(2026, 10, 9), cast["first_secretary"], problem="屋顶漏雨")

    bulletin = made(world.district, [round], cast["supervisor"])

    assert bulletin.counted["problems"] == {
        "found": 1,
        "solved": 0,
        "posts": [{"post": Post.FIRST_SECRETARY, "found": 1, "solved": 0}],
    }
    assert "发现问题1个" in bulletin.text


@pytest.mark.core
def test_the_text_fills_in_the_facts(world, cast, round):
    bulletin = made(world.district, [round], cast["supervisor"])

    assert bulletin.title == "赣县区走访情况通报"
    assert bulletin.text.splitlines() == [
        "截至2026年10月15日 10:00，赣县区走访情况如下：",
        "1. 大走访：应访14户次，已走访4户次（其中电话走访1户次），未走访9户次，免访1户次，走访率30.77%。"
        "第一书记已走访重点户0户、其他户1户，其中本期1户。大村长已走访重点户2户、其他户1户，其中本期3户。"
        "岗位空缺：第一书记2个村（2次走访）、大村长2个村（2次走访）。",
        "本期发现问题0个，解决0个。",
    ]


def test_what_changed_since_the_last_bulletin_is_told(world, cast, round):
    released(world.district, [round], cast["supervisor"], cut_off_on=date(2026, 10, 6), now=at(date(2026, 10, 6)))

    bulletin = made(world.district, [round], cast["supervisor"])

    assert bulletin.counted["since"]["cut_off_on"] == "2026-10-06"
    assert bulletin.text.splitlines()[-1] == (
        "与上期通报（截至2026年10月6日）相比：大走访已走访+2，走访率由14.29%变为30.77%。"
    )


# As issued ------------------------------------------------------------------------------------


@pytest.mark.core
def test_what_was_released_stays_whatever_is_entered_later(world, cast, round):
    bulletin = released(world.district, [round], cast["supervisor"])
    before = (bulletin.counted, bulletin.text, bulletin.title)

    world.visit(Duty.objects.get(household__head_name="户3", seat=Post.VILLAGE_CHIEF).household, TODAY, cast["chief"])
    close_round(round=round, actor=cast["supervisor"], on=TODAY)
    world.town.name = "改名镇"
    world.town.save()
    count_bulletin(bulletin.pk, now=at(TODAY, 12))

    again = Bulletin.objects.get(pk=bulletin.pk)
    assert (again.counted, again.text, again.title) == before
    assert (
        digest_of(again.counted)
        == again.digest
        == AuditEntry.objects.get(verb="bulletin.released").changes["digest"][1]
    )


def test_a_released_one_can_be_neither_edited_nor_counted_again(world, cast, round):
    bulletin = released(world.district, [round], cast["supervisor"])
    actor = cast["supervisor"]

    for verb in (
        lambda: edit_bulletin(bulletin, actor=actor, on=TODAY),
        lambda: recount_bulletin(bulletin_id=bulletin.pk, actor=actor, now=at(TODAY)),
        lambda: release_bulletin(bulletin_id=bulletin.pk, actor=actor, now=at(TODAY)),
    ):
        with pytest.raises(IllegalMove):
            verb()


@pytest.mark.core
def test_a_correction_names_the_released_one_and_replaces_it_when_released(world, cast, round):
    wrong, actor = released(world.district, [round], cast["supervisor"]), cast["supervisor"]
    world.visit(Duty.objects.get(household__head_name="户3", seat=Post.VILLAGE_CHIEF).household, TODAY, cast["chief"])

    draft = correct_bulletin(bulletin_id=wrong.pk, actor=actor, now=at(TODAY, 11))
    count_bulletin(draft.pk, now=at(TODAY, 11))
    assert correct_bulletin(bulletin_id=wrong.pk, actor=actor, now=at(TODAY, 11)) == draft
    assert list(Bulletin.objects.issued()) == [wrong]
    release_bulletin(bulletin_id=draft.pk, actor=actor, now=at(TODAY, 12))

    draft.refresh_from_db()
    assert list(Bulletin.objects.issued()) == [draft]
    assert Bulletin.objects.get(pk=wrong.pk).correction() == draft
    assert (wrong.counted["rounds"][0]["counts"]["done"], draft.counted["rounds"][0]["counts"]["done"]) == (4, 5)


def test_withdrawing_needs_a_reason_and_leaves_the_figures(world, cast, round):
    bulletin, actor = released(world.district, [round], cast["supervisor"]), cast["supervisor"]

    with pytest.raises(ValidationError):
        withdraw_bulletin(bulletin_id=bulletin.pk, actor=actor, now=at(TODAY), reason=" ")
    withdrawn = withdraw_bulletin(bulletin_id=bulletin.pk, actor=actor, now=at(TODAY), reason="截止日期有误")

    assert (withdrawn.state, withdrawn.counted) == (BulletinState.WITHDRAWN, bulletin.counted)
    assert AuditEntry.objects.get(verb="bulletin.withdrawn").reason == "截止日期有误"


# By the office --------------------------------------------------------------------------------


def test_only_the_office_of_the_place_makes_and_releases(world, cast, round):
    for role in ("chief", "town_secretary", "outsider", "town_supervisor"):
        with pytest.raises(PermissionDenied):
            made(world.district, [round], cast[role])
    draft = made(world.town, [round], cast["town_clerk"])

    with pytest.raises(PermissionDenied):
        release_bulletin(bulletin_id=draft.pk, actor=cast["chief"], now=at(TODAY))
    assert release_bulletin(bulletin_id=draft.pk, actor=cast["town_supervisor"], now=at(TODAY)).released_by


@pytest.mark.core
def test_a_draft_exists_for_its_office_alone_a_released_one_for_all_who_work_there(world, cast, round):
    draft = made(world.town, [round], cast["town_supervisor"])
    cast["helper"] = world.help("帮扶干部", Duty.objects.filter(village=world.village).first().household)
    cast["neighbour"] = world.post("邻镇书记", Post.TOWN_SECRETARY, world.other_town)

    def seen() -> set[str]:
        return {role for role, cadre in cast.items() if draft in Bulletin.objects.visible_to(cadre, TODAY)}

    assert seen() == {"supervisor", "clerk", "town_supervisor", "town_clerk"}
    release_bulletin(bulletin_id=draft.pk, actor=cast["town_supervisor"], now=at(TODAY))
    assert set(cast) - seen() == {"outsider", "neighbour"}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"cut_off_on": TODAY + timedelta(days=1)}, "cut_off_on"),
        ({"rounds": []}, "rounds"),
        ({"starts_on": TODAY + timedelta(days=1)}, "starts_on"),
    ],
)
def test_what_cannot_be_counted_is_refused(world, cast, round, change, field):
    asked = {"place": world.district, "rounds": [round], "starts_on": OCTOBER, "cut_off_on": TODAY} | change

    with pytest.raises(ValidationError) as refusal:
        ask_for_bulletin(key=uuid4(), actor=cast["supervisor"], now=at(TODAY), **asked)

    assert field in refusal.value.message_dict


def test_a_round_of_another_town_is_refused(world, cast):
    world.household("外村户", world.foreign)
    foreign = world.round([Post.VILLAGE_CHIEF], town_id=world.other_town.pk)

    with pytest.raises(ValidationError):
        made(world.town, [foreign], cast["supervisor"])


@pytest.mark.core
def test_pressing_twice_makes_one(world, cast, round):
    asked = {"place": world.district, "rounds": [round], "starts_on": OCTOBER, "cut_off_on": TODAY, "key": uuid4()}

    first, again = (ask_for_bulletin(actor=cast["supervisor"], now=at(TODAY), **asked) for _time in range(2))

    assert first == again
    assert Bulletin.objects.count() == 1


def test_words_with_a_personal_number_are_refused(world, cast, round):
    draft = made(world.district, [round], cast["supervisor"])
    draft.text = "请联系13800160000"

    with pytest.raises(ValidationError):
        edit_bulletin(draft, actor=cast["supervisor"], on=TODAY)


# By the calendar ------------------------------------------------------------------------------


def calendar_kinds() -> list[tuple[str, str, date]]:
    return sorted(Bulletin.objects.values_list("place_code", "kind", "starts_on"))


def test_on_the_first_working_day_a_draft_waits_for_a_person(world, cast, round, frozen):
    frozen.move_to(at(MONDAY - timedelta(days=1), 9))  # a Sunday
    sweep()
    assert not Bulletin.objects.filter(kind=BulletinKind.MONTHLY, starts_on=OCTOBER).exists()

    frozen.move_to(at(MONDAY, 9))
    sweep()

    draft = Bulletin.objects.get()
    assert (draft.title, draft.state, draft.made_by) == ("赣县区2026年10月走访情况通报", BulletinState.DRAFT, None)
    assert draft.is_counted
    assert draft.cut_off_on == END
    assert bulletins.waiting_for(cast["supervisor"], MONDAY) == 1
    assert bulletins.waiting_for(cast["town_supervisor"], MONDAY) == 0


@pytest.mark.core
def test_a_second_sweep_drafts_nothing_more_not_even_after_it_was_discarded(world, cast, round, frozen):
    frozen.move_to(at(MONDAY, 9))
    sweep()
    draft = Bulletin.objects.get()
    withdraw_bulletin(bulletin_id=draft.pk, actor=cast["supervisor"], now=at(MONDAY), reason="不需要")

    frozen.move_to(at(MONDAY + timedelta(days=3), 9))
    sweep()

    assert list(Bulletin.objects.all()) == [draft]


def test_a_holiday_puts_it_off_and_a_quarter_has_its_own(world, cast, round, settings):
    settings.BULLETIN_TOWNS = True
    world.household("又一户")
    world.round([Post.VILLAGE_CHIEF], starts_on=date(2026, 12, 1), due_on=date(2026, 12, 31), name="十二月")
    SpecialDay.objects.update_or_create(day=date(2027, 1, 1), defaults={"is_workday": False, "name": "元旦"})

    assert bulletin_calendar.draft_due(now=at(date(2027, 1, 3))) == []
    bulletin_calendar.draft_due(now=at(date(2027, 1, 4)))

    december = date(2026, 12, 1)
    codes = [world.district.pk, world.town.pk, world.other_town.pk]
    assert calendar_kinds() == sorted(
        [(code, kind, day) for code in codes for kind, day in (("monthly", december), ("quarterly", OCTOBER))]
    )
    quarter = Bulletin.objects.get(kind="quarterly", place_code=world.district.pk)
    assert quarter.title == "赣县区2026年第四季度走访情况通报"
    assert len(quarter.round_ids) == 2


@pytest.mark.parametrize(("monthly", "workday", "drafts"), [(False, 1, 0), (True, 2, 0), (True, 1, 1)])
def test_the_office_decides_whether_and_when(world, cast, round, settings, monthly, workday, drafts):
    settings.BULLETIN_MONTHLY, settings.BULLETIN_WORKDAY = monthly, workday

    assert len(bulletin_calendar.draft_due(now=at(MONDAY))) == drafts


def test_a_lost_bell_is_made_up_by_the_sweep(world, cast, round):
    draft = ask_for_bulletin(
        key=uuid4(), place=world.district, rounds=[round], starts_on=OCTOBER, cut_off_on=TODAY,
        actor=cast["supervisor"], now=at(TODAY),
    )  # fmt: skip

    assert (bulletins.count_waiting(now=at(TODAY)), bulletins.count_waiting(now=at(TODAY))) == (1, 0)
    with pytest.raises(IllegalMove):
        recount_bulletin(bulletin_id=draft.pk, actor=cast["supervisor"], now=at(TODAY))
        release_bulletin(bulletin_id=draft.pk, actor=cast["supervisor"], now=at(TODAY))
