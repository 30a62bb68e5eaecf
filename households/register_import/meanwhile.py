"""What has happened since a preview was made that makes it wrong, beyond the records it compares when it is written."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from households.models import Household, ImportGroup, Person, RegisterImport
from households.models.imports import Fate
from villages.models import AuditEntry


def may_be_taken_meanwhile(job: RegisterImport) -> bool:
    """Whether identity numbers were entered for persons since the file was brought in: its preview knows nothing of it.

    A preview that was made anew does, as far as anybody waits for it.
    """
    if job.is_read_again:
        return False
    entered = Q(target_type=Person._meta.label, changes__has_any_keys=["id_number", "left_on"])
    return _since(job).filter(entered | _of_other_imports()).exists()


def is_recognised_still(job: RegisterImport) -> bool:
    """Whether what was recognised as unchanged, without being compared, is what the last import said even now."""
    if not _since(job).filter(_of_other_imports()).exists():
        return True
    same = ImportGroup.objects.filter(job=job, fate=Fate.UNCHANGED, values__isnull=True).order_by()
    said = Household.objects.filter(number=OuterRef("key"), register_row__digest=OuterRef("digest"))
    return not same.exclude(Exists(said)).exists()


def _since(job: RegisterImport) -> QuerySet[AuditEntry]:
    """The entries of the trail since the file was brought in."""
    started = AuditEntry.objects.filter(
        verb="import.started", target_type=RegisterImport._meta.label, target_id=str(job.pk)
    )
    return AuditEntry.objects.filter(pk__gt=started.order_by().values("pk")[:1])


def _of_other_imports() -> Q:
    return Q(verb__in=("import.written", "import.undone"))
