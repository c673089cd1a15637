"""A real SMTP server that accepts everything for everybody, except from two kinds of recipients.

``refuse…@`` is refused for good (550) and ``plus-tard…@`` for now (451), so that a mailing meets both in local use.
"""

import asyncio

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import settings
from django.db import connection

from preau import clock
from preau.simulators.inbox.models import Email


class Reception:
    """What happens at each step of a delivery; the method names are aiosmtpd's."""

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, rcpt_options: list[str]
    ) -> str:
        """Accept the recipient, or play the mailbox that does not exist or is full."""
        if address.startswith("refuse"):
            return "550 5.1.1 No such mailbox"
        if address.startswith("plus-tard"):
            return "451 4.2.2 Mailbox full, try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Keep the message before saying that it was received."""
        await asyncio.to_thread(keep, envelope)
        return "250 OK"


def keep(envelope: Envelope) -> None:
    """Write one e-mail down, as it came."""
    content = envelope.content or b""
    try:
        Email.objects.create(
            received_at=clock.now(),
            sender=envelope.mail_from or "",
            recipients="".join(f" {address.lower()} " for address in envelope.rcpt_tos),
            raw=content.encode() if isinstance(content, str) else content,
        )
    finally:
        connection.close()  # one connection per pool thread would outlive its use


class Postbox:
    """The server in its own thread, opened and closed with the pages."""

    def __init__(self, address: str = "") -> None:
        self.address = address or settings.SMTP_ADDRESS
        host, _, port = self.address.rpartition(":")
        self._controller = Controller(Reception(), hostname=host, port=int(port), ident="inbox")

    def open(self) -> None:
        """Listen. Raises OSError when the port is taken."""
        self._controller.start()

    def close(self) -> None:
        """Stop listening."""
        self._controller.stop(no_assert=True)
