"""The staff portal's client: a real conversation over HTTP, then the same with each lie one can tell."""

import time
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from preau.identity.audit.models import Event
from preau.identity.directory.models import School
from preau.identity.staff import portal as client
from preau.identity.staff.models import Grant, StaffMember, StaffSession
from tests.rooms.identity.staff.portal_apart import Portal

HEAD = {"FrEduFonctAdm": "DIR", "FrEduRneResp": ["0991234D$UAJ$PU$N$T3$CLG$340"], "email": "claire.vasseur@example.org"}


def leave(browser: Client, suite: str = "/gestion/") -> dict[str, str]:
    """Click « Continuer avec le portail »: what the portal is asked."""
    response = browser.get("/agents/portail/", {"suite": suite})
    assert response.status_code == 302, response.content.decode()
    return {name: values[0] for name, values in parse_qs(urlsplit(response["Location"]).query).items()}


def walk(browser: Client, portal: Portal, **changed: str | None) -> tuple[int, str]:
    """Leave, be let in by the portal, come back. Returns the status and where the browser is led."""
    asked = leave(browser)
    answer = {"code": portal.grant(asked), "state": asked["state"], "iss": portal.issuer, **changed}
    response = browser.get("/agents/retour/", {name: value for name, value in answer.items() if value is not None})
    return response.status_code, response.get("Location", response.content.decode())


def test_a_head_comes_in_by_the_portal(portal: Portal, school: School) -> None:
    portal.person |= HEAD
    browser = Client()
    assert walk(browser, portal) == (302, "/gestion/")
    member = StaffMember.objects.get()
    assert (member.issuer, member.subject, member.name) == (portal.issuer, "cvasseur", "Claire Vasseur")
    assert [(grant.role, grant.school_id, grant.source) for grant in Grant.objects.all()] == [
        ("head", "0991234D", "portal")
    ]
    visit = StaffSession.objects.get()
    assert visit.portal_factor == "otp" and visit.grant == Grant.objects.get()
    assert browser.get("/gestion/").status_code == 200
    told = Event.objects.filter(on=member.key).order_by("id").values_list("name", flat=True)
    assert list(told) == ["staff.access_confirmed", "staff.entered"]


def test_what_is_asked_of_the_portal_is_a_code_with_proof_state_and_nonce(portal: Portal, school: School) -> None:
    asked = leave(Client())
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert min(len(asked[name]) for name in ("state", "nonce", "code_challenge")) >= 32
    assert asked["redirect_uri"] == "http://localhost:8000/agents/retour/"
    assert "openid" in asked["scope"] and "amr" in asked["claims"] and "auth_time" in asked["claims"]


FORGERIES = {
    "alg none": client.WrongSignature,
    "hmac with the public key": client.WrongSignature,
    "another key": client.WrongSignature,
    "altered": client.WrongSignature,
    "other person": client.OtherPerson,
}


@pytest.mark.parametrize("fault", FORGERIES)
def test_a_forged_answer_is_refused_by_name(portal: Portal, school: School, fault: str) -> None:
    portal.person |= HEAD
    portal.faults.add(fault)
    refused(portal, FORGERIES[fault])


LIES = {
    "another issuer": ({"iss": "https://elsewhere.example"}, client.WrongIssuer),
    "for another client": ({"aud": "pronote"}, client.WrongAudience),
    "for us and another, without saying who asked": ({"aud": ["preau-desk", "pronote"]}, client.WrongAudience),
    "asked by another": ({"aud": ["preau-desk", "pronote"], "azp": "pronote"}, client.WrongAudience),
    "expired": ({"exp": 1_000_000}, client.TokenExpired),
    "from tomorrow": ({"iat": int(time.time()) + 86_400}, client.TokenExpired),
    "not yet valid": ({"nbf": int(time.time()) + 86_400}, client.TokenExpired),
    "dates in words": ({"exp": "demain"}, client.TokenExpired),
    "another nonce": ({"nonce": "x" * 43}, client.WrongNonce),
    "nobody": ({"sub": ""}, client.NobodyThere),
    "a number for a name": ({"sub": 12}, client.NobodyThere),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_token_that_lies_is_refused_by_name(portal: Portal, school: School, lie: str) -> None:
    portal.person |= HEAD
    portal.token_claims, expected = LIES[lie]
    refused(portal, expected)


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        ("iss", client.WrongIssuer), ("aud", client.WrongAudience), ("exp", client.TokenExpired),
        ("iat", client.TokenExpired), ("nonce", client.WrongNonce), ("sub", client.NobodyThere),
    ],
)  # fmt: skip
def test_a_token_that_says_too_little_is_refused(
    portal: Portal, school: School, claim: str, expected: type[client.PortalError]
) -> None:
    portal.person |= HEAD
    portal.without = {claim}
    refused(portal, expected)


