"""Changing the keys that sign: the next one published before its hour, a stolen one believed by nobody at once.

The hour itself needs nobody: which key signs is derived from the clock (signing.py).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import transaction

from preau.identity import keys
from preau.identity.audit.events import Events
from preau.identity.audit.record import record
from preau.identity.federation import signing
from preau.identity.federation.models import KeyUse, SigningKey

# OpenID Connect Core §10.1.1: clients read the set again when they meet an unknown key; those that do not, each hour.
# SAML services read metadata daily, and those that took a copy by hand need the time of a letter.
SOONEST = {KeyUse.OIDC: timedelta(hours=1), KeyUse.SAML: timedelta(days=1)}
USUAL = {KeyUse.OIDC: timedelta(days=1), KeyUse.SAML: timedelta(days=30)}
# Told this long before the certificate in metadata ends.
WARNED = timedelta(days=180)


class CannotChange(Exception):
    """The sentence says why, and what to do instead."""


class Standing(StrEnum):
    """What a key is at an instant."""

    NEXT = "à venir"
    SIGNS = "signe"
    KEPT = "encore crue"
    OVER = "finie"
    REVOKED = "révoquée"


@dataclass(frozen=True)
class Line:
    """A key as the operator reads it."""

    key: SigningKey
    standing: Standing
    ends_at: datetime | None

    def ends_soon(self, at: datetime) -> bool:
        """Its certificate is still published, and ends within half a year."""
        is_shown = self.standing in (Standing.NEXT, Standing.SIGNS)
        return is_shown and self.ends_at is not None and self.ends_at - at < WARNED


def lines(*, at: datetime) -> list[Line]:
    """Every key, by use and algorithm, the newest first."""
    found = []
    for use in KeyUse:
        for algorithm in signing.algorithms_of(use):
            rows = list(SigningKey.objects.filter(use=use, algorithm=algorithm).order_by("-number"))
            shown = signing.published(rows, at=at)
            found += [Line(row, _standing(row, shown, at=at), signing.ends_at(row)) for row in rows]
    return found


def _standing(row: SigningKey, shown: list[SigningKey], *, at: datetime) -> Standing:
    if row.revoked_at is not None:
        return Standing.REVOKED
    if row not in shown:
        return Standing.OVER
    if row.signs_from_at > at:
        return Standing.NEXT
    return Standing.SIGNS if row == shown[0] else Standing.KEPT


def prepare(use: KeyUse, *, after: timedelta | None, by: str, at: datetime) -> list[SigningKey]:
    """Publish the next key of each algorithm, which signs `after` a while. Raises `CannotChange`.

    One that already has its next key keeps it: a second would only make the first useless.
    """
    after = USUAL[use] if after is None else after
    if after < SOONEST[use]:
        hours = int(SOONEST[use].total_seconds() // 3600)
        raise CannotChange(
            f"Trop tôt : les services n’auraient pas le temps de connaître la clé. Laissez au moins {hours} h"
            " (si la clé est volée : preau identity keys revoke)."
        )
    made = []
    for algorithm in signing.algorithms_of(use):
        number = signing.following_number(use, algorithm)
        if _to_come(use, algorithm, at=at) is None:
            one = signing.make(use, algorithm, signs_from_at=at + after, by=by, at=at, number=number)
            made += [one] if one else []
    if not made:
        raise CannotChange("La clé suivante est déjà publiée : preau identity keys list dit quand elle signera.")
    signing.forget()
    return made


@transaction.atomic
def revoke(kid: str, *, by: str, at: datetime) -> SigningKey | None:
    """Believe a key no longer. When it signed, the next one signs at once: answered. Raises `CannotChange`."""
    row = SigningKey.objects.select_for_update().filter(kid=kid).first()
    if row is None:
        raise CannotChange(f"Clé inconnue : {kid}. La liste est donnée par preau identity keys list.")
    if row.revoked_at is not None:
        raise CannotChange(f"La clé {kid} est déjà révoquée.")
    use, rows = KeyUse(row.use), SigningKey.objects.filter(use=row.use, algorithm=row.algorithm)
    signed = signing.published(list(rows), at=at)[0] == row and row.signs_from_at <= at
    successor = _successor(use, row.algorithm, by=by, at=at) if signed else None
    row.revoked_at = at
    row.save(update_fields=["revoked_at"])
    record(Events.KEY_REVOKED, by=by, on=f"key:{kid}", at=at, algorithm=row.algorithm, use=row.use)
    signing.forget()
    return successor


def _successor(use: KeyUse, algorithm: str, *, by: str, at: datetime) -> SigningKey:
    """The next key, made if there is none; an older one never signs again."""
    number = signing.following_number(use, algorithm)
    waiting = _to_come(use, algorithm, at=at)
    if waiting is not None:
        waiting.signs_from_at = at
        waiting.save(update_fields=["signs_from_at"])
        return waiting
    made = signing.make(use, algorithm, signs_from_at=at, by=by, at=at, number=number)
    if made is None:
        raise CannotChange("Quelqu’un d’autre change les clés en ce moment. Rien n’est fait : recommencez.")
    return made


@transaction.atomic
def reseal(*, by: str, at: datetime) -> tuple[int, list[str]]:
    """Encrypt every key under the present master secret: how many were, and the kids of those nobody can open."""
    done, lost = 0, []
    for row in SigningKey.objects.select_for_update().order_by("pk"):
        try:
            signing.reseal(row)
        except keys.CannotDecrypt:
            lost.append(row.kid)
            continue
        record(Events.KEY_RESEALED, by=by, on=f"key:{row.kid}", at=at, algorithm=row.algorithm, use=row.use)
        done += 1
    return done, lost


def _to_come(use: KeyUse, algorithm: str, *, at: datetime) -> SigningKey | None:
    waiting = SigningKey.objects.filter(use=use, algorithm=algorithm, revoked_at=None, signs_from_at__gt=at)
    return waiting.order_by("number").first()
