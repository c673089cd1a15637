"""« Le service d’essai »: a service of our own, by each protocol, that shows all it received to whoever signs in to it.

An operator connects it, gives it the rights of the service to come, and signs in there with an account of test: the
whole way is walked, in production too. It believes only what it checked, keeps nothing, opens nothing.
"""

from collections.abc import Sequence
from datetime import datetime

from preau.identity.federation.models import Protocol, RelyingParty
from preau.identity.federation.oidc import trial as openid
from preau.identity.federation.saml import trial as saml

_BY = {Protocol.SAML: saml, Protocol.OIDC: openid}


def party(protocol: Protocol) -> RelyingParty | None:
    """The service, once an operator connected it, while nobody cut it off."""
    found = RelyingParty.objects.in_use().select_related("saml").filter(client_id=_BY[protocol].CLIENT_ID).first()
    return found if found is not None and is_it(found) else None


def ways() -> Sequence[tuple[str, str]]:
    """By which protocols one may sign in to it: their names, and where that begins."""
    return [(Protocol(one).label, by.start()) for one, by in _BY.items() if party(one) is not None]


def connect(protocol: Protocol, *, by: str, at: datetime) -> RelyingParty:
    """Connect it, or bring it back. Raises `CannotRegister`."""
    return _BY[protocol].connect(by=by, at=at)


def is_it(found: RelyingParty) -> bool:
    """Whether this service is the one of this page."""
    return _BY[Protocol(found.protocol)].is_it(found)
