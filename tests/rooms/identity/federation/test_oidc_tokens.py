"""What a party's machine may do with codes and tokens, and what nobody may."""
# size: each slot of the token endpoint, and each thing that may be put in it

import base64
import hmac
import json
import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from joserfc import jws, jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey

from preau import clock
from preau.identity.accounts import lifecycle
from preau.identity.accounts.models import Account
from preau.identity.federation import tidying, troubles
from preau.identity.federation.models import AccessToken, AuthorizationCode, RefreshToken, RelyingParty, UsedProof
from preau.identity.federation.oidc.parties import ASSERTION_TYPE
from preau.identity.federation.registration import register
from preau.identity.federation.troubles import Cause
from preau.identity.signin import sessions
from preau.identity.signin.models import Session
from preau.identity.signin.tidying import forget_visits
from tests.rooms.identity.federation.conftest import CALLBACK, NOW, VERIFIER, exchange, question, sign_in
from tests.rooms.identity.federation.test_oidc import ISSUER, answer_of, get_code

SECRET = {"client_id": "ent", "client_secret": "secret-of-the-ent"}
OWN_KEY = ECKey.generate_key("P-256", {"kid": "theirs"}, private=True)


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> Any:
    def move(later: timedelta) -> datetime:
        monkeypatch.setattr(clock, "now", lambda: NOW + later)
        return NOW + later

    return move


def change(**facts: Any) -> None:
    RelyingParty.objects.filter(client_id="ent").update(**facts)


def later(client: Client) -> dict[str, Any]:
    """Tokens for a party that may act later."""
    change(may_refresh=True)
    tokens: dict[str, Any] = exchange(get_code(client, scope="openid profile offline_access")).json()
    return tokens


def refresh(token: str, **changes: str) -> Any:
    return Client().post("/oidc/token", {"grant_type": "refresh_token", "refresh_token": token, **SECRET, **changes})


def told(token: str) -> Any:
    return Client().get("/oidc/userinfo", headers={"Authorization": f"Bearer {token}"})


def body(id_token: str) -> dict[str, Any]:
    claims: dict[str, Any] = json.loads(jws.extract_compact(id_token.encode()).payload)
    return claims


# PKCE


def test_an_exempt_party_needs_no_proof_and_cannot_bring_one_that_was_not_announced(
    client: Client, samira: Account, party: RelyingParty
) -> None:
    change(must_prove_key=False)
    sign_in(client, samira)
    bare: dict[str, str | None] = {"code_challenge": None, "code_challenge_method": None}
    assert "access_token" in exchange(get_code(client, **bare), code_verifier="").json()
    refused = exchange(get_code(client, **bare))
    assert refused.status_code == 400 and "access_token" not in refused.json()
    assert troubles.of(party).first().cause == Cause.WRONG_PROOF  # type: ignore[union-attr]


@pytest.mark.parametrize("verifier", ["", "w" * 64, "v" * 42, "é" * 64])
def test_an_exempt_party_that_announced_a_proof_must_bring_it(
    client: Client, samira: Account, party: RelyingParty, verifier: str
) -> None:
    change(must_prove_key=False)
    sign_in(client, samira)
    assert "access_token" not in exchange(get_code(client), code_verifier=verifier).json()


@pytest.mark.parametrize("method", ["plain", "s256", "S512", ""])
def test_plain_is_never_taken_even_from_an_exempt_party(
    client: Client, samira: Account, party: RelyingParty, method: str
) -> None:
    change(must_prove_key=False)
    sign_in(client, samira)
    answer = client.get(question(code_challenge=VERIFIER, code_challenge_method=method))
    assert answer_of(answer["Location"])["error"] == "invalid_request"


def test_a_public_party_proves_its_key_whatever_the_operator_wrote(
    client: Client, samira: Account, party: RelyingParty
) -> None:
    change(must_prove_key=False, token_endpoint_auth_method="none")
    sign_in(client, samira)
    refused = client.get(question(code_challenge=None, code_challenge_method=None))
    assert answer_of(refused["Location"])["error"] == "invalid_request"
    form = {"grant_type": "authorization_code", "redirect_uri": CALLBACK, "client_id": "ent"}
    without = Client().post("/oidc/token", {**form, "code": get_code(client)})
    assert "access_token" not in without.json()
    good = Client().post("/oidc/token", {**form, "code": get_code(client), "code_verifier": VERIFIER})
    assert "access_token" in good.json()


