"""The verb of this room: an account is given back to its holder, and everybody concerned is told."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from preau import clock
from preau.identity.accounts import lifecycle
from preau.identity.accounts.channels import Way
from preau.identity.accounts.models import Account, Kind
from preau.identity.accounts.states import State
from preau.identity.audit.events import Events
from preau.identity.audit.record import record
from preau.identity.messaging import outbox
from preau.identity.recovery import vouching
from preau.identity.signin import authenticator
from preau.identity.signin.authenticator_step import PROOF


class TooLate(Exception):
    """Something happened to the account since the walk began: another recovery, a reset, a block."""


@transaction.atomic
def give_back(
    account: Account,
    *,
    encoded: str,
    proofs: Iterable[str],
    begun_at: datetime,
    by: str,
    at: datetime,
    helped_by: str = "",
) -> Account:
    """Set the new password, already hashed. Every visit and token dies; factors and channels stay (design.md §6.6).

    `proofs`: what proved the holder (email, sms, guardian, authenticator). `helped_by`: key of the guardian who
    vouched. Raises `TooLate`.
    """
    held = Account.objects.select_for_update().get(pk=account.pk)
    proofs = sorted(proofs)
    if held.state != State.ACTIVE or held.credentials_changed_at > begun_at:
        raise TooLate
    if authenticator.is_on(held) and PROOF not in proofs:  # it was added since
        raise TooLate
    held = lifecycle.choose_password(held, encoded=encoded, by=by, at=at)
    helped: dict[str, Any] = {"guardian": helped_by} if helped_by else {}
    record(Events.PASSWORD_RECOVERED, by=by, on=held.key, at=at, proofs=proofs, **helped)
    tell(held, "recovery/password_recovered", at=at)
    if held.kind == Kind.PUPIL and helped_by:
        for guardian in vouching.told(held, day=clock.today(at), at=at):
            outbox.post("recovery/child_recovered", on=guardian.key, at=at, pupil=held.pk)
    return held


def tell(account: Account, message: str, *, at: datetime) -> None:
    """Post a message to every channel the holder proved."""
    if account.has_confirmed_email():
        outbox.post(message, on=account.key, at=at)
    if account.has_confirmed_mobile():
        outbox.post(message, on=account.key, at=at, way=Way.SMS)
