"""Which life of the database this is: phones offer what they have delivered again when it is another one."""

import uuid

from django.db import transaction

from casework.models import Epoch
from villages import audit


def current_epoch() -> str:
    """The name of this life."""
    value = Epoch.objects.values_list("value", flat=True).first()
    if value is None:  # a database of before there were any, or one that a test has emptied
        value = Epoch.objects.get_or_create(pk=Epoch.THE_ONE)[0].value
    return str(value)


@transaction.atomic
def new_epoch() -> str:
    """Begin another life: for after a backup was restored, so that nothing delivered since is missing."""
    epoch, _is_new = Epoch.objects.select_for_update().get_or_create(pk=Epoch.THE_ONE)
    before = str(epoch.value)
    epoch.delete()
    epoch = Epoch.objects.create(pk=Epoch.THE_ONE, value=uuid.uuid4())
    audit.record(actor=None, verb="epoch.began", target=epoch, changes={"value": [before, str(epoch.value)]})
    return str(epoch.value)
