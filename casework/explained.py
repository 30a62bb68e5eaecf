"""How a figure is counted, in one sentence: from the round's own rule, for pages, answers and bulletins alike."""

from collections.abc import Iterable

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from casework.models import Contact, Outcome, Round, TargetKind
from casework.models.rounds import VisitRule
from households.words import word_of
from villages.models import Post


def how_counted(round: Round) -> str:
    """Who owes a visit to whom, from when to when, what counts, and what the rate divides by what."""
    return _(
        "Required: a visit of %(posts)s to %(targets)s from %(first)s to %(last)s%(grace)s. "
        "Done: %(contacts)s with the outcome %(outcomes)s, made by who held the post that day%(by_phone)s. "
        "Rate: done divided by all required but the excused."
    ) % {
        "posts": _posts(round),
        "targets": word_of(TargetKind, round.target_kind),
        "first": date_format(round.starts_on),
        "last": date_format(round.due_on),
        "grace": _grace(round),
        "contacts": _either(word_of(Contact, contact) for contact in _in_order(round.contacts, Contact.values)),
        "outcomes": _either(word_of(Outcome, outcome) for outcome in _in_order(round.outcomes, Outcome.values)),
        "by_phone": _("; a family that is away also by phone, which is shown apart")
        if round.counts_away_by_phone
        else "",
    }


def how_unseen(days: int) -> str:
    """What it means that nobody has seen a household; whichever round asks for it."""
    return ngettext(
        "Of all households on the register that day: those that nobody met in person in the %(days)s day up to it, "
        "whoever went and whichever round asked. Met only by phone or video is shown apart. "
        "Class and village are those of the register now.",
        "Of all households on the register that day: those that nobody met in person in the %(days)s days up to it, "
        "whoever went and whichever round asked. Met only by phone or video is shown apart. "
        "Class and village are those of the register now.",
        days,
    ) % {"days": days}


def how_vacant() -> str:
    """What a vacant post is."""
    return _(
        "Posts at a village that a running round asks for and that nobody held that day, village by village: "
        "a town's vacant post counts in each of its villages, and once in the list of vacant posts. "
        "Families without a helper are counted as vacant duties of the helpers' round."
    )


def how_problems() -> str:
    """What an open problem is."""
    return _(
        "Problems of the ledger found by the end of that day and neither closed nor withdrawn; "
        "late are those past their deadline that nobody has reported as solved."
    )


def _posts(round: VisitRule) -> str:
    names = [word_of(Post, post) for post in round.posts]
    if len(names) == 1:
        return names[0]
    listed = _(", ").join(names)
    return (_("any one of %(posts)s") if round.is_any_post else _("each of %(posts)s")) % {"posts": listed}


def _grace(round: Round) -> str:
    if not round.grace_days:
        return ""
    return _(" (made until %(day)s they still count)") % {"day": date_format(round.last_credit_on)}


def _either(words: Iterable[str]) -> str:
    return _(" or ").join(words)


def _in_order(chosen: Iterable[str], known: Iterable[str]) -> list[str]:
    """In the order of the set, however they were ticked."""
    wanted = set(chosen)
    return [value for value in known if value in wanted]
