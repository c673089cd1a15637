"""Leaving for FranceConnect and coming back: a real conversation over HTTP with the simulator, then each thing that
can go wrong, one test per row.
"""

import time
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.http import HttpRequest
from django.test import RequestFactory

from preau import clock
from preau.identity.franceconnect import attempts, client, faults
from preau.identity.franceconnect.attempts import Returned
from preau.identity.franceconnect.models import Attempt
from preau.identity.franceconnect.tidying import forget_attempts
from tests.rooms.identity.franceconnect.simulator import FranceConnect

pytestmark = pytest.mark.django_db
ALLOWED = {
    "client_id", "acr_values", "claims", "response_type", "nonce", "state", "redirect_uri", "scope", "prompt",
    "idp_hint", "ui_locales",
}  # fmt: skip


class Browser:
    """A browser: it keeps its cookies."""

    def __init__(self) -> None:
        self.cookies: dict[str, str] = {}

    def request(self, query: dict[str, str] | None = None, *, at: datetime | None = None) -> HttpRequest:
        """A request of this browser, at this instant."""
        request = RequestFactory().get("/connexion/franceconnect/retour/", query or {})
        request.COOKIES.update(self.cookies)
        request.at = at or clock.now()  # type: ignore[attr-defined]
        return request

    def leave(self, *, at: datetime | None = None, **asked: str) -> str:
        """Leave for FranceConnect: the address the browser is sent to."""
        given = {"purpose": "signin", "going_to": "/compte/", **asked}
        response = attempts.start(self.request(at=at), **given)  # type: ignore[arg-type]
        assert response.status_code == 302
        self.cookies.update({name: morsel.value for name, morsel in response.cookies.items()})
        return response["Location"]

    def come_back(self, answer: dict[str, str], *, at: datetime | None = None) -> Returned:
        """Come back with FranceConnect's answer."""
        request = self.request(answer, at=at)
        return attempts.finish(request, at=request.at)  # type: ignore[attr-defined]

    def walk(self, house: FranceConnect, who: str = "reference", **asked: str) -> Returned:
        """Leave, be somebody, come back."""
        return self.come_back(house.choose(self.leave(**asked), who))


@pytest.fixture
def browser() -> Browser:
    """One."""
    return Browser()


def asked(address: str) -> dict[str, str]:
    """The parameters of a departure."""
    return dict(parse_qsl(urlsplit(address).query, keep_blank_values=True))


# The way there -------------------------------------------------------------------------------------------------------
def test_nothing_is_asked_outside_the_list_and_everything_mandatory_is(
    franceconnect: FranceConnect, browser: Browser
) -> None:
    found = asked(browser.leave())
    assert set(found) == {"client_id", "redirect_uri", "response_type", "scope", "acr_values", "state", "nonce"}
    assert set(asked(browser.leave(prompt="login"))) <= ALLOWED, "no PKCE, no max_age, no login_hint"
    assert (found["acr_values"], found["response_type"]) == ("eidas1", "code")
    assert len(found["state"]) >= 43 and len(found["nonce"]) >= 32
    assert found["redirect_uri"] == "http://localhost:8000/connexion/franceconnect/retour/"
    assert "openid" in found["scope"].split() and "identite_pivot" not in found["scope"], "scopes are explicit"


def test_what_is_kept_of_an_attempt_cannot_be_used_by_who_steals_the_table(
    franceconnect: FranceConnect, browser: Browser
) -> None:
    found = asked(browser.leave())
    kept = "\n".join(str(value) for value in Attempt.objects.values().get().values())
    for secret in (found["state"], found["nonce"], browser.cookies[attempts.COOKIE]):
        assert secret not in kept


def test_without_an_issuer_nobody_leaves(settings: Any, browser: Browser) -> None:
    settings.FRANCECONNECT_ISSUER = ""
    assert not client.is_configured()
    with pytest.raises(faults.NotOffered):
        browser.leave()


