"""Our pages against the library FranceConnect runs on, configured as FranceConnect: a judge that does not know us."""

import re
import time
from collections.abc import Iterator
from datetime import date
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from django.test import Client

from preau import clock
from preau.identity.accounts import lifecycle
from preau.identity.franceconnect import client, sealing
from preau.identity.franceconnect.identity import Identity
from preau.identity.signin.models import Session
from preau.journeys.models import Draft
from tests.interop.franceconnect.conftest import known
from tests.interop.franceconnect.house import OUT, House, running
from tests.rooms.identity.signin import people

pytestmark = pytest.mark.django_db
START, BACK = "/connexion/franceconnect/", "/connexion/franceconnect/retour/"


@pytest.fixture(scope="module")
def with_rsa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The same, that signs with RS256."""
    with running(tmp_path_factory.mktemp("rs256"), algorithm="RS256") as found:
        yield found


def walk(house: House, login: str, browser: Client | None = None, **query: str) -> Any:
    """Click on the button, come in as `login`, come back."""
    browser = browser or Client()
    left = browser.get(START, query)
    assert left.status_code == 302, people.words(left)
    return browser.get(BACK, house.come_in(left["Location"], login))


def brought(house: House, login: str) -> Identity:
    """The identity that activation receives."""
    answer = walk(house, login)
    assert answer.status_code == 302 and answer["Location"].startswith("/activation/franceconnect/")
    return sealing.unseal(Draft.objects.latest("pk").facts["identity"])


def link(house: House, family: people.Family) -> None:
    """Samira's account is active, and FranceConnect opens it."""
    people.active(family.account, at=clock.now())
    identity = brought(house, "samira")
    lifecycle.link_franceconnect(family.account, subject=identity.subject, by=family.account.key, at=clock.now())


# Everything goes well ------------------------------------------------------------------------------------------------
def test_an_unknown_guardian_arrives_with_their_civil_status(house: House) -> None:
    identity = brought(house, "married")
    assert (identity.given_names, identity.birth_name, identity.used_name) == (
        *(("Marie Lou", "Odile"), "TISSERAND", "LORMEAU"),
    )
    assert (identity.birth_on, identity.birthplace, identity.email) == (
        *(date(1979, 2, 3), "2B033", "famille@example.org"),
    )
    assert re.fullmatch("[0-9a-f]{64}v1", identity.subject)


def test_what_the_register_does_not_know_is_absent(house: House) -> None:
    identity = brought(house, "abroad")
    assert (identity.birth_on, identity.birth_partial, identity.birthplace) == (None, "1977-00-03", "")
    assert (identity.given_names, identity.email) == (("Ousmane",), "")


def test_rs256_is_read_as_well_as_es256(with_rsa: House, settings: Any) -> None:
    for house in known(with_rsa, settings):
        assert brought(house, "samira").birth_name == "BELKACEM"


def test_a_known_guardian_signs_in_and_out_of_both(house: House, family: people.Family) -> None:
    link(house, family)
    browser = Client()
    assert walk(house, "samira", browser)["Location"] == "/connexion/suite/"
    assert Session.objects.get().amr == "fc" and browser.get("/compte/").status_code == 200
    out = browser.post("/deconnexion/")["Refresh"].partition("url=")[2]
    theirs = requests.Session()
    page = theirs.get(out, timeout=5)
    form = dict(re.findall(r'name="(xsrf)" value="([^"]+)"', page.text))
    action = re.search(r'action="([^"]+)"', page.text)
    assert page.status_code == 200 and form and action, page.text
    sent = theirs.post(unescape(action[1]), {**form, "logout": "yes"}, timeout=5, allow_redirects=False)
    assert sent.status_code == 303 and sent.headers["Location"].startswith(OUT)
    state = dict(parse_qsl(urlsplit(out).query))["state"]
    assert dict(parse_qsl(urlsplit(sent.headers["Location"]).query)) == {"state": state}


