"""The register of households and persons, their file, and who helps whom."""

from households.models.categories import (
    Cause,
    Education,
    Health,
    LabourSkill,
    Relation,
    Risk,
    Schooling,
    Sex,
    Source,
)
from households.models.exits import ExitRecord
from households.models.households import BaseType, Household, HouseholdMove, MonitoringType
from households.models.living import Guarantee, GuaranteeKind, GuaranteeState, HousingGrade, Income
from households.models.measures import BenefitLink, BenefitYear, LinkForm, Measure, MeasureKind
from households.models.monitoring import (
    CaseState,
    CaseStep,
    Channel,
    Clearing,
    MonitoringCase,
    PovertyLine,
    Step,
)
from households.models.pairings import HelperPairing
from households.models.persons import Person

__all__ = [
    "BaseType",
    "BenefitLink",
    "BenefitYear",
    "CaseState",
    "CaseStep",
    "Cause",
    "Channel",
    "Clearing",
    "Education",
    "ExitRecord",
    "Guarantee",
    "GuaranteeKind",
    "GuaranteeState",
    "Health",
    "HelperPairing",
    "Household",
    "HouseholdMove",
    "HousingGrade",
    "Income",
    "LabourSkill",
    "LinkForm",
    "Measure",
    "MeasureKind",
    "MonitoringCase",
    "MonitoringType",
    "Person",
    "PovertyLine",
    "Relation",
    "Risk",
    "Schooling",
    "Sex",
    "Source",
    "Step",
]