# The way back --------------------------------------------------------------------------------------------------------
def test_somebody_comes_back_with_their_civil_status(franceconnect: FranceConnect, browser: Browser) -> None:
    returned = browser.walk(franceconnect, "samira", purpose="link", going_to="/compte/acces/", about="visit")
    identity = returned.identity
    assert (identity.birth_name, identity.given_names) == ("BELKACEM", ("Samira", "Leïla"))
    assert (identity.email, identity.birthplace, identity.gender) == (
        *("samira.belkacem@example.org", "99300", "female"),
    )
    assert len(identity.subject) == 66 and identity.subject.endswith("v1")
    assert (returned.purpose, returned.going_to, returned.about) == ("link", "/compte/acces/", "visit")
    assert returned.acr == "eidas1" and returned.auth_time is not None and returned.id_token.count(".") == 2


@pytest.mark.parametrize(
    ("who", "known"),
    [
        ("prenom-espace", {"given_names": ("Marie Lou", "Odile")}),
        ("sans-tableau", {"given_names": ("Gaspard", "Aimé")}),
        ("jour-00", {"birth_on": None, "birth_partial": "1988-11-00", "birthplace": ""}),
        ("annee", {"birth_on": None, "birth_partial": "1971"}),
        ("sans-prenom", {"given_names": ()}),
        ("sans-nom", {"birth_name": ""}),
        ("sans-genre", {"gender": ""}),
        ("sans-courriel", {"email": ""}),
        ("nom-usage", {"used_name": "LORMEAU", "birth_name": "ACHARD"}),
        ("corse-1", {"birthplace": "2A041"}),
        ("algerie", {"birthplace": "", "birthcountry": "99352"}),
        ("lieu-sale", {"birthplace": "Tunis"}),
    ],
)
def test_every_oddity_of_the_register_comes_through(
    franceconnect: FranceConnect, browser: Browser, who: str, known: dict[str, object]
) -> None:
    identity = browser.walk(franceconnect, who).identity
    assert {name: getattr(identity, name) for name in known} == known


def test_two_tabs_of_one_browser_both_come_back(franceconnect: FranceConnect, browser: Browser) -> None:
    first, second = browser.leave(going_to="/compte/un/"), browser.leave(going_to="/compte/deux/")
    assert browser.come_back(franceconnect.choose(second, "samira")).going_to == "/compte/deux/"
    assert browser.come_back(franceconnect.choose(first, "reference")).going_to == "/compte/un/"


def test_an_answer_serves_once(franceconnect: FranceConnect, browser: Browser) -> None:
    answer = franceconnect.choose(browser.leave(), "samira")
    browser.come_back(answer)
    with pytest.raises(faults.AttemptLost):
        browser.come_back(answer)


def test_an_answer_is_refused_in_another_browser_and_still_good_in_its_own(
    franceconnect: FranceConnect, browser: Browser
) -> None:
    answer = franceconnect.choose(browser.leave(), "samira")
    other = Browser()
    other.leave()
    for stranger in (other, Browser()):
        with pytest.raises(faults.AttemptLost):
            stranger.come_back(answer)
    assert browser.come_back(answer).identity.birth_name == "BELKACEM"


@pytest.mark.parametrize("state", ["", "x", "a" * 43])
def test_a_state_that_was_never_given_is_refused(franceconnect: FranceConnect, browser: Browser, state: str) -> None:
    answer = franceconnect.choose(browser.leave(), "samira")
    with pytest.raises(faults.AttemptLost):
        browser.come_back({**answer, "state": state})


def test_an_attempt_lasts_half_an_hour_and_is_then_forgotten(franceconnect: FranceConnect, browser: Browser) -> None:
    now = clock.now()
    answer = franceconnect.choose(browser.leave(at=now - timedelta(minutes=30)), "samira")
    with pytest.raises(faults.AttemptLost):
        browser.come_back(answer, at=now)
    browser.leave(at=now)
    assert forget_attempts(at=now) == 1 and Attempt.objects.count() == 1


