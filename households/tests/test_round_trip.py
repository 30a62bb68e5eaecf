"""What was exported in full and is brought in again changes nothing; masked, it is refused row by row, harmlessly."""

import uuid
from datetime import date
from decimal import Decimal

import pytest

from casework.tests.world import TODAY, World, at
from households.exports import ask_for_export, take_export, write_export
from households.models import BaseType, Cause, Household, Income, MonitoringType, Person, RegisterImport
from households.tests.people import family
from households.tests.sheets import bring_in
from villages.models import Cadre, Post

pytestmark = [pytest.mark.django_db, pytest.mark.core]

NOW = at(TODAY)


@pytest.fixture
def clerk(world: World) -> Cadre:
    return world.post("区录入员", Post.CLERK, world.district)


def there_and_back(clerk: Cadre, *, is_in_full: bool) -> RegisterImport:
    """The register exported, and the file brought in again."""
    export = ask_for_export(
        key=uuid.uuid4(),
        households=Household.objects.all(),
        actor=clerk,
        now=NOW,
        is_in_full=is_in_full,
        reason="往返核对",
    )
    assert write_export(export.pk, now=NOW)
    content = b"".join(take_export(export=export, actor=clerk, now=NOW))
    job = bring_in(content, now=NOW, actor=clerk, name="again.xlsx")
    job.refresh_from_db()
    return job


def several_kinds(world: World) -> None:
    """Households of every type, with all and with none of the optional columns."""
    family(world, "刘一")
    family(world, "赖二", world.sibling, size=1, serial=2)
    bare = family(world, "钟三", world.foreign, size=2, serial=3)
    Income.objects.filter(household=bare).delete()
    Household.objects.filter(pk=bare.pk).update(
        base_type=BaseType.ORDINARY,
        monitoring_type=MonitoringType.MARGINAL,
        main_cause=Cause.OTHER,
        natural_village="",
        phone=None,
        has_safe_water=None,
        is_risk_cleared=True,
        risk_cleared_on=date(2023, 1, 31),
    )
    Person.objects.filter(household=bare).update(education="", labour_skill="", health=[], months_of_work=None)
    Income.objects.filter(household__head_name="刘一", year=2026).update(per_head=Decimal("-12.05"))


def test_in_full_nothing_changes(world, clerk):
    several_kinds(world)

    job = there_and_back(clerk, is_in_full=True)

    refused = list(job.refusals.values_list("row", "column", "code"))
    changes = list(job.groups.exclude(fate="unchanged").values_list("key", "fate", "changes"))
    assert (refused, changes) == ([], [])
    assert (job.rows, job.unchanged, job.created, job.updated, job.refused) == (6, 6, 0, 0, 0)
    assert {title for title in job.titles["unknown"]} == set()


def test_masked_no_number_is_overwritten(world, clerk):
    several_kinds(world)

    job = there_and_back(clerk, is_in_full=False)

    assert job.created == 0
    assert [group.changes for group in job.groups.all() if "*" in str(group.changes)] == []
    with_numbers = Person.objects.exclude(id_number__isnull=True).count()
    assert job.refused >= with_numbers
