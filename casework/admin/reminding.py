"""The office's pages for policies of reminding and for channels."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casework import channel_tests, reminding_policies
from casework.models import Channel, RemindingPolicy
from villages.office import Desk, OfficeAdmin, OfficeForm
from villages.office.acts import Act, taken_back
from villages.office.words import in_words

WEEKDAYS = [
    *((0, _("Monday")), (1, _("Tuesday")), (2, _("Wednesday")), (3, _("Thursday"))),
    *((4, _("Friday")), (5, _("Saturday")), (6, _("Sunday"))),
]


class PolicyForm(OfficeForm):
    """A policy; its weekdays are ticked."""

    weekdays = forms.TypedMultipleChoiceField(
        label=_("on these weekdays"),
        choices=WEEKDAYS,
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


@admin.register(RemindingPolicy)
class RemindingPolicyAdmin(OfficeAdmin):
    """Seen by the office, kept by the district's."""

    form = PolicyForm
    list_display = [
        *("subject", "days_before", "days_after", "weekdays_said", "ahead", "hours_said", "escalate_after"),
        "first_channel",
    ]
    related = ("round", "template", "first_channel")
    fields = [
        *("round", "template", "post", "days_before", "days_after", "weekdays", "ahead", "from_hour", "until_hour"),
        *("on_days_off", "escalate_after", "first_channel", "second_channel", "third_channel"),
    ]
    change_list_template = "admin/casework/remindingpolicy/change_list.html"
    removal = taken_back(
        label=_("Remove the policy"),
        explanation=_("The more general policy holds again from the next sweep on."),
        done=_("The policy is removed."),
        verb=reminding_policies.remove_policy,
        row="policy",
    )

    @admin.display(description=_("whom it is for"))
    def subject(self, policy: RemindingPolicy) -> Any:
        """Whom it is for."""
        return policy.subject

    @admin.display(description=_("on these weekdays"))
    def weekdays_said(self, policy: RemindingPolicy) -> str:
        """The weekdays in words."""
        return gettext(", ").join(str(dict(WEEKDAYS)[day]) for day in policy.weekdays) or "—"

    @admin.display(description=_("between these hours"))
    def hours_said(self, policy: RemindingPolicy) -> str:
        """Between which hours, where the policy says so itself."""
        hours = (policy.from_hour, policy.until_hour)
        return "–".join("…" if hour is None else f"{hour}:00" for hour in hours) if any(hours) else "—"

    def may_add(self, desk: Desk) -> bool:
        """The district's office."""
        return desk.is_for_district

    def may_change(self, desk: Desk, row: RemindingPolicy) -> bool:
        """The district's office."""
        return desk.is_for_district

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Whom it is for stands once it is entered."""
        return ["round", "template", "post"] if obj else []

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """In words for those who only look."""
        fields = super().get_fields(request, obj)
        if obj and not self.has_change_permission(request, obj):
            return ["weekdays_said" if name == "weekdays" else name for name in fields]
        return fields

    def write(self, row: RemindingPolicy, desk: Desk, form: Any, reason: str) -> None:
        """Save by the verb."""
        reminding_policies.save_policy(row, actor=desk.cadre, on=desk.on, reason=reason)


class NothingForm(forms.Form):
    """Nothing to fill in: one button."""


def _test(channel: Channel, desk: Desk, values: dict[str, Any]) -> Channel:
    channel_tests.ask_for_test(channel, actor=desk.cadre, on=desk.on, now=timezone.now())
    return channel


TEST = Act(
    name="test",
    label=_("Send a test line"),
    explanation=_(
        "The background worker sends one line to your own address or number, or to the robot's group. "
        "What the provider answered stands on the channel's page a moment later."
    ),
    form=lambda _row, data: NothingForm(data),
    verb=_test,
    done=_("The test is on its way. Reload this page in a moment to see what the provider answered."),
)


@admin.register(Channel)
class ChannelAdmin(OfficeAdmin):
    """Kept by the district's office; the address is sealed and never shown again."""

    list_display = [
        *("name", "kind", in_words(Channel, "is_default"), in_words(Channel, "is_active"), "order"),
        *("away_since", "last_test"),
    ]
    fields = ["name", "kind", "address", "order", "is_default", "is_active"]
    acts = (TEST,)

    @admin.display(description=_("last test"))
    def last_test(self, channel: Channel) -> str:
        """What the provider answered last."""
        test = channel.tests.first() if channel.pk else None
        if test is None:
            return ""
        if test.answered_at is None:
            return str(_("waiting for the worker"))
        moment = timezone.localtime(test.answered_at).strftime("%Y-%m-%d %H:%M")
        said = _("sent") if test.is_sent else _("failed")
        return " · ".join(part for part in (moment, str(said), test.answer) if part)

    def may_add(self, desk: Desk) -> bool:
        """The district's office."""
        return desk.is_for_district

    def may_change(self, desk: Desk, row: Channel) -> bool:
        """The district's office."""
        return channel_tests.can_change_channels(desk.cadre, desk.on)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """How it does is seen, not entered."""
        return ["away_since", "last_test"] if obj else []

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """How it does stands below."""
        fields = super().get_fields(request, obj)
        return [*fields[:6], "away_since", "last_test", *fields[6:]] if obj else fields

    def write(self, row: Channel, desk: Desk, form: Any, reason: str) -> None:
        """Save by the verb."""
        channel_tests.save_channel(row, actor=desk.cadre, on=desk.on, reason=reason)
