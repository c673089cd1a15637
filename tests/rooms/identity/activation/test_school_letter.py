"""A guardian with the letter in hand, page after page."""
# size: one test per thing that can go wrong between the letter and the link, read as one list

import re
from datetime import date
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from preau.identity.accounts import lifecycle
from preau.identity.accounts.models import Account, OneTimeLink, TemporaryPassword
from preau.identity.accounts.states import State
from preau.identity.activation.holder import Letter
from preau.identity.activation.school_letter import guardian_with_letter
from preau.identity.audit.events import Events
from preau.identity.audit.models import Event
from preau.identity.directory.models import Guardianship, Pupil
from preau.identity.messaging import outbox
from preau.identity.messaging.models import Outgoing
from preau.identity.signin.models import Session
from preau.identity.support import tickets
from preau.identity.support.models import Ticket
from preau.journeys.drafts import NoDraft
from preau.journeys.models import Draft
from preau.journeys.testing import pages
from tests.rooms.identity.signin import people
from tests.rooms.identity.signin.people import PASSWORD, Clock, Family, sign_in, words

INES, HUGO = date(2014, 3, 14), date(2015, 8, 27)
BASE = "/activation/responsable"


def send(client: Client, page: str, **answers: Any) -> Any:
    """Post a page of the walk, as shown last."""
    ref = answers.pop("ref", None) or Draft.objects.latest("id").ref
    return client.post(f"{BASE}/{page}/", {"parcours": ref, **answers})


def dates(*born: date) -> dict[str, Any]:
    """The boxes as typed."""
    boxes = {}
    for number, day in enumerate(born, start=1):
        boxes |= {f"date_{number}_day": day.day, f"date_{number}_month": day.month, f"date_{number}_year": day.year}
    return boxes


@pytest.fixture
def code(family: Family, clock: Clock) -> str:
    """Samira's letter."""
    return people.notified(family.account, at=clock.now())


@pytest.fixture
def walker(client: Client, family: Family, code: str) -> Client:
    """Samira's browser, at the first page."""
    assert sign_in(client, family.account.username, code).url == f"{BASE}/commencer/"
    return client


def up_to_the_password(client: Client, *born: date) -> None:
    assert send(client, "courriel", email="samira@example.org").url == f"{BASE}/enfants/"
    assert send(client, "enfants", **dates(*(born or (INES, HUGO)))).url == f"{BASE}/mot-de-passe/"


def walk_through(client: Client) -> None:
    up_to_the_password(client)
    assert send(client, "mot-de-passe", password=PASSWORD).url == f"{BASE}/messagerie/"


def link_of_the_last_message(clock: Clock) -> str:
    """Send what waits and read the address in the message, as its holder would."""
    outbox.send_due(at=clock.now())
    found = re.search(r"http://localhost:8000(/activation/courriel/\S+/)", mail.outbox[-1].body)
    assert found, mail.outbox[-1].body
    return found.group(1)


# The whole way ------------------------------------------------------------------------------------
def test_a_guardian_activates_with_her_letter(walker: Client, family: Family, clock: Clock) -> None:
    assert walker.get(f"{BASE}/commencer/").url == f"{BASE}/courriel/"
    walk_through(walker)
    account = Account.objects.get(pk=family.account.pk)
    assert account.state == State.NOTIFIED and account.pending_email == "samira@example.org"
    page = walker.get(f"{BASE}/messagerie/")
    assert "Consultez votre messagerie" in words(page) and "samira@example.org" in words(page)

    link = link_of_the_last_message(clock)
    assert mail.outbox[-1].to == ["samira@example.org"]
    phone = Client()  # the message is read elsewhere
    assert "Confirmer mon adresse" in words(phone.get(link))
    account.refresh_from_db()
    assert account.state == State.NOTIFIED  # a mail scanner follows links: that confirms nothing
    assert "Votre compte est activé" in words(phone.post(link))
    account.refresh_from_db()
    assert (account.state, account.origin, account.email) == (State.ACTIVE, "school", "samira@example.org")
    assert phone.get("/compte/").status_code == 302 and not Session.objects.exists()  # it signs nobody in
    assert sign_in(phone, account.username, PASSWORD).url == "/connexion/suite/"
    assert "Votre compte est activé" in words(walker.get(f"{BASE}/fait/"))
    assert Event.objects.filter(name=Events.ACCOUNT_ACTIVATED, on=account.key, uai="0991234D").count() == 1


