"""FranceConnect alone: everything must agree, everybody is told, and for 72 hours it can be undone."""
# size: each condition, each reader, each thing that waits: one after the other

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from preau.identity.accounts import alone, lifecycle, merging
from preau.identity.accounts.alone import Worth
from preau.identity.accounts.models import AloneOpening, FranceConnectLink, UndoLink
from preau.identity.accounts.origins import Origin
from preau.identity.accounts.states import State
from preau.identity.audit.models import Event
from preau.identity.directory import names
from preau.identity.directory.models import Academy, Guardian, Guardianship, Pupil, School
from preau.identity.franceconnect.identity import Identity
from preau.identity.messaging.models import Outgoing
from preau.identity.messaging.sms import GSM
from preau.identity.recovery import vouching
from preau.identity.signin.models import Session
from preau.identity.support.models import Ticket
from tests.rooms.identity import phone
from tests.rooms.identity.activation.test_franceconnect import SAMIRA, Citizen
from tests.rooms.identity.activation.test_mobile import DATES, account_of
from tests.rooms.identity.signin import people

pytestmark = pytest.mark.django_db
WRONG_MOBILE, SCHOOL_MAIL = "+33639981799", "ce.0991234d@example.org"
KARIM_MAIL = "karim@example.org"


@pytest.fixture
def phones(settings: Any) -> Iterator[phone.Phones]:
    with phone.switched_on() as phones:
        settings.SMS_URL = phones.url
        yield phones


@pytest.fixture
def home(family: people.Family) -> people.Family:
    """Samira, whose number in the base is wrong; Karim, father of both, not in yet."""
    academy = Academy.objects.create(code="099", name="Fictive")
    School.objects.update(academy=academy, email=SCHOOL_MAIL)
    Guardian.objects.update(title="MME", mobile=WRONG_MOBILE, search=names.search_key("BELKACEM", "", "Samira"))
    father = people.guardian(family.school, "11", "Karim", "FAURE", family.ines, family.hugo)
    father.title, father.mobile, father.email = "M.", "", KARIM_MAIL
    father.search = names.search_key("FAURE", "", "Karim")
    father.save()
    father.guardianships.update(kinship="20")
    lifecycle.open_for_guardians([father], by="system:import", at=family.account.opened_at)
    family.school.refresh_from_db()
    return family


class Alone(Citizen):
    """A citizen with nothing else to show."""

    def come(self, identity: Identity = SAMIRA) -> "Alone":
        self.arrive(identity)
        self.answer(other="1").answer(proof="neither")
        return self

    def name(self, school: str = "Élise-Deroche", child: str = "Inès") -> "Alone":
        self.answer(school=school, child=child)
        return self

    def try_dates(self, *days: date) -> "Alone":
        self.dates(list(days or DATES))
        return self


@pytest.fixture
def walk(clock: people.Clock, phones: phone.Phones, db: None) -> Alone:
    return Alone(clock, phones)


def in_by_franceconnect_alone(home: people.Family, walk: Alone) -> AloneOpening:
    walk.come().name().try_dates().answer()
    account = account_of(home)
    assert account.state == State.ACTIVE, walk.words
    return AloneOpening.objects.get(account=account)


def letters(address: str) -> list[str]:
    return [str(one.body) for one in mail.outbox if one.to == [address]]


def link_in(text: str) -> str:
    return re.findall(r"/activation/annuler/[\w-]+/", text)[0]


# Who gets in ----------------------------------------------------------------------------------------------------------
def test_everything_agrees_and_franceconnect_alone_opens_it(home: people.Family, walk: Alone) -> None:
    walk.come().name()
    assert walk.at == "enfants"
    walk.try_dates()
    assert walk.at == "terminer" and "Pendant 72 heures" in walk.words
    walk.answer()
    account = account_of(home)
    assert (account.state, account.origin) == (State.ACTIVE, Origin.FRANCECONNECT)
    assert account.franceconnect.subject == lifecycle.subject_pseudonym(SAMIRA.subject)
    # No channel of the base was proved.
    assert (account.mobile, account.email, account.pending_email) == ("", "", "samira@example.org")
    assert Event.objects.filter(on=account.key, name="accounts.opened_alone").count() == 1


