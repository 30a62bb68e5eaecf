"""The office's pages for rounds, templates, duties and visits: mostly to look at, by reach."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from playwright.sync_api import Page, expect

from casework.corrections import correct_visit
from casework.models import Duty, Reminder, Round, RoundTemplate, TargetKind, Visit
from casework.rounds import close_round
from casework.tests.world import TODAY, World, at
from villages.models import AuditEntry, Cadre, Post, Posting
from villages.tests.panel import Panel, address, complaints

pytestmark = [pytest.mark.django_db, pytest.mark.core]


@pytest.fixture
def clerk(world: World) -> Panel:
    """The clerk of the district."""
    return Panel(world.post("区录入员", Post.CLERK, world.district))


@pytest.fixture
def town_clerk(world: World) -> Panel:
    """The clerk of world.town, who has nothing to do with world.foreign."""
    return Panel(world.post("镇录入员", Post.CLERK, world.town))


# Templates ------------------------------------------------------------------------------------


def test_the_lists_of_a_template_are_ticked(world, clerk):
    template = RoundTemplate.objects.get(key="village_posts")

    page = clerk.open(template).context["adminform"].form
    clerk.save(template, contacts=["home"], posts=["village_chief"])

    template.refresh_from_db()
    assert page.fields["posts"].widget.input_type == "checkbox"
    assert (template.contacts, template.posts) == (["home"], ["village_chief"])
    line = next(line for line in clerk.open(template, "history").context["told"][0].lines if line.label == "走访职务")
    assert line.after == "大村长"


def test_a_template_that_makes_no_sense_is_refused_with_words(world, clerk):
    response = clerk.save(RoundTemplate.objects.get(key="helper"), target_kind=TargetKind.POOR_VILLAGE)

    assert complaints(response) == ["帮扶干部走访农户而不是村，请改选职务或走访对象。"]


def test_a_town_clerk_reads_templates_in_words_and_changes_none(world, town_clerk):
    template = RoundTemplate.objects.get(key="village_posts")

    assert "大村长" in town_clerk.open(template).content.decode()
    assert town_clerk.client.post(address(RoundTemplate, "change", template.pk), {"name": "改名"}).status_code == 403


# Rounds ---------------------------------------------------------------------------------------


def test_an_open_rounds_name_and_due_date_are_corrected(world, clerk):
    world.household("刘家")
    round = world.round([Post.VILLAGE_CHIEF])

    clerk.save(round, name="十月走访", due_on=date(2026, 11, 5), reason="雨季")

    round.refresh_from_db()
    assert (round.name, round.due_on, round.last_credit_on) == ("十月走访", date(2026, 11, 5), date(2026, 11, 5))
    assert AuditEntry.objects.get(verb="round.corrected").reason == "雨季"


def test_a_due_date_cannot_move_into_the_past(world, clerk):
    response = clerk.save(world.round([Post.VILLAGE_CHIEF]), due_on=TODAY - timedelta(days=1))

    assert complaints(response) == ["过去的日期已经计入，请选择今天或以后的日期。"]


def test_a_closed_round_and_another_towns_round_stay_as_they_are(world, clerk, town_clerk):
    mine = world.round([Post.VILLAGE_CHIEF], name="全区")
    foreign = world.round([Post.VILLAGE_CHIEF], name="外镇", town=world.other_town)

    assert town_clerk.open(mine).status_code == 200
    assert town_clerk.client.post(address(Round, "change", mine.pk), {"name": "改名"}).status_code == 403
    assert town_clerk.open(foreign).status_code == 404
    close_round(round=mine, actor=None, on=TODAY)
    assert clerk.client.post(address(Round, "change", mine.pk), {"name": "改名"}).status_code == 403


def test_rounds_are_opened_on_their_own_page(world, clerk):
    page = clerk.client.get(address(Round, "changelist"))

    assert clerk.client.get(address(Round, "add")).status_code == 403
    assert reverse("rounds") in page.content.decode()


# Duties and visits ----------------------------------------------------------------------------


def test_visits_and_duties_are_to_look_at_and_by_reach(world, clerk, town_clerk):
    household, foreign = world.household("刘家"), world.household("赖家", world.foreign)
    helper = world.help("帮扶人", household)
    world.help(helper, foreign)
    mine, other = world.visit(household, TODAY, helper), world.visit(foreign, TODAY, helper)
    world.round([Post.HELPER], TargetKind.PAIRED_HOUSEHOLD)

    assert town_clerk.rows(Visit) == [mine]
    assert [duty.household for duty in town_clerk.rows(Duty)] == [household]
    assert town_clerk.open(other).status_code == 404
    for row in (mine, Duty.objects.first()):
        assert clerk.open(row).status_code == 200
        assert clerk.client.post(address(type(row), "change", row.pk), {"note": "改写"}).status_code == 403
        assert clerk.open(row, "delete").status_code == 403
        assert clerk.client.get(address(type(row), "add")).status_code == 403


def test_every_version_of_a_visit_is_listed_and_leads_to_its_history(world, clerk):
    household = world.household("刘家")
    helper = world.help("帮扶人", household)
    first = world.visit(household, TODAY, helper)
    report = world.report(household, TODAY, helper, note="更正")
    second = correct_visit(first, report, actor=helper, now=at(TODAY), reason="写错")

    assert set(clerk.rows(Visit)) == {first, second}
    assert clerk.rows(Visit, version="standing") == [second]
    assert clerk.rows(Visit, version="corrected") == [first]
    assert reverse("visit_history", args=[second.pk]) in clerk.open(second).content.decode()


def test_reminders_are_nobodys_business_but_the_recipients(world, clerk):
    page = clerk.client.get(reverse("admin:index"))

    shown = {row["object_name"] for group in page.context["app_list"] for row in group["models"]}
    assert not {Reminder.__name__, "Heartbeat", "Group", "AccessAttempt", "LogEntry"} & shown


# Cost -----------------------------------------------------------------------------------------


def some_visit(world: World, number: int) -> None:
    household = world.household(f"户{number}")
    world.visit(household, TODAY, world.help(f"帮扶人{number}", household))


def some_duty(world: World, number: int) -> None:
    world.help(f"帮扶人{number}", world.household(f"户{number}", group=world.village.groups.first()))
    world.round([Post.HELPER], TargetKind.PAIRED_HOUSEHOLD, name=f"轮次{number}")


MAKERS: dict[type, Callable[[World, int], Any]] = {
    Visit: some_visit,
    Duty: some_duty,
    Round: lambda world, number: world.round([Post.VILLAGE_CHIEF], name=f"轮次{number}"),
    RoundTemplate: lambda world, number: RoundTemplate.objects.create(
        name=f"模板{number}", posts=["helper"], target_kind=TargetKind.PAIRED_HOUSEHOLD
    ),
}


def queries_for(panel: Panel, model: type) -> int:
    with CaptureQueriesContext(connection) as queries:
        panel.rows(model)
    return len(queries)


@pytest.mark.parametrize("model", MAKERS, ids=lambda model: model._meta.model_name)
def test_a_list_costs_the_same_queries_at_one_and_three_rows(world, clerk, model):
    MAKERS[model](world, 1)
    at_one = queries_for(clerk, model)
    for number in (2, 3):
        MAKERS[model](world, number)

    assert queries_for(clerk, model) == at_one
    assert at_one <= 12


# In a browser ---------------------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_clerk_changes_the_holder_with_the_autocomplete(desk: Page, world, sign_in, check_axe):
    old = Posting.objects.get(cadre=world.post("旧村长", Post.VILLAGE_CHIEF, world.village))
    new = world.cadre("曾新人")
    sign_in(desk, world.post("区录入员", Post.CLERK, world.district))

    desk.goto(address(Posting, "change", old.pk))
    desk.get_by_role("link", name="更换任职人").click()
    desk.locator(".select2-selection").click()
    desk.locator(".select2-search__field").fill("曾新")
    desk.locator(".select2-results__option", has_text="曾新人").click()
    desk.fill("[name=starts_on]", TODAY.isoformat())
    check_axe(desk)
    desk.locator(".submit-row input[type=submit]").click()

    expect(desk.locator(".messagelist .success")).to_be_visible()
    assert Posting.objects.in_force(TODAY).get(post=Post.VILLAGE_CHIEF).cadre == new


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("model", [Posting, Cadre, Round, Visit, AuditEntry], ids=lambda model: model._meta.model_name)
def test_the_panel_fits_a_phone_and_is_open_to_all(phone: Page, world, sign_in, check_axe, model):
    household = world.household("刘家")
    world.visit(household, TODAY, world.help("帮扶人", household))
    world.round([Post.HELPER], TargetKind.PAIRED_HOUSEHOLD)
    sign_in(phone, world.post("区录入员", Post.CLERK, world.district))

    for url in (address(model, "changelist"), address(model, "change", model.objects.first().pk)):
        phone.goto(url)
        check_axe(phone)
        assert phone.evaluate("document.documentElement.scrollWidth") <= 360
