"""The lines of the household page in words."""

from datetime import date
from decimal import Decimal

import pytest
from django.utils.translation import gettext as _

from casework.confirmations import LINK, MEASURE, Said
from casework.file_rows import (
    guarantee_rows,
    helper_rows,
    link_rows,
    measure_rows,
    record_facts,
    step_rows,
    year_rows,
)
from casework.tests.rich_household import RichHousehold
from casework.tests.world import TODAY, World
from households.file import HouseholdFile, file_of, household_seen
from households.models import CaseStep, GuaranteeKind, Income

pytestmark = [pytest.mark.django_db, pytest.mark.core]
NO_ANSWERS: dict[str, dict[int, Said]] = {MEASURE: {}, LINK: {}}


@pytest.fixture
def rich() -> RichHousehold:
    return RichHousehold(World())


def file_for(rich: RichHousehold) -> HouseholdFile:
    return file_of(household_seen(rich.chief, rich.household.pk, TODAY), TODAY)


def test_each_guarantee_says_how_it_stands_and_since_when(rich: RichHousehold) -> None:
    food, *_others, water = guarantee_rows(file_for(rich).guarantees, TODAY)

    assert (food.label, food.look, food.source) == (str(GuaranteeKind.FOOD.label), "state-done", "入户走访 · 9月3日")
    assert (water.label, water.look) == (str(GuaranteeKind.WATER.label), "state-overdue")


def test_a_guarantee_nobody_checked_says_so(rich: RichHousehold) -> None:
    rich.household.guarantees.all().delete()

    rows = guarantee_rows(file_for(rich).guarantees, TODAY)

    assert rows[0]._replace(label="", state="") == ("", "", "", "", _("never checked: have a look and tell the office"))


def test_a_figure_per_head_that_is_ours_says_among_how_many_it_was_shared_out(rich: RichHousehold) -> None:
    Income.objects.filter(year=2025).update(per_head=None)

    latest, before = year_rows(file_for(rich).incomes, TODAY)[:2]

    assert (latest.title, latest.net, latest.per_head) == ("2025年", "39,850.50 元", "7,970.10 元")
    assert latest.shared_out == _("(shared out to %(members)s members)") % {"members": 5}
    assert before.shared_out == ""


def test_a_year_below_the_line_stands_out(rich: RichHousehold) -> None:
    Income.objects.filter(year=2025).update(per_head=Decimal(9000))

    assert [row.look for row in year_rows(file_for(rich).incomes, TODAY)] == ["", "below", "below"]


def test_a_measure_and_a_link_carry_what_the_family_answered(rich: RichHousehold) -> None:
    file = file_for(rich)
    measure, link = file.measures[0], file.links[0].link
    answers = {
        MEASURE: {measure.pk: Said("yes", TODAY, None)},
        LINK: {link.pk: Said("no", date(2026, 3, 1), None)},
    }

    told = [measure_rows(file.measures, answers, TODAY)[0].answer, link_rows(file.links, answers, TODAY)[0].answer]

    assert told == ["家庭成员于2026年10月15日确认已收到。", "家庭成员于2026年3月1日反映尚未收到。"]
    assert {row.answer for row in measure_rows(file.measures, NO_ANSWERS, TODAY)} == {""}


def test_notes_of_steps_are_for_those_who_work_with_the_family(rich: RichHousehold) -> None:
    CaseStep.objects.update(note="户主住院")
    case = file_for(rich).running_case

    needed, hidden = (step_rows(case, TODAY, shows_sensitive=shows) for shows in (True, False))

    assert ({row.note for row in needed}, {row.note for row in hidden}) == ({"户主住院"}, {""})
    assert step_rows(None, TODAY, shows_sensitive=True) == []


def test_causes_and_risks_are_for_those_who_work_with_the_family(rich: RichHousehold) -> None:
    file = file_for(rich)

    needed, hidden = ({fact.label for fact in record_facts(file, TODAY, shows_sensitive=s)} for s in (True, False))

    assert needed - hidden == {_("Causes of poverty"), _("Risks")}


def test_a_helper_has_a_period_until_now_or_to_its_last_day(rich: RichHousehold) -> None:
    rows = helper_rows(file_for(rich).helpers, TODAY)

    assert [row.period for row in rows][1:] == ["2024年3月1日 – 至今", "2021年3月1日 – 2024年2月29日"]
    assert rows[0].name.endswith(_("second helper"))
