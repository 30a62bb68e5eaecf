"""The register of households and persons, their file, and who helps whom."""

from households.models.batches import Batch
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
from households.models.exports import Export, ExportKind, ExportPart, ExportState
from households.models.households import BaseType, Household, HouseholdMove, MonitoringType
from households.models.imports import (
    Fate,
    ImportGroup,
    ImportKind,
    ImportPart,
    ImportProgress,
    ImportRefusal,
    ImportState,
    RegisterImport,
)
from households.models.labels import HouseholdLabel
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
from households.models.names import Mentions, NumberEnds
from households.models.pairings import HelperPairing
from households.models.persons import Person
from households.models.verdicts import IdProblem

__all__ = [
    "BaseType",
    "Batch",
    "BenefitLink",
    "BenefitYear",
    "CaseState",
    "CaseStep",
    "Cause",
    "Channel",
    "Clearing",
    "Education",
    "ExitRecord",
    "Export",
    "ExportKind",
    "ExportPart",
    "ExportState",
    "Fate",
    "Guarantee",
    "GuaranteeKind",
    "GuaranteeState",
    "Health",
    "HelperPairing",
    "Household",
    "HouseholdLabel",
    "HouseholdMove",
    "HousingGrade",
    "IdProblem",
    "ImportGroup",
    "ImportKind",
    "ImportPart",
    "ImportProgress",
    "ImportRefusal",
    "ImportState",
    "Income",
    "LabourSkill",
    "LinkForm",
    "Measure",
    "MeasureKind",
    "Mentions",
    "MonitoringCase",
    "MonitoringType",
    "NumberEnds",
    "Person",
    "PovertyLine",
    "RegisterImport",
    "Relation",
    "Risk",
    "Schooling",
    "Sex",
    "Source",
    "Step",
]
