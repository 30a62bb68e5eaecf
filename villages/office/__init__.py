"""What every page of the admin panel has in common: the desk, reach, verbs, history."""

from villages.office.base import OfficeAdmin, OfficeForm, ReadOnlyAdmin
from villages.office.desk import Desk, desk_of
from villages.office.inlines import OfficeInline, ReadOnlyInline

__all__ = ["Desk", "OfficeAdmin", "OfficeForm", "OfficeInline", "ReadOnlyAdmin", "ReadOnlyInline", "desk_of"]
