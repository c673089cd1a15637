"""The code of an authenticator, asked after the password by the accounts that want it."""

import re
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from django.test import Client

from preau.identity.accounts import lifecycle
from preau.identity.accounts.models import Account
from preau.identity.audit.models import Event
from preau.identity.factors import totp
from preau.identity.messaging.models import Outgoing
from preau.identity.signin import authenticator
from preau.identity.signin.models import Authenticator, RecoveryCode, Session
from tests.rooms.identity.signin import people
from tests.rooms.identity.signin.people import PASSWORD, Clock, Family, sign_in, words

CODE, MINE = "/connexion/code/", "/compte/cles-et-codes/"
ENROL = f"{MINE}application/"


@pytest.fixture
def samira(family: Family, clock: Clock) -> Account:
    return people.active(family.account, at=clock.now())


class Phone:
    """An authenticator that knows its seed, and the recovery codes printed that day."""

    def __init__(self, seed: str, clock: Clock, codes: list[str]) -> None:
        self.seed, self.clock, self.codes = seed, clock, codes

    def code(self, steps: int = 0) -> str:
        """What it shows, `steps` half minutes away from now."""
        return pyotp.TOTP(self.seed).at(self.clock.now() + timedelta(seconds=30 * steps))


def groups(page: Any) -> list[str]:
    """The keys and codes that a page shows in groups of four."""
    found = re.findall(r'<bdi class="code[^"]*"[^>]*>(.*?)</bdi>', page.content.decode())
    return [re.sub(r"<[^>]*>", "", one) for one in found]


def enrol(browser: Client, clock: Clock) -> Phone:
    """Scan the square, type the first code, keep the recovery codes; then wait for the next code."""
    phone = Phone("".join(groups(browser.get(ENROL))), clock, [])
    done = browser.post(ENROL, {"code": phone.code()})
    assert done.status_code == 200, words(done)
    phone.codes = groups(done)
    clock.forward(seconds=60)
    return phone


@pytest.fixture
def phone(samira: Account, clock: Clock) -> Phone:
    browser = Client()
    sign_in(browser, samira.username, PASSWORD)
    return enrol(browser, clock)


def is_in(browser: Client) -> bool:
    return browser.get("/compte/").status_code == 200


# Signing in -----------------------------------------------------------------------------------------------------------
def test_the_password_alone_opens_nothing_any_more(client: Client, phone: Phone, samira: Account) -> None:
    visits = Session.objects.count()
    assert sign_in(client, samira.username, PASSWORD).url == CODE
    assert not is_in(client) and Session.objects.count() == visits
    assert client.post(CODE, {"code": phone.code()}).url == "/connexion/suite/"
    assert is_in(client) and Session.objects.latest("pk").amr == "pwd otp mfa"


def test_a_wrong_password_never_comes_to_the_code(client: Client, phone: Phone, samira: Account) -> None:
    assert sign_in(client, samira.username, "faux").status_code == 422
    assert client.get(CODE).url == "/connexion/"
    assert client.post(CODE, {"code": phone.code()}).url == "/connexion/" and not is_in(client)


def test_an_account_without_an_authenticator_is_asked_none(client: Client, samira: Account) -> None:
    assert sign_in(client, samira.username, PASSWORD).url == "/connexion/suite/"


def test_a_seed_shown_and_never_confirmed_asks_nothing(client: Client, samira: Account, clock: Clock) -> None:
    authenticator.begin(samira, at=clock.now())
    assert sign_in(client, samira.username, PASSWORD).url == "/connexion/suite/"


def test_where_one_was_going_is_remembered(client: Client, phone: Phone, samira: Account) -> None:
    sign_in(client, samira.username, PASSWORD, suite="/compte/mot-de-passe/")
    client.post(CODE, {"code": phone.code()})
    assert Session.objects.latest("pk").going_to == "/compte/mot-de-passe/"


