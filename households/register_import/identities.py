"""Identity numbers that two persons of the register share: no import may leave one that was not there before."""

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db.models import Count, Q

from households.models import Person, RegisterImport
from villages.models import AuditEntry


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


def may_be_taken_meanwhile(job: RegisterImport) -> bool:
    """Whether identity numbers were entered for persons since the file was brought in: its preview knows nothing of it.

    A preview that was made anew does, as far as anybody waits for it.
    """
    if job.is_read_again:
        return False
    started = AuditEntry.objects.filter(
        verb="import.started", target_type=RegisterImport._meta.label, target_id=str(job.pk)
    )
    since = AuditEntry.objects.filter(pk__gt=started.order_by().values("pk")[:1])
    entered = Q(target_type=Person._meta.label, changes__has_any_keys=["id_number", "left_on"])
    return since.filter(entered | Q(verb__in=("import.written", "import.undone"))).exists()
