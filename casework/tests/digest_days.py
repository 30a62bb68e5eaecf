"""What the tests of reminders share: a month's helper round, one sweep, an inbox."""

from datetime import date
from typing import Any

from casework.models import Kind, Reminder, RemindingPolicy, TargetKind
from casework.reminders import deliver, prepare
from casework.sending import send_deliveries
from casework.tests.world import World, at
from villages.models import Cadre, Post

# The month's helper round is due on Saturday the 31st; reminders begin seven days before.
MONDAY = date(2026, 10, 26)
FRIDAY = date(2026, 10, 30)
SATURDAY = date(2026, 10, 31)
EVERY_DAY = [0, 1, 2, 3, 4]


def helper_round(world: World, **fields: Any) -> Any:
    return world.round([Post.HELPER], TargetKind.PAIRED_HOUSEHOLD, name="10月帮扶走访", **fields)


def helper_of(world: World, *heads: str, **fields: Any) -> Cadre:
    """A helper of new households with these heads."""
    helper = world.cadre("帮扶甲", **fields)
    for head in heads:
        world.help(helper, world.household(head), starts_on=date(2026, 9, 1))
    return helper


def sweep(day: date, hour: int = 9) -> None:
    """One sweep's part in reminders."""
    now = at(day, hour)
    prepare(on=day, now=now)
    deliver(now=now)
    send_deliveries(now=now)


def inbox(cadre: Cadre) -> list[Reminder]:
    return list(Reminder.objects.visible_to(cadre, date(2030, 1, 1)).filter(kind=Kind.DIGEST))


def policy(**fields: Any) -> RemindingPolicy:
    """A policy of the office; without a round, a template or a post the default of the district."""
    found = RemindingPolicy(**fields)
    key = RemindingPolicy.key_of(found.round_id, found.template_id, found.post)
    RemindingPolicy.objects.filter(key=key).delete()
    found.full_clean()
    found.save()
    return found


def places(reminder: Reminder) -> list[dict[str, Any]]:
    """What the reminder says by place, without the weeks ahead."""
    return [place for place in reminder.lines if place.get("kind") != "load"]


def items(cadre: Cadre) -> list[dict[str, str]]:
    """Every line of the cadre's only digest."""
    (reminder,) = inbox(cadre)
    return [item for place in places(reminder) for item in place["items"]]
