"""The office's pages for imports: bring a file in, see what it would change, confirm, see the result, undo."""

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from households import imports
from households.forms.imports import ConfirmForm, UploadForm
from households.models import Fate, ImportRefusal, ImportState, RegisterImport
from households.models.imports import IllegalMove
from households.register_import.differences import changes_of, is_undoable, named_in
from households.register_import.read import FileRefused
from households.register_import.result import remedy_of
from households.register_import.undo import CannotUndo
from villages.office import ReadOnlyAdmin
from villages.office.desk import Desk, desk_of

PER_PAGE = 50
CONFLICTS, MOVES = "conflicts", "moved"
# Imports that have been read and not forgotten.
SHOWING = (ImportState.READY, ImportState.APPLYING, ImportState.APPLIED, ImportState.UNDOING, ImportState.UNDONE)
TABS: list[tuple[str, Any]] = [
    (CONFLICTS, gettext_lazy("changed on both sides")),
    (Fate.REFUSED.value, gettext_lazy("refused rows")),
    (Fate.CREATED.value, gettext_lazy("new in the file")),
    (Fate.UPDATED.value, gettext_lazy("changed")),
    (MOVES, gettext_lazy("to another village")),
    (Fate.GONE.value, gettext_lazy("no longer in the file")),
    (Fate.UNCHANGED.value, gettext_lazy("unchanged")),
]


