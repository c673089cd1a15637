"""An e-mail: one recipient, a text, its page. Never two addresses in one message."""

from collections.abc import Iterator
from contextlib import contextmanager
from smtplib import SMTPRecipientsRefused, SMTPResponseException

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string
from django.utils import translation

from preau.identity.messaging.catalogue import Envelope

# Set apart what a machine sent: no out-of-office answers back (RFC 3834).
_HEADERS = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}


@contextmanager
def line() -> Iterator[BaseEmailBackend]:
    """A connection kept open for several messages."""
    connection = get_connection(fail_silently=False)
    connection.open()
    try:
        yield connection
    finally:
        connection.close()


class NobodyKnows(Exception):
    """The line broke while the message was on it: it may have left, or not."""


def send(name: str, envelope: Envelope, *, connection: BaseEmailBackend | None = None) -> None:
    """Render the message `name` and hand it to the mail server.

    Raises `NobodyKnows`, or what smtplib raises when the server said no (OSError family).
    """
    folder = f"messages/{name}"
    context = {"site": settings.PUBLIC_URL, "to": envelope.to, **envelope.context}
    with translation.override(settings.LANGUAGE_CODE):
        subject = " ".join(render_to_string(f"{folder}/subject.txt", context).split())
        text = render_to_string(f"{folder}/body.txt", context).strip() + "\n"
        page = render_to_string(f"{folder}/body.html", {**context, "subject": subject})
    message = EmailMultiAlternatives(subject, text, to=[envelope.to], headers=_HEADERS, connection=connection)
    message.attach_alternative(page, "text/html")
    try:
        message.send()
    except (SMTPResponseException, SMTPRecipientsRefused):
        raise  # the server answered: it has not taken the message
    except OSError as trouble:
        if getattr(connection, "has_begun_data", True):
            raise NobodyKnows(type(trouble).__name__) from None
        raise
