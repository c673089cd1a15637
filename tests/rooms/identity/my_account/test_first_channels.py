"""A thief has the phone for five minutes, and the password: what they add waits, and neither opens nor refuses."""

import re
from typing import Any

import pytest
from django.test import Client

from preau.identity.accounts import channel_changes, channels, lifecycle
from preau.identity.accounts.channels import Way
from preau.identity.accounts.models import Account, ChannelChange, Outcome
from preau.identity.audit.events import Events
from preau.identity.audit.models import Event
from preau.identity.directory.models import Correction
from preau.identity.messaging import sms
from preau.identity.my_account import copy
from tests.rooms.identity.my_account.post import mails, paths, texts
from tests.rooms.identity.my_account.test_mobile import CODE, begin, code, give, ref
from tests.rooms.identity.signin import people
from tests.rooms.identity.signin.people import OTHER_PASSWORD, PASSWORD, Clock, Family, sign_in, words

MOBILE, THIEF = "+33639981717", "thief@example.org"


@pytest.fixture
def mother(family: Family, clock: Clock) -> Account:
    """Samira, whose mobile alone is proved, since long ago."""
    account = people.active(family.account, at=clock.now(), email="")
    account = lifecycle.confirm_mobile(account, mobile=MOBILE, by=account.key, at=clock.now())
    clock.forward(days=2)
    return account


def enter(account: Account, password: str = PASSWORD) -> Client:
    """Sign in, and pass over what is proposed."""
    browser = Client()
    sign_in(browser, account.username, password)
    browser.post("/connexion/a-faire/courriel/", {"later": "on"})
    return browser


def give_address(browser: Client, clock: Clock, address: str = THIEF) -> Any:
    """Give a first address and press the button of its message."""
    browser.post("/compte/courriel/", {"email": address})
    ((to, _, body),) = mails(clock)
    assert to == address
    (link,) = paths(body)
    assert "sera celle de votre compte" in words(browser.get(link)) and "48 heures" in words(browser.get(link))
    return browser.post(link)


def after_two_days(clock: Clock) -> None:
    clock.forward(hours=48, minutes=1)
    channel_changes.take_effect(at=clock.now())


def test_who_holds_the_phone_five_minutes_adds_an_address_that_refuses_nothing_of_the_mother(
    mother: Account, clock: Clock
) -> None:
    assert "comptera" in words(give_address(enter(mother), clock))
    ((to, text),) = texts(clock)
    assert to == MOBILE and set(text) <= sms.GSM and len(text) <= 160
    mother.refresh_from_db()
    assert not mother.has_confirmed_email() and mother.pending_email == "", "it opens nothing"
    assert [one.way for one in channels.proved(mother)] == [Way.SMS], "it is told nothing, it gives nothing back"
    her = enter(mother)
    begin(her, "06 39 98 20 20")
    typed = code(clock)
    her.post(CODE, {"parcours": ref(her, CODE), "code": typed})
    assert {to for to, _ in texts(clock)} == {MOBILE} and mails(clock) == [], "nobody asks the address anything"


def test_the_phone_refuses_and_nothing_is_added_before_another_password(mother: Account, clock: Clock) -> None:
    thief = enter(mother)
    give_address(thief, clock)
    ((_, text),) = texts(clock)
    (path,) = paths(text)
    page = words(Client().get(path))
    assert "va être ajoutée" in page and "Ce n’est pas moi" in page
    assert "C’est moi" not in page, "the phone may be in the thief's hand: agreeing would spare them the wait"
    Client().post(path, {"reponse": "oui"})
    assert ChannelChange.objects.get().agreed_at is None
    assert "Rien ne changera" in words(Client().post(path, {"reponse": "non"}))
    assert thief.get("/compte/").status_code == 302, "the thief is out"
    after_two_days(clock)
    mother.refresh_from_db()
    assert not mother.has_confirmed_email()
    thief = enter(mother)
    assert "D’abord un nouveau mot de passe" in words(thief.get("/compte/courriel/"))
    assert thief.post("/compte/courriel/", {"email": THIEF}).status_code == 403
    clock.forward(seconds=1)
    thief.post("/compte/mot-de-passe/", {"current": PASSWORD, "password": OTHER_PASSWORD})
    assert thief.post("/compte/courriel/", {"email": "samira@example.org"}).status_code == 302