@pytest.mark.parametrize("school", ["0991234D", "élise deroche", "collège Elise-Deroche, Le Pré-sous-Bois"])
@pytest.mark.parametrize("child", ["Hugo", "ines"])
def test_the_school_and_the_child_as_people_write_them(
    home: people.Family, walk: Alone, school: str, child: str
) -> None:
    walk.come().name(school, child).try_dates().answer()
    assert account_of(home).state == State.ACTIVE


def test_the_birth_name_does_as_well_as_the_used_one(home: people.Family, walk: Alone) -> None:
    Guardian.objects.filter(first_name="Samira").update(
        birth_name="HADDAD", search=names.search_key("HADDAD", "", "Samira")
    )
    in_by_franceconnect_alone(home, walk)


def test_a_school_that_nobody_knows_is_said_so_and_two_of_one_name_ask_the_town(
    home: people.Family, walk: Alone
) -> None:
    """Schools are public: nothing about anybody is told."""
    School.objects.create(uai="0990002P", name="Lycée Élise-Deroche", town="Saint-Aubin-le-Clos")
    walk.come().name("Nulle-Part")
    assert walk.at == "enfant" and "Aucun établissement ne porte ce nom" in walk.words
    walk.name("Élise-Deroche")
    assert "ajoutez la ville" in walk.words and "Saint-Aubin-le-Clos" in walk.words
    walk.name("Élise-Deroche Le Pré-sous-Bois")
    assert walk.at == "enfants"


def test_a_child_who_is_not_hers_is_disowned_but_all_the_dates_are_asked(home: people.Family, walk: Alone) -> None:
    walk.come().name().dates([DATES[0]], not_mine="on")
    assert walk.at == "enfants"
    walk.dates(DATES, not_mine="on")
    assert walk.at == "rattachement"
    walk.answer(children=[str(home.links()[1].pk)])
    walk.answer()
    assert account_of(home).state == State.ACTIVE
    assert [bool(link.disputed_at) for link in home.links()] == [False, True]


# Who does not: one condition missing at a time ------------------------------------------------------------------------
def _hers() -> Any:
    return Guardian.objects.filter(first_name="Samira")


def _one_more_samira(home: people.Family, **more: str) -> Guardian:
    """In another school of the académie, without any right."""
    other = School.objects.create(
        uai="0990002P", name="Jeanne-Barret", town="Saint-Aubin", academy_id=more.pop("academy", "099")
    )
    facts = {"birth_name": "BELKACEM", "used_name": "", **more}
    search = names.search_key(facts["birth_name"], facts["used_name"], "Samira")
    return Guardian.objects.create(school=other, source_key="90", first_name="Samira", search=search, **facts)


def _second_record_of_her_account(home: people.Family) -> None:
    other = School.objects.create(uai="0990002P", name="Jeanne-Barret", academy=None)
    record = Guardian.objects.create(school=other, source_key="90", first_name="Sam", birth_name="B")
    lifecycle.gather(record, into=home.account, by="system:import", at=home.account.opened_at)


def _half_way(home: people.Family) -> None:
    lifecycle.give_email(home.account, address="x@example.org", by="x", at=home.account.opened_at)


def _another_identity(home: people.Family) -> None:
    lifecycle.link_franceconnect(home.account, subject="another", by="x", at=home.account.opened_at)


def _identity_in_use(home: people.Family) -> None:
    """It opens an account that nobody activated: the sign-in leads here."""
    (his,) = [one for one in type(home.account).objects.exclude(pk=home.account.pk) if one.kind == "guardian"]
    lifecycle.link_franceconnect(his, subject=SAMIRA.subject, by="x", at=his.opened_at)