def test_proving_oneself_again_is_asked_and_done(house: House, family: people.Family) -> None:
    link(house, family)
    browser = Client()
    walk(house, "samira", browser)
    before = Session.objects.get().authenticated_at
    assert walk(house, "samira", browser, pour="preuve", suite="/compte/")["Location"] == "/compte/"
    assert Session.objects.get().authenticated_at > before


def test_a_minor_is_refused_as_a_guardian(house: House) -> None:
    answer = walk(house, "minor")
    assert answer.status_code == 403 and "pas encore 18 ans" in people.words(answer)


def test_who_cancels_comes_back_without_harm(house: House) -> None:
    answer = walk(house, "")
    assert answer.status_code == 200 and "Rien n’a été transmis" in people.words(answer)


# What it refuses -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "over",
    [
        {"code_challenge": "x" * 43, "code_challenge_method": "S256"},
        {"max_age": "60"},
        {"prompt": "none"},
        {"nonce": "n" * 21},
        {"state": ""},
        {"acr_values": ""},
    ],
)
def test_the_judge_is_strict_and_our_request_passes(house: House, over: dict[str, str]) -> None:
    left = Client().get(START)["Location"]
    asked = dict(parse_qsl(urlsplit(left).query)) | over
    refused = requests.get(f"{house.issuer}/authorize", params=asked, timeout=5)
    assert refused.status_code == 400 and "Y030007" in refused.text
    assert requests.get(left, timeout=5).status_code == 200


def test_a_code_serves_once(house: House) -> None:
    browser, other = Client(), Client()
    answer = house.come_in(browser.get(START)["Location"], "samira")
    assert browser.get(BACK, answer).status_code == 302
    second = house.come_in(other.get(START)["Location"], "samira")
    again = other.get(BACK, {**second, "code": answer["code"]})
    assert again.status_code == 403 and "trente secondes" in people.words(again)


# What it does wrong --------------------------------------------------------------------------------------------------
FAULTS = {
    "token_500": (503, "ne répond pas"),
    "down": (503, "ne répond pas"),
    "userinfo_401": (403, "trente secondes"),
    "unknown_kid": (403, "Par prudence"),
    "wrong_nonce": (403, "Par prudence"),
    "wrong_iss": (403, "Par prudence"),
    "wrong_aud": (403, "Par prudence"),
    "expired": (403, "Par prudence"),
    "other_sub": (403, "Par prudence"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_refused_and_opens_nothing(house: House, family: people.Family, fault: str) -> None:
    link(house, family)
    Draft.objects.all().delete()
    status, words = FAULTS[fault]
    browser = Client()
    answer = house.come_in(browser.get(START)["Location"], "samira")
    house.break_it(fault)
    refused = browser.get(BACK, answer)
    assert refused.status_code == status and words in people.words(refused)
    assert not Session.objects.exists() and not Draft.objects.exists()


def test_keys_that_were_rotated_are_read_anew(house: House) -> None:
    brought(house, "samira")
    house.break_it("rotated")
    assert brought(house, "samira").birth_name == "BELKACEM"


def test_another_subject_of_the_same_person_is_somebody_unknown(house: House, family: people.Family) -> None:
    link(house, family)
    house.break_it("new_sub")
    assert walk(house, "samira")["Location"].startswith("/activation/franceconnect/")


def test_slowness_is_said_in_less_than_five_seconds_and_a_password_still_opens(
    house: House, family: people.Family
) -> None:
    people.active(family.account, at=clock.now())
    browser = Client()
    answer = house.come_in(browser.get(START)["Location"], "samira")
    house.break_it("slow")
    began = time.monotonic()
    assert browser.get(BACK, answer).status_code == 503
    assert time.monotonic() - began < 5
    family.account.refresh_from_db()
    assert people.sign_in(browser, family.account.username, people.PASSWORD).status_code == 302
    assert not client.breaker.is_open(), "one silence is not three"
