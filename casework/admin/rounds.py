"""The office's pages for rounds, their templates and their duties."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casework import rules
from casework.models import Contact, Duty, Outcome, Round, RoundTemplate, State
from casework.models.rounds import VISITING_POSTS, RoundState
from villages.models import Post
from villages.office import Desk, OfficeAdmin, OfficeForm, ReadOnlyAdmin
from villages.office.desk import desk_of
from villages.office.filters import town_filter, village_filter
from villages.office.words import in_words
from villages.places import can_change_shared

POSTS = [(post.value, post.label) for post in VISITING_POSTS]
WORDS = {"posts": POSTS, "contacts": Contact.choices, "outcomes": Outcome.choices}


class RuleForm(OfficeForm):
    """A rule whose lists are ticked."""

    posts = forms.MultipleChoiceField(label=_("visitors' posts"), choices=POSTS, widget=forms.CheckboxSelectMultiple)
    contacts = forms.MultipleChoiceField(
        label=_("contacts that count"), choices=Contact.choices, widget=forms.CheckboxSelectMultiple
    )
    outcomes = forms.MultipleChoiceField(
        label=_("outcomes that count"), choices=Outcome.choices, widget=forms.CheckboxSelectMultiple
    )


def say(codes: list[str], words: list[tuple[str, Any]]) -> str:
    """The codes of a list in words."""
    return gettext(", ").join(str(dict(words).get(code, code)) for code in codes)


class RuleAdmin(OfficeAdmin):
    """A rule in words."""

    words = WORDS

    @admin.display(description=_("visitors' posts"))
    def posts_said(self, rule: Any) -> str:
        """Who goes."""
        return say(rule.posts, POSTS)

    @admin.display(description=_("contacts that count"))
    def contacts_said(self, rule: Any) -> str:
        """How the family is met."""
        return say(rule.contacts, Contact.choices)

    @admin.display(description=_("outcomes that count"))
    def outcomes_said(self, rule: Any) -> str:
        """What must come of it."""
        return say(rule.outcomes, Outcome.choices)


@admin.register(RoundTemplate)
class RoundTemplateAdmin(RuleAdmin):
    """Rules to open rounds from."""

    form = RuleForm
    list_display = ["name", "posts_said", "target_kind", "repetition", in_words(RoundTemplate, "is_any_post"), "order"]
    search_fields = ["name"]
    fields = [
        *("name", "posts", "is_any_post", "target_kind", "repetition", "contacts", "outcomes"),
        *("counts_away_by_phone", "remind_days_before", "order"),
    ]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """In words for those who only look."""
        fields = super().get_fields(request, obj)
        if obj and not self.has_change_permission(request, obj):
            return [f"{name}_said" if name in WORDS else name for name in fields]
        return fields

    def may_add(self, desk: Desk) -> bool:
        """The district's office."""
        return desk.is_for_district

    def may_change(self, desk: Desk, row: RoundTemplate) -> bool:
        """The district's office."""
        return can_change_shared(desk.cadre, desk.on)

    def write(self, row: RoundTemplate, desk: Desk, form: Any, reason: str) -> None:
        """Save by the verb."""
        rules.save_template(row, actor=desk.cadre, on=desk.on, reason=reason)


@admin.register(Round)
class RoundAdmin(RuleAdmin):
    """Rounds are opened and closed on their own pages; here a name or a date is corrected."""

    list_display = [
        *("name", "place", "starts_on", "due_on", "state", "coverage", "posts_said", "target_kind", "repetition"),
    ]
    list_filter = ["state", "repetition", "target_kind"]
    search_fields = ["name"]
    related = ("district", "town", "opened_by", "closed_by")
    change_list_template = "admin/casework/round/change_list.html"
    readonly_fields = [
        *("place", "posts_said", "target_kind", "starts_on", "contacts_said", "outcomes_said", "any_post_said"),
        *("by_phone_said", "state", "opened_on", "opened_by", "closed_on", "closed_by", "coverage"),
    ]
    fields = [
        *("name", "place", "posts_said", "any_post_said", "target_kind", "starts_on", "due_on", "grace_days"),
        *("repetition", "remind_days_before", "contacts_said", "outcomes_said", "by_phone_said"),
        *("state", "opened_on", "opened_by", "closed_on", "closed_by", "coverage"),
    ]
    any_post_said = staticmethod(in_words(Round, "is_any_post"))
    by_phone_said = staticmethod(in_words(Round, "counts_away_by_phone"))

    @admin.display(description=_("place"))
    def place(self, round: Round) -> str:
        """The town or the whole district."""
        return str(round.town or round.district)

    @admin.display(description=_("coverage"))
    def coverage(self, round: Round) -> SafeString | str:
        """To the figures."""
        if round.pk is None or round.state == RoundState.OPENING:
            return ""
        return format_html('<a href="{}">{}</a>', reverse("coverage", args=[round.pk]), _("figures"))

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Opened on the page that previews the duties."""
        return False

    def may_change(self, desk: Desk, row: Round) -> bool:
        """The office of the place, while the round is open."""
        return rules.can_correct_round(desk.cadre, row, desk.on)

    def write(self, row: Round, desk: Desk, form: Any, reason: str) -> None:
        """Correct by the verb."""
        rules.correct_round(row, actor=desk.cadre, on=desk.on, reason=reason)


class RoundFilter(admin.SimpleListFilter):
    """Rounds in reach."""

    title = _("round")
    parameter_name = "round"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The latest rounds, by first day."""
        desk = desk_of(request)
        rounds = Round.objects.visible_to(desk.cadre, desk.on).select_related("town", "district")[:30]
        return [(str(round.pk), f"{round.name} · {round.starts_on}") for round in rounds]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Duties of the round."""
        return queryset.filter(round__pk=self.value()) if (self.value() or "").isdecimal() else queryset


class SeatFilter(admin.SimpleListFilter):
    """The post that owes the visit, alone or among others."""

    title = _("post")
    parameter_name = "post"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The posts that visit."""
        return POSTS

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Duties the post owes."""
        return queryset.filter(seat__contains=self.value()) if self.value() in Post else queryset


@admin.register(Duty)
class DutyAdmin(ReadOnlyAdmin):
    """Duties follow from rounds, and their state from facts: to look at."""

    list_display = ["target", "village", "seat_name", "round", "state_now", "credited_on"]
    list_filter = [RoundFilter, SeatFilter, town_filter("village__code"), village_filter("village__code")]
    search_fields = ["household__head_name", "household__number", "village__name"]
    search_help_text = _("Head of household, household number or village.")
    related = ("round", "village", "household", "excused_by")
    ordering = ["pk"]
    fields = readonly_fields = [
        *("round", "seat_name", "village", "household", "state_now", "credited_visit", "credited_on", "in_person_on"),
        *("left_on", "excused_on", "excuse", "excused_by", "closing_state"),
    ]

    def with_columns(self, rows: Any, desk: Desk) -> Any:
        """Add the state of today."""
        return rows.with_state(desk.on)

    @admin.display(description=_("target"))
    def target(self, duty: Duty) -> str:
        """The household, or the village itself."""
        return str(duty.household or duty.village)

    @admin.display(description=_("post"))
    def seat_name(self, duty: Duty) -> str:
        """The post, or those of which any one suffices."""
        return duty.seat_label

    @admin.display(description=_("state"))
    def state_now(self, duty: Any) -> Any:
        """The state of today."""
        return State(duty.state).label