def _twins(home: people.Family) -> None:
    Pupil.objects.update(birth_on=DATES[0])


MISSING: dict[str, Callable[[people.Family], Any]] = {
    "another given name": lambda home: _hers().update(first_name="Sonia"),
    "the second given name": lambda home: _hers().update(first_name="Nour"),
    "another surname": lambda home: _hers().update(birth_name="BENALI"),
    "a surname that is only close": lambda home: _hers().update(birth_name="BELKACEM MARTIN"),
    "another civility": lambda home: _hers().update(title="M."),
    "no civility in the base": lambda home: _hers().update(title=""),
    "a namesake in the academy": _one_more_samira,
    "a namesake by a birth name": lambda home: _one_more_samira(home, birth_name="HADDAD", used_name="ROUX"),
    "a namesake with a longer name": lambda home: _one_more_samira(home, birth_name="BELKACEM MARTIN"),
    "one child only": lambda home: home.links()[1].delete(),
    "twins only": _twins,
    "a child without birth date": lambda home: Pupil.objects.filter(pk=home.hugo.pk).update(birth_on=None),
    "an account in use": lambda home: people.active(home.account, at=home.account.opened_at),
    "a blocked account": lambda home: lifecycle.block([home.account], reason="x", by="x", at=home.account.opened_at),
    "a letter half way": _half_way,
    "another identity linked": _another_identity,
    "the identity linked elsewhere": _identity_in_use,
    "added since less than 48 hours": lambda home: _hers().update(
        alone_from_at=home.account.opened_at + timedelta(days=1)
    ),
    "a disputed link": lambda home: Guardianship.objects.filter(pk=home.links()[1].pk).update(
        disputed_at=home.account.opened_at
    ),
    "a protected file": lambda home: Pupil.objects.filter(pk=home.hugo.pk).update(protected_at=home.account.opened_at),
    "a body": lambda home: _hers().update(is_body=True),
    "not legal": lambda home: Guardianship.objects.filter(guardian__in=_hers()).update(is_legal=False),
    "children who left": lambda home: home.hugo.enrolments.update(left_on=date(2020, 1, 1)),
    "several records gathered": _second_record_of_her_account,
}


# All the dates of those whose dates are fewer: what is missing is not a date.
RIGHT = dict.fromkeys(("one child only", "twins only", "children who left"), DATES[:1])


@pytest.mark.parametrize("missing", sorted(MISSING))
def test_one_condition_missing_and_it_ends_on_the_same_page_after_the_same_work(
    home: people.Family, walk: Alone, clock: people.Clock, phones: phone.Phones, missing: str
) -> None:
    """Design §6.10: somebody of whom all is right but that, and somebody of whom nothing is known."""
    MISSING[missing](home)
    right = RIGHT.get(missing, DATES)
    tries = [right, [*right, date(2013, 2, 3)], [date(2012, 1, 1)]]
    seen = [_refused(Alone(clock, phones), child, tries, clock) for child in ("Inès", "Personne")]
    assert seen[0] == seen[1]
    assert not AloneOpening.objects.exists()


def _refused(browser: Alone, child: str, tries: list[list[date]], clock: people.Clock) -> list[Any]:
    """What each try showed, asked of the database and wrote; then the pause of that citizen ends."""
    browser.come().name(child=child)
    found: list[Any] = []
    for days in tries:
        before = _rows()
        with CaptureQueriesContext(connection) as statements:
            browser.try_dates(*days)
        asked = [one["sql"].partition(" ")[0] for one in statements]
        written = [now - then for now, then in zip(_rows(), before, strict=True)]
        found.append((browser.at, _comparable(browser.words), asked, written))
    assert browser.at == "sans-preuve" and "Votre numéro de ticket" in browser.words
    clock.forward(days=2)
    return found


