"""QR labels: an opaque token a household, made by who works there, worthless without a login and when replaced."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from casework.tests.world import TODAY
from households.labels import make_labels, replace_label
from households.models import HouseholdLabel
from villages.models import AuditEntry, Post

pytestmark = [pytest.mark.django_db, pytest.mark.core]


@pytest.fixture
def chief(world):
    return world.post("村长", Post.VILLAGE_CHIEF, world.village)


def test_each_household_of_the_village_gets_a_label_once(world, chief):
    for name in ("张三", "李四"):
        world.household(name)
    world.household("别村", world.sibling)

    made = [make_labels(village=world.village, actor=chief, on=TODAY) for _time in range(2)]

    tokens = set(HouseholdLabel.objects.values_list("token", flat=True))
    assert (made, len(tokens), {len(token) for token in tokens}) == ([2, 0], 2, {22})
    assert AuditEntry.objects.filter(verb="labels.made").count() == 1


def test_labels_made_anew_make_the_old_ones_worthless(client, world, chief):
    home = world.household("张三")
    make_labels(village=world.village, actor=chief, on=TODAY)
    old = home.label.token
    client.force_login(chief)

    client.post(f"/labels/{world.village.pk}/", {"anew": "1"})

    new = HouseholdLabel.objects.get().token
    assert old != new
    assert client.get(f"/h/{old}/").status_code == 404
    assert client.get(f"/h/{new}/")["Location"] == f"/households/{home.pk}/"
    assert client.get(f"/h/{new}/?phone=1")["Location"] == f"/phone/?household={home.pk}"


def test_one_lost_label_is_replaced_and_printed_alone(client, world, chief):
    home, other = world.household("张三"), world.household("李四")
    make_labels(village=world.village, actor=chief, on=TODAY)
    before = dict(HouseholdLabel.objects.values_list("household", "token"))
    client.force_login(chief)

    page = client.post(f"/labels/{world.village.pk}/", {"lost": home.pk}, follow=True).content.decode()

    after = dict(HouseholdLabel.objects.values_list("household", "token"))
    assert after[other.pk] == before[other.pk]
    assert client.get(f"/h/{before[home.pk]}/").status_code == 404
    assert client.get(f"/h/{after[home.pk]}/").status_code == 302
    assert "张三" in page
    assert "李四" not in page
    assert AuditEntry.objects.get(verb="label.replaced").target_id == str(home.pk)
    elsewhere = world.household("别村", world.sibling)
    assert client.post(f"/labels/{world.village.pk}/", {"lost": elsewhere.pk}).status_code == 404


def test_a_label_is_nothing_without_a_login_and_for_who_does_not_see_the_household(client, world, chief):
    home = world.household("张三")
    make_labels(village=world.village, actor=chief, on=TODAY)
    address = f"/h/{home.label.token}/"

    assert client.get(address)["Location"] == f"/login/?next={address}"
    client.force_login(world.cadre("局外人"))
    assert client.get(address).status_code == 404


def test_only_who_works_there_makes_labels(world):
    leader = world.post("单位领导", Post.UNIT_LEADER, world.unit("区档案馆", world.village))

    with pytest.raises(PermissionDenied):
        make_labels(village=world.village, actor=leader, on=TODAY)
    with pytest.raises(PermissionDenied):
        replace_label(household=world.household("张三"), actor=leader, on=TODAY)


def test_the_sheet_shows_a_code_for_each_and_costs_the_same_for_one_and_for_three(client, world, chief):
    world.household("张三")
    client.force_login(chief)
    client.post(f"/labels/{world.village.pk}/")
    client.get(f"/labels/{world.village.pk}/")
    with CaptureQueriesContext(connection) as for_one:
        client.get(f"/labels/{world.village.pk}/")
    for name in ("李四", "王五"):
        world.household(name)
    client.post(f"/labels/{world.village.pk}/")
    client.get(f"/labels/{world.village.pk}/")
    with CaptureQueriesContext(connection) as for_three:
        sheet = client.get(f"/labels/{world.village.pk}/").content.decode()

    assert sheet.count("<svg") == 3
    assert "http://127.0.0.1:8000/h/" not in sheet
    assert len(for_one) == len(for_three) == 6
