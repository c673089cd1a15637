"""A service signs people in: what a well-behaved client gets, and what nobody gets."""

import json
import threading
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from joserfc import jwt
from joserfc.jwk import KeySet

from preau import clock
from preau.identity.accounts import lifecycle
from preau.identity.accounts.models import Account
from preau.identity.federation.models import AccessToken, AuthorizationCode, RelyingParty, SigningKey
from preau.identity.federation.registration import CannotRegister, register
from tests.rooms.identity.federation.conftest import (
    CALLBACK,
    NOW,
    PASSWORD,
    VERIFIER,
    answer_of,
    exchange,
    question,
    sign_in,
)

ISSUER = "http://localhost:8000"


def get_code(client: Client, **changes: str | None) -> str:
    answer = client.get(question(**changes))
    assert answer.status_code == 302, answer.content.decode()
    return answer_of(answer["Location"])["code"]


def test_discovery_names_every_door_and_the_doors_answer(client: Client, party: RelyingParty) -> None:
    found = client.get("/.well-known/openid-configuration").json()
    assert found["issuer"] == ISSUER
    assert found["code_challenge_methods_supported"] == ["S256"]
    for name in ("authorization_endpoint", "jwks_uri"):
        assert client.get(found[name].removeprefix(ISSUER)).status_code in {200, 400}


def test_published_keys_are_public_halves_and_the_private_one_is_sealed(client: Client) -> None:
    found = client.get("/oidc/jwks").json()["keys"]
    assert {key["kty"] for key in found} == {"EC", "RSA"}
    assert not any(key.keys() & {"d", "p", "q", "dp", "dq", "qi"} for key in found)
    rows = SigningKey.objects.all()
    assert {row.algorithm for row in rows} == {"ES256", "RS256"}
    assert not any(b'"d"' in bytes(row.sealed) for row in rows)


def test_a_guardian_reaches_a_service_that_learns_her_name_and_her_children(
    client: Client, samira: Account, party: RelyingParty
) -> None:
    sign_in(client, samira)
    answer = client.get(question())
    assert answer["Location"].startswith(CALLBACK + "?")
    returned = answer_of(answer["Location"])
    assert returned["state"] == "the-state" and returned["iss"] == ISSUER
    tokens = exchange(returned["code"]).json()
    assert tokens["token_type"] == "Bearer" and tokens["expires_in"] == 600 and "refresh_token" not in tokens
    keys_read = KeySet.import_key_set(client.get("/oidc/jwks").json())
    claims = jwt.decode(tokens["id_token"], keys_read, algorithms=["ES256"]).claims
    assert (claims["iss"], claims["aud"], claims["nonce"]) == (ISSUER, "ent", "the-nonce")
    assert claims["amr"] == ["pwd"] and claims["auth_time"] == int(NOW.timestamp()) and claims["at_hash"]
    assert set(claims) == {"iss", "aud", "iat", "exp", "jti", "sid", "nonce", "auth_time", "amr", "at_hash", "sub"}
    told = Client().get("/oidc/userinfo", headers={"Authorization": f"Bearer {tokens['access_token']}"}).json()
    assert told["sub"] == claims["sub"]
    assert (told["kind"], told["given_name"], told["family_name"]) == ("guardian", "Samira", "BELKACEM")
    assert [(child["given_name"], child["division"]) for child in told["children"]] == [
        ("Inès", "5E B"),
        ("Hugo", "6E A"),
    ]
    assert told["children"][0]["school"] == {"uai": "0991234D", "name": "Collège Élise-Deroche"}
    assert told["email_verified"] is True and told["email"] == f"{samira.username}@example.org"


