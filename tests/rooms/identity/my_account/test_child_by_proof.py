"""« Ajouter des élèves », by proof: same names, a mobile only this person holds, all the birth dates; no letter."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from preau.identity.accounts import lifecycle, merging
from preau.identity.accounts.models import Account, AskedMerge, Merge
from preau.identity.accounts.states import State
from preau.identity.directory.models import Guardian, Guardianship, Pupil, School
from preau.identity.messaging.models import Outgoing
from preau.identity.signin.models import Code, Session
from preau.identity.support.models import Ticket
from tests.rooms.identity.my_account.post import mails, texts
from tests.rooms.identity.signin import people
from tests.rooms.identity.signin.people import Clock, Family, words

pytestmark = pytest.mark.django_db
START = "/compte/enfants/ajouter/preuve/"
SCHOOL, CODE, DATES = f"{START}etablissement/", f"{START}code/", f"{START}enfants/"
STUCK = f"{START}bloque/"
BARRET, MOBILE = "collège Jeanne-Barret", "06 39 98 17 17"


@pytest.fixture
def lina(family: Family, clock: Clock) -> Pupil:
    """Known by another school; its account for her mother was never activated."""
    school = people.school("0990002P", "Collège Jeanne-Barret")
    lina = people.pupil(school, "5", "Lina", "BELKACEM", date(2012, 1, 2))
    guardian = people.guardian(school, "50", "Samira", "BELKACEM", lina)
    lifecycle.open_for_guardians([guardian], by="system:import", at=clock.now() - timedelta(days=2))
    return lina


@pytest.fixture
def other(lina: Pupil) -> Account:
    """Whose record Lina’s school has."""
    return Account.objects.get(records__guardian__school="0990002P")


def send(browser: Client, page: str, **answers: Any) -> Any:
    """Fill a page in."""
    found = re.search(r'name="parcours" value="(\w+)"', words(browser.get(page)))
    return browser.post(page, {"parcours": found[1] if found else "", **answers})


def ask(browser: Client, *, school: str = BARRET, mobile: str = MOBILE) -> Any:
    """The first page: a code leaves, or seems to."""
    assert browser.get(START).url == SCHOOL
    return send(browser, SCHOOL, school=school, mobile=mobile)


def prove_mobile(browser: Client, clock: Clock, **answers: str) -> Any:
    """The first page and the code received."""
    assert ask(browser, **answers).url == CODE
    typed = re.findall(r"\b\d{6}\b", texts(clock)[-1][1])[0]
    return send(browser, CODE, code=typed)


def give_dates(browser: Client, *dates: date) -> Any:
    """The birth dates."""
    boxes: dict[str, Any] = {}
    for number, day in enumerate(dates, start=1):
        boxes |= {f"date_{number}_day": day.day, f"date_{number}_month": day.month, f"date_{number}_year": day.year}
    return send(browser, DATES, boxes="3", **boxes)


def children(account: Account, clock: Clock) -> set[str]:
    return {link.enrolment.pupil.first_name for link in account.guardianships(clock.now().date())}


LINA_BORN = date(2012, 1, 2)


def test_a_record_never_activated_joins_at_once(
    her_browser: Client, samira: Account, other: Account, clock: Clock
) -> None:
    assert prove_mobile(her_browser, clock).url == DATES
    assert give_dates(her_browser, LINA_BORN).url == "/compte/enfants/?fait=ajout"
    assert children(samira, clock) == {"Inès", "Hugo", "Lina"}
    other.refresh_from_db()
    assert other.state == State.DISABLED
    assert [to for to, _, _ in mails(clock)] == ["samira@example.org"]


def test_an_account_in_use_is_told_first_and_waits_48_hours(
    her_browser: Client, samira: Account, other: Account, clock: Clock
) -> None:
    people.active(other, at=clock.now() - timedelta(days=1), email="autre@example.org")
    prove_mobile(her_browser, clock)
    assert give_dates(her_browser, LINA_BORN).url == "/compte/enfants/?fait=demande"
    assert {to for to, _, _ in mails(clock)} == {"samira@example.org", "autre@example.org"}
    assert children(samira, clock) == {"Inès", "Hugo"}
    merging.perform_due(at=clock.now() + timedelta(hours=48))
    assert children(samira, clock) == {"Inès", "Hugo", "Lina"}


def test_three_wrong_sets_of_dates_pause_and_leave_a_ticket(
    her_browser: Client, samira: Account, other: Account, clock: Clock
) -> None:
    prove_mobile(her_browser, clock)
    for year in (2009, 2010):
        assert give_dates(her_browser, date(year, 1, 2)).status_code == 422
    assert give_dates(her_browser, date(2011, 1, 2)).url == f"{START}pause/"
    assert "Faisons une pause" in words(her_browser.get(f"{START}pause/"))
    assert Ticket.objects.get().journey == "ajouter-un-enfant"
    assert her_browser.get(DATES).url == f"{START}pause/"
    assert not Merge.objects.exists()


def test_a_child_not_theirs_adds_nothing_and_leads_to_the_school(
    her_browser: Client, samira: Account, other: Account, clock: Clock
) -> None:
    prove_mobile(her_browser, clock)
    assert send(her_browser, DATES, not_mine="on", boxes="3").url.endswith("/a-corriger/")
    page = words(her_browser.get(f"{START}a-corriger/"))
    assert "Rien n’a été ajouté" in page
    assert "Votre numéro de ticket" in words(her_browser.get(send(her_browser, f"{START}a-corriger/").url))


def test_all_the_children_of_that_record_are_asked_for(
    her_browser: Client, other: Account, lina: Pupil, clock: Clock
) -> None:
    adel = people.pupil(lina.enrolments.get().school, "6", "Adel", "BELKACEM", date(2013, 2, 3))
    link = Guardianship.objects.get(guardian__record__account=other)
    Guardianship.objects.create(
        guardian=link.guardian, enrolment=adel.enrolments.get(), level=link.level, is_legal=True, kinship="10"
    )
    prove_mobile(her_browser, clock)
    assert give_dates(her_browser, LINA_BORN).status_code == 422
    assert give_dates(her_browser, LINA_BORN, date(2013, 2, 3)).url == "/compte/enfants/?fait=ajout"


STRANGERS = {
    "another first name": lambda: Guardian.objects.filter(school="0990002P").update(first_name="Karim"),
    "another surname": lambda: Guardian.objects.filter(school="0990002P").update(birth_name="DURAND"),
    "another civility": lambda: (
        Guardian.objects.filter(school="0990002P").update(title="M."),
        Guardian.objects.filter(school="0991234D").update(title="MME"),
    ),
    "another mobile": lambda: Guardian.objects.filter(school="0990002P").update(mobile="+33639982020"),
    "another school": lambda: School.objects.filter(pk="0990002P").update(name="Lycée Sophie-Germain"),
    "not legal": lambda: Guardianship.objects.filter(guardian__school="0990002P").update(is_legal=False),
}


@pytest.mark.parametrize("stranger", sorted(STRANGERS))
def test_whoever_does_not_match_reads_the_same_and_makes_the_same_work(
    her_browser: Client, other: Account, clock: Clock, stranger: str
) -> None:
    """Design §6.10, on both branches: pages, statements, rows."""
    pages, statements, rows = [], [], []
    for is_known in (True, True, False):  # the first opens the counters of that browser and of that number
        her_browser.get(START)
        page = words(her_browser.get(SCHOOL))
        ref = re.search(r'name="parcours" value="(\w+)"', page)
        answers = {"parcours": ref[1] if ref else "", "school": BARRET, "mobile": MOBILE}
        before = (Code.objects.count(), Outgoing.objects.count())
        with CaptureQueriesContext(
            connection,
        ) as seen:
            response = her_browser.post(SCHOOL, answers)
        assert response.url == CODE
        statements.append([" ".join(one["sql"].split(" ")[:1]) for one in seen])
        rows.append((Code.objects.count() - before[0], Outgoing.objects.count() - before[1]))
        shown = words(her_browser.get(CODE))
        pages.append(re.sub(r'(name="(csrfmiddlewaretoken|parcours)" value|nonce)="[^"]*"', "", shown))
        if is_known:
            assert texts(clock), "who the base knows receives it"
            clock.forward(minutes=2)
        if len(pages) == 2:
            STRANGERS[stranger]()
    assert not texts(clock), "nobody is written to"
    assert pages[1] == pages[2] and statements[1] == statements[2] and rows[1] == rows[2] == (1, 1)


def test_no_code_arrives_and_a_ticket_says_the_same_whoever_asks(
    her_browser: Client, samira: Account, clock: Clock
) -> None:
    ask(her_browser, school="Collège Nulle-Part")
    assert "Obtenir un numéro de ticket" in words(her_browser.get(STUCK))
    assert her_browser.post(STUCK).url == STUCK
    assert "Votre numéro de ticket" in words(her_browser.get(STUCK))
    her_browser.post(STUCK)
    ticket = Ticket.objects.get()
    assert set(ticket.fields) >= {"surname", "first_name", "mobile", "school"} and "births" not in ticket.fields


def test_without_a_walk_there_is_no_ticket(her_browser: Client) -> None:
    assert her_browser.post(STUCK).url == "/compte/enfants/"
    assert not Ticket.objects.exists()


def test_a_number_that_somebody_else_bears_too_is_for_the_counter(
    her_browser: Client, other: Account, lina: Pupil, clock: Clock
) -> None:
    """A child’s own phone in the base is somebody else’s."""
    lina.enrolments.update(mobile="+33639981717")
    assert prove_mobile(her_browser, clock).url == f"{START}secretariat/"
    page = words(her_browser.get(f"{START}secretariat/"))
    assert "Collège Jeanne-Barret" in page
    assert send(her_browser, f"{START}secretariat/").url == f"{START}secretariat/"
    assert "Votre numéro de ticket" in words(her_browser.get(f"{START}secretariat/"))


def test_a_child_without_a_birth_date_is_for_the_counter(
    her_browser: Client, other: Account, lina: Pupil, clock: Clock
) -> None:
    Pupil.objects.filter(pk=lina.pk).update(birth_on=None)
    assert prove_mobile(her_browser, clock).url == f"{START}secretariat/"


def test_a_blocked_account_is_for_the_counter(her_browser: Client, other: Account, clock: Clock) -> None:
    lifecycle.block([other], reason="vol", by=people.DESK, at=clock.now())
    assert prove_mobile(her_browser, clock).url == f"{START}secretariat/"


@pytest.mark.parametrize("why", ["protected", "just added"])
def test_a_frozen_record_waits_and_its_school_is_not_named(
    her_browser: Client, other: Account, lina: Pupil, clock: Clock, why: str
) -> None:
    if why == "protected":
        Pupil.objects.filter(pk=lina.pk).update(protected_at=clock.now())
    else:
        Guardian.objects.filter(school="0990002P").update(alone_from_at=clock.now() + timedelta(hours=40))
    assert prove_mobile(her_browser, clock).url == f"{START}attente/"
    assert "Barret" not in words(her_browser.get(f"{START}attente/"))


def test_the_other_guardian_of_a_child_is_never_found(
    family: Family, her_browser: Client, samira: Account, clock: Clock
) -> None:
    """One name, one number, one pupil: two guardians are two people."""
    father = people.guardian(family.school, "11", "Samira", "BELKACEM", family.hugo)
    Guardianship.objects.filter(guardian=father).update(kinship="20")
    lifecycle.open_for_guardians([father], by="system:import", at=clock.now() - timedelta(days=3))
    ask(her_browser, school="Élise Deroche")
    assert not texts(clock) and not Merge.objects.exists()


def test_the_children_one_has_already_are_not_found_again(her_browser: Client, samira: Account, clock: Clock) -> None:
    ask(her_browser, school="Élise Deroche")
    assert not texts(clock)


def test_dates_are_not_asked_before_the_code(her_browser: Client, other: Account) -> None:
    ask(her_browser)
    assert her_browser.get(DATES).url == CODE
    assert send(her_browser, CODE, code="000000").status_code == 422


def test_a_record_activated_by_somebody_meanwhile_is_asked_not_taken(
    her_browser: Client, samira: Account, other: Account, clock: Clock
) -> None:
    prove_mobile(her_browser, clock)
    people.active(other, at=clock.now(), email="autre@example.org")
    assert give_dates(her_browser, LINA_BORN).url == "/compte/enfants/?fait=demande"
    assert AskedMerge.objects.get().absorbed == other and not Merge.objects.exists()


def test_a_proof_under_ten_minutes_old_is_asked(her_browser: Client, other: Account, clock: Clock) -> None:
    clock.forward(minutes=11)
    assert "/connexion/confirmer/" in her_browser.get(START).url


def test_somebody_else_signed_in_there_does_not_go_on(
    her_browser: Client, samira: Account, other: Account, clock: Clock
) -> None:
    people.active(other, at=clock.now() - timedelta(days=1), email="autre@example.org")
    prove_mobile(her_browser, clock)
    Session.objects.all().delete()
    people.sign_in(her_browser, other.username, people.PASSWORD)
    assert her_browser.get(DATES).url == "/compte/enfants/"


def test_a_pupil_has_no_such_walk(her_pupil_browser: Client) -> None:
    assert her_pupil_browser.get(START).status_code == 404


def test_the_number_of_the_account_is_proposed_as_families_write_it(
    her_browser: Client, samira: Account, other: Account, clock: Clock
) -> None:
    lifecycle.confirm_mobile(samira, mobile="+33639981717", by=samira.key, at=clock.now())
    her_browser.get(START)
    proposed = re.search(r'name="mobile" value="([^"]+)"', words(her_browser.get(SCHOOL)))
    assert proposed is not None and proposed[1] == MOBILE
    assert prove_mobile(her_browser, clock, mobile=proposed[1]).url == DATES


@pytest.mark.parametrize("who", ["other", "samira"])
def test_an_account_in_use_that_cannot_be_told_is_not_gathered(
    her_browser: Client, samira: Account, other: Account, clock: Clock, who: str
) -> None:
    """Told first, or not at all: nobody could say no (accounts/merging.py)."""
    mute = {"other": other, "samira": samira}[who]
    people.active(other, at=clock.now() - timedelta(days=1), email="" if who == "other" else "autre@example.org")
    if who == "samira":
        Account.objects.filter(pk=mute.pk).update(email="", email_confirmed_at=None)
        Session.objects.update(reminded_at=clock.now())
        people.confirm(her_browser)
    assert prove_mobile(her_browser, clock).url == DATES
    answer = give_dates(her_browser, LINA_BORN)
    assert answer.url == "/compte/enfants/?fait=injoignable"
    assert "nous ne pourrions pas le prévenir" in words(her_browser.get(answer.url))
    assert not AskedMerge.objects.exists() and not Merge.objects.exists() and mails(clock) == []
    assert children(samira, clock) == {"Inès", "Hugo"}
