"""Identity numbers that two persons of the register share: no import may leave one that was not there before."""

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db.models import Count

from households.models import Person


def shared_identities(on: date) -> set[str]:
    """What finds the numbers that several persons registered that day have."""
    persons: Any = Person.objects.registered(on).with_identity()
    indexes = persons.order_by().values("id_index").annotate(count=Count("pk")).filter(count__gt=1)
    return {*indexes.values_list("id_index", flat=True)}


def names_sharing(indexes: Collection[str]) -> list[str]:
    """The names of the persons with these numbers."""
    if not indexes:
        return []
    return [*Person.objects.filter(id_index__in=indexes).order_by("id_index", "pk").values_list("name", flat=True)]