def test_without_a_visit_people_sign_in_first_and_come_back_to_the_service(
    client: Client, samira: Account, party: RelyingParty
) -> None:
    answer = client.get(question())
    assert answer["Location"].startswith("/connexion/?suite=%2Foidc%2Fauthorize")
    door = "/connexion/responsable/?" + answer["Location"].partition("?")[2]
    answer = client.post(door, {"username": samira.username, "password": "Soleil-sur-le-preau-7"}, follow=False)
    assert answer["Location"] == "/connexion/suite/"
    page = client.get("/connexion/suite/")
    assert "/oidc/authorize?" in page.headers.get("Refresh", "") or "/oidc/authorize?" in page.headers.get(
        "Location", ""
    )


@pytest.mark.parametrize(
    "sent",
    ["&ui=a\\b", "&ui=%C3%A9t%C3%A9+d%27ici", "&ui=\u00c3\u00a9", "&depuis", "&%64epuis=1", "&depuis=%2E"],
)
def test_odd_signs_in_a_request_come_back_with_the_person(
    client: Client, samira: Account, party: RelyingParty, sent: str
) -> None:
    path, _, query = question().partition("?")
    typed = {"username": samira.username, "password": PASSWORD}
    answer = client.get(path, QUERY_STRING=query + sent)
    suite = parse_qs(urlsplit(answer["Location"]).query)["suite"][0]
    assert len([one for one in parse_qs(urlsplit(suite).query) if one == "depuis"]) == 1
    client.post(f"/connexion/responsable/?{urlsplit(answer['Location']).query}", typed)
    page = client.get("/connexion/suite/")
    going_to = page["Refresh"].partition("url=")[2]
    assert parse_qs(urlsplit(going_to).query).get("ui") == parse_qs(sent.encode("latin-1").decode()).get("ui")
    assert "code=" in client.get(going_to)["Location"]


def test_two_services_cannot_compare_what_they_call_the_same_person(
    client: Client, samira: Account, party: RelyingParty
) -> None:
    other, _ = register(client_id="other", name="Autre", redirect_uris=["https://other.example/r"], by="t:1", at=NOW)
    sign_in(client, samira)
    subjects = set()
    for sector in (party.sector, other.sector):
        RelyingParty.objects.filter(pk=party.pk).update(sector=sector)
        token = exchange(get_code(client)).json()["access_token"]
        told = Client().get("/oidc/userinfo", headers={"Authorization": f"Bearer {token}"}).json()
        subjects |= {told["sub"], told["children"][0]["sub"]}
    assert len(subjects) == 4


def test_a_child_has_the_same_name_in_a_guardians_list_and_when_signing_in(
    client: Client, samira: Account, party: RelyingParty
) -> None:
    sign_in(client, samira)
    token = exchange(get_code(client)).json()["access_token"]
    child = Client().get("/oidc/userinfo", headers={"Authorization": f"Bearer {token}"}).json()["children"][0]
    from preau.identity.federation import attributes

    (link, *_) = samira.guardianships(clock.today(NOW))
    (account,) = lifecycle.open_for_pupils([link.enrolment.pupil], by="test:1", at=NOW)
    assert attributes.subject(account, sector=party.sector) == child["sub"]


def test_a_service_learns_only_what_its_scopes_say(client: Client, samira: Account, party: RelyingParty) -> None:
    sign_in(client, samira)
    token = exchange(get_code(client, scope="openid children")).json()["access_token"]
    told = Client().get("/oidc/userinfo", headers={"Authorization": f"Bearer {token}"}).json()
    assert set(told) == {"sub", "kind", "children"}
    RelyingParty.objects.update(scopes=["openid", "profile"])
    token = exchange(get_code(client)).json()["access_token"]
    told = Client().get("/oidc/userinfo", headers={"Authorization": f"Bearer {token}"}).json()
    assert set(told) == {"sub", "kind", "given_name", "family_name", "name"}


def test_an_unconfirmed_address_is_not_let_out(client: Client, samira: Account, party: RelyingParty) -> None:
    sign_in(client, samira)
    Account.objects.filter(pk=samira.pk).update(email_confirmed_at=None)
    code = AuthorizationCode.objects  # the visit must not be stopped by the obligation: ask before it appears
    assert code.count() == 0
    page = client.get(question())
    assert page.status_code == 302 and page["Location"].startswith("/connexion/a-faire/")


