"""The office's pages for exports: ask for the list one sees, watch it being written, take the file."""

import uuid
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.widgets import AdminTextInputWidget
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import localize
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from households.admin.templates import WithTemplates
from households.exports import (
    NotThere,
    ask_for_export,
    ask_for_result,
    can_export,
    exportable,
    list_source,
    needs_reason,
    persons_in,
    take_export,
)
from households.models import Export, ExportKind, Household, RegisterImport
from households.quality import RULES
from households.workbooks import XLSX
from villages.office import ReadOnlyAdmin
from villages.office.desk import Desk, desk_of
from villages.office.words import in_words


class ExportForm(forms.Form):
    """Masked or in full, and why."""

    MASKED, IN_FULL = "masked", "in_full"

    key = forms.UUIDField(widget=forms.HiddenInput)
    numbers = forms.ChoiceField(
        label=gettext_lazy("Identity and telephone numbers"),
        choices=[
            (MASKED, gettext_lazy("masked, for looking through and counting")),
            (IN_FULL, gettext_lazy("in full, for handing in to the national system")),
        ],
        initial=MASKED,
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=gettext_lazy("What is the file needed for?"),
        max_length=200,
        required=False,
        widget=AdminTextInputWidget,
    )

    def __init__(self, *args: Any, persons: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        is_needed = needs_reason(persons=persons, is_in_full=False)
        self.fields["reason"].help_text = (
            _("Needed, because the file holds many people. It is kept in the history.")
            if is_needed
            else _("Needed for full numbers. It is kept in the history.")
        )

    @property
    def is_in_full(self) -> bool:
        """Whether full numbers were chosen."""
        return self.cleaned_data["numbers"] == self.IN_FULL


class WithExport:
    """A list of households that can be exported as it is filtered."""

    change_list_template = "admin/households/household/change_list.html"

    def get_urls(self) -> list[URLPattern]:
        """The stock addresses, and that of the export."""
        view = self.admin_site.admin_view(self.export_view)  # type: ignore[attr-defined]
        return [path("export/", view, name="households_household_export"), *super().get_urls()]  # type: ignore[misc]

    def export_view(self, request: HttpRequest) -> HttpResponse:
        """What the file would hold, and why it is needed; posted, it is asked for."""
        desk, now = desk_of(request), timezone.now()
        if not can_export(desk.cadre, desk.on):
            raise PermissionDenied
        households = self._shown(request)
        if households is None:
            return HttpResponseRedirect(reverse("admin:households_household_changelist") + "?e=1")
        mine = exportable(households, cadre=desk.cadre, on=desk.on)
        persons = persons_in(mine, desk.on).count()
        form = ExportForm(request.POST or None, persons=persons, initial={"key": uuid.uuid4()})
        if form.is_bound and form.is_valid():
            options = {"key": form.cleaned_data["key"], "is_in_full": form.is_in_full}
            try:
                export = ask_for_export(
                    households=households, actor=desk.cadre, now=now, reason=form.cleaned_data["reason"], **options
                )
            except ValidationError as refusal:
                form.add_error(None, refusal)
            else:
                return HttpResponseRedirect(reverse("admin:households_export_change", args=[export.pk]))
        return TemplateResponse(request, "admin/export_ask.html", self._asked(request, form, mine.count(), persons))

    def _shown(self, request: HttpRequest) -> QuerySet[Household] | None:
        """The households of the list with its filters, on all of its pages; None when the filters make no sense."""
        try:
            return self.get_changelist_instance(request).queryset  # type: ignore[attr-defined]
        except IncorrectLookupParameters:
            return None

    def _asked(self, request: HttpRequest, form: ExportForm, households: int, persons: int) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),  # type: ignore[attr-defined]
            "title": _("Export households"),
            "opts": Household._meta,
            "form": form,
            "households": households,
            "persons": persons,
            "query": request.GET.urlencode(),
            "media": self.media + form.media,  # type: ignore[attr-defined]
        }


