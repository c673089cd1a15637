"""What an authorization request may say, and what the party hears back (OpenID Connect Core §3.1.2)."""

import json
import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from preau import clock
from preau.identity.accounts.models import Account
from preau.identity.audit.models import Event
from preau.identity.directory.models import School
from preau.identity.federation import attributes, troubles
from preau.identity.federation.models import AuthorizationCode, RelyingParty
from preau.identity.federation.troubles import Cause
from tests.rooms.identity.federation.conftest import CALLBACK, NOW, answer_of, exchange, question, sign_in
from tests.rooms.identity.federation.test_oidc import ISSUER, get_code


def asked(**changes: str | None) -> dict[str, str]:
    """The parameters of a well-behaved request, to post."""
    return {name: values[0] for name, values in parse_qs(urlsplit(question(**changes)).query).items()}


def told(client: Client, **changes: str | None) -> dict[str, str]:
    return answer_of(client.get(question(**changes))["Location"])


def test_a_question_posted_from_another_site_is_asked_again_by_get_before_the_visit_is_read(
    samira: Account, party: RelyingParty
) -> None:
    browser = Client(enforce_csrf_checks=True)
    sign_in(Client(), samira)
    answer = browser.post("/oidc/authorize", asked(), headers={"Origin": "https://ent.example"})
    assert answer.status_code == 303 and answer["Location"].startswith("/oidc/authorize?")
    assert answer_of(answer["Location"]) == asked() and answer["Referrer-Policy"] == "no-referrer"
    assert "Access-Control-Allow-Origin" not in answer


def test_a_question_posted_gets_its_code(client: Client, samira: Account, party: RelyingParty) -> None:
    sign_in(client, samira)
    bounce = client.post("/oidc/authorize", asked())
    assert "code" in answer_of(client.get(bounce["Location"])["Location"])


@pytest.mark.parametrize(
    "changes",
    [
        {"extra": "foobar"},
        {"login_hint": "samira@example.org"},
        {"ui_locales": "se"},
        {"claims_locales": "se"},
        {"display": "page"},
        {"display": "popup"},
        {"nonce": None},
        {"prompt": "consent"},
        {"acr_values": "1 2"},
        {"state": None},
        {"claims": '{"userinfo": {"name": {"essential": true}}, "other": 3}'},
    ],
)
def test_what_we_do_not_need_is_tolerated(
    client: Client, samira: Account, party: RelyingParty, changes: dict[str, str | None]
) -> None:
    sign_in(client, samira)
    assert "code" in told(client, **changes)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"request": "eyJhbGciOiJub25lIn0.e30."}, "request_not_supported"),
        ({"request_uri": "http://127.0.0.1:9/secret"}, "request_uri_not_supported"),
        ({"request_uri": ""}, "request_uri_not_supported"),
        ({"claims": "{"}, "invalid_request"),
        ({"claims": "[]"}, "invalid_request"),
        ({"claims": '{"userinfo": 3}'}, "invalid_request"),
        ({"claims": '{"userinfo": {"name": "yes"}}'}, "invalid_request"),
        ({"max_age": "soon"}, "invalid_request"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_type": None}, "unsupported_response_type"),
    ],
)
def test_a_refusal_names_its_cause_its_state_and_us(
    client: Client, samira: Account, party: RelyingParty, changes: dict[str, str | None], error: str
) -> None:
    sign_in(client, samira)
    heard = told(client, **changes)
    assert (heard["error"], heard["state"], heard["iss"]) == (error, "the-state", ISSUER) and "code" not in heard


def test_the_form_that_sends_itself_carries_the_code_and_only_to_the_party(
    client: Client, samira: Account, party: RelyingParty
) -> None:
    sign_in(client, samira)
    page = client.get(question(response_mode="form_post", state='"><script>alert(1)</script>'))
    text = page.content.decode()
    assert f'action="{CALLBACK}"' in text and 'method="post"' in text and "<script>alert(1)" not in text
    assert set(re.findall(r'<input type="hidden" name="(\w+)"', text)) == {"code", "state", "iss"}
    policy = page["Content-Security-Policy"]
    assert "form-action 'self' " in policy and "https://ent.example" in policy and "'unsafe-inline'" not in policy
    assert "design/sends_itself.js" in text and "no-store" in page["Cache-Control"]
    (code,) = re.findall(r'name="code" value="([^"]+)"', text)
    assert "access_token" in exchange(code).json()


def test_the_form_that_sends_itself_carries_errors_too(client: Client, party: RelyingParty) -> None:
    text = client.get(question(response_mode="form_post", prompt="none")).content.decode()
    assert 'name="error" value="login_required"' in text and 'name="code"' not in text


