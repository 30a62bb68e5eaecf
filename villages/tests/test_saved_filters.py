"""A clerk's own filters: kept under a name, seen by nobody else, dropped by their owner only."""

import pytest
from django.core.exceptions import ValidationError

from casework.tests.world import TODAY
from villages.models import AuditEntry, SavedFilter
from villages.saved_filters import MOST_FILTERS, remove_filter, save_filter

pytestmark = [pytest.mark.django_db, pytest.mark.core]
PAGE = "households.Household"


def test_a_filter_keeps_filters_search_and_order_but_not_the_page(world):
    saved = save_filter(
        actor=world.cadre("录入员"), page=PAGE, name=" 外出户 ", query="is_away__exact=1&q=刘&o=2&p=3&e=1"
    )

    assert saved.name == "外出户"
    assert saved.query == "is_away__exact=1&q=%E5%88%98&o=2"


def test_a_name_is_taken_once_a_list_and_cadre(world):
    cadre = world.cadre("录入员")
    save_filter(actor=cadre, page=PAGE, name="外出户", query="o=1")
    save_filter(actor=cadre, page="households.Person", name="外出户", query="o=1")
    save_filter(actor=world.cadre("同事"), page=PAGE, name="外出户", query="o=1")

    with pytest.raises(ValidationError, match="已有同名筛选"):
        save_filter(actor=cadre, page=PAGE, name="外出户", query="o=2")

    assert SavedFilter.objects.count() == 3


@pytest.mark.parametrize(
    ("name", "query"), [("空", ""), ("空", "p=2"), ("", "o=1"), ("长", "q=" + "a" * 1000), ("很" * 31, "o=1")]
)
def test_what_cannot_be_kept_is_refused_with_words(world, name, query):
    with pytest.raises(ValidationError) as refused:
        save_filter(actor=world.cadre("录入员"), page=PAGE, name=name, query=query)

    assert all(refused.value.messages)
    assert SavedFilter.objects.count() == 0


def test_a_list_has_an_end_of_filters(world):
    cadre = world.cadre("录入员")
    for number in range(MOST_FILTERS):
        save_filter(actor=cadre, page=PAGE, name=str(number), query="o=1")

    with pytest.raises(ValidationError, match="请先删除一个"):
        save_filter(actor=cadre, page=PAGE, name="再一个", query="o=1")


def test_only_its_owner_drops_a_filter(world):
    cadre = world.cadre("录入员")
    saved = save_filter(actor=cadre, page=PAGE, name="外出户", query="o=1")

    with pytest.raises(SavedFilter.DoesNotExist):
        remove_filter(actor=world.cadre("同事"), pk=saved.pk, on=TODAY)
    remove_filter(actor=cadre, pk=saved.pk, on=TODAY)

    assert SavedFilter.objects.count() == 0


def test_nobody_can_count_how_filters_are_used(world):
    save_filter(actor=world.cadre("录入员"), page=PAGE, name="外出户", query="o=1")

    assert {field.name for field in SavedFilter._meta.fields} == {"id", "cadre", "page", "name", "query"}
    assert not AuditEntry.objects.filter(target_type=SavedFilter._meta.label).exists()