def test_before_the_link_is_confirmed_nothing_opens_but_the_message_page(walker: Client, family: Family) -> None:
    walk_through(walker)
    later = Client()
    assert sign_in(later, family.account.username, PASSWORD).url == f"{BASE}/commencer/"
    assert later.get(f"{BASE}/commencer/").url == f"{BASE}/messagerie/"
    assert later.get("/compte/").status_code == 302 and not Session.objects.exists()


def test_one_may_be_going_somewhere(client: Client, family: Family, code: str) -> None:
    sign_in(client, family.account.username, code, suite="/compte/mot-de-passe/")
    assert Draft.objects.get().facts["going_to"] == "/compte/mot-de-passe/"


# The message --------------------------------------------------------------------------------------
def test_the_message_can_be_sent_again_after_a_minute(walker: Client, clock: Clock) -> None:
    walk_through(walker)
    assert Outgoing.objects.count() == 1
    response = send(walker, "messagerie", email="samira@example.org")
    assert "Un message est en route" in words(walker.get(response.url))  # the same words whether it left or not
    assert Outgoing.objects.count() == 1
    clock.forward(minutes=2)
    send(walker, "messagerie", email="samira@example.org")
    assert Outgoing.objects.count() == 2


def test_a_corrected_address_kills_the_link_sent_to_the_other(walker: Client, family: Family, clock: Clock) -> None:
    walk_through(walker)
    old = link_of_the_last_message(clock)
    send(walker, "messagerie", email="s.belkacem@example.org")
    assert Client().get(old).status_code == 404
    assert "n’est pas valable" in words(Client().post(old))
    assert Account.objects.get(pk=family.account.pk).state == State.NOTIFIED
    Client().post(link_of_the_last_message(clock))
    account = Account.objects.get(pk=family.account.pk)
    assert (account.state, account.email) == (State.ACTIVE, "s.belkacem@example.org")


def test_a_link_lives_48_hours_and_another_can_be_asked(walker: Client, family: Family, clock: Clock) -> None:
    walk_through(walker)
    old = link_of_the_last_message(clock)
    clock.forward(hours=48)
    assert Client().get(old).status_code == 410 and Client().post(old).status_code == 410
    later = Client()
    sign_in(later, family.account.username, PASSWORD)
    send(later, "messagerie", email="samira@example.org")
    Client().post(link_of_the_last_message(clock))
    assert Account.objects.get(pk=family.account.pk).state == State.ACTIVE


def test_a_link_serves_once_and_says_so(walker: Client, clock: Clock) -> None:
    walk_through(walker)
    link = link_of_the_last_message(clock)
    Client().post(link)
    assert "déjà confirmée" in words(Client().post(link)) and "déjà confirmée" in words(Client().get(link))
    assert Event.objects.filter(name=Events.EMAIL_CONFIRMED).count() == 1


def test_a_link_nobody_made_is_refused(client: Client, db: None) -> None:
    assert client.get("/activation/courriel/inventé/").status_code == 404


def test_no_address_given_by_the_request_enters_the_message(walker: Client, clock: Clock) -> None:
    ref = Draft.objects.latest("id").ref
    for page, answers in [
        ("courriel", {"email": "samira@example.org"}),
        ("enfants", dates(INES, HUGO)),
        ("mot-de-passe", {"password": PASSWORD}),
    ]:
        walker.post(f"{BASE}/{page}/", {"parcours": ref, **answers}, HTTP_X_FORWARDED_HOST="evil.example")
    link_of_the_last_message(clock)
    assert "evil.example" not in str(mail.outbox[-1].message())


def test_the_link_is_a_digest_in_the_database(walker: Client, clock: Clock) -> None:
    walk_through(walker)
    token = link_of_the_last_message(clock).rstrip("/").rpartition("/")[2]
    assert token not in str(list(OneTimeLink.objects.values())) + str(list(Outgoing.objects.values()))


# The letter ---------------------------------------------------------------------------------------
def test_the_letter_dies_when_the_password_is_chosen(walker: Client, family: Family, code: str) -> None:
    walk_through(walker)
    assert not TemporaryPassword.objects.exists()
    assert sign_in(Client(), family.account.username, code).status_code == 422


