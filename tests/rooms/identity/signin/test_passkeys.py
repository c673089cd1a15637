"""A passkey opens the door by itself; every message that is not quite right opens nothing."""

import json
from typing import Any

import pytest
from django.test import Client
from fido2.utils import websafe_encode

from preau.identity.accounts import lifecycle
from preau.identity.accounts.models import Account
from preau.identity.audit.models import Event
from preau.identity.factors import webauthn
from preau.identity.factors.models import Challenge
from preau.identity.messaging.models import Outgoing
from preau.identity.signin import passkeys
from preau.identity.signin.factor_letters import envelope
from preau.identity.signin.models import Passkey, Session
from tests.rooms.identity.factors.soft_key import PRESENT, SoftKey
from tests.rooms.identity.signin import people
from tests.rooms.identity.signin.people import PASSWORD, Clock, Family, sign_in, words

DOOR, QUESTION = "/connexion/responsable/cle/", "/connexion/cle/question/"
MINE = "/compte/cles-et-codes/"
TOO_LATE, NOT_RIGHT = str(webauthn.TooLate.sentence), str(webauthn.NotRight.sentence)


@pytest.fixture
def samira(family: Family, clock: Clock) -> Account:
    return people.active(family.account, at=clock.now())


@pytest.fixture
def phone(samira: Account) -> SoftKey:
    """Samira's phone, with a passkey she added after signing in."""
    browser, key = Client(), SoftKey()
    sign_in(browser, samira.username, PASSWORD)
    assert add(browser, key).url == f"{MINE}?fait=cle-ajoutee"
    return key


def add(browser: Client, key: SoftKey, name: str = "Mon téléphone", **faults: Any) -> Any:
    """Add a passkey as the page does."""
    options = browser.post(f"{MINE}cle/question/").json()
    return browser.post(f"{MINE}cle/", {"name": name, "answer": key.create(options, **faults)})


def question(browser: Client) -> dict[str, Any]:
    """What the door asks."""
    return dict(browser.post(QUESTION).json())


def enter(browser: Client, key: SoftKey, door: str = DOOR, **faults: Any) -> Any:
    """Go through the door with a passkey."""
    return browser.post(door, {"answer": key.get(question(browser), **faults)})


def is_in(browser: Client) -> bool:
    """Somebody is signed in there."""
    return browser.get("/compte/").status_code == 200


# The whole way --------------------------------------------------------------------------------------------------------
def test_a_passkey_opens_the_door_without_a_username(client: Client, phone: SoftKey, samira: Account) -> None:
    assert enter(client, phone).url == "/connexion/suite/"
    assert is_in(client)
    session = Session.objects.latest("pk")
    assert session.account == samira and session.amr == "hwk user mfa"
    assert Event.objects.filter(name="signin.signed_in", on=samira.key).latest("pk").facts["amr"] == "hwk user mfa"


def test_it_opens_at_the_other_door_too_and_leads_where_one_was_going(client: Client, phone: SoftKey) -> None:
    answer = phone.get(question(client))
    client.post("/connexion/eleve/cle/", {"answer": answer, "suite": "/compte/courriel/"})
    assert Session.objects.latest("pk").going_to == "/compte/courriel/"


def test_a_synced_passkey_says_so(client: Client, samira: Account) -> None:
    browser, key = Client(), SoftKey(count=None, is_synced=True)
    sign_in(browser, samira.username, PASSWORD)
    add(browser, key)
    for _ in range(2):  # its counter always says 0
        assert enter(client, key).status_code == 302
    assert Session.objects.latest("pk").amr == "swk user mfa" and Passkey.objects.get().is_synced


def test_the_question_names_nobody_and_asks_that_the_holder_be_verified(client: Client, phone: SoftKey) -> None:
    asked = question(client)
    assert asked["rpId"] == "localhost" and asked["userVerification"] == "required"
    assert not asked.get("allowCredentials")
    assert set(asked) == set(question(Client()))


def test_the_new_passkey_is_asked_to_be_found_without_a_username_and_names_nobody(samira: Account) -> None:
    options = passkeys.ask_to_add(samira, browser="b", at=samira.credentials_changed_at)
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert options["attestation"] == "none"
    handle = options["user"]["id"]
    assert handle == websafe_encode(passkeys.handle_of(samira)) and len(passkeys.handle_of(samira)) == 32
    assert str(samira.pk) != handle and samira.username not in handle


def test_two_people_have_two_handles(samira: Account, family: Family) -> None:
    assert passkeys.handle_of(samira) != passkeys.handle_of(family.ines_account)


