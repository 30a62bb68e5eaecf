"""Visits held for review: decided by the office of the place, with a reason, once; the sender learns it."""

import json
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from casework.changes import news_of, who_has_news
from casework.held import accept_held, decline_held
from casework.models import Duty, HeldState, HeldVisit, Visit
from casework.sync import receive
from casework.tests.sealed_visit import resealed, sealed
from casework.tests.world import TODAY, at
from casework.unsent import import_unsent
from villages.models import AuditEntry, Post

pytestmark = [pytest.mark.django_db, pytest.mark.core]

NOW = at(TODAY)
LATER = NOW + timedelta(hours=2)


@pytest.fixture
def home(world):
    return world.household("张三", world.foreign)


@pytest.fixture
def helper(world):
    return world.help("李帮扶", world.household("李四"))


@pytest.fixture
def supervisor(world):
    return world.post("督导", Post.SUPERVISOR, world.other_town)


@pytest.fixture
def held(world, home, helper):
    """A visit to a household that is none of the helper's, in another town."""
    receive([sealed(home, TODAY, helper, note="顺路看望")], sender=helper, now=NOW)
    return HeldVisit.objects.get()


def test_accepted_it_is_stored_as_the_senders_at_the_moment_it_came(world, held, home, helper, supervisor):
    found = accept_held(held_id=held.pk, actor=supervisor, now=LATER, words="确有其事")

    visit = Visit.objects.get()
    assert (found.state, found.visit, found.decided_by) == (HeldState.ACCEPTED, visit, supervisor)
    assert (visit.pk, visit.entered_by, visit.received_at, visit.note) == (held.visit_key, helper, NOW, "顺路看望")
    assert AuditEntry.objects.get(verb="visit.recorded").actor == supervisor
    assert AuditEntry.objects.get(verb="held.accepted").reason == "确有其事"
    [answer] = receive([held.content], sender=helper, now=LATER)
    assert (answer.state, answer.digest, answer.visit) == ("stored", held.digest, visit)


def test_accepted_it_is_credited_to_those_who_held_the_post(world, home, supervisor):
    chief = world.post("村长", Post.VILLAGE_CHIEF, world.foreign)
    world.round([Post.VILLAGE_CHIEF])
    stranger = world.cadre("外人")
    receive([sealed(home, TODAY, chief, stranger)], sender=chief, now=NOW)

    accept_held(held_id=HeldVisit.objects.get().pk, actor=supervisor, now=LATER, words="同去")

    assert Duty.objects.get(household=home).credited_on == TODAY
    assert set(Visit.objects.get().visitors.all()) == {chief, stranger}


def test_declined_it_is_not_stored_and_its_sender_is_told_why(held, helper, supervisor):
    decline_held(held_id=held.pk, actor=supervisor, now=LATER, words="不是该村")

    [answer] = receive([held.content], sender=helper, now=LATER)
    assert (answer.state, answer.words) == ("declined", "不是该村")
    assert Visit.objects.count() == 0


def test_other_content_becomes_the_latest_version_of_what_is_stored(world):
    home = world.household("王五")
    helper, town = world.help("赵帮扶", home), world.post("镇督导", Post.SUPERVISOR, world.town)
    visit = sealed(home, TODAY, helper, note="一")
    receive([visit, resealed(visit, note="二")], sender=helper, now=NOW)

    found = accept_held(held_id=HeldVisit.objects.get().pk, actor=town, now=LATER, words="以手机为准")

    assert Visit.objects.current().get() == found.visit
    assert (found.visit.note, Visit.objects.get(pk=visit["id"]).superseded_by) == ("二", found.visit)


def test_an_unknown_household_is_named_by_who_decides(world, helper):
    town = world.post("镇督导", Post.SUPERVISOR, world.town)
    meant = world.household("王五")
    receive([sealed(999_999, TODAY, helper)], sender=helper, now=NOW)
    held = HeldVisit.objects.get()

    with pytest.raises(ValidationError):
        accept_held(held_id=held.pk, actor=town, now=LATER, words="同意")
    accept_held(held_id=held.pk, actor=town, now=LATER, words="户号合并", household=meant)

    assert Visit.objects.get().household == meant


def test_what_can_never_be_stays_held(world, helper, supervisor, home):
    receive([sealed(home, TODAY + timedelta(days=3), helper)], sender=helper, now=NOW)
    held = HeldVisit.objects.get()

    with pytest.raises(ValidationError):
        accept_held(held_id=held.pk, actor=supervisor, now=LATER, words="同意")

    held.refresh_from_db()
    assert (held.state, Visit.objects.count()) == (HeldState.WAITING, 0)


def test_it_is_decided_once_and_with_a_reason(held, supervisor):
    with pytest.raises(ValidationError):
        decline_held(held_id=held.pk, actor=supervisor, now=LATER, words=" ")
    decline_held(held_id=held.pk, actor=supervisor, now=LATER, words="不是该村")

    with pytest.raises(ValidationError):
        accept_held(held_id=held.pk, actor=supervisor, now=LATER, words="又同意")


def test_nobody_else_decides_and_least_of_all_the_sender(world, held, helper):
    chief = world.post("村长", Post.VILLAGE_CHIEF, world.foreign)
    beside = world.post("别镇督导", Post.SUPERVISOR, world.town)

    for stranger in (chief, beside):
        with pytest.raises(HeldVisit.DoesNotExist):
            accept_held(held_id=held.pk, actor=stranger, now=LATER, words="同意")
    with pytest.raises(PermissionDenied):
        accept_held(held_id=held.pk, actor=helper, now=LATER, words="同意")