def test_an_expired_letter_no_longer_opens_the_door(client: Client, family: Family, code: str, clock: Clock) -> None:
    clock.forward(days=90)
    response = sign_in(client, family.account.username, code)
    assert response.status_code == 403 and "périmé" in words(response)
    assert "01 99 00 12 34" in words(response) and not Draft.objects.exists()
    assert sign_in(client, family.account.username, "42V7 ZJ7E XPC6").status_code == 422


def test_a_letter_replaced_on_the_way_ends_the_walk(walker: Client, family: Family, clock: Clock) -> None:
    up_to_the_password(walker)
    people.notified(family.account, at=clock.now())
    assert send(walker, "mot-de-passe", password=PASSWORD).url == "/activation/fin/"
    assert "Reprenons depuis le début" in words(walker.get("/activation/fin/"))
    assert not Account.objects.get(pk=family.account.pk).has_usable_password()


def test_a_burnt_letter_ends_the_walk(walker: Client, family: Family, clock: Clock) -> None:
    up_to_the_password(walker)
    lifecycle.burn([family.account], by=people.DESK, at=clock.now())
    assert send(walker, "mot-de-passe", password=PASSWORD).url == "/activation/fin/"


def test_an_older_letter_cannot_touch_what_the_newer_one_did(walker: Client, family: Family, clock: Clock) -> None:
    """Who held the letter before has a draft open; the guardian, with a new one, has chosen everything."""
    up_to_the_password(walker)
    samira = Client()
    sign_in(samira, family.account.username, people.notified(family.account, at=clock.now()))
    walk_through(samira)
    old = Draft.objects.order_by("id").first()
    assert old is not None
    assert walker.get(f"{BASE}/messagerie/").url == "/activation/fin/"
    assert send(walker, "messagerie", email="thief@example.org", ref=old.ref).url == "/activation/fin/"
    assert Account.objects.get(pk=family.account.pk).pending_email == "samira@example.org"


def test_the_draft_lasts_an_hour(walker: Client, clock: Clock) -> None:
    clock.forward(minutes=61)
    assert send(walker, "courriel", email="samira@example.org").url == "/activation/fin/"


# The children -------------------------------------------------------------------------------------
def test_neither_names_nor_number_of_children_are_shown_before_a_date_was_right(walker: Client) -> None:
    send(walker, "courriel", email="samira@example.org")
    page = words(walker.get(f"{BASE}/enfants/"))
    assert "Inès" not in page and "Hugo" not in page and page.count('_day"') >= 3
    assert page.count('class="date"') == 3


@pytest.mark.parametrize(
    "born",
    [(INES,), (HUGO,), (INES, INES), (INES, HUGO, date(2016, 1, 1)), (INES, date(2015, 8, 28)), (date(2010, 1, 1),)],
)
def test_all_the_dates_must_be_right_and_no_other(walker: Client, born: tuple[date, ...]) -> None:
    send(walker, "courriel", email="samira@example.org")
    response = send(walker, "enfants", **dates(*born))
    assert response.status_code == 422 and "Il vous reste 2 essais." in words(response)
    assert walker.get(f"{BASE}/mot-de-passe/").url == f"{BASE}/enfants/"


def test_the_order_does_not_count(walker: Client) -> None:
    up_to_the_password(walker, HUGO, INES)


@pytest.mark.parametrize("times", [1, 2])
def test_twins_may_be_typed_once_or_twice(walker: Client, family: Family, times: int) -> None:
    Pupil.objects.filter(pk=family.hugo.pk).update(birth_on=INES)
    up_to_the_password(walker, *[INES] * times)


def test_a_leaver_does_not_count(walker: Client, family: Family, clock: Clock) -> None:
    family.hugo.enrolments.update(left_on=clock.now().date())
    up_to_the_password(walker, INES)


def test_a_child_without_a_birth_date_sends_to_the_counter(walker: Client, family: Family) -> None:
    Pupil.objects.filter(pk=family.hugo.pk).update(birth_on=None)
    assert walker.get(f"{BASE}/enfants/").url == f"{BASE}/etablissement/"
    page = words(walker.get(f"{BASE}/etablissement/"))
    assert "Collège Élise-Deroche" in page and "01 99 00 12 34" in page and "Hugo" not in page
    assert "Pourquoi ça bloque" in page and not Ticket.objects.exists()
    assert send(walker, "etablissement").url == f"{BASE}/etablissement/"
    page, ticket = words(walker.get(f"{BASE}/etablissement/")), Ticket.objects.get()
    assert "Votre numéro de ticket" in page and "Hugo" not in page
    assert (ticket.journey, ticket.fields) == ("activation-responsable", {})
    send(walker, "etablissement")
    assert Ticket.objects.count() == 1, "a second click gives the same one"