def refused(portal: Portal, expected: type[client.PortalError], **changed: str | None) -> None:
    """Nobody comes in, the journal says why, the page says what to do."""
    browser = Client()
    status, page = walk(browser, portal, **changed)
    assert status == 403 and expected.sentence in page and "Recommencer" in page
    assert Event.objects.get(name="staff.refused").facts == {"cause": expected.__name__}
    assert not StaffMember.objects.exists() and not StaffSession.objects.exists() and "staff" not in browser.cookies


def test_another_state_is_refused(portal: Portal, school: School) -> None:
    refused(portal, client.AttemptLost, state="y" * 43)


def test_an_answer_that_does_not_say_who_speaks_is_refused_when_the_portal_promised_to(
    portal: Portal, school: School
) -> None:
    refused(portal, client.WrongResponder, iss=None)


def test_an_answer_from_another_portal_is_refused(portal: Portal, school: School) -> None:
    refused(portal, client.WrongResponder, iss="https://elsewhere.example")


def test_a_person_who_gave_up_is_told_so(portal: Portal, school: School) -> None:
    refused(portal, client.PortalSaidNo, error="access_denied", code=None)


def test_an_unknown_code_is_refused(portal: Portal, school: School) -> None:
    refused(portal, client.CodeRefused, code="guessed")


def test_a_code_serves_once_and_in_its_own_browser(portal: Portal, school: School) -> None:
    portal.person |= HEAD
    victim, thief = Client(), Client()
    asked = leave(victim)
    answer = {"code": portal.grant(asked), "state": asked["state"], "iss": portal.issuer}
    assert thief.get("/agents/retour/", answer).status_code == 403  # no attempt in this browser
    leave(thief)
    assert thief.get("/agents/retour/", answer).status_code == 403  # another attempt: another state
    assert victim.get("/agents/retour/", answer).status_code == 302
    assert victim.get("/agents/retour/", answer).status_code == 403  # again: the attempt is over
    assert StaffSession.objects.count() == 1


def test_a_portal_that_is_down_is_said_to_be_so(portal: Portal, school: School) -> None:
    portal.faults.add("down")
    page = Client().get("/agents/portail/")
    assert page.status_code == 403 and client.PortalUnreachable.sentence in page.content.decode()


@pytest.mark.parametrize(
    "discovery",
    [
        {"issuer": "https://elsewhere.example"}, {"token_endpoint": None}, {"jwks_uri": "file:///etc/passwd"},
        {"token_endpoint": 12},
    ],
    ids=str,
)  # fmt: skip
def test_a_discovery_that_does_not_hold_is_refused(portal: Portal, school: School, discovery: dict[str, str]) -> None:
    portal.discovery = discovery
    assert Client().get("/agents/portail/").status_code == 403
    assert Event.objects.get().facts == {"cause": "WrongDiscovery"}


def test_keys_that_rotate_are_read_again(portal: Portal, school: School) -> None:
    portal.person |= HEAD
    assert walk(Client(), portal)[0] == 302
    portal.key, portal.kid = portal.other_key, "two"
    assert walk(Client(), portal)[0] == 302


def test_signing_out_leaves_the_portal_too(portal: Portal, school: School) -> None:
    portal.person |= HEAD
    browser = Client()
    walk(browser, portal)
    token = StaffSession.objects.get().id_token
    response = browser.post("/agents/deconnexion/")
    way_out = urlsplit(response["Refresh"].partition("url=")[2])
    assert way_out.geturl().startswith(f"{portal.issuer}/end?")
    query = parse_qs(way_out.query)
    assert query["id_token_hint"] == [token] and query["post_logout_redirect_uri"] == [
        "http://localhost:8000/agents/au-revoir/"
    ]
    assert StaffSession.objects.get().ended_at is not None
    assert browser.get("/gestion/")["Location"].startswith("/agents/entree/")


def test_one_never_leaves_for_another_site(portal: Portal, school: School) -> None:
    portal.person |= HEAD
    for trick in ("https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"):
        browser = Client()
        asked = leave(browser, suite=trick)
        answer = {"code": portal.grant(asked), "state": asked["state"], "iss": portal.issuer}
        assert browser.get("/agents/retour/", answer)["Location"] == "/gestion/"
