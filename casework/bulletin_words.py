"""The words of a bulletin: its title, and paragraphs with the facts filled in, for a person to go on with."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from casework.bulletin_figures import KEY, OTHER, VILLAGE, Figures, counts_in, round_in, unvisited
from casework.coverage import Counts
from casework.models import Bulletin, BulletinKind, BulletinState
from casework.models.seats import seat_label
from casework.rates import percent
from households.words import word_of
from villages.models import Post


def title_of(bulletin: Bulletin) -> str:
    """The place, the period, and what it is."""
    words = {"place": bulletin.place.name}
    if bulletin.kind == BulletinKind.MONTHLY:
        month = date_format(bulletin.starts_on, "YEAR_MONTH_FORMAT")
        return _("%(place)s: bulletin on visits of %(month)s") % {**words, "month": month}
    if bulletin.kind == BulletinKind.QUARTERLY:
        names = [_("the first quarter"), _("the second quarter"), _("the third quarter"), _("the fourth quarter")]
        words |= {"quarter": names[(bulletin.starts_on.month - 1) // 3], "year": str(bulletin.starts_on.year)}
        return _("%(place)s: bulletin on visits of %(quarter)s of %(year)s") % words
    return _("%(place)s: bulletin on visits") % words


def shown_cut_off(figures: Figures) -> str:
    """As of when the figures are: the end of a past day, or the moment when the day was not over yet."""
    cut_off_on = date.fromisoformat(figures["cut_off_on"])
    moment = timezone.localtime(datetime.fromisoformat(figures["counted_at"]))
    if cut_off_on < moment.date():
        return _("as of %(day)s") % {"day": date_format(cut_off_on)}
    return _("as of %(day)s, %(time)s") % {"day": date_format(cut_off_on), "time": f"{moment:%H:%M}"}


def status_of(bulletin: Bulletin) -> str:
    """What must be said of a bulletin that is not simply in force; nothing otherwise."""
    if bulletin.is_draft:
        return _("Draft, not released")
    if bulletin.state == BulletinState.WITHDRAWN:
        return _("Withdrawn on %(day)s") % {"day": _day_of(bulletin.withdrawn_at)}
    if correction := bulletin.correction():
        return _("Replaced on %(day)s by a correction") % {"day": _day_of(correction.released_at)}
    if bulletin.corrects:
        return _("Corrects the bulletin of %(day)s") % {"day": _day_of(bulletin.corrects.released_at)}
    return ""


def _day_of(moment: datetime | None) -> str:
    return date_format(timezone.localtime(moment)) if moment else ""


def text_of(figures: Figures) -> str:
    """The paragraphs with the facts filled in, one a line."""
    as_of = shown_cut_off(figures)
    first = _("%(as_of)s, the visits of %(place)s stand as follows:") % {
        "as_of": as_of[:1].upper() + as_of[1:],
        "place": figures["place"]["name"],
    }
    return "\n".join([first, *_paragraphs(figures)])


def sentences(said: Iterable[str]) -> str:
    """One after the other; Chinese puts nothing in between."""
    return ("" if (get_language() or "").startswith("zh") else " ").join(filter(None, said))


def labels_of(figures: Figures) -> dict[int, str]:
    """What each round is called here: by its name, with its days where several bear the same."""
    names = Counter(part["name"] for part in figures["rounds"])
    return {part["id"]: part["name"] if names[part["name"]] == 1 else _dated(part) for part in figures["rounds"]}


def _dated(part: dict[str, Any]) -> str:
    first, last = (date.fromisoformat(part[name]) for name in ("starts_on", "due_on"))
    words = {"round": part["name"], "first": date_format(first), "last": date_format(last, "MONTH_DAY_FORMAT")}
    return _("%(round)s (%(first)s–%(last)s)") % words


def _paragraphs(figures: Figures) -> Iterator[str]:
    labels = labels_of(figures)
    for number, part in enumerate(figures["rounds"], start=1):
        yield f"{number}. " + sentences(_of_round(part, labels[part["id"]]))
    yield sentences(_problems(figures["problems"]))
    if figures["since"]:
        yield from _since(figures)


def _of_round(part: dict[str, Any], label: str) -> Iterator[str]:
    counts = counts_in(part)
    yield _(
        "%(round)s: of %(total)s %(unit)s %(done)s are visited (%(by_phone)s of them by phone), %(left)s are not yet "
        "and %(excused)s are excused; the rate is %(rate)s."
    ) % {
        "round": label,
        "unit": unit_of(part),
        "total": counts.total,
        "done": counts.done,
        "by_phone": counts.by_phone,
        "left": unvisited(counts),
        "excused": counts.excused,
        "rate": percent(counts),
    }
    for seat in part["seats"]:
        yield _of_seat(seat)
    vacant = [seat for seat in part["seats"] if seat["vacant_places"]]
    if vacant:
        yield _("Vacant: %(posts)s.") % {"posts": _(", ").join(_vacancy(seat) for seat in vacant)}


def _of_seat(seat: dict[str, Any]) -> str:
    words = {"post": seat_label(seat["seat"]), "new": sum(new for _owed, _done, new in seat["classes"].values())}
    if VILLAGE in seat["classes"]:
        return _("%(post)s: %(done)s villages visited, %(new)s of them in this period.") % {
            **words,
            "done": seat["classes"][VILLAGE][1],
        }
    return _(
        "%(post)s: %(key)s key households and %(other)s other households visited, %(new)s of them in this period."
    ) % {**words, "key": _done(seat, KEY), "other": _done(seat, OTHER)}


def _done(seat: dict[str, Any], kind: str) -> int:
    return seat["classes"][kind][1] if kind in seat["classes"] else 0


def _vacancy(seat: dict[str, Any]) -> str:
    words = {"post": seat_label(seat["seat"]), "count": seat["vacant_places"], "visits": seat["counts"]["vacant"]}
    return (
        ngettext(
            "%(post)s in %(count)s village (%(visits)s visits)",
            "%(post)s in %(count)s villages (%(visits)s visits)",
            words["count"],
        )
        % words
    )


def _problems(problems: dict[str, Any]) -> Iterator[str]:
    yield _("Problems found in this period: %(found)s; solved: %(solved)s.") % problems
    posts = [
        _("%(post)s: %(found)s found, %(solved)s solved") % {**line, "post": finder_of(line)}
        for line in problems["posts"]
    ]
    if posts:
        yield _("By whom they were found: %(posts)s.") % {"posts": _("; ").join(posts)}


def finder_of(line: dict[str, Any]) -> str:
    """The post that found a problem."""
    return word_of(Post, line["post"]) if line["post"] else _("others")


def _since(figures: Figures) -> Iterator[str]:
    """What changed since the last bulletin: in the same round, or from the last period of a repeating one."""
    labels, parts = labels_of(figures), {part["id"]: part for part in figures["rounds"]}
    changes = [_change(labels[line["id"]], parts[line["id"]], line) for line in figures["since"]["rounds"]]
    if changes:
        day = date_format(date.fromisoformat(figures["since"]["cut_off_on"]))
        words = {"day": day, "changes": _("; ").join(changes)}
        yield _("Since the last bulletin (as of %(day)s): %(changes)s.") % words


def _change(label: str, part: dict[str, Any], line: dict[str, Any]) -> str:
    now, then = counts_in(part), counts_in(line)
    words = {"round": label, "more": f"{now.done - then.done:+d}", "then": percent(then), "now": percent(now)}
    if line["is_previous"]:
        return _("%(round)s, its last period: %(then)s, this one: %(now)s") % words
    return _("%(round)s: %(more)s visited, the rate was %(then)s and is %(now)s") % words


def unit_of(part: dict[str, Any]) -> str:
    """What the numbers of a round count."""
    if round_in(part).is_for_villages:
        return pgettext("counted", "villages") if len(part["seats"]) < 2 else pgettext("counted", "village visits")
    return pgettext("counted", "households") if len(part["seats"]) < 2 else pgettext("counted", "household visits")


def remark_of(counts: Counts) -> str:
    """What a line of the table says besides its numbers (备注)."""
    said = []
    if counts.vacant:
        said.append(_("post vacant: %(count)s") % {"count": counts.vacant})
    if counts.overdue:
        said.append(_("overdue: %(count)s") % {"count": counts.overdue})
    return _("; ").join(said)
