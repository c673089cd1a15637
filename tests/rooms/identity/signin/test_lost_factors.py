"""The school removes what a family lost: a day later, told before, refused by a button or by using any of it."""

import re
from datetime import timedelta

import pyotp
import pytest
from django.core import mail
from django.db import IntegrityError
from django.test import Client
from django.utils.module_loading import import_string

from preau.identity.accounts import lifecycle
from preau.identity.accounts.models import Account
from preau.identity.audit.events import Events
from preau.identity.audit.models import Event
from preau.identity.jobs.catalogue import CHORES
from preau.identity.messaging import outbox, sms
from preau.identity.messaging.catalogue import MESSAGES, Way
from preau.identity.messaging.models import Outgoing
from preau.identity.signin import authenticator, lost_factors
from preau.identity.signin.models import FactorRemoval, Passkey, RecoveryCode, Removed
from tests.rooms.identity.signin import people
from tests.rooms.identity.signin.people import PASSWORD, Clock, Family, sign_in, words

MOBILE = "+33639980001"
DESK = {"proof": "in_person", "by": "staff:1", "uai": "0991234D"}


@pytest.fixture
def samira(family: Family, clock: Clock) -> Account:
    """She has an application, eight codes on paper and a passkey."""
    account = people.active(family.account, at=clock.now())
    lifecycle.confirm_mobile(account, mobile=MOBILE, by=account.key, at=clock.now())
    Passkey.objects.create(
        account=account, credential_id="c1", public_key=b"k", name="Ordinateur", added_at=clock.now()
    )
    clock.forward(minutes=1)
    return account


@pytest.fixture
def seed(samira: Account, clock: Clock) -> str:
    shown = authenticator.begin(samira, at=clock.now()).base32
    authenticator.finish(samira, code=pyotp.TOTP(shown).at(clock.now()), by=samira.key, at=clock.now())
    clock.forward(minutes=1)
    return shown


def is_on(account: Account) -> bool:
    return authenticator.is_on(Account.objects.get(pk=account.pk))


def ask(samira: Account, clock: Clock) -> FactorRemoval:
    asked = lost_factors.ask(samira, at=clock.now(), **DESK)
    assert asked is not None
    return asked


def test_a_day_later_the_password_is_enough_again(samira: Account, seed: str, clock: Clock) -> None:
    ask(samira, clock)
    clock.forward(hours=23, minutes=59)
    assert lost_factors.remove_due(at=clock.now()) == 0
    assert sign_in(Client(), samira.username, PASSWORD).url == "/connexion/code/"
    clock.forward(minutes=2)
    assert lost_factors.remove_due(at=clock.now()) == 1
    assert lost_factors.remove_due(at=clock.now()) == 0
    assert sign_in(Client(), samira.username, PASSWORD).url == "/connexion/suite/"
    assert not Passkey.objects.exists() and not RecoveryCode.objects.exists()
    assert FactorRemoval.objects.get().outcome == Removed.DONE
    names = Event.objects.about(samira.key).order_by("pk").values_list("name", flat=True)
    assert [one for one in names if one.startswith("signin.")][-4:-1] == [
        Events.FACTORS_LEAVING, Events.AUTHENTICATOR_REMOVED, Events.PASSKEY_REMOVED,
    ]  # fmt: skip
    asked = Event.objects.get(name=Events.FACTORS_LEAVING)
    assert (asked.by, asked.uai, asked.facts) == ("staff:1", "0991234D", {"proof": "in_person"})


def link(text: str) -> str:
    found = re.search(r"http://localhost:8000(/connexion/code/garder/\S+/)", text)
    assert found, text
    return found[1]


