"""Rounds, duties, visits, phones and reminders."""

from casework.models.channels import Channel, ChannelKind, ChannelTest
from casework.models.confirmations import Confirmation, Received
from casework.models.deliveries import Delivery, DeliveryState
from casework.models.duties import Duty, State
from casework.models.effects import ReminderEffect
from casework.models.flags import FlagKind, FlagReason, VisitFlag
from casework.models.matters import Escalation, Matter, MatterKind
from casework.models.misaddressed import Misaddressed
from casework.models.phones import Epoch, HeldReason, HeldState, HeldVisit, Phone
from casework.models.photos import VisitPhoto
from casework.models.policies import RemindingPolicy
from casework.models.preferences import ChannelChoice, MessageNumber, Mute
from casework.models.reminders import Heartbeat, Kind, Reminder
from casework.models.rounds import ClosingFigure, Repetition, Round, RoundTemplate, TargetKind
from casework.models.seats import Seat
from casework.models.visits import Contact, Outcome, Talk, Visit, VisitVisitor

__all__ = [
    "Channel",
    "ChannelChoice",
    "ChannelKind",
    "ChannelTest",
    "ClosingFigure",
    "Confirmation",
    "Contact",
    "Delivery",
    "DeliveryState",
    "Duty",
    "Epoch",
    "Escalation",
    "FlagKind",
    "FlagReason",
    "Heartbeat",
    "HeldReason",
    "HeldState",
    "HeldVisit",
    "Kind",
    "Matter",
    "MatterKind",
    "MessageNumber",
    "Misaddressed",
    "Mute",
    "Outcome",
    "Phone",
    "Received",
    "Reminder",
    "ReminderEffect",
    "RemindingPolicy",
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
