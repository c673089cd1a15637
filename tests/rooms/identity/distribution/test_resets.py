"""The form tutor's reset, and the desk's."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.core import mail

from preau.identity.accounts import lifecycle
from preau.identity.accounts.models import Account, TemporaryPassword
from preau.identity.accounts.origins import Origin
from preau.identity.audit.events import Events
from preau.identity.audit.models import Event
from preau.identity.distribution import resets
from preau.identity.distribution.models import Notice
from preau.identity.distribution.resets import CannotReset
from preau.identity.messaging import outbox
from tests.rooms.identity.console.world import World
from tests.rooms.identity.distribution.conftest import opens


@pytest.fixture(autouse=True)
def _in_memory(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def active(world: World, name: str, email: str = "") -> Account:
    account = world.accounts[name]
    lifecycle.activate(account, origin=Origin.SCHOOL, by=account.key, at=world.at)
    account = lifecycle.choose_password(account, encoded=make_password("x"), by=account.key, at=world.at)
    if email:
        account = lifecycle.confirm_email(account, address=email, by=account.key, at=world.at)
    return account


def reset(world: World, *accounts: Account, by: str = "staff:99") -> list[Any]:
    return resets.reset(accounts, uai="0991234D", by=by, at=world.at + timedelta(minutes=5))


def test_a_reset_gives_48_hours_ends_sessions_and_keeps_the_confirmed_address(world: World) -> None:
    ines = active(world, "Inès", "ines@example.org")
    (secret,) = reset(world, ines)
    ines.refresh_from_db()
    assert opens(secret, ines) and not ines.has_usable_password() and ines.must_change_password
    assert TemporaryPassword.objects.get().expires_at == world.at + timedelta(minutes=5, hours=48)
    assert ines.credentials_changed_at == world.at + timedelta(minutes=5)
    assert (ines.email, ines.has_confirmed_email(), ines.state) == ("ines@example.org", True, "active")
    assert Event.objects.filter(name=Events.PASSWORD_RESET, on=ines.key, by="staff:99").count() == 1
    assert Notice.objects.get().way == "tutor"


def test_a_pupil_never_activated_leaves_with_a_password_too(world: World) -> None:
    (secret,) = reset(world, world.accounts["Inès"])
    assert opens(secret, world.accounts["Inès"])
    assert Account.objects.get(pk=world.accounts["Inès"].pk).state == "notified"


def test_the_pupil_the_guardians_and_the_head_are_told_without_any_secret(world: World) -> None:
    ines = active(world, "Inès", "ines@example.org")
    active(world, "Samira", "samira@example.org")
    (secret,) = reset(world, ines, by=world.grants["tutor"].member.key)
    outbox.send_due(at=world.at + timedelta(minutes=6))
    told = {message.to[0]: message for message in mail.outbox}
    assert set(told) == {"ines@example.org", "samira@example.org", "head@example.org"}
    assert "Test TUTOR" in told["head@example.org"].body.replace("Tutor", "TUTOR")
    assert "Inès" in told["samira@example.org"].body
    assert all(secret.password not in m.body.replace(" ", "") for m in mail.outbox)


def test_the_other_guardian_who_proved_no_address_is_written_to_nowhere(world: World) -> None:
    active(world, "Karim")
    reset(world, active(world, "Inès"), by=world.grants["head"].member.key)
    outbox.send_due(at=world.at + timedelta(minutes=6))
    assert not mail.outbox, "nobody with a proved address, and the head knows what they did"


@pytest.mark.parametrize("name", ["Samira", "Adama"])
def test_a_guardian_and_a_blocked_pupil_are_refused_and_nothing_changes(world: World, name: str) -> None:
    lifecycle.block([world.accounts["Adama"]], reason="x", by="staff:1", at=world.at)
    with pytest.raises(CannotReset):
        reset(world, world.accounts["Inès"], world.accounts[name])
    assert not TemporaryPassword.objects.exists()