def test_a_code_serves_once(client: Client, phone: Phone, samira: Account) -> None:
    typed = phone.code()
    sign_in(client, samira.username, PASSWORD)
    assert client.post(CODE, {"code": typed}).status_code == 302
    other = Client()
    sign_in(other, samira.username, PASSWORD)
    refused = other.post(CODE, {"code": typed})
    assert refused.status_code == 422 and "il a déjà servi" in words(refused) and not is_in(other)


def test_the_right_password_serves_one_code(client: Client, phone: Phone, samira: Account, clock: Clock) -> None:
    sign_in(client, samira.username, PASSWORD)
    client.post(CODE, {"code": phone.code()})
    clock.forward(seconds=60)
    assert client.post(CODE, {"code": phone.code()}).url == "/connexion/"


@pytest.mark.parametrize(("steps", "answer"), [(-2, 422), (-1, 302), (0, 302), (1, 302), (2, 422)])
def test_a_clock_one_step_off_is_forgiven_two_are_not(
    client: Client, phone: Phone, samira: Account, clock: Clock, steps: int, answer: int
) -> None:
    clock.forward(minutes=5)
    sign_in(client, samira.username, PASSWORD)
    assert client.post(CODE, {"code": phone.code(steps)}).status_code == answer


def test_five_wrong_codes_pause_the_device_as_five_wrong_passwords(
    client: Client, phone: Phone, samira: Account
) -> None:
    sign_in(client, samira.username, PASSWORD)
    for _ in range(5):
        assert client.post(CODE, {"code": "000000"}).status_code == 422
    paused = client.post(CODE, {"code": phone.code()})
    assert "Trop d’essais sur cet appareil" in words(paused) and not is_in(client)
    assert sign_in(client, samira.username, PASSWORD).status_code == 429
    assert Event.objects.filter(name="signin.code_refused", on=samira.key).count() == 5


def test_somebody_elses_authenticator_opens_nothing(client: Client, phone: Phone, samira: Account) -> None:
    sign_in(client, samira.username, PASSWORD)
    other = Phone(pyotp.random_base32(), phone.clock, [])
    assert client.post(CODE, {"code": other.code()}).status_code == 422


def test_the_right_password_is_remembered_ten_minutes(
    client: Client, phone: Phone, samira: Account, clock: Clock
) -> None:
    sign_in(client, samira.username, PASSWORD)
    clock.forward(minutes=10)
    assert client.post(CODE, {"code": phone.code()}).url == "/connexion/"


def test_what_happened_to_the_account_in_between_ends_the_step(
    client: Client, phone: Phone, samira: Account, clock: Clock
) -> None:
    sign_in(client, samira.username, PASSWORD)
    clock.forward(seconds=1)
    people.reset(samira, at=clock.now())
    assert client.post(CODE, {"code": phone.code()}).url == "/connexion/"
    again = Client()
    clock.forward(seconds=1)
    sign_in(again, samira.username, people.reset(samira, at=clock.now()))
    lifecycle.block([samira], reason="vol", by=people.DESK, at=clock.now())
    assert again.post(CODE, {"code": phone.code()}).url == "/connexion/" and not is_in(again)


def test_a_reset_still_asks_the_code(client: Client, phone: Phone, samira: Account, clock: Clock) -> None:
    secret = people.reset(samira, at=clock.now())
    clock.forward(minutes=1)
    assert sign_in(client, samira.username, secret).url == CODE
    assert client.post(CODE, {"code": phone.code()}).status_code == 302
    assert client.get("/connexion/suite/").url == "/connexion/a-faire/mot-de-passe/"


# Recovery codes -------------------------------------------------------------------------------------------------------
def test_a_recovery_code_replaces_the_phone_once(client: Client, phone: Phone, samira: Account) -> None:
    paper = " ".join(phone.codes[0][start : start + 4] for start in (0, 4, 8)).lower()
    sign_in(client, samira.username, PASSWORD)
    assert client.post(CODE, {"recovery": paper}).status_code == 302 and is_in(client)
    other = Client()
    sign_in(other, samira.username, PASSWORD)
    assert other.post(CODE, {"recovery": paper}).status_code == 422 and not is_in(other)
    assert Event.objects.filter(name="signin.recovery_code_used", on=samira.key).count() == 1
    assert authenticator.recovery_codes_left(samira) == 7


