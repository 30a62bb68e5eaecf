"""The office's pages for rounds, duties, visits, questions about them, problems, re-checks, notes and phones."""

from casework.admin.flags import VisitFlagAdmin
from casework.admin.phones import HeldVisitAdmin, PhoneAdmin
from casework.admin.problems import ProblemAdmin
from casework.admin.reminding import ChannelAdmin, RemindingPolicyAdmin
from casework.admin.reviews import RecheckAdmin, ReviewNoteAdmin
from casework.admin.rounds import DutyAdmin, RoundAdmin, RoundTemplateAdmin
from casework.admin.visits import VisitAdmin

__all__ = [
    "ChannelAdmin",
    "DutyAdmin",
    "HeldVisitAdmin",
    "PhoneAdmin",
    "ProblemAdmin",
    "RecheckAdmin",
    "RemindingPolicyAdmin",
    "ReviewNoteAdmin",
    "RoundAdmin",
    "RoundTemplateAdmin",
    "VisitAdmin",
    "VisitFlagAdmin",
]
