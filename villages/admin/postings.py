"""The office's pages for posts and for pairings of units with villages."""

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import Exists, F, OuterRef, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from villages import postings, teams
from villages.models import Pairing, Posting
from villages.models.postings import SINGLE_HOLDER_POSTS
from villages.office import Desk, ReadOnlyInline
from villages.office.acts import taken_back
from villages.office.dated import DatedAdmin, PeriodFilter, hand_over
from villages.office.desk import desk_of
from villages.office.filters import town_filter
from villages.office.words import in_words


class PostingPeriodFilter(PeriodFilter):
    """Also: the last posting at a post that is vacant now."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """In force, not yet, over, over and nobody since."""
        return [*super().lookups(request, model_admin), ("vacant", _("ended, vacant since"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Rows in that part of their life."""
        if self.value() != "vacant":
            return super().queryset(request, queryset)
        same_seat = Posting.objects.filter(post=OuterRef("post"), place_code=OuterRef("place_code"))
        held = same_seat.in_force(desk_of(request).on)
        later = same_seat.filter(starts_on__gt=OuterRef("starts_on"))
        ended = queryset.filter(ends_on__lt=desk_of(request).on, post__in=SINGLE_HOLDER_POSTS)
        return ended.filter(~Exists(held), ~Exists(later))


@admin.register(Posting)
class PostingAdmin(DatedAdmin):
    """All posts at places in reach."""

    list_display = ["cadre", "post", "place_name", "town_name", "starts_on", "ends_on", "period"]
    list_display_links = ["cadre", "post"]
    list_filter = [town_filter("place_code"), PostingPeriodFilter, "post"]
    search_fields = ["cadre__name", "cadre__username", "village__name", "town__name", "unit__name", "place_code"]
    search_help_text = _("Cadre, account, village, town, unit or code.")
    autocomplete_fields = ["cadre", "district", "town", "village", "unit"]
    related = ("cadre__unit", "village__town", "town", "district", "unit")
    adds = ("cadre",)
    # Places from above to below by their code; units have none and come last.
    ordering = [F("unit").asc(nulls_first=True), "place_code", "post", "-starts_on"]
    fieldsets = [
        (None, {"fields": ["cadre", "post"]}),
        (
            _("Where the post stands"),
            {
                "fields": ["village", "town", "district", "unit"],
                "description": _("Fill in exactly one: the place at which the post stands."),
            },
        ),
        (_("Period"), {"fields": ["starts_on", "ends_on"]}),
    ]
    acts = (
        hand_over(
            label=_("Change the holder"),
            explanation=_("One step: the present posting ends, and the new holder's begins at the same place."),
            verb=postings.replace_holder,
            row="posting",
            of=Posting,
            who=_("New holder"),
            ends=_("The present holder's posting ends the day before."),
            done=_("The post has changed hands."),
        ),
    )
    bulk = ("ends_on",)
    removal = taken_back(
        label=_("Remove a posting entered by mistake"),
        explanation=_(
            "Only for a posting that never was. If it has ended, give it a last day instead: "
            "visits made in the post keep counting."
        ),
        verb=postings.remove_posting,
        row="posting",
        done=_("The posting is removed. Its values stay in the history."),
    )

    def tools(self, request: HttpRequest, row: Any) -> list[tuple[str, Any]]:
        """The acts, and the pack for the next holder."""
        acts = super().tools(request, row)
        return (
            [*acts, (reverse("handover_post", args=[row.pk]), _("Handover pack"))] if acts and row.place_code else acts
        )

    def label(self, row: Any) -> str:
        """Who, what, where."""
        return f"{row.cadre} · {row.get_post_display()} · {row.place}"

    @admin.display(description=_("place"), ordering="place_code")
    def place_name(self, posting: Posting) -> str:
        """The one place the post stands at."""
        return str(posting.place)

    @admin.display(description=_("town"))
    def town_name(self, posting: Posting) -> str:
        """The town of a village post."""
        return posting.village.town.name if posting.village else ""

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """With the reason where something is changed."""
        fieldsets = list(super().get_fieldsets(request, obj))
        is_change = obj and self.has_change_permission(request, obj)
        return [*fieldsets, (None, {"fields": ["reason"]})] if is_change else fieldsets

    def may_change(self, desk: Desk, row: Posting) -> bool:
        """The office of the place or above."""
        return postings.can_change_postings(desk.cadre, row.place_code, desk.on)

    def write(self, row: Posting, desk: Desk, form: Any, reason: str) -> None:
        """Save by the verb."""
        postings.save_posting(row, actor=desk.cadre, on=desk.on, reason=reason)

    def save_model(self, request: HttpRequest, obj: Posting, form: Any, change: bool) -> None:
        """Warn of a team that is smaller than expected."""
        super().save_model(request, obj, form, change)
        on = desk_of(request).on
        if obj.village_id and obj.post in teams.TEAM_POSTS and teams.is_team_small(obj.village_id, on):
            text = gettext("The resident team of %(village)s has %(size)s people today; %(expected)s are expected.")
            size = teams.team_size(obj.village_id, on)
            values = {"village": obj.village, "size": size, "expected": settings.TEAM_SIZE_EXPECTED}
            messages.warning(request, text % values)


class HoldersInline(ReadOnlyInline):
    """The posts at a place."""

    model = Posting
    verbose_name_plural = _("posts here")
    fields = readonly_fields = ["cadre", "post", "starts_on", "ends_on"]
    related = ("cadre",)
    ordering = ["post", "-starts_on"]


class UnitsInline(ReadOnlyInline):
    """The units paired with a village."""

    model = Pairing
    fields: Any = ["unit", in_words(Pairing, "is_lead"), "starts_on", "ends_on"]
    readonly_fields: Any = fields
    related = ("unit",)
    ordering = ["-starts_on"]


@admin.register(Pairing)
class PairingAdmin(DatedAdmin):
    """Which unit is paired with which village in reach."""

    list_display = ["unit", "village", "town_name", in_words(Pairing, "is_lead"), "starts_on", "ends_on", "period"]
    list_display_links = ["unit", "village"]
    list_filter = [town_filter("village__code"), PeriodFilter, "is_lead"]
    search_fields = ["unit__name", "village__name", "village__town__name"]
    autocomplete_fields = ["unit", "village"]
    related = ("unit", "village__town")
    adds = ("unit",)

    @admin.display(description=_("town"), ordering="village__town")
    def town_name(self, pairing: Pairing) -> str:
        """The village's town."""
        return pairing.village.town.name

    def may_change(self, desk: Desk, row: Pairing) -> bool:
        """The office of the village or above."""
        return postings.can_change_postings(desk.cadre, row.village_id, desk.on)

    def write(self, row: Pairing, desk: Desk, form: Any, reason: str) -> None:
        """Save by the verb."""
        postings.save_pairing(row, actor=desk.cadre, on=desk.on, reason=reason)
