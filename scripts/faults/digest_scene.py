"""The people of the reminders' run: so many helpers with one family each, a round that presses, two ways out."""

import sys
from datetime import date
from pathlib import Path

import django

django.setup()

from casework.models import Channel, RemindingPolicy  # noqa: E402
from casework.models.channels import ChannelKind  # noqa: E402
from casework.tests.world import LONG_AGO, World  # noqa: E402
from faults.providers import KEY_HEADER  # noqa: E402
from households.models import BaseType, HelperPairing, Household  # noqa: E402
from villages.holidays import load_holidays  # noqa: E402
from villages.models import Cadre, Post  # noqa: E402

BATCH = 2000


def prepare(number: int, with_mail: int, robot_port: int, starts_on: date, due_on: date) -> None:
    """The first `with_mail` have an address, for the others there is a robot. No channel is in use yet."""
    load_holidays()
    world = World()
    cadres = Cadre.objects.bulk_create(
        [Cadre(username=f"h{n}", name="帮扶干部", email=f"h{n}@example.org" * (n < with_mail)) for n in range(number)],
        batch_size=BATCH,
    )
    village, group = world.village, world.village.groups.first()
    households = Household.objects.bulk_create(
        [
            Household(
                village=village,
                group=group,
                number=f"{village.code}{n:05}",
                head_name="户主",
                base_type=BaseType.EXITED,
                registered_on=LONG_AGO,
            )
            for n in range(number)
        ],
        batch_size=BATCH,
    )
    HelperPairing.objects.bulk_create(
        [
            HelperPairing(cadre=cadre, household=household, starts_on=LONG_AGO, is_primary=True)
            for cadre, household in zip(cadres, households, strict=True)
        ],
        batch_size=BATCH,
    )
    world.round(
        [Post.HELPER], "paired_household", starts_on=starts_on, due_on=due_on, on=starts_on, remind_days_before=400
    )
    RemindingPolicy.objects.update(weekdays=list(range(7)))  # a digest every working day
    Channel.objects.update(is_active=False, is_default=True, order=1)
    Channel.objects.create(
        name="机器人",
        kind=ChannelKind.OTHER,
        address=f"json://127.0.0.1:{robot_port}/?+{KEY_HEADER}={{key}}",
        order=2,
        is_default=True,
        is_active=False,
    )


if __name__ == "__main__":
    number, with_mail, robot_port, starts_on, due_on, written = sys.argv[1:]
    prepare(int(number), int(with_mail), int(robot_port), date.fromisoformat(starts_on), date.fromisoformat(due_on))
    Path(written).write_text("ready", encoding="ascii")
