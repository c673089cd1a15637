"""The guardians' door through FranceConnect: who is known, who is not, who is refused; and the way out."""

from datetime import date, timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.test import Client

from preau.identity.accounts import lifecycle
from preau.identity.accounts.models import Account
from preau.identity.audit.models import Event
from preau.identity.directory.models import Guardianship
from preau.identity.franceconnect import client, sealing
from preau.identity.signin import franceconnect as door
from preau.identity.signin.models import FranceConnectVisit, Session
from preau.journeys.models import Draft
from tests.rooms.identity.franceconnect.simulator import FranceConnect
from tests.rooms.identity.signin import people

START = "/connexion/franceconnect/"
BACK = "/connexion/franceconnect/retour/"


def go(browser: Client, house: FranceConnect, who: str, **query: str) -> Any:
    """Click on the button, be `who` at FranceConnect, come back."""
    left = browser.get(START, query)
    assert left.status_code == 302, people.words(left)
    return browser.get(BACK, house.choose(left["Location"], who))


@pytest.fixture
def linked(franceconnect: FranceConnect, family: people.Family, clock: people.Clock) -> people.Family:
    """Samira's account, active, that FranceConnect opens."""
    people.active(family.account, at=clock.now() - timedelta(days=1))
    family.account.refresh_from_db()
    lifecycle.link_franceconnect(
        family.account, subject=subject_of(franceconnect, "samira"), by=family.account.key, at=clock.now()
    )
    return family


def subject_of(house: FranceConnect, who: str) -> str:
    """The subject FranceConnect gives of somebody: read from a draft."""
    browser = Client()
    go(browser, house, who)
    draft = Draft.objects.get(journey=door.ACTIVATION)
    draft.delete()
    return sealing.unseal(draft.facts["identity"]).subject


# Who is known --------------------------------------------------------------------------------------------------------
def test_a_known_guardian_signs_in_and_goes_where_they_were_going(
    franceconnect: FranceConnect, linked: people.Family
) -> None:
    browser = Client()
    answer = go(browser, franceconnect, "samira", suite="/compte/")
    assert (answer.status_code, answer["Location"]) == (302, "/connexion/suite/")
    session = Session.objects.get()
    assert (session.account, session.amr, session.going_to) == (linked.account, "fc", "/compte/")
    assert browser.get("/compte/").status_code == 200
    assert Event.objects.filter(name="signin.signed_in", facts__amr="fc").exists()
    kept = FranceConnectVisit.objects.get(session=session).sealed_token
    assert sealing.unseal_token(kept).count(".") == 2


def test_an_answer_that_comes_twice_opens_one_visit(franceconnect: FranceConnect, linked: people.Family) -> None:
    browser = Client()
    answer = franceconnect.choose(browser.get(START)["Location"], "samira")
    assert browser.get(BACK, answer).status_code == 302
    again = browser.get(BACK, answer)
    assert again.status_code == 403 and "déjà servi" in people.words(again)
    assert Session.objects.count() == 1


def test_the_state_sent_to_franceconnect_opens_nothing_in_another_browser(
    franceconnect: FranceConnect, linked: people.Family
) -> None:
    answer = franceconnect.choose(Client().get(START)["Location"], "samira")
    stranger = Client()
    assert stranger.get(BACK, answer).status_code == 403
    assert not Session.objects.exists()


@pytest.mark.parametrize(("state", "words"), [("blocked", "l’a bloqué"), ("disabled", "désactivé")])
def test_a_shut_account_is_refused_and_the_school_is_named(
    franceconnect: FranceConnect, linked: people.Family, clock: people.Clock, state: str, words: str
) -> None:
    Account.objects.filter(pk=linked.account.pk).update(state=state)
    answer = go(Client(), franceconnect, "samira")
    assert answer.status_code == 403
    assert words in people.words(answer) and "01 99 00 12 34" in people.words(answer)
    assert "mot de passe" not in people.words(answer), "nobody typed a password"
    assert not Session.objects.exists()


def test_the_identity_of_an_account_that_joined_another_is_told_which_one(
    franceconnect: FranceConnect, linked: people.Family, clock: people.Clock
) -> None:
    """It does not open the other account, where nobody linked it; and it is not called unknown."""
    lina = people.pupil(linked.school, "5", "Lina", "BELKACEM", date(2012, 1, 2))
    again = people.guardian(linked.school, "50", "Samira", "BELKACEM", lina)
    (kept,) = lifecycle.open_for_guardians([again], by="system:import", at=clock.now())
    merged = lifecycle.merge(kept, linked.account, by=kept.key, at=clock.now())
    answer = go(Client(), franceconnect, "samira")
    assert answer.status_code == 403
    assert "Ce compte en a rejoint un autre" in people.words(answer) and kept.username in people.words(answer)
    assert lifecycle.unmerge(merged, by=kept.key, at=clock.now())


def test_a_guardian_whose_last_child_has_left_is_told_so(franceconnect: FranceConnect, linked: people.Family) -> None:
    Guardianship.objects.update(is_legal=False)
    answer = go(Client(), franceconnect, "samira")
    assert answer.status_code == 403 and "aucun enfant scolarisé" in people.words(answer)


