"""What a clock that ran ahead has left behind once it is set back: claims and next tries that lie in the future."""

from datetime import datetime, timedelta

from casework.doubts import note_doubts
from casework.models import Channel, Delivery
from casework.models.deliveries import CLAIM_LASTS
from villages.calendar import day_of

# Longer than any pause between two tries, so that no honest one is cut short.
LONGEST_PAUSE = timedelta(hours=1)


def forget_the_future(now: datetime) -> None:
    """Free what nobody can have taken yet, and try again what was put off until a day that has not come.

    Reminders of a day to come keep their moment. Nothing is sent here, and twice changes nothing.
    """
    waiting = Delivery.objects.waiting()
    ahead = waiting.filter(claimed_at__gt=now + CLAIM_LASTS)
    note_doubts(ahead)
    ahead.update(claimed_at=None)
    put_off = waiting.filter(next_try_at__gt=now + LONGEST_PAUSE, reminder__for_day__lte=day_of(now))
    Delivery.objects.filter(pk__in=put_off.order_by().values("pk")).update(next_try_at=now)
    Channel.objects.filter(look_again_at__gt=now + LONGEST_PAUSE).update(look_again_at=now)
    Channel.objects.filter(away_since__gt=now).update(away_since=now)
