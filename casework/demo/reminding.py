"""The reminders of the made-up district: digests of the accounts shown, how they went, a report, somebody at rest."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone

from casework.demo.district import Demo
from casework.digests import digests
from casework.misaddressed import report_not_mine
from casework.models import Channel, ChannelKind, Delivery, DeliveryState, Kind, Reminder, ReminderEffect, Round
from casework.models.rounds import RoundState
from casework.preferences import mute

# Those who owe visits in the shown village; everybody else's digests come with the first sweep.
SHOWN = ("helper", "chief", "first-secretary", "village-secretary")
WEEKS = 3
# By week: named in digests and of them done, not named and of them done, in percent.
DONE = ((46, 31), (43, 29), (49, 33))


def make_reminders(demo: Demo) -> None:
    """Write the digests of the last Mondays as the sweep would have, but for a few people only."""
    group = Channel.objects.create(
        name="企业微信群机器人（示例）",
        kind=ChannelKind.WECOM,
        address="wecombot://00000000-0000-0000-0000-000000000000",
        order=50,
        is_active=False,
    )
    cadres = [demo.accounts[name] for name in SHOWN if name in demo.accounts]
    mondays = [demo.on - timedelta(days=demo.on.weekday() + 7 * back) for back in range(WEEKS)]
    for day in sorted(mondays):
        lines = digests([cadre.pk for cadre in cadres], on=day)
        for cadre in cadres:
            if cadre.pk in lines:
                _send(Reminder(recipient=cadre, for_day=day, lines=lines[cadre.pk]), group, is_read=day < max(mondays))
    _report(demo)
    _rest(demo)
    _effects(demo, mondays)


def _send(reminder: Reminder, group: Channel, *, is_read: bool) -> None:
    """Deliver at nine; the mail goes out, and the robot of one digest has failed."""
    nine = timezone.make_aware(datetime.combine(reminder.for_day, time(9)))
    reminder.kind, reminder.prepared_at, reminder.delivered_at = Kind.DIGEST, nine, nine
    reminder.read_at = nine + timedelta(hours=2) if is_read else None
    reminder.save()
    mail = Channel.objects.filter(kind=ChannelKind.MAIL).first()
    if is_read:
        Delivery.objects.create(
            reminder=reminder,
            channel=group,
            state=DeliveryState.FAILED,
            tries=5,
            next_try_at=nine,
            attempted_at=nine + timedelta(minutes=75),
            answer="Failed to send WeComBot notification: Unauthorized, error=93000.",
        )
    if mail:
        sent_at = nine + timedelta(minutes=76 if is_read else 1)
        Delivery.objects.create(
            reminder=reminder,
            channel=mail,
            state=DeliveryState.SENT,
            tries=1,
            next_try_at=nine,
            attempted_at=sent_at,
            sent_at=sent_at,
        )


def _report(demo: Demo) -> None:
    """The helper says of one family that somebody else helps it now."""
    digest = Reminder.objects.filter(recipient=demo.accounts.get("helper")).order_by("-for_day").first()
    abouts = [item["about"] for place in digest.lines for item in place["items"] if "about" in item] if digest else []
    if digest and abouts:
        report_not_mine(
            reminder=digest, about=abouts[0], words="上月已由村干部接手帮扶", actor=digest.recipient, on=digest.for_day
        )


def _rest(demo: Demo) -> None:
    """The village secretary is at a training."""
    if cadre := demo.accounts.get("village-secretary"):
        mute(cadre=cadre, until=demo.on + timedelta(days=9), reason="参加区委党校培训", on=demo.on)


def _effects(demo: Demo, mondays: list[date]) -> None:
    """What the digests of the weeks before have done, in the rounds that were running then."""
    rng = demo.draws("effects")
    running = Round.objects.filter(state=RoundState.OPEN).order_by("pk")
    rows = []
    for day, (named, others) in zip(mondays, DONE, strict=True):
        for round in running.filter(starts_on__lte=day):
            size = rng.randint(300, 600)
            rows += [
                ReminderEffect(
                    round=round,
                    seat=seat,
                    for_day=day - timedelta(days=7),
                    days_left=(round.due_on - day).days + 7,
                    named=size,
                    named_done=size * (named + rng.randint(-6, 6)) // 100,
                    others=size // 4,
                    others_done=size // 4 * (others + rng.randint(-6, 6)) // 100,
                )
                for seat in round.seats()
            ]
    ReminderEffect.objects.bulk_create(rows)
