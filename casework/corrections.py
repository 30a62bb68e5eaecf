"""Correct a visit: a new version with its reason, the old one kept, the credit derived again."""

from datetime import date, datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from casework.checks import follow_guarantees
from casework.confirmations import answers_at
from casework.ledger import duties_at
from casework.models import Duty, Visit, VisitVisitor
from casework.problem_visits import follow_correction
from casework.recredit import lock_targets, recredit
from casework.report import VisitReport
from casework.report_checks import check_report
from casework.visit_rows import as_stored, inserts_of, lock_target_of, stored_already, version_of
from villages import audit, reach
from villages.calendar import day_of
from villages.models import Cadre
from villages.personal_numbers import numbers_in
from villages.together import run_together

# Of our making: no person reads them in the trail.
TECHNICAL = ("id", "digest", "received_at", "superseded_by", "reason")


def can_correct_visit(cadre: Cadre, visit: Visit, on: date) -> bool:
    """Who went, who typed it in, and the office of the place may correct the latest version."""
    if visit.superseded_by_id is not None:
        return False
    if visit.entered_by_id == cadre.pk or VisitVisitor.objects.filter(visit=visit, cadre=cadre).exists():
        return True
    return reach.holds_any(cadre, reach.CLERKS, on, visit.village_id)


def correct_visit(
    visit: Visit,
    report: VisitReport,
    *,
    actor: Cadre,
    now: datetime,
    reason: str,
    withdraw: bool = False,
) -> Visit:
    """Store a new version with a reason, keep the old one, and derive the credit again.

    `withdraw` says that the visit did not take place. The target cannot change: withdraw and record anew.
    The same id with the same content returns the version stored first. Raises PermissionDenied, DifferentContent,
    and ValidationError, also when somebody else has corrected this version meanwhile.
    """
    try:
        return _correct(visit, report, actor=actor, now=now, reason=reason.strip(), withdraw=withdraw)
    except (IntegrityError, ValidationError) as refusal:
        return stored_already(report, actor, refusal)


@transaction.atomic
def _correct(visit: Visit, report: VisitReport, *, actor: Cadre, now: datetime, reason: str, withdraw: bool) -> Visit:
    _require(visit, report, actor=actor, on=day_of(now), reason=reason)
    affected = Duty.objects.filter(duties_at(visit.household_id, visit.village_id) | _duties_of(report))
    # Villages before households, as everybody does; the visit's own household also when nothing is owed there.
    lock_targets(affected)
    lock_target_of(report)
    if wrong := numbers_in(note=report.note, problem=report.problem):
        raise ValidationError(wrong)
    if not withdraw:  # what did not take place needs no further check
        check_report(report, actor=actor, on=day_of(now), known=visit)
    version = version_of(report, actor=actor, now=now, corrected=visit, reason=reason, is_withdrawn=withdraw)
    run_together(inserts_of(version, report))
    as_stored(version)
    _supersede(visit, version)
    recredit(affected)
    follow_guarantees(report, visit, actor=actor)
    follow_correction(visit, version, report, actor=actor, now=now)
    _note(visit, version, report, actor=actor)
    return version


def _require(visit: Visit, report: VisitReport, *, actor: Cadre, on: date, reason: str) -> None:
    if not can_correct_visit(actor, visit, on) and visit.superseded_by_id is None:
        raise PermissionDenied(_("Only those who went, who typed it in, or the office can correct this visit."))
    if not reason:
        raise ValidationError({"reason": _("Say in a few words why the visit is corrected.")})
    household_id = report.household.pk if report.household else None
    if household_id != visit.household_id or (household_id is None and report.target_village_id != visit.village_id):
        raise ValidationError(_("The household cannot be changed. Withdraw this visit and enter it anew."))


def _duties_of(report: VisitReport) -> Q:
    return duties_at(report.household.pk if report.household else None, report.target_village_id)


def _supersede(visit: Visit, version: Visit) -> None:
    """One version follows another once: whoever comes second is told so."""
    if not Visit.objects.filter(pk=visit.pk, superseded_by=None).update(superseded_by=version):
        raise ValidationError(
            _("Somebody has corrected this visit meanwhile. Open it again to see the latest version.")
        )


def _note(visit: Visit, version: Visit, report: VisitReport, *, actor: Cadre) -> None:
    """Leave in the trail what the version says otherwise."""
    changes = audit.difference(audit.snapshot(visit), audit.snapshot(version))
    said = [[list(answer) for answer in sorted(answers)] for answers in (answers_at(visit), report.confirmations)]
    if said[0] != said[1]:
        changes["confirmations"] = said
    for technical in TECHNICAL:
        changes.pop(technical, None)
    audit.record(
        actor=actor,
        verb="visit.withdrawn" if version.is_withdrawn else "visit.corrected",
        target=version,
        village_id=version.village_id,
        reason=version.reason,
        changes=changes,
    )
