"""The door, seen from a browser."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from preau.identity.accounts import lifecycle
from preau.identity.accounts.models import Account
from preau.identity.audit.events import Events
from preau.identity.audit.models import Event
from preau.identity.signin import lockout
from preau.identity.signin.models import Session
from tests.rooms.identity.signin import people
from tests.rooms.identity.signin.people import PASSWORD, Clock, Family, sign_in, words

NOT_GOOD = "L’identifiant ou le mot de passe n’est pas le bon."


@pytest.fixture
def samira(family: Family, clock: Clock) -> Account:
    return people.active(family.account, at=clock.now())


@pytest.fixture
def ines(family: Family, clock: Clock) -> Account:
    return people.active(family.ines_account, at=clock.now(), email="")


# The ordinary way ---------------------------------------------------------------------------------
def test_the_door_offers_two_profiles_and_nothing_else(client: Client, db: None) -> None:
    page = words(client.get("/connexion/?suite=/compte/mot-de-passe/"))
    assert 'href="/connexion/responsable/?suite=%2Fcompte%2Fmot-de-passe%2F"' in page
    assert 'href="/connexion/eleve/?suite=%2Fcompte%2Fmot-de-passe%2F"' in page


def test_a_guardian_signs_in_and_lands_in_her_account(client: Client, samira: Account) -> None:
    response = sign_in(client, samira.username, PASSWORD)
    assert response.url == "/connexion/suite/"
    assert client.get(response.url).url == "/compte/"
    assert "Samira" in words(client.get("/compte/"))
    assert Event.objects.filter(name=Events.SIGNED_IN, on=samira.key).count() == 1


def test_a_pupil_signs_in(client: Client, ines: Account) -> None:
    sign_in(client, ines.username, PASSWORD, profile="eleve")
    assert "Bonjour Inès" in words(client.get("/compte/"))


def test_the_username_is_read_with_tolerance(client: Client, samira: Account) -> None:
    assert sign_in(client, f" {samira.username.upper()} ", PASSWORD).url == "/connexion/suite/"


def test_the_password_is_read_exactly(client: Client, samira: Account) -> None:
    assert sign_in(client, samira.username, PASSWORD.upper()).status_code == 422
    assert sign_in(client, samira.username, PASSWORD + " ").status_code == 422


def test_one_returns_where_one_was_going(client: Client, samira: Account) -> None:
    asked = client.get("/compte/mot-de-passe/")
    assert asked.url == "/connexion/?suite=%2Fcompte%2Fmot-de-passe%2F"
    sign_in(client, samira.username, PASSWORD, suite="/compte/mot-de-passe/")
    assert client.get("/connexion/suite/").url == "/compte/mot-de-passe/"


@pytest.mark.parametrize("suite", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:1"])
def test_no_return_address_leads_elsewhere(client: Client, samira: Account, suite: str) -> None:
    sign_in(client, samira.username, PASSWORD, suite=suite)
    assert client.get("/connexion/suite/").url == "/compte/"
    assert client.get("/connexion/", {"suite": suite}).url == "/compte/"


def test_who_is_signed_in_already_goes_on_unless_asked_again(client: Client, samira: Account) -> None:
    sign_in(client, samira.username, PASSWORD)
    assert client.get("/connexion/?suite=/compte/mot-de-passe/").url == "/compte/mot-de-passe/"
    assert client.get("/connexion/?de-nouveau=1").status_code == 200


# The session --------------------------------------------------------------------------------------
def test_the_cookie_changes_at_sign_in_and_the_visit_before_ends(
    client: Client, samira: Account, ines: Account
) -> None:
    sign_in(client, samira.username, PASSWORD)
    first = client.cookies["session"].value
    sign_in(client, ines.username, PASSWORD, profile="eleve")
    assert client.cookies["session"].value != first
    thief = Client()
    thief.cookies["session"] = first
    assert thief.get("/compte/").status_code == 302
    assert "Inès" in words(client.get("/compte/"))


def test_an_imposed_cookie_opens_nothing(client: Client, samira: Account) -> None:
    client.cookies["session"] = "imposed"
    sign_in(client, samira.username, PASSWORD)
    assert client.cookies["session"].value != "imposed"
    thief = Client()
    thief.cookies["session"] = "imposed"
    assert thief.get("/compte/").status_code == 302


def test_the_table_does_not_hold_what_the_browser_holds(client: Client, samira: Account) -> None:
    sign_in(client, samira.username, PASSWORD)
    assert client.cookies["session"].value not in str(Session.objects.values())
    cookie = client.cookies["session"]
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and not cookie["max-age"]


def test_an_idle_visit_ends_after_half_an_hour(client: Client, samira: Account, clock: Clock) -> None:
    sign_in(client, samira.username, PASSWORD)
    clock.forward(minutes=29)
    assert client.get("/compte/").status_code == 200
    clock.forward(minutes=29)
    assert client.get("/compte/").status_code == 200
    clock.forward(minutes=31)
    assert client.get("/compte/").status_code == 302


def test_no_visit_lasts_more_than_eight_hours(client: Client, samira: Account, clock: Clock) -> None:
    sign_in(client, samira.username, PASSWORD)
    for _ in range(19):
        clock.forward(minutes=25)
        assert client.get("/compte/").status_code == 200
    clock.forward(minutes=25)
    assert client.get("/compte/").status_code == 302


def test_blocking_an_account_ends_its_visits_at_the_next_click(client: Client, samira: Account, clock: Clock) -> None:
    sign_in(client, samira.username, PASSWORD)
    lifecycle.block([samira], reason="vol", by=people.DESK, at=clock.now())
    assert client.get("/compte/").status_code == 302


def test_a_reset_ends_the_open_visits(client: Client, ines: Account, clock: Clock) -> None:
    sign_in(client, ines.username, PASSWORD, profile="eleve")
    people.reset(ines, at=clock.now())
    assert client.get("/compte/").status_code == 302


def test_signing_out_takes_a_button_and_ends_the_visit(client: Client, samira: Account) -> None:
    sign_in(client, samira.username, PASSWORD)
    key = client.cookies["session"].value
    assert client.get("/deconnexion/").status_code == 200
    assert client.get("/compte/").status_code == 200
    assert client.post("/deconnexion/").url == "/deconnexion/faite/"
    assert "À bientôt" in words(client.get("/deconnexion/faite/"))
    again = Client()
    again.cookies["session"] = key
    assert again.get("/compte/").status_code == 302
    assert Event.objects.filter(name=Events.SIGNED_OUT, on=samira.key).count() == 1


def test_signing_out_twice_is_no_error(client: Client, db: None) -> None:
    assert client.post("/deconnexion/").url == "/deconnexion/faite/"


@pytest.mark.parametrize("path", ["/connexion/responsable/", "/connexion/eleve/", "/deconnexion/"])
def test_a_form_without_its_token_is_refused(path: str, samira: Account) -> None:
    careful = Client(enforce_csrf_checks=True)
    sent = {"username": samira.username, "password": PASSWORD}
    assert careful.post(path, sent).status_code == 403
    assert not Session.objects.exists()


# What is wrong ------------------------------------------------------------------------------------
def test_a_wrong_username_and_a_wrong_password_get_the_same_answer(client: Client, samira: Account) -> None:
    known = words(sign_in(client, samira.username, "pas du tout ça"))
    unknown = words(sign_in(Client(), "n.personne", "pas du tout ça"))
    assert NOT_GOOD in known and NOT_GOOD in unknown
    assert _bare(known, samira.username) == _bare(unknown, "n.personne")


def _bare(page: str, username: str) -> str:
    """The page without what was typed and what is random."""
    kept = [line for line in page.splitlines() if "csrfmiddlewaretoken" not in line]
    return "\n".join(kept).replace(f'value="{username}"', "")


def test_the_answer_says_how_many_tries_are_left(client: Client, samira: Account) -> None:
    assert "Il vous reste 4 essais." in words(sign_in(client, samira.username, "faux"))
    for _ in range(2):
        sign_in(client, samira.username, "faux")
    assert "Il vous reste 1 essai." in words(sign_in(client, samira.username, "faux"))


@pytest.mark.parametrize("typed", ["42V7 ZJ7E XPC6", "42v7zj7expc6"])
def test_a_temporary_password_in_the_username_box_is_seen(client: Client, db: None, typed: str) -> None:
    response = sign_in(client, typed, "n’importe quoi")
    assert response.status_code == 422
    assert "C’est le mot de passe provisoire." in words(response)


def test_an_address_in_the_username_box_is_seen(client: Client, db: None) -> None:
    assert "C’est une adresse électronique." in words(sign_in(client, "samira@example.org", "n’importe quoi"))


def test_the_wrong_profile_is_told_only_to_who_knows_the_password(client: Client, ines: Account) -> None:
    assert NOT_GOOD in words(sign_in(client, ines.username, "faux"))
    response = sign_in(client, ines.username, PASSWORD)
    assert response.status_code == 403 and "Cet identifiant est celui d’un élève" in words(response)
    assert not Session.objects.exists()


def test_an_empty_form_says_what_is_missing(client: Client, db: None) -> None:
    response = sign_in(client, "", "")
    assert response.status_code == 422 and "Cette réponse manque." in words(response)


@pytest.mark.parametrize("typed", ["s.belkacem\x00", "s.belkacem' OR 1=1 --", "‮melkacem", "ｓ.belkacem2", "é" * 150])
def test_strange_usernames_are_only_wrong(client: Client, samira: Account, typed: str) -> None:
    assert sign_in(client, typed, "faux").status_code == 422


def test_a_blocked_account_is_told_to_its_holder_with_who_can_help(
    client: Client, samira: Account, clock: Clock
) -> None:
    lifecycle.block([samira], reason="vol", by=people.DESK, at=clock.now())
    assert NOT_GOOD in words(sign_in(client, samira.username, "faux"))
    response = sign_in(client, samira.username, PASSWORD)
    assert response.status_code == 403
    assert "Collège Élise-Deroche" in words(response) and "01 99 00 12 34" in words(response)


def test_a_closed_account_is_nobody(client: Client, samira: Account, clock: Clock) -> None:
    lifecycle.close([samira], by=people.DESK, at=clock.now())
    assert NOT_GOOD in words(sign_in(client, samira.username, PASSWORD))


def test_without_any_child_left_the_account_opens_nothing_and_says_why(
    client: Client, family: Family, samira: Account, clock: Clock
) -> None:
    for link in family.links():
        link.enrolment.left_on = clock.now().date()
        link.enrolment.save()
    response = sign_in(client, samira.username, PASSWORD)
    assert response.status_code == 403 and "aucun enfant scolarisé" in words(response)


# Guessing -----------------------------------------------------------------------------------------
def test_after_five_failures_the_device_waits_and_is_told_so(client: Client, samira: Account, clock: Clock) -> None:
    for _ in range(5):
        assert sign_in(client, samira.username, "faux").status_code == 422
    response = sign_in(client, samira.username, PASSWORD)
    assert response.status_code == 429 and "Faisons une pause" in words(response)
    clock.forward(minutes=16)
    assert sign_in(client, samira.username, PASSWORD).url == "/connexion/suite/"


def test_a_classmate_who_fails_locks_nobody_else_out(client: Client, ines: Account) -> None:
    for _ in range(8):
        sign_in(client, ines.username, "faux", profile="eleve")
    assert sign_in(Client(), ines.username, PASSWORD, profile="eleve").url == "/connexion/suite/"


def test_without_its_cookie_a_device_shares_the_tries_of_its_network(samira: Account) -> None:
    sent, answers, asked = {"username": samira.username, "password": "faux"}, [], {}
    for _ in range(7):
        response = Client().post("/connexion/responsable/", {**sent, **asked})
        answers.append(response.status_code)
        asked = people.effort(response)
    assert answers == [422] * 5 + [429] * 2
    forged = Client()
    forged.cookies["appareil"] = "forged"
    assert forged.post("/connexion/responsable/", sent, HTTP_X_FORWARDED_FOR="198.51.100.9").status_code == 429


def test_the_record_has_a_silent_cap_that_its_holder_never_meets(samira: Account, client: Client, clock: Clock) -> None:
    sign_in(client, samira.username, PASSWORD)  # the holder's own device
    client.post("/deconnexion/")
    for _ in range(lockout.RECORD[lockout.Door.PASSWORD].tries):
        sign_in(Client(), samira.username, "faux")
    stranger = sign_in(Client(), samira.username, PASSWORD)
    assert stranger.status_code == 422 and NOT_GOOD in words(stranger)
    assert sign_in(client, samira.username, PASSWORD).url == "/connexion/suite/"


def test_a_temporary_password_passes_the_silent_cap(ines: Account, clock: Clock) -> None:
    for _ in range(lockout.RECORD[lockout.Door.PASSWORD].tries):
        sign_in(Client(), ines.username, "faux", profile="eleve")
    given = people.reset(ines, at=clock.now())
    assert sign_in(Client(), ines.username, given, profile="eleve").url == "/connexion/suite/"


def test_one_password_tried_on_many_accounts_stops_the_network(samira: Account, client: Client) -> None:
    sign_in(client, samira.username, PASSWORD)
    client.post("/deconnexion/")
    for number in range(lockout.NETWORK.tries):
        sign_in(Client(), f"n.personne{number}", "azerty")
    assert sign_in(Client(), "n.personne", "azerty").status_code == 429
    assert sign_in(Client(REMOTE_ADDR="198.51.100.1"), samira.username, PASSWORD).url == "/connexion/suite/"
    assert sign_in(client, samira.username, PASSWORD).url == "/connexion/suite/"  # a device she already used


def test_a_pause_is_written_in_the_journal_of_the_account(client: Client, samira: Account) -> None:
    for _ in range(6):
        sign_in(client, samira.username, "faux")
    assert Event.objects.filter(name=Events.SIGNIN_PAUSED, on=samira.key).count() == 1


# A password that was reset ------------------------------------------------------------------------
@pytest.mark.parametrize("as_typed", [str, str.lower, lambda code: " ".join(code)])
def test_a_temporary_password_opens_in_any_case_and_asks_for_another(
    client: Client, ines: Account, clock: Clock, as_typed: Any
) -> None:
    given = people.reset(ines, at=clock.now())
    sign_in(client, ines.username, as_typed(given), profile="eleve")
    assert client.get("/connexion/suite/").url == "/connexion/a-faire/mot-de-passe/"
    assert client.get("/compte/").url == "/connexion/a-faire/mot-de-passe/"


def test_choosing_another_password_kills_the_temporary_one(client: Client, ines: Account, clock: Clock) -> None:
    given = people.reset(ines, at=clock.now())
    sign_in(client, ines.username, given, profile="eleve", suite="/compte/mot-de-passe/")
    clock.forward(minutes=1)
    page = "/connexion/a-faire/mot-de-passe/"
    assert client.post(page, {"password": people.OTHER_PASSWORD}).url == "/connexion/suite/"
    assert client.post(page, {"password": people.OTHER_PASSWORD}).url == "/connexion/suite/"  # a double click
    assert client.get("/connexion/suite/").url == "/compte/mot-de-passe/"
    assert Event.objects.filter(name=Events.PASSWORD_CHOSEN, on=ines.key).count() == 2  # activation, then this one
    assert sign_in(Client(), ines.username, given, profile="eleve").status_code == 422
    assert sign_in(Client(), ines.username, people.OTHER_PASSWORD, profile="eleve").url == "/connexion/suite/"


def test_a_reset_lives_48_hours_and_says_so_only_to_who_holds_it(client: Client, ines: Account, clock: Clock) -> None:
    given = people.reset(ines, at=clock.now())
    clock.forward(hours=48)
    assert NOT_GOOD in words(sign_in(client, ines.username, "42V7ZJ7EXPC6", profile="eleve"))
    response = sign_in(client, ines.username, given, profile="eleve")
    assert response.status_code == 403 and "périmé" in words(response)
    assert "Collège Élise-Deroche" in words(response) and "01 99 00 12 34" in words(response)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("court", "entre 12 et 128 caractères"),
        ("minuscules123", "trois sortes de caractères"),
        ("Belkacem-2014!", "contient un nom"),
        ("Marseille2024!", "figure dans les listes"),
    ],
)
def test_a_poor_password_is_refused_with_the_reason(
    client: Client, ines: Account, clock: Clock, typed: str, sentence: str
) -> None:
    sign_in(client, ines.username, people.reset(ines, at=clock.now()), profile="eleve")
    response = client.post("/connexion/a-faire/mot-de-passe/", {"password": typed})
    assert response.status_code == 422 and sentence in words(response)


def test_a_campaign_asks_for_another_password_and_not_the_same(client: Client, samira: Account) -> None:
    Account.objects.filter(pk=samira.pk).update(must_change_password=True)
    sign_in(client, samira.username, PASSWORD)
    page = "/connexion/a-faire/mot-de-passe/"
    response = client.post(page, {"password": PASSWORD})
    assert response.status_code == 422 and "mot de passe actuel" in words(response)
    assert client.post(page, {"password": people.OTHER_PASSWORD}).url == "/connexion/suite/"
    assert client.get("/connexion/suite/").url == "/compte/"


# An address to confirm ----------------------------------------------------------------------------
@pytest.fixture
def unconfirmed(family: Family, clock: Clock) -> Account:
    account = people.active(family.account, at=clock.now(), email="")
    return lifecycle.give_email(account, address="samira@example.org", by=account.key, at=clock.now())


def test_an_address_to_confirm_is_recalled_once_a_visit(client: Client, unconfirmed: Account) -> None:
    sign_in(client, unconfirmed.username, PASSWORD)
    page = client.get("/connexion/suite/").url
    assert page == "/connexion/a-faire/courriel/" and "samira@example.org" in words(client.get(page))
    assert client.post(page, {"email": "", "later": "on"}).url == "/connexion/suite/"
    assert client.get("/connexion/suite/").url == "/compte/"


def test_the_message_is_sent_to_the_corrected_address(client: Client, unconfirmed: Account) -> None:
    sign_in(client, unconfirmed.username, PASSWORD)
    page = "/connexion/a-faire/courriel/"
    assert client.post(page, {"email": "samira@"}).status_code == 422
    assert client.post(page, {"email": ""}).status_code == 422
    assert client.post(page, {"email": "s.belkacem@example.org"}).url == "/connexion/suite/"
    unconfirmed.refresh_from_db()
    assert unconfirmed.pending_email == "s.belkacem@example.org"
    assert client.get("/compte/").status_code == 200


def test_a_password_comes_before_an_address(client: Client, unconfirmed: Account) -> None:
    Account.objects.filter(pk=unconfirmed.pk).update(must_change_password=True)
    sign_in(client, unconfirmed.username, PASSWORD)
    assert client.get("/connexion/a-faire/courriel/").url == "/connexion/a-faire/mot-de-passe/"


# Who is who ---------------------------------------------------------------------------------------
def test_a_form_left_open_by_somebody_else_is_refused(samira: Account, ines: Account) -> None:
    browser = Client(enforce_csrf_checks=True)

    def enter(account: Account, profile: str) -> None:
        browser.get(f"/connexion/{profile}/")
        sent = {
            "username": account.username,
            "password": PASSWORD,
            "csrfmiddlewaretoken": browser.cookies["csrf"].value,
        }
        assert browser.post(f"/connexion/{profile}/", sent).status_code == 302

    enter(samira, "responsable")
    browser.get("/compte/mot-de-passe/")
    old = browser.cookies["csrf"].value
    enter(ines, "eleve")
    sent = {"current": PASSWORD, "password": people.OTHER_PASSWORD, "csrfmiddlewaretoken": old}
    assert browser.post("/compte/mot-de-passe/", sent).status_code == 403


def test_every_address_of_the_room_answers_somebody(client: Client, samira: Account) -> None:
    sign_in(client, samira.username, PASSWORD)
    for name in ("signin:guardian", "signin:pupil", "signin:sign_out", "signin:signed_out"):
        assert client.get(reverse(name)).status_code == 200


# Passwords that come back -------------------------------------------------------------------------
def test_an_older_password_does_not_come_back_after_a_reset(client: Client, ines: Account, clock: Clock) -> None:
    sign_in(client, ines.username, people.reset(ines, at=clock.now()), profile="eleve")
    response = client.post("/connexion/a-faire/mot-de-passe/", {"password": PASSWORD})
    assert response.status_code == 422 and "l’un des cinq derniers" in words(response)


def test_an_older_password_is_named_only_once_the_present_one_is_proved(client: Client, samira: Account) -> None:
    sign_in(client, samira.username, PASSWORD)
    sent = {"current": PASSWORD, "password": people.OTHER_PASSWORD}
    assert client.post("/compte/mot-de-passe/", sent).status_code == 302
    guess = client.post("/compte/mot-de-passe/", {"current": "au hasard, tout ça", "password": PASSWORD})
    assert "l’un des cinq derniers" not in words(guess) and guess.status_code == 422
    known = client.post("/compte/mot-de-passe/", {"current": people.OTHER_PASSWORD, "password": PASSWORD})
    assert "l’un des cinq derniers" in words(known) and known.status_code == 422
