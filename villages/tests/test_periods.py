"""The database itself refuses two holders at a time and ends before starts, whoever writes and however."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from casework.models import Round
from casework.tests.world import TODAY
from households.models import HelperPairing, Household
from villages.models import Pairing, PartnerUnit, Posting, Village

pytestmark = [pytest.mark.django_db, pytest.mark.core]

JUNE_1, JUNE_30, JULY_1 = date(2026, 6, 1), date(2026, 6, 30), date(2026, 7, 1)


@pytest.fixture
def cadres(world):
    return [world.cadre("甲"), world.cadre("乙")]


def refused_by(name: str, model, *rows) -> None:
    """The database refuses the last of the rows by the constraint of that name, written without any check of ours."""
    model.objects.bulk_create(rows[:-1])
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        model.objects.bulk_create(rows[-1:])
    assert model.objects.count() == len(rows) - 1


def periods() -> list[tuple[date, date | None]]:
    """Periods that share a day with June 2026."""
    return [(JUNE_1, JUNE_30), (JUNE_30, None), (date(2020, 1, 1), JUNE_1), (date(2020, 1, 1), None)]


@pytest.mark.parametrize(("starts_on", "ends_on"), periods())
def test_two_holders_of_a_post_cannot_share_a_day(world, cadres, starts_on, ends_on):
    first, second = (Posting(cadre=cadre, post="village_chief", village=world.village) for cadre in cadres)
    first.starts_on, first.ends_on = JUNE_1, JUNE_30
    second.starts_on, second.ends_on = starts_on, ends_on

    with pytest.raises(ValidationError):
        Posting.objects.bulk_create([first])
        second.full_clean()
    first.delete()
    refused_by("one_holder_per_post_and_village", Posting, first, second)


@pytest.mark.parametrize(("place", "post"), [("town", "town_secretary"), ("district", "district_secretary")])
def test_two_holders_cannot_share_a_day_at_a_town_or_a_district_either(world, cadres, place, post):
    where = {place: getattr(world, place)}
    rows = [Posting(cadre=cadre, post=post, starts_on=JUNE_1, **where) for cadre in cadres]

    refused_by(f"one_holder_per_post_and_{place}", Posting, *rows)


def test_one_may_follow_the_other_on_the_next_day(world, cadres):
    Posting.objects.bulk_create(
        [
            Posting(cadre=cadres[0], post="village_chief", village=world.village, starts_on=JUNE_1, ends_on=JUNE_30),
            Posting(cadre=cadres[1], post="village_chief", village=world.village, starts_on=JULY_1),
        ]
    )

    assert [Posting.objects.in_force(day).get().cadre for day in (JUNE_30, JULY_1)] == cadres


def test_a_holder_cannot_be_prolonged_into_the_next_ones_time(world, cadres):
    test_one_may_follow_the_other_on_the_next_day(world, cadres)

    with pytest.raises(IntegrityError, match="one_holder_per_post_and_village"), transaction.atomic():
        Posting.objects.filter(cadre=cadres[0]).update(ends_on=None)
    with pytest.raises(IntegrityError, match="one_holder_per_post_and_village"), transaction.atomic():
        Posting.objects.filter(cadre=cadres[1]).update(starts_on=JUNE_30)


def test_posts_of_many_holders_may_share_their_days(world, cadres):
    Posting.objects.bulk_create(
        Posting(cadre=cadre, post="team_member", village=world.village, starts_on=JUNE_1) for cadre in cadres
    )

    assert Posting.objects.count() == 2


def test_a_posting_cannot_end_before_it_starts(world, cadres):
    posting = Posting(cadre=cadres[0], post="clerk", village=world.village, starts_on=JULY_1, ends_on=JUNE_30)

    with pytest.raises(ValidationError):
        posting.full_clean()
    refused_by("posting_ends_after_start", Posting, posting)


@pytest.mark.parametrize("places", [(), ("town", "village"), ("unit", "district")])
def test_a_posting_stands_at_exactly_one_place(world, cadres, places):
    posting = Posting(cadre=cadres[0], post="clerk", starts_on=JUNE_1)
    for place in places:
        setattr(posting, place, PartnerUnit.objects.create(name="单位") if place == "unit" else getattr(world, place))

    with pytest.raises(ValidationError):
        posting.full_clean()
    refused_by("posting_at_exactly_one_place", Posting, posting)


def test_a_posting_is_of_a_known_post(world, cadres):
    refused_by(
        "posting_of_a_known_post",
        Posting,
        Posting(cadre=cadres[0], post="helper", village=world.village, starts_on=JUNE_1),
    )


@pytest.mark.parametrize(("starts_on", "ends_on"), periods())
def test_a_household_cannot_have_two_primary_helpers_on_one_day(world, cadres, starts_on, ends_on):
    home = world.household("张三")
    first = HelperPairing(household=home, cadre=cadres[0], starts_on=JUNE_1, ends_on=JUNE_30)
    second = HelperPairing(household=home, cadre=cadres[1], starts_on=starts_on, ends_on=ends_on)

    refused_by("one_primary_helper_at_a_time", HelperPairing, first, second)
    with pytest.raises(ValidationError):
        second.full_clean()
    second.is_primary = False
    second.full_clean()
    second.save()
    with pytest.raises(IntegrityError, match="one_primary_helper_at_a_time"), transaction.atomic():
        HelperPairing.objects.filter(pk=second.pk).update(is_primary=True)


def test_a_helper_cannot_be_paired_twice_with_one_household_on_one_day(world, cadres):
    home = world.household("张三")
    first, second = (HelperPairing(household=home, cadre=cadres[0], starts_on=day) for day in (JUNE_1, TODAY))
    second.is_primary = False

    refused_by("helper_paired_once_at_a_time", HelperPairing, first, second)


def test_a_helper_pairing_cannot_end_before_it_starts(world, cadres):
    pairing = HelperPairing(household=world.household("张三"), cadre=cadres[0], starts_on=JULY_1, ends_on=JUNE_30)

    with pytest.raises(ValidationError):
        pairing.full_clean()
    refused_by("helper_pairing_ends_after_start", HelperPairing, pairing)


def test_a_village_cannot_have_two_lead_units_on_one_day(world):
    units = [PartnerUnit.objects.create(name=name) for name in ("甲局", "乙局")]

    rows = [Pairing(unit=unit, village=world.village, starts_on=JUNE_1) for unit in units]
    refused_by("one_lead_unit_at_a_time", Pairing, *rows)


def test_a_unit_cannot_be_paired_twice_with_one_village_on_one_day(world):
    unit = PartnerUnit.objects.create(name="甲局")

    rows = [Pairing(unit=unit, village=world.village, starts_on=day, is_lead=day == JUNE_1) for day in (JUNE_1, JULY_1)]
    refused_by("pairing_once_at_a_time", Pairing, *rows)


def test_a_unit_pairing_cannot_end_before_it_starts(world):
    pairing = Pairing(
        unit=PartnerUnit.objects.create(name="甲局"), village=world.village, starts_on=JULY_1, ends_on=JUNE_30
    )

    with pytest.raises(ValidationError):
        pairing.full_clean()
    refused_by("pairing_ends_after_start", Pairing, pairing)


def test_other_things_that_must_never_be_true_are_refused_by_the_database_too(world):
    home = world.household("张三")
    with pytest.raises(IntegrityError, match="household_left_after_registered"), transaction.atomic():
        Household.objects.filter(pk=home.pk).update(left_on=home.registered_on - timedelta(days=1))
    with pytest.raises(IntegrityError, match="village_code_starts_with_town"), transaction.atomic():
        Village.objects.create(code="360704102999", town=world.town, name="错村")
    with pytest.raises(IntegrityError, match="round_due_after_start"), transaction.atomic():
        Round.objects.create(
            name="错",
            posts=["helper"],
            target_kind="rural_household",
            district=world.district,
            opened_on=TODAY,
            starts_on=JULY_1,
            due_on=JUNE_30,
        )
    round = world.round(["village_chief"])
    with pytest.raises(IntegrityError, match="round_closed_has_a_day"), transaction.atomic():
        Round.objects.filter(pk=round.pk).update(closed_on=TODAY)
