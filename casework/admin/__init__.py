"""The office's pages for rounds, their templates, duties and visits."""

from casework.admin.rounds import DutyAdmin, RoundAdmin, RoundTemplateAdmin
from casework.admin.visits import VisitAdmin

__all__ = ["DutyAdmin", "RoundAdmin", "RoundTemplateAdmin", "VisitAdmin"]