@admin.register(Export)
class ExportAdmin(WithTemplates, ReadOnlyAdmin):
    """One's own exports."""

    list_display = ["asked_at", "what", in_words(Export, "is_in_full"), "state_said", "expires_at", "reason"]
    list_filter = ["state"]

    @admin.display(description=gettext_lazy("content"))
    def what(self, export: Export) -> str:
        """How much of what is in it."""
        if export.kind == ExportKind.RESULT:
            return _("result of an import, %(rows)s rows") % {"rows": localize(export.rows_total)}
        if export.kind == ExportKind.QUALITY:
            said = {"rule": RULES[export.rule].name, "households": localize(export.households_total)}
            return _("data-quality list “%(rule)s”, %(households)s households") % said
        if export.kind == ExportKind.LIST:
            told = {"name": list_source().name_of(export.rule), "rows": localize(export.rows_total)}
            return _("list to act on “%(name)s”, %(rows)s rows") % told
        return _("%(households)s households, %(persons)s persons") % {
            "households": localize(export.households_total),
            "persons": localize(export.rows_total),
        }

    @admin.display(description=gettext_lazy("state"))
    def state_said(self, export: Export) -> str:
        """How far it is."""
        if export.is_unfinished and export.rows_done:
            return f"{export.get_state_display()} {min(99, export.rows_done * 100 // export.rows_total)} %"
        return str(export.get_state_display())

    def rows(self, desk: Desk) -> Any:
        """One's own, without the keys of its households."""
        return super().rows(desk).defer("households")

    def get_urls(self) -> list[URLPattern]:
        """The stock addresses, the progress and the file."""
        guard = self.admin_site.admin_view
        return [
            path("<uuid:key>/progress/", guard(self.progress_view), name="households_export_progress"),
            path("result/<int:job>/", guard(require_POST(self.result_view)), name="households_export_result"),
            path("<uuid:key>/file/", guard(require_POST(self.file_view)), name="households_export_file"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """How far it is, and the way to the file."""
        export = self.get_object(request, object_id)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Export"),
            "subtitle": str(export),
            "opts": self.opts,
            "export": export,
            "what": self.what(export),
            "can_be_taken": export.can_be_taken(timezone.now()),
            "import_address": self._import_of(request, export),
            "media": self.media,
        }
        return TemplateResponse(request, "admin/export.html", context)

    def _import_of(self, request: HttpRequest, export: Export) -> str:
        """The way back to the import whose result this is, while it is visible."""
        desk = desk_of(request)
        mine = export.job_id and RegisterImport.objects.visible_to(desk.cadre, desk.on).filter(pk=export.job_id)
        return reverse("admin:households_registerimport_change", args=[export.job_id]) if mine else ""

    def result_view(self, request: HttpRequest, job: int) -> HttpResponse:
        """Ask for the result of an import; the key of the form makes a second press the same."""
        desk = desk_of(request)
        found = get_object_or_404(RegisterImport.objects.visible_to(desk.cadre, desk.on), pk=job)
        key = forms.UUIDField(required=False).clean(request.POST.get("key")) or uuid.uuid4()
        try:
            export = ask_for_result(key=key, job=found, actor=desk.cadre, now=timezone.now())
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
            return HttpResponseRedirect(reverse("admin:households_export_changelist"))
        return HttpResponseRedirect(reverse("admin:households_export_change", args=[export.pk]))

    def progress_view(self, request: HttpRequest, key: uuid.UUID) -> JsonResponse:
        """How far it is, for the bar."""
        export = self.get_object(request, str(key))
        done, total = export.rows_done, export.rows_total
        return JsonResponse({"is_over": not export.is_unfinished, "done": done, "total": total})

    def file_view(self, request: HttpRequest, key: uuid.UUID) -> HttpResponseBase:
        """The workbook; by POST, because taking it is an act that is put down."""
        export = self.get_object(request, str(key))
        try:
            pieces = take_export(export=export, actor=desk_of(request).cadre, now=timezone.now())
        except NotThere as refusal:
            messages.error(request, str(refusal))
            return HttpResponseRedirect(reverse("admin:households_export_change", args=[export.pk]))
        answer = StreamingHttpResponse(pieces, content_type=XLSX)
        answer["Content-Disposition"] = content_disposition_header(True, export.file_name)
        answer["Content-Length"] = str(export.file_bytes)
        return answer