# What is not right opens nothing --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "faults",
    [
        {"origin": "https://localhost:8000"},
        {"origin": "http://localhost:8001"},
        {"origin": "http://evil.localhost:8000"},
        {"origin": "https://evil.example"},
        {"host": "evil.example"},
        {"kind": "webauthn.create"},
        {"flags": PRESENT},
        {"flags": 0},
        {"is_in_a_frame": True},
        {"handle": b"somebody else"},
        {"has_no_handle": True},
        {"signs_other_bytes": True},
    ],
    ids=str,
)
def test_a_message_that_is_not_quite_right_opens_nothing(
    client: Client, phone: SoftKey, faults: dict[str, Any]
) -> None:
    answer = enter(client, phone, **faults)
    assert answer.status_code == 422 and NOT_RIGHT in answer.content.decode()
    assert not is_in(client)


def test_a_challenge_nobody_asked_opens_nothing(client: Client, phone: SoftKey) -> None:
    answer = enter(client, phone, challenge=websafe_encode(bytes(32)))
    assert answer.status_code == 422 and TOO_LATE in answer.content.decode() and not is_in(client)


def test_an_answer_serves_once(client: Client, phone: SoftKey) -> None:
    answer = phone.get(question(client))
    assert client.post(DOOR, {"answer": answer}).status_code == 302
    again = client.post(DOOR, {"answer": answer})
    assert again.status_code == 422 and TOO_LATE in again.content.decode()


def test_a_wrong_answer_has_used_the_question_up(client: Client, phone: SoftKey) -> None:
    asked = question(client)
    client.post(DOOR, {"answer": phone.get(asked, signs_other_bytes=True)})
    assert TOO_LATE in client.post(DOOR, {"answer": phone.get(asked)}).content.decode()


def test_the_question_of_another_browser_opens_nothing(client: Client, phone: SoftKey) -> None:
    thief = Client()
    question(thief)  # a browser that has asked its own
    asked = question(client)
    assert TOO_LATE in thief.post(DOOR, {"answer": phone.get(asked)}).content.decode()
    assert TOO_LATE in Client().post(DOOR, {"answer": phone.get(asked)}).content.decode()
    assert not is_in(thief)
    assert client.post(DOOR, {"answer": phone.get(asked)}).status_code == 302  # nobody used it up for its owner


def test_two_tabs_ask_side_by_side(client: Client, phone: SoftKey) -> None:
    first, second = question(client), question(client)
    assert client.post(DOOR, {"answer": phone.get(first)}).status_code == 302
    assert client.post(DOOR, {"answer": phone.get(second)}).status_code == 302


def test_a_question_waits_five_minutes(client: Client, phone: SoftKey, clock: Clock) -> None:
    asked = question(client)
    clock.forward(minutes=5)
    assert TOO_LATE in client.post(DOOR, {"answer": phone.get(asked)}).content.decode()
    webauthn.forget_unanswered(at=clock.now())
    assert not Challenge.objects.exists()


def test_a_question_asked_to_add_or_to_confirm_does_not_open_the_door(phone: SoftKey, samira: Account) -> None:
    browser = Client()
    sign_in(browser, samira.username, PASSWORD)
    for address in (f"{MINE}cle/question/", "/connexion/confirmer/cle/question/"):
        asked = browser.post(address).json()
        assert TOO_LATE in browser.post(DOOR, {"answer": phone.get(asked)}).content.decode()


def test_a_copy_whose_counter_went_back_is_refused_and_the_holder_can_read_it(
    client: Client, phone: SoftKey, samira: Account
) -> None:
    copy = phone.copy()
    for _ in range(2):
        assert enter(client, phone).status_code == 302
    thief = Client()
    answer = enter(thief, copy)
    assert str(webauthn.Copied.sentence) in answer.content.decode() and not is_in(thief)
    assert Event.objects.filter(name="signin.passkey_refused", on=samira.key).count() == 1
    assert enter(client, phone).status_code == 302


def test_a_passkey_nobody_added_opens_nothing(client: Client, phone: SoftKey) -> None:
    answer = enter(client, SoftKey(handle=phone.handle))
    assert answer.status_code == 422 and str(webauthn.Unknown.sentence) in answer.content.decode()


def test_another_key_under_the_same_name_opens_nothing(client: Client, phone: SoftKey) -> None:
    answer = enter(client, SoftKey(credential=phone.credential, handle=phone.handle))
    assert NOT_RIGHT in answer.content.decode() and not is_in(client)


BROKEN = ["", "x", "[]", "{}", "null", '{"rawId": 3}', '{"id":"AA","rawId":"AA","response":{}}', "9" * 30_000]
BROKEN += ['{"rawId": "AA", "response": null}', '{"rawId": null, "response": {"clientDataJSON": "e30"}}', "\\u0000"]


