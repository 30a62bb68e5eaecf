"""How the audit trail reads to people: names instead of keys, words instead of codes."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple

from django.apps import apps
from django.contrib.admin import AdminSite
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.template.loader import render_to_string
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from villages.models import AuditEntry, Village

# The second half of a verb such as "posting.started".
ACTIONS: dict[str, Any] = {
    "accepted": pgettext_lazy("done to a record", "accepted"),
    "added": gettext_lazy("added"),
    "advanced": gettext_lazy("went on"),
    "answered": gettext_lazy("answered"),
    "asked": gettext_lazy("asked for"),
    "assigned": pgettext_lazy("done to a record", "assigned"),
    "began": pgettext_lazy("done to a record", "begun"),
    "checked": pgettext_lazy("done to a record", "checked"),
    "chosen": pgettext_lazy("done to a record", "chosen"),
    "closed": gettext_lazy("closed"),
    "confirmed": gettext_lazy("confirmed"),
    "corrected": gettext_lazy("corrected"),
    "cut_off": pgettext_lazy("done to a record", "cut off"),
    "declined": pgettext_lazy("done to a record", "declined"),
    "discarded": gettext_lazy("discarded"),
    "done": pgettext_lazy("done to a record", "finished"),
    "drafted": pgettext_lazy("done to a record", "drafted"),
    "edited": pgettext_lazy("done to a record", "edited"),
    "ended": gettext_lazy("ended"),
    "entered": pgettext_lazy("done to a record", "entered"),
    "escalated": pgettext_lazy("done to a record", "taken a level up"),
    "excused": gettext_lazy("excused"),
    "explained": gettext_lazy("explained"),
    "extended": pgettext_lazy("done to a record", "deadline extended"),
    "given": pgettext_lazy("done to a record", "given to somebody"),
    "held": pgettext_lazy("done to a record", "held for review"),
    "imported": gettext_lazy("brought in"),
    "loaded": gettext_lazy("register loaded"),
    "made": gettext_lazy("demo data made"),
    "made_anew": pgettext_lazy("done to a record", "made anew"),
    "monitored": gettext_lazy("followed its monitoring case"),
    "moved": gettext_lazy("moved"),
    "muted": pgettext_lazy("done to a record", "resting until a day"),
    "not_mine": pgettext_lazy("done to a record", "said to be of somebody else"),
    "not_mine_accepted": pgettext_lazy("done to a record", "said to be of somebody else, accepted"),
    "not_mine_declined": pgettext_lazy("done to a record", "said to be of somebody else, declined"),
    "opened": pgettext_lazy("done to a record", "opened"),
    "password_set": gettext_lazy("new password set"),
    "photo_added": pgettext_lazy("done to a record", "photo added"),
    "progressed": pgettext_lazy("done to a record", "progress entered"),
    "recorded": gettext_lazy("recorded"),
    "recounted": pgettext_lazy("done to a record", "counted anew"),
    "registered": gettext_lazy("registered"),
    "released": pgettext_lazy("done to a record", "released"),
    "removed": gettext_lazy("entered by mistake, removed"),
    "renamed": gettext_lazy("renamed"),
    "replaced": pgettext_lazy("done to a record", "replaced"),
    "replied": gettext_lazy("replied to"),
    "reset": pgettext_lazy("done to a record", "back to the office's choice"),
    "returned": gettext_lazy("back in the register"),
    "revealed": gettext_lazy("number seen in full"),
    "revoked": gettext_lazy("revoked"),
    "solved": pgettext_lazy("done to a record", "solved"),
    "started": gettext_lazy("started"),
    "taken": gettext_lazy("file downloaded"),
    "taken_back": gettext_lazy("to be undone"),
    "tested": pgettext_lazy("done to a record", "test message sent"),
    "token_made": gettext_lazy("new token made"),
    "undone": gettext_lazy("undone"),
    "unmuted": pgettext_lazy("done to a record", "rest ended"),
    "vanished": gettext_lazy("no longer in the register"),
    "verified": pgettext_lazy("done to a record", "verified"),
    "withdrawn": gettext_lazy("withdrawn"),
    "written": gettext_lazy("written"),
    "year_corrected": gettext_lazy("year corrected"),
    "year_recorded": gettext_lazy("year recorded"),
    "year_removed": gettext_lazy("year taken back"),
}
# Where the same word means something else of one kind of record.
SAID_OF_ONE_KIND: dict[str, Any] = {
    "case.taken_back": pgettext_lazy("done to a record", "taken back"),
    "problem.returned": pgettext_lazy("done to a record", "sent back"),
}
EMPTY = "—"
# Counted when a register is loaded, and no relation of the district's own.
COUNTED: dict[str, type[models.Model]] = {"villages": Village}


class Line(NamedTuple):
    """One changed value."""

    label: str
    before: str
    after: str


class Told(NamedTuple):
    """One entry as it is shown."""

    entry: AuditEntry
    what: str
    lines: list[Line]
    name: str = ""


def kind_of(entry: AuditEntry) -> str:
    """What kind of record the entry is about."""
    model = _model_of(entry)
    return str(capfirst(model._meta.verbose_name)) if model else entry.target_type


def what_of(entry: AuditEntry) -> str:
    """What was done to what."""
    action = entry.verb.rpartition(".")[2]
    return f"{kind_of(entry)} · {SAID_OF_ONE_KIND.get(entry.verb) or ACTIONS.get(action, action)}"


def tell(
    entries: Iterable[AuditEntry], site: AdminSite, parts: Mapping[tuple[str, str], str] | None = None
) -> list[Told]:
    """The entries with names and words; one query for each kind of record they point to.

    `parts` names the records, by kind and key, that belong to the one whose history is told.
    """
    entries = list(entries)
    names, of_parts = _names(entries), parts or {}
    return [
        Told(entry, what_of(entry), _lines(entry, names, site), of_parts.get((entry.target_type, entry.target_id), ""))
        for entry in entries
    ]


def _model_of(entry: AuditEntry) -> type[models.Model] | None:
    try:
        return apps.get_model(entry.target_type)
    except LookupError:
        return None


def _field(model: type[models.Model] | None, name: str) -> Any:
    """The column, or None: an entry may also count the records of a relation."""
    found = _named(model, name)
    return None if isinstance(found, models.ForeignObjectRel) else found


def _named(model: type[models.Model] | None, name: str) -> Any:
    try:
        return model._meta.get_field(name) if model else None
    except FieldDoesNotExist:
        return None


def _label(model: type[models.Model] | None, name: str) -> str:
    """What people call the column, or the records counted; the bare name where it is none of the record's own."""
    found = _named(model, name)
    counted = found.related_model if isinstance(found, models.ForeignObjectRel) else COUNTED.get(name)
    if counted is not None:
        return str(capfirst(counted._meta.verbose_name_plural))
    if found is None:
        return name
    return str(capfirst(found.verbose_name))


