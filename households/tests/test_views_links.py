"""Pages of benefit links: one form for many households, and a year recorded for all of an operator's links."""

import uuid
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from casework.tests.world import TODAY, World
from households.links import YearGiven, enter_links, record_years
from households.models import BenefitLink, BenefitYear, Household, LinkForm
from villages.models import Cadre, Post

pytestmark = [pytest.mark.django_db, pytest.mark.core]


@pytest.fixture
def homes(world: World) -> list[Household]:
    return [world.household(name) for name in ("刘家", "赖家", "钟家")]


@pytest.fixture
def page(client: Client, chief: Cadre) -> Client:
    client.force_login(chief)
    return client


def entered(actor: Cadre, *households: Household, **changed: Any) -> list[BenefitLink]:
    fields = {"operator": "脐橙合作社", "form": LinkForm.DIVIDEND, "starts_on": date(2025, 1, 1)} | changed
    ids = [household.pk for household in households]
    return enter_links(BenefitLink(**fields), batch_id=uuid.uuid4(), household_ids=ids, actor=actor, on=TODAY)


def answers(*households: Household, **changed: Any) -> dict[str, Any]:
    keys = [household.pk for household in households]
    usual = {
        "id": str(uuid.uuid4()),
        "offered": ",".join(map(str, keys)),
        "household": keys,
        "operator": "脐橙合作社",
        "form": "dividend",
        "starts_on": "2026-01-01",
        "promised": "600",
        "year": "2026",
    }
    return usual | changed


def stored() -> list[tuple[Any, ...]]:
    rows = BenefitYear.objects.order_by("link__household", "year")
    return list(rows.values_list("link__household__head_name", "year", "promised", "received"))


def test_one_form_enters_the_links_and_what_the_year_promises(
    page: Client, world: World, homes: list[Household]
) -> None:
    sent = answers(*homes[:2], **{f"own_{homes[1].pk}": "800"})

    receipt = page.post(f"{reverse('link_new')}?place={world.village.pk}", sent, follow=True)

    assert stored() == [("刘家", 2026, 600, None), ("赖家", 2026, 800, None)]
    assert receipt.status_code == 200 and "脐橙合作社" in receipt.content.decode()


def test_a_refused_year_keeps_every_word(page: Client, homes: list[Household]) -> None:
    answer = page.post(reverse("link_new"), answers(*homes, year="26"))

    assert "year" in answer.context["form"].errors
    assert "脐橙合作社" in answer.content.decode()
    assert not BenefitLink.objects.exists()


def test_a_year_is_recorded_for_all_links_of_the_operator(page: Client, chief: Cadre, homes: list[Household]) -> None:
    links = entered(chief, *homes)
    entered(chief, homes[0], operator="别的公司")
    address = reverse("link_years", args=[links[0].pk, 2026])

    page.post(address, {"received": "500", f"received_{links[2].pk}": "650.5"})

    assert stored() == [
        ("刘家", 2026, None, 500),
        ("赖家", 2026, None, 500),
        ("钟家", 2026, None, Decimal("650.50")),
    ]


def test_what_is_recorded_stands_in_the_form(page: Client, chief: Cadre, homes: list[Household]) -> None:
    link = entered(chief, homes[0])[0]
    record_years({link.pk: YearGiven(year=2026, received=Decimal("612.34"))}, actor=chief, on=TODAY)

    shown = page.get(reverse("link_years", args=[link.pk, 2026])).content.decode()

    assert "612.34" in shown
    assert "612.34" not in page.get(reverse("link_years", args=[link.pk, 2025])).content.decode()


def test_a_wrong_amount_keeps_the_others(page: Client, chief: Cadre, homes: list[Household]) -> None:
    links = entered(chief, *homes)
    sent = {f"received_{links[0].pk}": "五百", f"received_{links[1].pk}": "501.25"}

    answer = page.post(reverse("link_years", args=[links[0].pk, 2026]), sent)

    assert "五百" in answer.content.decode() and "501.25" in answer.content.decode()
    assert not BenefitYear.objects.exists()


def test_a_helper_records_for_the_own_household_alone(
    client: Client, world: World, chief: Cadre, homes: list[Household]
) -> None:
    links = entered(chief, *homes)
    client.force_login(world.help("帮扶干部", homes[0]))

    client.post(reverse("link_years", args=[links[0].pk, 2026]), {"received": "500"})

    assert stored() == [("刘家", 2026, None, 500)]
    assert client.get(reverse("link_years", args=[links[1].pk, 2026])).status_code == 404


def test_a_link_is_corrected_on_its_page(page: Client, chief: Cadre, homes: list[Household]) -> None:
    link = entered(chief, homes[0])[0]
    sent = {"correct-operator": "村集体", "correct-form": "wages", "correct-starts_on": "2025-01-01"}

    page.post(reverse("link", args=[link.pk]), sent | {"act": "correct", "correct-reason": "名称写错"})

    link.refresh_from_db()
    assert (link.operator, link.form) == ("村集体", "wages")


def test_an_outsider_finds_nothing(client: Client, world: World, chief: Cadre, homes: list[Household]) -> None:
    link = entered(chief, homes[0])[0]
    client.force_login(world.cadre("局外人"))

    for address in (
        reverse("link", args=[link.pk]),
        reverse("link_batch", args=[link.batch]),
        reverse("link_years", args=[link.pk, 2026]),
        f"{reverse('link_list')}?place={world.village.pk}",
        f"{reverse('link_new')}?household={homes[0].pk}",
    ):
        assert client.get(address).status_code == 404
    assert not client.get(reverse("link_list")).context["page"].object_list


def test_the_list_is_narrowed_by_form_and_state(page: Client, world: World, homes: list[Household]) -> None:
    chief = world.post("第一书记", Post.FIRST_SECRETARY, world.village)
    entered(chief, homes[0], operator="甲")
    entered(chief, homes[1], operator="乙", form=LinkForm.WAGES, ends_on=date(2025, 12, 31))
    address = f"{reverse('link_list')}?place={world.village.pk}"

    def operators(query: str) -> set[str]:
        return {row.operator for row in page.get(address + query).context["page"]}

    assert operators("") == {"甲", "乙"}
    assert operators("&form=wages") == {"乙"}
    assert operators("&state=running") == {"甲"}
    assert operators("&year=2026") == {"甲"}


def test_the_pages_ask_a_fixed_number_of_queries(
    page: Client,
    world: World,
    chief: Cadre,
    homes: list[Household],
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    counts = []
    for chosen in (homes[:1], homes):
        link = entered(chief, *chosen)[0]
        record_years({link.pk: YearGiven(year=2026, received=Decimal(5))}, actor=chief, on=TODAY)
        with django_assert_max_num_queries(45) as asked:
            page.get(f"{reverse('link_list')}?place={world.village.pk}")
            page.get(reverse("link_batch", args=[link.batch]))
            page.get(reverse("link_years", args=[link.pk, 2026]))
        counts.append(len(asked))

    assert counts[0] == counts[1]
