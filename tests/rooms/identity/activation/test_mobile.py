"""A guardian activates alone with a mobile; and everybody who should not."""
# size: who gets in and who does not are read together

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from preau.identity.accounts import lifecycle
from preau.identity.accounts.models import Account
from preau.identity.accounts.origins import Origin
from preau.identity.accounts.states import State
from preau.identity.audit.models import Event
from preau.identity.directory.models import Enrolment, Guardian, Guardianship, Level
from preau.identity.directory.phones import readings as known_readings
from preau.identity.messaging import outbox
from preau.identity.messaging.models import Outgoing
from preau.identity.signin.models import Code, Session
from preau.identity.support.models import Ticket
from tests.rooms.identity import phone
from tests.rooms.identity.signin import people

pytestmark = pytest.mark.django_db
MOBILE, TYPED = "+33639981717", "06 39 98 17 17"
DATES = [date(2014, 3, 14), date(2015, 8, 27)]


@pytest.fixture
def phones(settings: Any) -> Iterator[phone.Phones]:
    with phone.switched_on() as phones:
        settings.SMS_URL = phones.url
        yield phones


class Walk:
    """A browser on the way."""

    def __init__(self, clock: people.Clock, phones: phone.Phones) -> None:
        self.client, self.clock, self.phones = Client(), clock, phones
        self.page: Any = None

    def begin(self) -> "Walk":
        self.client.get("/activation/mobile/")
        self.page = self.client.post("/activation/mobile/", follow=True)
        return self

    def answer(self, **data: Any) -> "Walk":
        """Fill the page one stands on."""
        path = self.page.redirect_chain[-1][0] if self.page.redirect_chain else self.path
        self.path = path
        ref = re.search(r'name="parcours" value="(\w+)"', self.page.content.decode())
        assert ref, people.words(self.page)
        self.page = self.client.post(path, {"parcours": ref[1], **data}, follow=True)
        return self

    def say(self, surname: str = "Belkacem", first_name: str = "Samira", mobile: str = TYPED) -> "Walk":
        return self.answer(surname=surname, first_name=first_name, mobile=mobile)

    def deliver(self) -> None:
        """The worker's turn."""
        outbox.send_due(at=self.clock.now())

    def sms(self, number: str = MOBILE) -> "Walk":
        self.deliver()
        return self.answer(code=self.phones.code(number))

    def mailed(self) -> "Walk":
        self.deliver()
        code = re.findall(r"^\s*(\d{6})\s*$", str(mail.outbox[-1].body), re.M)[0]
        return self.answer(code=code)

    def dates(self, days: list[date], **more: str) -> "Walk":
        told: dict[str, str] = {"boxes": str(max(3, len(days)))}
        for number, day in enumerate(days, start=1):
            told |= {
                f"date_{number}_day": str(day.day),
                f"date_{number}_month": str(day.month),
                f"date_{number}_year": str(day.year),
            }
        return self.answer(**told, **more)

    def finish(self, email: str = "") -> "Walk":
        if email:
            self.answer(email=email).mailed()
        else:
            self.answer(none="on")
        return self.answer(password=people.PASSWORD)

    @property
    def at(self) -> str:
        """The last word of the address."""
        path = self.page.redirect_chain[-1][0] if self.page.redirect_chain else self.path
        return str(path).rstrip("/").rpartition("/")[2]

    @property
    def words(self) -> str:
        return people.words(self.page)


@pytest.fixture
def walk(clock: people.Clock, phones: phone.Phones, db: None) -> Walk:
    return Walk(clock, phones)


def account_of(family: people.Family) -> Account:
    return Account.objects.get(pk=family.account.pk)


def test_a_mother_activates_with_her_phone(family: people.Family, walk: Walk, phones: phone.Phones) -> None:
    walk.begin().say().sms().dates(DATES).finish("samira@example.org")
    account = account_of(family)
    assert (account.state, account.origin) == (State.ACTIVE, Origin.SELF)
    assert (account.mobile, account.email) == (MOBILE, "samira@example.org")
    assert account.has_confirmed_email() and account.has_confirmed_mobile()
    assert account.check_password(people.PASSWORD)
    assert account.username in walk.words
    assert Session.objects.filter(account=account).exists()
    walk.deliver()
    assert account.username in mail.outbox[-1].body


