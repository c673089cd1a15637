"""OpenID Foundation, Back-Channel Logout OP: our port of its module, with a party that listens over HTTP."""

from urllib.parse import parse_qs, urlencode

import requests
from joserfc import jws, jwt
from joserfc.jwk import KeySet

from preau import clock
from preau.identity.federation import farewells
from preau.identity.federation.models import RelyingParty as Registered
from tests.interop.openid_foundation.relying_party import AFTER_LOGOUT, WAIT, Browser, RelyingParty
from tests.rooms.identity.federation.listening_service import listening


def test_oidcc_backchannel_rp_initiated_logout(static_party: RelyingParty, browser: Browser) -> None:
    party = static_party
    assert party.discovery["backchannel_logout_supported"] is True
    assert party.discovery["backchannel_logout_session_supported"] is True
    with listening() as listener:
        Registered.objects.update(backchannel_logout_uri=listener.url)
        tokens = party.tokens(browser)
        asked = {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": AFTER_LOGOUT, "state": "abc"}
        landing = browser.go(f"{party.discovery['end_session_endpoint']}?{urlencode(asked)}")
        assert landing.told == {"state": "abc"}
        farewells.notice_endings(at=clock.now())
        farewells.tell_due(at=clock.now())
        (body,) = listener.heard
    (token,) = parse_qs(body.decode())["logout_token"]
    published = KeySet.import_key_set(requests.get(party.discovery["jwks_uri"], timeout=WAIT).json())
    header = jws.extract_compact(token.encode()).headers()
    assert (header["alg"], header["typ"]) == ("RS256", "logout+jwt")
    claims = jwt.decode(token, published, algorithms=["RS256"]).claims
    signed_in = party.claims(tokens["id_token"])
    assert (claims["iss"], claims["aud"]) == (party.discovery["issuer"], party.client_id)
    assert (claims["sub"], claims["sid"]) == (signed_in["sub"], signed_in["sid"])
    assert claims["iat"] < claims["exp"] <= claims["iat"] + 120 and claims["jti"] and "nonce" not in claims
    assert claims["events"] == {"http://schemas.openid.net/event/backchannel-logout": {}}
    told = party.ask(browser, prompt="none").told
    assert told is not None and told["error"] == "login_required"
