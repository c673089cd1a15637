"""An identity on its way through a draft: encrypted, for a draft is a row and a row may be stolen."""

import base64
import binascii
import json
from dataclasses import asdict
from datetime import date

from preau.identity import keys
from preau.identity.franceconnect.identity import Identity

_PURPOSE = "franceconnect/identity"
_TOKEN = "franceconnect/id-token"  # noqa: S105 — the name of a key


class NotAnIdentity(Exception):
    """What a draft holds was not sealed here, or was altered."""


def seal(identity: Identity) -> str:
    """The identity as a draft keeps it: text, unreadable and unchangeable."""
    facts = asdict(identity) | {"birth_on": identity.birth_on.isoformat() if identity.birth_on else None}
    return base64.b64encode(keys.encrypt(_PURPOSE, json.dumps(facts).encode())).decode()


def unseal(sealed: str) -> Identity:
    """The identity that `seal` was given. Raises `NotAnIdentity`."""
    try:
        facts = json.loads(keys.decrypt(_PURPOSE, base64.b64decode(sealed)))
    except (binascii.Error, ValueError, keys.CannotDecrypt):
        raise NotAnIdentity from None
    born = date.fromisoformat(facts["birth_on"]) if facts["birth_on"] else None
    return Identity(**(facts | {"birth_on": born, "given_names": tuple(facts["given_names"])}))


def seal_token(id_token: str) -> str:
    """An ID token, kept to sign out of FranceConnect later."""
    return base64.b64encode(keys.encrypt(_TOKEN, id_token.encode())).decode()


def unseal_token(sealed: str) -> str:
    """The ID token that `seal_token` was given; empty when it cannot be read any more."""
    try:
        return keys.decrypt(_TOKEN, base64.b64decode(sealed)).decode()
    except (binascii.Error, ValueError, keys.CannotDecrypt):
        return ""
