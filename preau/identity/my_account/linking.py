"""Linking a FranceConnect identity to an account: only to the account of who bears that name. Unlinking it."""

from datetime import datetime

from django.db import transaction

from preau.identity.accounts import channels, lifecycle
from preau.identity.accounts.models import Account, FranceConnectLink
from preau.identity.directory import names
from preau.identity.directory.claims import Agreement, Named, Record, agreement
from preau.identity.franceconnect.identity import Identity
from preau.identity.signin import passkeys


class OtherName(Exception):
    """The identity bears another name than the schools' records."""


class LastWayIn(Exception):
    """Neither password nor passkey: without FranceConnect nothing would open the account."""


def is_named_alike(account: Account, identity: Identity) -> bool:
    """A surname (birth or usage) and a given name agree with those of every record of the account."""
    first_names = {names.fold(name) for name in (*identity.given_names, " ".join(identity.given_names)) if name}
    who = Named(names.surnames(identity.birth_name, identity.used_name), frozenset(first_names))
    records = [record.guardian for record in account.records.select_related("guardian")]
    return bool(records) and all(
        agreement(
            Record(account.pk, guardian.pk, guardian.school_id, guardian.birth_name, guardian.used_name,
                   guardian.first_name),
            who,
        )
        is not Agreement.NONE
        for guardian in records
    )  # fmt: skip


@transaction.atomic
def link(account: Account, identity: Identity, *, by: str, at: datetime) -> None:
    """This identity opens the account from now on; told on every channel its holder proved.

    Raises `OtherName`, or `AlreadyLinked` when it opens another account (accounts/lifecycle.py).
    """
    if not is_named_alike(account, identity):
        raise OtherName
    lifecycle.link_franceconnect(account, subject=identity.subject, by=by, at=at)
    channels.tell("my_account/franceconnect_linked", account, at=at)


@transaction.atomic
def unlink(account: Account, *, by: str, at: datetime) -> None:
    """FranceConnect no longer opens the account; told on every proved channel. Raises `LastWayIn`."""
    if not can_unlink(account):
        raise LastWayIn
    if FranceConnectLink.objects.select_for_update().filter(account=account).exists():
        lifecycle.unlink_franceconnect(account, by=by, at=at)
        channels.tell("my_account/franceconnect_unlinked", account, at=at)


def can_unlink(account: Account) -> bool:
    """Something else opens the account."""
    return account.has_usable_password() or passkeys.has_some(account)