def _rows() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Outgoing, Ticket, Event, UndoLink))


def _comparable(words: str) -> str:
    words = re.sub(r'(name="(csrfmiddlewaretoken|parcours)" value|nonce)="[^"]*"', "", words)
    words = re.sub(r"\b[0-9A-Z]{3}-[0-9A-Z]{4}\b", "TICKET", words)
    words = re.sub(r'<time datetime="[^"]*">[^<]*</time>|\d+(<sup>er</sup>)? \w+ 20\d\d', "DAY", words)
    return re.sub(r'value="\d*"', "", words)


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("another child's name", {"child": "Léa"}),
        ("another child's date", {"dates": [DATES[0], date(2015, 8, 28)]}),
        ("one date of two", {"dates": [DATES[0]]}),
        ("one date too many", {"dates": [*DATES, date(2017, 1, 1)]}),
    ],
)
def test_what_is_typed_must_all_be_right(home: people.Family, walk: Alone, what: str, said: Any) -> None:
    walk.come().name(child=said.get("child", "Inès")).try_dates(*said.get("dates", DATES))
    assert walk.at == "enfants" and "Il vous reste 2 essais" in walk.words, what
    assert account_of(home).state == State.UNNOTIFIED


@pytest.mark.parametrize(
    "said",
    [
        {"gender": "unspecified"},
        {"gender": ""},
        {"birth_on": None},
        {"birth_on": None, "birth_partial": "2008"},
        {"birth_on": date(2012, 5, 1)},
    ],
    ids=["unspecified", "no civility", "no birth date", "perhaps a minor", "a minor"],
)
def test_an_identity_that_says_too_little_ends_on_that_page_at_once(
    home: people.Family, walk: Alone, said: dict[str, Any]
) -> None:
    walk.come(Identity(**{**vars(SAMIRA), **said}))
    assert walk.at == "sans-preuve"
    assert re.search(r"[2-9A-Z]{3}-[2-9A-Z]{4}", walk.answer().words)


def test_a_birth_year_alone_is_enough_when_it_is_surely_an_adults(home: people.Family, walk: Alone) -> None:
    walk.come(Identity(**{**vars(SAMIRA), "birth_on": None, "birth_partial": "1985"})).name().try_dates().answer()
    assert account_of(home).state == State.ACTIVE


@pytest.mark.parametrize(
    ("hers", "theirs"),
    [
        (("DIALLO", "LY"), ("LY", "")),  # a used name of two letters beside a long one
        (("LEGOFF", ""), ("LE GOFF", "")),
        (("LE GOFF", ""), ("LEGOFF", "")),
        (("HADDAD", "BELKACEM"), ("BELKACEM MARTIN", "")),
    ],
)
@pytest.mark.parametrize("said", ["Samira", "Sami-Ra", "Anne Samira"])
def test_a_namesake_written_otherwise_is_found_too(
    home: people.Family, walk: Alone, hers: Any, theirs: Any, said: str
) -> None:
    """Whatever `claims.agreement` calls the same name, the question asked of the base must bring back."""
    Guardian.objects.filter(first_name="Samira").update(
        birth_name=hers[0], used_name=hers[1], first_name=said, search=names.search_key(*hers, said)
    )
    namesake = _one_more_samira(home, birth_name=theirs[0], used_name=theirs[1])
    her = Identity(**{**vars(SAMIRA), "birth_name": hers[0], "used_name": hers[1], "given_names": (said,)})
    walk.come(her).name().try_dates()
    assert walk.at == "enfants" and account_of(home).state == State.UNNOTIFIED
    Guardian.objects.filter(pk=namesake.pk).update(title="M.")
    walk.clock.forward(days=2)
    Alone(walk.clock, walk.phones).come(her).name().try_dates().answer()
    assert account_of(home).state == State.ACTIVE


