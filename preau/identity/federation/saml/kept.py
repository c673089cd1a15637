"""A request that waits for its person to sign in: signed by us, in the address of a page of ours.

What came from the service was checked once; what comes back is what we wrote. Both bindings come back the same way: a
form that another site posts has no cookie of ours, hence no visit to look at (specs/protocols.md §8.12).
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.core import signing
from django.urls import reverse
from django.utils.http import urlencode

from preau.identity.accounts.models import Kind
from preau.identity.federation.saml.requests import Asked, Contexts, Refused, party_of
from preau.identity.federation.troubles import Cause

PARAMETER = "demande"
# Time to find a password, or to activate an account.
WAITS = timedelta(hours=1)
_SALT = "federation.saml.kept"


def address(asked: Asked) -> str:
    """Where the person comes back to."""
    kept = {
        "p": asked.profile.entity_id,
        "c": asked.consumer,
        "t": asked.arrived_at.timestamp(),
        "i": asked.request_id,
        "r": asked.relay_state,
        "f": asked.must_prove_again,
        "s": asked.is_passive,
        "n": [asked.name_id_format, asked.name_qualifier],
        "a": [asked.contexts.comparison, *asked.contexts.classes],
        "d": asked.declined,
        "k": asked.hinted,
    }
    token = signing.dumps(kept, salt=_SALT, compress=True)
    return f"{reverse('federation:saml_come_back')}?{urlencode({PARAMETER: token})}"


def read(token: str, *, at: datetime) -> Asked:
    """The request behind `token`; its service is judged again. Raises `Refused`."""
    try:
        kept: dict[str, Any] = signing.loads(token, salt=_SALT)
    except signing.BadSignature as error:
        raise Refused(Cause.MALFORMED, "an address that is not ours") from error
    arrived_at = datetime.fromtimestamp(kept["t"], UTC)
    profile = party_of(kept["p"], at=at)
    if at - arrived_at > WAITS:
        raise Refused(Cause.STALE_REQUEST, "an hour passed on our pages", profile=profile)
    if not any(one["location"] == kept["c"] for one in profile.consumers):
        raise Refused(Cause.WRONG_CONSUMER, kept["c"], profile=profile)
    return Asked(
        profile=profile,
        consumer=kept["c"],
        arrived_at=arrived_at,
        request_id=kept["i"],
        relay_state=kept["r"],
        must_prove_again=kept["f"],
        is_passive=kept["s"],
        name_id_format=kept["n"][0],
        name_qualifier=kept["n"][1],
        contexts=Contexts(kept["a"][0], tuple(kept["a"][1:])),
        declined=tuple(kept["d"]) if kept["d"] else None,
        hinted=Kind(kept["k"]) if kept.get("k") else None,
    )
