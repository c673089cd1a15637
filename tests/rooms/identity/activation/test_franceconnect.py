"""A guardian activates with FranceConnect; the identity arrives sealed in the draft (signin/franceconnect.py)."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pyotp
import pytest
from django.core import mail
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext

from preau.identity.accounts import lifecycle
from preau.identity.accounts.models import FranceConnectLink
from preau.identity.accounts.origins import Origin
from preau.identity.accounts.states import State
from preau.identity.directory.models import Guardian
from preau.identity.franceconnect import sealing
from preau.identity.franceconnect.identity import Identity
from preau.identity.messaging import outbox
from preau.identity.messaging.models import Outgoing
from preau.identity.messaging.sms import GSM
from preau.identity.signin import authenticator
from preau.identity.signin.models import Code, Session
from preau.identity.support.models import Ticket
from preau.journeys import drafts
from tests.rooms.identity import phone
from tests.rooms.identity.activation.test_mobile import DATES, MOBILE, TYPED, Walk, account_of
from tests.rooms.identity.signin import people

pytestmark = pytest.mark.django_db
SAMIRA = Identity(
    subject="f" * 64 + "v1", given_names=("Samira", "Nour"), birth_name="HADDAD", used_name="BELKACEM",
    birth_on=date(1985, 6, 1), gender="female", birthcountry="99352", email="samira@example.org",
)  # fmt: skip
KARIM = Identity(subject="a" * 64 + "v1", given_names=("Karim",), birth_name="BELKACEM", gender="male")


@pytest.fixture
def phones(settings: Any) -> Iterator[phone.Phones]:
    with phone.switched_on() as phones:
        settings.SMS_URL = phones.url
        yield phones


class Citizen(Walk):
    """A browser that has just come back from FranceConnect."""

    def arrive(self, identity: Identity = SAMIRA) -> "Citizen":
        response = HttpResponse()
        facts = {"identity": sealing.seal(identity), "id_token": sealing.seal_token("jeton"), "going_to": ""}
        drafts.begin(response, journey="activation-franceconnect", facts=facts, at=self.clock.now())
        for name, cookie in response.cookies.items():
            self.client.cookies[name] = cookie.value
        self.page = self.client.get("/activation/franceconnect/commencer/", follow=True)
        return self


@pytest.fixture
def walk(clock: people.Clock, phones: phone.Phones, db: None) -> Citizen:
    return Citizen(clock, phones)


def test_the_mobile_the_school_knows_and_the_dates_and_franceconnect_opens_it_for_good(
    family: people.Family, walk: Citizen
) -> None:
    walk.arrive().answer(mobile=TYPED).sms().dates(DATES).answer()
    account = account_of(family)
    assert (account.state, account.origin) == (State.ACTIVE, Origin.FRANCECONNECT)
    assert account.mobile == MOBILE and not account.has_usable_password()
    assert account.franceconnect.subject == lifecycle.subject_pseudonym(SAMIRA.subject)
    assert Session.objects.get(account=account).amr == "fc"
    # FranceConnect's address is a contact: it has to be confirmed.
    assert (account.email, account.pending_email) == ("", "samira@example.org")


def test_who_has_just_proved_the_mobile_reads_no_sms_about_their_own_address(
    family: people.Family, walk: Citizen, phones: phone.Phones
) -> None:
    """FranceConnect's address, confirmed the same evening: the mobile was proved in the same deed."""
    walk.arrive().answer(mobile=TYPED).sms().dates(DATES).answer()
    outbox.send_due(at=walk.clock.now())
    links = [re.findall(r"/activation/courriel/[^/\s]+/", str(one.body)) for one in mail.outbox]
    (link,) = [found[0] for found in links if found]
    walk.clock.forward(hours=5)
    walk.client.post(link)
    assert account_of(family).has_confirmed_email()
    assert not Outgoing.objects.filter(message="my_account/channel_coming").exists()


