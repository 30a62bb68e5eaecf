"""A message whose worker died while handing it over may have gone out: it is marked, told in the log and sent again."""

import logging

from django.db.models import F, QuerySet

from casework.models import Delivery

logger = logging.getLogger(__name__)


def note_doubts(abandoned: QuerySet[Delivery]) -> None:
    """Of deliveries that nobody has in hand any more, free those that somebody had begun, and mark them as in doubt.

    A row keeps its doubt, so a message that arrives twice can always be told from one that was sent twice by mistake.
    """
    begun = abandoned.filter(attempted_at__gte=F("claimed_at"))
    doubtful = list(begun.values_list("pk", flat=True))
    if doubtful:
        logger.warning("May go out twice, a worker died while sending: deliveries %s.", doubtful)
        begun.filter(pk__in=doubtful).update(in_doubt=True, claimed_at=None)
