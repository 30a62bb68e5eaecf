"""What a plug into a provider is, and which stands behind each kind of channel.

A plug is one small class: open(), send() and close(). It is imported by name when a worker first needs it: the library
behind the robots costs 46 MB, which no web process should carry.
"""

from dataclasses import dataclass
from typing import Protocol

from django.utils.module_loading import import_string

from casework.models import Channel, ChannelKind
from villages.models import Cadre

# No provider may hold a worker for longer than this.
SEND_SECONDS = 10

ROBOT = "casework.channels.robot.Robot"
PLUGS = dict.fromkeys(ChannelKind.values, ROBOT) | {ChannelKind.MAIL.value: "casework.channels.mail.Mail"}


class Away(Exception):
    """The provider does not answer at all: nothing was handed over, and no try is counted."""


class Refused(Exception):
    """The provider, or the way to it, did not take this message. The text is what it answered, without secrets."""


@dataclass(frozen=True, slots=True)
class Message:
    """What goes out. `body` is the whole of it, for mail; `short` names no household, for other people's servers."""

    recipient: Cadre
    phone: str
    key: str
    subject: str
    body: str
    short: str


class Plug(Protocol):
    """One way out, opened by a worker for a run of messages."""

    def __init__(self, channel: Channel) -> None: ...

    def open(self) -> None:
        """Get ready; also again after a refusal. Raises Away."""

    def send(self, message: Message) -> str:
        """Hand one message over; returns what the provider answered. Raises Refused, Away."""

    def close(self) -> None:
        """Leave the provider."""


def plug_for(channel: Channel) -> Plug:
    """The channel's plug, not opened yet."""
    plug: type[Plug] = import_string(PLUGS[channel.kind])
    return plug(channel)


def reaches(channel: Channel, *, email: str, has_phone: bool) -> bool:
    """Whether somebody with this address and telephone can be reached through the channel."""
    if channel.kind == ChannelKind.MAIL:
        return bool(email)
    return has_phone or "{phone}" not in channel.url()
