"""The office's pages for households, their helpers, and the accounts of cadres."""

from households.admin.cadres import CadreAdmin
from households.admin.exits import ExitRecordAdmin
from households.admin.exports import ExportAdmin
from households.admin.households import HouseholdAdmin, HouseholdMoveAdmin
from households.admin.imports import RegisterImportAdmin
from households.admin.pairings import HelperPairingAdmin

__all__ = [
    "CadreAdmin",
    "ExitRecordAdmin",
    "ExportAdmin",
    "HelperPairingAdmin",
    "HouseholdAdmin",
    "HouseholdMoveAdmin",
    "RegisterImportAdmin",
]
