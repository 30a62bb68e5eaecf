"""The office's pages for households, their helpers, and the accounts of cadres."""

from households.admin.cadres import CadreAdmin
from households.admin.households import HouseholdAdmin, HouseholdMoveAdmin
from households.admin.pairings import HelperPairingAdmin

__all__ = ["CadreAdmin", "HelperPairingAdmin", "HouseholdAdmin", "HouseholdMoveAdmin"]