def test_a_pupil_is_told_from_a_guardian_and_has_a_division(
    client: Client, adama: Account, party: RelyingParty
) -> None:
    sign_in(client, adama)
    token = exchange(get_code(client)).json()["access_token"]
    told = Client().get("/oidc/userinfo", headers={"Authorization": f"Bearer {token}"}).json()
    assert told["kind"] == "pupil" and told["division"] == "5E B" and told["school"]["uai"] == "0991234D"
    assert "children" not in told


def test_a_service_for_pupils_refuses_guardians_in_plain_words(
    client: Client, samira: Account, party: RelyingParty
) -> None:
    RelyingParty.objects.update(audience=["pupil"])
    sign_in(client, samira)
    answer = client.get(question())
    assert answer.status_code == 403 and "Rien ne lui a été transmis" in answer.content.decode()
    assert AuthorizationCode.objects.count() == 0


@pytest.mark.parametrize(
    "address",
    [
        "https://ent.example/retour/",
        "https://ent.example/retour?x=1",
        "https://ent.example/Retour",
        "https://ent.example/retour#f",
        "https://ent.example/retour/../autre2",
        "https://ent.example/retour/..;/",
        "https://ent.example:443/retour",
        "https://ent.example.evil.example/retour",
        "https://ent.example@evil.example/retour",
        "https://evil.example/?https://ent.example/retour",
        "https://evil.example\\@ent.example/retour",
        "http://ent.example/retour",
        "//ent.example/retour",
        "javascript:alert(1)",
        "https://ent.example/%72etour",
        " https://ent.example/retour",
        "",
    ],
)
def test_an_address_that_is_not_registered_letter_for_letter_receives_nothing(
    client: Client, samira: Account, party: RelyingParty, address: str
) -> None:
    sign_in(client, samira)
    answer = client.get(question(redirect_uri=address))
    assert answer.status_code == 400 and "Location" not in answer
    assert AuthorizationCode.objects.count() == 0


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"scope": "profile"}, "invalid_request"),
        ({"scope": None}, "invalid_request"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"nonce": "n" * 3000}, "invalid_request"),
    ],
)
def test_a_wrong_request_is_told_to_the_service_at_its_own_address(
    client: Client, samira: Account, party: RelyingParty, changes: dict[str, str | None], error: str
) -> None:
    sign_in(client, samira)
    answer = client.get(question(**changes))
    assert answer.status_code == 302 and answer["Location"].startswith(CALLBACK + "?")
    told = answer_of(answer["Location"])
    assert told["error"] == error and told["state"] == "the-state" and told["iss"] == ISSUER and "code" not in told


@pytest.mark.parametrize("changes", [{"client_id": "nobody"}, {"client_id": None}, {"response_type": "token"}])
def test_a_stranger_gets_a_page_of_ours(client: Client, party: RelyingParty, changes: dict[str, str | None]) -> None:
    answer = client.get(question(**changes))
    assert answer.status_code == 400 or answer_of(answer["Location"])["error"] == "unsupported_response_type"


@pytest.mark.parametrize("name", ["redirect_uri", "client_id", "state", "nonce", "scope", "code_challenge", "autre"])
def test_a_parameter_given_twice_is_refused(client: Client, samira: Account, party: RelyingParty, name: str) -> None:
    sign_in(client, samira)
    answer = client.get(f"{question(autre='1')}&{name}=https%3A%2F%2Fevil.example%2F")
    assert answer.status_code == 400 and AuthorizationCode.objects.count() == 0


def test_prompt_none_without_a_visit_says_login_required(client: Client, party: RelyingParty) -> None:
    assert answer_of(client.get(question(prompt="none"))["Location"])["error"] == "login_required"


