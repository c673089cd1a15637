"""OpenID Foundation, Config OP: our port of its module."""

from urllib.parse import urlsplit

import requests

from tests.interop.openid_foundation.relying_party import WAIT, RelyingParty

REQUIRED = {
    "issuer", "authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri", "response_types_supported",
    "subject_types_supported", "id_token_signing_alg_values_supported", "scopes_supported", "claims_supported",
}  # fmt: skip


def test_oidcc_discovery_endpoint_verification(static_party: RelyingParty, provider: str) -> None:
    """Theirs also asks for https: a certified deployment has it (settings.py refuses anything else in production)."""
    found = static_party.discovery
    assert set(found) >= REQUIRED and found["issuer"] == provider
    assert "RS256" in found["id_token_signing_alg_values_supported"] and "openid" in found["scopes_supported"]
    for name, address in found.items():
        if name.endswith(("_endpoint", "_uri")):
            assert address.startswith(f"{provider}/") and not urlsplit(address).fragment
            assert requests.get(address, timeout=WAIT, allow_redirects=False).status_code < 500
    keys = requests.get(found["jwks_uri"], timeout=WAIT).json()["keys"]
    assert keys and len({key["kid"] for key in keys}) == len(keys)
    assert all(key["use"] == "sig" and not key.keys() & {"d", "p", "q", "dp", "dq", "qi", "k"} for key in keys)