@pytest.mark.parametrize("birth_name", ["HADDAD", "BELKACEM", "Haddad-Benali"])
def test_the_school_holds_the_birth_name_or_the_used_one(family: people.Family, walk: Citizen, birth_name: str) -> None:
    Guardian.objects.update(birth_name=birth_name)
    walk.arrive().answer(mobile=TYPED).sms().dates(DATES).answer()
    assert account_of(family).state == State.ACTIVE


def test_a_former_spouse_with_the_shared_phone_opens_their_own_record_only(
    family: people.Family, walk: Citizen
) -> None:
    father = people.guardian(family.school, "11", "Karim", "BELKACEM", family.ines, family.hugo)
    father.guardianships.update(kinship="20")
    (his,) = lifecycle.open_for_guardians([father], by="system:import", at=walk.clock.now())
    walk.arrive(KARIM).answer(mobile=TYPED).sms().dates(DATES).answer()
    his.refresh_from_db()
    assert (his.state, account_of(family).state) == (State.ACTIVE, State.UNNOTIFIED)


def test_somebody_of_another_name_receives_no_code(family: people.Family, walk: Citizen, phones: phone.Phones) -> None:
    walk.arrive(KARIM).answer(mobile=TYPED)
    walk.deliver()
    assert (walk.at, phones.received) == ("code", [])


def test_a_civility_that_disagrees_is_somebody_else(family: people.Family, walk: Citizen, phones: phone.Phones) -> None:
    Guardian.objects.update(title="M.")
    walk.arrive().answer(mobile=TYPED)
    walk.deliver()
    assert phones.received == []


def test_with_a_wrong_number_in_the_base_the_known_address_stands_for_it(family: people.Family, walk: Citizen) -> None:
    Guardian.objects.update(mobile="", email="samira.b@example.org")
    walk.arrive().answer(other="1").answer(proof="email").answer(email="Samira.B@example.org").mailed()
    walk.dates(DATES).answer()
    account = account_of(family)
    assert (account.state, account.email) == (State.ACTIVE, "samira.b@example.org")


def test_or_the_letter(family: people.Family, walk: Citizen) -> None:
    secret = people.notified(family.account, at=walk.clock.now())
    walk.arrive().answer(other="1").answer(proof="letter")
    walk.answer(username=family.account.username, password=secret).dates(DATES).answer()
    assert account_of(family).origin == Origin.FRANCECONNECT


@pytest.mark.parametrize("what", ["burnt", "replaced"])
@pytest.mark.parametrize("page", ["enfants", "terminer"])
def test_a_letter_burnt_or_replaced_on_the_way_opens_nothing_any_more(
    family: people.Family, walk: Citizen, what: str, page: str
) -> None:
    secret = people.notified(family.account, at=walk.clock.now())
    walk.arrive().answer(other="1").answer(proof="letter").answer(username=family.account.username, password=secret)
    if page == "terminer":
        walk.dates(DATES)
    walk.clock.forward(minutes=5)
    if what == "burnt":
        lifecycle.burn([family.account], by="staff:1", at=walk.clock.now())
    else:
        people.notified(family.account, at=walk.clock.now())
    walk.dates(DATES) if page == "enfants" else walk.answer()
    assert walk.at == "lettre"
    assert account_of(family).state != State.ACTIVE and not FranceConnectLink.objects.exists()


def test_an_account_activated_elsewhere_meanwhile_is_said_to_be_in_use(family: people.Family, walk: Citizen) -> None:
    secret = people.notified(family.account, at=walk.clock.now())
    walk.arrive().answer(other="1").answer(proof="letter")
    walk.answer(username=family.account.username, password=secret).dates(DATES)
    people.active(family.account, at=walk.clock.now())
    assert walk.answer().at == "deja"


def test_with_two_proofs_a_child_not_hers_is_left_out_without_its_date(family: people.Family, walk: Citizen) -> None:
    """FranceConnect says who she is, and the mobile that the school knows answers."""
    walk.arrive().answer(mobile=TYPED).sms().dates(DATES[:1], not_mine="on")
    link = family.links()[1]
    walk.answer(children=[str(link.pk)]).answer()
    link.refresh_from_db()
    assert link.disputed_at is not None and account_of(family).state == State.ACTIVE


