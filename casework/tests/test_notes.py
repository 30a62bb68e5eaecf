"""Reviewers' notes: who writes, who reads, where they stand, and that they are finished with words."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse

from casework.mine import mine_on
from casework.models import ReviewNote
from casework.notes import correct_note, finish_note, notes_at, withdraw_note, write_note
from casework.tests.world import TODAY, World
from villages.models import AuditEntry, Cadre, Post

# Core is what differs between databases: arithmetic with days, windows, rows made together.
pytestmark = pytest.mark.django_db

SOON = TODAY + timedelta(days=5)


@pytest.fixture
def cast(world: World) -> dict[str, Cadre]:
    return world.cast()


def written(author: Cadre, subject: Any, text: str = "请核实路灯") -> ReviewNote:
    return write_note(subject=subject, text=text, due_on=SOON, actor=author, on=TODAY)


def page(cadre: Cadre) -> Client:
    client = Client()
    client.force_login(cadre)
    return client


def test_a_note_stands_where_its_place_is_shown_and_on_the_home_of_who_answers(world, cast):
    home = world.household("张三")
    helper = world.help("帮扶人", home)
    on_home, on_village, on_town = (
        written(cast["supervisor"], subject, text)
        for subject, text in ((home, "看看这户"), (world.village, "看看这村"), (world.town, "看看这镇"))
    )

    found = {name: {note.pk for note in mine_on(cast[name], TODAY).notes} for name in ("chief", "town_secretary")}

    assert found == {"chief": {on_home.pk, on_village.pk}, "town_secretary": {on_town.pk}}
    assert [(note.pk, note.place) for note in mine_on(helper, TODAY).notes] == [(on_home.pk, "张三")]
    assert "看看这户" in page(helper).get("/").content.decode()
    assert "看看这户" in page(cast["chief"]).get(reverse("household", args=[home.pk])).content.decode()
    village = page(cast["chief"]).get(reverse("village", args=[world.village.pk])).content.decode()
    assert all(text in village for text in ("看看这村", "看看这镇"))
    assert {note.text for note in notes_at(world.town.pk, cast["supervisor"], TODAY)} == {"看看这村", "看看这镇"}


def test_a_note_stands_on_the_coverage_page_of_its_place(world, cast):
    world.household("张三")
    round = world.round([Post.VILLAGE_CHIEF])
    written(cast["supervisor"], world.village)

    address = f"{reverse('coverage', args=[round.pk])}?place={world.village.pk}"

    assert "请核实路灯" in page(cast["town_supervisor"]).get(address).content.decode()


@pytest.mark.parametrize("name", ["outsider", "team_member", "unit_leader"])
def test_others_write_none(world, cast, name):
    with pytest.raises(PermissionDenied):
        written(cast[name], world.village)


def test_the_outsider_reads_none_and_the_next_town_neither(world, cast):
    home = world.household("张三")
    notes = [written(cast["supervisor"], subject) for subject in (home, world.village, world.town)]
    foreign = world.post("外镇督导", Post.SUPERVISOR, world.other_town)

    for cadre in (cast["outsider"], foreign):
        assert not ReviewNote.objects.visible_to(cadre, TODAY).exists()
        assert {page(cadre).get(reverse("note", args=[note.pk])).status_code for note in notes} == {404}
        assert page(cadre).get(f"{reverse('note_new')}?household={home.pk}").status_code == 404
        with pytest.raises(ReviewNote.DoesNotExist):
            finish_note(note_id=notes[0].pk, outcome="好", actor=cadre, on=TODAY)


@pytest.mark.core
def test_it_is_finished_once_with_words_by_who_answers(world, cast):
    note = written(cast["supervisor"], world.village)

    with pytest.raises(ValidationError):
        finish_note(note_id=note.pk, outcome=" ", actor=cast["chief"], on=TODAY)
    finish_note(note_id=note.pk, outcome="已修好", actor=cast["chief"], on=TODAY)

    note.refresh_from_db()
    assert (note.done_on, note.done_by, note.outcome) == (TODAY, cast["chief"], "已修好")
    with pytest.raises(PermissionDenied):
        finish_note(note_id=note.pk, outcome="再修", actor=cast["chief"], on=TODAY)
    assert mine_on(cast["chief"], TODAY).notes == []
    verbs = AuditEntry.objects.filter(verb__startswith="note.").order_by("pk")
    assert [(entry.verb, entry.village_id) for entry in verbs] == [
        ("note.written", world.village.pk),
        ("note.done", world.village.pk),
    ]


def test_only_author_and_office_correct_and_withdraw(world, cast):
    note = written(cast["chief"], world.village)
    with pytest.raises(PermissionDenied):
        correct_note(note_id=note.pk, text="改", due_on=SOON, actor=cast["first_secretary"], on=TODAY)

    correct_note(note_id=note.pk, text="改过", due_on=SOON, actor=cast["chief"], on=TODAY)
    withdraw_note(note_id=note.pk, reason="重复", actor=cast["town_clerk"], on=TODAY)

    note.refresh_from_db()
    assert (note.text, note.withdrawn_on, note.is_open) == ("改过", TODAY, False)


def test_what_cannot_be_is_refused_in_words(world, cast):
    for text, due_on in (("", SOON), ("电话13879791234", SOON), ("请核实", TODAY - timedelta(days=1))):
        with pytest.raises(ValidationError):
            write_note(subject=world.village, text=text, due_on=due_on, actor=cast["supervisor"], on=TODAY)


def test_the_pages_write_finish_and_refuse(world, cast):
    home = world.household("张三")
    office, chief = page(cast["supervisor"]), page(cast["chief"])
    address = f"{reverse('note_new')}?household={home.pk}"

    assert (
        f"note_new?household={home.pk}".split("?")[1]
        in office.get(reverse("household", args=[home.pk])).content.decode()
    )
    assert office.post(address, {"text": "看看", "due_on": "2026-10-01"}).context["form"].errors
    for _sent_twice in range(2):
        assert office.post(address, {"text": "看看", "due_on": "2026-10-20"}).status_code == 302
    note = ReviewNote.objects.get()
    assert list(chief.get(reverse("note", args=[note.pk])).context["forms"]) == ["finish"]
    assert list(office.get(reverse("note", args=[note.pk])).context["forms"]) == ["finish", "correct", "withdraw"]
    assert chief.post(reverse("note", args=[note.pk]), {"act": "withdraw", "reason": "不要"}).status_code == 403
    chief.post(reverse("note", args=[note.pk]), {"act": "finish", "outcome": "看过了"})
    assert "看过了" in office.get(reverse("note", args=[note.pk])).content.decode()