@pytest.mark.parametrize("answer", BROKEN, ids=lambda answer: answer[:20])
def test_what_strangers_write_is_only_refused(client: Client, phone: SoftKey, answer: str) -> None:
    question(client)
    assert client.post(DOOR, {"answer": answer}).status_code == 422


def test_damaged_bytes_are_only_refused(client: Client, phone: SoftKey) -> None:
    for part in ("clientDataJSON", "authenticatorData", "signature"):
        for damage in ("", "AAAA", "é", 3):
            sent = json.loads(phone.get(question(client)))
            sent["response"][part] = damage
            assert client.post(DOOR, {"answer": json.dumps(sent)}).status_code == 422


def test_after_a_refusal_the_password_still_opens(client: Client, phone: SoftKey, samira: Account) -> None:
    page = words(enter(client, phone, signs_other_bytes=True))
    assert 'action="/connexion/responsable/"' in page and client.get(DOOR).url == "/connexion/responsable/"
    assert client.get("/connexion/eleve/cle/").url == "/connexion/eleve/"
    assert sign_in(client, samira.username, PASSWORD).status_code == 302


# The account decides --------------------------------------------------------------------------------------------------
def test_a_blocked_account_stays_shut(client: Client, phone: SoftKey, samira: Account, clock: Clock) -> None:
    lifecycle.block([samira], reason="vol", by=people.DESK, at=clock.now())
    answer = enter(client, phone)
    assert answer.status_code == 403 and "fermé pour l’instant" in words(answer)
    assert "mot de passe était le bon" not in words(answer) and "01 99 00 12 34" in words(answer)
    assert not is_in(client)


def test_a_guardian_whose_last_child_has_left_is_told(client: Client, phone: SoftKey, family: Family) -> None:
    for link in family.links():
        link.ended_at = family.account.opened_at
        link.save()
    answer = enter(client, phone)
    assert answer.status_code == 403 and "n’ouvre plus rien" in words(answer)


def test_a_reset_leaves_the_passkey_and_asks_for_a_new_password(
    client: Client, phone: SoftKey, samira: Account, clock: Clock
) -> None:
    people.reset(samira, at=clock.now())
    clock.forward(minutes=1)
    assert enter(client, phone).status_code == 302
    assert client.get("/connexion/suite/").url == "/connexion/a-faire/mot-de-passe/"


# Adding and removing --------------------------------------------------------------------------------------------------
def test_adding_asks_a_recent_proof(samira: Account, clock: Clock) -> None:
    browser = Client()
    sign_in(browser, samira.username, PASSWORD)
    options = browser.post(f"{MINE}cle/question/").json()
    clock.forward(minutes=11)
    for answer in (
        browser.get(f"{MINE}cle/"),
        browser.post(f"{MINE}cle/question/"),
        browser.post(f"{MINE}cle/", {"name": "x", "answer": SoftKey().create(options)}),
    ):
        assert answer.status_code == 302 and answer.url.startswith("/connexion/confirmer/")
    assert not Passkey.objects.exists()


@pytest.mark.parametrize(
    "faults",
    [{"origin": "https://evil.example"}, {"host": "evil.example"}, {"flags": PRESENT}, {"kind": "webauthn.get"},
     {"is_in_a_frame": True}],
    ids=str,
)  # fmt: skip
def test_a_new_passkey_that_is_not_quite_right_is_not_kept(samira: Account, faults: dict[str, Any]) -> None:
    browser = Client()
    sign_in(browser, samira.username, PASSWORD)
    answer = add(browser, SoftKey(), **faults)
    assert answer.status_code == 422 and NOT_RIGHT in answer.content.decode()
    assert not Passkey.objects.exists()


def test_a_new_passkey_answers_the_question_of_its_own_browser_and_account(
    samira: Account, family: Family, clock: Clock
) -> None:
    people.active(family.ines_account, at=clock.now(), email="")
    hers, theirs = Client(), Client()
    sign_in(hers, samira.username, PASSWORD)
    sign_in(theirs, family.ines_account.username, PASSWORD, profile="eleve")
    people.confirm(theirs)
    options = hers.post(f"{MINE}cle/question/").json()
    theirs.post(f"{MINE}cle/question/")
    theirs.cookies[webauthn.COOKIE] = hers.cookies[webauthn.COOKIE].value  # even with the browser's own name
    answer = theirs.post(f"{MINE}cle/", {"name": "x", "answer": SoftKey().create(options)})
    assert TOO_LATE in answer.content.decode() and not Passkey.objects.exists()


