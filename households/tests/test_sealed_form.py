"""The form's field of a sealed number: mask shown, untouched unchanged, emptied cleared, typed replaced."""

from typing import Any

import pytest
from django import forms
from django.contrib import admin
from django.test import RequestFactory

from casework.tests.world import World
from households.forms.sealed import SealedFormField
from households.models import Person
from households.sealed import Sealed
from villages.office import OfficeAdmin, OfficeForm

pytestmark = pytest.mark.core

OLD, NEW = "13812345678", "13987654321"
MASK = "138****5678"


class PhoneForm(forms.ModelForm):
    class Meta:
        model = Person
        fields = ["name", "phone"]


def form(before: str | None = OLD, /, **posted: str) -> PhoneForm:
    row = Person(name="张三", phone=before)
    return PhoneForm({"name": "张三", **posted}, instance=row) if posted else PhoneForm(instance=row)


def after(before: str | None = OLD, /, **posted: str) -> str | None:
    filled = form(before, **posted)
    filled.is_valid()
    sealed: Any = filled.instance.phone
    return sealed.reveal() if sealed else None


def test_the_page_shows_the_mask_and_nothing_else() -> None:
    html = form().as_p()

    assert f'value="{MASK}"' in html
    assert OLD not in html


@pytest.mark.parametrize(
    ("before", "typed", "kept"),
    [(OLD, MASK, OLD), (OLD, f" {MASK} ", OLD), (OLD, "", None), (OLD, NEW, NEW), (None, NEW, NEW), (None, "", None)],
)
def test_the_mask_means_unchanged_nothing_means_cleared_a_number_replaces(
    before: str | None, typed: str, kept: str | None
) -> None:
    assert after(before, phone=typed) == kept


def test_a_form_that_left_the_field_out_changes_nothing() -> None:
    assert after(OLD, name="李四") == OLD


@pytest.mark.parametrize("typed", ["138****5679", "139****5678", "1391234567*"])
def test_half_a_mask_is_refused_and_changes_nothing(typed: str) -> None:
    filled = form(phone=typed)

    assert list(filled.errors) == ["phone"]
    assert after(phone=typed) == OLD


def test_what_was_typed_stands_in_the_field_again_after_an_error() -> None:
    filled = form(phone=NEW, name="")

    assert not filled.is_valid()
    assert f'value="{NEW}"' in filled.as_p()
    assert NEW not in str(filled.errors)


@pytest.mark.parametrize(
    ("before", "typed", "changed"),
    [(OLD, MASK, False), (OLD, "", True), (OLD, NEW, True), (None, "", False), (None, NEW, True)],
)
def test_only_a_typed_or_an_emptied_number_counts_as_a_change(before: str | None, typed: str, changed: bool) -> None:
    assert ("phone" in form(before, phone=typed).changed_data) is changed


def test_a_page_takes_the_field_without_a_model() -> None:
    class Page(forms.Form):
        phone = SealedFormField(kind="phone", label="电话")

    sealed = Sealed.of(OLD, "households.Person.phone", "phone")
    page = Page({"phone": MASK}, initial={"phone": sealed})

    assert page.is_valid()
    assert page.cleaned_data["phone"] is sealed
    assert 'inputmode="tel"' in str(page["phone"])


@pytest.mark.django_db
def test_the_panel_gets_the_same_field() -> None:
    class PersonAdmin(OfficeAdmin):
        fields = ["name", "id_number"]

    request = RequestFactory().get("/")
    request.user = World().cast()["clerk"]
    made = PersonAdmin(Person, admin.site).get_form(request, change=True)
    number = made.base_fields["id_number"]

    assert issubclass(made, OfficeForm)
    assert isinstance(number, SealedFormField)
    assert number.widget.attrs["class"] == "vTextField"
