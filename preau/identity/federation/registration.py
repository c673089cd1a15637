"""What the operator does with a service: connect it, change what it may learn, cut it off. Deny by default."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict, Unpack
from urllib.parse import urlsplit

from django.db import transaction

from preau.identity import keys
from preau.identity.audit.events import Events
from preau.identity.audit.record import record
from preau.identity.federation import checks
from preau.identity.federation.checks import NONE, PRIVATE_KEY_JWT, CannotRegister
from preau.identity.federation.models import SECRET_PURPOSE, Protocol, RelyingParty, SamlProfile

__all__ = ["CannotRegister", "PartyFacts", "change", "disable", "enable", "has_secret", "register", "renew_secret"]

_EVERYBODY = ("guardian", "pupil")


class PartyFacts(TypedDict, total=False):
    """What the operator says of any service; the fields of `RelyingParty`."""

    audience: Sequence[str]
    academies: Sequence[str]
    schools: Sequence[str]
    scopes: Sequence[str]
    attributes: Sequence[str]
    takes_every_affiliation: bool
    reason: str
    notice: str
    subject_type: str
    sector: str


class MoreOidcFacts(PartyFacts, total=False):
    """And of one that speaks OpenID Connect."""

    post_logout_redirect_uris: Sequence[str]
    backchannel_logout_uri: str
    token_endpoint_auth_method: str
    jwks: dict[str, Any]
    userinfo_signed_response_alg: str
    must_prove_key: bool
    may_refresh: bool
    speaks_educonnect: bool


class ChangedFacts(MoreOidcFacts, total=False):
    """What may change of a service once it is known."""

    name: str
    redirect_uris: Sequence[str]
    id_token_signed_response_alg: str


@transaction.atomic
def register(
    *,
    client_id: str,
    name: str,
    redirect_uris: Sequence[str],
    secret: str = "",
    algorithm: str = "RS256",
    by: str,
    at: datetime,
    **facts: Unpack[MoreOidcFacts],
) -> tuple[RelyingParty, str]:
    """Connect a service by OpenID Connect, or describe again one that exists: what is not said stays as it was.

    Returns it with its secret, shown this once; an empty `secret` draws one (256 bits). A service that signs with its
    own key has none. Raises `CannotRegister`.
    """
    known = RelyingParty.objects.select_for_update().filter(client_id=client_id).first()
    party = known or RelyingParty(client_id=client_id, registered_at=at, audience=list(_EVERYBODY))
    if party.protocol != Protocol.OIDC:
        raise CannotRegister(f"« {client_id} » est un service SAML. Choisissez un autre nom court.", "client_id")
    said = {**facts, "name": name, "redirect_uris": redirect_uris, "id_token_signed_response_alg": algorithm}
    say(party, said)
    checks.tidied(party)
    checks.check(party)
    party.sector = party.sector or urlsplit(party.redirect_uris[0]).netloc
    shown = _new_secret(party, secret)
    party.save()
    event = Events.PARTY_CHANGED if known else Events.PARTY_REGISTERED
    record(event, by=by, on=party.key, at=at, **release_of(party))
    return party, shown


@transaction.atomic
def change(party: RelyingParty, *, by: str, at: datetime, **facts: Unpack[ChangedFacts]) -> RelyingParty:
    """Change what is said of a service, of either protocol; what is not said stays. Raises `CannotRegister`."""
    party = RelyingParty.objects.select_for_update().get(pk=party.pk)
    before = {name: getattr(party, name) for name in facts}
    say(party, facts)
    checks.tidied(party)
    checks.check(party, getattr(party, "saml", None))
    if not has_secret(party):
        party.secret_digest = ""
    changed = sorted(name for name, value in before.items() if getattr(party, name) != value)
    if changed:
        party.save()
        record(Events.PARTY_CHANGED, by=by, on=party.key, at=at, changed=changed, **release_of(party))
    return party


@transaction.atomic
def disable(party: RelyingParty, *, by: str, at: datetime) -> None:
    """Cut a service off: nobody enters it any more, and its tokens open nothing, from now on."""
    if RelyingParty.objects.filter(pk=party.pk, disabled_at=None).update(disabled_at=at):
        record(Events.PARTY_DISABLED, by=by, on=party.key, at=at)


@transaction.atomic
def enable(party: RelyingParty, *, by: str, at: datetime) -> None:
    """Let people enter it again; it finds them under the names it knew."""
    if RelyingParty.objects.filter(pk=party.pk, disabled_at__isnull=False).update(disabled_at=None):
        record(Events.PARTY_ENABLED, by=by, on=party.key, at=at)


@transaction.atomic
def renew_secret(party: RelyingParty, *, by: str, at: datetime) -> str:
    """A new secret, shown this once; the old one opens nothing from now on. Raises `CannotRegister`."""
    party = RelyingParty.objects.select_for_update().get(pk=party.pk)
    if not has_secret(party):
        raise CannotRegister("Ce service n’a pas de secret : il se présente avec sa propre clé, ou sans rien.")
    secret = _new_secret(party, "")
    party.save(update_fields=["secret_digest"])
    record(Events.PARTY_SECRET_RENEWED, by=by, on=party.key, at=at)
    return secret


def has_secret(party: RelyingParty) -> bool:
    """Whether it proves who it is by a secret of ours."""
    return party.protocol == Protocol.OIDC and party.token_endpoint_auth_method not in (PRIVATE_KEY_JWT, NONE)


def release_of(party: RelyingParty) -> dict[str, Any]:
    """What the journal keeps each time: what the service may learn from then on, and how people hear of it."""
    return {"scopes": party.scopes, "attributes": party.attributes, "notice": party.notice}


def say(row: RelyingParty | SamlProfile, facts: Mapping[str, Any]) -> None:
    """Write the facts on the row, in memory."""
    for name, value in facts.items():
        setattr(row, name, list(value) if isinstance(value, (list, tuple, set, frozenset)) else value)


def _new_secret(party: RelyingParty, given: str) -> str:
    if not has_secret(party):
        party.secret_digest = ""
        return ""
    secret = given or secrets.token_urlsafe(32)
    party.secret_digest = keys.digest(SECRET_PURPOSE, party.client_id, secret)
    return secret
