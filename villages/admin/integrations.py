"""The office's page for other programs: who they are, what they may do, and their token, shown once."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from villages import integrations
from villages.models import Integration, Scope
from villages.office import Desk, OfficeAdmin, OfficeForm
from villages.office.acts import Act, ReasonForm, act_page, run_act
from villages.office.dated import day_field
from villages.office.desk import desk_of


class IntegrationForm(OfficeForm):
    """An integration; what it may do is ticked."""

    scopes = forms.MultipleChoiceField(
        label=_("What it may do"), choices=Scope.choices, widget=forms.CheckboxSelectMultiple
    )
    expires_on = day_field(_("Until"), Integration._meta.get_field("expires_on").help_text)


class NothingForm(forms.Form):
    """Nothing to fill in: one button."""


def _new_token(integration: Integration, desk: Desk, values: dict[str, Any]) -> str:
    return integrations.make_token(integration, actor=desk.cadre, on=desk.on)


def _revoke(integration: Integration, desk: Desk, values: dict[str, Any]) -> Integration:
    return integrations.revoke_integration(integration, actor=desk.cadre, on=desk.on, reason=values["reason"])


TOKEN = Act(
    name="token",
    label=_("Make a new token"),
    explanation=_("The token is shown once and kept nowhere. One made before stops working at once."),
    form=lambda _row, data: NothingForm(data),
    verb=_new_token,
    done="",
)
REVOKE = Act(
    name="revoke",
    label=_("Revoke it"),
    explanation=_("Its token stops working at once, and its post ends today. This cannot be taken back."),
    form=lambda _row, data: ReasonForm(data),
    verb=_revoke,
    done=_("The integration is revoked."),
)


@admin.register(Integration)
class IntegrationAdmin(OfficeAdmin):
    """Seen by the office of the place, changed by the district's."""

    form = IntegrationForm
    list_display = ["name", "organisation", "place_code", "may", "expires_on", "revoked_on", "last_used_on"]
    search_fields = ["name", "organisation", "contact"]
    fields = ["name", "organisation", "contact", "place_code", "scopes", "expires_on"]
    acts = (TOKEN, REVOKE)

    @admin.display(description=_("what it may do"))
    def may(self, integration: Integration) -> str:
        """Its scopes in words."""
        return gettext(", ").join(str(Scope(scope).label) for scope in integration.scopes)

    def may_add(self, desk: Desk) -> bool:
        """The district's office."""
        return desk.is_for_district

    def may_change(self, desk: Desk, row: Integration) -> bool:
        """The district's office, until it is revoked."""
        may = integrations.can_change_integrations(desk.cadre, row.place_code, desk.on)
        return may and row.revoked_on is None

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """The place stands once it is entered. Who may only look sees the scopes in words."""
        if obj is None:
            return []
        return ["place_code", "revoked_on", "last_used_on"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """What has become of it stands below."""
        fields = super().get_fields(request, obj)
        return [*fields[:6], "revoked_on", "last_used_on", *fields[6:]] if obj else fields

    def write(self, row: Integration, desk: Desk, form: Any, reason: str) -> None:
        """Save by the verb."""
        integrations.save_integration(row, actor=desk.cadre, on=desk.on, reason=reason)

    def act_view(self, request: HttpRequest, object_id: str, name: str) -> HttpResponse:
        """As every act; but the token's answer is the page that shows it, and no other page can."""
        if name != TOKEN.name or request.method != "POST":
            return super().act_view(request, object_id, name)
        row = self.get_object(request, unquote(object_id))
        if not self.has_change_permission(request, row):
            raise PermissionDenied
        form = TOKEN.form(row, request.POST)
        done, token = run_act(form, row, desk_of(request), TOKEN) if form.is_valid() else (False, None)
        if not done:
            return act_page(self, request, row, TOKEN)
        context = {
            **self.admin_site.each_context(request),
            "title": TOKEN.label,
            "token": token,
            "original": row,
            "opts": self.opts,
        }
        response = TemplateResponse(request, "admin/integration_token.html", context)
        add_never_cache_headers(response)
        return response
