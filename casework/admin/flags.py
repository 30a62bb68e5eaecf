"""The office's page for questions about visits: to look at; who went explains them on their own page."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from casework.flags import in_words
from casework.models import VisitFlag
from villages.office import ReadOnlyAdmin
from villages.office.filters import town_filter


@admin.register(VisitFlag)
class VisitFlagAdmin(ReadOnlyAdmin):
    """Those the supervisor may see; nothing is counted by person."""

    list_display = ["raised_on", "visit", "village", "kind", "said", "reason", "words"]
    list_filter = [town_filter("visit__village__code"), "kind", "reason"]
    search_fields = ["visit__household__head_name", "visit__village__name", "words"]
    related = ("visit__household", "visit__village")
    fields = readonly_fields = ["visit", "village", "kind", "said", "raised_on", "reason", "words", "explained_on"]

    @admin.display(description=_("village"))
    def village(self, flag: VisitFlag) -> Any:
        """Where the visit was."""
        return flag.visit.village

    @admin.display(description=_("what was counted"))
    def said(self, flag: VisitFlag) -> str:
        """The facts in words."""
        return in_words(flag)