@pytest.mark.parametrize(("acr", "card"), [("eleve", "eleve"), ("responsable", "responsable"), ("1 eleve", "eleve")])
def test_a_profile_asked_for_is_told_to_the_sign_in_page(
    client: Client, party: RelyingParty, acr: str, card: str
) -> None:
    assert answer_of(client.get(question(acr_values=acr))["Location"])["profil"] == card


def test_the_profile_comes_back_when_it_was_asked_for(client: Client, samira: Account, party: RelyingParty) -> None:
    from joserfc import jws

    sign_in(client, samira)
    for changes, acr in [({"acr_values": "eleve"}, "responsable"), ({}, None)]:
        id_token = exchange(get_code(client, **changes)).json()["id_token"]
        assert json.loads(jws.extract_compact(id_token.encode()).payload).get("acr") == acr


def test_a_profile_that_the_party_cannot_do_without_is_not_replaced_by_another(
    client: Client, samira: Account, party: RelyingParty
) -> None:
    sign_in(client, samira)
    wish = '{"id_token": {"acr": {"essential": true, "values": ["eleve"]}}}'
    assert told(client, claims=wish)["error"] == "unmet_authentication_requirements"
    assert "code" in told(client, claims=wish.replace("eleve", "responsable"))


def test_claims_asked_one_by_one_are_given_when_the_party_may_have_them(
    client: Client, samira: Account, party: RelyingParty
) -> None:
    sign_in(client, samira)
    wish = '{"userinfo": {"given_name": null, "FrEduCtEleveINE": null}, "id_token": {"family_name": null}}'
    tokens = exchange(get_code(client, scope="openid", claims=wish)).json()
    heard = Client().get("/oidc/userinfo", headers={"Authorization": f"Bearer {tokens['access_token']}"}).json()
    assert set(heard) == {"sub", "kind", "given_name"}
    from joserfc import jws

    claims = json.loads(jws.extract_compact(tokens["id_token"].encode()).payload)
    assert claims["family_name"] == "BELKACEM" and "given_name" not in claims
    RelyingParty.objects.update(scopes=["openid"])
    assert "given_name" not in _heard(client, wish)


def _heard(client: Client, wish: str) -> dict[str, object]:
    token = exchange(get_code(client, scope="openid", claims=wish)).json()["access_token"]
    answer: dict[str, object] = Client().get("/oidc/userinfo", headers={"Authorization": f"Bearer {token}"}).json()
    return answer


def test_an_id_token_hint_must_be_ours_and_of_the_person_signed_in(
    client: Client, samira: Account, adama: Account, party: RelyingParty
) -> None:
    sign_in(client, samira)
    hers = exchange(get_code(client)).json()["id_token"]
    assert "code" in told(client, prompt="none", id_token_hint=hers)
    assert told(client, prompt="none", id_token_hint="eyJhbGciOiJub25lIn0.e30.")["error"] == "invalid_request"
    other = Client()
    sign_in(other, adama)
    assert told(other, prompt="none", id_token_hint=hers)["error"] == "login_required"
    assert other.get(question(id_token_hint=hers))["Location"].startswith("/connexion/")


def test_a_party_that_names_a_person_gets_nobody_else_even_after_a_new_sign_in(
    client: Client, samira: Account, adama: Account, party: RelyingParty, monkeypatch: pytest.MonkeyPatch
) -> None:
    hers = attributes.subject(samira, sector=party.sector)
    wish = json.dumps({"id_token": {"sub": {"value": hers}}})
    sign_in(client, adama)
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(minutes=1))
    back = answer_of(client.get(question(claims=wish))["Location"])["suite"]
    sign_in(client, adama)
    assert answer_of(client.get(back)["Location"])["error"] == "login_required"
    sign_in(client, samira)
    assert "code" in answer_of(client.get(back)["Location"])


@pytest.mark.parametrize("changes", [{"prompt": "select_account"}, {"max_age": "0"}])
def test_another_account_may_be_chosen_and_a_proof_of_no_age_is_a_new_one(
    client: Client, samira: Account, party: RelyingParty, changes: dict[str, str]
) -> None:
    sign_in(client, samira)
    assert client.get(question(**changes))["Location"].startswith("/connexion/")


def test_a_party_of_another_school_learns_nothing_and_the_operator_sees_why(
    client: Client, samira: Account, party: RelyingParty
) -> None:
    School.objects.create(uai="0991235E", name="Autre")
    RelyingParty.objects.update(schools=["0991235E"])
    sign_in(client, samira)
    answer = client.get(question())
    assert answer.status_code == 403 and AuthorizationCode.objects.count() == 0
    assert [one.cause for one in troubles.of(party)] == [Cause.NOT_SERVED]
    RelyingParty.objects.update(schools=["0991234D"])
    assert "code" in told(client)