def test_a_link_sent_before_the_refusal_adds_nothing_after_it(mother: Account, clock: Clock) -> None:
    thief = enter(mother)
    give_address(thief, clock)
    ((_, text),) = texts(clock)
    lifecycle.give_email(mother, address="other@example.org", by=mother.key, at=clock.now())
    thief.post("/compte/courriel/", {"email": "other@example.org"})
    (path,) = paths(text)
    Client().post(path, {"reponse": "non"})
    assert mails(clock) == [] and [one.outcome for one in ChannelChange.objects.all()] == [Outcome.REFUSED]
    assert enter(mother).get("/compte/").status_code == 200, "she is not asked for an address that would be refused"


def test_the_mother_reads_that_her_address_waits_and_until_when(mother: Account, clock: Clock) -> None:
    her = enter(mother)
    give_address(her, clock, "samira@example.org")
    home, page = words(her.get("/compte/")), words(her.get("/compte/courriel/"))
    assert "En attente" in home and "samira@example.org" in home and "n’a pas d’adresse" not in home
    assert "En attente" in page and "Comptera" in page and "mobile" in page
    assert "Retirer cette adresse" in page and "Envoyer le message" not in page
    assert sign_in(Client(), mother.username, PASSWORD).url == "/connexion/suite/"
    her = Client()
    sign_in(her, mother.username, PASSWORD)
    assert her.get("/connexion/suite/").url == "/compte/", "she gave one already: nothing is asked at the door"
    assert "remplacera" not in home + page and "ancienne" not in page
    held = copy.of(mother, day=clock.now().date(), at=clock.now())["Compte"]
    assert (held["Adresse en attente"], held["Adresse électronique"]) == ("samira@example.org", "")


def test_after_48_hours_it_counts_and_both_are_told(mother: Account, clock: Clock) -> None:
    give_address(enter(mother), clock, "samira@example.org")
    texts(clock)
    clock.forward(hours=47)
    assert not channel_changes.take_effect(at=clock.now())
    clock.forward(hours=1, minutes=1)
    assert channel_changes.take_effect(at=clock.now()) == 1
    mother.refresh_from_db()
    assert mother.has_confirmed_email() and mother.email == "samira@example.org"
    ((to, text),) = texts(clock)
    assert to == MOBILE and set(text) <= sms.GSM and len(text) <= 160 and "courriel" in text
    ((to, subject, _),) = mails(clock)
    assert to == "samira@example.org" and "compte" in subject
    names = list(Event.objects.filter(on=mother.key).order_by("pk").values_list("name", flat=True))
    assert names[-2:] == [Events.CHANNEL_ADDED, Events.EMAIL_CONFIRMED]


def test_it_is_taken_back_from_the_account_and_another_may_be_given(mother: Account, clock: Clock) -> None:
    her = enter(mother)
    give_address(her, clock)
    answer = her.post("/compte/courriel/annuler/")
    page = words(her.get(answer.url))
    assert "ne sera pas ajoutée" in page and "Envoyer le message" in page
    assert "C’est l’adresse" not in page
    after_two_days(clock)
    mother.refresh_from_db()
    assert not mother.has_confirmed_email()


def test_a_new_password_ends_what_waits(mother: Account, clock: Clock) -> None:
    her = enter(mother)
    give_address(her, clock)
    clock.forward(seconds=1)
    her.post("/compte/mot-de-passe/", {"current": PASSWORD, "password": OTHER_PASSWORD})
    after_two_days(clock)
    mother.refresh_from_db()
    assert not mother.has_confirmed_email()


