"""What a cadre asks of the reminders, and what the office asks about them."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from casework.dry_run import TOLD_BEFORE
from casework.forms.look import PlainForm, day_field
from casework.models import Channel, ChannelChoice, DeliveryState, Kind
from casework.preferences import LONGEST_MUTE_DAYS
from villages.models import Cadre, District, Town, Village

AS_THE_OFFICE, INBOX_ALONE = "office", "inbox"
WAYS = 2


class ChannelForm(PlainForm, forms.Form):
    """For each kind the channel to be tried first, and the one after it."""

    def __init__(self, data: Any = None, *, cadre: Cadre, kinds: list[Kind]) -> None:
        super().__init__(data)
        self.kinds = kinds
        channels = [(str(channel.pk), channel.name) for channel in Channel.objects.in_use()]
        chosen = dict(ChannelChoice.objects.filter(cadre=cadre).values_list("kind", "channels"))
        fixed = [(AS_THE_OFFICE, _("as the office has set it")), (INBOX_ALONE, _("the inbox alone"))]
        for kind in kinds:
            mine = [str(pk) for pk in chosen[kind]] if kind in chosen else None
            first = AS_THE_OFFICE if mine is None else mine[0] if mine else INBOX_ALONE
            self.fields[f"{kind}_first"] = forms.ChoiceField(
                label=kind.label, choices=[*fixed, *channels], initial=first, required=False
            )
            self.fields[f"{kind}_then"] = forms.ChoiceField(
                label=_("%(kind)s: when that fails") % {"kind": kind.label},
                choices=[("", _("nothing else")), *channels],
                initial=mine[1] if mine and len(mine) >= WAYS else "",
                required=False,
            )
            self._dress(f"{kind}_first", f"{kind}_then")

    def _dress(self, *names: str) -> None:
        for name in names:
            self.fields[name].widget.attrs.setdefault("class", "form-select")

    def chosen(self) -> dict[Kind, list[int] | None]:
        """By kind the ids of the channels; None: as the office has set it. Needs a valid form."""
        found: dict[Kind, list[int] | None] = {}
        for kind in self.kinds:
            ways = [self.cleaned_data[f"{kind}_first"], self.cleaned_data[f"{kind}_then"]]
            is_own = ways[0] not in ("", AS_THE_OFFICE)
            found[kind] = [int(way) for way in ways if way.isdecimal()] if is_own else None
        return found


class NumberForm(PlainForm, forms.Form):
    """The number for messages; never shown in full again."""

    phone = forms.CharField(
        label=_("Number for messages"),
        max_length=20,
        required=False,
        help_text=_("For text messages and to be named by robots. It is kept sealed. Empty: none."),
    )


class MuteForm(PlainForm, forms.Form):
    """Rest until a day, and why."""

    until = day_field(_("No digests until"))
    reason = forms.CharField(
        label=_("Why"), max_length=200, help_text=_("The supervisor of your places sees it: on leave, at a training …")
    )

    def __init__(self, data: Any = None, *, on: date) -> None:
        super().__init__(data)
        last = on + timedelta(days=LONGEST_MUTE_DAYS)
        self.fields["until"].widget.attrs |= {"min": on.isoformat(), "max": last.isoformat()}


class NotMineForm(PlainForm, forms.Form):
    """Words for the supervisor."""

    words = forms.CharField(
        label=_("In own words (optional)"),
        max_length=200,
        required=False,
        help_text=_("For example who does it now. No identity or telephone numbers."),
    )


class SettleForm(PlainForm, forms.Form):
    """What the supervisor answers."""

    report = forms.IntegerField(widget=forms.HiddenInput)
    decision = forms.ChoiceField(choices=[("accept", ""), ("decline", "")], widget=forms.HiddenInput)
    answer = forms.CharField(label=_("Words to the cadre"), max_length=200, required=False)


class PlaceForm(PlainForm, forms.Form):
    """One of the own places."""

    place = forms.ChoiceField(label=_("Place"), required=False)

    def __init__(self, data: Any, *, codes: list[str], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        field: Any = self.fields["place"]
        field.choices = places_below(codes)
        self.default = field.choices[0][0] if field.choices else ""

    @property
    def code(self) -> str:
        """The place chosen, otherwise the largest of the own ones."""
        self.is_valid()
        return self.cleaned_data.get("place") or self.default


class DryRunForm(PlaceForm):
    """A day, a place and a kind of reminder."""

    on = day_field(_("Day of the reminder"), required=False)
    kind = forms.ChoiceField(
        label=_("Kind of reminder"), choices=[(kind.value, kind.label) for kind in TOLD_BEFORE], required=False
    )
    field_order = ["on", "place", "kind"]

    @property
    def kind_asked(self) -> Kind:
        """The kind asked for, otherwise the digests."""
        self.is_valid()
        return Kind(self.cleaned_data.get("kind") or Kind.DIGEST)

    def day(self, today: date) -> date:
        """The day asked for, otherwise today."""
        self.is_valid()
        return self.cleaned_data.get("on") or today


class LogForm(PlainForm, forms.Form):
    """What to show of the send log."""

    on = day_field(_("Day of the reminder"), required=False)
    kind = forms.ChoiceField(label=_("Kind of reminder"), choices=[("", _("all")), *Kind.choices], required=False)
    channel = forms.ChoiceField(label=_("channel"), required=False)
    state = forms.ChoiceField(label=_("state"), choices=[("", _("all")), *DeliveryState.choices], required=False)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        field: Any = self.fields["channel"]
        field.choices = [("", _("all")), *((str(row.pk), row.name) for row in Channel.objects.order_by("order", "pk"))]

    def asked(self) -> dict[str, Any]:
        """What was asked for, and can be."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


def places_below(codes: list[str]) -> list[tuple[str, str]]:
    """Codes and names of these places and what lies below them, in order of the codes; "" is above all."""
    found: list[tuple[str, str]] = []
    for model in (District, Town, Village):
        for row in model.objects.order_by("pk"):
            if any(row.pk.startswith(code) for code in codes):
                found.append((row.pk, getattr(row, "short_name", row.name)))
    names = dict(found)
    return [(code, _indented(code, name)) for code, name in sorted(names.items())]


def _indented(code: str, name: str) -> str:
    return "　" * (len(code) // 3 - 2) + name
