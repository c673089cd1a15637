"""Whoever lost the phone, the paper and the keys: the school has seen them, and a day later nothing more is asked.

Everything goes at once, application, recovery codes and passkeys: who still holds one of them signs in with it, and
removes the others in their account. The proved channels are told at once, with a button to refuse; using any of
them in the meantime says that they are not lost. docs/decisions/0019-the-authenticator.md.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse

from preau import clock
from preau.identity.accounts import channels
from preau.identity.accounts.channels import Way
from preau.identity.accounts.models import Account
from preau.identity.audit.events import Events
from preau.identity.audit.record import record
from preau.identity.factors import totp
from preau.identity.messaging import outbox
from preau.identity.messaging.catalogue import Envelope
from preau.identity.messaging.models import Outgoing
from preau.identity.signin import authenticator, passkeys
from preau.identity.signin.help import words_about
from preau.identity.signin.models import Authenticator, FactorRemoval, Passkey, RecoveryCode, Removed

# The time for whoever is told to say no, as for a correction (directory/corrections.py).
WAITS = timedelta(hours=24)
BY = "system:clock"
_SALT = "preau.signin.factor-removal"


def has_some(account: Account) -> bool:
    """It asks a code, or has passkeys."""
    return authenticator.is_on(account) or passkeys.has_some(account)


def waiting(account: Account) -> FactorRemoval | None:
    """The removal that was asked and is neither done nor refused."""
    return FactorRemoval.objects.waiting().filter(account=account).first()


@transaction.atomic
def ask(account: Account, *, proof: str, by: str, at: datetime, uai: str) -> FactorRemoval | None:
    """The school checked an identity (`proof`): in 24 hours everything is removed. One stands at a time.

    None when the account asks nothing after its password and has no passkey.
    """
    held = Account.objects.select_for_update().get(pk=account.pk)
    if not has_some(held):
        return None
    if (standing := waiting(held)) is not None:
        return standing
    asked = FactorRemoval.objects.create(account=held, asked_by=by, uai=uai, asked_at=at, effective_at=at + WAITS)
    record(Events.FACTORS_LEAVING, by=by, on=held.key, at=at, uai=uai, proof=proof)
    for channel in channels.proved(held):
        outbox.post("signin/factors_leaving", on=held.key, at=at, way=channel.way, removal=asked.pk)
    return asked


@transaction.atomic
def keep(removal: FactorRemoval, *, by: str, at: datetime) -> bool:
    """Whoever was told, or the school, says no. False when it is over."""
    locked = FactorRemoval.objects.select_for_update().select_related("account").get(pk=removal.pk)
    if locked.outcome:
        return False
    _close(locked, Removed.KEPT, at=at)
    record(Events.FACTORS_KEPT, by=by, on=locked.account.key, at=at, uai=locked.uai)
    return True


def remove_due(*, at: datetime) -> int:
    """Remove what is lost, a day after it was asked (jobs/catalogue.py). Returns how many accounts lost something."""
    return sum(_remove(pk, at=at) for pk in FactorRemoval.objects.due(at).values_list("pk", flat=True)[:200])


@transaction.atomic
def _remove(pk: int, *, at: datetime) -> int:
    removal = FactorRemoval.objects.select_for_update(of=("self",)).due(at).filter(pk=pk).first()
    if removal is None:
        return 0
    account = Account.objects.select_for_update().get(pk=removal.account_id)
    if is_used_since(account, removal.asked_at):
        _close(removal, Removed.USED, at=at)
        record(Events.FACTORS_KEPT, by=BY, on=account.key, at=at, uai=removal.uai)
        return 0
    authenticator.remove(account, by=BY, at=at)
    passkeys.remove_all(account, by=BY, at=at)
    _close(removal, Removed.DONE, at=at)
    return 1


def is_used_since(account: Account, asked_at: datetime) -> bool:
    """The application, a recovery code or a passkey opened something since: it is not lost."""
    # The step of the last good code is the half minute it was typed in (RFC 6238).
    step = int(asked_at.timestamp()) // totp.STEP + 1
    return (
        Authenticator.objects.filter(account=account, confirmed_at__isnull=False, last_step__gt=step).exists()
        or RecoveryCode.objects.filter(account=account, used_at__gt=asked_at).exists()
        or Passkey.objects.filter(account=account, used_at__gt=asked_at).exists()
    )


def _close(removal: FactorRemoval, outcome: Removed, *, at: datetime) -> None:
    removal.outcome, removal.closed_at = outcome, at
    removal.save(update_fields=["outcome", "closed_at"])


# The message, and its button -----------------------------------------------------------------------------------------
def envelope(outgoing: Outgoing, at: datetime) -> Envelope | None:
    """Context of « les codes de votre compte vont être retirés », on a channel that the account proved."""
    removal = FactorRemoval.objects.waiting().filter(pk=outgoing.facts["removal"]).select_related("account").first()
    if removal is None:
        return None
    to = {proved.way: proved.address for proved in channels.proved(removal.account)}.get(Way(outgoing.way))
    if to is None:
        return None
    path = reverse("signin:keep_factors", args=[token(removal)])
    words = words_about(removal.account, day=clock.today(at))
    return Envelope(to, {**words, "effective_at": removal.effective_at, "action_url": f"{settings.PUBLIC_URL}{path}"})


def token(removal: FactorRemoval) -> str:
    """What the link carries: nothing is stored, nothing of it can be stolen."""
    return signing.dumps(removal.pk, salt=_SALT)


def behind(received: str) -> FactorRemoval | None:
    """The removal of a link, over or not; None when the link is not ours."""
    try:
        pk = signing.loads(received, salt=_SALT)
    except signing.BadSignature:
        return None
    return FactorRemoval.objects.select_related("account").filter(pk=pk).first()
