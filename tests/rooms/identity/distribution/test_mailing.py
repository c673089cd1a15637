"""E-mails: the secret is made when the message leaves, for one person, at an address nobody else holds."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail

from preau.identity.accounts import lifecycle
from preau.identity.accounts.models import Account, TemporaryPassword
from preau.identity.accounts.origins import Origin
from preau.identity.audit.events import Events
from preau.identity.audit.models import Event
from preau.identity.directory.models import Guardian
from preau.identity.distribution import batches, outlook
from preau.identity.distribution.models import Batch, Withheld
from preau.identity.distribution.wishes import Wish
from preau.identity.messaging import outbox
from preau.identity.messaging.models import Outgoing
from tests.rooms.identity.console.world import World
from tests.rooms.identity.distribution.conftest import opens
from tests.rooms.identity.distribution.test_printing import prepared

SECRET = re.compile(r"\b([2-9A-HJKMNP-TV-Z]{4}) ([2-9A-HJKMNP-TV-Z]{4}) ([2-9A-HJKMNP-TV-Z]{4})\b")


@pytest.fixture(autouse=True)
def _in_memory(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def sent() -> list[Any]:
    return list(mail.outbox)


def secret_in(message: Any) -> str:
    found = SECRET.search(message.body)
    assert found, message.body
    return "".join(found.groups())


def test_credentials_are_made_at_the_moment_of_sending(world: World, made: list[str]) -> None:
    prepared(world, Wish.CREDENTIALS, "Samira")
    assert not made and not TemporaryPassword.objects.exists()
    outbox.send_due(at=world.at)
    (message,) = sent()
    assert message.to == ["samira@example.org"] and not message.cc and not message.bcc
    assert opens(secret_in(message), world.accounts["Samira"]) and world.accounts["Samira"].username in message.body
    row = TemporaryPassword.objects.get()
    notice = Batch.objects.get().notices.get()
    assert row.channel == "email" and notice.expires_at == row.expires_at and notice.made_at


def test_an_invitation_holds_no_secret_and_changes_no_state(world: World, made: list[str]) -> None:
    prepared(world, Wish.INVITE, "Samira", "Karim", "Drissa")
    outbox.send_due(at=world.at)
    assert len(sent()) == 3 and not made
    samira, *others = sorted(sent(), key=lambda message: message.to[0], reverse=True)
    assert "FranceConnect" in samira.body and "SMS" in samira.body and "aucun secret" in samira.body
    assert all("SMS" not in other.body for other in others), "no mobile in the base, no promise of a code"
    assert set(Account.objects.values_list("state", flat=True)) == {"unnotified"}


def test_a_worker_killed_after_the_server_took_it_sends_a_new_secret_and_says_so(world: World, made: list[str]) -> None:
    batch = prepared(world, Wish.CREDENTIALS, "Samira")
    outbox.send_due(at=world.at)
    # kill -9 between the server's 250 and our own write
    Outgoing.objects.update(sent_at=None, begun_at=world.at, due_at=world.at + outbox.LEASE)
    outbox.send_due(at=world.at + outbox.LEASE + timedelta(seconds=1))
    first, second = sent()
    assert "Seul celui-ci compte" in second.body and "Seul celui-ci compte" not in first.body
    assert not opens(secret_in(first), world.accounts["Samira"]) and opens(secret_in(second), world.accounts["Samira"])
    assert Event.objects.filter(name=Events.MAIL_DOUBLED, on=world.accounts["Samira"].key).count() == 1
    assert outlook.state_of(batch, at=world.at).doubled == 1


@pytest.mark.parametrize(
    ("why", "change"),
    [
        (Withheld.SHARED, lambda w: Guardian.objects.filter(first_name="Odette").update(email="samira@example.org")),
        (Withheld.NO_ADDRESS, lambda w: Guardian.objects.filter(first_name="Samira").update(email="")),
        (
            Withheld.ACTIVE,
            lambda w: lifecycle.activate(w.accounts["Samira"], origin=Origin.SELF, by="account:1", at=w.at),
        ),
        (Withheld.NO_RIGHTS, lambda w: Guardian.objects.filter(first_name="Samira").update(is_body=True)),
        (Withheld.RECENT, lambda w: Guardian.objects.filter(first_name="Samira").update(alone_from_at=w.at)),
        (Withheld.STOPPED, lambda w: batches.stop(Batch.objects.get(), by="staff:1", at=w.at)),
    ],
)
def test_what_changed_since_is_looked_at_again_before_a_secret_is_made(
    world: World, made: list[str], why: str, change: Callable[[World], object]
) -> None:
    batch = prepared(world, Wish.CREDENTIALS, "Samira")
    change(world)
    outbox.send_due(at=world.at)
    assert not sent() and not made
    state = outlook.state_of(batch, at=world.at)
    assert batch.notices.get().withheld == why
    assert (state.sent, state.waiting, [label for label, _ in state.withheld]) == (0, 0, [Withheld(why).label])


def test_after_a_mailing_no_secret_and_no_address_is_kept_with_it(
    world: World, made: list[str], everything_kept: Callable[[], str]
) -> None:
    prepared(world, Wish.CREDENTIALS, "Samira")
    outbox.send_due(at=world.at)
    kept = everything_kept()
    (secret,) = made
    assert secret not in kept and " ".join([secret[:4], secret[4:8], secret[8:]]) not in kept
    facts = repr(list(Event.objects.values())) + repr(list(Outgoing.objects.values()))
    assert "@example.org" not in facts


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", "Zoé\r\nBcc: x@example.org", "{{ 7|add:7 }}", "Ali\u202ebeb"]
)
def test_a_hostile_name_travels_as_a_name(world: World, name: str) -> None:
    guardian = world.guardians["Samira"]
    guardian.first_name = name
    guardian.save()
    prepared(world, Wish.CREDENTIALS, "Samira")
    outbox.send_due(at=world.at)
    (message,) = sent()
    page = message.alternatives[0].content
    assert (
        "<script>" not in page
        and "\u202e" not in page + message.body
        and message.recipients() == ["samira@example.org"]
    )
    assert "\nBcc" not in message.body and "Bcc" not in dict(message.message())
