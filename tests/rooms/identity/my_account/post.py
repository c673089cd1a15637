"""What left, as the worker would hand it over."""

import re

from django.core import mail
from django.utils.module_loading import import_string

from preau.identity.messaging import outbox, sms
from preau.identity.messaging.catalogue import MESSAGES, Way
from preau.identity.messaging.models import Outgoing
from tests.rooms.identity.signin.people import Clock

LINK = re.compile(r"https?://[^/\s]+(/\S+)")


def mails(clock: Clock) -> list[tuple[str, str, str]]:
    """The e-mails that leave now: to whom, about what, in what words."""
    before = len(mail.outbox)
    outbox.send_due(at=clock.now())
    return [(one.to[0], str(one.subject), str(one.body)) for one in mail.outbox[before:]]


def texts(clock: Clock) -> list[tuple[str, str]]:
    """The SMS that wait: to whom, in what words. Each is read once."""
    found = []
    for row in Outgoing.objects.filter(way=Way.SMS, sent_at=None).order_by("pk"):
        envelope = import_string(MESSAGES[row.message].made_by)(row, clock.now())
        if envelope is not None:
            found.append((envelope.to, sms.text_of(row.message, envelope)))
        Outgoing.objects.filter(pk=row.pk).update(sent_at=clock.now())
    return found


def paths(words: str) -> list[str]:
    """The addresses of our pages in a message."""
    return LINK.findall(words)
