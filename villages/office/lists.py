"""What a list of the panel knows beyond the stock one: the clerk's own filters, and a search that keeps numbers out."""

from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.contrib import messages
from django.contrib.admin.views.main import ORDER_VAR, SEARCH_VAR, ChangeList
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.utils.translation import gettext as _

from villages import saved_filters
from villages.models import SavedFilter
from villages.office import towns
from villages.office.desk import desk_of
from villages.personal_numbers import is_no_question


class OfficeList(ChangeList):
    """A list with the clerk's own filters above it."""

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        self.saved_name = request.POST.get("filter_name", "")
        self.saved_filters = [] if self.is_popup else self._saved(request)
        filters = {key: value for key, value in self.params.items() if key not in {SEARCH_VAR, ORDER_VAR}}
        is_all_towns = filters.pop(towns.PARAMETER, towns.ALL) == towns.ALL
        self.has_active_filters = bool(filters) or not is_all_towns
        self.can_save = bool(self.params) and not self.is_popup

    def _saved(self, request: HttpRequest) -> list[Any]:
        desk = desk_of(request)
        found: list[Any] = list(SavedFilter.objects.visible_to(desk.cadre, desk.on).of_page(self.opts.label))
        here = sorted(self.params.items())
        for saved in found:
            saved.is_here = sorted(parse_qsl(saved.query)) == here
        return found

    def get_ordering_field(self, field_name: Any) -> Any:
        """The column's own, or what its page names because an index has it in that order."""
        page: Any = self.model_admin
        return page.in_order_of.get(field_name) or super().get_ordering_field(field_name)

    @property
    def everything(self) -> str:
        """The query of the list without any filter or search."""
        return urlencode({towns.PARAMETER: towns.ALL})


def answer_post(page: Any, request: HttpRequest) -> HttpResponseRedirect | None:
    """Answer a search, or a filter saved or dropped, sent from above the list. None: show the list as it stands."""
    if "search" in request.POST:
        return _search(request)
    if "save_filter" in request.POST:
        return _save(page, request)
    return _drop(request) if "drop_filter" in request.POST else None


def _search(request: HttpRequest) -> HttpResponseRedirect:
    """Searching is sent by POST, so that no number of a person gets into an address and from there into a log."""
    query = request.GET.copy()
    for key in ("p", SEARCH_VAR):
        query.pop(key, None)
    text = request.POST["search"].strip()
    if is_no_question(text):
        messages.error(
            request,
            _("Identity and telephone numbers are not searched in lists. Use the quick search at the top of the page."),
        )
    elif text:
        query[SEARCH_VAR] = text
    return HttpResponseRedirect(f"{request.path}?{query.urlencode() or urlencode({towns.PARAMETER: towns.ALL})}")


def _save(page: Any, request: HttpRequest) -> HttpResponseRedirect | None:
    name = request.POST.get("filter_name", "")
    try:
        saved_filters.save_filter(
            actor=desk_of(request).cadre, page=page.opts.label, name=name, query=request.GET.urlencode()
        )
    except ValidationError as error:
        for message in error.messages:
            messages.error(request, message)
        return None
    messages.success(request, _("The filter is saved as “%(name)s”.") % {"name": name.strip()})
    return HttpResponseRedirect(request.get_full_path())


def _drop(request: HttpRequest) -> HttpResponseRedirect:
    desk, key = desk_of(request), request.POST["drop_filter"]
    try:
        saved_filters.remove_filter(actor=desk.cadre, pk=int(key) if key.isascii() and key.isdigit() else 0, on=desk.on)
    except SavedFilter.DoesNotExist as error:
        raise Http404(_("There is no such record, or it is not in one of your places.")) from error
    messages.success(request, _("The filter is deleted."))
    return HttpResponseRedirect(request.get_full_path())
