"""What a report of a visit must not say: a message a field; and who may be named as having gone along."""

from datetime import date
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Q, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from casework.confirmations import problem_with
from casework.extras import problems_with
from casework.models import Contact, Outcome, Visit, VisitVisitor
from casework.models.rounds import VISITING_POSTS
from casework.report import VisitReport
from households.models import HelperPairing
from villages.models import Cadre, Post, Posting
from villages.personal_numbers import numbers_in


def colleagues_of(village_id: str, first: date, last: date) -> QuerySet[Cadre]:
    """Cadres who may be named as visitors there on one of the days: with a post over the village, or a helper in it."""
    posted = Posting.objects.overlapping(first, last).covering(village_id)
    posted = posted.filter(post__in=[*VISITING_POSTS, Post.UNIT_LEADER])
    helping = HelperPairing.objects.overlapping(first, last).filter(household__village=village_id)
    return Cadre.objects.filter(
        Q(pk__in=posted.values("cadre")) | Q(pk__in=helping.values("cadre")), is_active=True
    ).order_by("name", "pk")


def check_report(
    report: VisitReport, *, actor: Cadre, on: date, known: Visit | None = None, is_vouched_for: bool = False
) -> None:
    """Refuse what cannot be: raises ValidationError with one message a field.

    `known` is the version being corrected: its visitors stay allowed. So does everybody when the office vouches.
    """
    problems: dict[str, Any] = numbers_in(note=report.note, problem=report.problem)
    household = report.household
    if report.visited_on > on:
        problems["visited_on"] = _("The visit lies in the future. Choose today or an earlier day.")
    elif household and report.visited_on < household.registered_on:
        problems["visited_on"] = _("This household was registered only on %(day)s. Choose that day or a later one.") % {
            "day": date_format(household.registered_on)
        }
    elif household and household.left_on and report.visited_on >= household.left_on:
        problems["visited_on"] = _("This household left the register on %(day)s. Choose an earlier day.") % {
            "day": date_format(household.left_on)
        }
    if report.contact not in Contact.values:
        problems["contact"] = _("Choose how you met.")
    if report.outcome not in Outcome.values:
        problems["outcome"] = _("Choose whom you met.")
    if message := _visitors_problem(report, actor, known, is_vouched_for=is_vouched_for):
        problems["visitors"] = message
    problems |= problems_with(report.extras, is_household=household is not None)
    if message := problem_with(report.confirmations, household, report.outcome):
        problems[NON_FIELD_ERRORS] = message
    if problems:
        raise ValidationError(problems)


def _visitors_problem(report: VisitReport, actor: Cadre, known: Visit | None, *, is_vouched_for: bool) -> str:
    if not report.visitors:
        return _("Name at least one person who went.")
    if is_vouched_for:
        return ""
    others = {cadre.pk for cadre in report.visitors} - {actor.pk}
    if known is not None and others:
        others -= set(VisitVisitor.objects.filter(visit=known).values_list("cadre_id", flat=True))
    if not others:
        return ""
    allowed = (
        colleagues_of(report.target_village_id, report.visited_on, report.visited_on).filter(pk__in=others).count()
    )
    return (
        ""
        if allowed == len(others)
        else _("Name only colleagues who had a post or a household in this village that day.")
    )
