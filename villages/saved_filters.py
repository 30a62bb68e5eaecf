"""Keep and drop a clerk's own filters. They are a habit, not a record: the audit trail is silent about them."""

from datetime import date
from urllib.parse import parse_qsl, urlencode

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from villages.models import Cadre, SavedFilter
from villages.models.saved_filters import LONGEST_QUERY

MOST_FILTERS = 30  # of one list: more than fit above it are no help
OF_THE_MOMENT = {"p", "e", "all", "_popup", "_to_field", "_facets"}


@transaction.atomic
def save_filter(*, actor: Cadre, page: str, name: str, query: str) -> SavedFilter:
    """Keep the query of a list under a name. Raises ValidationError with what to do instead."""
    kept = urlencode([(key, value) for key, value in parse_qsl(query) if key not in OF_THE_MOMENT])
    if not kept:
        raise ValidationError(_("Choose a filter, search or sort first; then save it under a name."))
    if len(kept) > LONGEST_QUERY:
        raise ValidationError(_("This filter is too long to be saved. Choose fewer conditions."))
    if SavedFilter.objects.filter(cadre=actor).of_page(page).count() >= MOST_FILTERS:
        raise ValidationError(_("You have %(most)s filters for this list. Delete one first.") % {"most": MOST_FILTERS})
    saved = SavedFilter(cadre=actor, page=page, name=name.strip(), query=kept)
    saved.full_clean()
    saved.save()
    return saved


def remove_filter(*, actor: Cadre, pk: int, on: date) -> None:
    """Drop one's own filter. Raises SavedFilter.DoesNotExist for anybody else's."""
    SavedFilter.objects.visible_to(actor, on).get(pk=pk).delete()
