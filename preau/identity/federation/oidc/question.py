"""What the parameters of an authorization request ask for, beyond their shapes: claims, a profile, a person."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from preau.identity.accounts.models import Account, Kind
from preau.identity.federation import release
from preau.identity.federation.attributes import ATTRIBUTES
from preau.identity.federation.models import RelyingParty
from preau.identity.signin import guards

# EduConnect's `acr_values`: which of the two forms people sign in by, no level of assurance.
PROFILES = guards.PROFILES
_OF_KIND = {kind: name for name, kind in PROFILES.items()}
Asked = dict[str, Any]


class Malformed(ValueError):
    """The `claims` parameter is not what OpenID Connect Core §5.5 says."""


def claims(asked: dict[str, str]) -> dict[str, Asked]:
    """The `claims` parameter, read: ``userinfo`` and ``id_token``, each with names. Raises `Malformed`."""
    text = asked.get("claims", "")
    if not text:
        return {}
    try:
        read = json.loads(text)
    except (ValueError, RecursionError) as trouble:
        raise Malformed from trouble
    if not isinstance(read, dict):
        raise Malformed
    # > Core §5.5: Other members MAY be present. Any members used that are not understood MUST be ignored.
    found = {place: read[place] for place in ("userinfo", "id_token") if read.get(place)}
    if not all(isinstance(one, dict) for one in found.values()):
        raise Malformed
    return {place: {name: _wish(wish) for name, wish in one.items()} for place, one in found.items()}


def _wish(wish: Any) -> Asked | None:
    if wish is None:
        return None
    if not isinstance(wish, dict):
        raise Malformed
    return {name: wish[name] for name in ("essential", "value", "values") if name in wish}


def kept(read: dict[str, Asked]) -> dict[str, list[str]]:
    """What has to be remembered of it until the answer: the names that mean something here."""
    return {place: sorted(one.keys() & ATTRIBUTES.keys()) for place, one in read.items()}


def names(party: RelyingParty, scope: str, read: Mapping[str, Iterable[str]]) -> frozenset[str]:
    """The attributes that this request lets the party learn, at userinfo and in the ID token."""
    wished = {name for one in read.values() for name in one}
    return release.released(scope, own=party.attributes, given=party.scopes, claims=wished)


def shown(party: RelyingParty, scope: str, read: Mapping[str, Iterable[str]]) -> frozenset[str]:
    """What the page before the party says that it learns: the same, and whether it may act later."""
    return names(party, scope, read) | ({release.OFFLINE} & set(scope.split()))


def subject(read: dict[str, Asked]) -> str:
    """The person the party wants and nobody else (Core §5.5.1: a `sub` with a value), or empty."""
    found = ""
    for one in read.values():
        wish = one.get("sub")
        if wish and isinstance(wish.get("value"), str):
            found = wish["value"]
    return found


def profile(asked: dict[str, str], read: dict[str, Asked]) -> Kind | None:
    """The profile whose sign-in page to show first: the first one named."""
    return next((PROFILES[one] for one in _acr_values(asked, read) if one in PROFILES), None)


def acr(asked: dict[str, str], read: dict[str, Asked], account: Account) -> str:
    """The profile of the holder, for a party that asked for one."""
    return _OF_KIND[Kind(account.kind)] if _wants_acr(asked, read) else ""


def is_met(read: dict[str, Asked], account: Account) -> bool:
    """Whether the profile is one that the party says it cannot do without.

    # > Core §5.5.1.1: If this is an Essential Claim and the requirement cannot be met, then the Authorization Server
    # > MUST treat that outcome as a failed authentication attempt.
    """
    wish = read.get("id_token", {}).get("acr")
    if not wish or wish.get("essential") is not True:
        return True
    values = _values(wish)
    return not values or _OF_KIND[Kind(account.kind)] in values


def _wants_acr(asked: dict[str, str], read: dict[str, Asked]) -> bool:
    return bool(asked.get("acr_values")) or "acr" in read.get("id_token", {})


def _acr_values(asked: dict[str, str], read: dict[str, Asked]) -> list[str]:
    return [*asked.get("acr_values", "").split(), *_values(read.get("id_token", {}).get("acr"))]


def _values(wish: Asked | None) -> list[str]:
    if not wish:
        return []
    several = wish.get("values")
    found = [wish.get("value"), *(several if isinstance(several, list) else [])]
    return [one for one in found if isinstance(one, str)]