def _names(entries: list[AuditEntry]) -> dict[type[models.Model], dict[str, str]]:
    wanted: dict[type[models.Model], set[Any]] = defaultdict(set)
    for entry in entries:
        for name, values in entry.changes.items():
            field = _field(_model_of(entry), name)
            if field is not None and field.many_to_one:
                wanted[field.related_model] |= {value for value in values if value is not None}
    return {
        model: {str(key): str(row) for key, row in model._default_manager.in_bulk(keys).items()}
        for model, keys in wanted.items()
    }


def _lines(entry: AuditEntry, names: dict[Any, dict[str, str]], site: AdminSite) -> list[Line]:
    model = _model_of(entry)
    page = site._registry.get(model) if model else None  # type: ignore[arg-type]
    lines = []
    for name, values in entry.changes.items():
        field = _field(model, name)
        words = getattr(page, "words", {}).get(name, {})
        if isinstance(field, models.UUIDField) or getattr(field, "primary_key", False):
            continue  # the record's own key tells nobody anything
        before, after = (_say(value, field, names, words) for value in values)
        if before == after == EMPTY:
            continue
        if hasattr(field, "sealed") and EMPTY not in (before, after):
            after = pgettext("history", "%(mask)s (another number)") % {"mask": after}
        lines.append(Line(_label(model, name), before, after))
    return lines


def _say(value: Any, field: Any, names: dict[Any, dict[str, str]], words: Any) -> str:
    if value is None or value == "" or value == []:
        return EMPTY
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, list):
        return _(", ").join(str(dict(words).get(item, item)) for item in value)
    if hasattr(field, "sealed"):
        return str(value).partition(" #")[0]  # the mask, without the mark that only tells one number from another
    if field is not None and field.many_to_one:
        return names.get(field.related_model, {}).get(str(value), str(value))
    if field is not None and field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(field, models.DateField) and isinstance(day := parse_date(str(value)[:10]), date):
        return date_format(day)
    return str(value)


def in_words(value: Any, field: models.Field) -> str:
    """A value of a row as the trail would tell it."""
    if isinstance(value, models.Model):
        return str(value)
    return _say(value.isoformat() if isinstance(value, date) else value, field, {}, {})


def as_table(told: Told) -> SafeString:
    """The changed values as a table of three columns."""
    return render_to_string("admin/_before_and_after.html", {"told": told})