def test_each_refusal_speaks_of_what_was_shown(family: people.Family, walk: Citizen) -> None:
    Guardian.objects.update(mobile="", email="samira.b@example.org", alone_from_at=walk.clock.now() + timedelta(days=1))
    secret = people.notified(family.account, at=walk.clock.now())
    walk.arrive().answer(other="1").answer(proof="letter").answer(username=family.account.username, password=secret)
    assert walk.at == "attente" and "demandez une lettre" not in walk.words and "Se servir de la lettre" in walk.words
    Guardian.objects.update(alone_from_at=None)
    family.hugo.birth_on = None
    family.hugo.save()
    page = people.words(walk.client.get("/activation/franceconnect/etablissement/", follow=True))
    assert "Votre lettre est la bonne" in page and "Ce téléphone" not in page
    mailed = Citizen(walk.clock, walk.phones).arrive().answer(other="1").answer(proof="email")
    mailed.answer(email="samira.b@example.org").mailed()
    assert "Cette adresse ne suffit pas" in mailed.words and "Ce téléphone" not in mailed.words


def test_a_pause_after_a_code_by_mail_speaks_of_no_telephone(family: people.Family, walk: Citizen) -> None:
    Guardian.objects.update(mobile="", email="samira.b@example.org")
    walk.arrive().answer(other="1").answer(proof="email").answer(email="samira.b@example.org").mailed()
    for year in (2010, 2011, 2012):
        walk.dates([date(year, 1, 1)])
    assert walk.at == "pause" and "attendre un jour" in walk.words and "avec ce téléphone" not in walk.words


def test_somebody_elses_letter_opens_nothing(family: people.Family, walk: Citizen) -> None:
    secret = people.notified(family.account, at=walk.clock.now())
    walk.arrive(KARIM).answer(other="1").answer(proof="letter")
    walk.answer(username=family.account.username, password=secret)
    assert walk.at == "lettre" and "Cette lettre n’ouvre rien ici" in walk.words


def test_with_neither_nor_a_civility_the_school_helps(family: people.Family, walk: Citizen) -> None:
    walk.arrive(Identity(**{**vars(SAMIRA), "gender": "unspecified"}))
    walk.answer(other="1").answer(proof="neither")
    assert walk.at == "sans-preuve"
    assert re.search(r"[2-9A-Z]{3}-[2-9A-Z]{4}", walk.answer().words)


def test_an_account_in_use_is_not_taken_over(family: people.Family, walk: Citizen) -> None:
    people.active(family.account, at=walk.clock.now() - timedelta(days=1))
    walk.arrive().answer(mobile=TYPED).sms()
    assert walk.at == "deja"
    assert not FranceConnectLink.objects.exists()


MARRIED = Identity(**{**vars(SAMIRA), "subject": "b" * 64 + "v1", "used_name": "BELKACEM-ROUX"})


def in_with_both_channels(family: people.Family, walk: Citizen) -> None:
    """She came in by FranceConnect with her mobile, and has confirmed an address; a month has passed."""
    walk.arrive().answer(mobile=TYPED).sms().dates(DATES).answer()
    account = account_of(family)
    lifecycle.confirm_email(account, address="samira@example.org", by=account.key, at=walk.clock.now())
    walk.clock.forward(days=30)


def test_a_subject_that_changed_is_a_recovery_that_ends_visits_and_tells_every_channel(
    family: people.Family, walk: Citizen
) -> None:
    in_with_both_channels(family, walk)
    again = Citizen(walk.clock, walk.phones).arrive(MARRIED).answer(mobile=TYPED).sms().dates(DATES).answer()
    account = account_of(family)
    assert account.franceconnect.subject == lifecycle.subject_pseudonym(MARRIED.subject)
    assert "Bienvenue" in again.words and again.client.get("/compte/").status_code == 200
    assert walk.client.get("/compte/").status_code == 302, "the visits of before are over"
    mail.outbox.clear()
    again.deliver()
    assert "FranceConnect ouvre maintenant le compte" in walk.phones.of(MOBILE)[-1]
    assert set(walk.phones.of(MOBILE)[-1]) <= GSM
    linked = [one for one in mail.outbox if one.subject == "FranceConnect ouvre maintenant votre compte"]
    assert [one.to for one in linked] == [["samira@example.org"]]
    assert not Outgoing.objects.filter(sent_at=None).exists()


