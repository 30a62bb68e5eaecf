"""Which ways lead on from here for the person who is signed in."""

from typing import Any, NamedTuple

from django import template
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from casework.due import posts_held
from casework.models import Reminder
from villages import reach
from villages.calendar import today
from villages.models import Cadre, Post

register = template.Library()

# Which way a page belongs to, by the first word of its URL's name.
SECTIONS = {
    "home": "home",
    "coverage": "coverage",
    "quality": "quality",
    "round": "rounds",
    "rounds": "rounds",
    "inbox": "inbox",
    "search": "home",
    "reminder": "inbox",
    "case": "cases",
    "cases": "cases",
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
    """The ways open to this person today: two small queries a page, one where the page has asked already."""
    request = context.get("request")
    user = getattr(request, "user", None)
    if request is None or user is None or not user.is_authenticated:
        return Navigation(is_signed_in=False, main=[])
    return Navigation(is_signed_in=True, main=_ways(user, _section(request), context.get("posts_held")))


def _section(request: HttpRequest) -> str:
    match = request.resolver_match
    return SECTIONS.get((match.url_name or "").split("_")[0], "") if match else ""


def _ways(user: Cadre, here: str, held: list[tuple[Any, ...]] | None) -> list[Way]:
    on = today()
    posts = {post for post, _place in (posts_held(user, on) if held is None else held)}
    has_unread = Reminder.objects.visible_to(user, on).filter(read_at=None).exists()
    ways = [
        Way(reverse("home"), _("Home"), here == "home"),
        Way(reverse("coverage_home"), _("Coverage"), here == "coverage"),
    ]
    if user.is_superuser or posts & reach.SUPERVISORS:
        ways.append(Way(reverse("rounds"), _("Rounds"), here == "rounds"))
    if user.is_superuser or posts & ANSWERABLE:
        ways.append(Way(reverse("quality"), _("Data quality"), here == "quality"))
    ways.append(Way(reverse("cases"), _("Monitoring"), here == "cases"))
    ways.append(Way(reverse("inbox"), _("Inbox"), here == "inbox", has_unread))
    if user.is_superuser or posts & reach.CLERKS:
        ways.append(Way(reverse("admin:index"), _("Office"), False))
    return ways
