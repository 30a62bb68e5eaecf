"""A dated fact holds from its first to its last day, and some must never overlap."""

from datetime import date
from typing import Any, Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.core.exceptions import ValidationError
from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.ddl_references import Statement, Table
from django.db.models import F, Func, Q
from django.db.models.sql import Query
from django.utils.translation import gettext_lazy as _

FOREVER = date.max


class DatedQuerySet(models.QuerySet):
    """Rows that hold from starts_on to ends_on, both days included; no ends_on means still."""

    def in_force(self, on: date) -> Self:
        """Rows that hold on that day."""
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on), starts_on__lte=on)

    def overlapping(self, starts_on: date, ends_on: date | None) -> Self:
        """Rows that share at least one day with the period."""
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=starts_on), starts_on__lte=ends_on or FOREVER)


class DatedFact(models.Model):
    """A fact with a first and, once over, a last day."""

    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"), null=True, blank=True, help_text=_("Last day; empty while it lasts."))

    class Meta:
        abstract = True

    def is_in_force(self, on: date) -> bool:
        """Whether the fact holds on that day."""
        return self.starts_on <= on and (self.ends_on is None or on <= self.ends_on)


def ends_after_start(name: str) -> models.CheckConstraint:
    """The constraint that a dated fact does not end before it starts."""
    return models.CheckConstraint(
        condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
        name=name,
        violation_error_message=_("The last day is before the first day. Correct one of the two dates."),
    )


class OneAtATime(ExclusionConstraint):
    """No two rows with equal `fields`, matching `condition`, may share a day.

    PostgreSQL enforces it by an exclusion constraint over daterange, SQLite by two triggers of the
    same name; forms and full_clean() ask with one query and show the message.
    """

    def __init__(
        self,
        *,
        name: str,
        fields: list[str],
        condition: Q | None = None,
        violation_error_message: Any = None,
    ) -> None:
        self.fields = list(fields)
        days = Func(
            "starts_on", "ends_on", RangeBoundary(True, True), function="daterange", output_field=DateRangeField()
        )
        super().__init__(
            name=name,
            expressions=[*((field, RangeOperators.EQUAL) for field in fields), (days, RangeOperators.OVERLAPS)],
            condition=condition,
            violation_error_message=violation_error_message,
        )

    def deconstruct(self) -> tuple[str, tuple[()], dict[str, Any]]:
        """What a migration needs to build the constraint again."""
        path, args, kwargs = super().deconstruct()
        for derived in ("expressions", "index_type", "deferrable", "include"):
            kwargs.pop(derived, None)
        return path, args, {**kwargs, "fields": self.fields}

    def constraint_sql(self, model: type[models.Model], schema_editor: BaseDatabaseSchemaEditor) -> Any:
        """Part of CREATE TABLE; on SQLite nothing there, but triggers once the table stands."""
        if schema_editor.connection.vendor == "sqlite":
            schema_editor.deferred_sql.extend(self._triggers(model, schema_editor))
            return None
        return super().constraint_sql(model, schema_editor)

    def validate(self, model: type[models.Model], instance: Any, exclude: Any = None, using: str = "default") -> None:
        """Raise ValidationError when the row would share a day with another."""
        if exclude and {*self.fields, "starts_on", "ends_on"} & set(exclude):
            return
        if instance.starts_on is None or any(getattr(instance, field) in (None, "") for field in self.attnames(model)):
            return
        if self.condition is not None and not self.condition.check(self._values(model, instance), using=using):
            return
        others = model._default_manager.using(using).exclude(pk=instance.pk)
        if self.condition is not None:
            others = others.filter(self.condition)
        others = others.filter(**{name: getattr(instance, name) for name in self.attnames(model)})
        if DatedQuerySet.overlapping(others, instance.starts_on, instance.ends_on).exists():
            raise ValidationError(self.get_violation_error_message(), code=self.violation_error_code)

    def attnames(self, model: type[models.Model]) -> list[str]:
        """The fields by the names of their values on a row."""
        return [model._meta.get_field(field).attname for field in self.fields]

    def _values(self, model: type[models.Model], instance: Any) -> dict[str, Any]:
        return {
            field.name: getattr(instance, field.attname)
            for field in model._meta.concrete_fields
            if not field.generated and not field.is_relation
        }

    def _triggers(self, model: type[models.Model], schema_editor: BaseDatabaseSchemaEditor) -> list[Statement]:
        quote = schema_editor.quote_name
        same = " AND ".join(
            f"o.{quote(column)} = NEW.{quote(column)}"
            for column in (model._meta.get_field(field).column for field in self.fields)
        )
        days = (
            "o.starts_on <= coalesce(NEW.ends_on, '9999-12-31') AND NEW.starts_on <= coalesce(o.ends_on, '9999-12-31')"
        )
        condition = ""
        if self.condition is not None:
            query = Query(model, alias_cols=False)
            compiler = query.get_compiler(connection=schema_editor.connection)
            matching = self._get_condition_sql(compiler, schema_editor, query).replace("%", "%%")
            ids = f"(SELECT id FROM %(table)s WHERE {matching})"
            condition = f" AND o.id IN {ids} AND NEW.id IN {ids}"
        return [
            # A Statement, so that SQLite's remaking of the table renames the table in it too.
            Statement(
                f"CREATE TRIGGER {quote(f'{self.name}_{event.lower()}')} AFTER {event} ON %(table)s "
                f"WHEN EXISTS (SELECT 1 FROM %(table)s o WHERE o.id <> NEW.id AND {same} AND {days}{condition}) "
                f"BEGIN SELECT RAISE(ABORT, 'CHECK constraint failed: {self.name}'); END",
                table=Table(model._meta.db_table, quote),
            )
            for event in ("INSERT", "UPDATE")
        ]