def test_without_an_active_child_too(walker: Client, family: Family, clock: Clock) -> None:
    for child in (family.ines, family.hugo):
        child.enrolments.update(left_on=clock.now().date())
    assert walker.get(f"{BASE}/courriel/").url == f"{BASE}/etablissement/"


def test_one_may_ask_for_more_boxes(walker: Client) -> None:
    send(walker, "courriel", email="samira@example.org")
    response = send(walker, "enfants", boxes="3", more="1", **dates(INES))
    assert words(response).count('class="date"') == 4 and "Cette réponse manque" not in words(response)
    assert 'value="2014"' in words(response)
    assert send(walker, "enfants", boxes="4", **dates(INES, HUGO)).url == f"{BASE}/mot-de-passe/"


@pytest.mark.parametrize("boxes", ["-1", "abc", "9999999", ""])
def test_a_strange_number_of_boxes_does_nothing(walker: Client, boxes: str) -> None:
    send(walker, "courriel", email="samira@example.org")
    assert send(walker, "enfants", boxes=boxes, **dates(INES, HUGO)).url == f"{BASE}/mot-de-passe/"


def test_an_impossible_date_is_explained_and_costs_nothing(walker: Client) -> None:
    send(walker, "courriel", email="samira@example.org")
    for _ in range(4):
        wrong = send(walker, "enfants", date_1_day="31", date_1_month="2", date_1_year="2014")
        assert "Ce mois-là" in words(wrong)
    up_to_the_password(walker)


WRONG = [date(2010, 1, 1), date(2010, 1, 2), date(2010, 1, 3)]


def test_three_wrong_sets_pause_this_device_for_a_day(walker: Client, family: Family, code: str, clock: Clock) -> None:
    send(walker, "courriel", email="samira@example.org")
    for born in WRONG[:2]:
        assert send(walker, "enfants", **dates(born)).status_code == 422
    assert send(walker, "enfants", **dates(WRONG[2])).url == f"{BASE}/pause/"
    assert "01 99 00 12 34" in words(walker.get(f"{BASE}/pause/"))
    assert send(walker, "enfants", **dates(INES, HUGO)).url == f"{BASE}/pause/"
    assert Ticket.objects.count() == 1, "what was typed after the pause is not in it"
    sign_in(walker, family.account.username, code)  # a new draft changes nothing
    assert walker.get(f"{BASE}/courriel/").url == f"{BASE}/pause/"
    clock.forward(hours=25)
    sign_in(walker, family.account.username, code)
    up_to_the_password(walker)


def test_the_third_wrong_set_leaves_a_ticket_of_the_dates_alone(walker: Client, clock: Clock) -> None:
    send(walker, "courriel", email="samira@example.org")
    for born in WRONG:
        send(walker, "enfants", **dates(born, INES))
    number = re.search(r"[2-9A-Z]{3}-[2-9A-Z]{4}", words(walker.get(f"{BASE}/pause/")))
    assert number, "the page shows it"
    ticket = tickets.find(number[0], at=clock.now())
    assert ticket is not None and list(ticket.fields) == ["births"]
    assert tickets.says(ticket, number[0], "births", INES.isoformat())
    assert tickets.says(ticket, number[0], "births", WRONG[2].isoformat())
    assert not tickets.says(ticket, number[0], "births", WRONG[0].isoformat())


def test_another_device_is_not_paused(walker: Client, family: Family, code: str) -> None:
    send(walker, "courriel", email="samira@example.org")
    for born in WRONG:
        send(walker, "enfants", **dates(born))
    other = Client()
    sign_in(other, family.account.username, code)
    up_to_the_password(other)


def test_devices_in_turn_meet_the_cap_of_the_account(family: Family, code: str) -> None:
    tries = 0
    for _ in range(6):
        thief = Client()
        sign_in(thief, family.account.username, code)
        send(thief, "courriel", email="thief@example.org")
        for born in WRONG:
            tries += send(thief, "enfants", **dates(born)).status_code == 422
    assert tries <= 10
    assert thief.get(f"{BASE}/enfants/").url == f"{BASE}/pause/"