def test_a_subject_that_changed_does_not_pass_beside_the_authenticator(family: people.Family, walk: Citizen) -> None:
    in_with_both_channels(family, walk)
    account, now = account_of(family), walk.clock.now()
    seed = authenticator.begin(account, at=now).base32
    authenticator.finish(account, code=pyotp.TOTP(seed).at(now), by=account.key, at=now)
    walk.clock.forward(minutes=2)
    again = Citizen(walk.clock, walk.phones).arrive(MARRIED).answer(mobile=TYPED).sms().dates(DATES)
    assert again.at == "application" and "01 99 00 12 34" in again.words
    again.client.get("/activation/franceconnect/terminer/", follow=True)
    assert again.answer(code="000000").at == "application"
    assert account_of(family).franceconnect.subject == lifecycle.subject_pseudonym(SAMIRA.subject)
    again.answer(code=pyotp.TOTP(seed).at(walk.clock.now())).answer()
    assert account_of(family).franceconnect.subject == lifecycle.subject_pseudonym(MARRIED.subject)


def test_a_subject_that_changed_needs_more_than_the_number_of_the_base(family: people.Family, walk: Citizen) -> None:
    """The account proved an address only: the base's number alone gives nothing back."""
    account = people.active(family.account, at=walk.clock.now() - timedelta(days=1))
    lifecycle.link_franceconnect(account, subject="old", by=account.key, at=walk.clock.now())
    walk.arrive().answer(mobile=TYPED).sms()
    assert walk.at == "deja"


def test_an_identity_we_did_not_seal_is_no_identity(family: people.Family, walk: Citizen) -> None:
    response = HttpResponse()
    drafts.begin(response, journey="activation-franceconnect", facts={"identity": "e30="}, at=walk.clock.now())
    for name, cookie in response.cookies.items():
        walk.client.cookies[name] = cookie.value
    assert walk.client.get("/activation/franceconnect/mobile/").url == "/connexion/responsable/"
    assert mail.outbox == []


@pytest.mark.parametrize("way", ["mobile", "email"])
def test_a_number_or_an_address_of_nobody_is_answered_with_the_same_words_after_the_same_work(
    family: people.Family, walk: Citizen, way: str
) -> None:
    """Design §6.10: hers, somebody else's, nobody's."""
    Guardian.objects.update(email="samira.b@example.org")
    asked = {
        "mobile": ((SAMIRA, TYPED), (KARIM, TYPED), (SAMIRA, "06 39 98 55 66")),
        "email": ((SAMIRA, "samira.b@example.org"), (KARIM, "samira.b@example.org"), (SAMIRA, "nobody@example.org")),
    }[way]
    seen = []
    for number, (identity, typed) in enumerate(asked):
        walk.clock.forward(minutes=2)
        one = Citizen(walk.clock, walk.phones)
        one.client.defaults["REMOTE_ADDR"] = f"192.0.2.{number}"
        one.arrive(identity)
        if way == "email":
            one.answer(other="1").answer(proof="email")
        before = [model.objects.count() for model in (Code, Outgoing, Ticket)]
        with CaptureQueriesContext(connection) as queries:
            one.answer(**{way: typed})
        made = [model.objects.count() - then for model, then in zip((Code, Outgoing, Ticket), before, strict=True)]
        bare = re.sub(r'value="[^"]*"|nonce="[^"]*"', "", one.words).replace(typed, "")
        seen.append((one.at, len(queries), made, bare))
    assert seen[0] == seen[1] == seen[2]
