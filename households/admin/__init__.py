"""The office's pages for households, their file, their helpers, monitoring cases, and the accounts of cadres."""

from households.admin.cadres import CadreAdmin
from households.admin.exits import ExitRecordAdmin
from households.admin.exports import ExportAdmin
from households.admin.households import HouseholdAdmin, HouseholdMoveAdmin
from households.admin.imports import RegisterImportAdmin
from households.admin.living import GuaranteeAdmin, IncomeAdmin
from households.admin.measures import BenefitLinkAdmin, MeasureAdmin
from households.admin.monitoring import CaseStepAdmin, MonitoringCaseAdmin, PovertyLineAdmin
from households.admin.pairings import HelperPairingAdmin
from households.admin.persons import PersonAdmin

__all__ = [
    "BenefitLinkAdmin",
    "CadreAdmin",
    "CaseStepAdmin",
    "ExitRecordAdmin",
    "ExportAdmin",
    "GuaranteeAdmin",
    "HelperPairingAdmin",
    "HouseholdAdmin",
    "HouseholdMoveAdmin",
    "IncomeAdmin",
    "MeasureAdmin",
    "MonitoringCaseAdmin",
    "PersonAdmin",
    "PovertyLineAdmin",
    "RegisterImportAdmin",
]
