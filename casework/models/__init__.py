"""Rounds, duties, visits, phones and reminders."""

from casework.models.confirmations import Confirmation, Received
from casework.models.duties import Duty, State
from casework.models.flags import FlagKind, FlagReason, VisitFlag
from casework.models.kept import KeptFigures
from casework.models.phones import Epoch, HeldReason, HeldState, HeldVisit, Phone
from casework.models.photos import VisitPhoto
from casework.models.reminders import Heartbeat, Reminder
from casework.models.rounds import ClosingFigure, Repetition, Round, RoundTemplate, TargetKind
from casework.models.seats import Seat
from casework.models.visits import Contact, Outcome, Talk, Visit, VisitVisitor

__all__ = [
    "ClosingFigure",
    "Confirmation",
    "Contact",
    "Duty",
    "Epoch",
    "FlagKind",
    "FlagReason",
    "Heartbeat",
    "HeldReason",
    "HeldState",
    "HeldVisit",
    "KeptFigures",
    "Outcome",
    "Phone",
    "Received",
    "Reminder",
    "Repetition",
    "Round",
    "RoundTemplate",
    "Seat",
    "State",
    "Talk",
    "TargetKind",
    "Visit",
    "VisitFlag",
    "VisitPhoto",
    "VisitVisitor",
]
