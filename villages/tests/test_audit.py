"""The audit trail is appended to, tells before and after, and is read by those whom it concerns."""

from datetime import date

import pytest
from django.db import connection

from casework.tests.world import TODAY
from villages import audit
from villages.models import AuditEntry, Post

pytestmark = [pytest.mark.django_db, pytest.mark.core]


def test_a_difference_names_each_changed_field_with_before_and_after():
    assert audit.difference({"a": 1, "b": 2}, {"a": 1, "b": 3, "c": 4}) == {"b": [2, 3], "c": [None, 4]}
    assert audit.difference({"a": 1}, {}) == {"a": [1, None]}
    assert audit.difference({"a": 1}, {"a": 1}) == {}


def test_a_snapshot_holds_every_stored_value_and_no_password_in_clear(world):
    home = world.household("张三", registered_on=date(2026, 1, 2))

    values = audit.snapshot(home)

    assert (values["village"], values["registered_on"], values["left_on"]) == (world.village.pk, "2026-01-02", None)
    assert "secret-words" not in str(audit.snapshot(world.cadre("某人")))


def test_an_entry_says_who_did_what_to_which_record(world):
    clerk = world.post("录入员", Post.CLERK, world.town)
    home = world.household("张三")

    entry = audit.record(
        actor=clerk,
        verb="household.corrected",
        target=home,
        village_id=home.village_id,
        reason="错字",
        changes={"a": [1, 2]},
    )

    entry.refresh_from_db()
    assert (entry.actor, entry.verb, entry.target_type, entry.target_id) == (
        clerk,
        "household.corrected",
        "households.Household",
        str(home.pk),
    )
    assert (entry.village, entry.reason, entry.changes) == (world.village, "错字", {"a": [1, 2]})


def test_an_entry_that_stands_can_be_neither_written_again_nor_deleted(world):
    world.household("张三")
    entry = AuditEntry.objects.all()[0]

    for change in (entry.save, entry.delete):
        with pytest.raises(TypeError, match="append-only"):
            change()


def test_the_trail_can_be_neither_changed_nor_deleted(world):
    world.household("张三")

    with pytest.raises(TypeError):
        AuditEntry.objects.update(reason="没有的事")
    with pytest.raises(TypeError):
        AuditEntry.objects.all().delete()


def test_entries_are_read_by_those_who_reach_the_village_and_by_who_did_it(world):
    cast = world.cast()
    actor = world.cadre("经手人")
    entry = audit.record(actor=actor, verb="x.done", target=world.village, village_id=world.village.pk)
    elsewhere = audit.record(actor=None, verb="x.done", target=world.foreign, village_id=world.foreign.pk)

    readers = {role for role, cadre in cast.items() if entry in AuditEntry.objects.visible_to(cadre, TODAY)}

    assert readers == set(cast) - {"outsider"}
    assert entry in AuditEntry.objects.visible_to(actor, TODAY)
    assert elsewhere not in AuditEntry.objects.visible_to(cast["town_secretary"], TODAY)


def test_what_concerns_no_village_is_read_by_the_districts_office_only(world):
    cast = world.cast()
    entry = audit.record(actor=None, verb="unit.renamed", target=world.district)

    assert {role for role, cadre in cast.items() if entry in AuditEntry.objects.visible_to(cadre, TODAY)} == {
        "supervisor",
        "clerk",
    }


def test_many_new_rows_are_told_one_by_one_in_one_statement(world, django_assert_num_queries):
    clerk = world.post("录入员", Post.CLERK, world.town)
    homes = [world.household("张三"), world.household("李四")]

    with django_assert_num_queries(1):
        audit.record_new(actor=clerk, verb="household.seen", rows=[(home, home.village_id) for home in homes])

    entries = AuditEntry.objects.filter(verb="household.seen").order_by("pk")
    assert [(entry.actor, entry.target_id, entry.village) for entry in entries] == [
        (clerk, str(home.pk), world.village) for home in homes
    ]
    assert entries[0].changes["head_name"] == [None, "张三"]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one kind of index")
@pytest.mark.parametrize(
    ("condition", "index"),
    [
        ({"village__code__startswith": "360704101"}, "audit_by_village"),
        ({"village__in": ["360704101200", "360704101201"]}, "audit_by_village"),
        ({"target_type": "households.Household", "target_id__in": ["1", "2"]}, "audit_by_target"),
    ],
)
def test_the_trail_has_an_index_for_places_and_for_records(condition, index):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")

    assert index in AuditEntry.objects.filter(**condition).order_by().explain()
