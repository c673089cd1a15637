"""Maxence is eighteen: he ends his mother’s access to his schooling, then gives it back. She is told, and sees it."""

from playwright.sync_api import expect

from tests.stories.browser import DESKTOP, PHONE, look
from tests.stories.conftest import NewPerson
from tests.stories.street import Street
from tests.stories.walks import go_on, heading, sign_in

HERS = "florence.baudry@example.org"


def test_he_ends_her_access_and_gives_it_back(street: Street, new_person: NewPerson) -> None:
    maxence, florence = street.who("Maxence Baudry"), street.who("Florence Baudry")
    his, hers = new_person(PHONE), new_person(DESKTOP)
    sign_in(hers, street, "Responsable", username=florence["username"], password=florence["password"])
    heading(hers, "Bonjour Florence")
    hers.goto(f"{street.identity}/compte/")
    expect(hers.get_by_text("Maxence").first).to_be_visible()

    sign_in(his, street, "Élève École", username=maxence["username"], password=maxence["password"])
    heading(his, "Bonjour Maxence")
    his.goto(f"{street.identity}/compte/")
    look(his, "my-account-adult-pupil")
    his.get_by_role("link", name="Choisir s’ils gardent cet accès").click()
    heading(his, "L’accès de mes responsables")
    look(his, "account-guardians-access")
    go_on(his, "Mettre fin à leur accès")
    expect(his.get_by_text("L’accès est terminé")).to_be_visible()
    look(his, "account-guardians-ended")

    # She is told that it is his choice; the account that had nobody else opens nothing.
    (told, *_) = street.emails(HERS, about="est terminé")
    assert "Maxence" in told["text"]
    hers.reload()
    heading(hers, "Qui êtes-vous")
    sign_in(hers, street, "Responsable", username=florence["username"], password=florence["password"])
    heading(hers, "fermé pour l’instant|n’ouvre plus rien")
    look(hers, "signin-no-child-left")

    go_on(his, "Leur rendre l’accès")
    expect(his.get_by_text("L’accès est rendu")).to_be_visible()
    look(his, "account-guardians-back")
    sign_in(hers, street, "Responsable", username=florence["username"], password=florence["password"])
    heading(hers, "Bonjour Florence")
    expect(hers.get_by_text("Maxence").first).to_be_visible()
