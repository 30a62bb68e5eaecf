"""Pages of measures: tick households, fill in one form, see what was entered, and nothing typed is lost."""

import uuid
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from casework.tests.world import TODAY, World
from households.measures import enter_measures
from households.models import Household, Measure, MeasureKind, MonitoringType, Person, Relation
from villages.models import Cadre, Post

pytestmark = [pytest.mark.django_db, pytest.mark.core]


@pytest.fixture
def homes(world: World) -> list[Household]:
    return [world.household(name) for name in ("刘家", "赖家", "钟家")]


@pytest.fixture
def page(client: Client, chief: Cadre) -> Client:
    client.force_login(chief)
    return client


def at_village(name: str, world: World) -> str:
    return f"{reverse(name)}?place={world.village.pk}"


def answers(*households: Household, **changed: Any) -> dict[str, Any]:
    keys = [household.pk for household in households]
    usual = {
        "id": str(uuid.uuid4()),
        "offered": ",".join(map(str, keys)),
        "household": keys,
        "kind": "industry",
        "content": "发放鸡苗50羽",
        "amount": "200",
        "starts_on": "2026-10-15",
    }
    return usual | changed


def entered(actor: Cadre, *households: Household, **changed: Any) -> list[Measure]:
    fields = {"kind": MeasureKind.INDUSTRY, "content": "发放鸡苗", "amount": Decimal(200), "starts_on": TODAY} | changed
    ids = [household.pk for household in households]
    return enter_measures(Measure(**fields), batch_id=uuid.uuid4(), household_ids=ids, actor=actor, on=TODAY)


# Choosing -------------------------------------------------------------------------------------


def test_the_households_of_the_village_are_offered_by_group(page: Client, world: World, homes: list[Household]) -> None:
    world.household("邻村", world.sibling)

    shown = page.get(at_village("measure_choose", world)).content.decode()

    assert all(home.head_name in shown for home in homes)
    assert "邻村" not in shown


def test_only_monitored_households_when_asked(page: Client, world: World, homes: list[Household]) -> None:
    world.household("监测家", monitoring_type=MonitoringType.SUDDEN)

    shown = page.get(at_village("measure_choose", world) + "&who=monitored").content.decode()

    assert "监测家" in shown and "刘家" not in shown


def test_searching_keeps_what_is_ticked(page: Client, world: World, homes: list[Household]) -> None:
    shown = page.post(at_village("measure_choose", world), {"q": "钟", "household": [homes[0].pk]})

    text = shown.content.decode()
    assert "钟家" in text and "赖家" not in text
    assert shown.context["ticked"] == {homes[0].pk} and "刘家" in text


def test_ticking_nothing_says_so(page: Client, world: World, homes: list[Household]) -> None:
    shown = page.post(at_village("measure_new", world), {"who": ""}).content.decode()

    assert 'role="alert"' in shown and "刘家" in shown


def test_a_whole_group_is_one_tick(page: Client, world: World, homes: list[Household]) -> None:
    other = world.household("二组", group=world.village.groups.last())

    form = page.post(at_village("measure_new", world), {"group": [homes[0].group_id]}).context["form"]

    assert form.households == homes and other not in form.households


def test_a_helper_is_offered_the_own_households(client: Client, world: World, homes: list[Household]) -> None:
    client.force_login(world.help("帮扶干部", homes[0]))

    shown = client.get(reverse("measure_choose")).content.decode()

    assert "刘家" in shown and "赖家" not in shown


# Entering -------------------------------------------------------------------------------------


def test_the_form_opens_for_the_ticked_and_saving_leads_to_the_receipt(
    page: Client, world: World, homes: list[Household]
) -> None:
    address = at_village("measure_new", world)
    form = page.post(address, {"household": [home.pk for home in homes]}).context["form"]

    receipt = page.post(address, answers(*form.households), follow=True)

    assert form.total().households == 3
    batch = Measure.objects.values_list("batch", flat=True).distinct().get()
    assert receipt.redirect_chain == [(reverse("measure_batch", args=[batch]), 302)]
    assert "600.00" in receipt.content.decode()


def test_opening_the_form_writes_nothing(page: Client, world: World, homes: list[Household]) -> None:
    page.get(f"{reverse('measure_new')}?household={homes[0].pk}")
    page.post(at_village("measure_new", world), {"household": [homes[0].pk]})

    assert not Measure.objects.exists()