def test_the_holder_is_told_when_one_is_added_or_removed(phone: SoftKey, samira: Account, clock: Clock) -> None:
    browser = Client()
    sign_in(browser, samira.username, PASSWORD)
    number = Passkey.objects.get().pk
    assert "Mon téléphone" in words(browser.get(f"{MINE}cle/{number}/retirer/"))
    assert browser.post(f"{MINE}cle/{number}/retirer/").url == f"{MINE}?fait=cle-retiree"
    assert not Passkey.objects.exists()
    events = ["signin.passkey_added", "signin.passkey_removed"]
    happened = Event.objects.filter(name__in=events, on=samira.key).order_by("pk")
    assert list(happened.values_list("name", flat=True)) == events
    posted = Outgoing.objects.filter(message__startswith="signin/factor").order_by("pk")
    letters = [envelope(one, clock.now()) for one in posted]
    assert [letter.to for letter in letters if letter] == ["samira@example.org"] * 2
    assert all(letter and letter.context["is_passkey"] for letter in letters)


def test_nobody_removes_the_passkey_of_another(phone: SoftKey, family: Family, clock: Clock) -> None:
    people.active(family.ines_account, at=clock.now(), email="")
    browser = Client()
    sign_in(browser, family.ines_account.username, PASSWORD, profile="eleve")
    people.confirm(browser)
    for method in (browser.get, browser.post):
        assert method(f"{MINE}cle/{Passkey.objects.get().pk}/retirer/").status_code == 404
    assert Passkey.objects.count() == 1


def test_the_same_passkey_is_not_added_twice_and_the_browser_is_told_of_those_there(
    phone: SoftKey, samira: Account
) -> None:
    browser = Client()
    sign_in(browser, samira.username, PASSWORD)
    options = browser.post(f"{MINE}cle/question/").json()
    assert [one["id"] for one in options["excludeCredentials"]] == [websafe_encode(phone.credential)]
    answer = browser.post(f"{MINE}cle/", {"name": "x", "answer": phone.create(options)})
    assert str(webauthn.AlreadyThere.sentence) in answer.content.decode() and Passkey.objects.count() == 1


def test_ten_passkeys_are_enough(samira: Account) -> None:
    browser = Client()
    sign_in(browser, samira.username, PASSWORD)
    options = browser.post(f"{MINE}cle/question/").json()  # asked before the tenth was there
    for number in range(10):
        assert add(browser, SoftKey(), f"clé {number}").status_code == 302
    refused = browser.post(f"{MINE}cle/question/")
    assert refused.status_code == 409 and refused.json()["error"] == str(passkeys.TooMany.sentence)
    late = browser.post(f"{MINE}cle/", {"name": "x", "answer": SoftKey().create(options)})
    assert str(passkeys.TooMany.sentence) in late.content.decode() and Passkey.objects.count() == 10


def test_the_database_alone_opens_nothing(phone: SoftKey, samira: Account) -> None:
    kept = Passkey.objects.get()
    held = phone.secret.private_numbers().private_value.to_bytes(32, "big")
    assert held not in bytes(kept.public_key) and not Challenge.objects.filter(digest__contains=kept.credential_id)


# Once more, before a sensitive deed -----------------------------------------------------------------------------------
def test_a_passkey_confirms_a_sensitive_deed(phone: SoftKey, samira: Account, clock: Clock) -> None:
    browser = Client()
    sign_in(browser, samira.username, PASSWORD)
    clock.forward(minutes=11)
    asked = browser.get(f"{MINE}cle/").url
    assert "/connexion/confirmer/cle/" in words(browser.get(asked))
    options = browser.post("/connexion/confirmer/cle/question/").json()
    assert [one["id"] for one in options["allowCredentials"]] == [websafe_encode(phone.credential)]
    answer = browser.post("/connexion/confirmer/cle/", {"answer": phone.get(options, has_no_handle=True)})
    assert answer.url == f"{MINE}cle/" and browser.get(answer.url).status_code == 200
    assert Session.objects.latest("pk").amr == "pwd hwk user mfa"


def test_the_passkey_of_another_confirms_nothing(phone: SoftKey, samira: Account, family: Family, clock: Clock) -> None:
    people.active(family.ines_account, at=clock.now(), email="")
    browser = Client()
    sign_in(browser, family.ines_account.username, PASSWORD, profile="eleve")
    clock.forward(minutes=11)
    options = browser.post("/connexion/confirmer/cle/question/").json()
    answer = browser.post("/connexion/confirmer/cle/", {"answer": phone.get(options)})
    assert answer.status_code == 422 and browser.get(f"{MINE}cle/").status_code == 302


@pytest.mark.django_db
def test_without_a_script_the_door_is_as_before(client: Client) -> None:
    page = client.get("/connexion/responsable/").content.decode()
    hidden = page[page.index("data-passkey") - 200 : page.index("data-passkey") + 700]
    assert " hidden>" in hidden and 'type="password"' in page
