"""What people were told or agreed that a service learns: asked before it learns, remembered, taken back."""

from datetime import datetime

from django.db import transaction
from django.db.models import BigIntegerField

from preau.identity.accounts.models import Account
from preau.identity.audit.events import Events
from preau.identity.audit.record import record
from preau.identity.compiled import Given, Reading
from preau.identity.federation import notices
from preau.identity.federation.models import (
    AccessToken,
    AuthorizationCode,
    Consent,
    Notice,
    RefreshToken,
    RelyingParty,
)

_OF = Reading(
    lambda: Consent.objects.filter(account=Given("account", BigIntegerField()), party=Given("party", BigIntegerField()))
)


class TakenBackSince(Exception):
    """The page was shown before the agreement was withdrawn: what it says is no answer any more."""


def is_due(account: Account, party: RelyingParty, names: frozenset[str]) -> bool:
    """Whether a page comes before this service learns `names`. One that shows nobody anything costs no reading."""
    if party.notice == Notice.NONE:
        return False
    return notices.is_due(party.notice, names, _known(_OF.first(account=account.pk, party=party.pk)))


@transaction.atomic
def accept(
    account: Account,
    party: RelyingParty,
    *,
    names: frozenset[str],
    is_agreement: bool,
    shown_at: datetime,
    by: str,
    at: datetime,
) -> None:
    """The page of `names` was read, or agreed to. Answered twice, it counts once. Raises `TakenBackSince`."""
    fresh = {"given_at": at, "is_agreement": is_agreement, "names": sorted(notices.about_people(names))}
    row, is_new = Consent.objects.select_for_update().get_or_create(account=account, party=party, defaults=fresh)
    if not is_new:
        if row.withdrawn_at is not None and row.withdrawn_at > shown_at:
            raise TakenBackSince
        known = _known(row)
        policy = notices.ASK if is_agreement else notices.TELL
        if not notices.is_due(policy, names, known):
            return
        row.names = sorted(notices.together(names, known, is_agreement=is_agreement))
        row.is_agreement = is_agreement or (row.is_agreement and row.withdrawn_at is None)
        row.given_at, row.withdrawn_at = at, None
        row.save()
    event = Events.CONSENT_GIVEN if is_agreement else Events.NOTICE_READ
    record(event, by=by, on=account.key, at=at, party=party.client_id, names=row.names)


@transaction.atomic
def refuse(account: Account, party: RelyingParty, *, by: str, at: datetime) -> None:
    """They read the page and do not go on. Nothing is remembered but the event: the page comes back the next time."""
    record(Events.CONSENT_REFUSED, by=by, on=account.key, at=at, party=party.client_id)


@transaction.atomic
def withdraw(account: Account, party: RelyingParty, *, by: str, at: datetime) -> bool:
    """Take an agreement back, and what lets the service act without the person. False when there was nothing.

    > GDPR art. 7(3): The data subject shall have the right to withdraw his or her consent at any time. […] It shall be
    > as easy to withdraw as to give consent.
    """
    agreed = Consent.objects.filter(account=account, party=party, is_agreement=True, withdrawn_at=None)
    is_changed = bool(agreed.update(withdrawn_at=at)) | _close(account, party, at=at)
    if is_changed:
        record(Events.CONSENT_WITHDRAWN, by=by, on=account.key, at=at, party=party.client_id)
    return is_changed


def _close(account: Account, party: RelyingParty, *, at: datetime) -> bool:
    """Everything the service holds for this person opens nothing more."""
    of_them = {"party": party, "session__account": account, "expires_at__gt": at}
    AuthorizationCode.objects.filter(**of_them, used_at=None).update(expires_at=at)
    closed = [
        kind._default_manager.filter(**of_them, revoked_at=None).update(revoked_at=at)
        for kind in (AccessToken, RefreshToken)
    ]
    return any(closed)


def _known(row: Consent | None) -> notices.Known | None:
    if row is None:
        return None
    return notices.Known(frozenset(row.names), row.is_agreement, row.withdrawn_at is not None)
