"""Passkeys as our own second factor at the desk: behind the portal's door, never instead of it."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from preau.identity import keys
from preau.identity.audit.events import Events
from preau.identity.audit.record import record
from preau.identity.factors import webauthn
from preau.identity.factors.webauthn import Asked, PasskeyError
from preau.identity.messaging import outbox
from preau.identity.staff import second_factor
from preau.identity.staff.models import StaffMember, StaffPasskey, StaffSession

MOST = 10
_PROVE, _ADD = "staff-prove", "staff-add"


class TooMany(PasskeyError):
    """Ten passkeys are enough for one person's devices."""

    sentence = "Vous avez déjà dix clés d’accès. Retirez-en une que vous n’utilisez plus."


def ask_to_add(visit: StaffSession, *, browser: str, at: datetime) -> dict[str, Any]:
    """The options of a new passkey. Raises `FactorError` or `TooMany`."""
    second_factor.must_be_allowed(visit, at=at)
    known = _known(visit.member)
    if len(known) >= MOST:
        raise TooMany
    return webauthn.ask_to_register(
        Asked(_ADD, browser, visit.member.key),
        handle=bytes.fromhex(keys.pseudonym("staff/passkey-handle", str(visit.member.pk))),
        name=visit.member.email or visit.member.name,
        display_name=visit.member.name,
        known=known,
        is_found_alone=False,
        at=at,
    )


def add(visit: StaffSession, answer: str, *, browser: str, name: str, at: datetime) -> StaffPasskey:
    """Keep a new passkey; it counts as proved. Raises `FactorError` or `PasskeyError`."""
    second_factor.must_be_allowed(visit, at=at)
    new = webauthn.register(answer, Asked(_ADD, browser, visit.member.key), at=at)
    try:
        with transaction.atomic():
            StaffMember.objects.select_for_update().get(pk=visit.member.pk)
            if len(_known(visit.member)) >= MOST:
                raise TooMany
            made = StaffPasskey.objects.create(
                member=visit.member,
                credential_id=new.credential_id,
                public_key=new.public_key,
                sign_count=new.sign_count,
                is_synced=new.is_synced,
                name=name,
                added_at=at,
            )
            second_factor.enrolled(visit, kind="passkey", at=at)
    except IntegrityError as trouble:
        raise webauthn.AlreadyThere from trouble
    return made


def ask(visit: StaffSession, *, browser: str, at: datetime) -> dict[str, Any]:
    """The question to the passkeys of who is at work."""
    return webauthn.ask_to_prove(Asked(_PROVE, browser, visit.member.key), known=_known(visit.member), at=at)


def prove(visit: StaffSession, answer: str, *, browser: str, at: datetime) -> None:
    """One of them answered: our own factor is proved at `at`. Raises `PasskeyError`; a refusal is in the journal."""
    mine = StaffPasskey.objects.filter(member=visit.member)
    try:
        webauthn.prove(answer, Asked(_PROVE, browser, visit.member.key), among=mine, at=at)
    except PasskeyError:
        with transaction.atomic():
            second_factor.refused(visit, kind="passkey", at=at)
        raise
    with transaction.atomic():
        second_factor.proved(visit, kind="passkey", at=at)


@transaction.atomic
def remove(visit: StaffSession, *, number: int, at: datetime) -> bool:
    """Forget one of one's passkeys, after our own factor. False when there is no such one. Raises `FactorError`."""
    second_factor.must_be_allowed(visit, at=at)
    gone = StaffPasskey.objects.filter(member=visit.member, pk=number).delete()[0]
    if gone:
        record(Events.FACTOR_REMOVED, by=visit.member.key, on=visit.member.key, at=at, kind="passkey")
        outbox.post("staff/factor_removed", on=visit.member.key, at=at)
    return bool(gone)


def _known(member: StaffMember) -> list[str]:
    return list(StaffPasskey.objects.filter(member=member).values_list("credential_id", flat=True))
