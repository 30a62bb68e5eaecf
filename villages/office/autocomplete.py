"""What an autocomplete field offers: rows in reach, named so that two of the same name differ."""

from typing import Any

from django.contrib.admin.views.autocomplete import AutocompleteJsonView

from villages.office.base import OfficeAdmin


class OfficeAutocomplete(AutocompleteJsonView):
    """The stock view over OfficeAdmin.offered()."""

    def get_queryset(self) -> Any:
        """Offered rows that match what was typed."""
        if not isinstance(self.model_admin, OfficeAdmin):
            return super().get_queryset()
        offered = self.model_admin.offered(self.request)
        found, may_have_duplicates = self.model_admin.get_search_results(self.request, offered, self.term)
        return found.distinct() if may_have_duplicates else found

    def serialize_result(self, obj: Any, to_field_name: str) -> dict[str, str]:
        """The row's key and its unmistakable name."""
        result = super().serialize_result(obj, to_field_name)
        if isinstance(self.model_admin, OfficeAdmin):
            result["text"] = self.model_admin.label(obj)
        return result
