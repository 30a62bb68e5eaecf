"""The office's pages for households, their helpers, monitoring cases, and the accounts of cadres."""

from households.admin.cadres import CadreAdmin
from households.admin.exits import ExitRecordAdmin
from households.admin.exports import ExportAdmin
from households.admin.households import HouseholdAdmin, HouseholdMoveAdmin
from households.admin.imports import RegisterImportAdmin
from households.admin.monitoring import CaseStepAdmin, MonitoringCaseAdmin, PovertyLineAdmin
from households.admin.pairings import HelperPairingAdmin

__all__ = [
    "CadreAdmin",
    "CaseStepAdmin",
    "ExitRecordAdmin",
    "ExportAdmin",
    "HelperPairingAdmin",
    "HouseholdAdmin",
    "HouseholdMoveAdmin",
    "MonitoringCaseAdmin",
    "PovertyLineAdmin",
    "RegisterImportAdmin",
]
