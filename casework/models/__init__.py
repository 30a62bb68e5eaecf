"""Rounds, duties, visits, problems, phones and reminders."""

from casework.models.app_versions import AppVersion
from casework.models.beat import BeatLease
from casework.models.bulletins import Bulletin, BulletinKind, BulletinState
from casework.models.channels import Channel, ChannelKind, ChannelTest
from casework.models.confirmations import Confirmation, Received
from casework.models.deliveries import Delivery, DeliveryState
from casework.models.duties import Duty, State
from casework.models.effects import ReminderEffect
from casework.models.flags import FlagKind, FlagReason, VisitFlag
from casework.models.kept import KeptFigures
from casework.models.kept_unseen import KeptUnseen
from casework.models.matters import Escalation, Matter, MatterKind
from casework.models.misaddressed import Misaddressed
from casework.models.notes import ReviewNote
from casework.models.phones import Epoch, HeldReason, HeldState, HeldVisit, Phone
from casework.models.photos import VisitPhoto
from casework.models.policies import RemindingPolicy
from casework.models.preferences import ChannelChoice, MessageNumber, Mute
from casework.models.problem_words import Difficulty, Level, Move, ProblemKind, ProblemSource, ProblemState, View
from casework.models.problems import Problem, ProblemStep
from casework.models.rechecks import Answer, Recheck, RecheckDraw, Way
from casework.models.reminders import Heartbeat, Kind, Reminder
from casework.models.rounds import ClosingFigure, Repetition, Round, RoundTemplate, TargetKind
from casework.models.seats import Seat
from casework.models.visits import Contact, Outcome, Talk, Visit, VisitVisitor

__all__ = [
    "Answer",
    "AppVersion",
    "BeatLease",
    "Bulletin",
    "BulletinKind",
    "BulletinState",
    "Channel",
    "ChannelChoice",
    "ChannelKind",
    "ChannelTest",
    "ClosingFigure",
    "Confirmation",
    "Contact",
    "Delivery",
    "DeliveryState",
    "Difficulty",
    "Duty",
    "Epoch",
    "Escalation",
    "FlagKind",
    "FlagReason",
    "Heartbeat",
    "HeldReason",
    "HeldState",
    "HeldVisit",
    "KeptFigures",
    "KeptUnseen",
    "Kind",
    "Level",
    "Matter",
    "MatterKind",
    "MessageNumber",
    "Misaddressed",
    "Move",
    "Mute",
    "Outcome",
    "Phone",
    "Problem",
    "ProblemKind",
    "ProblemSource",
    "ProblemState",
    "ProblemStep",
    "Received",
    "Recheck",
    "RecheckDraw",
    "Reminder",
    "ReminderEffect",
    "RemindingPolicy",
    "Repetition",
    "ReviewNote",
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
    "Way",
]