def test_prompt_login_asks_for_the_password_again_and_only_once(
    client: Client, samira: Account, party: RelyingParty, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(client, samira)
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(minutes=2))
    back = client.get(question(prompt="login"))
    assert back["Location"].startswith("/connexion/?suite=")
    come_back = answer_of(back["Location"])["suite"]
    assert client.get(come_back)["Location"].startswith("/connexion/?suite="), "nobody proved anything yet"
    sign_in(client, samira)
    assert "code" in answer_of(client.get(come_back)["Location"])


def test_max_age_asks_again_when_the_proof_is_too_old(
    client: Client, samira: Account, party: RelyingParty, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(client, samira)
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(minutes=5))
    assert "code" in answer_of(client.get(question(max_age="600"))["Location"])
    assert client.get(question(max_age="60"))["Location"].startswith("/connexion/")


def test_a_code_opens_once_and_its_second_use_kills_what_the_first_gave(
    client: Client, samira: Account, party: RelyingParty
) -> None:
    sign_in(client, samira)
    code = get_code(client)
    token = exchange(code).json()["access_token"]
    again = exchange(code)
    assert again.status_code == 400 and again.json()["error"] == "invalid_grant"
    bearer = {"Authorization": f"Bearer {token}"}
    assert Client().get("/oidc/userinfo", headers=bearer).status_code == 401


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": "w" * 64},
        {"code_verifier": ""},
        {"redirect_uri": "https://ent.example/autre"},
        {"client_secret": "wrong"},
        {"client_secret": ""},
        {"client_id": "other"},
        {"grant_type": "password"},
        {"code": "x" * 48},
    ],
)
def test_a_wrong_exchange_gives_nothing(
    client: Client, samira: Account, party: RelyingParty, changes: dict[str, str]
) -> None:
    register(client_id="other", name="Autre", redirect_uris=[CALLBACK], by="t:1", at=NOW)
    sign_in(client, samira)
    answer = exchange(get_code(client), **changes)
    assert answer.status_code in {400, 401} and "access_token" not in answer.json()
    assert AccessToken.objects.count() == 0


# What a sign-on with a visit open costs, to the token: figures that only go down (docs/decisions/0024). SQLite, which
# cannot write two tables in one statement, needs two more; transactions, which it needs for that, are not counted.
STATEMENTS = {"postgresql": 5, "sqlite": 7}


def test_a_code_and_its_token_cost_no_statement_more(client: Client, samira: Account, party: RelyingParty) -> None:
    sign_in(client, samira)
    exchange(get_code(client))
    with CaptureQueriesContext(connection) as queries:
        assert "access_token" in exchange(get_code(client)).json()
    counted = [one["sql"] for one in queries.captured_queries if "SAVEPOINT" not in one["sql"]]
    assert len(counted) <= STATEMENTS[connection.vendor], "\n".join(counted)


@pytest.mark.parametrize("changes", [{"code_verifier": "w" * 64}, {"redirect_uri": "https://ent.example/autre"}])
def test_a_code_that_came_with_a_wrong_proof_gives_nothing_more(
    client: Client, samira: Account, party: RelyingParty, changes: dict[str, str]
) -> None:
    sign_in(client, samira)
    code = get_code(client)
    exchange(code, **changes)
    assert exchange(code).json()["error"] == "invalid_grant"
    assert AccessToken.objects.count() == 0


def test_a_code_that_somebody_spends_while_it_is_judged_gives_nothing_and_closes_what_they_got(
    client: Client, samira: Account, party: RelyingParty
) -> None:
    sign_in(client, samira)
    code, answers = get_code(client), []

    def meanwhile(execute: Any, sql: str, *rest: Any) -> Any:
        """Another exchange of the same code, from its reading to its token, just before ours spends it."""
        if 'UPDATE "federation_authorizationcode"' in sql and not answers:
            answers.append(None)
            answers[0] = exchange(code)
        return execute(sql, *rest)

    with connection.execute_wrapper(meanwhile):
        ours = exchange(code)
    assert ours.json()["error"] == "invalid_grant"
    theirs = answers[0].json()["access_token"]
    assert Client().get("/oidc/userinfo", headers={"Authorization": f"Bearer {theirs}"}).status_code == 401
    assert AccessToken.objects.count() == 1


