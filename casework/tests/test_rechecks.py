"""The week's random sample: drawn once and alike, asked by others than those who went, replied to, never a score."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse

from casework.corrections import correct_visit
from casework.flags import own_flags
from casework.mine import mine_on
from casework.models import Duty, FlagKind, Outcome, Recheck, RecheckDraw, Visit, VisitFlag
from casework.rechecks import (
    answer_recheck,
    candidates,
    choose,
    draw_samples,
    last_week,
    name_reviewer,
    reply_to_recheck,
)
from casework.tasks import sweep
from casework.tests.world import TODAY, World, at
from villages.models import AuditEntry, Cadre, Post

# Core is what differs between databases: arithmetic with days, windows, rows made together.
pytestmark = pytest.mark.django_db

NOW = at(TODAY)
WEEK = last_week(TODAY)  # Monday 5 October
DAY = WEEK + timedelta(days=2)


@pytest.fixture
def helper(world: World) -> Cadre:
    return world.cadre("帮扶人")


@pytest.fixture
def supervisor(world: World) -> Cadre:
    return world.post("镇督导", Post.SUPERVISOR, world.town)


def visited(world: World, helper: Cadre, number: int, **fields: Any) -> list[Visit]:
    homes = [world.household(f"户{one}") for one in range(number)]
    for home in homes:
        world.help(helper, home)
    return [world.visit(home, DAY, helper, **fields) for home in homes]


def drawn(world: World, helper: Cadre) -> Recheck:
    visited(world, helper, 1)
    draw_samples(now=NOW)
    return Recheck.objects.get()


def answer(recheck: Recheck, actor: Cadre, said: str = "visited", words: str = "") -> Recheck:
    return answer_recheck(recheck_id=recheck.pk, actor=actor, answer=said, way="phone", words=words, on=TODAY)


# Drawing --------------------------------------------------------------------------------------


@pytest.mark.core
def test_each_town_gets_its_sample_once(world, helper, settings):
    settings.RECHECKS_A_TOWN = 2
    visited(world, helper, 4)

    first, again = draw_samples(now=NOW), draw_samples(now=NOW + timedelta(days=1))

    assert (first, again) == (2, 0)
    assert sorted(RecheckDraw.objects.values_list("town", "week", "candidates")) == [
        (world.town.pk, WEEK, 4),
        (world.other_town.pk, WEEK, 0),
    ]
    sweep()
    assert Recheck.objects.count() == 2


def test_whoever_draws_again_draws_the_same_and_another_week_another(world, helper):
    visited(world, helper, 12)
    found = list(candidates(world.town, WEEK))

    chosen = [[visit.pk for visit in choose(found, seed=seed, size=3)] for seed in ("甲 1", "甲 1", "甲 2", "甲 3")]

    assert chosen[0] == chosen[1]
    assert len({tuple(one) for one in chosen}) > 1
    assert len(set(chosen[0])) == 3


def test_a_question_makes_a_visit_a_little_more_likely(world, helper):
    asked = visited(world, helper, 4)[0]
    VisitFlag.objects.create(visit=asked, kind=FlagKind.FAR_AWAY, facts={"metres": 9000}, raised_on=DAY)
    found = list(candidates(world.town, WEEK))

    times = Counter(visit.pk for seed in range(400) for visit in choose(found, seed=str(seed), size=1))

    assert 130 < times.pop(asked.pk) < 190  # two in five
    assert all(50 < number < 110 for number in times.values())  # one in five


def test_only_families_that_were_met_last_week_and_never_the_same_visit_twice(world, helper):
    seen = visited(world, helper, 1)[0]
    world.visit(world.village, DAY, world.post("村长", Post.VILLAGE_CHIEF, world.village))
    for home, fields in (
        (world.household("没遇上"), {"outcome": Outcome.NOBODY_HOME}),
        (world.household("上上周"), {}),
    ):
        world.help(helper, home)
        day = DAY if fields else DAY - timedelta(days=7)
        world.visit(home, day, helper, **fields)

    draw_samples(now=NOW)
    assert [recheck.visit_id for recheck in Recheck.objects.all()] == [seen.pk]

    report = world.report(seen.household, DAY, helper, note="补充")
    correct_visit(seen, report, actor=helper, now=NOW, reason="补充")
    assert draw_samples(now=NOW + timedelta(days=7)) == 0


def test_an_office_that_wants_none_gets_none(world, helper, settings):
    settings.RECHECKS_A_TOWN = 0
    visited(world, helper, 1)

    assert (draw_samples(now=NOW), RecheckDraw.objects.count()) == (0, 0)


# Asking ---------------------------------------------------------------------------------------


@pytest.mark.core
def test_the_household_answers_and_those_who_went_see_it_then_and_reply(world, helper, supervisor):
    recheck = drawn(world, helper)
    assert not Recheck.objects.visible_to(helper, TODAY).exists()

    answer(recheck, supervisor, "not_visited", "那天不在家")
    answer(recheck, supervisor, "cannot_say", "记不清")
    reply_to_recheck(recheck_id=recheck.pk, actor=helper, words="在门口见的", on=TODAY)

    recheck.refresh_from_db()
    assert (recheck.answer, recheck.words, recheck.reply) == ("cannot_say", "记不清", "在门口见的")
    verbs = AuditEntry.objects.filter(verb__startswith="recheck.").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["recheck.answered", "recheck.answered", "recheck.replied"]
    answer(recheck, supervisor, "cannot_say", "记不清")
    assert len(verbs.all()) == 3


def test_it_blocks_nothing_and_counts_for_nobody(world, helper, supervisor):
    recheck = drawn(world, helper)
    world.round([Post.HELPER])
    before = list(Duty.objects.values())

    answer(recheck, supervisor, "not_visited")

    assert list(Duty.objects.values()) == before
    assert Visit.objects.standing().count() == 1


def test_whoever_went_never_asks_even_from_the_office(world, supervisor):
    world.visit(world.household("张三"), DAY, supervisor)
    draw_samples(now=NOW)
    recheck = Recheck.objects.get()

    with pytest.raises(Recheck.DoesNotExist):
        answer(recheck, supervisor)
    answer(recheck, world.post("区督导", Post.SUPERVISOR, world.district))
    with pytest.raises(PermissionDenied):
        answer(recheck, supervisor)


def test_whom_the_office_names_asks_and_finds_it_on_the_home_page(world, helper, supervisor):
    recheck = drawn(world, helper)
    member = world.post("队员", Post.TEAM_MEMBER, world.village)
    stranger = world.post("外村人", Post.TEAM_MEMBER, world.foreign)
    for chosen in (helper, stranger):
        with pytest.raises(ValidationError):
            name_reviewer(recheck_id=recheck.pk, reviewer=chosen, actor=supervisor, on=TODAY)

    name_reviewer(recheck_id=recheck.pk, reviewer=member, actor=supervisor, on=TODAY)

    assert mine_on(member, TODAY).to_ask == [recheck.pk]
    answer(recheck, member, "not_reached")
    answer(recheck, member, "not_visited")
    assert mine_on(member, TODAY).to_ask == []
    assert mine_on(helper, TODAY).to_answer == [(recheck.pk, "户0")]


@pytest.mark.parametrize("who", ["outsider", "foreign", "chief"])
def test_nobody_else_sees_or_answers(world, helper, who):
    recheck = drawn(world, helper)
    cadre = {
        "outsider": lambda: world.cadre("局外人"),
        "foreign": lambda: world.post("外镇督导", Post.SUPERVISOR, world.other_town),
        "chief": lambda: world.post("村长", Post.VILLAGE_CHIEF, world.village),
    }[who]()

    with pytest.raises(Recheck.DoesNotExist):
        answer(recheck, cadre)
    client = Client()
    client.force_login(cadre)
    assert client.get(reverse("recheck", args=[recheck.pk])).status_code == 404


def test_an_answer_needs_words_we_know_and_no_number(world, helper, supervisor):
    recheck = drawn(world, helper)

    for said, way, words in (("maybe", "phone", ""), ("visited", "", ""), ("visited", "phone", "电话13879791234")):
        with pytest.raises(ValidationError):
            answer_recheck(recheck_id=recheck.pk, actor=supervisor, answer=said, way=way, words=words, on=TODAY)


def test_the_pages_write_down_the_answer_and_the_reply(world, helper, supervisor):
    recheck = drawn(world, helper)
    VisitFlag.objects.create(visit=recheck.visit, kind=FlagKind.FAR_AWAY, facts={"metres": 9000}, raised_on=DAY)
    address, office, visitor = reverse("recheck", args=[recheck.pk]), Client(), Client()
    office.force_login(supervisor)
    visitor.force_login(helper)

    assert list(office.get(address).context["forms"]) == ["answer", "reviewer"]
    office.post(address, {"act": "answer", "answer": "visited", "way": "visit", "words": "来过"})
    assert list(visitor.get(address).context["forms"]) == ["reply"]
    visitor.post(address, {"act": "reply", "reply": "谢谢"})
    assert visitor.post(address, {"act": "answer", "answer": "visited", "way": "visit"}).status_code == 403

    receipt = visitor.get(reverse("visit_receipt", args=[recheck.visit_id])).content.decode()
    assert "农户：来过" in receipt
    assert "谢谢" in receipt
    assert [flag.households_word for flag in own_flags(helper)] == ["农户：来过"]
    assert "已由农户说明" in visitor.get(reverse("flags")).content.decode()
