"""Rounds, duties, visits and reminders."""

from casework.models.confirmations import Confirmation, Received
from casework.models.duties import Duty, State
from casework.models.reminders import Heartbeat, Reminder
from casework.models.rounds import ClosingFigure, Repetition, Round, RoundTemplate, TargetKind
from casework.models.seats import Seat
from casework.models.visits import Contact, Outcome, Visit, VisitVisitor

__all__ = [
    "ClosingFigure",
    "Confirmation",
    "Contact",
    "Duty",
    "Heartbeat",
    "Outcome",
    "Received",
    "Reminder",
    "Repetition",
    "Round",
    "RoundTemplate",
    "Seat",
    "State",
    "TargetKind",
    "Visit",
    "VisitVisitor",
]
