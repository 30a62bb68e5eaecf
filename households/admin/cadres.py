"""The office's page for cadres: the account, the posts, the households helped."""

from collections import defaultdict
from typing import Any

from django.contrib import admin
from django.contrib.auth.forms import SetPasswordForm, SetPasswordMixin
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from households import accounts
from households.models import HelperPairing
from villages.models import Cadre, Posting
from villages.office import Desk, OfficeAdmin, OfficeForm, ReadOnlyInline
from villages.office.acts import Act
from villages.office.dated import cadre_label
from villages.office.desk import desk_of
from villages.office.filters import TownFilter
from villages.office.words import in_words

PLACES_SHOWN = 3


class NewAccountForm(SetPasswordMixin, OfficeForm):
    """A new account; its first password is typed twice."""

    password1, password2 = SetPasswordMixin.create_password_fields(_("First password"), _("The same again"))

    def clean(self) -> Any:
        """Refuse two different passwords."""
        self.validate_passwords()
        return super().clean()

    def _post_clean(self) -> None:
        super()._post_clean()
        self.validate_password_for_user(self.instance)


def _cut(names: list[str]) -> str:
    shown = gettext(", ").join(names[:PLACES_SHOWN])
    if len(names) <= PLACES_SHOWN:
        return shown
    return gettext("%(places)s and more, %(count)s in all") % {"places": shown, "count": len(names)}


def _set_password(cadre: Cadre, desk: Desk, values: dict[str, Any]) -> Cadre:
    return accounts.set_password(cadre, password=values["new_password1"], actor=desk.cadre, on=desk.on)


class CadreTownFilter(TownFilter):
    """Cadres with a post or a helped household in the town today."""

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Those of the town."""
        town = self.value()
        if not town:
            return queryset
        on = desk_of(request).on
        posted = Posting.objects.in_force(on).filter(place_code__startswith=town)
        helping = HelperPairing.objects.in_force(on).filter(household__village__code__startswith=town)
        ids = posted.order_by().values("cadre").union(helping.order_by().values("cadre"))
        return queryset.filter(pk__in=ids)


class WorkFilter(admin.SimpleListFilter):
    """What the cadre does today."""

    title = _("today")
    parameter_name = "today"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Post, helper, neither."""
        return [("post", _("holds a post")), ("helper", _("helps households")), ("none", _("neither"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Cadres who do that today."""
        on = desk_of(request).on
        posted = Exists(Posting.objects.in_force(on).filter(cadre=OuterRef("pk")))
        helping = Exists(HelperPairing.objects.in_force(on).filter(cadre=OuterRef("pk")))
        conditions = {"post": Q(posted), "helper": Q(helping), "none": ~Q(posted) & ~Q(helping)}
        return queryset.filter(conditions.get(self.value() or "", Q()))


class PostsInline(ReadOnlyInline):
    """The cadre's posts, as far as the desk reaches."""

    model = Posting
    fields = readonly_fields = ["post", "place", "starts_on", "ends_on"]
    related = ("village", "town", "district", "unit", "cadre")
    ordering = ["-starts_on"]

    @admin.display(description=_("place"))
    def place(self, posting: Posting) -> str:
        """The one place the post stands at."""
        return str(posting.place)


class HelpedInline(ReadOnlyInline):
    """The households the cadre helps, as far as the desk reaches."""

    model = HelperPairing
    verbose_name_plural = _("households helped")
    fields: Any = ["household", "village", in_words(HelperPairing, "is_primary"), "starts_on", "ends_on"]
    readonly_fields: Any = fields
    related = ("household__village", "cadre")
    ordering = ["-starts_on"]

    @admin.display(description=_("village"))
    def village(self, pairing: HelperPairing) -> str:
        """Where the household lives."""
        return pairing.household.village.name


@admin.register(Cadre)
class CadreAdmin(OfficeAdmin):
    """Accounts; what a cadre may do follows from the posts, so no leave is given here."""

    list_display = ["name", "username", "unit", "rank", "posts", in_words(Cadre, "is_active")]
    list_display_links = ["name", "username"]
    list_filter = [CadreTownFilter, WorkFilter, "rank", "is_active"]
    search_fields = ["name", "username", "unit__name"]
    search_help_text = _("Name, account or unit.")
    quick = 3
    autocomplete_fields = ["unit"]
    related = ("unit",)
    adds = ("unit",)
    fields = ["name", "username", "unit", "rank", "email", "is_active"]
    inlines = [PostsInline, HelpedInline]
    acts = (
        Act(
            name="password",
            label=_("Set a new password"),
            explanation=_("For a cadre who has forgotten it. Whoever is signed in with the old one is signed out."),
            form=lambda row, data: SetPasswordForm(row, data),
            verb=_set_password,
            done=_("The new password holds from now on. Tell it to the cadre in person."),
        ),
    )

    def rows(self, desk: Desk) -> Any:
        """Cadres at work in reach, and those not yet placed."""
        return accounts.accounts_of(desk.cadre, desk.on)

    def offered(self, request: HttpRequest) -> Any:
        """Any cadre may be given a post or a household."""
        return Cadre.objects.filter(is_superuser=False).select_related("unit").order_by("name", "pk")

    def with_columns(self, rows: Any, desk: Desk) -> Any:
        """Add the posts of today."""
        now = Posting.objects.in_force(desk.on).select_related("village", "town", "district", "unit")
        return rows.prefetch_related(Prefetch("postings", now, to_attr="posts_now"))

    def label(self, row: Any) -> str:
        """Cadres of one name differ by account and unit."""
        return cadre_label(row)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """A new account asks for its first password."""
        return super().get_form(request, obj, change=change, **({} if obj else {"form": NewAccountForm}), **kwargs)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A new account asks for its first password."""
        fields = super().get_fields(request, obj)
        return fields if obj else [*fields, "password1", "password2"]

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        """A new cadre has no posts yet."""
        return self.inlines if obj else []

    @admin.display(description=_("posts today"))
    def posts(self, cadre: Any) -> str:
        """The posts of today with their places, many places cut short."""
        places: dict[str, list[str]] = defaultdict(list)
        for posting in cadre.posts_now:
            places[posting.get_post_display()].append(str(posting.place))
        return gettext(", ").join(
            gettext("%(post)s (%(places)s)") % {"post": post, "places": _cut(names)} for post, names in places.items()
        )

    def may_change(self, desk: Desk, row: Cadre) -> bool:
        """The office of all the places the account opens."""
        return accounts.can_change_account(desk.cadre, row, desk.on)

    def write(self, row: Cadre, desk: Desk, form: Any, reason: str) -> None:
        """Save by the verb."""
        password = form.cleaned_data.get("password1", "")
        accounts.save_account(row, actor=desk.cadre, on=desk.on, password=password, reason=reason)