def test_a_code_is_refused_after_thirty_seconds_or_when_it_comes_twice(
    franceconnect: FranceConnect, browser: Browser
) -> None:
    used = franceconnect.choose(browser.leave(), "samira")["code"]
    answer = franceconnect.choose(browser.leave(), "samira")
    with pytest.raises(faults.CodeTooOld) as fault:
        browser.come_back({**answer, "code": used[::-1]})
    assert (fault.value.purpose, fault.value.going_to) == ("signin", "/compte/")


# What FranceConnect says ---------------------------------------------------------------------------------------------
def test_turning_back_is_no_error_of_anybody(franceconnect: FranceConnect, browser: Browser) -> None:
    with pytest.raises(faults.Abandoned):
        browser.walk(franceconnect, who="")


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        ("access_denied", faults.Abandoned),
        ("server_error", faults.Unreachable),
        ("temporarily_unavailable", faults.Unreachable),
        ("invalid_request", faults.NotAsTheyAsk),
        ("unsupported_response_type", faults.NotAsTheyAsk),
        ("invalid_scope", faults.NotAsTheyAsk),
        ("invalid_idp_hint", faults.NotAsTheyAsk),
        ("something_new", faults.NotAsTheyAsk),
    ],
)
def test_each_error_of_the_table_has_its_words(
    franceconnect: FranceConnect, browser: Browser, error: str, fault: type[faults.Fault]
) -> None:
    state = asked(browser.leave())["state"]
    with pytest.raises(fault) as caught:
        browser.come_back({"error": error, "state": state, "iss": franceconnect.issuer, "error_description": "…"})
    assert type(caught.value) is fault and caught.value.sentence and caught.value.next_step


def test_neither_a_code_nor_an_error_is_an_answer(franceconnect: FranceConnect, browser: Browser) -> None:
    state = asked(browser.leave())["state"]
    with pytest.raises(faults.NotAsTheyAsk):
        browser.come_back({"state": state, "iss": franceconnect.issuer})


def test_a_wrong_secret_is_our_fault(franceconnect: FranceConnect, browser: Browser, settings: Any) -> None:
    settings.FRANCECONNECT_CLIENT_SECRET = "another"
    with pytest.raises(faults.WrongSecret) as fault:
        browser.walk(franceconnect)
    assert fault.value.is_ours


# What we check -------------------------------------------------------------------------------------------------------
LIES = {
    "token_500": faults.Unreachable,
    "userinfo_401": faults.TokenTooOld,
    "userinfo_clear": faults.WrongSignature,
    "unknown_kid": faults.WrongSignature,
    "same_kid": faults.WrongSignature,
    "alg_none": faults.WrongSignature,
    "alg_hs256": faults.WrongSignature,
    "wrong_nonce": faults.WrongNonce,
    "no_nonce": faults.WrongNonce,
    "wrong_iss": faults.WrongIssuer,
    "wrong_callback_iss": faults.WrongResponder,
    "no_callback_iss": faults.WrongResponder,
    "wrong_aud": faults.WrongAudience,
    "two_aud": faults.WrongAudience,
    "wrong_acr": faults.WeakLevel,
    "no_acr": faults.WeakLevel,
    "expired": faults.TooOld,
    "userinfo_expired": faults.TooOld,
    "userinfo_wrong_aud": faults.WrongAudience,
    "other_sub": faults.OtherPerson,
    "down": faults.Unreachable,
}


@pytest.mark.parametrize(("lie", "fault"), LIES.items())
def test_each_lie_is_refused_for_what_it_is(
    franceconnect: FranceConnect, browser: Browser, lie: str, fault: type[faults.Fault]
) -> None:
    address = browser.leave()
    if lie != "down":
        franceconnect.break_it(lie)
    answer = franceconnect.choose(address, "samira")
    franceconnect.break_it(lie)
    with pytest.raises(fault) as caught:
        browser.come_back(answer)
    assert type(caught.value) is fault
    # The same answer, repaired, no longer serves: an attempt was used.
    franceconnect.break_it()
    with pytest.raises(faults.AttemptLost):
        browser.come_back(answer)