def test_the_total_is_told_before_saving(page: Client, world: World, homes: list[Household]) -> None:
    own = {f"own_{homes[2].pk}": "1,350.5元"}

    shown = page.post(at_village("measure_new", world), answers(*homes, **own, check="1"))

    assert "1,750.50" in shown.content.decode()
    assert not Measure.objects.exists()


def test_an_amount_of_its_own_is_stored_for_the_household(page: Client, world: World, homes: list[Household]) -> None:
    page.post(at_village("measure_new", world), answers(*homes, **{f"own_{homes[2].pk}": "350.50"}))

    amounts = dict(Measure.objects.values_list("household", "amount"))
    assert amounts == {homes[0].pk: 200, homes[1].pk: 200, homes[2].pk: Decimal("350.50")}


def test_an_unticked_household_is_left_out_and_stays_in_sight(
    page: Client, world: World, homes: list[Household]
) -> None:
    address = at_village("measure_new", world)
    fewer = answers(*homes, household=[homes[0].pk])

    refused = page.post(address, fewer | {"content": ""})
    page.post(address, fewer)

    assert [line.is_ticked for line in refused.context["form"].lines] == [True, False, False]
    assert list(Measure.objects.values_list("household", flat=True)) == [homes[0].pk]


def test_leaving_out_everybody_is_refused_with_the_words_kept(
    page: Client, world: World, homes: list[Household]
) -> None:
    shown = page.post(at_village("measure_new", world), answers(*homes, household=[])).content.decode()

    assert "发放鸡苗50羽" in shown and 'role="alert"' in shown
    assert not Measure.objects.exists()


def test_a_refused_form_keeps_every_word_and_every_household(
    page: Client, world: World, homes: list[Household]
) -> None:
    typed = answers(*homes, amount="很多", provider="区农业农村局")

    answer = page.post(at_village("measure_new", world), typed)

    shown = answer.content.decode()
    assert answer.status_code == 200 and "amount" in answer.context["form"].errors
    assert all(word in shown for word in ("发放鸡苗50羽", "很多", "区农业农村局", typed["id"], typed["offered"]))


def test_what_the_verb_refuses_stands_in_the_form(page: Client, world: World, homes: list[Household]) -> None:
    answer = page.post(at_village("measure_new", world), answers(*homes, ends_on="2026-10-01"))

    assert "终止日早于起始日" in answer.content.decode()
    assert not Measure.objects.exists()


def test_the_same_form_with_other_words_overwrites_nothing_and_keeps_both(
    page: Client, world: World, homes: list[Household]
) -> None:
    sent = answers(homes[0])
    page.post(at_village("measure_new", world), sent)

    answer = page.post(at_village("measure_new", world), sent | {"content": "发放鸭苗"})

    shown = answer.content.decode()
    assert answer.status_code == 409
    assert "发放鸭苗" in shown and reverse("measure_batch", args=[sent["id"]]) in shown
    assert Measure.objects.get().content == "发放鸡苗50羽"


def test_one_household_may_name_one_of_its_persons(page: Client, world: World, homes: list[Household]) -> None:
    child = Person.objects.create(household=homes[0], number="P1", name="刘小妹", relation=Relation.DAUGHTER)
    address = f"{reverse('measure_new')}?household={homes[0].pk}"

    shown = page.get(address).content.decode()
    page.post(address, answers(homes[0], person=child.pk))

    assert "刘小妹" in shown
    page.force_login(world.post("镇书记", Post.TOWN_SECRETARY, world.town))
    assert "刘小妹" not in page.get(address).content.decode()  # of unknown age, and not of a family the town works with
    assert f"{at_village('measure_choose', world)}" in shown  # the way back to choosing
    assert Measure.objects.get().person == child


def test_the_receipt_points_at_the_same_entered_before(page: Client, chief: Cadre, homes: list[Household]) -> None:
    before = entered(chief, homes[0])[0]
    again = entered(chief, homes[0], homes[1])[0]

    shown = page.get(reverse("measure_batch", args=[again.batch]))

    assert shown.context["alike"] == [before]
    assert reverse("measure", args=[before.pk]) in shown.content.decode()


# Who may --------------------------------------------------------------------------------------


def test_a_household_out_of_sight_does_not_exist(page: Client, world: World) -> None:
    hidden = world.household("邻村", world.sibling)

    assert page.get(f"{reverse('measure_new')}?household={hidden.pk}").status_code == 404
    assert page.post(reverse("measure_new"), answers(hidden)).status_code == 404
    assert not Measure.objects.exists()


