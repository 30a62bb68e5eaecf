"""Places, cadres, dated posts and the audit trail."""

from villages.models.audit import AuditEntry
from villages.models.cadres import Cadre, PartnerUnit
from villages.models.integrations import Integration, Scope
from villages.models.places import District, Town, Village, VillagerGroup
from villages.models.postings import Pairing, Post, Posting
from villages.models.saved_filters import SavedFilter
from villages.models.workdays import SpecialDay

__all__ = [
    "AuditEntry",
    "Cadre",
    "District",
    "Integration",
    "Pairing",
    "PartnerUnit",
    "Post",
    "Posting",
    "SavedFilter",
    "Scope",
    "SpecialDay",
    "Town",
    "Village",
    "VillagerGroup",
]
