"""Signing out because a service asks (RP-Initiated Logout 1.0), by the browser or, EduConnect's way, without."""

import base64
import json
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from joserfc import jwt
from joserfc.jwk import OctKey

from preau.identity.accounts.models import Account
from preau.identity.audit.models import Event
from preau.identity.federation import troubles
from preau.identity.federation.models import RelyingParty
from preau.identity.federation.registration import register
from preau.identity.federation.troubles import Cause
from tests.rooms.identity.federation.conftest import NOW, answer_of, exchange, question, sign_in
from tests.rooms.identity.federation.test_oidc import get_code

BYE = "https://ent.example/au-revoir"


@pytest.fixture
def hint(client: Client, samira: Account, party: RelyingParty) -> str:
    """Samira signed in, and the ENT holds her ID token."""
    sign_in(client, samira)
    return str(exchange(get_code(client)).json()["id_token"])


def is_signed_in(client: Client) -> bool:
    return "code" in answer_of(client.get(question(prompt="none"))["Location"])


def forged(hint: str, **changes: object) -> str:
    """The same claims, unsigned."""
    payload = json.loads(base64.urlsafe_b64decode(hint.split(".")[1] + "=="))
    parts = [{"alg": "none"}, {**payload, **changes}]
    return ".".join([base64.urlsafe_b64encode(json.dumps(one).encode()).rstrip(b"=").decode() for one in parts]) + "."


def test_signing_out_from_a_service_ends_the_visit_and_goes_back_to_it(
    client: Client, samira: Account, party: RelyingParty
) -> None:
    sign_in(client, samira)
    tokens = exchange(get_code(client)).json()
    asked = {
        "id_token_hint": tokens["id_token"],
        "post_logout_redirect_uri": BYE,
        "state": "s",
    }
    answer = client.get("/oidc/end-session", asked)
    assert answer["Location"] == f"{BYE}?state=s"
    assert client.get(question())["Location"].startswith("/connexion/")
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert Client().get("/oidc/userinfo", headers=bearer).status_code == 401


def test_signing_out_without_a_good_hint_asks_the_person_first(
    client: Client, samira: Account, party: RelyingParty
) -> None:
    sign_in(client, samira)
    answer = client.get("/oidc/end-session", {"post_logout_redirect_uri": "https://evil.example/"})
    assert answer.status_code == 200 and "Location" not in answer
    assert "code" in answer_of(client.get(question())["Location"]), "still signed in"
    forged = client.get("/oidc/end-session", {"id_token_hint": "eyJhbGciOiJub25lIn0.e30."})
    assert forged.status_code == 400


def test_a_question_posted_from_another_site_is_asked_again_by_get(client: Client, hint: str) -> None:
    bounce = client.post("/oidc/end-session", {"id_token_hint": hint, "post_logout_redirect_uri": BYE, "state": "s"})
    assert bounce.status_code == 303 and bounce["Location"].startswith("/oidc/end-session?")
    assert client.get(bounce["Location"])["Location"] == f"{BYE}?state=s" and not is_signed_in(client)


def test_without_an_address_or_a_state_people_end_on_our_own_page(client: Client, hint: str) -> None:
    answer = client.get("/oidc/end-session", {"id_token_hint": hint, "state": "s"})
    assert answer["Location"].startswith("/") and "state" not in answer["Location"] and not is_signed_in(client)
    again = client.get("/oidc/end-session", {"id_token_hint": hint, "post_logout_redirect_uri": BYE})
    assert again["Location"] == BYE, "a visit that is over is over: nobody needs to be asked"


@pytest.mark.parametrize(
    "address",
    [
        f"{BYE}?x=1",
        f"{BYE}/",
        f"{BYE}#f",
        "https://ent.example/retour",
        "https://evil.example/au-revoir",
        "//evil.example",
        "https://ent.example@evil.example/au-revoir",
        "javascript:alert(1)",
        "/compte/",
        f" {BYE}",
    ],
)
def test_nobody_is_sent_to_an_address_that_is_not_registered_letter_for_letter(
    client: Client, party: RelyingParty, hint: str, address: str
) -> None:
    answer = client.get("/oidc/end-session", {"id_token_hint": hint, "post_logout_redirect_uri": address, "state": "s"})
    assert answer["Location"] == "/deconnexion/faite/", "our own page, and no state"
    assert troubles.of(party)[0].cause == Cause.WRONG_AFTER_LOGOUT


@pytest.mark.parametrize("asked", [{}, {"state": "s"}, {"post_logout_redirect_uri": BYE, "client_id": "ent"}])
def test_without_a_hint_people_are_asked_and_go_nowhere(client: Client, hint: str, asked: dict[str, str]) -> None:
    answer = client.get("/oidc/end-session", asked)
    assert answer.status_code == 200 and "Voulez-vous vous déconnecter" in answer.content.decode()
    assert is_signed_in(client)


def test_a_hint_that_is_not_ours_ends_nothing(client: Client, party: RelyingParty, hint: str) -> None:
    public = json.dumps(client.get("/oidc/jwks").json()["keys"][0])
    claims = {"iss": "http://localhost:8000", "aud": "ent"}
    for wrong in (
        forged(hint),
        forged(hint, aud="other"),
        hint[:-4] + "AAAA",
        hint.rpartition(".")[0] + ".",
        jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(public.encode()), ["HS256"]),
        "x",
        "a.b.c",
        "é",
    ):
        answer = client.get("/oidc/end-session", {"id_token_hint": wrong, "post_logout_redirect_uri": BYE})
        assert answer.status_code == 400 and "Location" not in answer
    assert is_signed_in(client)
    twice = client.get(f"/oidc/end-session?id_token_hint={hint}&id_token_hint={hint}")
    assert twice.status_code == 400 and is_signed_in(client)