def test_the_journal_says_what_each_visit_let_the_party_learn(
    client: Client, samira: Account, party: RelyingParty
) -> None:
    sign_in(client, samira)
    get_code(client, scope="openid email")
    facts = Event.objects.get(name="federation.visited").facts
    assert facts == {"party": "ent", "learnt": ["email", "email_verified", "kind", "sub"]}


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"redirect_uri": "https://ent.example/faux"}, Cause.WRONG_ADDRESS),
        ({"scope": "profile"}, Cause.WRONG_SCOPE),
        ({"code_challenge": None, "code_challenge_method": None}, Cause.NO_PKCE),
        ({"response_mode": "fragment"}, Cause.WRONG_REQUEST),
        ({"response_type": "token"}, Cause.WRONG_REQUEST),
    ],
)
def test_the_operator_sees_why_a_party_was_refused(
    client: Client, party: RelyingParty, changes: dict[str, str | None], cause: Cause
) -> None:
    client.get(question(**changes))
    assert [one.cause for one in troubles.of(party)] == [cause]


def test_an_unknown_party_is_noted_by_what_it_says(client: Client, db: None) -> None:
    client.get(question(client_id="nobody"))
    (one,) = troubles.Trouble.objects.all()
    assert (one.party, one.said, one.cause) == (None, "nobody", Cause.UNKNOWN_PARTY)


def test_discovery_says_what_is_true(client: Client) -> None:
    found = client.get("/.well-known/openid-configuration").json()
    assert found == client.get("/.well-known/oauth-authorization-server").json()
    assert found["response_types_supported"] == ["code"] and found["response_modes_supported"] == ["query", "form_post"]
    assert found["id_token_signing_alg_values_supported"] == ["RS256", "ES256"]
    assert found["claims_parameter_supported"] and not found["request_uri_parameter_supported"]
    assert "none" not in found["introspection_endpoint_auth_methods_supported"]


@pytest.mark.parametrize(
    "address",
    [
        "https://ent.example/retour/..;/autre2",
        "https://ent.example@@evil.example/retour",
        "https://ent.example/retour%00",
        "https://ent.example/retour%0d%0aLocation:%20https://evil.example",
        "https://ent。example/retour",
        "https://еnt.example/retour",
        "HTTPS://ENT.EXAMPLE/retour",
        "https://ent.example/retour?",
        "https://ent.example./retour",
        "https://ent.example/retour https://evil.example",
        "https://ent.example/retour\x00",
        "https://ent.example/" + "a" * 3000,
        "data:text/html,x",
        "https://ent.example/*",
    ],
)
def test_no_trick_makes_an_address_registered(
    client: Client, samira: Account, party: RelyingParty, address: str
) -> None:
    sign_in(client, samira)
    for mode in ("query", "form_post"):
        answer = client.get(question(redirect_uri=address, response_mode=mode))
        assert answer.status_code == 400 and "Location" not in answer and b"<form" not in answer.content
    assert AuthorizationCode.objects.count() == 0


def test_a_signed_instant_that_was_tampered_with_proves_nothing(
    client: Client, samira: Account, party: RelyingParty
) -> None:
    sign_in(client, samira)
    assert client.get(question(prompt="login", depuis="1:abc"))["Location"].startswith("/connexion/")


def test_a_visit_fixed_before_signing_in_is_not_the_one_that_gets_the_code(
    client: Client, samira: Account, party: RelyingParty
) -> None:
    client.cookies["session"] = "imposed-by-somebody"
    sign_in(client, samira)
    assert client.cookies["session"].value != "imposed-by-somebody"
    attacker = Client()
    attacker.cookies["session"] = "imposed-by-somebody"
    assert attacker.get(question())["Location"].startswith("/connexion/")


def test_an_application_without_a_secret_listens_at_any_port_of_its_own_machine(
    client: Client, samira: Account, party: RelyingParty
) -> None:
    RelyingParty.objects.update(redirect_uris=["http://127.0.0.1/retour"])
    sign_in(client, samira)
    here = "http://127.0.0.1:49152/retour"
    assert client.get(question(redirect_uri=here)).status_code == 400, "a server with a secret knows its port"
    RelyingParty.objects.update(token_endpoint_auth_method="none")
    assert client.get(question(redirect_uri=here))["Location"].startswith(f"{here}?code=")
    for trick in (
        "http://127.0.0.1:1@evil.example/retour",
        "http://127.0.0.1:80/autre",
        "http://localhost:49152/retour",
        "https://127.0.0.1:49152/retour",
        "http://127.0.0.1.evil.example:80/retour",
        "http://127.0.0.1:/retour",
    ):
        assert client.get(question(redirect_uri=trick)).status_code == 400


def test_a_posted_question_too_long_for_an_address_is_refused_here(client: Client, party: RelyingParty) -> None:
    answer = client.post("/oidc/authorize", asked(state="s" * 20_000))
    assert answer.status_code == 400 and "Location" not in answer