# Who is asking


def basic(user: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def redeem(client: Client, form: dict[str, str], headers: dict[str, str] | None = None) -> Any:
    code = {"grant_type": "authorization_code", "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    return Client().post("/oidc/token", {**code, "code": get_code(client), **form}, headers=headers)


def test_the_secret_comes_in_the_header_or_in_the_form(client: Client, samira: Account, party: RelyingParty) -> None:
    sign_in(client, samira)
    assert "access_token" in redeem(client, {}, basic("ent", "secret-of-the-ent")).json()
    assert "access_token" in redeem(client, SECRET).json()
    both = redeem(client, SECRET, basic("ent", "secret-of-the-ent"))
    assert both.status_code == 400 and both.json()["error"] == "invalid_request"


def test_superfluous_parameters_of_educonnects_clients_are_ignored(
    client: Client, samira: Account, party: RelyingParty
) -> None:
    sign_in(client, samira)
    assert "access_token" in redeem(client, {**SECRET, "state": "", "nonce": "", "extra": "x"}).json()


@pytest.mark.parametrize(
    ("form", "headers"),
    [
        ({"client_id": "ent"}, {}),
        ({"client_id": "ent", "client_secret": ""}, {}),
        ({}, basic("ent", "")),
        ({}, basic("ent", "wrong")),
        ({}, basic("", "")),
        ({}, {"Authorization": "Basic " + base64.b64encode(b"\xff\xfe:x").decode()}),
        ({}, {"Authorization": "Basic !!!"}),
        ({}, {"Authorization": "Basic " + "A" * 100_000}),
        ({"client_id": "ent\x00", "client_secret": "x"}, {}),
        ({"client_id": "x" * 5000, "client_secret": "x"}, {}),
        ({"client_id": "nobody", "client_secret": "x"}, {}),
        ({"client_id": "ent", "client_assertion_type": ASSERTION_TYPE, "client_assertion": "a.b.c"}, {}),
    ],
)
def test_nobody_passes_for_a_party(
    client: Client, samira: Account, party: RelyingParty, form: dict[str, str], headers: dict[str, str]
) -> None:
    sign_in(client, samira)
    answer = redeem(client, form, headers)
    assert answer.status_code in {400, 401} and "access_token" not in answer.json()
    assert AccessToken.objects.count() == 0


def test_an_empty_secret_digest_opens_nothing(client: Client, samira: Account, party: RelyingParty) -> None:
    assert party.check_client_secret("secret-of-the-ent") and not party.check_client_secret("")
    change(secret_digest="")
    sign_in(client, samira)
    for secret in ("", "x", "$"):
        assert "access_token" not in redeem(client, {"client_id": "ent", "client_secret": secret}).json()


def proof(key: Any = OWN_KEY, header: dict[str, Any] | None = None, **changes: Any) -> dict[str, str]:
    claims = {
        "iss": "ent",
        "sub": "ent",
        "aud": ISSUER,
        "jti": "once",
        "exp": int(NOW.timestamp()) + 60,
        **changes,
    }
    head = header or {"alg": "ES256", "kid": "theirs"}
    return {
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": jwt.encode(head, claims, key, [head["alg"]]),
    }


def with_key() -> None:
    change(
        token_endpoint_auth_method="private_key_jwt",
        jwks={"keys": [OWN_KEY.as_dict(private=False)]},
    )


def test_a_party_proves_itself_by_its_own_key_once_per_proof(
    client: Client, samira: Account, party: RelyingParty
) -> None:
    with_key()
    sign_in(client, samira)
    assert "access_token" in redeem(client, proof()).json()
    again = redeem(client, proof())
    assert again.json()["error"] == "invalid_client" and "before" in again.json()["error_description"]
    assert "access_token" in redeem(client, proof(jti="twice", aud=[f"{ISSUER}/oidc/token"])).json()
    assert "access_token" not in redeem(client, SECRET).json(), "its secret, if it ever had one, is worth nothing"
    assert UsedProof.objects.count() == 2 and tidying.forget_proofs(at=NOW + timedelta(hours=2)) == 2


@pytest.mark.parametrize(
    "made",
    [
        lambda: proof(aud="https://evil.example"),
        lambda: proof(aud=[ISSUER, "https://evil.example"]),
        lambda: proof(iss="other"),
        lambda: proof(sub="other"),
        lambda: proof(sub=3),
        lambda: proof(exp=int(NOW.timestamp()) - 3600),
        lambda: proof(exp=int(NOW.timestamp()) + 86400),
        lambda: proof(exp="soon"),
        lambda: proof(nbf=int(NOW.timestamp()) + 3600),
        lambda: proof(jti=""),
        lambda: proof(jti=None),
        lambda: proof(ECKey.generate_key("P-256", {"kid": "theirs"}, private=True)),
        lambda: proof(RSAKey.generate_key(2048, {"kid": "theirs"}, private=True), {"alg": "RS256", "kid": "theirs"}),
        lambda: {**proof(), "client_id": "other"},
        lambda: {**proof(), "client_assertion_type": "urn:other"},
    ],
)
def test_a_proof_that_is_not_for_us_now_and_from_them_is_refused(
    client: Client, samira: Account, party: RelyingParty, made: Any
) -> None:
    with_key()
    sign_in(client, samira)
    answer = redeem(client, made())
    assert answer.status_code in {400, 401} and answer.json()["error"] == "invalid_client"


def unsigned(claims: dict[str, Any], header: dict[str, Any]) -> str:
    parts = [base64.urlsafe_b64encode(json.dumps(one).encode()).rstrip(b"=").decode() for one in (header, claims)]
    return ".".join([*parts, ""])


def by_public_key(claims: dict[str, Any], public: str) -> str:
    """HS256 with the public key as the secret."""
    head = unsigned(claims, {"alg": "HS256", "typ": "JWT"})[:-1]
    mac = hmac.new(public.encode(), head.encode(), "sha256").digest()
    return f"{head}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def test_no_algorithm_but_ours_is_believed_where_we_read_a_token(
    client: Client, samira: Account, party: RelyingParty
) -> None:
    with_key()
    sign_in(client, samira)
    claims = {"iss": "ent", "sub": "ent", "aud": ISSUER, "jti": "j", "exp": int(NOW.timestamp()) + 60}
    public = OWN_KEY.as_pem(private=False).decode()
    for forged in (
        unsigned(claims, {"alg": "none"}),
        unsigned(claims, {"alg": "nOnE"}),
        by_public_key(claims, public),
        by_public_key(claims, json.dumps(OWN_KEY.as_dict(private=False))),
        jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(b"x" * 32), ["HS256"]),
        "..",
        "a" * 7000,
    ):
        answer = redeem(client, {"client_assertion_type": ASSERTION_TYPE, "client_assertion": forged})
        assert answer.json()["error"] == "invalid_client"


