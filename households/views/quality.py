"""Data quality: how many households contradict each rule, by place, and the named list behind every number."""

from datetime import date
from typing import Any, NamedTuple

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.views.decorators.http import require_http_methods, require_safe

from households.contradictions import (
    VILLAGE_DIGITS,
    Found,
    count_all,
    count_one,
    households_behind,
    persons_concerned,
)
from households.exports import ask_for_export, can_export, exportable, needs_reason, persons_in
from households.forms.quality import ListExportForm, PlaceQuery
from households.models import HelperPairing, Household
from households.quality import RULES, TOPICS, Rule, rules_of
from households.standpoint import Standpoint, names_below, stands_at
from villages import reach
from villages.calendar import today
from villages.requests import CadreRequest

HOUSEHOLDS_A_PAGE = 50


class Count(NamedTuple):
    """A rule and how many households of the place contradict it."""

    rule: Rule
    number: int


class Topic(NamedTuple):
    """Rules that belong together."""

    name: Promise
    counts: list[Count]


class Below(NamedTuple):
    """A place below the one shown, and how much was found there."""

    code: str
    name: str
    number: int


class Row(NamedTuple):
    """A household of the list, the members the rule is about, and whether the office that asks may correct it."""

    household: Household
    persons: list[str]
    is_ours: bool


@require_safe
def quality(request: CadreRequest) -> HttpResponse:
    """How many households of a place contradict each rule, and how many contradictions each place below has."""
    day = today()
    standpoint = _standpoint(request, day)
    found = count_all(cadre=request.user, on=day, place_code=standpoint.code)
    topics = [
        Topic(topic.TOPIC, [Count(rule, found.by_rule[rule.key]) for rule in rules_of(topic)]) for topic in TOPICS
    ]
    context = {
        "topics": topics,
        "below": _below(request, standpoint, found, day),
        "sum": sum(found.by_rule.values()),
    }
    return render(request, "quality.html", _common(standpoint, day) | context)


@require_safe
def quality_list(request: CadreRequest, rule: str) -> HttpResponse:
    """The households behind a number, by name, and how many of them live in each place below."""
    day = today()
    if rule not in RULES:
        raise Http404
    standpoint = _standpoint(request, day)
    found = count_one(rule, cadre=request.user, on=day, place_code=standpoint.code)
    households = households_behind(rule, cadre=request.user, on=day, place_code=standpoint.code)
    paginator = Paginator(_with_helpers(households, day), HOUSEHOLDS_A_PAGE)
    # Counted already, and a number must not be counted in two ways.
    paginator.count = found.by_rule[rule]
    page = paginator.get_page(request.GET.get("page"))
    concerned = persons_concerned(rule, list(page), day, cadre=request.user)
    offices = tuple(reach.office_places(request.user, day))
    context = {
        "rule": RULES[rule],
        "is_about_persons": RULES[rule].persons is not None,
        "page": page,
        "page_query": f"place={standpoint.code}&",
        "rows": [Row(row, concerned.get(row.pk, []), row.village_id.startswith(offices)) for row in page],
        "below": [place for place in _below(request, standpoint, found, day) if place.number],
        "can_export": bool(offices) and bool(page.paginator.count),
    }
    return render(request, "quality_list.html", _common(standpoint, day) | context)


@require_http_methods(["GET", "HEAD", "POST"])
def quality_export(request: CadreRequest, rule: str) -> HttpResponse:
    """Ask for the list as a workbook: of the place the page shows, as far as the office's own places go."""
    day = today()
    if rule not in RULES:
        raise Http404
    standpoint = _standpoint(request, day)
    if not can_export(request.user, day):
        raise PermissionDenied
    households = households_behind(rule, cadre=request.user, on=day, place_code=standpoint.code)
    mine = exportable(households, cadre=request.user, on=day)
    persons = persons_in(mine, day).count()
    form = ListExportForm(request.POST or None, needs_reason=needs_reason(persons=persons, is_in_full=False))
    if form.is_bound and form.is_valid():
        options = {"households": households, "rule": rule, "is_in_full": False, **form.cleaned_data}
        try:
            export = ask_for_export(actor=request.user, now=timezone.now(), **options)
            return redirect("admin:households_export_change", export.pk)
        except ValidationError as refusal:
            form.add_refusal(refusal)
    context = {"rule": RULES[rule], "form": form, "households": mine.count()}
    return render(request, "quality_export.html", _common(standpoint, day) | context)


def _standpoint(request: CadreRequest, day: date) -> Standpoint:
    return stands_at(request.user, PlaceQuery(request.GET).asked(), day)


def _common(standpoint: Standpoint, day: date) -> dict[str, Any]:
    """What both pages say at their head."""
    return {
        "today": day,
        "as_of": day,
        "now": timezone.localtime(),
        "place": standpoint.code,
        "crumbs": standpoint.crumbs,
        "is_village": len(standpoint.code) == VILLAGE_DIGITS,
    }


def _below(request: CadreRequest, standpoint: Standpoint, found: Found, day: date) -> list[Below]:
    """The places below, in order of their codes, also those where nothing was found."""
    if len(standpoint.code) == VILLAGE_DIGITS:
        return []
    names = names_below(standpoint.code, cadre=request.user, on=day, also=set(found.by_place))
    return [Below(code, name, sum(found.by_place.get(code, {}).values())) for code, name in sorted(names.items())]


def _with_helpers(households: Any, day: date) -> Any:
    pairings = HelperPairing.objects.in_force(day).select_related("cadre").order_by("-is_primary")
    helpers = Prefetch("helper_pairings", pairings, to_attr="helpers_now")
    return households.select_related("village__town", "group").prefetch_related(helpers)
