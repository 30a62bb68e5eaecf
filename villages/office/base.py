"""The base of every admin page: rows by reach, changes by verbs, history from the audit trail."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ChangeList
from django.contrib.admin.widgets import AdminTextInputWidget
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, models
from django.db.models import Q
from django.db.models.expressions import OrderBy
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from villages.models import AuditEntry
from villages.office import lists, refusals, towns, trail
from villages.office.acts import Act, act_page
from villages.office.bulk import bulk_view
from villages.office.desk import Desk, desk_of
from villages.office.filters import TownFilter
from villages.office.rows import ByReach

HISTORY_LENGTH = 200


class OfficeForm(forms.ModelForm):
    """A form of the panel: asks why, and shows what the verb refused."""

    reason = forms.CharField(
        label=gettext_lazy("Reason for the change"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Kept in the history beside the values before and after."),
        widget=AdminTextInputWidget,
    )
    refusal: Any = None

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        refusals.show(self, self.refusal)


class OfficeAdmin(ByReach, admin.ModelAdmin):
    """An admin page of the office. A subclass says which rows, who may change one, and by which verb.

    `bulk` names the fields that may be set for many records at once; `quick` is the page's place among the results of
    the quick search, 0: not in it; `parts` are the relations whose records' changes show in this record's history.
    """

    form = OfficeForm
    actions = None
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    object_history_template = "admin/object_history.html"
    acts: tuple[Act, ...] = ()
    removal: Act | None = None
    words: dict[str, Any] = {}
    bulk: tuple[str, ...] = ()
    quick = 0
    # A column of the list that an index keeps in an order of its own.
    in_order_of: dict[str, OrderBy] = {}
    parts: tuple[str, ...] = ()

    class Media:
        js = ["villages/office.js"]

    # Which rows -------------------------------------------------------------------------------

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """The row, or 404: what is out of reach does not exist."""
        row = super().get_object(request, object_id, from_field)
        if row is None:
            raise Http404(_("There is no such record, or it is not in one of your places."))
        return row

    def found_quickly(self, request: HttpRequest, text: str) -> Any:
        """Rows in reach that answer to the text of the quick search; by default as in the list."""
        return self.get_search_results(request, self.in_reach(request), text)[0]

    def field_label(self, field: models.Field) -> str:
        """A field's name at the head of a column."""
        return str(capfirst(field.verbose_name))

    # The list ---------------------------------------------------------------------------------

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """The list that knows the clerk's own filters."""
        return lists.OfficeList

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The stock list, at first sight of the own town or the one chosen last."""
        has_towns = any(isinstance(one, type) and issubclass(one, TownFilter) for one in self.list_filter)
        if has_towns and (query := towns.at_first_sight(request)):
            return HttpResponseRedirect(f"{request.path}?{query}")
        if request.method == "POST" and (answer := lists.answer_post(self, request)):
            return answer
        titled = {"title": capfirst(self.opts.verbose_name_plural), **(extra_context or {})}
        response = super().changelist_view(request, titled)
        if has_towns:
            towns.remember(request, response)
        return response

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Only one thing is done to many rows: to change them together, after a preview."""
        if not self.bulk or IS_POPUP_VAR in request.GET or not desk_of(request).is_staffed:
            return {}
        return {"bulk": (lambda page, asked, _rows: bulk_view(page, asked), "bulk", _("Change together"))}

    def bulk_page(self, request: HttpRequest) -> HttpResponse:
        """Change many rows together."""
        return bulk_view(self, request)

    # Who may ----------------------------------------------------------------------------------

    def may_add(self, desk: Desk) -> bool:
        """Whether this desk enters new rows."""
        return True

    def may_change(self, desk: Desk, row: Any) -> bool:
        """Whether this desk changes the row: what the row's verb would say."""
        return True

    def has_module_permission(self, request: HttpRequest) -> bool:
        """The whole office sees the panel's lists."""
        return desk_of(request).is_staffed

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Rows come by reach, so whatever can be fetched can be seen."""
        return desk_of(request).is_staffed

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Whether the add page opens."""
        desk = desk_of(request)
        return desk.is_staffed and self.may_add(desk)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Asked once a row and request: an invalid form changes the row in memory, not the leave to change it."""
        desk = desk_of(request)
        if obj is None or not desk.is_staffed:
            return desk.is_staffed
        leave: dict[Any, bool] = request.__dict__.setdefault("office_leave", {})
        key = (self.model, obj.pk)
        if key not in leave:
            leave[key] = self.may_change(desk, obj)
        return leave[key]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only what is entered by mistake can be taken back, and only where there is a verb for it."""
        return self.removal is not None and obj is not None and self.has_change_permission(request, obj)

    # Changing ---------------------------------------------------------------------------------

    def write(self, row: Any, desk: Desk, form: Any, reason: str) -> None:
        """Hand the row to its verb. Every subclass that can change anything names it."""
        raise PermissionDenied

    def write_inline(self, row: Any, desk: Desk, reason: str) -> None:
        """Hand a row of an inline to its verb."""
        raise PermissionDenied

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Never saves: the verb does, and may refuse."""
        with refusals.refusals():
            self.write(obj, desk_of(request), form, form.cleaned_data.get("reason", ""))

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Never saves: the verb does, row by row."""
        formset.save(commit=False)
        rows = [row for row, _fields in formset.changed_objects] + formset.new_objects
        for row in rows:
            with refusals.refusals():
                self.write_inline(row, desk_of(request), form.cleaned_data.get("reason", ""))

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The stock page; what the verb refuses comes back as messages in the same form, typed text kept."""
        row = self.get_object(request, unquote(object_id)) if object_id else None
        tools = self.tools(request, row) if row else []
        extra_context = {
            "office_tools": tools,
            "name": self.label(row) if row else "",
            "title": self._title(request, row),
            **(extra_context or {}),
        }
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except refusals.Refused as refused:
            request.office_refusal = refused.error  # type: ignore[attr-defined]
        except IntegrityError as error:
            request.office_refusal = refusals.of_database(error)  # type: ignore[attr-defined]
        return super().changeform_view(request, object_id, form_url, extra_context)

    def _title(self, request: HttpRequest, row: Any) -> str:
        """What is done on the page, without the blanks that the stock titles put between Chinese words."""
        named = {"name": self.opts.verbose_name}
        if row is None:
            return _("Add %(name)s") % named
        return (_("Change %(name)s") if self.has_change_permission(request, row) else _("View %(name)s")) % named

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """The form class, told what the verb refused a moment ago."""
        form = super().get_form(request, obj, change=change, **kwargs)
        return type(form.__name__, (form,), {"refusal": getattr(request, "office_refusal", None)})

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """The fields, and the reason where something is changed."""
        fields = [name for name in super().get_fields(request, obj) if name != "reason"]
        return [*fields, "reason"] if obj and self.has_change_permission(request, obj) else fields

    # Acts beside the form ---------------------------------------------------------------------

    def tools(self, request: HttpRequest, row: Any) -> list[tuple[str, Any]]:
        """Address and label of each act this desk may do with the row."""
        if not self.acts or not self.has_change_permission(request, row):
            return []
        return [(reverse(f"admin:{self.url_name(act)}", args=[row.pk]), act.label) for act in self.acts]

    def url_name(self, act: Act) -> str:
        """Name of the act's address."""
        return f"{self.opts.app_label}_{self.opts.model_name}_{act.name}"

    def get_urls(self) -> list[URLPattern]:
        """The stock addresses, one for many rows, and one for each act."""
        name = f"{self.opts.app_label}_{self.opts.model_name}_bulk"
        bulk = [path("bulk/", self.admin_site.admin_view(self.bulk_page), name=name)] if self.bulk else []
        return [
            *bulk,
            *self._act_urls(),
            *super().get_urls(),
        ]

    def _act_urls(self) -> list[URLPattern]:
        return [
            path(
                f"<path:object_id>/{act.name}/",
                self.admin_site.admin_view(self.act_view),
                {"name": act.name},
                name=self.url_name(act),
            )
            for act in self.acts
        ]

    def act_view(self, request: HttpRequest, object_id: str, name: str) -> HttpResponse:
        """The small page of one act."""
        act = next(act for act in self.acts if act.name == name)
        return act_page(self, request, self.get_object(request, unquote(object_id)), act)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Take back what was entered by mistake; asks why."""
        row = self.get_object(request, unquote(object_id))
        if self.removal is None:
            raise PermissionDenied
        return act_page(self, request, row, self.removal)

    # History ----------------------------------------------------------------------------------

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """What the audit trail says about the row: who, when, what, before, after."""
        row = self.get_object(request, unquote(object_id))
        parts = self.parts_of(row)
        about = Q(target_type=self.opts.label, target_id=str(row.pk))
        for kind in sorted({kind for kind, _key in parts}):
            about |= Q(target_type=kind, target_id__in=[key for of, key in parts if of == kind])
        entries = AuditEntry.objects.filter(about).select_related("actor")
        context = {
            **self.admin_site.each_context(request),
            "title": _("History: %(name)s") % {"name": self.label(row)},
            "told": trail.tell(entries[:HISTORY_LENGTH], self.admin_site, parts),
            "preserved_filters": self.get_preserved_filters(request),
            "module_name": capfirst(self.opts.verbose_name_plural),
            "object": row,
            "opts": self.opts,
        }
        return TemplateResponse(request, self.object_history_template, context)

    def parts_of(self, row: Any) -> dict[tuple[str, str], str]:
        """Kind and key of each record that belongs to the row, and its name."""
        names = {}
        for part in self.parts:
            rows = getattr(row, part).all()
            page = self.admin_site._registry.get(rows.model)
            related, label = getattr(page, "related", ()), getattr(page, "label", str)
            for one in rows.select_related(*related) if related else rows:
                names[rows.model._meta.label, str(one.pk)] = label(one)
        return names

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """Nothing: the verb has written the audit entry."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """Nothing: the verb has written the audit entry."""


class ReadOnlyAdmin(OfficeAdmin):
    """A list to look at; changes are made elsewhere."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody adds here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes here."""
        return False
