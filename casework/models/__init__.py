"""Rounds, duties, visits, problems, phones and reminders."""

from casework.models.confirmations import Confirmation, Received
from casework.models.duties import Duty, State
from casework.models.flags import FlagKind, FlagReason, VisitFlag
from casework.models.phones import Epoch, HeldReason, HeldState, HeldVisit, Phone
from casework.models.photos import VisitPhoto
from casework.models.problem_words import Difficulty, Level, Move, ProblemKind, ProblemSource, ProblemState, View
from casework.models.problems import Problem, ProblemStep
from casework.models.reminders import Heartbeat, Reminder
from casework.models.rounds import ClosingFigure, Repetition, Round, RoundTemplate, TargetKind
from casework.models.seats import Seat
from casework.models.visits import Contact, Outcome, Talk, Visit, VisitVisitor

__all__ = [
    "ClosingFigure",
    "Confirmation",
    "Contact",
    "Difficulty",
    "Duty",
    "Epoch",
    "FlagKind",
    "FlagReason",
    "Heartbeat",
    "HeldReason",
    "HeldState",
    "HeldVisit",
    "Level",
    "Move",
    "Outcome",
    "Phone",
    "Problem",
    "ProblemKind",
    "ProblemSource",
    "ProblemState",
    "ProblemStep",
    "Received",
    "Reminder",
    "Repetition",
    "Round",
    "RoundTemplate",
    "Seat",
    "State",
    "Talk",
    "TargetKind",
    "View",
    "Visit",
    "VisitFlag",
    "VisitPhoto",
    "VisitVisitor",
]