def test_the_same_wrong_set_clicked_twice_costs_one_try(walker: Client) -> None:
    send(walker, "courriel", email="samira@example.org")
    for _ in range(5):
        response = send(walker, "enfants", **dates(WRONG[0]))
        assert "Il vous reste 2 essais." in words(response)


def test_the_draft_keeps_neither_dates_nor_secrets(walker: Client, code: str) -> None:
    up_to_the_password(walker)
    kept = str(Draft.objects.values_list("answers", "facts"))
    assert not re.search(r"\b2014\b", kept)
    assert code.replace(" ", "") not in kept


def test_an_address_that_bounced_is_said_on_the_page_that_waits(walker: Client, clock: Clock) -> None:
    up_to_the_password(walker)
    send(walker, "mot-de-passe", password=PASSWORD)
    assert "refuse nos messages" not in words(walker.get(f"{BASE}/messagerie/"))
    Outgoing.objects.update(trouble="SMTPRecipientsRefused", sent_at=None)
    assert "Cette adresse refuse nos messages" in words(walker.get(f"{BASE}/messagerie/"))
    clock.forward(minutes=2)
    send(walker, "messagerie", email="s.belkacem@example.org")
    page = words(walker.get(f"{BASE}/messagerie/"))
    assert "s.belkacem@example.org" in page and "refuse nos messages" not in page


# « Je ne suis pas le représentant légal » ---------------------------------------------------------
def test_a_guardian_disowns_a_child_and_activates_with_the_other(walker: Client, family: Family, clock: Clock) -> None:
    send(walker, "courriel", email="samira@example.org")
    assert send(walker, "enfants", not_mine="on", **dates(INES)).url == f"{BASE}/rattachement/"
    page = words(walker.get(f"{BASE}/rattachement/"))
    assert "Inès" in page and "Hugo" in page
    _, link_hugo = family.links()
    assert send(walker, "rattachement", children=[link_hugo.pk]).url == f"{BASE}/mot-de-passe/"
    assert not Guardianship.objects.exclude(disputed_at=None).exists()  # nothing is written before the end
    send(walker, "mot-de-passe", password=PASSWORD)
    assert list(Guardianship.objects.exclude(disputed_at=None)) == [link_hugo]
    event = Event.objects.get(name=Events.GUARDIANSHIP_DISPUTED)
    assert (event.uai, event.by, event.on) == ("0991234D", family.account.key, family.guardian.key)
    assert event.facts == {"pupil": family.hugo.key}
    Client().post(link_of_the_last_message(clock))
    sign_in(walker, family.account.username, PASSWORD)
    page = words(walker.get("/compte/"))
    assert "Inès" in page and "Hugo" not in page


def test_a_child_left_must_have_been_proven(walker: Client, family: Family) -> None:
    send(walker, "courriel", email="samira@example.org")
    send(walker, "enfants", not_mine="on", **dates(INES))
    link_ines, _ = family.links()
    response = send(walker, "rattachement", children=[link_ines.pk])
    assert response.status_code == 422 and "Il manque la date de naissance de Hugo" in words(response)


def test_when_no_child_is_theirs_the_school_corrects_and_nothing_is_activated(walker: Client, family: Family) -> None:
    send(walker, "courriel", email="samira@example.org")
    assert send(walker, "enfants", not_mine="on", boxes="3").url == f"{BASE}/a-corriger/"
    send(walker, "enfants", not_mine="on", **dates(INES, HUGO))
    response = send(walker, "rattachement", children=[link.pk for link in family.links()])
    assert response.url == f"{BASE}/a-corriger/"
    assert "01 99 00 12 34" in words(walker.get(response.url))
    assert "Votre numéro de ticket" in words(walker.get(send(walker, "a-corriger").url))
    assert walker.get(f"{BASE}/mot-de-passe/").status_code == 302
    assert not Guardianship.objects.exclude(disputed_at=None).exists()


def test_a_child_of_another_cannot_be_disowned(walker: Client, family: Family) -> None:
    other = people.guardian(family.school, "11", "Karim", "BELKACEM", family.ines)
    theirs = Guardianship.objects.get(guardian=other)
    send(walker, "courriel", email="samira@example.org")
    send(walker, "enfants", not_mine="on", **dates(INES))
    assert send(walker, "rattachement", children=[theirs.pk]).status_code == 422