def test_without_an_address_the_username_comes_by_sms(family: people.Family, walk: Walk, phones: phone.Phones) -> None:
    walk.begin().say().sms().dates(DATES).finish()
    account = account_of(family)
    assert (account.state, account.email) == (State.ACTIVE, "")
    walk.deliver()
    assert account.username in phones.of(MOBILE)[-1]


@pytest.mark.parametrize(
    ("surname", "first_name"),
    [("belkacem", "samira"), ("BELKACEM MARTIN", "Samira Nour"), ("Samira", "Belkacem")],
)
def test_names_as_people_write_them(family: people.Family, walk: Walk, surname: str, first_name: str) -> None:
    walk.begin().say(surname, first_name).sms().dates(DATES).finish()
    assert account_of(family).state == State.ACTIVE


@pytest.mark.parametrize(
    ("in_base", "typed"),
    [
        ("+594694202345", "694 20 23 45"),
        ("+68987123456", "87 12 34 56"),
        ("+687751234", "75 12 34"),
        ("+262692123456", "00262 692 12 34 56"),
    ],
)
def test_overseas_numbers_as_families_write_them(family: people.Family, walk: Walk, in_base: str, typed: str) -> None:
    Guardian.objects.update(mobile=in_base)
    walk.begin().say(mobile=typed).sms(in_base).dates(DATES).finish()
    assert account_of(family).mobile == in_base


def test_twins_may_be_typed_once(family: people.Family, walk: Walk) -> None:
    family.hugo.birth_on = DATES[0]
    family.hugo.save()
    walk.begin().say().sms().dates(DATES[:1]).finish()
    assert account_of(family).state == State.ACTIVE


def test_the_letter_dies_when_the_account_is_active(family: people.Family, walk: Walk) -> None:
    secret = people.notified(family.account, at=walk.clock.now())
    walk.begin().say().sms().dates(DATES).finish()
    response = people.sign_in(Client(), family.account.username, secret)
    assert response.status_code == 422


# Who should not get in ------------------------------------------------------------------------------------------------
def test_a_stranger_who_knows_name_and_number_receives_nothing(family: people.Family, walk: Walk) -> None:
    """The code goes to the phone, which is not theirs: guessing ends after three tries."""
    walk.begin().say()
    walk.deliver()
    right = walk.phones.code(MOBILE)
    for _ in range(3):
        walk.answer(code="000000" if right != "000000" else "000001")
    walk.answer(code=right)
    assert walk.at == "code", "the code that was right opens nothing any more"
    assert account_of(family).state == State.UNNOTIFIED


def test_a_stranger_with_the_phone_but_not_the_dates_pauses_that_browser_and_that_mobile(
    family: people.Family, walk: Walk, clock: people.Clock, phones: phone.Phones
) -> None:
    walk.begin().say().sms()
    for year in (2010, 2011, 2012):
        walk.dates([date(year, 1, 1)])
    assert walk.at == "pause"
    assert Ticket.objects.count() == 1
    again = Walk(clock, phones).begin()
    clock.forward(minutes=2)
    again.say().sms()
    assert again.at == "pause"  # another browser, the same mobile
    clock.forward(hours=25)
    Walk(clock, phones).begin().say().sms().dates(DATES).finish()
    assert account_of(family).state == State.ACTIVE


def test_one_date_of_two_is_not_enough_and_which_is_missing_is_not_said(family: people.Family, walk: Walk) -> None:
    walk.begin().say().sms()
    one, none = walk.dates(DATES[:1]).words, walk.dates([date(2011, 1, 1)]).words
    assert walk.at == "enfants"
    for words in (one, none):
        assert "Ce ne sont pas les dates que connaît l’établissement" in words
        assert "Hugo" not in words and "Inès" not in words


