"""Ghislaine is asked before a service by SAML opens, Gwenaëlle tries one; what goes wrong says so and sends nothing."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.rooms.identity.federation.saml import ent
from tests.stories.browser import DESKTOP, PHONE, look
from tests.stories.conftest import NewPerson
from tests.stories.desk import enter, show_factor
from tests.stories.saml_party import opened
from tests.stories.street import Street
from tests.stories.walks import PASSWORD, activate_with_mobile, go_on, go_to, heading, type_credentials

ADDRESS, OTHER_ADDRESS = "ghislaine.lacaze@example.net", "gwenaelle.chastaing@example.net"
YANN = "Yann Morvan"
READING = ("--scope", "profile", "--audience", "guardian", "--notice", "ask")


def test_she_says_no_then_yes_then_takes_it_back(street: Street, new_person: NewPerson, tmp_path: Path) -> None:
    # size: one walk, page after page, told at once
    page = new_person(DESKTOP)
    username = activate_with_mobile(page, street, street.cast.ghislaine, street.cast.anselme, ADDRESS)
    with opened(street, tmp_path, "lecture", *READING, name="Le carnet de lecture") as party:
        # No: the service hears it, and nothing else.
        page.goto(party.asks(street))
        heading(page, "Êtes-vous d’accord")
        expect(page.get_by_role("main")).to_contain_text("Vos nom et prénom")
        look(page, "saml-notice-ask")
        go_on(page, "Refuser")
        heading(page, "Vous voilà")
        assert ent.codes_of(party.received(street)) == ["Responder", "RequestDenied"]

        # Yes, on her telephone, from its sign-in page; without a script.
        phone = new_person(PHONE, without_script=True)
        phone.goto(party.asks(street))
        type_credentials(phone, username=username, password=PASSWORD)
        heading(phone, "Êtes-vous d’accord")
        go_on(phone, "D’accord, continuer")
        phone.get_by_role("main").get_by_role("button").click()
        heading(phone, "Vous voilà")
        assert party.learnt(street)["givenName"] == ["Ghislaine"]

        # Nobody asks twice. The page loaded again: the service had its answer, and the page says where to go.
        asked = party.asks(street)
        page.goto(asked)
        heading(page, "Vous voilà")
        page.goto(asked)
        heading(page, "Cette demande de connexion a déjà servi")
        look(page, "saml-refused-replayed")

        # Until she takes it back.
        go_to(page, street, "Services utilisés")
        card = page.get_by_role("region", name="Le carnet de lecture")
        expect(card).to_contain_text("Vos nom et prénom")
        card.get_by_role("button", name="Retirer mon accord").click()
        expect(page.get_by_role("status")).to_contain_text("C’est retiré")
        page.goto(party.asks(street))
        heading(page, "Êtes-vous d’accord")


def test_she_reads_all_that_a_sign_in_of_test_gave_and_what_is_not_for_her(
    street: Street, new_person: NewPerson, tmp_path: Path
) -> None:
    page = new_person(DESKTOP)
    activate_with_mobile(page, street, street.cast.gwenaelle, street.cast.ilan, OTHER_ADDRESS)
    # The operator connects the service of test; she, as an account of test, reads all that it received.
    yann = new_person(DESKTOP)
    enter(yann, street, YANN)
    yann.goto(f"{street.identity}/gestion/services/ajouter/")
    show_factor(yann, street, YANN)
    heading(yann, "Raccorder un service")
    look(yann, "party-add")
    go_on(yann, "Raccorder le service d’essai par SAML 2.0")
    heading(yann, "Service d’essai")
    expect(yann.get_by_role("link", name="Essayer")).to_be_visible()
    look(yann, "party-trial")
    page.goto(f"{street.identity}/services/essai/")
    look(page, "trial")
    page.get_by_role("link", name="Me connecter par SAML 2.0").click()
    heading(page, "Avant d’entrer")
    go_on(page)
    heading(page, "Ce que le service d’essai a reçu")
    expect(page.get_by_role("definition").filter(has_text="CHASTAING")).to_be_visible()
    look(page, "trial-received")
    yann.goto(f"{street.identity}/gestion/services/ajouter/")
    go_on(yann, "Raccorder le service d’essai par OpenID Connect")
    heading(yann, "OpenID Connect")
    look(yann, "party-trial-openid")
    page.get_by_role("link", name="Recommencer").click()
    look(page, "trial-two-ways")
    page.get_by_role("link", name="Me connecter par OpenID Connect").click()
    heading(page, "Avant d’entrer")
    go_on(page)
    heading(page, "Ce que le service d’essai a reçu")
    expect(page.get_by_role("definition").filter(has_text="CHASTAING").first).to_be_visible()
    page.get_by_text("La réponse de userinfo").click()
    look(page, "trial-received-openid")
    go_to(page, street, "Journal")
    expect(page.get_by_text("Service ouvert avec ce compte : Service d’essai")).to_have_count(2)

    # What is not for her says why, and nothing leaves.
    with opened(street, tmp_path, "orientation", "--audience", "pupil", name="Mon orientation") as party:
        page.goto(party.asks(street))
        heading(page, "Ce service n’est pas ouvert à votre profil")
        look(page, "saml-not-for-you")
        assert not party.machine.heard
    elsewhere = ("--audience", "guardian", "--school", "0990002P")
    with opened(street, tmp_path, "barret", *elsewhere, name="ENT Jeanne-Barret") as party:
        page.goto(party.asks(street))
        heading(page, "Ce service n’est pas proposé à votre établissement")
        look(page, "saml-not-served")
        assert not party.machine.heard


@pytest.fixture
def ten_minutes_ago() -> str:
    return f"{datetime.now(UTC) - timedelta(minutes=10):%Y-%m-%dT%H:%M:%SZ}"


def test_a_request_that_is_wrong_stops_on_a_page_that_says_so(
    street: Street, new_person: NewPerson, tmp_path: Path, ten_minutes_ago: str
) -> None:
    page, wrong = new_person(PHONE), "Cette demande de connexion ne passe pas"
    with opened(street, tmp_path, "cdi", "--audience", "pupil", name="Le portail du CDI", signs=True) as party:
        # Its metadata say that it signs: unsigned, nobody is asked anything.
        page.goto(party.asks(street))
        heading(page, wrong)
        expect(page.get_by_text("« Le portail du CDI » nous a mal transmis votre demande")).to_be_visible()
        expect(page.get_by_text("wrong_signature")).to_be_visible()
        look(page, "saml-refused-unsigned")
    with opened(street, tmp_path, "musique", "--audience", "pupil", name="L’école de musique") as party:
        for changes, words, cause in (
            ({"issuer": "https://personne.example/sp"}, wrong, "unknown_party"),
            ({"Destination": "https://autre.example/sso"}, wrong, "wrong_destination"),
            ({"AssertionConsumerServiceURL": "https://mechant.example/acs"}, wrong, "wrong_consumer"),
            ({"policy": "urn:" + " " * 200_000}, wrong, "malformed"),
            ({"IssueInstant": ten_minutes_ago}, "Cette demande de connexion a trop attendu", "stale_request"),
        ):
            page.goto(party.asks(street, **changes))
            heading(page, words)
            expect(page.get_by_text(cause)).to_be_visible()
            look(page, f"saml-refused-{cause.replace('_', '-')}")
        assert not party.machine.heard
        # The way out of each of these pages.
        page.get_by_role("link", name="Aller à la connexion").click()
        expect(page.get_by_role("heading", level=1)).to_be_visible()
