"""The mobile: a number is the holder's once its code was typed back; the school hears of it; the old one answers."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from preau.identity.accounts import channel_changes, lifecycle
from preau.identity.accounts.models import Account, ChannelChange
from preau.identity.directory.models import Correction, Guardian
from preau.identity.messaging import sms
from preau.identity.signin import factor_letters
from tests.rooms.identity.my_account.post import mails, paths, texts
from tests.rooms.identity.signin import people
from tests.rooms.identity.signin.people import Clock, Family, sign_in, words

KNOWN, NEW, OTHER = "+33639981717", "+33639982020", "+33639983030"
NUMBER, CODE = "/compte/mobile/changer/numero/", "/compte/mobile/changer/code/"


def ref(browser: Client, page: str) -> str:
    found = re.search(r'name="parcours" value="(\w+)"', words(browser.get(page)))
    return found[1] if found else ""


def begin(browser: Client, written: str) -> Any:
    """Give a number."""
    assert browser.get("/compte/mobile/changer/").url == NUMBER
    return browser.post(NUMBER, {"parcours": ref(browser, NUMBER), "mobile": written})


def code(clock: Clock) -> str:
    """The code of the last SMS."""
    return re.findall(r"\b\d{6}\b", texts(clock)[-1][1])[0]


def give(browser: Client, clock: Clock, written: str) -> Any:
    """Give a number and type its code."""
    begin(browser, written)
    return browser.post(CODE, {"parcours": ref(browser, CODE), "code": code(clock)})


@pytest.fixture
def bare(family: Family, clock: Clock) -> Account:
    """Samira, with nothing proved: neither an address nor a mobile."""
    return people.active(family.account, at=clock.now() - timedelta(days=2), email="")


@pytest.fixture
def bare_browser(client: Client, bare: Account) -> Client:
    """Where she has just signed in, passed over what is proposed, and confirmed that it is her."""
    sign_in(client, bare.username, people.PASSWORD)
    client.post("/connexion/a-faire/courriel/", {"later": "on"})
    people.confirm(client)
    return client


@pytest.fixture
def proved(her_browser: Client, samira: Account, clock: Clock) -> Account:
    """Samira, whose number of the base is proved."""
    return lifecycle.confirm_mobile(samira, mobile=KNOWN, by=samira.key, at=clock.now())


def mobile_of(account: Account) -> str:
    account.refresh_from_db()
    return account.mobile


def test_a_first_number_counts_at_once_where_nothing_else_is_proved(
    bare_browser: Client, bare: Account, clock: Clock
) -> None:
    assert give(bare_browser, clock, "06 39 98 17 17").url == "/compte/mobile/?fait=mobile"
    assert mobile_of(bare) == KNOWN and bare.mobile_confirmed_at is not None
    assert mails(clock) == [] and not ChannelChange.objects.exists()
    assert not Correction.objects.exists(), "the school knows that number already"
    assert "06 39 98 17 17" in words(bare_browser.get("/compte/mobile/"))


def test_who_finds_the_page_of_the_number_open_proves_themselves_first(
    her_browser: Client, samira: Account, clock: Clock
) -> None:
    assert her_browser.get("/compte/mobile/changer/").url == NUMBER
    page = ref(her_browser, NUMBER)
    clock.forward(minutes=11)
    assert her_browser.post(NUMBER, {"parcours": page, "mobile": "0639982020"}).url == "/compte/mobile/changer/"
    assert her_browser.get("/compte/mobile/changer/").url.startswith("/connexion/confirmer/")
    assert not texts(clock) and mobile_of(samira) == ""


def test_a_number_the_school_does_not_know_becomes_a_line_for_its_base(
    bare_browser: Client, bare: Account, clock: Clock
) -> None:
    give(bare_browser, clock, "0639982020")
    line = Correction.objects.get()
    assert (line.field, line.value, line.proof, line.by) == ("mobile", NEW, "account", bare.key)
    assert line.guardian.pk == bare.records.get().guardian_id


def test_another_number_waits_48_hours_and_the_old_one_is_told(
    her_browser: Client, proved: Account, clock: Clock
) -> None:
    begin(her_browser, "06 39 98 20 20")
    typed = code(clock)
    answer = her_browser.post(CODE, {"parcours": ref(her_browser, CODE), "code": typed})
    assert answer.url == "/compte/mobile/?fait=demande"
    assert mobile_of(proved) == KNOWN and not Correction.objects.exists()
    ((to, text),) = texts(clock)
    assert to == KNOWN and set(text) <= sms.GSM
    ((mailed, _, body),) = mails(clock)
    assert mailed == "samira@example.org" and "/non/" in body and "/oui/" not in body
    assert "Un nouveau numéro attend" in words(her_browser.get("/compte/"))
    clock.forward(hours=48, minutes=1)
    channel_changes.take_effect(at=clock.now())
    assert mobile_of(proved) == NEW
    assert Correction.objects.get().value == NEW
    assert [to for to, _ in texts(clock)] == [KNOWN]


def test_the_old_number_agrees_and_it_is_done(her_browser: Client, proved: Account, clock: Clock) -> None:
    give(her_browser, clock, "06 39 98 20 20")
    ((_, text),) = texts(clock)
    (path,) = paths(text)
    assert "Est-ce bien vous" in words(Client().get(path))
    assert "Le changement est fait" in words(Client().post(path, {"reponse": "oui"}))
    assert mobile_of(proved) == NEW


def test_the_address_refuses_a_number_it_did_not_ask_for(her_browser: Client, proved: Account, clock: Clock) -> None:
    give(her_browser, clock, "06 39 98 20 20")
    ((_, _, body),) = mails(clock)
    refuse = next(path for path in paths(body) if path.endswith("/non/"))
    Client().post(refuse, {"reponse": "oui"})
    assert mobile_of(proved) == KNOWN
    Client().post(refuse, {"reponse": "non"})
    assert ChannelChange.objects.get().outcome == "refused"
    sign_in(her_browser, proved.username, people.PASSWORD)
    assert "D’abord un nouveau mot de passe" in words(her_browser.get("/compte/mobile/changer/"))


def test_going_back_to_the_present_number_ends_what_waited(her_browser: Client, proved: Account, clock: Clock) -> None:
    give(her_browser, clock, "06 39 98 20 20")
    assert her_browser.post("/compte/mobile/annuler/").url.endswith("fait=annulation")
    clock.forward(hours=49)
    channel_changes.take_effect(at=clock.now())
    assert mobile_of(proved) == KNOWN


@pytest.mark.parametrize(
    ("written", "sentence"),
    [("01 99 00 12 34", "Ce n’est pas un numéro de mobile"), ("06", "il en faut 10"), ("06 39 98 17 17", "déjà le")],
)
def test_what_is_no_other_mobile_is_refused(her_browser: Client, proved: Account, written: str, sentence: str) -> None:
    answer = begin(her_browser, written)
    assert answer.status_code == 422 and sentence in words(answer)


def test_a_wrong_code_proves_nothing(her_browser: Client, samira: Account, clock: Clock) -> None:
    begin(her_browser, "06 39 98 20 20")
    wrong = f"{(int(code(clock)) + 1) % 10**6:06d}"
    answer = her_browser.post(CODE, {"parcours": ref(her_browser, CODE), "code": wrong})
    assert answer.status_code == 422 and mobile_of(samira) == ""


def test_a_double_click_on_the_code_gives_the_number_once(bare_browser: Client, bare: Account, clock: Clock) -> None:
    begin(bare_browser, "06 39 98 20 20")
    form = {"parcours": ref(bare_browser, CODE), "code": code(clock)}
    assert bare_browser.post(CODE, form).url == bare_browser.post(CODE, form).url == "/compte/mobile/?fait=mobile"
    assert Correction.objects.count() == 1


def test_somebody_else_signed_in_meanwhile_goes_on_with_nothing(
    her_browser: Client, samira: Account, family: Family, clock: Clock
) -> None:
    begin(her_browser, "06 39 98 20 20")
    form = {"parcours": ref(her_browser, CODE), "code": code(clock)}
    karim = people.guardian(family.school, "11", "Karim", "ZIANE", family.ines)
    (account,) = lifecycle.open_for_guardians([karim], by="system:import", at=clock.now())
    people.active(account, at=clock.now(), email="karim@example.org")
    sign_in(her_browser, account.username, people.PASSWORD)
    assert her_browser.post(CODE, form).url == "/compte/mobile/"
    assert mobile_of(samira) == mobile_of(account) == ""


def test_a_number_asks_a_recent_proof(her_browser: Client, clock: Clock) -> None:
    clock.forward(minutes=11)
    assert her_browser.get("/compte/mobile/changer/").url.startswith("/connexion/confirmer/")


def test_a_number_others_hold_is_said_not_to_suffice_without_saying_who(
    bare_browser: Client, family: Family, clock: Clock
) -> None:
    people.guardian(family.school, "11", "Karim", "ZIANE", family.ines)  # the same number in the base
    give(bare_browser, clock, "06 39 98 17 17")
    page = words(bare_browser.get("/compte/mobile/"))
    assert "Une autre personne a aussi ce numéro" in page and "Karim" not in page


def test_one_message_to_each_number_and_address_however_many_schools_know_it(
    family: Family, her_browser: Client, proved: Account, clock: Clock
) -> None:
    """Two schools know the old number, and the address of the account."""
    school = people.school("0990002P", "Collège Jeanne-Barret")
    lina = people.pupil(school, "5", "Lina", "BELKACEM", date(2012, 1, 2))
    second = people.guardian(school, "50", "Samira", "BELKACEM", lina)
    lifecycle.gather(second, into=proved, by="system:import", at=clock.now())
    Guardian.objects.update(email="samira@example.org")
    give(her_browser, clock, "06 39 98 20 20")
    ((_, text),) = texts(clock)
    mails(clock)
    Client().post(paths(text)[0], {"reponse": "oui"})
    assert Correction.objects.count() == 2
    assert [to for to, _ in texts(clock)] == [KNOWN]
    assert [to for to, _, _ in mails(clock)] == ["samira@example.org"]


def test_a_number_that_two_schools_alone_know_is_told_once(
    family: Family, bare_browser: Client, bare: Account, clock: Clock
) -> None:
    """A first number: nothing was proved before, the numbers of the bases are told of the line."""
    school = people.school("0990002P", "Collège Jeanne-Barret")
    lina = people.pupil(school, "5", "Lina", "BELKACEM", date(2012, 1, 2))
    second = people.guardian(school, "50", "Samira", "BELKACEM", lina)
    lifecycle.gather(second, into=bare, by="system:import", at=clock.now())
    give(bare_browser, clock, "06 39 98 20 20")
    assert Correction.objects.count() == 2
    assert [to for to, _ in texts(clock)] == [KNOWN]


def test_who_proved_a_mobile_only_is_told_there_of_what_opens_the_account(
    family: Family, clock: Clock, client: Client
) -> None:
    """A thief with the password would otherwise add a passkey, and nothing would say so."""
    account = people.active(family.account, at=clock.now(), email="")
    account = lifecycle.confirm_mobile(account, mobile=KNOWN, by=account.key, at=clock.now())
    for tell in (factor_letters.tell_added, factor_letters.tell_removed):
        for factor in factor_letters.Factor:
            tell(account, factor, at=clock.now())
    sign_in(client, account.username, people.PASSWORD)
    client.post("/connexion/a-faire/courriel/", {"later": "on"})
    chosen = {"current": people.PASSWORD, "password": "un hérisson traverse la cour"}
    assert client.post("/compte/mot-de-passe/", chosen).url == "/compte/?fait=mot-de-passe"
    told = texts(clock)
    assert [to for to, _ in told] == [KNOWN] * 5 and mails(clock) == []
    assert [("clé" in said, "code" in said, "mot de passe" in said) for _, said in told] == [
        (True, False, False), (False, True, False), (True, False, False), (False, True, False), (False, False, True),
    ]  # fmt: skip
    assert all(account.username in said and len(said) <= 160 and set(said) <= sms.GSM for _, said in told)