def test_eight_codes_of_58_bits_are_shown_once_and_only_digests_are_kept(phone: Phone, samira: Account) -> None:
    assert len(set(phone.codes)) == 8 and all(len(code) == 12 for code in phone.codes)
    kept = str(list(RecoveryCode.objects.values())) + str(list(Event.objects.values()))
    assert not any(code in kept for code in phone.codes)
    browser = Client()
    sign_in(browser, samira.username, PASSWORD)
    browser.post(CODE, {"code": phone.code()})
    assert not any(code in words(browser.get(address)) for code in phone.codes for address in (MINE, "/compte/"))


def test_new_recovery_codes_kill_the_others(client: Client, phone: Phone, samira: Account, clock: Clock) -> None:
    sign_in(client, samira.username, PASSWORD)
    client.post(CODE, {"code": phone.code()})
    new = groups(client.post(f"{MINE}secours/"))
    assert len(new) == 8 and not set(new) & set(phone.codes)
    other = Client()
    sign_in(other, samira.username, PASSWORD)
    assert other.post(CODE, {"recovery": phone.codes[0]}).status_code == 422
    assert other.post(CODE, {"recovery": new[0]}).status_code == 302


def test_the_recovery_code_of_another_opens_nothing(
    client: Client, phone: Phone, samira: Account, family: Family, clock: Clock
) -> None:
    people.active(family.ines_account, at=clock.now(), email="")
    browser = Client()
    sign_in(browser, family.ines_account.username, PASSWORD, profile="eleve")
    people.confirm(browser)
    hers = enrol(browser, clock)
    sign_in(client, samira.username, PASSWORD)
    assert client.post(CODE, {"recovery": hers.codes[0]}).status_code == 422


# Enabling and giving up -----------------------------------------------------------------------------------------------
def test_the_seed_is_nowhere_in_clear_and_its_page_shows_it_no_more(phone: Phone, samira: Account) -> None:
    sealed = bytes(Authenticator.objects.get().sealed_seed)
    assert phone.seed.encode() not in sealed and pyotp.TOTP(phone.seed).byte_secret() not in sealed
    browser = Client()
    sign_in(browser, samira.username, PASSWORD)
    browser.post(CODE, {"code": phone.code()})
    assert browser.get(ENROL).url == MINE


def test_a_first_code_that_is_wrong_enables_nothing(client: Client, samira: Account) -> None:
    sign_in(client, samira.username, PASSWORD)
    client.get(ENROL)
    refused = client.post(ENROL, {"code": "000000"})
    assert refused.status_code == 422 and str(authenticator.WrongCode.sentence) in refused.content.decode()
    assert Authenticator.objects.get().confirmed_at is None and not RecoveryCode.objects.exists()


def test_a_square_left_on_the_screen_for_an_hour_enables_nothing(samira: Account, clock: Clock) -> None:
    seed = authenticator.begin(samira, at=clock.now())
    clock.forward(hours=1)
    with pytest.raises(authenticator.NothingBegun):
        authenticator.finish(samira, code=pyotp.TOTP(seed.base32).at(clock.now()), by=samira.key, at=clock.now())
    assert authenticator.begin(samira, at=clock.now()).base32 != seed.base32


def test_a_square_seen_before_the_password_was_replaced_enables_nothing(samira: Account, clock: Clock) -> None:
    seen = authenticator.begin(samira, at=clock.now())
    clock.forward(minutes=5)
    lifecycle.choose_password(samira, encoded="!", by=samira.key, at=clock.now())
    code = pyotp.TOTP(seen.base32).at(clock.now())
    with pytest.raises(authenticator.NothingBegun):
        authenticator.finish(samira, code=code, by=samira.key, at=clock.now())
    assert authenticator.begin(samira, at=clock.now()).base32 != seen.base32