def test_a_namesake_of_another_academy_is_no_doubt(home: people.Family, walk: Alone) -> None:
    Academy.objects.create(code="098", name="Lointaine")
    _one_more_samira(home, academy="098")
    in_by_franceconnect_alone(home, walk)


def test_a_namesake_of_the_other_civility_is_somebody_else(home: people.Family, walk: Alone) -> None:
    _one_more_samira(home, title="M.")
    in_by_franceconnect_alone(home, walk)


def test_three_wrong_sets_pause_that_citizen_on_any_browser_and_nobody_else(
    home: people.Family, walk: Alone, clock: people.Clock, phones: phone.Phones
) -> None:
    walk.come().name()
    for day in (1, 2, 3):
        walk.try_dates(DATES[0], date(2015, 1, day))
    assert walk.at == "sans-preuve"
    again = Alone(clock, phones).come().name()
    assert again.at == "sans-preuve"
    # Another citizen of the same names is not paused by the first: nobody can block a family by naming its child.
    other = Alone(clock, phones).come(Identity(**{**vars(SAMIRA), "subject": "c" * 64 + "v1"})).name()
    assert other.at == "enfants"


def test_right_dates_refused_for_a_mistyped_child_serve_once_the_child_is_right(
    home: people.Family, walk: Alone
) -> None:
    walk.come().name(child="Ynès").try_dates()
    assert walk.at == "enfants"
    walk.page = walk.client.get("/activation/franceconnect/enfant/", follow=True)
    walk.path = "/activation/franceconnect/enfant/"
    walk.name().try_dates()
    assert walk.at == "terminer"


def test_a_condition_that_vanishes_before_the_last_click_opens_nothing(home: people.Family, walk: Alone) -> None:
    walk.come().name().try_dates()
    assert walk.at == "terminer"
    _one_more_samira(home)
    walk.answer()
    assert account_of(home).state == State.UNNOTIFIED and not AloneOpening.objects.exists()


# Who is told ----------------------------------------------------------------------------------------------------------
def test_the_school_the_base_and_the_other_guardian_are_told(
    home: people.Family, walk: Alone, phones: phone.Phones
) -> None:
    _hers().update(email="samira.known@example.org")
    in_by_franceconnect_alone(home, walk)
    walk.deliver()
    (sms,) = phones.of(WRONG_MOBILE)
    assert "Samira B." in sms and link_in(sms)
    # The number may be a stranger's: they are told that there is nothing to do, in one message.
    assert "Nom inconnu, ne faites rien." in sms and len(sms) <= 160 and set(sms) <= GSM
    (known,) = letters("samira.known@example.org")
    assert "Samira B." in known and link_in(known)
    (school,) = letters(SCHOOL_MAIL)
    assert "/bureau/" in school or "responsables/" in school
    (other,) = letters(KARIM_MAIL)
    assert "Inès et Hugo" in other and "Samira" not in other and link_in(other)
    # A stranger's number or address learns neither a child nor a whole name.
    assert not any(word in known + sms for word in ("Inès", "Hugo", "Belkacem", "BELKACEM"))
    # Each link is its own, and only its digest is kept.
    tokens = [link_in(one).split("/")[-2] for one in (sms, known, other)]
    assert len(set(tokens)) == 3 == UndoLink.objects.count()
    assert not any(token in row.digest for token in tokens for row in UndoLink.objects.all())


def test_an_active_father_is_told_by_what_his_account_proved(
    home: people.Family, walk: Alone, clock: people.Clock
) -> None:
    his = Guardian.objects.get(first_name="Karim").record.account
    people.active(his, at=clock.now() - timedelta(days=3), email="karim.own@example.org")
    in_by_franceconnect_alone(home, walk)
    walk.deliver()
    assert letters("karim.own@example.org") and not letters(KARIM_MAIL)