def test_a_former_spouse_who_shares_the_number_needs_the_address_too(
    family: people.Family, walk: Walk, phones: phone.Phones
) -> None:
    """One number in both records: who holds the phone and knows the children is not therefore the other parent."""
    father = people.guardian(family.school, "11", "Karim", "BELKACEM", family.ines, family.hugo)
    father.guardianships.update(kinship="20")
    lifecycle.open_for_guardians([father], by="system:import", at=walk.clock.now())
    Guardian.objects.filter(pk=family.guardian.pk).update(email="samira@example.org")
    walk.begin().say().sms()
    assert walk.at == "second-code"
    assert "samira@example.org" not in walk.words and "s•••@example.org" in walk.words
    walk.mailed().dates(DATES).finish()
    assert account_of(family).state == State.ACTIVE


def test_a_shared_number_without_an_address_of_ones_own_is_for_the_counter(family: people.Family, walk: Walk) -> None:
    father = people.guardian(family.school, "11", "Karim", "BELKACEM", family.ines, family.hugo)
    father.guardianships.update(kinship="20")
    Guardian.objects.update(email="famille@example.org")
    lifecycle.open_for_guardians([father], by="system:import", at=walk.clock.now())
    walk.begin().say().sms()
    assert walk.at == "etablissement"
    assert "01 99 00 12 34" in walk.words


def test_a_child_whose_own_number_it_is_does_not_open_the_guardians_account(family: people.Family, walk: Walk) -> None:
    Enrolment.objects.filter(pupil=family.ines).update(mobile=MOBILE)
    walk.begin().say().sms()
    assert walk.at == "etablissement"


def test_somebody_in_charge_who_is_not_a_legal_guardian_receives_nothing(
    family: people.Family, walk: Walk, phones: phone.Phones
) -> None:
    Guardianship.objects.update(is_legal=False, level=Level.IN_CHARGE)
    walk.begin().say()
    walk.deliver()
    assert phones.received == []


def test_a_guardian_whose_last_child_has_left_receives_nothing(
    family: people.Family, walk: Walk, phones: phone.Phones
) -> None:
    Enrolment.objects.update(left_on=walk.clock.now().date())
    walk.begin().say()
    walk.deliver()
    assert phones.received == []


def test_who_was_added_beside_an_active_guardian_waits_48_hours(
    family: people.Family, walk: Walk, clock: people.Clock
) -> None:
    Guardian.objects.update(alone_from_at=clock.now() + timedelta(hours=48))
    walk.begin().say().sms()
    assert walk.at == "attente"
    clock.forward(hours=48)
    Walk(clock, walk.phones).begin().say().sms().dates(DATES).finish()
    assert account_of(family).state == State.ACTIVE


def test_a_protected_file_is_never_opened_this_way(family: people.Family, walk: Walk) -> None:
    family.ines.protected_at = walk.clock.now()
    family.ines.save()
    walk.begin().say().sms()
    assert walk.at == "attente"


def test_a_child_without_a_birth_date_is_for_the_counter(family: people.Family, walk: Walk) -> None:
    family.hugo.birth_on = None
    family.hugo.save()
    walk.begin().say().sms()
    assert walk.at == "etablissement"


def test_an_account_in_use_sends_to_its_own_door(family: people.Family, walk: Walk) -> None:
    people.active(family.account, at=walk.clock.now() - timedelta(days=1))
    walk.begin().say().sms()
    assert walk.at == "deja"
    assert family.account.username not in walk.words


def test_two_homonyms_of_one_child_with_one_number_are_refused_like_nobody(
    family: people.Family, walk: Walk, phones: phone.Phones
) -> None:
    son = people.guardian(family.school, "11", "Samira", "BELKACEM", family.ines)
    lifecycle.open_for_guardians([son], by="system:import", at=walk.clock.now())
    walk.begin().say()
    walk.deliver()
    assert (walk.at, phones.received) == ("code", [])


