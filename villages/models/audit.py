"""Who changed what, when, before and after: an append-only table."""

from datetime import date
from typing import Any, NoReturn, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from villages import reach
from villages.models.words import Words


class AuditQuerySet(models.QuerySet):
    """Audit entries: read and appended, never changed."""

    def visible_to(self, cadre: Any, on: date) -> Self:
        """Entries about villages the cadre reaches on that day, and what the cadre did.

        What concerns no single village (units, towns, accounts) is for the district's office.
        """
        mine = models.Q(village__in=reach.villages_of(cadre, on)) | models.Q(actor=cadre)
        return self.filter(mine | models.Q(village=None) if reach.is_district_office(cadre, on) else mine)

    def update(self, **_fields: Any) -> NoReturn:
        """Refuse: the trail is append-only."""
        raise TypeError("The audit trail is append-only.")

    def delete(self) -> NoReturn:
        """Refuse: the trail is append-only."""
        raise TypeError("The audit trail is append-only.")


class AuditEntry(models.Model):
    """One change: the actor (none: the system itself), a verb such as "posting.started", and the values."""

    at = models.DateTimeField(_("at"), auto_now_add=True, db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("by whom"), null=True, related_name="+"
    )
    verb = models.CharField(_("what"), max_length=50)
    target_type = models.CharField(_("kind of record"), max_length=50)
    target_id = models.CharField(_("record"), max_length=40)
    village = models.ForeignKey(
        "villages.Village", models.PROTECT, verbose_name=_("village"), null=True, related_name="+", db_index=False
    )
    reason = Words(_("reason"), max_length=200, blank=True)
    changes = models.JSONField(_("before and after"), default=dict, help_text=_("Field: before, after."))

    objects = AuditQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        ordering = ["-at", "-id"]
        # Every change is told here, so every index is paid for by all of them. Those of the kind for beginnings find
        # equal values as well, which spares the village a second one; a list in their order is never asked for.
        indexes = [
            models.Index(
                fields=["target_type", "target_id"], name="audit_by_target", opclasses=["varchar_pattern_ops"] * 2
            ),
            models.Index(fields=["village"], name="audit_by_village", opclasses=["varchar_pattern_ops"]),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.target_type} {self.target_id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Append; an entry that stands is never written again."""
        if not self._state.adding:
            raise TypeError("The audit trail is append-only.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse: the trail is append-only."""
        raise TypeError("The audit trail is append-only.")
