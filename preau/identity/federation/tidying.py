"""What the worker throws away: codes and tokens that open nothing any more, proofs that cannot come back, troubles."""

from datetime import datetime, timedelta

from django.db.models import Max, Q

from preau.identity.federation.models import AuthorizationCode, RefreshToken, RelyingParty, Trouble, UsedProof

# A second use of a code, or of a refresh token, is recognised for that long.
KEPT = timedelta(days=1)
TROUBLES_KEPT = timedelta(days=90)


def forget_codes(*, at: datetime) -> int:
    """Forget the codes and what came of them, once nothing of it lives: tokens die within the day of their code, but
    for those of a service that may act later."""
    remember_visits()
    living = RefreshToken.objects.filter(expires_at__gt=at).values("code")
    return AuthorizationCode.objects.filter(expires_at__lte=at - KEPT).exclude(pk__in=living).delete()[0]


def remember_visits() -> None:
    """When each service was last entered, before what says it is forgotten. Nothing is written at a visit: a row that
    everybody writes at nine o'clock would make them wait for one another."""
    for name in ("authorizationcode__made_at", "saml__assertions__issued_at"):
        seen = RelyingParty.objects.order_by().annotate(seen=Max(name)).exclude(seen=None)
        for pk, at in seen.values_list("pk", "seen"):
            RelyingParty.objects.filter(Q(visited_at=None) | Q(visited_at__lt=at), pk=pk).update(visited_at=at)


def forget_proofs(*, at: datetime) -> int:
    """Forget the proofs that are over anyway."""
    return UsedProof.objects.filter(expires_at__lte=at).delete()[0]


def forget_troubles(*, at: datetime) -> int:
    """Forget the troubles of long ago."""
    return Trouble.objects.filter(at__lte=at - TROUBLES_KEPT).delete()[0]