def test_a_code_stolen_by_another_service_is_worth_nothing(
    client: Client, samira: Account, party: RelyingParty
) -> None:
    _, secret = register(client_id="other", name="Autre", redirect_uris=[CALLBACK], by="t:1", at=NOW)
    sign_in(client, samira)
    answer = exchange(get_code(client), client_id="other", client_secret=secret)
    assert answer.json()["error"] == "invalid_grant"


def test_a_code_lives_a_minute(
    client: Client, samira: Account, party: RelyingParty, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(client, samira)
    code = get_code(client)
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(seconds=61))
    assert exchange(code).json()["error"] == "invalid_grant"


def test_a_blocked_account_closes_what_a_service_had_opened(
    client: Client, samira: Account, party: RelyingParty
) -> None:
    sign_in(client, samira)
    code, other = get_code(client), get_code(client)
    token = exchange(code).json()["access_token"]
    lifecycle.block([samira], reason="essai", by="test:1", at=NOW)
    assert Client().get("/oidc/userinfo", headers={"Authorization": f"Bearer {token}"}).status_code == 401
    assert exchange(other).status_code == 400
    assert client.get(question())["Location"].startswith("/connexion/")


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer x", "Basic eDp5", "Bearer " + "x" * 5000])
def test_userinfo_answers_nobody_without_a_token(db: None, client: Client, header: str) -> None:
    answer = client.get("/oidc/userinfo", headers={"Authorization": header})
    assert answer.status_code == 401 and "Bearer" in answer["WWW-Authenticate"]


def test_a_code_is_not_a_token_and_a_token_is_not_a_code(client: Client, samira: Account, party: RelyingParty) -> None:
    sign_in(client, samira)
    code = get_code(client)
    assert Client().get("/oidc/userinfo", headers={"Authorization": f"Bearer {code}"}).status_code == 401
    token = exchange(code).json()["access_token"]
    assert exchange(token).status_code == 400


def test_neither_codes_nor_tokens_nor_secrets_are_readable_in_the_database(
    client: Client, samira: Account, party: RelyingParty
) -> None:
    sign_in(client, samira)
    code = get_code(client)
    token = exchange(code).json()["access_token"]
    dump = json.dumps(
        [list(model.objects.values()) for model in (AuthorizationCode, AccessToken, RelyingParty)], default=str
    )
    assert not [secret for secret in (code, token, "secret-of-the-ent", VERIFIER) if secret in dump]


@pytest.mark.parametrize("address", ["http://ent.example/r", "https://ent.example/r#x", "https://a@b/r", "ent", ""])
def test_a_party_is_not_registered_with_an_unsafe_address(db: None, address: str) -> None:
    with pytest.raises(CannotRegister):
        register(client_id="x", name="X", redirect_uris=[address], by="test:1", at=NOW)


@pytest.mark.django_db(transaction=True)
def test_of_eight_exchanges_at_once_one_at_most_gets_a_token(
    client: Client, samira: Account, party: RelyingParty
) -> None:
    sign_in(client, samira)
    code = get_code(client)
    answers: list[int] = []

    def come() -> None:
        try:
            answers.append(exchange(code).status_code)
        except OperationalError:  # SQLite in memory does not wait for its neighbour: that try got nothing
            answers.append(503)
        finally:
            connection.close()

    threads = [threading.Thread(target=come) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers.count(200) <= 1 and len(answers) == 8
    if connection.vendor == "postgresql":
        assert sorted(answers) == [200] + [400] * 7
