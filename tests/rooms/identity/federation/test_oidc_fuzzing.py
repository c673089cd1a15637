"""Anything at all at our doors: an answer of ours, never a failure, never a road to a place nobody registered."""

from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from preau.identity.accounts.models import Account
from preau.identity.federation.models import RelyingParty
from tests.rooms.identity.federation.conftest import CALLBACK, VERIFIER, exchange, question, sign_in
from tests.rooms.identity.federation.test_oidc import get_code

BOUNDED = settings(
    max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
GOOD = {
    "response_type": "code",
    "client_id": "ent",
    "redirect_uri": CALLBACK,
    "scope": "openid profile offline_access",
    "code_challenge": VERIFIER,
    "code_challenge_method": "S256",
    "client_secret": "secret-of-the-ent",
    "grant_type": "authorization_code",
    "post_logout_redirect_uri": "https://ent.example/au-revoir",
}
NAMES = [
    *GOOD, "state", "nonce", "prompt", "max_age", "claims", "acr_values", "id_token_hint", "request", "request_uri",
    "response_mode", "depuis", "code", "code_verifier", "refresh_token", "token", "token_type_hint", "access_token",
    "client_assertion", "client_assertion_type", "display", "login_hint", "suite", "logout_hint",
]  # fmt: skip
NASTY = st.sampled_from(
    ["", "\x00", "\r\nSet-Cookie: a=b", "'", '"><script>', "https://evil.example/", "//evil.example", "é" * 40, "none",
     "none login", "form_post", "fragment", "[" * 900, '{"userinfo": {"sub": {"value": 3}}}', "-1", "99999999999",
     '{"id_token": {"acr": {"essential": true, "values": "x"}}}', "a" * 2500, "😀", "%00", "..", "a.b.c",
     "eyJhbGciOiJub25lIn0.e30.", "refresh_token", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer", "\u202e",
     '{"userinfo": {"a\\u0000": {"value": "\\ud800"}}, "id_token": {"\\ud800": null}}', '{"id_token": {"name": null}}',
     '{"userinfo": null, "id_token": {"name": {"values": [[]]}}}', "openid " * 60, "code token", "S256", "plain"]
)  # fmt: skip
TEXT = st.one_of(NASTY, st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
CHANGES = st.dictionaries(st.one_of(st.sampled_from(NAMES), TEXT), TEXT, max_size=6)
DROPPED = st.sets(st.sampled_from(list(GOOD)), max_size=2)


def check(answer: Any) -> None:
    assert answer.status_code < 500
    location = answer.get("Location", "")
    parts = urlsplit(location)
    assert not parts.netloc or location.startswith((CALLBACK + "?", "https://ent.example/au-revoir")), location
    assert not location.startswith("//") and "\n" not in location and "evil" not in parts.netloc
    if answer.get("Content-Type", "").startswith("text/html"):
        assert b"<script>alert" not in answer.content and b'action="https://evil' not in answer.content


@BOUNDED
@given(changes=CHANGES, dropped=DROPPED, is_posted=st.booleans())
def test_anything_asked_at_the_front_door(
    client: Client, samira: Account, party: RelyingParty, changes: dict[str, str], dropped: set[str], is_posted: bool
) -> None:
    if "session" not in client.cookies:
        sign_in(client, samira)
    asked = {name: value for name, value in {**GOOD, **changes}.items() if name not in dropped}
    for door in ("/oidc/authorize", "/idp/profile/oidc/authorize", "/oidc/end-session", "/idp/profile/oidc/logout"):
        answer = client.post(door, asked) if is_posted else client.get(f"{door}?{urlencode(asked)}")
        check(answer)
        if "session" not in client.cookies or not client.cookies["session"].value:
            sign_in(client, samira)


@BOUNDED
@given(changes=CHANGES, dropped=DROPPED, header=st.one_of(st.none(), TEXT))
def test_anything_asked_by_a_machine(
    party: RelyingParty, changes: dict[str, str], dropped: set[str], header: str | None
) -> None:
    form = {name: value for name, value in {**GOOD, **changes}.items() if name not in dropped}
    headers = {} if header is None else {"Authorization": f"Bearer {header}"}
    for door in ("/oidc/token", "/oidc/revoke", "/oidc/introspect", "/oidc/userinfo", "/idp/profile/oidc/token"):
        answer = Client().post(door, form, headers=headers)
        check(answer)
        assert "access_token" not in answer.content.decode() or answer.status_code >= 400


@BOUNDED
@given(raw=st.binary(max_size=300), kind=st.sampled_from(["application/x-www-form-urlencoded", "application/json",
       "multipart/form-data; boundary=x", "text/xml", ""]))  # fmt: skip
def test_any_bytes_sent_by_a_machine(party: RelyingParty, raw: bytes, kind: str) -> None:
    for door in ("/oidc/token", "/oidc/revoke", "/oidc/introspect", "/oidc/userinfo", "/oidc/authorize"):
        check(Client().post(door, raw, content_type=kind))


@pytest.mark.parametrize("scheme", ["Basic", "Bearer", "basic", "Digest", ""])
@BOUNDED
@given(value=st.one_of(TEXT, st.text("AZaz09+/=:", max_size=80)))
def test_any_header_sent_by_a_machine(party: RelyingParty, scheme: str, value: str) -> None:
    for door in ("/oidc/token", "/oidc/userinfo", "/oidc/introspect", "/idp/profile/oidc/logout"):
        method = Client().get if door.endswith(("userinfo", "logout")) else Client().post
        check(method(door, headers={"Authorization": f"{scheme} {value}"}))


@BOUNDED
@given(cut=st.integers(0, 400), added=TEXT)
def test_a_good_secret_that_was_altered_opens_nothing(
    client: Client, samira: Account, party: RelyingParty, cut: int, added: str
) -> None:
    if "session" not in client.cookies:
        sign_in(client, samira)
    code = get_code(client)
    altered = code[: cut % len(code)] + added
    assert altered == code or "access_token" not in exchange(altered).json()
    hint = exchange(code).json()["id_token"]
    broken = hint[: cut % len(hint)] + added
    answer = client.get(question(prompt="none", id_token_hint=broken))
    check(answer)
    assert "code=" not in answer.get("Location", "") or broken in ("", hint)
