"""Lists of posts: those nobody holds, and those that ended with visits still owed."""

from abc import abstractmethod
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.db.models import Count, Exists, Max, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casework.lists.base import ActList, Asked, Key, Line, Spot, spot_of, written
from casework.models import Duty, Round
from casework.models.rounds import VISITING_POSTS
from casework.models.seats import posts_of
from casework.people import EXPECTED
from households.models import HelperPairing
from households.words import word_of
from villages.models import Post, Posting, Town, Village

TOWN_POSTS = (Post.TOWN_SECRETARY,)
# In the order people name them.
VILLAGE_POSTS = tuple(post for post in VISITING_POSTS if post in EXPECTED and post not in TOWN_POSTS)
TOWN_DIGITS = 9


class Open(NamedTuple):
    """Visits that a seat still owes in a village and a round."""

    seat: str
    village_id: str
    round: str
    number: int


def unfinished(villages: Q, on: date) -> list[Open]:
    """What running rounds still ask of each seat at these villages, as of a day. One grouped query."""
    owed = Duty.objects.filter(villages, round__in=Round.objects.running(on)).filter(_undone(on))
    rows = owed.order_by("round__due_on", "round").values_list("seat", "village_id", "round__name")
    return [Open(*row) for row in rows.annotate(number=Count("pk"))]


def _undone(on: date) -> Q:
    done = Q(credited_on__isnull=False, credited_on__lte=on)
    gone = Q(left_on__isnull=False, left_on__lte=on) | Q(excused_on__isnull=False, excused_on__lte=on)
    return ~done & ~gone


def owed_by(post: str, place: str, rows: Iterable[Open]) -> dict[str, int]:
    """By round, how many visits the post still owes at and below the place."""
    found: dict[str, int] = defaultdict(int)
    for row in rows:
        if row.village_id.startswith(place) and post in posts_of(row.seat):
            found[row.round] += row.number
    return dict(found)


def owed_said(owed: dict[str, int]) -> str:
    """Each round with how many visits are left."""
    left = gettext("%(round)s: %(number)s left")
    return "; ".join(left % {"round": name, "number": number} for name, number in owed.items()) or "–"


class PostList(ActList):
    """Rows that are few, found together and not by one queryset: their keys are made in memory."""

    subject = _("Place")

    @abstractmethod
    def rows(self, asked: Asked) -> Any:
        """The keys, each with the code it is counted under."""

    def keys(self, asked: Asked) -> Sequence[Key]:
        """The keys in the order of places."""
        return [key for _code, key in self.rows(asked)]

    def counted(self, asked: Asked) -> tuple[Counter[str], Sequence[Key] | None]:
        """Counts and keys of the same rows; towns have rows too."""
        rows = self.rows(asked)
        return Counter(code for code, _key in rows), [key for _code, key in rows]

    def counts(self, asked: Asked) -> Counter[str]:
        """How many rows each village, or town, has."""
        return self.counted(asked)[0]


class VacantPosts(PostList):
    """Posts that every village or town should have, and nobody holds that day."""

    key = "vacant-posts"
    name = _("Vacant posts")
    purpose = _("Name somebody. Until then the visits below are owed by nobody.")
    columns = (_("post"), _("vacant since"), _("visits owed meanwhile"))

    def rows(self, asked: Asked) -> list[tuple[str, Key]]:
        """Every expected post without a holder, by the place's code and the order of posts."""
        villages = Village.objects.visible_to(asked.cadre, asked.seen_on).in_register().filter(asked.at("code"))
        codes = sorted(villages.values_list("code", flat=True))
        towns = [] if len(asked.place) > TOWN_DIGITS else sorted({code[:TOWN_DIGITS] for code in codes})
        held = set(
            Posting.objects.in_force(asked.on)
            .filter(post__in=[*VILLAGE_POSTS, *TOWN_POSTS], place_code__in=[*codes, *towns])
            .values_list("place_code", "post")
        )
        wanted = [(code, post) for code in towns for post in TOWN_POSTS]
        wanted += [(code, post) for code in codes for post in VILLAGE_POSTS]
        return [(code, f"{code}:{post.value}") for code, post in sorted(wanted) if (code, post.value) not in held]

    def lines(self, keys: Sequence[Key], asked: Asked) -> list[Line]:
        """Since when, and what is owed meanwhile."""
        seats = [tuple(key.split(":")) for key in keys]
        codes = {code for code, _post in seats}
        ended = Posting.objects.filter(place_code__in=codes, ends_on__lt=asked.on).order_by()
        since = {
            (code, post): day
            for code, post, day in ended.values_list("place_code", "post").annotate(last=Max("ends_on"))
        }
        owed, spots = unfinished(_below(codes), asked.on), spots_at(codes)
        lines = []
        for key, (code, post) in zip(keys, seats, strict=True):
            last = since.get((code, post))
            told = written(last + timedelta(days=1)) if last else gettext("nobody entered yet")
            cells = (word_of(Post, post), told, owed_said(owed_by(post, code, owed)))
            lines.append(Line(key, spots[code].village or spots[code].town, place_page(code), spots[code], cells))
        return lines


