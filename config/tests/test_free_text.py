"""Nobody's identity or telephone number is kept in free text, through whichever door it comes."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.test import APIClient

from casework.corrections import correct_visit
from casework.models import Visit
from casework.rounds import excuse_duty
from casework.tests.world import TODAY, World, at
from households.models import Household, Measure, MonitoringCase
from households.tests.cases import DAYS, case_before, found_case
from households.tests.file_rows import measure_of
from villages.audit import entry
from villages.models import Cadre, Post
from villages.models.words import LongWords, Words
from villages.personal_numbers import LEAVE_IT_OUT, has_personal_number, no_personal_number
from villages.tests.panel import Panel, complaints

IDENTITY = "360721196803021234"
APPS = ("villages", "households", "casework")

# Text columns that are no free text, each with what keeps people's numbers out of it.
NO_FREE_TEXT = {
    "villages.Cadre.username": "an account's name, given by the office",
    "villages.Cadre.email": "checked as an address",
    "villages.Cadre.password": "a digest",
    "villages.District.code": "digits, checked for their number",
    "villages.Town.code": "digits, checked for their number",
    "villages.Village.code": "digits, checked for their number",
    "villages.AuditEntry.verb": "written by a verb",
    "villages.AuditEntry.target_type": "written by a verb",
    "villages.AuditEntry.target_id": "written by a verb",
    "villages.Integration.contact": "how an office is reached, entered by the district's office",
    "villages.Integration.place_code": "digits, checked for their number",
    "villages.SavedFilter.page": "one of the panel's lists",
    "villages.SavedFilter.query": "a list never has such a number in its address: villages/office/lists.py",
    "households.Household.number": "the national number",
    "households.Person.number": "the national number",
    "households.RegisterImport.file_name": "starred when the file is brought in",
    "households.RegisterImport.problem": "written by the reader",
    "households.ImportGroup.key": "the national number",
    "households.ImportGroup.digest": "a digest",
    "households.ImportGroup.label": "starred by the reader",
    "households.ImportRefusal.sheet": "starred by the reader",
    "households.ImportRefusal.column": "a heading of ours",
    "households.ImportRefusal.value": "starred by the reader",
    "households.ImportRefusal.code": "written by the reader",
    "households.ImportRefusal.hint": "written by the reader",
    "households.ImportRefusal.label": "starred by the reader",
    "casework.AppVersion.name": "a digest",
    "casework.BeatLease.holder": "the name of a computer and a process",
    "casework.BeatLease.name": "the name of a lease",
    "casework.Heartbeat.name": "the name of a job",
    "casework.Phone.app_version": "one of the versions accepted",
    "casework.Seat.name": "written by the system",
    "casework.Duty.seat": "written by the system",
    "casework.ClosingFigure.seat": "written by the system",
    "casework.Misaddressed.place_code": "written by the system",
    "casework.ReminderEffect.seat": "written by the system",
    "casework.Matter.seat": "written by the system",
}


def text_columns() -> Iterator[tuple[str, models.Field]]:
    """Every column of ours into which words could be written."""
    for app in APPS:
        for model in apps.get_app_config(app).get_models():
            for field in model._meta.concrete_fields:
                is_text = isinstance(field, models.CharField | models.TextField)
                if is_text and field.editable and not field.choices and not hasattr(field, "kind"):
                    yield f"{model._meta.label}.{field.name}", field


def test_every_column_of_free_text_refuses_numbers() -> None:
    kept_out = {name for name, field in text_columns() if no_personal_number in field.validators}
    without = {name for name, _field in text_columns()} - kept_out

    assert without == set(NO_FREE_TEXT)
    assert {"casework.Visit.note", "households.Measure.content", "households.CaseStep.note"} <= kept_out


def test_a_migration_knows_them_as_ordinary_columns() -> None:
    assert Words(max_length=5).deconstruct()[1] == "django.db.models.CharField"
    assert LongWords().deconstruct()[1] == "django.db.models.TextField"


@given(
    before=st.text(alphabet="户主反映，入院。abc ", max_size=20),
    after=st.text(alphabet="户主反映，入院。abc ", max_size=20),
    number=st.sampled_from([IDENTITY, f"{IDENTITY[:-1]}X", "360721680302123", "13879791234"]),
    between=st.sampled_from(["", " ", "-", "  "]),
    at_place=st.integers(min_value=1, max_value=10),
)
def test_a_number_in_any_text_is_refused(before: str, after: str, number: str, between: str, at_place: int) -> None:
    written = f"{before}，{number[:at_place]}{between}{number[at_place:]}，{after}"

    assert has_personal_number(written)
    with pytest.raises(ValidationError):
        Words(max_length=200).clean(written, None)


# Visits -------------------------------------------------------------------------------------------


@pytest.fixture
def world(db: None) -> World:
    return World()


def answers(home: Household, helper: Cadre, **changed: Any) -> dict[str, Any]:
    usual = {"id": str(uuid.uuid4()), "visited_on": TODAY.isoformat(), "contact": "home", "outcome": "met"}
    return usual | {"visitors": [helper.pk], "note": "", "has_problem": "no", "problem": ""} | changed


def test_a_visit_form_keeps_what_was_typed_and_says_what_to_do(client, home, helper):
    client.force_login(helper)
    typed = answers(home, helper, note=f"身份证{IDENTITY}", has_problem="yes", problem="电话13879791234打不通")

    response = client.post(f"{reverse('visit_new')}?household={home.pk}", typed)

    form = response.context["form"]
    assert form.errors == {"note": [LEAVE_IT_OUT], "problem": [LEAVE_IT_OUT]}
    assert form["note"].value() == typed["note"]
    assert not Visit.objects.exists()


def test_a_phone_is_told_and_the_visit_is_stored_once_the_number_is_out(home, helper):
    client = APIClient()
    client.force_authenticate(helper)
    visit = {"id": str(uuid.uuid4()), "household": home.pk, "visited_on": TODAY.isoformat()}

    refused = client.post("/api/v1/visits/", visit | {"note": f"身份证 {IDENTITY}"}, format="json")
    stored = client.post("/api/v1/visits/", visit | {"note": "身份证已核对"}, format="json")

    assert (refused.status_code, refused.json()) == (400, {"note": [str(LEAVE_IT_OUT)]})
    assert stored.status_code == 201
    assert Visit.objects.get().note == "身份证已核对"


@pytest.mark.parametrize("withdraw", [False, True])
def test_neither_the_correction_of_a_visit_nor_its_reason_brings_one_in(world, home, helper, withdraw):
    visit = world.visit(home, TODAY, helper)
    options = {"actor": helper, "now": at(TODAY), "withdraw": withdraw}

    with pytest.raises(ValidationError) as in_note:
        correct_visit(visit, world.report(home, TODAY, helper, note=IDENTITY), reason="更正", **options)
    with pytest.raises(ValidationError) as in_reason:
        correct_visit(visit, world.report(home, TODAY, helper), reason=f"错写{IDENTITY}", **options)

    assert list(in_note.value.message_dict) == ["note"]
    assert list(in_reason.value.message_dict) == ["reason"]
    assert Visit.objects.count() == 1


# What households get, and cases -------------------------------------------------------------------


def test_a_measure_form_names_the_field(world, client, home):
    client.force_login(world.post("大村长", Post.VILLAGE_CHIEF, world.village))
    typed = {"id": str(uuid.uuid4()), "offered": str(home.pk), "household": [home.pk], "kind": "industry"}
    typed |= {"content": f"发放鸡苗给{IDENTITY}", "amount": "200", "starts_on": TODAY.isoformat()}

    response = client.post(f"{reverse('measure_new')}?household={home.pk}", typed)

    assert response.context["form"].errors == {"content": [LEAVE_IT_OUT]}
    assert response.context["form"]["content"].value() == typed["content"]
    assert not Measure.objects.exists()


def test_taking_a_form_back_says_so_beside_its_reason(world, client):
    chief = world.post("大村长", Post.VILLAGE_CHIEF, world.village)
    client.force_login(chief)
    batch = uuid.uuid4()
    for name in ("刘家", "赖家"):
        row = measure_of(world.household(name), TODAY, chief)
        Measure.objects.filter(pk=row.pk).update(batch=batch, recorded_by=chief)

    response = client.post(reverse("measure_batch", args=[batch]), {"remove-reason": f"多录了{IDENTITY}"})

    assert response.context["removal"].errors == {"reason": [LEAVE_IT_OUT]}
    assert Measure.objects.count() == 2


def test_the_panel_names_the_field_and_the_reason(world, home):
    clerk = world.post("区录入员", Post.CLERK, world.district)
    panel, row = Panel(clerk), measure_of(home, TODAY, clerk)

    in_field = panel.save(row, content=f"鸡苗{IDENTITY}", reason="更正")
    in_reason = panel.save(row, content="鸭苗", reason=f"错录{IDENTITY}")

    assert [str(LEAVE_IT_OUT)] == complaints(in_field) == complaints(in_reason)
    row.refresh_from_db()
    assert IDENTITY not in row.content


def test_finding_and_step_of_a_case_are_refused_on_page_and_api(world, home):
    chief = world.post("大村长", Post.VILLAGE_CHIEF, world.village)
    client, phone = Client(), APIClient()
    client.force_login(chief)
    phone.force_authenticate(chief)
    with pytest.raises(ValidationError) as finding:
        found_case(home, description=f"户主{IDENTITY}住院")
    case = case_before("check", home)
    told = {"step": "check", "done_on": str(DAYS["check"]), "people": "村长", "note": IDENTITY, "is_authorised": "on"}

    page = client.post(reverse("case", args=[case.pk]), told)
    api = phone.post(f"/api/v1/cases/{case.pk}/steps/", told | {"is_authorised": True}, format="json")

    assert list(finding.value.message_dict) == ["description"]
    assert page.context["form"].errors == {"note": [LEAVE_IT_OUT]}
    assert (api.status_code, api.json()) == (400, {"note": [str(LEAVE_IT_OUT)]})
    assert MonitoringCase.objects.get().state == "found"


# Reasons ------------------------------------------------------------------------------------------


def test_no_reason_with_a_number_reaches_the_trail(world, home):
    helper = world.help("李帮扶", home)
    supervisor = world.post("督导", Post.SUPERVISOR, world.district)
    duty = world.round([Post.HELPER], "paired_household").duties.get()

    with pytest.raises(ValidationError):
        entry(actor=helper, verb="visit.recorded", target=home, reason=IDENTITY)
    with pytest.raises(ValidationError):
        excuse_duty(duty=duty, actor=supervisor, on=TODAY, reason=f"户主{IDENTITY}外出")

    duty.refresh_from_db()
    assert duty.excuse == ""
