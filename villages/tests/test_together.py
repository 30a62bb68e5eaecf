"""Writes sent together are the writes of save(), all of them or none."""

import pytest
from django.db import IntegrityError, transaction

from casework.tests.world import World
from villages import audit
from villages.models import AuditEntry, District, Town
from villages.together import insert_of, run_together

pytestmark = [pytest.mark.django_db, pytest.mark.core]


def test_a_row_is_inserted_as_save_would_have_done_it() -> None:
    district = World().district
    values = {
        "actor": None,
        "verb": "a.b",
        "target": district,
        "reason": "原因 100%; 'x'",
        "changes": {"名": [1, None]},
    }
    saved = audit.record(**values)

    run_together([insert_of(audit.entry(**values))])

    together = AuditEntry.objects.exclude(pk=saved.pk).get()
    columns = ("verb", "target_type", "target_id", "reason", "changes", "at")
    assert [getattr(together, column) for column in columns] == [getattr(saved, column) for column in columns]


def test_several_writes_arrive_in_their_order() -> None:
    district = District(code="360799", name="新区")

    run_together([insert_of(district), insert_of(Town(code="360799100", district=district, name="新镇"))])

    assert Town.objects.get(code="360799100").district == district


def test_when_one_is_refused_none_has_happened() -> None:
    fresh, known = District(code="360799", name="新区"), World().district

    with pytest.raises(IntegrityError), transaction.atomic():
        run_together([insert_of(fresh), insert_of(District(code=known.code, name="又一个"))])

    assert not District.objects.filter(code=fresh.code).exists()