def test_a_first_mobile_beside_an_address_waits_too_and_the_school_hears_of_it_then(
    her_browser: Client, samira: Account, clock: Clock
) -> None:
    assert give(her_browser, clock, "06 39 98 20 20").url == "/compte/mobile/?fait=demande"
    samira.refresh_from_db()
    assert not samira.has_confirmed_mobile() and not Correction.objects.exists()
    ((to, subject, body),) = mails(clock)
    assert to == "samira@example.org" and "mobile va être ajouté" in subject and "/non/" in body and "/oui/" not in body
    home, page = words(her_browser.get("/compte/")), words(her_browser.get("/compte/mobile/?fait=demande"))
    assert "En attente" in home and "En attente" in page and "06 39 98 20 20" in page
    assert "ancien" not in page and "remplacera" not in page
    after_two_days(clock)
    samira.refresh_from_db()
    assert samira.mobile == "+33639982020" and Correction.objects.get().value == "+33639982020"
    assert "mobile" in mails(clock)[0][1]


def test_the_address_refuses_a_first_mobile(her_browser: Client, samira: Account, clock: Clock) -> None:
    give(her_browser, clock, "06 39 98 20 20")
    ((_, _, body),) = mails(clock)
    refuse = next(path for path in paths(body) if path.endswith("/non/"))
    assert "va être ajouté" in words(Client().get(refuse))
    Client().post(refuse, {"reponse": "non"})
    after_two_days(clock)
    samira.refresh_from_db()
    assert not samira.has_confirmed_mobile()
    sign_in(her_browser, samira.username, PASSWORD)
    assert "D’abord un nouveau mot de passe" in words(her_browser.get("/compte/mobile/changer/"))


def test_without_any_proved_channel_the_first_one_counts_at_once(family: Family, clock: Clock) -> None:
    account = people.active(family.account, at=clock.now(), email="")
    browser = enter(account)
    people.confirm(browser)
    browser.post("/compte/courriel/", {"email": "samira@example.org"})
    (link,) = paths(mails(clock)[0][2])
    assert "48 heures" not in words(browser.get(link))
    assert "retrouver l’accès" in words(browser.post(link))
    account.refresh_from_db()
    assert account.has_confirmed_email() and not ChannelChange.objects.exists()


def test_an_address_typed_before_the_mobile_was_proved_waits_too_when_it_is_confirmed_after(
    family: Family, clock: Clock
) -> None:
    """The link left while nothing was proved, is pressed the day after: the mobile counts since, and is told."""
    account = people.active(family.account, at=clock.now(), email="")
    browser = enter(account)
    people.confirm(browser)
    browser.post("/compte/courriel/", {"email": THIEF})
    (link,) = paths(mails(clock)[0][2])
    clock.forward(hours=3)
    assert channel_changes.give_mobile(account, mobile=MOBILE, by=account.key, at=clock.now()) is None
    texts(clock)
    clock.forward(hours=24)
    assert "48 heures" in words(Client().get(link))
    assert "comptera" in words(Client().post(link))
    account.refresh_from_db()
    assert not account.has_confirmed_email() and account.mobile == MOBILE
    ((to, text),) = texts(clock)
    assert to == MOBILE and len(paths(text)) == 1, "it may refuse"
    after_two_days(clock)
    account.refresh_from_db()
    assert account.email == THIEF


def test_what_waits_is_another_address_for_whoever_gives_two(mother: Account, clock: Clock) -> None:
    """Two tabs: the last one confirmed waits, alone."""
    her = enter(mother)
    give_address(her, clock)
    her.post("/compte/courriel/annuler/")
    clock.forward(minutes=2)
    give_address(her, clock, "samira@example.org")
    after_two_days(clock)
    mother.refresh_from_db()
    assert mother.email == "samira@example.org"
    assert re.findall("done", " ".join(one.outcome for one in ChannelChange.objects.all())) == ["done"]
