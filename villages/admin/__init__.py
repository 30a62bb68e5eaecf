"""The office's pages for places, units, posts, integrations, special days and the audit trail."""

from villages.admin.integrations import IntegrationAdmin
from villages.admin.places import DistrictAdmin, TownAdmin, VillageAdmin, VillagerGroupAdmin
from villages.admin.postings import PairingAdmin, PostingAdmin
from villages.admin.shared import PartnerUnitAdmin, SpecialDayAdmin
from villages.admin.trail import AuditEntryAdmin

__all__ = [
    "AuditEntryAdmin",
    "DistrictAdmin",
    "IntegrationAdmin",
    "PairingAdmin",
    "PartnerUnitAdmin",
    "PostingAdmin",
    "SpecialDayAdmin",
    "TownAdmin",
    "VillageAdmin",
    "VillagerGroupAdmin",
]