def test_the_father_of_one_child_only_reads_that_name_only(home: people.Family, walk: Alone) -> None:
    Guardianship.objects.filter(guardian__first_name="Karim", enrolment__pupil=home.hugo).delete()
    in_by_franceconnect_alone(home, walk)
    walk.deliver()
    (other,) = letters(KARIM_MAIL)
    assert "Inès" in other and "Hugo" not in other


# Undoing --------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("whose", ["base", "other"])
def test_a_link_undoes_it_by_its_button_once_and_the_account_is_as_before(
    home: people.Family, walk: Alone, phones: phone.Phones, clock: people.Clock, whose: str
) -> None:
    opening = in_by_franceconnect_alone(home, walk)
    walk.deliver()
    link = link_in(phones.of(WRONG_MOBILE)[0] if whose == "base" else letters(KARIM_MAIL)[0])
    mail.outbox.clear()
    reader = Client()
    page = reader.get(link)
    assert page.status_code == 200 and "Annuler cet accès ?" in people.words(page)
    assert "Vous ne connaissez pas cette personne" in people.words(page)
    assert account_of(home).state == State.ACTIVE, "mail scanners follow links"
    assert walk.client.get("/compte/").status_code == 200
    clock.forward(hours=71)
    assert "L’accès est annulé" in people.words(reader.post(link))
    account = account_of(home)
    assert (account.state, account.origin, account.activated_at) == (State.UNNOTIFIED, Origin.UNSET, None)
    assert (account.email, account.pending_email, account.mobile) == ("", "", "")
    assert not account.has_usable_password() and not FranceConnectLink.objects.exists()
    assert walk.client.get("/compte/").status_code == 302, "the visit is over"
    event = Event.objects.get(name="accounts.activation_undone")
    assert event.by == (Guardian.objects.get(first_name="Samira" if whose == "base" else "Karim").key)
    # Once: another click, or the link of another message, changes nothing more.
    assert "L’accès est annulé" in people.words(reader.post(link))
    assert Event.objects.filter(name="accounts.activation_undone").count() == 1
    # Everybody is told.
    walk.deliver()
    assert letters(SCHOOL_MAIL) and letters(KARIM_MAIL) and len(phones.of(WRONG_MOBILE)) == 2
    opening.refresh_from_db()
    assert opening.undone_at is not None


def test_what_was_undone_is_not_opened_alone_again(home: people.Family, walk: Alone, clock: people.Clock) -> None:
    opening = in_by_franceconnect_alone(home, walk)
    assert alone.undo(opening, by="x", at=clock.now()) is Worth.GOOD
    clock.forward(days=2)
    Alone(clock, walk.phones).come().name().try_dates()
    assert account_of(home).state == State.UNNOTIFIED
    # The school's letter still opens it.
    assert people.notified(home.account, at=clock.now())


def test_what_the_account_said_of_a_child_is_undone_too(home: people.Family, walk: Alone, clock: people.Clock) -> None:
    walk.come().name().dates(DATES, not_mine="on")
    walk.answer(children=[str(home.links()[1].pk)]).answer()
    assert home.links()[1].disputed_at
    alone.undo(AloneOpening.objects.get(), by="x", at=clock.now())
    assert not home.links()[1].disputed_at


def test_the_address_the_account_had_proved_is_told_before_it_is_forgotten(
    home: people.Family, walk: Alone, clock: people.Clock
) -> None:
    opening = in_by_franceconnect_alone(home, walk)
    lifecycle.confirm_email(opening.account, address="samira@example.org", by="x", at=clock.now())
    alone.undo(opening, by="x", at=clock.now())
    assert not Outgoing.objects.filter(facts__icontains="samira@").exists()
    walk.deliver()
    assert any("annulé" in one for one in letters("samira@example.org"))
    assert account_of(home).email == ""