def test_disowning_still_asks_for_one_right_date(walker: Client) -> None:
    send(walker, "courriel", email="samira@example.org")
    assert send(walker, "enfants", not_mine="on", **dates(WRONG[0])).status_code == 422
    assert send(walker, "enfants", not_mine="on", **dates(INES, WRONG[0])).status_code == 422


# Two tabs, two clicks -----------------------------------------------------------------------------
def test_a_double_click_on_the_last_page_acts_once(walker: Client, family: Family) -> None:
    up_to_the_password(walker)
    both = [send(walker, "mot-de-passe", password=PASSWORD).url for _ in range(2)]
    assert both == [f"{BASE}/messagerie/"] * 2
    assert Outgoing.objects.count() == 1
    assert Event.objects.filter(name=Events.PASSWORD_CHOSEN, on=family.account.key).count() == 1


def test_a_tab_of_another_letter_does_not_write_in_this_one(walker: Client, family: Family, clock: Clock) -> None:
    old = Draft.objects.get().ref
    child = people.pupil(family.school, "7", "Noé", "MARTIN", date(2013, 1, 1))
    luc = people.guardian(family.school, "70", "Luc", "MARTIN", child)
    (account,) = lifecycle.open_for_guardians([luc], by="system:import", at=clock.now())
    sign_in(walker, account.username, people.notified(account, at=clock.now()))
    response = send(walker, "courriel", email="samira@example.org", ref=old)
    assert response.status_code == 409 and "ouverte avant une autre" in words(response)
    assert Draft.objects.latest("id").answers == {}


def test_the_back_button_shows_what_was_answered(walker: Client) -> None:
    up_to_the_password(walker)
    assert 'value="samira@example.org"' in words(walker.get(f"{BASE}/courriel/"))
    assert send(walker, "courriel", email="s.belkacem@example.org").url == f"{BASE}/enfants/"
    assert walker.get(f"{BASE}/mot-de-passe/").status_code == 200  # what was proven stays proven


def test_a_child_who_arrives_on_the_way_must_be_proven_too(walker: Client, family: Family) -> None:
    up_to_the_password(walker)
    zoe = people.pupil(family.school, "3", "Zoé", "BELKACEM", date(2016, 5, 5))
    Guardianship.objects.create(guardian=family.guardian, enrolment=zoe.enrolments.get(), level=1, is_legal=True)
    assert walker.get(f"{BASE}/mot-de-passe/").url == f"{BASE}/enfants/"
    assert send(walker, "mot-de-passe", password=PASSWORD).url == f"{BASE}/enfants/"


def test_an_account_activated_another_way_ends_the_walk(walker: Client, family: Family, clock: Clock) -> None:
    up_to_the_password(walker)
    people.active(family.account, at=clock.now())
    assert send(walker, "mot-de-passe", password=people.OTHER_PASSWORD).url == f"{BASE}/fait/"
    assert Account.objects.get(pk=family.account.pk).check_password(PASSWORD)


def test_blocking_the_account_ends_the_walk_and_the_link(walker: Client, family: Family, clock: Clock) -> None:
    walk_through(walker)
    link = link_of_the_last_message(clock)
    lifecycle.block([family.account], reason="vol", by=people.DESK, at=clock.now())
    assert walker.get(f"{BASE}/messagerie/").url == "/activation/fin/"
    Client().post(link)
    assert Account.objects.get(pk=family.account.pk).state == State.BLOCKED


def test_the_walk_only_reads(family: Family, code: str, clock: Clock, rf: Any) -> None:
    request = rf.get("/")
    request.at = clock.now()
    account = Account.objects.select_related("temporary_password").get(pk=family.account.pk)
    facts = {"issued_at": account.temporary_password.issued_at.isoformat()}
    proven = {"proven": [link.pk for link in family.links()], "not_mine": False}
    for answers, expected in [
        ({}, ["courriel"]),
        ({"courriel": {"email": "a@example.org"}}, ["courriel", "enfants"]),
        ({"courriel": {}, "enfants": proven}, ["courriel", "enfants", "mot-de-passe"]),
        ({"courriel": {}, "enfants": {**proven, "not_mine": True}}, ["courriel", "enfants", "rattachement"]),
        ({"enfants": proven}, ["courriel"]),
    ]:
        known = Letter(at=request.at, answers=answers, account=account, trail=NoDraft(facts=facts), request=request)
        assert pages(guardian_with_letter, known) == expected
