"""What the file of a household holds."""

from datetime import date

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from casework.tests.rich_household import REGISTER_DAY, RichHousehold
from casework.tests.world import TODAY, World
from households.file import HouseholdFile, file_of, household_seen
from households.models import Household, Income, Measure, MonitoringCase, Person
from villages.models import Post

pytestmark = [pytest.mark.django_db, pytest.mark.core]


@pytest.fixture
def rich() -> RichHousehold:
    return RichHousehold(World())


def file_for(rich: RichHousehold) -> HouseholdFile:
    return file_of(household_seen(rich.helper, rich.household.pk, TODAY), TODAY)


def test_rows_are_the_same_as_the_models_read_by_themselves(rich: RichHousehold) -> None:
    file = file_for(rich)

    assert set(file.persons) == set(Person.objects.all())
    [income, *_older] = file.incomes
    stored = Income.objects.latest("year")
    for name in ("wages", "production", "costs", "per_head", "as_of", "source"):
        assert getattr(income.income, name) == getattr(stored, name)
    head = Person.objects.get(relation="head")
    assert (file.members[0].id_number, file.members[0].health) == (head.id_number, head.health)
    assert file.measures[0].recorded_on == Measure.objects.get(pk=file.measures[0].pk).recorded_on


def test_it_takes_two_messages_and_nine_statements(
    rich: RichHousehold, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(2 if connection.vendor == "postgresql" else 9):
        file_for(rich)


def test_the_head_comes_first_and_who_has_left_is_no_member(rich: RichHousehold) -> None:
    Person.objects.filter(name="谢志强").update(left_on=TODAY)

    file = file_for(rich)

    assert [person.name for person in file.members] == ["谢丁生", "曾桂香", "谢雨欣", "谢浩然"]
    # A measure still names the one it was for.
    assert "谢志强" in [measure.person.name for measure in file.measures if measure.person]


def test_helpers_of_today_stand_primary_first(rich: RichHousehold) -> None:
    file = file_for(rich)

    assert [helper.name for helper in file.helpers_now] == ["钟水生", "赖小兰"]
    assert len(file.helpers) == 3


def test_links_have_their_years_and_the_case_its_steps(rich: RichHousehold) -> None:
    file = file_for(rich)

    assert [[year.year for year in link.years] for link in file.links] == [[2026, 2025, 2024]] * 3
    assert file.running_case is not None
    assert [step.step for step in file.running_case.steps] == ["check", "appraise", "notice"]
    assert file.running_case.is_before_decision


def test_a_year_of_a_link_says_when_nothing_was_received_yet(rich: RichHousehold) -> None:
    [open_year, paid_year, _older] = file_for(rich).links[0].lines

    assert ("2026" in open_year, open_year.count("600")) == (True, 1)
    assert ("2025" in paid_year, paid_year.count("600")) == (True, 2)


def test_a_case_that_ended_is_not_running(rich: RichHousehold) -> None:
    MonitoringCase.objects.update(state="rejected")

    assert file_for(rich).running_case is None


def test_the_household_carries_its_place_and_how_it_left_poverty(rich: RichHousehold) -> None:
    seen = household_seen(rich.helper, rich.household.pk, TODAY)

    household = seen.household
    assert (household.village.short_name, household.village.town.name, str(household.group)) == (
        rich.household.village.short_name,
        rich.household.village.town.name,
        str(rich.household.group),
    )
    assert household.register_as_of == REGISTER_DAY
    assert seen.exit_record is not None and seen.exit_record.approved_on == date(2018, 11, 20)


def test_who_works_with_the_family_is_told_sensitive_data_and_a_leader_is_not(rich: RichHousehold) -> None:
    leader = rich.world.post("区领导", Post.DISTRICT_LEADER, rich.world.town)

    assert household_seen(rich.helper, rich.household.pk, TODAY).shows_sensitive is True
    assert household_seen(leader, rich.household.pk, TODAY).shows_sensitive is False


def test_a_household_out_of_reach_is_not_seen(rich: RichHousehold) -> None:
    with pytest.raises(Household.DoesNotExist):
        household_seen(rich.world.cadre("局外人"), rich.household.pk, TODAY)