def test_an_old_token_is_judged_by_the_instant_of_the_request(franceconnect: FranceConnect, browser: Browser) -> None:
    now = clock.now()
    answer = franceconnect.choose(browser.leave(at=now), "samira")
    with pytest.raises(faults.TooOld):
        browser.come_back(answer, at=now + timedelta(minutes=3))


def test_keys_that_changed_are_read_once_more(franceconnect: FranceConnect, browser: Browser) -> None:
    browser.walk(franceconnect)
    franceconnect.break_it("rotated")
    assert browser.walk(franceconnect, "samira").identity.birth_name == "BELKACEM"


def test_a_subject_that_changed_is_another_subject_of_the_same_civil_status(
    franceconnect: FranceConnect, browser: Browser
) -> None:
    before = browser.walk(franceconnect, "samira").identity
    franceconnect.break_it("new_sub")
    after = browser.walk(franceconnect, "samira").identity
    assert before.subject != after.subject and replace(before, subject="") == replace(after, subject="")


def test_who_was_asked_to_prove_themselves_again_must_have_done_so(
    franceconnect: FranceConnect, browser: Browser
) -> None:
    assert asked(browser.leave(prompt="login"))["prompt"] == "login"
    browser.walk(franceconnect, "samira", prompt="login")
    franceconnect.break_it("old_auth_time")
    with pytest.raises(faults.NotAnew):
        browser.walk(franceconnect, "samira", prompt="login")
    browser.walk(franceconnect, "samira")  # nobody asked


def test_a_document_that_speaks_for_another_issuer_is_not_believed(
    franceconnect: FranceConnect, browser: Browser, settings: Any
) -> None:
    settings.FRANCECONNECT_ISSUER = franceconnect.issuer.replace("127.0.0.1", "localhost")
    with pytest.raises(faults.WrongDiscovery):
        browser.leave()


# When it does not answer ---------------------------------------------------------------------------------------------
def test_a_slow_answer_is_no_answer_in_less_than_five_seconds(franceconnect: FranceConnect, browser: Browser) -> None:
    answer = franceconnect.choose(browser.leave(), "samira")
    franceconnect.break_it("slow")
    began = time.monotonic()
    with pytest.raises(faults.Unreachable):
        browser.come_back(answer)
    assert time.monotonic() - began < 5


def test_after_three_silences_nobody_is_made_to_wait_and_one_answer_is_enough_to_begin_again(
    franceconnect: FranceConnect, browser: Browser
) -> None:
    franceconnect.break_it("down")
    for _ in range(3):
        with pytest.raises(faults.Unreachable) as fault:
            browser.leave()
        assert type(fault.value) is faults.Unreachable
    franceconnect.break_it()
    with pytest.raises(faults.Resting):
        browser.leave()
    client.breaker.worked()  # as after its minute of rest
    assert browser.walk(franceconnect, "samira").identity.birth_name == "BELKACEM"


def test_a_refusal_is_an_answer_and_opens_no_breaker(franceconnect: FranceConnect, browser: Browser) -> None:
    for _ in range(4):
        with pytest.raises(faults.Abandoned):
            browser.walk(franceconnect, who="")
    assert not client.breaker.is_open()


# Leaving for good ----------------------------------------------------------------------------------------------------
def test_signing_out_goes_through_their_page_and_comes_back(franceconnect: FranceConnect, browser: Browser) -> None:
    token = browser.walk(franceconnect, "samira").id_token
    out = client.way_out(id_token=token, return_url="http://localhost:8000/deconnexion/faite/")
    assert {"id_token_hint", "state", "post_logout_redirect_uri"} == set(asked(out))
    assert "Se déconnecter de FranceConnect" in franceconnect.page(out).text


def test_when_franceconnect_does_not_answer_there_is_no_way_out(franceconnect: FranceConnect) -> None:
    franceconnect.break_it("down")
    assert client.way_out(id_token="x", return_url="http://localhost:8000/deconnexion/faite/") == ""
