"""Which posts and families passed to or from a cadre lately: the lines on the home page that lead to the pack."""

from datetime import date, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import ngettext

from households.models import HelperPairing
from households.words import word_of
from villages import reach
from villages.models import Cadre, Post, Posting
from villages.models.postings import SINGLE_HOLDER_POSTS
from villages.prepared import Prepared
from villages.prepared_rows import Rows


class Handed(NamedTuple):
    """One handing over: what, from whom (the own name when it is one's own), and where its pack is."""

    address: str
    what: str
    name: str
    is_own: bool


def since(on: date) -> date:
    """How far back a handing over is still told of."""
    return on - timedelta(days=settings.HANDOVER_DAYS)


def handed_from(given_posts: Rows, taken_posts: Rows, given_families: Rows, taken_families: Rows) -> list[Handed]:
    """The lines by what the queries below have found; families that go together are one line."""
    lines = []
    for rows, is_own in ((taken_posts, False), (given_posts, True)):
        lines += [
            Handed(reverse("handover_post", args=[pk]), word_of(Post, post), name, is_own) for pk, post, name in rows
        ]
    for rows, is_own in ((taken_families, False), (given_families, True)):
        together: dict[tuple[str, date], list[int]] = {}
        for pk, name, ended_on in rows:
            together.setdefault((name, ended_on), []).append(pk)
        for (name, _ended_on), keys in together.items():
            what = ngettext("%(number)s family", "%(number)s families", len(keys)) % {"number": len(keys)}
            lines.append(Handed(reverse("handover_helper", args=[keys[0]]), what, name, is_own))
    return lines


def _given_posts(cadre_id: int, on: date, since: date) -> Any:
    ended = Posting.objects.filter(cadre=cadre_id, ends_on__gte=since, ends_on__lt=on, post__in=SINGLE_HOLDER_POSTS)
    return ended.exclude(place_code="").order_by("pk").values_list("pk", "post", "cadre__name")


def _taken_posts(cadre_id: int, on: date, since: date) -> Any:
    """Posts whose present holder the cadre is, and that somebody else left."""
    mine = reach.own_postings(Cadre(pk=cadre_id), on).filter(post__in=SINGLE_HOLDER_POSTS).order_by()
    same = mine.filter(post=OuterRef("post"), starts_on__gt=OuterRef("ends_on"), starts_on__gte=since)
    ended = Posting.objects.filter(place_code__in=mine.values("place_code"), ends_on__gte=since, ends_on__lt=on)
    left = ended.filter(Exists(same.filter(place_code=OuterRef("place_code")))).exclude(cadre=cadre_id)
    return left.exclude(place_code="").order_by("pk").values_list("pk", "post", "cadre__name")


def _given_families(cadre_id: int, on: date, since: date) -> Any:
    ended = HelperPairing.objects.filter(cadre=cadre_id, ends_on__gte=since, ends_on__lt=on)
    return ended.order_by("-ends_on", "pk").values_list("pk", "cadre__name", "ends_on")


def _taken_families(cadre_id: int, on: date, since: date) -> Any:
    mine = HelperPairing.objects.in_force(on).filter(cadre=cadre_id, starts_on__gte=since).order_by()
    ended = HelperPairing.objects.filter(household__in=mine.values("household"), ends_on__gte=since, ends_on__lt=on)
    left = ended.exclude(cadre=cadre_id).order_by("-ends_on", "pk")
    return left.values_list("pk", "cadre__name", "ends_on")


GIVEN_POSTS, TAKEN_POSTS = Prepared(_given_posts), Prepared(_taken_posts)
GIVEN_FAMILIES, TAKEN_FAMILIES = Prepared(_given_families), Prepared(_taken_families)
