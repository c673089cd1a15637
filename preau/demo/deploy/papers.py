"""What the town's own process does beside the pages: letters printed, old accounts taken, and what judges need to read.

Through identity's verbs, as preau/demo/stage.py. Loaded only once Django is ready (deployment.py).
"""

import base64
import hashlib
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Q

from preau import clock
from preau.demo.deploy.walkers import PASSWORD
from preau.identity.accounts import lifecycle
from preau.identity.accounts.models import Account, Channel, GuardianRecord
from preau.identity.accounts.states import State
from preau.identity.distribution.expiry import expires_at
from preau.identity.messaging.models import Outgoing
from preau.identity.signin import old_accounts as taken
from preau.identity.signin.old_accounts import Source

BY = "system:demo"


def usernames() -> dict[tuple[str, int], str]:
    """The username of each guardian's record, by school and number in the base."""
    rows = GuardianRecord.objects.values_list("guardian__school_id", "guardian__source_key", "account__username")
    return {(school, int(key)): username for school, key, username in rows}


def letters(records: dict[int, tuple[str, int]], *, at: datetime) -> dict[int, tuple[str, str]]:
    """Print a letter for each household: what printing makes, a username and a temporary password."""
    found = {}
    for number, (school, key) in records.items():
        account = Account.objects.filter(
            records__guardian__school=school,
            records__guardian__source_key=str(key),
            state__in=(State.UNNOTIFIED, State.NOTIFIED),
        ).first()
        if account is not None:
            until = expires_at(Channel.LETTER, at)
            (secret,) = lifecycle.notify([account], channel=Channel.LETTER, expires_at=until, by=BY, at=at, uai=school)
            found[number] = (account.username, secret.password)
    return found


def old_accounts(records: dict[int, tuple[str, int]], *, at: datetime) -> dict[int, tuple[str, str]]:
    """Take their ATEN accounts, as an operator does from a file."""
    if not records:
        return {}
    salt = b"deploy01"
    hashed = "{SSHA}" + base64.b64encode(hashlib.sha1(PASSWORD.encode() + salt).digest() + salt).decode()  # noqa: S324
    lines = [f"{school};{key};aten{number};{hashed}" for number, (school, key) in records.items()]
    content = "\n".join(["uai;personne_id;identifiant;empreinte", *lines, ""])
    taken.take(content.encode(), source=Source.ATEN, by=BY, at=at, is_applied=True)
    return {number: (f"aten{number}", PASSWORD) for number in records}


# The post -------------------------------------------------------------------------------------------------------------
def last_posted() -> int:
    """The number of the newest message in the outbox."""
    newest = Outgoing.objects.order_by("-pk").values_list("pk", flat=True).first()
    return newest or 0


def is_everything_sent(mark: int) -> bool:
    """Whether the worker has nothing left to do with the messages up to `mark`."""
    left = Outgoing.objects.filter(sent_at=None, given_up_at=None, pk__lte=mark)
    soon = clock.now() + timedelta(seconds=5)
    return not left.filter(Q(begun_at__isnull=False) | Q(due_at__lte=soon)).exists()


def let_go() -> None:
    """Close this thread's connection."""
    connection.close()