def test_a_critical_header_that_we_do_not_know_is_refused(client: Client, samira: Account, party: RelyingParty) -> None:
    with_key()
    sign_in(client, samira)
    head = base64.urlsafe_b64encode(b'{"alg":"ES256","kid":"theirs","crit":["bork"],"bork":1}').rstrip(b"=").decode()
    claims = {"iss": "ent", "sub": "ent", "aud": ISSUER, "jti": "j", "exp": int(NOW.timestamp()) + 60}
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

    private: Any = OWN_KEY.private_key
    r, s = decode_dss_signature(private.sign(f"{head}.{payload}".encode(), ec.ECDSA(hashes.SHA256())))
    signature = base64.urlsafe_b64encode(r.to_bytes(32) + s.to_bytes(32)).rstrip(b"=").decode()
    form = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": f"{head}.{payload}.{signature}"}
    assert redeem(client, form).json()["error"] == "invalid_client"


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"client_secret": "wrong"}, Cause.WRONG_SECRET),
        ({"code_verifier": "w" * 64}, Cause.WRONG_PROOF),
        ({"code": "unknown"}, Cause.WRONG_CODE),
        ({"grant_type": "password"}, Cause.WRONG_GRANT),
    ],
)
def test_the_operator_sees_why_an_exchange_failed(
    client: Client, samira: Account, party: RelyingParty, changes: dict[str, str], cause: Cause
) -> None:
    sign_in(client, samira)
    exchange(get_code(client), **changes)
    assert [one.cause for one in troubles.of(party)] == [cause]


def test_the_operator_sees_late_and_repeated_codes(
    client: Client, samira: Account, party: RelyingParty, set_clock: Any
) -> None:
    sign_in(client, samira)
    code, late = get_code(client), get_code(client)
    exchange(code)
    exchange(code)
    set_clock(timedelta(minutes=2))
    exchange(late)
    assert [one.cause for one in troubles.of(party)] == [Cause.STALE_CODE, Cause.CODE_TWICE]