def test_after_72_hours_nothing_is_undone(home: people.Family, walk: Alone, clock: people.Clock) -> None:
    in_by_franceconnect_alone(home, walk)
    walk.deliver()
    link = link_in(letters(KARIM_MAIL)[0])
    clock.forward(hours=72)
    for response in (Client().get(link), Client().post(link)):
        assert response.status_code == 410 and "ne peut plus être annulé" in people.words(response)
    assert account_of(home).state == State.ACTIVE


def test_a_link_of_nobody_says_so(db: None) -> None:
    for response in (Client().get("/activation/annuler/abc/"), Client().post("/activation/annuler/abc/")):
        assert response.status_code == 404 and "n’est pas valable" in people.words(response)


def test_an_account_blocked_meanwhile_stays_blocked_once_undone(
    home: people.Family, walk: Alone, clock: people.Clock
) -> None:
    opening = in_by_franceconnect_alone(home, walk)
    lifecycle.block([opening.account], reason="doute", by="staff:1", at=clock.now())
    assert alone.undo(opening, by="x", at=clock.now()) is Worth.GOOD
    account = account_of(home)
    assert (account.state, account.activated_at) == (State.BLOCKED, None)
    assert not FranceConnectLink.objects.exists()


# What waits -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "page",
    [
        "/compte/mobile/changer/", "/compte/mot-de-passe/premier/", "/compte/donnees/", "/compte/fermeture/",
        "/compte/enfants/ajouter/", "/compte/cles-et-codes/cle/", "/compte/cles-et-codes/application/",
    ],
)  # fmt: skip
def test_what_would_outlive_the_undoing_waits(home: people.Family, walk: Alone, clock: people.Clock, page: str) -> None:
    in_by_franceconnect_alone(home, walk)
    Session.objects.update(reminded_at=clock.now())
    response = walk.client.get(page)
    assert response.status_code == 403 and "ce changement attend" in people.words(response)
    clock.forward(hours=73)
    assert walk.client.get(page).status_code != 403


def test_the_reminder_takes_no_other_address_yet(home: people.Family, walk: Alone, clock: people.Clock) -> None:
    account = in_by_franceconnect_alone(home, walk).account
    before = account.pending_email
    Session.objects.update(reminded_at=None)  # as at the next visit
    reminder = "/connexion/a-faire/courriel/"
    response = walk.client.post(reminder, {"email": "thief@example.org"})
    assert response.status_code == 422 and "une autre adresse attend" in people.words(response)
    account.refresh_from_db()
    assert account.pending_email == before
    # The one FranceConnect gave may be sent its message again, and the reminder passed over.
    assert walk.client.post(reminder, {"email": before}).url == "/connexion/suite/"
    # After the 72 hours, any address.
    clock.forward(hours=73)
    Session.objects.update(started_at=clock.now(), seen_at=clock.now(), authenticated_at=clock.now(), reminded_at=None)
    assert walk.client.post(reminder, {"email": "other@example.org"}).url == "/connexion/suite/"
    account.refresh_from_db()
    assert account.pending_email == "other@example.org"


def test_she_vouches_for_no_pupil_yet(home: people.Family, walk: Alone, clock: people.Clock) -> None:
    pupil = people.active(home.ines_account, at=clock.now() - timedelta(days=3), email="")
    account = in_by_franceconnect_alone(home, walk).account
    day = date(2026, 11, 24)
    assert not vouching.guardians_of(pupil, day=day, at=clock.now())
    assert not vouching.pupils_of(account, day=day, at=clock.now())
    later = clock.now() + alone.UNDOABLE
    assert vouching.guardians_of(pupil, day=day, at=later) == [account]


def test_nobody_gathers_it_with_another_account_yet(home: people.Family, walk: Alone, clock: people.Clock) -> None:
    account = in_by_franceconnect_alone(home, walk).account
    other = Guardian.objects.get(first_name="Karim").record.account
    for kept, absorbed in ((account, other), (other, account)):
        with pytest.raises(merging.Frozen):
            merging.judge(kept, absorbed, day=date(2026, 11, 24), at=clock.now())
