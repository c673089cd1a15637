"""1 élève 1 stage, request by request, as its code writes them: no library, superfluous parameters, a bearer logout."""

import uuid
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests

from tests.interop.browser import Browser
from tests.interop.town import Town

BACK = "http://127.0.0.1:9/auth/educonnect"
SCOPE = "openid profile ect.scope.cnx ect.scope.stage"


@pytest.fixture(scope="module")
def secret(town: Town) -> str:
    return town.clerk(
        "oidc", client_id="monstage", redirect_uris=[BACK], scopes=SCOPE.split(), must_prove_key=False, notice="none",
        attributes=["FrEduCtEleveUAI", "FrEduCtEleveINE", "FrEduCtEleveNiveau"], reason="Convention du stage",
        speaks_educonnect=True,
    )  # fmt: skip


def come_in(town: Town, secret: str, browser: Browser, who: str, profile: str) -> tuple[dict[str, object], str]:
    """What userinfo says, and the ID token."""
    asked = {
        "client_id": "monstage", "redirect_uri": BACK, "response_type": "code", "scope": SCOPE, "acr_values": profile,
        "state": str(uuid.uuid4()), "nonce": str(uuid.uuid4()),
    }  # fmt: skip
    with pytest.raises(requests.ConnectionError) as nobody:
        browser.go(f"{town.url}/idp/profile/oidc/authorize?{urlencode(asked)}")
        browser.sign_in(getattr(town, who), town.password, profile=profile)
    came = parse_qs(urlsplit(str(nobody.value.request.url)).query)  # type: ignore[union-attr]
    assert came["state"] == [asked["state"]]
    form = {
        "grant_type": "authorization_code", "code": came["code"][0], "redirect_uri": BACK, "client_id": "monstage",
        "client_secret": secret, "state": "", "nonce": "",
    }  # fmt: skip
    token = requests.post(f"{town.url}/idp/profile/oidc/token", form, timeout=20).json()
    assert (token["token_type"], token["expires_in"]) == ("Bearer", 600)
    headers = {"Authorization": f"Bearer {token['access_token']}", "Content-Type": "application/json"}
    told = requests.get(f"{town.url}/idp/profile/oidc/userinfo", headers=headers, timeout=20).json()
    return told, token["id_token"]


def test_a_pupil_comes_in_and_their_affiliation_is_a_list(town: Town, secret: str, browser: Browser) -> None:
    told, _ = come_in(town, secret, browser, "pupil", "eleve")
    assert told["FrEduCtPersonAffiliation"] == ["eleve2d"] and told["FrEduOrigAuth"] == "ECT"
    assert (told["FrEduCtEleveUAI"], told["FrEduCtEleveINE"], told["FrEduCtEleveNiveau"]) == (
        *("0991234D", "001291521AA", "2112"),
    )


def test_a_guardian_has_empty_texts_where_a_pupil_has_values(town: Town, secret: str, browser: Browser) -> None:
    told, _ = come_in(town, secret, browser, "guardian", "responsable")
    assert told["FrEduCtPersonAffiliation"] == ["resp2d"]
    assert [told[name] for name in ("FrEduCtEleveUAI", "FrEduCtEleveINE", "FrEduCtEleveNiveau")] == ["", "", ""]


def test_it_signs_somebody_out_from_its_own_machine(town: Town, secret: str, browser: Browser) -> None:
    _, id_token = come_in(town, secret, browser, "pupil", "eleve")
    browser.go(f"{town.url}/compte/")
    assert browser.url == f"{town.url}/compte/"
    out = requests.get(
        f"{town.url}/idp/profile/oidc/logout", headers={"Authorization": f"Bearer {id_token}"}, timeout=20
    )
    assert out.status_code in {200, 204}
    browser.go(f"{town.url}/compte/")
    assert browser.url != f"{town.url}/compte/"