def test_a_parameter_given_twice_or_a_body_that_is_no_form_gets_nothing(
    client: Client, samira: Account, party: RelyingParty
) -> None:
    sign_in(client, samira)
    form = f"grant_type=authorization_code&code={get_code(client)}&code=x&client_id=ent&client_secret=secret-of-the-ent"
    twice = Client().post("/oidc/token", form, content_type="application/x-www-form-urlencoded")
    assert twice.status_code == 400 and twice.json()["error"] == "invalid_request"
    in_address = Client().post(f"/oidc/token?grant_type=authorization_code&code={get_code(client)}", SECRET)
    assert in_address.status_code == 400
    as_json = Client().post("/oidc/token", json.dumps(SECRET), content_type="application/json")
    assert as_json.status_code == 400 and "no-store" in as_json["Cache-Control"]


def test_two_sign_ins_of_one_person_in_the_same_second_both_work(
    client: Client, samira: Account, party: RelyingParty
) -> None:
    one, other = Client(), Client()
    sign_in(one, samira)
    sign_in(other, samira)
    both = [exchange(get_code(browser)).json() for browser in (one, other)]
    assert both[0]["access_token"] != both[1]["access_token"] and both[0]["id_token"] != both[1]["id_token"]
    assert all(told(tokens["access_token"]).status_code == 200 for tokens in both)


# Later


def test_a_party_that_may_act_later_gets_a_token_to_renew_with_and_others_do_not(
    client: Client, samira: Account, party: RelyingParty
) -> None:
    sign_in(client, samira)
    scope = "openid offline_access"
    assert "refresh_token" not in exchange(get_code(client, scope=scope)).json()
    change(may_refresh=True)
    assert "refresh_token" not in exchange(get_code(client, scope="openid")).json()
    assert "refresh_token" in exchange(get_code(client, scope=scope)).json()


def test_renewing_gives_the_same_person_the_same_moment_and_a_new_token(
    client: Client, samira: Account, party: RelyingParty, set_clock: Any
) -> None:
    sign_in(client, samira)
    first = later(client)
    set_clock(timedelta(days=3))
    second = refresh(first["refresh_token"]).json()
    assert second["refresh_token"] != first["refresh_token"]
    before, after = body(first["id_token"]), body(second["id_token"])
    assert all(before[name] == after[name] for name in ("iss", "sub", "aud", "auth_time", "sid"))
    assert "nonce" not in after and after["iat"] > before["iat"]
    assert told(second["access_token"]).json()["given_name"] == "Samira"
    assert told(first["access_token"]).status_code == 401, "ten minutes are ten minutes"


def test_a_token_to_renew_with_that_comes_twice_closes_everything(
    client: Client, samira: Account, party: RelyingParty
) -> None:
    sign_in(client, samira)
    first = later(client)
    second = refresh(first["refresh_token"]).json()
    assert refresh(first["refresh_token"]).json()["error"] == "invalid_grant"
    assert refresh(second["refresh_token"]).status_code == 400
    assert told(second["access_token"]).status_code == 401
    assert Cause.REFRESH_TWICE in {one.cause for one in troubles.of(party)}


def test_what_is_not_used_for_a_month_or_is_half_a_year_old_renews_nothing(
    client: Client, samira: Account, party: RelyingParty, set_clock: Any
) -> None:
    sign_in(client, samira)
    token = later(client)["refresh_token"]
    for days in range(20, 181, 20):
        set_clock(timedelta(days=days))
        token = refresh(token).json()["refresh_token"]
    set_clock(timedelta(days=183))
    assert refresh(token).json()["error"] == "invalid_grant"
    set_clock(timedelta())
    sign_in(client, samira)
    token = later(client)["refresh_token"]
    set_clock(timedelta(days=31))
    assert refresh(token).status_code == 400


