"""Robots of work chats and SMS gateways, through the apprise library by URL. Imported by workers only: 46 MB.

Other people's servers are told that something is due and where to read it, never whose household it is about.
"""

import logging
import re
from urllib.parse import quote

from apprise import Apprise, AppriseAsset, LogCapture, NotifyFormat

from casework.channels import SEND_SECONDS, Away, Message, Refused
from casework.models import Channel

# What apprise says when it could not reach the provider at all.
UNREACHED = re.compile(r"connection error occurred", re.IGNORECASE)
LONGEST_ANSWER = 200
# Anything in an answer that could be an address, somebody's number, a key or a token.
SECRETS = re.compile(r"\w+://\S+|\d{7,}|\b(?=[\w-]*\d)[\w-]{10,}|[A-Za-z_-]{20,}")
# The library's own lines may name the number that a message went to: they are heard here, and go into no log.
logging.getLogger("apprise").propagate = False


class Robot:
    """One provider's address, filled in for each recipient."""

    def __init__(self, channel: Channel) -> None:
        self.address = channel.url()
        self.asset = AppriseAsset(app_id="", app_desc="", async_mode=False)

    def open(self) -> None:
        """Nothing: each message is a call of its own."""

    def close(self) -> None:
        """Nothing to leave."""

    def send(self, message: Message) -> str:
        """Hand the short form over."""
        with LogCapture(level=logging.WARNING) as heard:
            is_sent = self._service(message).notify(
                body=message.short, title=message.subject, body_format=NotifyFormat.TEXT
            )
            said = heard.getvalue()
        if is_sent:
            return ""
        if UNREACHED.search(said):
            raise Away(cleaned(said))
        raise Refused(cleaned(said))

    def _service(self, message: Message) -> Apprise:
        url = filled(self.address, message)
        service = Apprise(asset=self.asset)
        if not service.add(url):
            raise Refused("the address is not one that apprise knows")
        for plugin in service:
            plugin.socket_connect_timeout = plugin.socket_read_timeout = SEND_SECONDS / 2
        return service


def filled(address: str, message: Message) -> str:
    """The address with what stands for the recipient and the message put in."""
    values = {"{phone}": message.phone, "{account}": message.recipient.username, "{key}": message.key}
    for name, value in values.items():
        address = address.replace(name, quote(value, safe=""))
    return address


def cleaned(said: str) -> str:
    """The last thing the provider's library said, without anything that could be a secret."""
    lines = [line.split(" - ")[-1].strip() for line in said.splitlines() if line.strip()]
    return SECRETS.sub("…", lines[-1] if lines else "")[:LONGEST_ANSWER]