def test_reading_the_page_twice_shows_the_same_square(samira: Account, clock: Clock) -> None:
    assert authenticator.begin(samira, at=clock.now()) == authenticator.begin(samira, at=clock.now())


def test_the_first_code_has_served(client: Client, samira: Account, clock: Clock) -> None:
    sign_in(client, samira.username, PASSWORD)
    seed = "".join(groups(client.get(ENROL)))
    typed = pyotp.TOTP(seed).at(clock.now())
    client.post(ENROL, {"code": typed})
    other = Client()
    sign_in(other, samira.username, PASSWORD)
    assert other.post(CODE, {"code": typed}).status_code == 422


def test_giving_codes_up_kills_the_recovery_codes_and_is_told(client: Client, phone: Phone, samira: Account) -> None:
    sign_in(client, samira.username, PASSWORD)
    client.post(CODE, {"code": phone.code()})
    assert client.post(f"{ENROL}retirer/").url == f"{MINE}?fait=application-retiree"
    assert not Authenticator.objects.exists() and not RecoveryCode.objects.exists()
    assert sign_in(Client(), samira.username, PASSWORD).url == "/connexion/suite/"
    posted = Outgoing.objects.filter(message__startswith="signin/factor").order_by("pk")
    assert [one.message for one in posted] == ["signin/factor_added", "signin/factor_removed"]
    names = ["signin.authenticator_added", "signin.authenticator_removed"]
    assert Event.objects.filter(name__in=names, by=samira.key, on=samira.key).count() == 2


def test_who_has_no_address_is_written_to_by_nobody(client: Client, family: Family, clock: Clock) -> None:
    people.active(family.ines_account, at=clock.now(), email="")
    sign_in(client, family.ines_account.username, PASSWORD, profile="eleve")
    people.confirm(client)
    enrol(client, clock)
    assert not Outgoing.objects.filter(message__startswith="signin/factor").exists()


def test_every_change_asks_a_recent_proof_and_a_code_is_one(
    client: Client, phone: Phone, samira: Account, clock: Clock
) -> None:
    sign_in(client, samira.username, PASSWORD)
    client.post(CODE, {"code": phone.code()})
    clock.forward(minutes=11)
    for address in (ENROL, f"{ENROL}retirer/", f"{MINE}secours/"):
        for answer in (client.get(address), client.post(address)):
            assert answer.status_code == 302 and answer.url.startswith("/connexion/confirmer/")
    assert authenticator.is_on(Account.objects.get(pk=samira.pk))
    again = "/connexion/confirmer/code/"
    assert again in words(client.get("/connexion/confirmer/"))
    assert client.post(again, {"code": "000000", "suite": MINE}).status_code == 422
    assert client.post(again, {"code": phone.code(), "suite": MINE}).url == MINE
    assert client.get(f"{MINE}secours/").status_code == 200


def test_few_codes_left_are_said(client: Client, phone: Phone, samira: Account, clock: Clock) -> None:
    RecoveryCode.objects.filter(pk__in=RecoveryCode.objects.values("pk")[:6]).update(used_at=clock.now())
    sign_in(client, samira.username, PASSWORD)
    client.post(CODE, {"code": phone.code()})
    assert "Il ne reste que 2 codes de secours" in words(client.get(MINE))


def test_a_step_is_never_the_one_before(clock: Clock) -> None:
    seed, now = totp.new_seed(), clock.now()
    step = int(now.timestamp()) // totp.STEP
    typed = pyotp.TOTP(seed).at(now)
    assert totp.step_of(seed, f" {typed[:3]} {typed[3:]} ", after=step - 1, at=now) == step
    assert totp.step_of(seed, typed, after=step, at=now) is None
    assert totp.step_of(seed, "é" * 6, after=0, at=now) is None