@pytest.mark.parametrize("surname", ["Belkacem", "Personne"])
def test_the_counters_do_not_say_which_reading_of_a_number_the_base_knows(
    family: people.Family, walk: Walk, clock: people.Clock, phones: phone.Phones, surname: str
) -> None:
    """75 12 34 is Caledonian, or Polynesian…: one reading asked before makes both wait, whoever asks."""
    Guardian.objects.update(mobile="+687751234")
    first, *others = known_readings("75 12 34")
    assert others, "an example of several readings"
    for reading in (first, *others):
        clock.forward(minutes=2)
        for _ in range(5):
            Walk(clock, phones).begin().say("Personne", mobile=reading)
            clock.forward(seconds=61)
        over = Walk(clock, phones).begin().say(surname, mobile="75 12 34")
        assert over.at == "mobile" and "cinq codes depuis hier" in over.words
        clock.forward(days=2)


# Several records ------------------------------------------------------------------------------------------------------
def test_all_the_children_of_two_schools_open_both_records_at_once(family: people.Family, walk: Walk) -> None:
    other = people.school("0990002P", "Collège Jeanne-Barret")
    lina = people.pupil(other, "5", "Lina", "BELKACEM", date(2012, 1, 2))
    there = people.guardian(other, "50", "Samira", "BELKACEM", lina)
    (second,) = lifecycle.open_for_guardians([there], by="system:import", at=walk.clock.now())
    walk.begin().say().sms().dates([*DATES, date(2012, 1, 2)]).finish()
    account = account_of(family)
    assert {link.enrolment.pupil.first_name for link in account.guardianships(walk.clock.now().date())} == {
        "Inès", "Hugo", "Lina",
    }  # fmt: skip
    second.refresh_from_db()
    assert second.state == State.DISABLED


def test_the_children_of_one_school_open_that_one_only(family: people.Family, walk: Walk) -> None:
    other = people.school("0990002P", "Collège Jeanne-Barret")
    lina = people.pupil(other, "5", "Lina", "BELKACEM", date(2012, 1, 2))
    there = people.guardian(other, "50", "Samira", "BELKACEM", lina)
    (second,) = lifecycle.open_for_guardians([there], by="system:import", at=walk.clock.now())
    walk.begin().say().sms().dates(DATES).finish()
    second.refresh_from_db()
    assert (account_of(family).state, second.state) == (State.ACTIVE, State.UNNOTIFIED)


def test_a_child_that_is_not_theirs_is_disputed_and_the_school_sees_it(family: people.Family, walk: Walk) -> None:
    """With one proof all the dates are asked, that child's too."""
    walk.begin().say().sms().dates(DATES, not_mine="on")
    assert walk.at == "rattachement"
    link = family.links()[1]
    walk.answer(children=[str(link.pk)]).finish()
    link.refresh_from_db()
    assert link.disputed_at is not None
    assert account_of(family).state == State.ACTIVE


def test_a_thief_of_the_phone_who_knows_one_date_does_not_get_in_by_disowning_the_rest(
    family: people.Family, walk: Walk
) -> None:
    walk.begin().say().sms()
    one, none = walk.dates(DATES[:1], not_mine="on").words, walk.dates([date(2011, 1, 1)], not_mine="on").words
    assert walk.at == "enfants"
    for words in (one, none):
        assert "Ce ne sont pas les dates" in words and "Hugo" not in words and "Inès" not in words
    walk.dates([DATES[1]], not_mine="on")
    assert walk.at == "pause" and account_of(family).state == State.UNNOTIFIED


def test_who_does_not_know_the_date_of_a_child_not_theirs_is_led_to_the_school_and_comes_back(
    family: people.Family, walk: Walk
) -> None:
    walk.begin().say().sms().dates([], not_mine="on")
    assert walk.at == "a-corriger"
    assert "01 99 00 12 34" in walk.words and "FranceConnect" in walk.words
    assert "Hugo" not in walk.words and "Inès" not in walk.words
    assert re.search(r"[2-9A-Z]{3}-[2-9A-Z]{4}", walk.answer().words)
    # The school corrects; the same browser, on the same day: no try was lost.
    family.links()[1].delete()
    walk.clock.forward(minutes=30)
    Walk(walk.clock, walk.phones).begin().say().sms().dates(DATES[:1]).finish()
    assert account_of(family).state == State.ACTIVE