@admin.register(RegisterImport)
class RegisterImportAdmin(ReadOnlyAdmin):
    """One's own imports; the district's office sees all of them."""

    list_display = ["file_name", "state", "made_at", "rows", "created", "updated", "refused", "made_by", "kind"]
    list_filter = ["kind", "state"]
    search_fields = ["file_name", "made_by__name"]
    search_help_text = gettext_lazy("File or who brought it in.")
    related = ("made_by",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """The whole office brings files in."""
        return desk_of(request).is_staffed

    def get_urls(self) -> list[URLPattern]:
        """The stock addresses, and one for each thing that can be done with an import."""
        acts = [
            ("progress", self.progress_view),
            ("confirm", self.confirm_view),
            ("discard", self.discard_view),
            ("undo", self.undo_view),
        ]
        return [
            path(
                f"<int:pk>/{name}/",
                self.admin_site.admin_view(view),
                name=f"households_registerimport_{name}",
            )
            for name, view in acts
        ] + super().get_urls()

    # Bringing in ------------------------------------------------------------------------------

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Choose the file; what it is not is said beside it at once."""
        desk = desk_of(request)
        form = UploadForm(
            request.POST or None, request.FILES or None, cadre=desk.cadre, on=desk.on, initial={"as_of": desk.on}
        )
        if form.is_bound and form.is_valid():
            job = self._start(form, desk)
            if job is not None:
                return HttpResponseRedirect(_address(job))
        context = self._context(request, _("Bring a file in"))
        return TemplateResponse(
            request, "admin/import_form.html", context | {"form": form, "media": self.media + form.media}
        )

    def _start(self, form: UploadForm, desk: Desk) -> RegisterImport | None:
        values = form.cleaned_data
        file = values["file"]
        try:
            return imports.start_import(
                file=file, name=file.name, kind=values["kind"], as_of=values["as_of"], actor=desk.cadre, on=desk.on
            )
        except FileRefused as refused:
            form.add_error("file", str(refused))
        except ValidationError as error:
            form.add_error(None, error)
        return None

    # One import -------------------------------------------------------------------------------

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """How far it is: its progress, its preview to confirm, or its result."""
        job = self.get_object(request, unquote(object_id))
        return self._page(request, job)

    def _page(self, request: HttpRequest, job: RegisterImport, form: ConfirmForm | None = None) -> HttpResponse:
        context = self._context(request, job.file_name) | {
            "job": job,
            "original": job,
            "can_undo": is_undoable(job),
            "can_correct": self._can_correct(request, job),
            "result_key": uuid.uuid4(),
            "shows_rows": job.state
            in (ImportState.READY, ImportState.APPLIED, ImportState.UNDONE, ImportState.APPLYING),
        }
        context["rows_done"], context["rows_total"] = job.progress
        if context["shows_rows"]:
            context |= self._rows(request, job)
        if job.state == ImportState.READY:
            context["form"] = form or ConfirmForm(job=job)
        return TemplateResponse(request, "admin/import.html", context)

    def _can_correct(self, request: HttpRequest, job: RegisterImport) -> bool:
        """Whether the workbook holds refused rows in full: for whoever brought them in, until they are forgotten."""
        is_mine = job.refused and job.made_by_id == desk_of(request).cadre.pk
        return bool(is_mine) and ImportRefusal.objects.filter(job=job).exclude(cells=None).exists()

    def _rows(self, request: HttpRequest, job: RegisterImport) -> dict[str, Any]:
        """The rows or households of the chosen tab, page by page."""
        counts = self._counts(job)
        tabs = [(name, label, counts[name]) for name, label in TABS if counts[name]]
        names = [name for name, _label, _count in tabs]
        chosen = request.GET.get("show", "")
        chosen = chosen if chosen in names else next(iter(names), Fate.UNCHANGED.value)
        rows: Any
        if chosen == Fate.REFUSED:
            rows = ImportRefusal.objects.of(job)
        else:
            which = {CONFLICTS: {"has_conflict": True}, MOVES: {"is_moving": True}}.get(chosen, {"fate": chosen})
            rows = job.groups.filter(**which).select_related("village__town").defer("values", "before")  # type: ignore[attr-defined]
            rows = rows.order_by("position")
        page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
        if chosen == Fate.REFUSED:
            shown: list[Any] = [(refusal, remedy_of(refusal)) for refusal in page]
        else:
            desk = desk_of(request)
            named = named_in(list(page), reader=desk.cadre, on=desk.on)
            shown = [(group, changes_of(group, job.kind, named)) for group in page]
        return {"tabs": tabs, "chosen": chosen, "page": page, "shown": shown, "query": f"show={chosen}&"}

    def _counts(self, job: RegisterImport) -> dict[str, int]:
        """How many entries each tab lists: rows refused, otherwise households or rows of a list."""
        facts = job.facts
        if not job.is_of_households:
            counts = {fate.value: getattr(job, fate.value) for fate in Fate if fate != Fate.GONE}
            return counts | {CONFLICTS: 0, MOVES: 0, Fate.GONE.value: 0}
        return {
            CONFLICTS: facts.get("conflicts", 0),
            Fate.REFUSED.value: job.refused,
            Fate.CREATED.value: facts.get("households_created", 0),
            Fate.UPDATED.value: facts.get("households_updated", 0),
            MOVES: facts.get("moved", 0),
            Fate.GONE.value: facts.get("gone", 0),
            Fate.UNCHANGED.value: facts.get("households_unchanged", 0),
        }

    def progress_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """How far the background is, for the bar."""
        job = self.get_object(request, str(pk))
        done, total = job.progress
        return JsonResponse({"is_over": not job.is_at_work, "done": done, "total": total})

    # Deciding ---------------------------------------------------------------------------------

    def confirm_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Have it written; what is still to be decided comes back in the page."""
        job = self._mine(request, pk)
        if request.method != "POST":
            return HttpResponseRedirect(_address(job))
        form = ConfirmForm(request.POST, job=job)
        if not form.is_valid() and job.state == ImportState.READY:
            return self._page(request, job, form)
        desk = desk_of(request)
        return self._done(
            request,
            job,
            lambda: imports.confirm_import(job=job, actor=desk.cadre, on=desk.on, **form.decisions()),
            _("The changes are being written."),
        )

    def discard_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Forget the file."""
        job, desk = self._mine(request, pk), desk_of(request)
        return self._posted(
            request,
            job,
            lambda: imports.discard_import(job=job, actor=desk.cadre, on=desk.on),
            _("The file is discarded. Nothing of it was written."),
        )

    def undo_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take back everything it has written."""
        job, desk = self._mine(request, pk), desk_of(request)
        return self._posted(
            request,
            job,
            lambda: imports.take_back_import(job=job, actor=desk.cadre, on=desk.on),
            _("The import is being undone."),
        )

    def _posted(self, request: HttpRequest, job: RegisterImport, act: Callable[[], Any], said: str) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseRedirect(_address(job))
        return self._done(request, job, act, said)

    def _done(self, request: HttpRequest, job: RegisterImport, act: Callable[[], Any], said: str) -> HttpResponse:
        try:
            act()
        except (IllegalMove, CannotUndo) as reason:
            messages.error(request, str(reason))
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, said)
        return HttpResponseRedirect(_address(job))

    def _mine(self, request: HttpRequest, pk: int) -> RegisterImport:
        job, desk = self.get_object(request, str(pk)), desk_of(request)
        if not imports.can_change_import(desk.cadre, job, desk.on):
            raise PermissionDenied
        return job

    def _context(self, request: HttpRequest, title: str) -> dict[str, Any]:
        return {**self.admin_site.each_context(request), "title": title, "opts": self.opts, "media": self.media}


def _address(job: RegisterImport) -> str:
    return reverse("admin:households_registerimport_change", args=[job.pk])
