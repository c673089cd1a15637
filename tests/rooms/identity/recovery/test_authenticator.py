"""An account that asks a code after its password asks it too when the password is replaced."""

from datetime import timedelta

import pyotp
import pytest
from django.test import Client

from preau.identity.accounts.models import Account
from preau.identity.audit.events import Events
from preau.identity.audit.models import Event
from preau.identity.recovery.giving_back import TooLate, give_back
from preau.identity.signin import authenticator
from tests.rooms.identity.recovery.test_pupil_password import answer, asking, number_on
from tests.rooms.identity.recovery.walkers import (
    GUARDIAN_PASSWORD,
    MOBILE,
    NEW,
    PUPIL_PASSWORD,
    Household,
    Walker,
    lost_password,
    signed_in,
)
from tests.rooms.identity.signin.people import PASSWORD, sign_in, words

ADDRESS, INES = "samira@example.org", "ines@example.org"
PAGE = "application"


class Phone:
    """The application of a holder, and the codes they printed."""

    def __init__(self, family: Household, account: Account) -> None:
        self.clock = family.clock
        self.seed = authenticator.begin(account, at=self.clock.now()).base32
        self.codes = authenticator.finish(account, code=self.shown, by=account.key, at=self.clock.now())
        self.clock.forward(seconds=61)

    @property
    def shown(self) -> str:
        return pyotp.TOTP(self.seed).at(self.clock.now())

    @property
    def wrong(self) -> str:
        near = {pyotp.TOTP(self.seed).at(self.clock.now() + timedelta(seconds=30 * n)) for n in (-1, 0, 1)}
        return next(code for code in ("000000", "111111", "222222", "333333") if code not in near)


@pytest.fixture
def phone(family: Household) -> Phone:
    return Phone(family, family.samira)


def at_the_code(family: Household, way: str = "email") -> Walker:
    walker = lost_password(family.samira.username, way)
    sent = walker.send("code", code=family.code(ADDRESS if way == "email" else MOBILE))
    assert sent.url == f"{GUARDIAN_PASSWORD}/{PAGE}/"
    return walker


@pytest.mark.parametrize("way", ["email", "sms"])
def test_the_code_of_the_authenticator_follows_the_one_received(family: Household, phone: Phone, way: str) -> None:
    walker = at_the_code(family, way)
    assert walker.send(PAGE, code=phone.shown).url == f"{GUARDIAN_PASSWORD}/mot-de-passe/"
    assert walker.send("mot-de-passe", password=NEW).url == f"{GUARDIAN_PASSWORD}/fait/"
    assert Event.objects.get(name=Events.PASSWORD_RECOVERED).facts == {"proofs": sorted([way, "authenticator"])}
    phone.clock.forward(seconds=61)
    visit = Client()
    assert sign_in(visit, family.samira.username, NEW).url == "/connexion/code/", "it stays in place"


def test_a_thief_of_the_mailbox_changes_nothing_and_ends_no_visit(family: Household, phone: Phone) -> None:
    visit = signed_in(family.ines, "eleve")
    walker = at_the_code(family)
    assert walker.send("mot-de-passe", password=NEW).url == f"{GUARDIAN_PASSWORD}/{PAGE}/"
    for code in (phone.wrong, "ABCD EFGH JKMN", "é"):
        assert walker.send(PAGE, code=code).status_code == 422
    assert walker.stands_at() == PAGE
    assert sign_in(Client(), family.samira.username, PASSWORD).url == "/connexion/code/"
    assert visit.get("/compte/").status_code == 200
    assert not Event.objects.filter(name=Events.PASSWORD_RECOVERED).exists()


def test_a_code_on_paper_replaces_the_phone_once(family: Household, phone: Phone) -> None:
    walker = at_the_code(family)
    typed = f" {phone.codes[0][:4]}-{phone.codes[0][4:8].lower()} {phone.codes[0][8:]}"
    assert walker.send(PAGE, code=typed).url == f"{GUARDIAN_PASSWORD}/mot-de-passe/"
    phone.clock.forward(minutes=2)
    again = at_the_code(family)
    assert "déjà servi" in words(again.send(PAGE, code=phone.codes[0]))


def test_a_double_click_spends_one_code(family: Household, phone: Phone) -> None:
    walker, code = at_the_code(family), phone.shown
    for _ in range(2):
        assert walker.send(PAGE, code=code).url == f"{GUARDIAN_PASSWORD}/mot-de-passe/"


def test_five_wrong_codes_pause_as_five_wrong_passwords(family: Household, phone: Phone) -> None:
    walker = at_the_code(family)
    for _ in range(6):
        answer = walker.send(PAGE, code=phone.wrong)
    assert answer.status_code == 422 and "Recommencez après" in words(answer)
    assert "Recommencez après" in words(walker.send(PAGE, code=phone.shown)), "even with the right one"


def test_the_page_says_what_to_do_when_the_phone_and_the_paper_are_lost(family: Household, phone: Phone) -> None:
    page = at_the_code(family).see(PAGE)
    assert "retire l’application" in page and "01 99 00 12 34" in page


def test_without_an_authenticator_nothing_more_is_asked(family: Household) -> None:
    authenticator.begin(family.samira, at=family.clock.now())  # a square shown and never confirmed
    walker = lost_password(family.samira.username, "email")
    assert walker.send("code", code=family.code(ADDRESS)).url == f"{GUARDIAN_PASSWORD}/mot-de-passe/"


def test_one_added_on_the_way_is_asked_all_the_same(family: Household) -> None:
    walker = lost_password(family.samira.username, "email")
    assert walker.send("code", code=family.code(ADDRESS)).url == f"{GUARDIAN_PASSWORD}/mot-de-passe/"
    Phone(family, family.samira)
    assert walker.send("mot-de-passe", password=NEW).url == f"{GUARDIAN_PASSWORD}/{PAGE}/"
    with pytest.raises(TooLate):
        give_back(
            family.samira, encoded="x", proofs=["email"], begun_at=family.clock.now(), by=family.samira.key,
            at=family.clock.now(),
        )  # fmt: skip


def test_the_authenticator_of_somebody_else_is_worth_nothing(family: Household, phone: Phone) -> None:
    other = Phone(family, family.ines)
    assert at_the_code(family).send(PAGE, code=other.shown).status_code == 422


def test_a_pupil_s_own_is_asked_by_e_mail_and_with_a_guardian_s_help(family: Household) -> None:
    phone = Phone(family, family.ines)
    walker = lost_password(family.ines.username, "email", PUPIL_PASSWORD)
    assert walker.send("code", code=family.code(INES)).url == f"{PUPIL_PASSWORD}/{PAGE}/"
    page = walker.see(PAGE)
    assert "Ton compte demande aussi un code" in page and "vous" not in page.casefold()
    phone.clock.forward(minutes=2)
    helped = asking(family)
    assert "fait=accord" in answer(signed_in(family.samira), number_on(helped)).url
    assert helped.stands_at() == PAGE
    assert helped.send(PAGE, code=phone.shown).url == f"{PUPIL_PASSWORD}/mot-de-passe/"
    assert helped.send("mot-de-passe", password=NEW).url == f"{PUPIL_PASSWORD}/fait/"
    facts = Event.objects.get(name=Events.PASSWORD_RECOVERED).facts
    assert facts == {"proofs": ["authenticator", "guardian"], "guardian": family.samira.key}
