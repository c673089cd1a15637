"""Django's SMTP backend, which also knows whether a broken line had already begun to carry a message's content."""

import smtplib
from typing import Any

from django.core.mail.backends import smtp
from django.core.mail.message import EmailMessage


class _Watched:
    """Notes when the content of a message begins to leave: before that, nobody can have received it."""

    has_begun_data = False

    def data(self, msg: Any) -> Any:
        """DATA (RFC 5321 4.1.1.4)."""
        self.has_begun_data = True
        return super().data(msg)  # type: ignore[misc]


class _WatchedSMTP(_Watched, smtplib.SMTP):
    """In clear, or with STARTTLS."""


class _WatchedSMTPS(_Watched, smtplib.SMTP_SSL):
    """Over TLS from the first byte."""


class Backend(smtp.EmailBackend):
    """The line to the mail server."""

    @property
    def connection_class(self) -> Any:
        """What smtplib opens."""
        return _WatchedSMTPS if self.use_ssl else _WatchedSMTP

    @property
    def has_begun_data(self) -> bool:
        """The message in hand had begun to leave."""
        return bool(getattr(self.connection, "has_begun_data", False))

    def _send(self, email_message: EmailMessage) -> bool:
        if self.connection:
            self.connection.has_begun_data = False  # type: ignore[attr-defined]
        return bool(super()._send(email_message))  # type: ignore[misc]
