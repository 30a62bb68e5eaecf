"""Which town a clerk's lists show at first sight: the own one, or the one chosen last."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from villages.models import Town
from villages.office.desk import Desk, desk_of

PARAMETER = "in_town"
ALL = "all"
# A cookie of the panel, because looking at a list must not write to the database. A code is no secret, and one out
# of reach is ignored.
COOKIE = "office_town"
TOWN_DIGITS = 9


def towns_of(request: HttpRequest) -> list[tuple[str, str]]:
    """Code and name of the towns in reach; asked once a request."""
    towns: list[tuple[str, str]] | None = getattr(request, "office_towns", None)
    if towns is None:
        desk = desk_of(request)
        towns = list(Town.objects.visible_to(desk.cadre, desk.on).values_list("code", "name"))
        request.office_towns = towns  # type: ignore[attr-defined]
    return towns


def own_town(desk: Desk) -> str:
    """Code of the one town the desk works for; empty for a district's desk or one of several towns."""
    codes = {code[:TOWN_DIGITS] for code in desk.place_codes}
    return codes.pop() if len(codes) == 1 and len(min(codes)) == TOWN_DIGITS else ""


def at_first_sight(request: HttpRequest) -> str:
    """The query for a list that was opened without any; empty when there is nothing to choose."""
    if request.method != "GET" or request.GET:
        return ""
    wanted = request.COOKIES.get(COOKIE) or own_town(desk_of(request))
    if not wanted:
        return ""
    codes = [code for code, _name in towns_of(request)]
    return urlencode({PARAMETER: wanted}) if wanted in codes and len(codes) > 1 else ""


def remember(request: HttpRequest, response: HttpResponse) -> None:
    """Keep the town chosen in this list for the next one."""
    chosen: Any = request.GET.get(PARAMETER)
    if chosen == ALL:
        response.delete_cookie(COOKIE, path="/admin/")
    elif chosen and chosen in dict(towns_of(request)) and chosen != request.COOKIES.get(COOKIE):
        response.set_cookie(
            COOKIE,
            chosen,
            max_age=settings.SESSION_COOKIE_AGE,
            path="/admin/",
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