def test_who_only_looks_enters_nothing(client: Client, world: World, homes: list[Household]) -> None:
    cast = world.cast()
    client.force_login(cast["unit_leader"])

    assert client.get(at_village("measure_choose", world)).status_code == 403
    assert client.post(reverse("measure_new"), answers(homes[0])).status_code == 403
    assert "measure_choose" not in client.get(reverse("village", args=[world.village.pk])).content.decode()
    assert not Measure.objects.exists()


# One measure ----------------------------------------------------------------------------------


def test_a_measure_is_corrected_with_a_reason(page: Client, chief: Cadre, homes: list[Household]) -> None:
    row = entered(chief, homes[0])[0]
    sent = {"act": "correct", "correct-kind": "industry", "correct-content": "发放鸭苗", "correct-amount": "180"}
    sent |= {"correct-starts_on": "2026-10-15"}
    address = reverse("measure", args=[row.pk])

    refused = page.post(address, sent)
    page.post(address, sent | {"correct-reason": "写错品种"})

    assert "reason" in refused.context["forms"]["correct"].errors and "发放鸭苗" in refused.content.decode()
    row.refresh_from_db()
    assert (row.content, row.amount) == ("发放鸭苗", 180)


def test_a_measure_ends_with_a_result(page: Client, chief: Cadre, homes: list[Household]) -> None:
    row = entered(chief, homes[0])[0]

    page.post(reverse("measure", args=[row.pk]), {"act": "end", "end-ends_on": "2026-10-31", "end-result": "全部出栏"})

    row.refresh_from_db()
    assert (row.ends_on, row.result) == (date(2026, 10, 31), "全部出栏")


# The list -------------------------------------------------------------------------------------


def test_the_list_is_narrowed_by_kind_year_and_state(page: Client, world: World, homes: list[Household]) -> None:
    chief = world.post("第一书记", Post.FIRST_SECRETARY, world.village)
    entered(chief, homes[0], content="鸡苗")
    entered(chief, homes[1], content="公益岗", kind=MeasureKind.PUBLIC_POST, starts_on=date(2025, 1, 1))
    entered(chief, homes[2], content="助学", starts_on=date(2024, 9, 1), ends_on=date(2025, 6, 30))
    address = at_village("measure_list", world)

    def contents(query: str) -> set[str]:
        return {row.content for row in page.get(address + query).context["page"]}

    assert contents("") == {"鸡苗", "公益岗", "助学"}
    assert contents("&kind=public_post") == {"公益岗"}
    assert contents("&year=2025") == {"公益岗", "助学"}
    assert contents("&state=running") == {"鸡苗", "公益岗"}
    assert contents("&state=ended") == {"助学"}


def test_the_list_adds_up_what_it_shows(page: Client, world: World, chief: Cadre, homes: list[Household]) -> None:
    entered(chief, *homes)

    assert page.get(at_village("measure_list", world)).context["sums"] == {"count": 3, "amount": Decimal("600.00")}


def test_a_town_sees_all_its_villages_and_a_village_not_its_town(
    client: Client, world: World, homes: list[Household]
) -> None:
    cast = world.cast()
    entered(cast["clerk"], homes[0], world.household("邻村", world.sibling))
    town = f"{reverse('measure_list')}?place={world.town.pk}"

    client.force_login(cast["town_secretary"])
    assert client.get(town).context["sums"]["count"] == 2
    client.force_login(cast["chief"])
    assert client.get(town).context["sums"]["count"] == 1


def test_the_lists_ask_a_fixed_number_of_queries(
    page: Client,
    world: World,
    chief: Cadre,
    homes: list[Household],
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    addresses = [at_village("measure_list", world), at_village("measure_choose", world)]
    entered(chief, homes[0])
    [page.get(address) for address in addresses]
    counts = []
    for _number in range(2):
        with django_assert_max_num_queries(24) as asked:
            [page.get(address) for address in addresses]
        counts.append(len(asked))
        entered(chief, *homes)
        world.household("又一家")

    assert counts[0] == counts[1]


def test_the_form_and_the_receipt_ask_a_fixed_number_of_queries(
    page: Client,
    world: World,
    chief: Cadre,
    homes: list[Household],
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    counts = []
    for chosen in (homes[:2], homes):
        batch = entered(chief, *chosen)[0].batch
        with django_assert_max_num_queries(24) as asked:
            page.post(at_village("measure_new", world), {"household": [home.pk for home in chosen]})
            page.get(reverse("measure_batch", args=[batch]))
        counts.append(len(asked))

    assert counts[0] == counts[1]
