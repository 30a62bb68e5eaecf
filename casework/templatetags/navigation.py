"""Which ways lead on from here for the person who is signed in."""

from typing import Any, NamedTuple

from django import template
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from casework.mine import Head, Held, Mine, has_unread, posts_held
from villages import reach
from villages.calendar import today
from villages.models import Cadre, District, Post

register = template.Library()

# Which way a page belongs to, by its URL's name or by the first word of it.
SECTIONS = {
    "home": "home",
    "coverage": "coverage",
    "province": "province",
    "bulletin": "coverage",
    "bulletins": "coverage",
    "act": "coverage",
    "recheck": "coverage",
    "visit_trend": "coverage",
    "visit_list": "coverage",
    "note": "coverage",
    "quality": "quality",
    "round": "rounds",
    "rounds": "rounds",
    "inbox": "inbox",
    "search": "home",
    "reminder": "inbox",
    "held": "inbox",
    "phones": "inbox",
    "flags": "inbox",
    "flag": "inbox",
    "matters": "inbox",
    "phone": "inbox",
    "case": "cases",
    "cases": "cases",
    "problem": "problems",
    "problems": "problems",
}

# Who keeps household files right: the office, and those who answer for a town or a village.
ANSWERABLE = reach.CLERKS | {
    Post.TOWN_SECRETARY,
    Post.VILLAGE_CHIEF,
    Post.FIRST_SECRETARY,
    Post.VILLAGE_SECRETARY,
    Post.TEAM_LEADER,
}


class Way(NamedTuple):
    """One link in the head of a page."""

    address: str
    label: str
    is_here: bool
    is_new: bool = False


class Navigation(NamedTuple):
    """What the head of a page offers."""

    is_signed_in: bool
    main: list[Way]


@register.simple_tag(takes_context=True)
def navigation(context: dict[str, Any]) -> Navigation:
    """The ways open to this person today: two small queries a page, none where the page has asked already."""
    request = context.get("request")
    user = getattr(request, "user", None)
    if request is None or user is None or not user.is_authenticated:
        return Navigation(is_signed_in=False, main=[])
    held, has_unread = _concerning(user, context.get("mine"))
    request.posts_held = held  # for those who ask again while the page is written
    return Navigation(is_signed_in=True, main=_ways(user, _section(request), held, has_unread=has_unread))


@register.simple_tag(takes_context=True)
def sits_in_an_office(context: dict[str, Any]) -> bool:
    """Whether this person keeps the reminders of a place; no query where the head of the page has asked already."""
    request = context["request"]
    held = getattr(request, "posts_held", None)
    held = posts_held(request.user, today()) if held is None else held
    return request.user.is_superuser or any(post in reach.CLERKS and code for post, code in held)


def _concerning(user: Cadre, mine: Mine | Head | None) -> tuple[Held, bool]:
    """The posts held, and whether there are unread letters."""
    if mine:
        return mine.posts, mine.has_unread
    on = today()
    return posts_held(user, on), has_unread(user, on)


def _has_several_districts(user: Cadre, held: Held) -> bool:
    """Whether the page about all districts would show more than one."""
    if user.is_superuser:
        return len(District.objects.order_by()[:2]) == 2
    return len({place for _post, place in held if len(place) == reach.DISTRICT_DIGITS}) > 1


def _section(request: HttpRequest) -> str:
    match = request.resolver_match
    name = (match.url_name or "") if match else ""
    return SECTIONS.get(name) or SECTIONS.get(name.split("_")[0], "")


def _ways(user: Cadre, here: str, held: Held, *, has_unread: bool) -> list[Way]:
    posts = {post for post, _place in held}
    ways = [
        Way(reverse("home"), _("Home"), here == "home"),
        Way(reverse("coverage_home"), _("Coverage"), here == "coverage"),
    ]
    if _has_several_districts(user, held):
        ways.append(Way(reverse("province"), _("Province"), here == "province"))
    if user.is_superuser or posts & reach.SUPERVISORS:
        ways.append(Way(reverse("rounds"), _("Rounds"), here == "rounds"))
    if user.is_superuser or posts & ANSWERABLE:
        ways.append(Way(reverse("quality"), _("Data quality"), here == "quality"))
    ways.append(Way(reverse("cases"), _("Monitoring"), here == "cases"))
    ways.append(Way(reverse("problems"), _("Problems"), here == "problems"))
    ways.append(Way(reverse("inbox"), _("Inbox"), here == "inbox", has_unread))
    if user.is_superuser or posts & reach.CLERKS:
        ways.append(Way(reverse("admin:index"), _("Office"), False))
    return ways