def test_the_hint_of_another_service_is_not_this_ones(client: Client, party: RelyingParty, hint: str) -> None:
    register(client_id="other", name="Autre", redirect_uris=["https://other.example/r"], by="t:1", at=NOW)
    answer = client.get("/oidc/end-session", {"id_token_hint": hint, "client_id": "other"})
    assert answer.status_code == 400 and is_signed_in(client)
    assert Cause.WRONG_HINT in {one.cause for one in troubles.Trouble.objects.all()}


def test_the_hint_of_another_visit_asks_first(client: Client, samira: Account, hint: str) -> None:
    other = Client()
    sign_in(other, samira)
    answer = other.get("/oidc/end-session", {"id_token_hint": hint, "post_logout_redirect_uri": BYE})
    assert answer.status_code == 200 and is_signed_in(other) and is_signed_in(client)


# EduConnect's way


def test_a_services_machine_ends_the_visit_its_id_token_names(client: Client, samira: Account, hint: str) -> None:
    other = Client()
    sign_in(other, samira)
    machine = Client()
    assert machine.get("/idp/profile/oidc/logout", headers={"Authorization": f"Bearer {hint}"}).status_code == 204
    assert not is_signed_in(client) and is_signed_in(other)
    assert Event.objects.filter(name="signin.signed_out", by="party:ent").count() == 1
    again = machine.get("/idp/profile/oidc/logout", headers={"Authorization": f"Bearer {hint}"})
    assert again.status_code == 204, "what is over is over"


@pytest.mark.parametrize("made", [lambda hint: forged(hint), lambda hint: "x", lambda hint: "a" * 9000])
def test_a_machine_without_our_token_ends_nothing(client: Client, hint: str, made: object) -> None:
    bearer = {"Authorization": f"Bearer {made(hint)}"}  # type: ignore[operator]
    assert Client().get("/idp/profile/oidc/logout", headers=bearer).status_code == 401
    assert is_signed_in(client)


def test_without_a_token_the_same_address_asks_the_browser(client: Client, hint: str) -> None:
    page = client.get("/idp/profile/oidc/logout")
    assert page.status_code == 200 and "Voulez-vous vous déconnecter" in page.content.decode()
    assert client.get("/idp/profile/oidc/logout", {"id_token_hint": hint}).status_code == 302
    assert not is_signed_in(client)


# EduConnect's shapes


def _stage(**facts: object) -> None:
    RelyingParty.objects.update(
        speaks_educonnect=True,
        must_prove_key=False,
        scopes=["openid", "profile", "ect.scope.cnx", "ect.scope.stage"],
        attributes=["FrEduCtEleveUAI", "FrEduCtEleveINE", "FrEduCtEleveNiveau", "FrEduVecteur"],
        **facts,
    )


def _as_monstage(client: Client) -> dict[str, object]:
    """What « 1 élève 1 stage » does (specs/protocols.md §1.5)."""
    asked = question(
        scope="openid profile ect.scope.cnx ect.scope.stage",
        acr_values="eleve",
        code_challenge=None,
        code_challenge_method=None,
    ).replace("/oidc/", "/idp/profile/oidc/")
    code = answer_of(client.get(asked)["Location"])["code"]
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": "https://ent.example/retour",
        "client_id": "ent",
        "client_secret": "secret-of-the-ent",
        "state": "",
        "nonce": "",
    }
    tokens = Client().post("/idp/profile/oidc/token", form).json()
    assert (tokens["expires_in"], tokens["token_type"]) == (600, "Bearer")
    bearer = {"Authorization": f"Bearer {tokens['access_token']}", "Content-Type": "application/json"}
    answer: dict[str, object] = Client().get("/idp/profile/oidc/userinfo", headers=bearer).json()
    return answer


def test_a_pupil_in_educonnects_shapes(client: Client, adama: Account, party: RelyingParty) -> None:
    _stage()
    sign_in(client, adama)
    told = _as_monstage(client)
    assert told["FrEduCtPersonAffiliation"] == ["eleve2d"] and told["FrEduOrigAuth"] == "ECT"
    assert told["FrEduCtEleveUAI"] == "0991234D" and told["given_name"] == "Adama"
    assert told["FrEduCtDateConnexion"] == "2026-11-24 10:00:00.000"
    assert told["FrEduCtEleveINE"] == "", "he has none yet: the key is there all the same"
    assert isinstance(told["FrEduVecteur"], str)


def test_a_guardian_in_educonnects_shapes_has_the_pupils_keys_empty(
    client: Client, samira: Account, party: RelyingParty
) -> None:
    _stage()
    sign_in(client, samira)
    told = _as_monstage(client)
    assert told["FrEduCtPersonAffiliation"] == ["resp2d"]
    assert {told[name] for name in ("FrEduCtEleveUAI", "FrEduCtEleveINE", "FrEduCtEleveNiveau")} == {""}


def test_the_sign_in_page_brings_people_back_to_educonnects_address(client: Client, party: RelyingParty) -> None:
    _stage()
    answer = client.get(question(acr_values="eleve").replace("/oidc/", "/idp/profile/oidc/"))
    asked = parse_qs(urlsplit(answer["Location"]).query)
    assert asked["suite"][0].startswith("/idp/profile/oidc/authorize?") and asked["profil"] == ["eleve"]
