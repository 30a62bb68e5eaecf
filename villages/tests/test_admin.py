"""The office's pages for places, units, posts and the trail: by reach, by verbs, with words for every refusal."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from casework.tests.world import LONG_AGO, TODAY, World
from villages import audit
from villages.models import (
    AuditEntry,
    Cadre,
    District,
    Pairing,
    PartnerUnit,
    Post,
    Posting,
    SpecialDay,
    Town,
    Village,
    VillagerGroup,
)
from villages.tests.panel import Panel, address, complaints

pytestmark = [pytest.mark.django_db, pytest.mark.core]

YESTERDAY = TODAY - timedelta(days=1)


@pytest.fixture
def clerk(world: World) -> Panel:
    """The clerk of the district."""
    return Panel(world.post("区录入员", Post.CLERK, world.district))


@pytest.fixture
def town_clerk(world: World) -> Panel:
    """The clerk of world.town, who has nothing to do with world.foreign."""
    return Panel(world.post("镇录入员", Post.CLERK, world.town))


def posting_of(cadre: Cadre) -> Posting:
    return Posting.objects.get(cadre=cadre)


# Who may enter --------------------------------------------------------------------------------


def test_the_panel_exists_for_clerks_and_supervisors_only(world):
    answers = {}
    for name, cadre in world.cast().items():
        client = Client()
        client.force_login(cadre)
        answers[name] = client.get(reverse("admin:index")).status_code

    entered = {name for name, status in answers.items() if status == 200}
    assert entered == {"supervisor", "town_supervisor", "clerk", "town_clerk"}
    assert {status for name, status in answers.items() if name not in entered} == {404}


def test_a_helper_does_not_find_the_panel(world):
    client = Client()
    client.force_login(world.help("帮扶人", world.household("刘家")))

    assert client.get(reverse("admin:index")).status_code == 404
    assert client.get(address(Posting, "changelist")).status_code == 404


def test_the_technical_administrator_sees_every_list(world):
    panel = Panel(Cadre.objects.create_superuser("root", "x", name="技术管理员"))

    assert panel.client.get(reverse("admin:index")).status_code == 200
    assert panel.rows(District) == [world.district]
    assert panel.client.get(address(District, "add")).status_code == 200


def test_a_stranger_is_sent_to_the_one_login_page(client):
    response = client.get(address(Posting, "changelist"), follow=True)

    assert response.redirect_chain[-1][0] == f"{reverse('login')}?next={address(Posting, 'changelist')}"


def test_who_has_ceased_to_be_clerk_is_out(world):
    cadre = world.post("前录入员", Post.CLERK, world.district, ends_on=YESTERDAY)
    client = Client()
    client.force_login(cadre)

    assert client.get(reverse("admin:index")).status_code == 404


# Reach ----------------------------------------------------------------------------------------


def test_a_town_clerk_sees_only_the_towns_places_and_posts(world, town_clerk):
    world.post("本镇村长", Post.VILLAGE_CHIEF, world.village)
    world.post("外镇村长", Post.VILLAGE_CHIEF, world.foreign)

    assert town_clerk.rows(Village) == [world.village, world.sibling]
    assert town_clerk.rows(Town) == [world.town]
    assert {group.village_id for group in town_clerk.rows(VillagerGroup)} == {world.village.pk, world.sibling.pk}
    assert [str(row.cadre) for row in town_clerk.rows(Posting)] == ["镇录入员", "本镇村长"]


def test_what_lies_in_another_town_does_not_exist_for_a_town_clerk(world, town_clerk):
    posting = posting_of(world.post("外镇村长", Post.VILLAGE_CHIEF, world.foreign))
    world.unit("外单位", world.foreign)
    pairing = Pairing.objects.get()
    group = world.foreign.groups.first()

    for row in (world.foreign, world.other_town, posting, pairing, group):
        assert {town_clerk.open(row, page).status_code for page in ("change", "history", "delete")} == {404}
    assert town_clerk.open(posting, "replace").status_code == 404
    assert town_clerk.act(posting, "replace", cadre=world.cadre("新人"), starts_on=TODAY).status_code == 404
    assert posting_of(posting.cadre).ends_on is None


def test_autocompletes_offer_places_in_reach_and_any_cadre(world, town_clerk):
    world.post("外镇村长", Post.VILLAGE_CHIEF, world.foreign)

    assert town_clerk.offers(Posting, "village") == ["潭埠村委会 · 王母渡镇", "浓口村委会 · 王母渡镇"]
    assert town_clerk.offers(Posting, "town") == ["王母渡镇"]
    assert town_clerk.offers(Posting, "cadre", "外镇") == [f"外镇村长 · {Cadre.objects.get(name='外镇村长').username}"]


def test_a_village_that_is_not_offered_is_not_taken_either(world, town_clerk):
    new = {"cadre": world.cadre("新人"), "post": Post.TEAM_MEMBER, "village": world.foreign, "starts_on": TODAY}

    assert len(complaints(town_clerk.add(Posting, **new))) == 1
    assert not Posting.objects.filter(post=Post.TEAM_MEMBER).exists()


def test_lists_are_filtered_by_towns_in_reach(world, clerk, town_clerk):
    assert clerk.rows(Village, in_town=world.other_town.pk) == [world.foreign]
    assert town_clerk.rows(Village, in_town=world.other_town.pk) == []


# Posts ----------------------------------------------------------------------------------------


def test_a_clerk_enters_a_post_and_the_trail_says_who(world, clerk):
    cadre = world.cadre("新村长")

    response = clerk.add(Posting, cadre=cadre, post=Post.VILLAGE_CHIEF, village=world.village, starts_on=LONG_AGO)

    assert response.status_code == 302
    entry = AuditEntry.objects.get(verb="posting.started", village=world.village)
    assert (entry.actor.name, entry.changes["cadre"]) == ("区录入员", [None, cadre.pk])


def test_a_second_holder_at_the_same_time_is_refused_in_chinese(world, clerk):
    world.post("现任", Post.VILLAGE_CHIEF, world.village)
    new = {"cadre": world.cadre("新人"), "post": Post.VILLAGE_CHIEF, "village": world.village, "starts_on": TODAY}

    response = clerk.add(Posting, **new)

    assert complaints(response) == ["该时段内此地该职务已有他人担任。请先结束原任职，或使用“更换任职人”。"]
    assert response.context["adminform"].form["village"].value() == world.village.pk


def test_an_end_before_the_start_is_refused(world, clerk):
    posting = posting_of(world.post("村长", Post.VILLAGE_CHIEF, world.village))

    response = clerk.save(posting, ends_on=LONG_AGO - timedelta(days=1))

    assert complaints(response) == ["终止日早于起始日，请更正其中一个日期。"]


def test_a_post_without_a_place_is_refused_with_words(world, clerk):
    response = clerk.add(Posting, cadre=world.cadre("新人"), post=Post.VILLAGE_CHIEF, starts_on=TODAY)

    assert complaints(response) == ["地点只填一项：区县、乡镇、行政村或单位。"]


def test_what_the_verb_refuses_comes_back_as_a_message_with_the_text_kept(world, town_clerk):
    """The form alone would take it: units are offered to the whole office."""
    unit = world.unit("区气象局", world.village)
    new = {"cadre": world.cadre("新人"), "post": Post.UNIT_LEADER, "unit": unit, "starts_on": TODAY}

    response = town_clerk.add(Posting, **new)

    assert complaints(response) == ["该地点不在您的辖区内。"]
    assert response.context["adminform"].form["unit"].value() == str(unit.pk)
    assert not Posting.objects.filter(unit=unit).exists()


def test_the_district_office_enters_a_units_leader(world, clerk):
    unit = world.unit("区气象局", world.village)

    clerk.add(Posting, cadre=world.cadre("局长"), post=Post.UNIT_LEADER, unit=unit, starts_on=TODAY)

    assert Posting.objects.get(unit=unit).cadre.name == "局长"


def test_a_correction_keeps_its_reason_and_both_values(world, clerk):
    posting = posting_of(world.post("村长", Post.VILLAGE_CHIEF, world.village))

    clerk.save(posting, ends_on=YESTERDAY, reason="调离")

    entry = AuditEntry.objects.get(verb="posting.corrected")
    assert (entry.reason, entry.changes) == ("调离", {"ends_on": [None, YESTERDAY.isoformat()]})


def test_the_holder_is_changed_in_one_step(world, clerk):
    old = posting_of(world.post("旧村长", Post.VILLAGE_CHIEF, world.village))
    new = world.cadre("新村长")

    response = clerk.act(old, "replace", cadre=new, starts_on=TODAY)

    successor = posting_of(new)
    old.refresh_from_db()
    assert response.url == address(Posting, "change", successor.pk)
    assert (old.ends_on, successor.starts_on, successor.village) == (YESTERDAY, TODAY, world.village)


def test_the_change_page_leads_to_the_change_of_holder(world, clerk):
    posting = posting_of(world.post("村长", Post.VILLAGE_CHIEF, world.village))

    assert address(Posting, "replace", posting.pk) in clerk.open(posting).content.decode()
    assert clerk.open(posting, "replace").status_code == 200


def test_a_refused_change_of_holder_keeps_what_was_typed(world, clerk):
    old = posting_of(world.post("旧村长", Post.VILLAGE_CHIEF, world.village))
    new = world.cadre("新村长")

    response = clerk.act(old, "replace", cadre=new, starts_on=LONG_AGO)

    form = response.context["adminform"].form
    assert list(form.errors) == ["starts_on"]
    assert (form["cadre"].value(), form["starts_on"].value()) == (str(new.pk), LONG_AGO.isoformat())
    assert not Posting.objects.filter(cadre=new).exists()


def test_a_posting_entered_by_mistake_is_taken_back_with_a_reason(world, clerk):
    posting = posting_of(world.post("错录", Post.VILLAGE_CHIEF, world.village))

    unexplained = clerk.act(posting, "delete", reason="")
    clerk.act(posting, "delete", reason="录错了人")

    assert list(unexplained.context["adminform"].form.errors) == ["reason"]
    assert not Posting.objects.filter(pk=posting.pk).exists()
    entry = AuditEntry.objects.get(verb="posting.removed")
    assert (entry.reason, entry.changes["post"]) == ("录错了人", [Post.VILLAGE_CHIEF, None])


def test_a_small_team_is_a_warning_and_no_refusal(world, clerk, settings):
    settings.TEAM_SIZE_EXPECTED = 2
    add = {"post": Post.TEAM_MEMBER, "village": world.village, "starts_on": TODAY}

    alone = clerk.add(Posting, cadre=world.cadre("队员甲"), **add)
    both = clerk.add(Posting, cadre=world.cadre("队员乙"), **add)

    assert [message.level_tag for message in get_messages(alone.wsgi_request)] == ["warning", "success"]
    assert [message.level_tag for message in get_messages(both.wsgi_request)][-1] == "success"
    assert Posting.objects.filter(post=Post.TEAM_MEMBER).count() == 2


def test_the_list_knows_what_is_in_force_over_and_vacant_since(world, clerk):
    over = posting_of(world.post("前村长", Post.VILLAGE_CHIEF, world.village, ends_on=YESTERDAY))
    replaced = posting_of(world.post("前书记", Post.FIRST_SECRETARY, world.village, ends_on=YESTERDAY))
    now = posting_of(world.post("现书记", Post.FIRST_SECRETARY, world.village, starts_on=TODAY))
    later = posting_of(world.post("明日队长", Post.TEAM_LEADER, world.village, starts_on=TODAY + timedelta(days=1)))

    here = {"in_town": world.town.pk}
    assert clerk.rows(Posting, period="now", **here) == [now]
    assert clerk.rows(Posting, period="later", **here) == [later]
    assert set(clerk.rows(Posting, period="ended", **here)) == {over, replaced}
    assert clerk.rows(Posting, period="vacant", **here) == [over]


def test_villages_with_a_vacant_post_are_listed(world, clerk):
    world.post("村长", Post.VILLAGE_CHIEF, world.village)

    assert clerk.rows(Village, vacant=Post.VILLAGE_CHIEF) == [world.sibling, world.foreign]


@pytest.mark.parametrize("term", ["潭埠", "村长", "360704101200"])
def test_a_posting_is_found_by_village_name_or_code(world, clerk, term):
    mine = posting_of(world.post("村长", Post.VILLAGE_CHIEF, world.village))
    world.post("书记", Post.FIRST_SECRETARY, world.foreign)

    assert clerk.rows(Posting, q=term) == [mine]


# Places, units, days --------------------------------------------------------------------------


def test_the_district_office_renames_a_village_and_the_trail_holds_both_names(world, clerk):
    clerk.save(world.village, name="潭埠新村委会")

    entry = AuditEntry.objects.get(verb="village.corrected")
    assert (entry.village, entry.changes) == (world.village, {"name": ["潭埠村委会", "潭埠新村委会"]})


def test_a_town_clerk_looks_at_places_and_units_but_changes_none(world, town_clerk):
    unit = world.unit("区气象局", world.village)

    for row in (world.village, world.town, world.district, unit):
        assert town_clerk.open(row).status_code == 200
        assert town_clerk.client.post(address(type(row), "change", row.pk), {"name": "改名"}).status_code == 403
    assert {town_clerk.client.get(address(model, "add")).status_code for model in (Town, Village, PartnerUnit)} == {403}


def test_a_code_that_is_not_below_its_town_is_refused_with_words(world, clerk):
    response = clerk.add(Village, code="360704102299", name="错村委会", town=world.town)

    assert complaints(response) == ["村代码须以所属乡镇代码开头。"]


def test_the_groups_of_a_village_are_entered_on_its_page(world, clerk):
    new = {
        "groups-TOTAL_FORMS": "3",
        "groups-2-number": "3",
        "groups-2-name": "塘背组",
        "groups-2-village": world.village,
    }

    clerk.save(world.village, **new)

    group = world.village.groups.get(number=3)
    assert AuditEntry.objects.filter(target_type="villages.VillagerGroup", target_id=str(group.pk)).count() == 1


def test_a_group_number_taken_twice_is_refused_with_words(world, clerk):
    response = clerk.add(VillagerGroup, village=world.village, number=1)

    assert complaints(response) == ["该村已有此编号的小组。"]


def test_a_town_clerk_enters_groups_of_the_towns_villages(world, town_clerk):
    mine = town_clerk.add(VillagerGroup, village=world.village, number=9)
    foreign = town_clerk.add(VillagerGroup, village=world.foreign, number=9)

    assert (mine.status_code, len(complaints(foreign))) == (302, 1)
    assert VillagerGroup.objects.get(number=9).village == world.village


def test_pairings_are_entered_on_the_units_page_and_refused_there(world, clerk):
    unit = world.unit("区气象局", world.village)
    world.unit("区档案馆", world.sibling)
    new = {"pairings-TOTAL_FORMS": "2", "pairings-1-unit": unit, "pairings-1-is_lead": "on"}
    new |= {"pairings-1-starts_on": TODAY, "pairings-1-village": world.sibling}

    response = clerk.save(unit, **new)

    assert complaints(response) == ["该时段内此村已有牵头单位，请先结束原结对。"]
    assert clerk.save(unit, **new | {"pairings-1-village": world.foreign}).status_code == 302
    assert AuditEntry.objects.filter(verb="pairing.started", village=world.foreign).count() == 1


def test_a_holiday_is_entered_once_and_may_be_corrected(clerk):
    clerk.add(SpecialDay, day=date(2027, 1, 1), name="元旦")
    day = SpecialDay.objects.get(name="元旦")

    clerk.save(day, name="元旦节")

    verbs = AuditEntry.objects.filter(target_type="villages.SpecialDay").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["specialday.added", "specialday.corrected"]
    assert len(complaints(clerk.add(SpecialDay, day=date(2027, 1, 1), name="再录"))) == 1


def test_nothing_else_can_be_deleted_and_nothing_in_bulk(world, clerk):
    unit = world.unit("区气象局", world.village)

    for row in (world.village, world.town, world.district, unit, Pairing.objects.get()):
        assert clerk.open(row, "delete").status_code == 403
    data = {"action": "delete_selected", "_selected_action": [world.village.pk]}
    clerk.client.post(address(Village, "changelist"), data)
    assert Village.objects.filter(pk=world.village.pk).exists()


# The trail ------------------------------------------------------------------------------------


def test_the_history_says_who_when_before_and_after(world, clerk):
    posting = posting_of(world.post("旧人", Post.VILLAGE_CHIEF, world.village))
    clerk.save(posting, cadre=world.cadre("新人"), reason="录错了人")

    latest = clerk.open(posting, "history").context["told"][0]

    assert (latest.entry.actor.name, latest.entry.reason) == ("区录入员", "录错了人")
    assert [(line.before, line.after) for line in latest.lines] == [("旧人", "新人")]
    assert not LogEntry.objects.exists()


def test_the_history_of_a_loaded_register_counts_its_places_in_words(world, clerk):
    counts = {"towns": [0, 19], "villages": [0, 276]}
    audit.record(actor=None, verb="register.loaded", target=world.district, changes=counts)

    [told] = clerk.open(world.district, "history").context["told"]

    assert sorted(told.lines) == [("乡镇", "0", "19"), ("行政村", "0", "276")]
    assert clerk.open(told.entry).status_code == 200


def test_the_trail_is_read_by_reach_and_changed_by_nobody(world, clerk, town_clerk):
    world.post("本镇村长", Post.VILLAGE_CHIEF, world.village)
    world.post("外镇村长", Post.VILLAGE_CHIEF, world.foreign)
    clerk.add(PartnerUnit, **{"name": "区气象局", "pairings-TOTAL_FORMS": "0"})
    mine, foreign = (AuditEntry.objects.get(village=village) for village in (world.village, world.foreign))
    shared = AuditEntry.objects.get(verb="partnerunit.added")

    assert town_clerk.rows(AuditEntry) == [mine]
    assert {mine, foreign, shared} <= set(clerk.rows(AuditEntry))
    assert town_clerk.open(foreign).status_code == 404
    assert clerk.client.post(address(AuditEntry, "change", mine.pk), {}).status_code == 403


def test_the_trail_is_filtered_by_actor_action_and_town(world, clerk):
    world.post("外镇村长", Post.VILLAGE_CHIEF, world.foreign)
    clerk.save(world.village, name="改名")
    me = str(Cadre.objects.get(name="区录入员").pk)

    assert [entry.verb for entry in clerk.rows(AuditEntry, by=me)] == ["village.corrected"]
    assert clerk.rows(AuditEntry, by="9" * 40) == []
    assert len(clerk.rows(AuditEntry, by="²")) == AuditEntry.objects.count()
    assert [entry.verb for entry in clerk.rows(AuditEntry, action="corrected")] == ["village.corrected"]
    assert [entry.village for entry in clerk.rows(AuditEntry, in_town=world.other_town.pk)] == [world.foreign]
    assert "改名" in clerk.open(AuditEntry.objects.get(verb="village.corrected")).content.decode()


# Cost -----------------------------------------------------------------------------------------


def some_villages(world: World, number: int) -> None:
    village = world.make_village(f"3607041013{number:02}", f"新村{number}")
    world.post(f"新村长{number}", Post.VILLAGE_CHIEF, village)


def some_entries(world: World, number: int) -> None:
    audit.record(
        actor=world.cadre(f"人{number}"), verb="village.corrected", target=world.village, village_id=world.village.pk
    )


MAKERS: dict[type, Callable[[World, int], Any]] = {
    Town: lambda world, number: Town.objects.create(code=f"3607042{number:02}", district=world.district, name="新镇"),
    District: lambda world, number: District.objects.create(code=f"3608{number:02}", name="外区"),
    Village: some_villages,
    VillagerGroup: lambda world, number: VillagerGroup.objects.create(village=world.village, number=number),
    PartnerUnit: lambda world, number: world.unit(f"单位{number}", world.village, is_lead=False),
    Pairing: lambda world, number: world.unit(f"单位{number}", world.village, is_lead=False),
    Posting: lambda world, number: world.post(f"队员{number}", Post.TEAM_MEMBER, world.village),
    SpecialDay: lambda world, number: SpecialDay.objects.create(day=date(2027, 1, number)),
    AuditEntry: some_entries,
}


def queries_for(panel: Panel, model: type) -> int:
    with CaptureQueriesContext(connection) as queries:
        panel.rows(model)
    return len(queries)


@pytest.mark.parametrize("model", MAKERS, ids=lambda model: model._meta.model_name)
def test_a_list_costs_the_same_queries_at_one_and_three_rows(world, clerk, model):
    MAKERS[model](world, 11)
    at_one = queries_for(clerk, model)
    for number in (12, 13):
        MAKERS[model](world, number)

    assert queries_for(clerk, model) == at_one
    assert at_one <= 12