def test_a_guardian_of_nobody_here_activates_nothing(family: people.Family, walk: Walk) -> None:
    """One child, and it is not theirs: the school decides, nothing is disputed on a telephone's word."""
    family.links()[1].delete()
    walk.begin().say().sms().dates(DATES[:1], not_mine="on").answer(children=[str(family.links()[0].pk)])
    assert walk.at == "a-corriger" and "01 99 00 12 34" in walk.words
    assert account_of(family).state == State.UNNOTIFIED
    assert not Guardianship.objects.exclude(disputed_at=None).exists()


def test_without_a_date_and_without_a_word_a_date_is_missing(family: people.Family, walk: Walk) -> None:
    assert "Il manque une date de naissance" in walk.begin().say().sms().dates([]).words


def test_a_blocked_account_reads_that_it_is_blocked(family: people.Family, walk: Walk) -> None:
    lifecycle.block([family.account], reason="x", by="staff:1", at=walk.clock.now())
    walk.begin().say().sms()
    assert walk.at == "etablissement" and "bloqué" in walk.words and "Ce téléphone ne suffit pas" not in walk.words


# Bad luck -------------------------------------------------------------------------------------------------------------
def test_the_same_page_sent_twice_activates_once(family: people.Family, walk: Walk) -> None:
    walk.begin().say().sms().dates(DATES).answer(none="on")
    ref = re.search(r'name="parcours" value="(\w+)"', walk.page.content.decode())
    assert ref
    for _ in range(2):
        walk.client.post("/activation/mobile/mot-de-passe/", {"parcours": ref[1], "password": people.PASSWORD})
    assert Event.objects.filter(name="accounts.activated", on=family.account.key).count() == 1


def test_two_walks_on_one_account_and_the_second_is_told(
    family: people.Family, walk: Walk, clock: people.Clock
) -> None:
    walk.begin().say().sms().dates(DATES)
    clock.forward(minutes=2)
    Walk(clock, walk.phones).begin().say().sms().dates(DATES).finish()
    assert account_of(family).state == State.ACTIVE
    walk.answer(none="on")
    assert walk.at == "deja"


def test_changing_the_number_asks_for_another_code(family: people.Family, walk: Walk) -> None:
    walk.begin().say().sms()
    walk.page = walk.client.get("/activation/mobile/mobile/", follow=True)
    walk.path = "/activation/mobile/mobile/"
    walk.say(mobile="06 39 98 00 99")
    assert walk.client.get("/activation/mobile/enfants/", follow=True).redirect_chain[-1][0].endswith("/code/")


def test_nothing_received_gives_a_ticket_whoever_asks(family: people.Family, walk: Walk) -> None:
    pages = []
    for surname in ("Belkacem", "Inconnu"):
        one = Walk(walk.clock, walk.phones).begin().say(surname)
        walk.clock.forward(minutes=2)
        page = one.client.post("/activation/blocage/", follow=True)
        number = re.search(r"[2-9A-Z]{3}-[2-9A-Z]{4}", people.words(page))
        assert number
        pages.append(people.words(page).replace(number[0], ""))
    assert pages[0] == pages[1]


def test_known_or_not_the_page_the_queries_and_the_rows_are_the_same(family: people.Family, walk: Walk) -> None:
    seen = []
    for surname in ("Belkacem", "Inconnu"):
        one = Walk(walk.clock, walk.phones).begin()
        walk.clock.forward(minutes=2)
        rows = (Code.objects.count(), Outgoing.objects.count(), Event.objects.count())
        with CaptureQueriesContext(connection) as queries:
            one.say(surname)
        made = (Code.objects.count() - rows[0], Outgoing.objects.count() - rows[1], Event.objects.count() - rows[2])
        bare = re.sub(r'value="[^"]*"|nonce="[^"]*"', "", one.words)
        seen.append((len(queries), made, bare))
    assert seen[0] == seen[1]