@pytest.mark.parametrize(
    "what", ["block", "password", "everywhere", "here", "party", "disabled", "audience", "schools"]
)
def test_what_ends_a_person_or_a_party_ends_what_it_could_do_later(
    client: Client, samira: Account, party: RelyingParty, set_clock: Any, what: str
) -> None:
    sign_in(client, samira)
    token = later(client)["refresh_token"]
    at = set_clock(timedelta(minutes=2) if what == "here" else timedelta(days=2))
    if what == "block":
        lifecycle.block([samira], reason="essai", by="test:1", at=at)
    if what == "password":
        lifecycle.choose_password(Account.objects.get(pk=samira.pk), encoded="x", by="test:1", at=at)
    if what == "everywhere":
        sessions.end_all(samira, by="test:1", at=at)
    if what == "here":
        sessions.end_named(Session.objects.get().sid, by="test:1", at=at)
    if what == "party":
        change(may_refresh=False)
    if what == "audience":
        change(audience=["pupil"])
    if what == "schools":
        change(schools=["0990000Z"])
    if what == "disabled":
        change(disabled_at=at)
    assert refresh(token).status_code in {400, 401}


def test_signing_out_of_other_browsers_closes_what_an_old_visit_left_open(
    client: Client, samira: Account, party: RelyingParty, set_clock: Any
) -> None:
    sign_in(client, samira)
    token = later(client)["refresh_token"]
    at = set_clock(timedelta(days=2))
    other = Client()
    sign_in(other, samira)
    here = Session.objects.order_by("-pk")[0]
    sessions.end_others(here, by="test:1", at=at)
    assert refresh(token).status_code == 400 and get_code(other)


def test_tidying_spares_what_a_party_may_still_use(
    client: Client, samira: Account, party: RelyingParty, set_clock: Any
) -> None:
    sign_in(client, samira)
    token = later(client)["refresh_token"]
    at = set_clock(timedelta(days=29))
    token = refresh(token).json()["refresh_token"]
    at = set_clock(timedelta(days=45))
    assert forget_visits(at=at) == 0 and tidying.forget_codes(at=at) == 0
    assert refresh(token).status_code == 200
    at = set_clock(timedelta(days=120))
    assert tidying.forget_codes(at=at) and forget_visits(at=at)
    assert not RefreshToken.objects.exists() and not AuthorizationCode.objects.exists()


def test_renewing_cannot_ask_for_more_and_another_party_cannot_renew(
    client: Client, samira: Account, party: RelyingParty
) -> None:
    _, secret = register(client_id="other", name="Autre", redirect_uris=[CALLBACK], by="t:1", at=NOW)
    RelyingParty.objects.update(may_refresh=True)
    sign_in(client, samira)
    token = later(client)["refresh_token"]
    assert refresh(token, client_id="other", client_secret=secret).json()["error"] == "invalid_grant"
    assert refresh(token, scope="openid children").json()["error"] == "invalid_scope"


def test_each_kind_of_secret_opens_its_own_slot_only(client: Client, samira: Account, party: RelyingParty) -> None:
    sign_in(client, samira)
    tokens, code = later(client), get_code(client)
    for wrong in (tokens["access_token"], tokens["refresh_token"], tokens["id_token"][:1500], "", "x" * 3000):
        assert exchange(wrong).status_code == 400
    for wrong in (tokens["access_token"], code, tokens["id_token"][:1500], "", "x" * 3000):
        assert refresh(wrong).status_code == 400
    for wrong in (tokens["refresh_token"], code, tokens["id_token"], "\u00e9"):
        assert told(wrong).status_code == 401
    assert told(tokens["access_token"]).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_of_eight_renewals_at_once_one_at_most_is_served(client: Client, samira: Account, party: RelyingParty) -> None:
    sign_in(client, samira)
    token = later(client)["refresh_token"]
    answers: list[int] = []

    def come() -> None:
        try:
            answers.append(refresh(token).status_code)
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


# Done with a token; what is it worth


def test_a_party_gives_back_its_token_and_nobody_elses(client: Client, samira: Account, party: RelyingParty) -> None:
    _, secret = register(client_id="other", name="Autre", redirect_uris=[CALLBACK], by="t:1", at=NOW)
    sign_in(client, samira)
    tokens = later(client)
    theirs = {"client_id": "other", "client_secret": secret}
    assert Client().post("/oidc/revoke", {"token": tokens["access_token"], **theirs}).status_code == 200
    assert told(tokens["access_token"]).status_code == 200
    assert Client().post("/oidc/revoke", {"token": tokens["access_token"]}).status_code in {400, 401}
    assert Client().post("/oidc/revoke", {"token": "unknown", **SECRET}).status_code == 200
    assert Client().post("/oidc/revoke", {"token": tokens["access_token"], **SECRET}).status_code == 200
    assert told(tokens["access_token"]).status_code == 401
    second = refresh(tokens["refresh_token"]).json()
    hint = {"token_type_hint": "access_token"}
    assert Client().post("/oidc/revoke", {"token": second["refresh_token"], **hint, **SECRET}).status_code == 200
    assert told(second["access_token"]).status_code == 401 and refresh(second["refresh_token"]).status_code == 400


