"""The classic form: what pronotepy does works unchanged, and nothing else passes by it."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pyotp
import pytest
import requests
from django.test import Client
from pronotepy.ent.generic_func import _educonnect
from requests.adapters import BaseAdapter

from preau import clock
from preau.identity.accounts.models import Account
from preau.identity.signin import authenticator, lockout, sessions
from preau.identity.signin.models import Failure, Session
from tests.rooms.identity.federation.conftest import NOW, PASSWORD
from tests.rooms.identity.federation.saml import ent

UNSOLICITED = f"/idp/profile/SAML2/Unsolicited/SSO?providerId={ent.ENTITY_ID}&target=https%3A%2F%2Fent.example%2Fici"
pytestmark = pytest.mark.usefixtures("profile")


class Ent(BaseAdapter):
    """The ENT at the end of the way: it keeps what it is sent."""

    def __init__(self) -> None:
        super().__init__()
        self.received: list[str] = []

    def send(self, request: Any, *args: Any, **kwargs: Any) -> requests.Response:
        self.received.append(request.body)
        answer = requests.Response()
        answer.status_code, answer.url, answer.request = 200, request.url, request
        answer._content = b""
        return answer

    def close(self) -> None:
        """Nothing was opened."""


def _program() -> Client:
    return Client(enforce_csrf_checks=True)


def _door(client: Client, profile: str = "") -> str:
    address: str = client.get(UNSOLICITED)["Location"]
    return address.replace("/connexion/?", f"/connexion/{profile}/?") if profile else address


def _post(client: Client, address: str, account: Account, password: str = PASSWORD, **headers: str) -> Any:
    typed = {"j_username": account.username, "j_password": password, "_eventId_proceed": ""}
    return client.post(address, typed, headers=headers)


def _is_in(client: Client) -> bool:
    return client.get("/compte/").status_code == 200


@pytest.mark.parametrize("who", ["samira", "adama"])
@pytest.mark.django_db(transaction=True)
def test_pronotepy_signs_in_without_a_change(live_server: Any, request: pytest.FixtureRequest, who: str) -> None:
    account, place, session = request.getfixturevalue(who), Ent(), requests.Session()
    session.mount("https://ent.example", place)
    answer = _educonnect(session, account.username, PASSWORD, live_server.url + UNSOLICITED)
    assert answer.url == ent.OTHER_CONSUMER and len(place.received) == 1
    assert "SAMLResponse=" in place.received[0] and "RelayState=https%3A%2F%2Fent.example%2Fici" in place.received[0]
    assert not Failure.objects.filter(count__gt=1).exists()


@pytest.mark.parametrize("chosen", ["", "responsable"])
def test_it_goes_on_to_the_service(samira: Account, chosen: str) -> None:
    program = _program()
    answer = program.get(_post(program, _door(program, chosen), samira)["Location"], follow=True)
    assert b"SAMLResponse" in answer.content


def test_the_address_that_sends_to_the_door_is_told_to_no_other_site() -> None:
    program = _program()
    sent = program.get(UNSOLICITED)
    assert sent["Referrer-Policy"] == "no-referrer" and sent["Cache-Control"] == "no-store"
    assert program.get(sent["Location"])["Referrer-Policy"] == "same-origin"
    first, second = _door(program), _door(program)
    assert first != second and len(first.partition("execution=e1s1.")[2].partition(".")[0]) == 32


def test_another_browser_cannot_use_it(samira: Account) -> None:
    thief, victim = _program(), _program()
    address = _door(thief)
    _door(victim)  # a device of its own
    for who in (victim, _program()):
        assert _post(who, address, samira).status_code == 403 and not _is_in(who)


def test_it_serves_once_even_for_a_wrong_password(samira: Account) -> None:
    program = _program()
    address = _door(program)
    assert _post(program, address, samira, "ce n’est pas lui").status_code == 422
    assert _post(program, address, samira).status_code == 403 and not _is_in(program)


@pytest.mark.parametrize(("seconds", "status"), [(-1, 403), (0, 302), (899, 302), (900, 403)])
def test_it_lasts_a_quarter_of_an_hour(
    samira: Account, monkeypatch: pytest.MonkeyPatch, seconds: int, status: int
) -> None:
    program = _program()
    address = _door(program)
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(seconds=seconds))
    assert _post(program, address, samira).status_code == status


@pytest.mark.parametrize("forged", ["", "e1s1", "e1s1.a.1.b$c", "é", "e1s1...", "x" * 5000, "e1s1.a.².0", "e1s1.a.1.é"])
def test_a_forged_one_opens_nothing(samira: Account, forged: str) -> None:
    program = _program()
    start = _door(program).partition("execution=")[0]
    assert _post(program, f"{start}execution={forged}", samira).status_code == 403


@pytest.mark.parametrize("place", [2, 3, 4])
def test_each_of_its_parts_counts(samira: Account, place: int) -> None:
    program = _program()
    start, _, value = _door(program).partition("execution=")
    parts = value.split(".")
    parts[place - 1] = ("1" if parts[place - 1][0] != "1" else "2") + parts[place - 1][1:]
    assert _post(program, f"{start}execution={'.'.join(parts)}", samira).status_code == 403


@pytest.mark.parametrize(
    "said",
    [
        {"origin": "https://mechant.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": ent.US, "sec-fetch-site": "cross-site"},
    ],
)
def test_another_site_cannot_post_it(samira: Account, said: dict[str, str]) -> None:
    program = _program()
    assert _post(program, _door(program), samira, **said).status_code == 403 and not _is_in(program)


def test_a_page_of_ours_can(samira: Account) -> None:
    program = _program()
    said = {"origin": ent.US, "sec-fetch-site": "same-origin"}
    assert _post(program, _door(program), samira, **said).status_code == 302


def test_the_token_is_still_asked_of_our_own_form_and_elsewhere(samira: Account) -> None:
    program = _program()
    address = _door(program, "responsable")
    ours = {"username": samira.username, "password": PASSWORD}
    assert program.post(address, ours).status_code == 403
    execution = urlsplit(address).query
    for elsewhere in ("/deconnexion/", "/connexion/code/", "/connexion/confirmer/"):
        assert _post(program, f"{elsewhere}?{execution}", samira).status_code == 403


def test_it_can_be_turned_off(samira: Account, settings: Any) -> None:
    program = _program()
    address = _door(program)
    settings.CLASSIC_SIGNIN = False
    assert _post(program, address, samira).status_code == 403
    assert "execution" not in _door(program)


def test_failures_are_counted_once_and_the_effort_is_asked(samira: Account) -> None:
    program = _program()
    tries = 0
    while b"altcha" not in (answer := _post(program, _door(program), samira, "faux")).content:
        tries += 1
        assert answer.status_code == 422 and tries < lockout.DEVICE[lockout.Door.PASSWORD].tries
    assert tries
    answer = _post(program, _door(program), samira)
    assert answer.status_code == 422 and not _is_in(program)


def test_an_obligation_stands_before_the_service(samira: Account) -> None:
    Account.objects.filter(pk=samira.pk).update(email="", email_confirmed_at=None)
    program = _program()
    answer = program.get(_post(program, _door(program), samira)["Location"], follow=True)
    assert b"SAMLResponse" not in answer.content and "/connexion/a-faire/" in answer.request["PATH_INFO"]


def test_a_second_factor_stands_before_the_visit(samira: Account) -> None:
    seed = authenticator.begin(samira, at=NOW)
    authenticator.finish(samira, code=pyotp.TOTP(seed.base32).at(NOW), by=samira.key, at=NOW)
    program = _program()
    assert _post(program, _door(program), samira)["Location"].startswith("/connexion/code/")
    assert not Session.objects.exists() and not _is_in(program)


def test_a_visit_imposed_before_is_ended_and_its_cookie_changed(samira: Account, adama: Account) -> None:
    program, other = _program(), Client()
    first, second = _door(program), _door(program)
    _post(program, first, adama)
    imposed = program.cookies[sessions.COOKIE].value
    assert _post(program, second, samira).status_code == 302
    assert program.cookies[sessions.COOKIE].value != imposed
    other.cookies[sessions.COOKIE] = imposed
    assert not _is_in(other) and _is_in(program)


def test_the_other_profile_s_door_is_not_passed(adama: Account) -> None:
    program = _program()
    assert _post(program, _door(program, "responsable"), adama).status_code == 403
    assert not _is_in(program)
