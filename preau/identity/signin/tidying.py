"""What the worker throws away: counters that are over, codes, visits long ended."""

from datetime import datetime, timedelta

from preau.identity.accounts.states import State
from preau.identity.signin.models import Authenticator, Code, Failure, Passkey, RecoveryCode, Session


def forget_failures(*, at: datetime) -> int:
    """Forget the counters whose time has passed."""
    return Failure.objects.all().purge(at=at)


def forget_codes(*, at: datetime) -> int:
    """Forget the codes asked long ago: none opens anything after half an hour."""
    return Code.objects.all().purge(at=at - timedelta(days=1))


def forget_visits(*, at: datetime) -> int:
    """Forget the visits begun long ago, unless a service may still act for their holder."""
    return Session.objects.all().purge(at=at)


def forget_factors(*, at: datetime) -> int:
    """Forget the passkeys and authenticators of accounts that are closed: they opened nothing any more."""
    models = (Passkey, Authenticator, RecoveryCode)
    return sum(model._default_manager.filter(account__state=State.CLOSED).delete()[0] for model in models)