# Who is not ----------------------------------------------------------------------------------------------------------
def test_somebody_unknown_is_led_to_activation_with_their_identity_sealed(
    franceconnect: FranceConnect, family: people.Family
) -> None:
    browser = Client()
    answer = go(browser, franceconnect, "nom-usage", suite="/compte/")
    assert (answer.status_code, answer["Location"]) == (302, "/activation/franceconnect/commencer/")
    draft = Draft.objects.get(journey="activation-franceconnect")
    identity = sealing.unseal(draft.facts["identity"])
    assert (identity.birth_name, identity.used_name, draft.facts["going_to"]) == ("ACHARD", "LORMEAU", "/compte/")
    assert "ACHARD" not in str(draft.facts)
    assert not Session.objects.exists()


def test_somebody_whose_subject_changed_is_led_to_activation_too(
    franceconnect: FranceConnect, linked: people.Family
) -> None:
    franceconnect.break_it("new_sub")
    assert go(Client(), franceconnect, "samira")["Location"] == "/activation/franceconnect/commencer/"


@pytest.mark.parametrize("who", ["15-ans", "17-ans"])
def test_a_minor_at_the_guardians_door_is_shown_the_pupils_one(
    franceconnect: FranceConnect, family: people.Family, who: str
) -> None:
    answer = go(Client(), franceconnect, who)
    assert answer.status_code == 403
    assert "pas encore 18 ans" in people.words(answer) and "/connexion/eleve/" in people.words(answer)
    assert not Draft.objects.exists()


@pytest.mark.parametrize("who", ["20-ans", "jour-00", "annee", "mois-00"])
def test_an_adult_whose_birth_date_is_partial_or_recent_is_not_taken_for_a_minor(
    franceconnect: FranceConnect, family: people.Family, who: str
) -> None:
    assert go(Client(), franceconnect, who).status_code == 302


# What goes wrong -----------------------------------------------------------------------------------------------------
def test_turning_back_at_franceconnect_leaves_every_other_way_open(
    franceconnect: FranceConnect, family: people.Family
) -> None:
    answer = go(Client(), franceconnect, "", suite="/compte/")
    page = unescape(people.words(answer))
    assert answer.status_code == 200 and "Rien n’a été transmis" in page
    assert "/connexion/franceconnect/?suite=%2Fcompte%2F" in page
    assert "/connexion/responsable/?suite=%2Fcompte%2F" in page


def test_franceconnect_down_is_said_and_a_password_still_opens(
    franceconnect: FranceConnect, family: people.Family, clock: people.Clock
) -> None:
    people.active(family.account, at=clock.now())
    franceconnect.break_it("down")
    browser = Client()
    answer = browser.get(START)
    assert answer.status_code == 503 and "ne répond pas" in people.words(answer)
    page = people.words(browser.get("/connexion/responsable/"))
    assert "FranceConnect" in page
    family.account.refresh_from_db()
    assert people.sign_in(browser, family.account.username, people.PASSWORD).status_code == 302


def test_a_forged_answer_says_nothing_of_what_was_wrong_in_it(
    franceconnect: FranceConnect, family: people.Family
) -> None:
    browser = Client()
    answer = franceconnect.choose(browser.get(START)["Location"], "samira")
    refused = browser.get(BACK, {**answer, "iss": "https://other.example"})
    assert refused.status_code == 403 and "other.example" not in people.words(refused)
    assert "Par prudence" in people.words(refused)


# The page ------------------------------------------------------------------------------------------------------------
def test_the_guardians_page_offers_franceconnect_in_its_own_words(franceconnect: FranceConnect, db: None) -> None:
    page = unescape(people.words(Client().get("/connexion/responsable/?suite=/compte/")))
    assert "<span>S’identifier avec</span> <strong" in page and ">FranceConnect</strong>" in page
    assert 'href="/connexion/franceconnect/?suite=%2Fcompte%2F"' in page
    assert 'href="https://franceconnect.gouv.fr/"' in page and "Qu’est-ce que FranceConnect ?" in page
    assert START not in Client().get("/connexion/eleve/").content.decode()


def test_a_refused_password_keeps_the_button(franceconnect: FranceConnect, family: people.Family) -> None:
    assert START in people.words(people.sign_in(Client(), "nobody", "a wrong one"))


def test_without_an_issuer_nobody_sees_it(settings: Any, db: None) -> None:
    settings.FRANCECONNECT_ISSUER = ""
    browser = Client()
    assert "FranceConnect" not in people.words(browser.get("/connexion/responsable/"))
    assert browser.get(START).status_code == 404
    assert door.address() == ""


@pytest.mark.parametrize("elsewhere", ["https://example.org/", "//example.org", "/nowhere/at/all/"])
def test_nobody_is_led_out_of_the_site_by_the_address(
    franceconnect: FranceConnect, linked: people.Family, elsewhere: str
) -> None:
    browser = Client()
    go(browser, franceconnect, "samira", suite=elsewhere)
    assert Session.objects.get().going_to == ""