class EndedPosts(PostList):
    """Postings and pairings that ended lately while visits were owed."""

    key = "ended-posts"
    name = _("Ended posts with visits still owed")
    purpose = _("See that the successor knows: print the handover pack, and let both sign it.")
    subject = _("Place or household")
    columns = (_("post"), _("held until"), _("earlier holder"), _("now held by"), _("visits owed"))
    days = "LIST_BACK_DAYS"
    days_label = _("ended within … days")

    def rows(self, asked: Asked) -> list[tuple[str, Key]]:
        """Ended posts and pairings whose seat owes something, by place."""
        postings = list(self._postings(asked))
        owed = unfinished(_below({posting.place_code for posting in postings}), asked.on) if postings else []
        found = [
            (posting.place_code, f"post:{posting.pk}")
            for posting in postings
            if owed_by(posting.post, posting.place_code, owed)
        ]
        return sorted([*found, *((code, f"help:{pk}") for code, pk in self._pairings(asked))])

    def _postings(self, asked: Asked) -> Any:
        first, last = asked.period
        same = Posting.objects.in_force(asked.on).filter(
            cadre=OuterRef("cadre"), post=OuterRef("post"), place_code=OuterRef("place_code")
        )
        ended = Posting.objects.visible_to(asked.cadre, asked.seen_on).filter(
            asked.at("place_code"), ~Exists(same), post__in=VISITING_POSTS, ends_on__gte=first, ends_on__lt=last
        )
        return ended.exclude(place_code="").distinct()

    def _pairings(self, asked: Asked) -> Any:
        first, last = asked.period
        same = HelperPairing.objects.in_force(asked.on).filter(cadre=OuterRef("cadre"), household=OuterRef("household"))
        running = Round.objects.running(asked.on)
        owed = Duty.objects.filter(
            _undone(asked.on), household=OuterRef("household"), seat__contains=Post.HELPER, round__in=running
        )
        ended = HelperPairing.objects.visible_to(asked.cadre, asked.seen_on).filter(
            asked.at("household__village__code"), ~Exists(same), Exists(owed), ends_on__gte=first, ends_on__lt=last
        )
        return ended.order_by().values_list("household__village", "pk")

    def lines(self, keys: Sequence[Key], asked: Asked) -> list[Line]:
        """Who held it until when, who holds it now, and what is owed; the name leads to the handover pack."""
        ids: dict[str, list[int]] = {"post": [], "help": []}
        for key in keys:
            kind, pk = key.split(":")
            ids[kind].append(int(pk))
        found = {**self._post_lines(ids["post"], asked), **self._help_lines(ids["help"], asked)}
        return [found[key] for key in keys if key in found]

    def _post_lines(self, ids: list[int], asked: Asked) -> dict[Key, Line]:
        postings = list(Posting.objects.filter(pk__in=ids).select_related("cadre"))
        codes = {posting.place_code for posting in postings}
        owed, spots = unfinished(_below(codes), asked.on) if codes else [], spots_at(codes)
        holders = defaultdict(list)
        held = Posting.objects.in_force(asked.on).filter(place_code__in=codes).order_by("starts_on", "pk")
        for code, post, name in held.values_list("place_code", "post", "cadre__name"):
            holders[code, post].append(name)
        lines = {}
        for row in postings:
            spot = spots[row.place_code]
            now = gettext(", ").join(holders[row.place_code, row.post]) or gettext("vacant")
            left = owed_said(owed_by(row.post, row.place_code, owed))
            cells = (word_of(Post, row.post), _day(row.ends_on), row.cadre.name, now, left)
            address, key = reverse("handover_post", args=[row.pk]), f"post:{row.pk}"
            lines[key] = Line(key, spot.village or spot.town, address, spot, cells)
        return lines

    def _help_lines(self, ids: list[int], asked: Asked) -> dict[Key, Line]:
        pairings = HelperPairing.objects.filter(pk__in=ids)
        pairings = pairings.select_related("cadre", "household__village__town", "household__group")
        homes = {pairing.household_id for pairing in pairings}
        holders: dict[int, list[str]] = defaultdict(list)
        owed: dict[int, dict[str, int]] = defaultdict(dict)
        held = HelperPairing.objects.in_force(asked.on).filter(household__in=homes).order_by("-is_primary", "pk")
        for home_id, name in held.values_list("household", "cadre__name"):
            holders[home_id].append(name)
        duties = Duty.objects.filter(_undone(asked.on), household__in=homes, seat__contains=Post.HELPER)
        duties = duties.filter(round__in=Round.objects.running(asked.on)).order_by("round__due_on", "pk")
        for home_id, name in duties.values_list("household", "round__name"):
            owed[home_id][name] = 1
        lines = {}
        for row in pairings:
            home = row.household
            now = gettext(", ").join(holders[home.pk]) or gettext("vacant")
            cells = (
                word_of(Post, Post.HELPER),
                _day(row.ends_on),
                row.cadre.name,
                now,
                owed_said(owed[home.pk]),
            )
            address, key = reverse("handover_helper", args=[row.pk]), f"help:{row.pk}"
            lines[key] = Line(key, home.head_name, address, spot_of(home.village, home), cells)
        return lines


def _day(day: date | None) -> str:
    return written(day) if day else ""


def _below(codes: Iterable[str]) -> Q:
    """Villages among these codes, or below those that are of towns and districts."""
    whole = sorted(code for code in codes if len(code) > TOWN_DIGITS)
    found = Q(village__in=whole)
    for code in sorted(set(codes) - set(whole)):
        found |= Q(village__code__startswith=code)
    return found


def spots_at(codes: Iterable[str]) -> dict[str, Spot]:
    """Villages and towns by code, as places of rows; a district by nothing but its name."""
    known = set(codes)
    villages = Village.objects.filter(pk__in=known).select_related("town")
    spots = {village.pk: spot_of(village) for village in villages}
    for town in Town.objects.filter(pk__in=known).select_related("district"):
        spots[town.pk] = Spot(town.pk, "", town.name)
    return {code: Spot(code, "", gettext("the district")) for code in known} | spots


def place_page(code: str) -> str:
    """The village's page; a town has the list of its own posts."""
    if len(code) > TOWN_DIGITS:
        return reverse("village", args=[code])
    return f"{reverse('act_list', args=['vacant-posts'])}?place={code}"
