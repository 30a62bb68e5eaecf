"""The office's page for persons: who they are, how they live, what protects them. Numbers are masked."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from households import persons
from households.admin.of_household import (
    HOUSEHOLD_SEARCH,
    PLACE_FILTERS,
    OfHouseholdAdmin,
    answering_to,
    found_quickly,
)
from households.forms.choosing import numbers
from households.masking import masked_id_beside_age
from households.models import Health, Household, Person
from households.models.names import InIndexOrder
from villages.calendar import today
from villages.office import Desk, OfficeForm, ReadOnlyInline
from villages.office.acts import Act, taken_back
from villages.office.dated import day_field
from villages.office.desk import desk_of
from villages.office.rows import EMPTY

SCHOOL_AGE, ADULT_AGE, RETIREMENT_AGE = 6, 18, 60
FLAGS = (
    "has_medical_insurance",
    "has_major_illness_insurance",
    "has_pension",
    "has_minimum_allowance",
    "has_destitute_support",
)


def years_before(day: date, years: int) -> date:
    """The birthday of who becomes that old on the day; 28 February stands in for 29."""
    is_leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - years, day=28) if is_leap_day else day.replace(year=day.year - years)


class Columns:
    """What lists and tables show of a person. Never None, which a table on the household's page would print."""

    @admin.display(description=_("age"), ordering="-born_on")
    def age(self, person: Person) -> int | str:
        """Completed years today."""
        age = person.age_on(today())
        return EMPTY if age is None else age

    @admin.display(description=_("identity number"))
    def masked_number(self, person: Person) -> str:
        """By its area alone, because the age stands beside it."""
        sealed: Any = person.id_number
        return masked_id_beside_age(sealed.reveal()) if sealed else EMPTY

    @admin.display(description=_("telephone"))
    def masked_phone(self, person: Person) -> str:
        """138****5678."""
        return str(person.phone) if person.phone else EMPTY


class PersonForm(OfficeForm):
    """A person, with the states of health ticked."""

    health = forms.MultipleChoiceField(
        label=_("health"),
        choices=Health.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        initial=list,
    )


class LeavingForm(forms.Form):
    """From when the person no longer belongs to the household."""

    left_on = day_field(_("Left the household on"), _("Death, marriage or a household of one's own."))


def _leave(person: Person, desk: Desk, values: dict[str, Any]) -> Person:
    return persons.leave_household(person=person, left_on=values["left_on"], actor=desk.cadre, on=desk.on)


class AgeFilter(admin.SimpleListFilter):
    """By age, as the tasks are: school, work, old age."""

    title = _("age")
    parameter_name = "age"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The ages that tasks ask for."""
        return [
            ("small", _("below 6")),
            ("school", _("6 to 17")),
            ("adult", _("18 to 59")),
            ("old", _("60 and above")),
            ("unknown", _("unknown")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Persons of that age today."""
        on = desk_of(request).on
        school, adult, old = (years_before(on, years) for years in (SCHOOL_AGE, ADULT_AGE, RETIREMENT_AGE))
        conditions: dict[str, dict[str, Any]] = {
            "small": {"born_on__gt": school},
            "school": {"born_on__lte": school, "born_on__gt": adult},
            "adult": {"born_on__lte": adult, "born_on__gt": old},
            "old": {"born_on__lte": old},
            "unknown": {"born_on": None},
        }
        return queryset.filter(**conditions.get(self.value() or "", {}))