def test_a_party_asks_what_its_token_is_worth(client: Client, samira: Account, party: RelyingParty) -> None:
    _, secret = register(client_id="other", name="Autre", redirect_uris=[CALLBACK], by="t:1", at=NOW)
    sign_in(client, samira)
    tokens = later(client)
    for name in ("access_token", "refresh_token"):
        found = Client().post("/oidc/introspect", {"token": tokens[name], **SECRET}).json()
        assert found["active"] and found["client_id"] == "ent" and found["sub"] == body(tokens["id_token"])["sub"]
    theirs = {"client_id": "other", "client_secret": secret}
    for wrong in ({**SECRET, "token": "unknown"}, {**theirs, "token": tokens["access_token"]}):
        assert Client().post("/oidc/introspect", wrong).json() == {"active": False}
    assert Client().post("/oidc/introspect", {"token": tokens["access_token"]}).status_code in {400, 401}
    change(token_endpoint_auth_method="none")
    public = Client().post("/oidc/introspect", {"token": tokens["access_token"], "client_id": "ent"})
    assert public.status_code in {400, 401}


# Userinfo


def test_the_token_comes_in_the_header_or_in_a_posted_form_never_both_never_in_the_address(
    client: Client, samira: Account, party: RelyingParty
) -> None:
    sign_in(client, samira)
    token = exchange(get_code(client)).json()["access_token"]
    header = {"Authorization": f"Bearer {token}"}
    machine = Client()
    for answer in (
        machine.get("/oidc/userinfo", headers=header),
        machine.get("/oidc/userinfo", headers={**header, "Content-Type": "application/json"}),
        machine.post("/oidc/userinfo", headers=header),
        machine.post("/oidc/userinfo", {"access_token": token}),
        machine.get("/idp/profile/oidc/userinfo", headers=header),
    ):
        assert answer.status_code == 200 and answer.json()["given_name"] == "Samira"
    assert machine.post("/oidc/userinfo", {"access_token": token}, headers=header).status_code == 400
    assert machine.get("/oidc/userinfo", {"access_token": token}).status_code == 401


def test_a_party_that_asked_so_gets_its_answer_signed(client: Client, samira: Account, party: RelyingParty) -> None:
    change(userinfo_signed_response_alg="ES256")
    sign_in(client, samira)
    answer = told(exchange(get_code(client)).json()["access_token"])
    assert answer["Content-Type"] == "application/jwt"
    published = KeySet.import_key_set(client.get("/oidc/jwks").json())
    claims = jwt.decode(answer.content.decode(), published, algorithms=["ES256"]).claims
    assert (claims["iss"], claims["aud"], claims["given_name"]) == (ISSUER, "ent", "Samira")


def test_pages_of_other_sites_talk_to_us_only_for_applications_without_a_secret(
    client: Client, samira: Account, party: RelyingParty
) -> None:
    machine, theirs = Client(), {"Origin": "https://ent.example"}
    allowed = "Access-Control-Allow-Origin"
    assert allowed not in machine.options("/oidc/token", headers=theirs)
    change(token_endpoint_auth_method="none")
    assert machine.options("/oidc/token", headers=theirs)[allowed] == "https://ent.example"
    assert machine.get("/oidc/userinfo", headers=theirs)[allowed] == "https://ent.example"
    assert allowed not in machine.options("/oidc/token", headers={"Origin": "https://evil.example"})
    assert allowed not in machine.get(question(), headers=theirs)
    assert machine.get("/oidc/jwks", headers=theirs)[allowed] == "*"


def test_the_same_name_for_all_when_the_operator_chose_it(client: Client, samira: Account, party: RelyingParty) -> None:
    sign_in(client, samira)
    own = body(exchange(get_code(client)).json()["id_token"])["sub"]
    subjects = set()
    for sector in ("a.example", "b.example"):
        change(subject_type="public", sector=sector)
        subjects.add(body(exchange(get_code(client)).json()["id_token"])["sub"])
    assert len(subjects) == 1 and own not in subjects
