"""A process of its own, on a database of its own: ``python -m … seed NUMBER`` and ``… report`` (JSON)."""

import json
import sys
from typing import Any

import django

django.setup()

from preau import clock  # noqa: E402  (Django is set up first)
from preau.identity.accounts.lifecycle import temporary_matches  # noqa: E402
from preau.identity.accounts.models import Account, TemporaryPassword  # noqa: E402
from preau.identity.audit.events import Events  # noqa: E402
from preau.identity.audit.models import Event  # noqa: E402
from preau.identity.distribution import batches, outlook, recipients  # noqa: E402
from preau.identity.distribution.models import Batch  # noqa: E402
from preau.identity.distribution.plan import plan  # noqa: E402
from preau.identity.distribution.wishes import Wish  # noqa: E402
from tests.rooms.identity.console.world import make_world  # noqa: E402


def seed(number: int) -> None:
    """So many guardians with an address of their own, and their mailing prepared."""
    at = clock.now()
    world = make_world(at)
    made = [
        world.guardian(f"Famille{place}", "ESSAI", "ours", "Inès", email=f"famille{place}@example.org")
        for place in range(number)
    ]
    chosen = Account.objects.filter(pk__in=[account.pk for account in made])
    people = recipients.read(chosen, uai="0991234D", day=world.day)
    wanted = plan(people, Wish.CREDENTIALS)
    batches.prepare(wanted, school=world.schools["ours"], once="1", by="staff:1", at=at)


def report(secrets: dict[str, str]) -> dict[str, Any]:
    """What the database knows of the mailing; `secrets`: the last one each address received."""
    batch = Batch.objects.get()
    state = outlook.state_of(batch, at=clock.now())
    opening = {
        row.account.records.get().guardian.email: row for row in TemporaryPassword.objects.select_related("account")
    }
    return {
        "sent": state.sent,
        "waiting": state.waiting,
        "doubled": state.doubled,
        "events": Event.objects.filter(name=Events.MAIL_DOUBLED).count(),
        "wrong": [to for to, secret in secrets.items() if not temporary_matches(opening[to], secret)],
    }


if __name__ == "__main__":
    if sys.argv[1] == "seed":
        seed(int(sys.argv[2]))
    else:
        print(json.dumps(report(json.load(sys.stdin))))