def test_the_proved_channels_are_told_at_once_and_each_may_refuse(
    samira: Account, seed: str, clock: Clock, client: Client
) -> None:
    ask(samira, clock)
    texts = []
    for one in Outgoing.objects.filter(message="signin/factors_leaving", way=Way.SMS):
        envelope = import_string(MESSAGES[one.message].made_by)(one, clock.now())
        assert envelope and envelope.to == MOBILE
        texts.append(sms.text_of(one.message, envelope))
    assert len(texts) == 1 and set(texts[0]) <= sms.GSM and link(texts[0])
    outbox.send_due(at=clock.now())
    written = next(one for one in mail.outbox if "vont être retirés" in one.subject)
    assert written.to == ["samira@example.org"] and str(written.body).count("/connexion/code/garder/") == 1
    address = link(str(written.body))
    assert "Garder l’application" in words(client.get(address))
    assert FactorRemoval.objects.get().outcome == "", "a mail scanner follows links: that refuses nothing"
    assert "Rien ne sera retiré" in words(client.post(address))
    assert "Rien ne sera retiré" in words(client.get(address))
    clock.forward(hours=25)
    assert lost_factors.remove_due(at=clock.now()) == 0 and is_on(samira)
    assert Event.objects.get(name=Events.FACTORS_KEPT).by == samira.key


def test_it_is_too_late_to_refuse_what_is_done(samira: Account, seed: str, clock: Clock, client: Client) -> None:
    address = f"/connexion/code/garder/{lost_factors.token(ask(samira, clock))}/"
    clock.forward(hours=25)
    lost_factors.remove_due(at=clock.now())
    assert "trop tard" in words(client.post(address)) and not is_on(samira)
    assert client.get("/connexion/code/garder/inventé/").status_code == 404


@pytest.mark.parametrize("used", ["application", "paper", "passkey"])
def test_what_served_in_the_meantime_is_not_lost(samira: Account, clock: Clock, used: str) -> None:
    seed = authenticator.begin(samira, at=clock.now()).base32
    codes = authenticator.finish(samira, code=pyotp.TOTP(seed).at(clock.now()), by=samira.key, at=clock.now())
    clock.forward(minutes=1)
    ask(samira, clock)
    clock.forward(hours=3)
    if used == "passkey":
        Passkey.objects.update(used_at=clock.now())
    else:
        browser = Client()
        sign_in(browser, samira.username, PASSWORD)
        typed = {"code": pyotp.TOTP(seed).at(clock.now())} if used == "application" else {"recovery": codes[0]}
        assert browser.post("/connexion/code/", typed).url == "/connexion/suite/"
    clock.forward(hours=22)
    assert lost_factors.remove_due(at=clock.now()) == 0
    assert FactorRemoval.objects.get().outcome == Removed.USED and is_on(samira)
    assert Passkey.objects.exists()


def test_a_code_typed_just_before_asking_does_not_stop_it(samira: Account, seed: str, clock: Clock) -> None:
    browser = Client()
    sign_in(browser, samira.username, PASSWORD)
    browser.post("/connexion/code/", {"code": pyotp.TOTP(seed).at(clock.now() + timedelta(seconds=30))})
    ask(samira, clock)
    clock.forward(hours=25)
    assert lost_factors.remove_due(at=clock.now()) == 1


def test_one_stands_at_a_time(samira: Account, seed: str, clock: Clock) -> None:
    first = ask(samira, clock)
    clock.forward(hours=5)
    assert ask(samira, clock) == first and Event.objects.filter(name=Events.FACTORS_LEAVING).count() == 1
    with pytest.raises(IntegrityError):
        FactorRemoval.objects.create(account=samira, asked_by="x", asked_at=clock.now(), effective_at=clock.now())


def test_an_account_that_has_none_has_nothing_to_lose(family: Family, clock: Clock) -> None:
    account = people.active(family.account, at=clock.now())
    assert lost_factors.ask(account, at=clock.now(), **DESK) is None and not FactorRemoval.objects.exists()


def test_a_pupil_reads_it_as_a_pupil(family: Family, clock: Clock) -> None:
    account = people.active(family.ines_account, at=clock.now(), email="ines@example.org")
    Passkey.objects.create(account=account, credential_id="c2", public_key=b"k", name="Tablette", added_at=clock.now())
    ask(account, clock)
    outbox.send_due(at=clock.now())
    body = str(next(one for one in mail.outbox if "vont être retirés" in one.subject).body)
    assert "ton compte" in body and "votre compte" not in body


def test_the_worker_knows_the_chore() -> None:
    assert "preau.identity.signin.lost_factors.remove_due" in {chore.done_by for chore in CHORES}
