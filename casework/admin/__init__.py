"""The office's pages for rounds, their templates, duties, visits, questions about them, problems, and phones."""

from casework.admin.flags import VisitFlagAdmin
from casework.admin.phones import HeldVisitAdmin, PhoneAdmin
from casework.admin.problems import ProblemAdmin
from casework.admin.reminding import ChannelAdmin, RemindingPolicyAdmin
from casework.admin.rounds import DutyAdmin, RoundAdmin, RoundTemplateAdmin
from casework.admin.visits import VisitAdmin

__all__ = [
    "ChannelAdmin",
    "DutyAdmin",
    "HeldVisitAdmin",
    "PhoneAdmin",
    "ProblemAdmin",
    "RemindingPolicyAdmin",
    "RoundAdmin",
    "RoundTemplateAdmin",
    "VisitAdmin",
    "VisitFlagAdmin",
]
