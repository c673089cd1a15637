"""Passkeys of families: one opens the door by itself, without a username (discoverable), holder verified.

A passkey is a means its holder added after a recent proof, and stays when a password is reset or chosen again: who
resets a password touches no other factor (design.md §6.6). Its sessions end like the others, judged at each use.
"""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from preau.identity import keys
from preau.identity.accounts.models import Account
from preau.identity.audit.events import Events
from preau.identity.audit.record import record
from preau.identity.factors import webauthn
from preau.identity.factors.webauthn import Asked, PasskeyError
from preau.identity.signin.factor_letters import Factor, tell_added, tell_removed
from preau.identity.signin.models import Passkey

MOST = 10
_DOOR, _AGAIN, _ADD = "signin", "signin-again", "signin-add"


class TooMany(PasskeyError):
    """Ten passkeys are enough for one person's devices."""

    sentence = _("Ce compte a déjà dix clés d’accès. Retirez-en une que vous n’utilisez plus.")


def has_some(account: Account) -> bool:
    """The account has a passkey."""
    return Passkey.objects.filter(account=account).exists()


def handle_of(account: Account) -> bytes:
    """WebAuthn §5.4.3: the user handle, 32 opaque bytes that tell nothing of the person. Derived, so that it is the
    same for all their passkeys and stands in no table."""
    return bytes.fromhex(keys.pseudonym("signin/passkey-handle", str(account.pk)))


def ask_at_the_door(*, browser: str, at: datetime) -> dict[str, Any]:
    """The question of sign-in: the same for everybody."""
    return webauthn.ask_to_prove(Asked(_DOOR, browser), at=at)


def ask_again(account: Account, *, browser: str, at: datetime) -> dict[str, Any]:
    """The question to somebody signed in, who must prove themselves once more."""
    return webauthn.ask_to_prove(Asked(_AGAIN, browser, account.key), known=_known(account), at=at)


def ask_to_add(account: Account, *, browser: str, at: datetime) -> dict[str, Any]:
    """The options of a new passkey. Raises `TooMany`."""
    known = _known(account)
    if len(known) >= MOST:
        raise TooMany
    return webauthn.ask_to_register(
        Asked(_ADD, browser, account.key),
        handle=handle_of(account),
        name=account.username,
        display_name=account.username,
        known=known,
        is_found_alone=True,
        at=at,
    )


def prove_at_the_door(answer: str, *, browser: str, at: datetime) -> Passkey:
    """Whose passkey answered. What their account opens is judged like after a password. Raises `PasskeyError`."""
    return _prove(answer, Asked(_DOOR, browser), among=Passkey.objects.select_related("account"), at=at)


def prove_again(account: Account, answer: str, *, browser: str, at: datetime) -> Passkey:
    """A passkey of this account answered. Raises `PasskeyError`."""
    mine = Passkey.objects.select_related("account").filter(account=account)
    return _prove(answer, Asked(_AGAIN, browser, account.key), among=mine, at=at)


def add(account: Account, answer: str, *, browser: str, name: str, by: str, at: datetime) -> Passkey:
    """Keep a new passkey under its holder's name for it, and tell them. Raises `PasskeyError`."""
    new = webauthn.register(answer, Asked(_ADD, browser, account.key), at=at)
    try:
        with transaction.atomic():
            Account.objects.select_for_update().get(pk=account.pk)
            if Passkey.objects.filter(account=account).count() >= MOST:
                raise TooMany
            made = Passkey.objects.create(
                account=account,
                credential_id=new.credential_id,
                public_key=new.public_key,
                sign_count=new.sign_count,
                is_synced=new.is_synced,
                name=name,
                added_at=at,
            )
            record(Events.PASSKEY_ADDED, by=by, on=account.key, at=at)
            tell_added(account, Factor.PASSKEY, at=at)
    except IntegrityError as trouble:
        raise webauthn.AlreadyThere from trouble
    return made


@transaction.atomic
def remove(account: Account, *, number: int, by: str, at: datetime) -> bool:
    """Forget one passkey of this account, and tell its holder. False when it has no such one."""
    gone = Passkey.objects.filter(account=account, pk=number).delete()[0]
    if gone:
        record(Events.PASSKEY_REMOVED, by=by, on=account.key, at=at)
        tell_removed(account, Factor.PASSKEY, at=at)
    return bool(gone)


@transaction.atomic
def remove_all(account: Account, *, by: str, at: datetime) -> int:
    """Forget every passkey of this account, and tell its holder once. Returns how many."""
    gone = Passkey.objects.filter(account=account).delete()[0]
    if gone:
        record(Events.PASSKEY_REMOVED, by=by, on=account.key, at=at, how_many=gone)
        tell_removed(account, Factor.PASSKEY, at=at)
    return gone


def _prove(answer: str, asked: Asked, *, among: Any, at: datetime) -> Passkey:
    def handle(passkey: Passkey) -> bytes:
        return handle_of(passkey.account)

    # Signed in already, the answer need not name its holder: the passkey is looked for among theirs.
    try:
        return webauthn.prove(answer, asked, among=among, handle_of=None if asked.whom else handle, at=at)
    except webauthn.Copied as refused:
        with transaction.atomic():
            record(Events.PASSKEY_REFUSED, by="system:signin", on=refused.passkey.account.key, at=at)
        raise


def _known(account: Account) -> list[str]:
    return list(Passkey.objects.filter(account=account).values_list("credential_id", flat=True))