class BelongsFilter(admin.SimpleListFilter):
    """Whether the person belongs to the household today."""

    title = _("household")
    parameter_name = "belongs"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Belongs, has left."""
        return [("yes", _("belongs to it")), ("no", _("has left it"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet:
        """Persons who belong or have left."""
        on = desk_of(request).on
        if self.value() == "yes":
            return queryset.registered(on)
        return queryset.filter(left_on__lte=on) if self.value() == "no" else queryset


class PersonsInline(Columns, ReadOnlyInline):
    """The members of a household."""

    model = Person
    fields: Any = ["name", "relation", "sex", "age", "masked_number", "masked_phone", "labour_skill", "left_on"]
    readonly_fields: Any = fields
    entered_by = "household"
    related = ("household",)
    ordering = ["left_on", "pk"]


@admin.register(Person)
class PersonAdmin(Columns, OfHouseholdAdmin):
    """Everybody who belongs to a household in reach."""

    form = PersonForm
    list_display = [
        *("name", "relation", "sex", "age", "household", "village", "masked_number", "masked_phone"),
    ]
    list_display_links = ["name"]
    in_order_of = {"name": InIndexOrder(F("name"))}
    ordering = ["household__number", "pk"]
    list_filter = [*PLACE_FILTERS, AgeFilter, "relation", "labour_skill", "has_medical_insurance", BelongsFilter]
    search_fields = ["name", "number", *HOUSEHOLD_SEARCH]
    search_help_text = _("Name, pinyin initials, person number, or the household's head or number.")
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "household",
                    ("name", "number"),
                    ("relation", "sex"),
                    "id_number",
                    ("born_on", "ethnicity"),
                    "identified_on",
                ]
            },
        ),
        (_("Contact"), {"fields": ["phone", "bank_account"]}),
        (
            _("Education, health, work"),
            {
                "fields": [
                    ("education", "schooling"),
                    "health",
                    ("labour_skill", "months_of_work"),
                    "place_of_work",
                ]
            },
        ),
        (_("Insurance and support"), {"fields": [FLAGS[:3], FLAGS[3:]]}),
    ]
    words = {"health": Health.choices}
    bulk = ("schooling", "education", "labour_skill", "months_of_work", "place_of_work", *FLAGS)
    quick = 2
    acts = (
        Act(
            name="leave",
            label=_("Has left the household"),
            explanation=_("From that day on the person is not counted among the members. The record stays."),
            form=lambda _row, data: LeavingForm(data),
            verb=_leave,
            done=_("The day of leaving is recorded."),
        ),
    )
    removal = taken_back(
        label=_("Remove a person entered by mistake"),
        explanation=_("Only for somebody who never belonged to the household. Whoever left it gets a day of leaving."),
        verb=persons.remove_person,
        row="person",
        done=_("The person is removed. The values stay in the history, numbers masked."),
    )

    def offered(self, request: HttpRequest) -> Any:
        """For the person of a measure: who belongs to the chosen household, which households/js/person_of.js names."""
        rows = super().offered(request)
        if request.GET.get("field_name") != "person" or "household" not in request.GET:
            return rows
        return rows.registered(desk_of(request).on).filter(household__in=numbers(request.GET.getlist("household")))

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """By the person's name, initials or number, or the household's."""
        if not search_term:
            return queryset, False
        own, homes = answering_to(search_term, name="name"), answering_to(search_term, name="head_name")
        return queryset.filter(own | Q(household__in=Household.objects.filter(homes).order_by())), False

    def found_quickly(self, request: HttpRequest, text: str) -> Any:
        """Members of households; heads are found as their household."""
        return [one.person for one in found_quickly(request, text) if one.person]

    def tools(self, request: HttpRequest, row: Any) -> list[tuple[str, Any]]:
        """Also: one number in full, for a purpose that is noted down."""
        in_full = (reverse("person_reveal", args=[row.pk]), _("See a number in full"))
        return [in_full, *super().tools(request, row)]

    def label(self, row: Person) -> str:
        """Persons of one name differ by household and village."""
        relation = row.get_relation_display()  # type: ignore[attr-defined]
        return f"{row.name} · {relation} · {row.household.head_name} · {row.household.village}"

    def may_change(self, desk: Desk, row: Person) -> bool:
        """The office of the household's village or above."""
        return persons.can_change_person(desk.cadre, row.household.village_id, desk.on)

    def write(self, row: Person, desk: Desk, form: Any, reason: str) -> None:
        """Save by the verb."""
        persons.save_person(row, actor=desk.cadre, on=desk.on, reason=reason)
