"""Who may enter the admin panel: clerks and supervisors, by their posts of today."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import PasswordChangeView, redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, path, reverse, reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from households.accounts import OwnPasswordForm
from villages.holidays import year_to_enter
from villages.office import desk_of
from villages.office.autocomplete import OfficeAutocomplete
from villages.office.quick import quick_search

# The lists in the order of the work: places, people, posts, households, rounds.
ORDER = [
    *("District", "Town", "Village", "VillagerGroup", "PartnerUnit", "Pairing", "Cadre", "Posting", "SpecialDay"),
    *("Integration", "AuditEntry"),
    *("Household", "Person", "Income", "Guarantee", "Measure", "BenefitLink", "HelperPairing"),
    *("HouseholdMove", "MonitoringCase", "PovertyLine", "ExitRecord"),
    *("RegisterImport", "Export"),
    *("Round", "RoundTemplate", "RemindingPolicy", "Channel", "Visit", "VisitFlag", "Problem", "Duty"),
]


class OfficeAdminSite(AdminSite):
    """The office's panel."""

    site_header = _("Ganxian District village casework · office")
    site_title = _("Office")
    index_title = _("Records")

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether the signed-in cadre is a clerk, a supervisor or the technical administrator."""
        return desk_of(request).is_staffed

    def admin_view(self, view: Callable, cacheable: bool = False) -> Callable:
        """The stock guard, but whoever is signed in without such a post finds nothing here."""
        guarded = super().admin_view(view, cacheable)

        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.user.is_authenticated and not self.has_permission(request):
                raise Http404
            return guarded(request, *args, **kwargs)

        return update_wrapper(inner, guarded)

    @method_decorator(never_cache)
    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """There is one door for everybody: the project's own login page."""
        home = reverse("admin:index")
        if request.user.is_authenticated:
            return redirect(home)
        return redirect_to_login(request.GET.get(REDIRECT_FIELD_NAME) or home, settings.LOGIN_URL)

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> HttpResponseBase:
        """The stock page; the new password is set by the same verb as everywhere."""
        view = PasswordChangeView.as_view(
            form_class=OwnPasswordForm,
            template_name="registration/password_change_form.html",
            success_url=reverse_lazy("admin:password_change_done"),
            extra_context={**self.each_context(request), **(extra_context or {})},
        )
        return view(request)

    def autocomplete_view(self, request: HttpRequest) -> HttpResponseBase:
        """The stock answer, limited to rows in reach."""
        return OfficeAutocomplete.as_view(admin_site=self)(request)

    def index(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The stock page, and what the calendar still lacks."""
        desk = desk_of(request)
        missing = {"year_to_enter": year_to_enter(desk.on) if desk.is_for_district else None}
        return super().index(request, missing | (extra_context or {}))

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """The stock addresses and the quick search."""
        return [path("quick/", self.admin_view(self.quick_view), name="quick_search"), *super().get_urls()]

    def quick_view(self, request: HttpRequest) -> HttpResponse:
        """Records in reach that answer to a few words."""
        return quick_search(self, request)

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """The lists in the order of the work, not of their names."""
        groups = super().get_app_list(request, app_label)
        for group in groups:
            group["models"].sort(key=_place_in_order)
        return sorted(groups, key=lambda group: _place_in_order(group["models"][0]))


def _place_in_order(row: dict[str, Any]) -> int:
    name = row["object_name"]
    return ORDER.index(name) if name in ORDER else len(ORDER)
