"""The register of households and who helps whom."""

from households.models.households import BaseType, Household, HouseholdMove, MonitoringType
from households.models.pairings import HelperPairing

__all__ = ["BaseType", "HelperPairing", "Household", "HouseholdMove", "MonitoringType"]