# Linking, and proving oneself again ----------------------------------------------------------------------------------
def signed_in(account: Account, *, profile: str = "responsable") -> Client:
    """A browser where somebody signed in with their password."""
    browser = Client()
    assert people.sign_in(browser, account.username, people.PASSWORD, profile=profile).status_code == 302
    return browser


def test_linking_brings_the_identity_to_my_account_to_be_confirmed(
    franceconnect: FranceConnect, family: people.Family, clock: people.Clock
) -> None:
    people.active(family.account, at=clock.now())
    browser = signed_in(family.account)
    answer = go(browser, franceconnect, "samira", pour="rattacher")
    assert (answer.status_code, answer["Location"]) == (302, "/compte/franceconnect/")
    draft = Draft.objects.get(journey="rattacher-franceconnect")
    assert draft.facts["account"] == family.account.pk
    assert not hasattr(Account.objects.get(pk=family.account.pk), "franceconnect"), "nothing is linked yet"


def test_linking_is_for_who_is_signed_in(franceconnect: FranceConnect, db: None) -> None:
    answer = Client().get(START, {"pour": "rattacher"})
    assert answer.status_code == 302 and answer["Location"].startswith("/connexion/")


def test_a_pupil_has_no_franceconnect(franceconnect: FranceConnect, family: people.Family, clock: people.Clock) -> None:
    people.active(family.ines_account, at=clock.now(), email="")
    answer = signed_in(family.ines_account, profile="eleve").get(START, {"pour": "rattacher"})
    assert answer.status_code == 403 and "pour les responsables" in people.words(answer)


def test_who_left_to_link_and_came_back_in_somebody_elses_visit_links_nothing(
    franceconnect: FranceConnect, family: people.Family, clock: people.Clock
) -> None:
    people.active(family.account, at=clock.now())
    browser = signed_in(family.account)
    answer = franceconnect.choose(browser.get(START, {"pour": "rattacher"})["Location"], "samira")
    browser.post("/deconnexion/")
    assert people.sign_in(browser, family.account.username, people.PASSWORD).status_code == 302
    refused = browser.get(BACK, answer)
    assert refused.status_code == 403 and not Draft.objects.filter(journey=door.LINKING).exists()


def test_proving_oneself_again_renews_the_visit_of_the_same_person_only(
    franceconnect: FranceConnect, linked: people.Family, clock: people.Clock
) -> None:
    browser = Client()
    go(browser, franceconnect, "samira")
    proved_at = Session.objects.get().authenticated_at
    left = browser.get(START, {"pour": "preuve", "suite": "/compte/"})
    assert dict(parse_qsl(urlsplit(left["Location"]).query))["prompt"] == "login"
    other = browser.get(BACK, franceconnect.choose(left["Location"], "reference"))
    assert other.status_code == 403 and "pas celle qui ouvre ce compte" in people.words(other)
    assert Session.objects.get().authenticated_at == proved_at
    good = go(browser, franceconnect, "samira", pour="preuve", suite="/compte/")
    assert (good.status_code, good["Location"]) == (302, "/compte/")
    assert Session.objects.get().authenticated_at > proved_at
    assert browser.get("/compte/").status_code == 200


def test_an_old_sign_in_at_franceconnect_proves_nothing_again(
    franceconnect: FranceConnect, linked: people.Family
) -> None:
    browser = Client()
    go(browser, franceconnect, "samira")
    franceconnect.break_it("old_auth_time")
    assert go(browser, franceconnect, "samira", pour="preuve").status_code == 403


# Leaving for good ----------------------------------------------------------------------------------------------------
def test_signing_out_closes_franceconnect_too_and_comes_back_here(
    franceconnect: FranceConnect, linked: people.Family
) -> None:
    browser = Client()
    go(browser, franceconnect, "samira")
    out = browser.post("/deconnexion/")
    assert out.status_code == 200
    address = out["Refresh"].partition("url=")[2]
    assert address.startswith(f"{franceconnect.issuer}/session/end?") and address in unescape(out.content.decode())
    asked = dict(parse_qsl(urlsplit(address).query))
    assert asked["post_logout_redirect_uri"] == "http://localhost:8000/deconnexion/faite/"
    assert len(asked["state"]) >= 32 and asked["id_token_hint"].count(".") == 2
    assert "Se déconnecter de FranceConnect" in franceconnect.page(address).text
    assert browser.get("/compte/").status_code == 302, "our own visit is over already"
    assert browser.get("/deconnexion/faite/", {"state": asked["state"]}).status_code == 200


def test_a_visit_opened_by_a_password_does_not_go_through_franceconnect(
    franceconnect: FranceConnect, linked: people.Family
) -> None:
    browser = signed_in(linked.account)
    assert browser.post("/deconnexion/")["Location"] == "/deconnexion/faite/"


def test_signing_out_does_not_depend_on_franceconnect(franceconnect: FranceConnect, linked: people.Family) -> None:
    browser = Client()
    go(browser, franceconnect, "samira")
    franceconnect.break_it("down")
    client.forget()
    assert browser.post("/deconnexion/")["Location"] == "/deconnexion/faite/"
    assert browser.get("/compte/").status_code == 302
