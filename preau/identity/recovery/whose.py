"""Whose an address or a mobile is, for somebody who forgot their username."""

import base64
from dataclasses import dataclass

from preau.identity import keys
from preau.identity.accounts.channels import Way, accounts_by
from preau.identity.accounts.models import Account, GuardianRecord, Kind
from preau.identity.accounts.states import State
from preau.identity.directory.models import Enrolment, Guardian

_SEAL = "recovery/address"


@dataclass(frozen=True)
class Behind:
    """The accounts that proved it; else the accounts, never activated, whose record in a school's base bears it."""

    proved: tuple[Account, ...] = ()
    waiting: tuple[Account, ...] = ()

    @property
    def key(self) -> str:
        """Whom a code is for; empty: nobody."""
        return next((account.key for account in (*self.proved, *self.waiting)), "")


def behind(way: Way, address: str, kind: Kind) -> Behind:
    """Two readings, always: the work is the same whoever is found."""
    holders = [account for account in accounts_by(way, address) if account.kind == kind]
    # One that no longer opens (its children left, it joined another account) is named only when there is no other.
    proved = tuple([one for one in holders if one.state != State.DISABLED] or holders)
    column = "email" if way is Way.EMAIL else "mobile"
    waiting = Account.objects.filter(kind=kind, state__in=[State.UNNOTIFIED, State.NOTIFIED])
    if kind == Kind.GUARDIAN:
        records = GuardianRecord.objects.filter(**{f"guardian__{column}": address}, guardian__is_body=False)
        waiting = waiting.filter(pk__in=records.values("account"))
    else:
        waiting = waiting.filter(pupil__in=Enrolment.objects.filter(**{column: address}).values("pupil"))
    unknown = tuple(waiting.order_by("pk"))
    return Behind(proved, () if proved else unknown)


def meant(readings: tuple[str, ...]) -> str:
    """Of the numbers that what was typed may mean, the likeliest that an account or a base has; else the likeliest.

    Two readings of the database, always.
    """
    proved = set(Account.objects.filter(mobile__in=readings).values_list("mobile", flat=True))
    known = set(Guardian.objects.filter(mobile__in=readings).values_list("mobile", flat=True))
    return next((number for number in readings if number in proved | known), readings[0])


def sealed(kind: Kind, address: str) -> dict[str, str]:
    """An address as the facts of a message may hold it."""
    return {"kind": kind.value, "sealed": base64.b64encode(keys.encrypt(_SEAL, address.encode())).decode()}


def unsealed(facts: dict[str, str]) -> tuple[Kind, str]:
    """The address, and for which profile."""
    return Kind(facts["kind"]), keys.decrypt(_SEAL, base64.b64decode(facts["sealed"])).decode()