# Pages ------------------------------------------------------------------------------------------


def test_the_office_decides_on_the_page_and_the_sender_reads_it(client, held, helper, supervisor):
    client.force_login(supervisor)
    listed = client.get("/held/").content.decode()
    shown = client.get(f"/held/{held.pk}/").content.decode()
    refused = client.post(f"/held/{held.pk}/", {"decision": "accept", "words": ""})
    done = client.post(f"/held/{held.pk}/", {"decision": "accept", "words": "确有其事"})

    client.force_login(helper)
    own = client.get(f"/held/{held.pk}/").content.decode()

    assert "张三" in listed
    assert "顺路看望" in shown
    assert (refused.status_code, done.status_code) == (200, 302)
    assert "确有其事" in own
    assert 'name="decision"' not in own
    assert client.post(f"/held/{held.pk}/", {"decision": "accept", "words": "同意"}).status_code == 403


def test_the_list_costs_the_same_for_one_and_for_three(client, world, held, helper, supervisor, home):
    client.force_login(supervisor)
    with CaptureQueriesContext(connection) as for_one:
        client.get("/held/")
    receive([sealed(home, TODAY, helper, note=note) for note in "二三"], sender=helper, now=NOW)
    with CaptureQueriesContext(connection) as for_three:
        client.get("/held/")

    assert len(for_one) == len(for_three) == 8


# A file of unsent visits ------------------------------------------------------------------------


def file_of(person, *visits) -> bytes:
    said = {
        "kind": "casework-unsent",
        "version": 1,
        "person": {"id": person.pk, "name": person.name},
        "phone": "0b6c4d0e-5d0e-4a55-9f5e-7a3a5f6b1c2d",
        "visits": list(visits),
    }
    return json.dumps(said, ensure_ascii=False).encode()


def test_a_clerk_takes_in_the_visits_of_who_made_them_and_both_are_named(world):
    home = world.household("王五")
    helper, clerk = world.help("赵帮扶", home), world.post("录入员", Post.CLERK, world.town)
    content = file_of(helper, sealed(home, TODAY, helper), sealed(home, TODAY + timedelta(days=1), helper))

    first = import_unsent(content, actor=clerk, now=NOW)
    again = import_unsent(content, actor=clerk, now=LATER)

    assert (
        [answer.state for answer in first.answers] == [answer.state for answer in again.answers] == ["stored", "held"]
    )
    assert (Visit.objects.get().entered_by, HeldVisit.objects.get().sent_by) == (helper, helper)
    assert HeldVisit.objects.get().imported_by == clerk
    entry = AuditEntry.objects.filter(verb="visits.imported").first()
    assert (entry.actor, entry.target_id) == (clerk, str(helper.pk))


def test_a_clerk_of_another_town_may_not_and_a_chief_not_at_all(world, helper):
    content = file_of(helper)

    for actor in (
        world.post("录入员", Post.CLERK, world.other_town),
        world.post("村长", Post.VILLAGE_CHIEF, world.village),
    ):
        with pytest.raises(PermissionDenied):
            import_unsent(content, actor=actor, now=NOW)


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"\xff", b"[" * 5000, b'{"kind": "other", "version": 1}'])
def test_another_file_is_refused_in_words(client, world, content):
    client.force_login(world.post("录入员", Post.CLERK, world.town))

    answer = client.post("/held/import/", {"file": SimpleUploadedFile("x.json", content or b" ")})

    assert answer.status_code == 200
    assert "notice-bad" in answer.content.decode()


def test_the_page_says_what_became_of_each(client, world):
    home = world.household("王五")
    helper = world.help("赵帮扶", home)
    client.force_login(world.post("录入员", Post.CLERK, world.town))
    content = file_of(helper, sealed(home, TODAY, helper), {"id": "x"})

    answer = client.post("/held/import/", {"file": SimpleUploadedFile("x.json", content)}).content.decode()

    assert "赵帮扶" in answer
    assert Visit.objects.count() == 1


# Told ---------------------------------------------------------------------------------------------


def test_who_sent_it_and_the_office_of_the_place_are_told_and_then_how_it_was_decided(
    world, held, helper, supervisor, django_assert_num_queries
):
    world.post("区督导", Post.SUPERVISOR, world.district)
    people = [helper.pk, supervisor.pk]

    with django_assert_num_queries(6):
        told = news_of(people, TODAY)

    assert who_has_news(TODAY, since=TODAY) == set(people)  # the district is asked only where a town has no office
    assert [(change.text, change.url) for change in told[helper.pk] if "张三" in change.text] == [
        ("您的走访待核定：张三家", f"/held/{held.pk}/")
    ]
    assert [(change.text, change.why) for change in told[supervisor.pk]] == [
        ("有走访待您核定：张三家", f"李帮扶报送；原因：{held.get_reason_display()}")
    ]

    decline_held(held_id=held.pk, actor=supervisor, now=LATER, words="没有去过")

    told = news_of(people, TODAY)
    assert [change.why for change in told[helper.pk] if "未被采纳" in change.text] == ["没有去过"]
    assert supervisor.pk not in told


def test_a_town_without_an_office_leaves_it_to_the_district_and_nobody_decides_the_own_visit(world, held, helper):
    district = world.post("区督导", Post.SUPERVISOR, world.district)
    receive([sealed(world.household("王五", world.foreign), TODAY, district, contact="x")], sender=district, now=NOW)

    assert district.pk in who_has_news(TODAY, since=TODAY)
    whys = [change.why for change in news_of([district.pk], TODAY)[district.pk]]
    assert len([why for why in whys if "报送" in why]) == 1
