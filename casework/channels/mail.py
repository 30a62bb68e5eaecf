"""Mail by the server that the settings name: the whole letter, with a Message-ID that a second copy shares."""

from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from casework.channels import Away, Message, Refused
from casework.models import Channel


class Mail:
    """One connection for a run of mails."""

    def __init__(self, channel: Channel) -> None:
        self.connection = get_connection()

    def open(self) -> None:
        """Connect; a connection lost on the way is opened again."""
        try:
            self.connection.open()
        except OSError as error:  # smtplib's errors are of this kind too
            raise Away(type(error).__name__) from error

    def send(self, message: Message) -> str:
        """One mail to the recipient."""
        try:
            self.connection.send_messages([written(message)])
        except OSError as error:
            self.connection.close()
            raise Refused(type(error).__name__) from error
        return ""

    def close(self) -> None:
        """Say goodbye."""
        self.connection.close()


def written(message: Message) -> EmailMessage:
    """The mail itself."""
    host = urlsplit(settings.SITE_URL).hostname
    return EmailMessage(
        subject=message.subject,
        body=message.body,
        to=[message.recipient.email],
        headers={"Message-ID": f"<{message.key}@{host}>"},
    )
