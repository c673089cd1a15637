"""The last five passwords of an account, as slow hashes, so that none comes back. They go when the account closes."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.hashers import check_password

from preau.identity.accounts.models import Account, PastPassword

KEPT = 5


def remember(accounts: Iterable[Account], *, at: datetime) -> None:
    """Keep the present passwords of accounts that are about to have others."""
    rows = [
        PastPassword(account=account, encoded=account.password, replaced_at=at)
        for account in accounts
        if account.has_usable_password()
    ]
    PastPassword.objects.bulk_create(rows, batch_size=500)


def trim(account: Account) -> None:
    """Forget those that no longer count."""
    PastPassword.objects.filter(pk__in=_newest(account)[KEPT:]).delete()


def was_used(account: Account, typed: str) -> bool:
    """Whether `typed` is the present password or one of the last five: six slow hashes at most, outside any lock."""
    pasts = PastPassword.objects.filter(pk__in=_newest(account)[:KEPT])
    return account.check_password(typed) or any(check_password(typed, past.encoded) for past in pasts)


def forget(accounts: Iterable[Account]) -> None:
    """Forget them all."""
    PastPassword.objects.filter(account__in=[account.pk for account in accounts]).delete()


def _newest(account: Account) -> list[int]:
    return list(PastPassword.objects.filter(account=account).order_by("-pk").values_list("pk", flat=True))
