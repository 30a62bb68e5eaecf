"""Places, units and special days are changed by the office that may, and every change is told."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from casework.tests.world import TODAY
from villages.models import AuditEntry, District, PartnerUnit, Post, SpecialDay, Town, Village, VillagerGroup
from villages.places import save_district, save_group, save_special_day, save_town, save_unit, save_village

pytestmark = [pytest.mark.django_db, pytest.mark.core]


def test_the_districts_office_enters_a_town_and_a_village(world):
    clerk = world.post("区录入员", Post.CLERK, world.district)

    town = save_town(Town(code="360704199", district=world.district, name="新镇"), actor=clerk, on=TODAY)
    village = save_village(Village(code="360704199200", town=town, name="新村委会"), actor=clerk, on=TODAY)

    verbs = AuditEntry.objects.filter(actor=clerk).order_by("pk").values_list("verb", "village")
    assert list(verbs) == [("town.added", None), ("village.added", village.pk)]


@pytest.mark.parametrize("code", ["360704102200", "36070410120", "36070410120x"])
def test_a_code_that_is_not_the_towns_is_refused(world, code):
    with pytest.raises(ValidationError) as refusal:
        save_village(Village(code=code, town=world.town, name="错村"), actor=None, on=TODAY)

    assert list(refusal.value.message_dict) == ["code"]


def test_a_code_that_is_taken_is_refused(world):
    with pytest.raises(ValidationError):
        save_village(Village(code=world.village.pk, town=world.town, name="顶替"), actor=None, on=TODAY)

    world.village.refresh_from_db()
    assert world.village.name == "潭埠村委会"


def test_a_town_or_another_districts_office_changes_no_place_and_nothing_shared(world):
    other = District.objects.create(code="360799", name="邻区")
    strangers = [world.post("镇录入员", Post.CLERK, world.town), world.post("邻区录入员", Post.CLERK, other)]

    for actor in strangers:
        with pytest.raises(PermissionDenied):
            save_village(world.village, actor=actor, on=TODAY)
        with pytest.raises(PermissionDenied):
            save_district(world.district, actor=actor, on=TODAY)
    for save, row in ((save_unit, PartnerUnit(name="单位")), (save_special_day, SpecialDay(day=TODAY))):
        with pytest.raises(PermissionDenied):
            save(row, actor=strangers[0], on=TODAY)


def test_the_office_of_the_village_enters_groups_there_and_nowhere_else(world):
    clerk = world.post("村录入员", Post.CLERK, world.village)

    save_group(VillagerGroup(village=world.village, number=8), actor=clerk, on=TODAY)

    assert AuditEntry.objects.get(verb="villagergroup.added").village == world.village
    with pytest.raises(PermissionDenied):
        save_group(VillagerGroup(village=world.sibling, number=8), actor=clerk, on=TODAY)


def test_a_group_stays_in_its_village(world):
    group = world.village.groups.first()
    group.village = world.sibling

    with pytest.raises(ValidationError):
        save_group(group, actor=None, on=TODAY)


def test_saving_without_a_change_tells_nothing(world):
    save_village(world.village, actor=None, on=TODAY)

    assert not AuditEntry.objects.exists()
