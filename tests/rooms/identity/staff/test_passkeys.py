"""A passkey as our own second factor at the desk."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from fido2.utils import websafe_encode

from preau.identity.audit.models import Event
from preau.identity.factors import webauthn
from preau.identity.messaging.models import Outgoing
from preau.identity.staff import second_factor
from preau.identity.staff.models import StaffPasskey, StaffSession, Totp
from preau.identity.staff.second_factor import OwnFactorNeeded, PortalFactorNeeded
from tests.rooms.identity.console.world import World
from tests.rooms.identity.factors.soft_key import PRESENT, SoftKey
from tests.rooms.identity.staff.conftest import Moving

PAGE, PROVE = "/agents/second-facteur/", "/agents/second-facteur/cle/"
MINE = "/agents/second-facteur/cles/"
ALWAYS_ASKS = "/gestion/envois/liste/"


def add(browser: Client, key: SoftKey, **faults: Any) -> Any:
    """Add a passkey as the page does."""
    options = browser.post(f"{MINE}question/").json()
    return browser.post(f"{MINE}ajouter/", {"name": "Clé du bureau", "answer": key.create(options, **faults)})


def prove(browser: Client, key: SoftKey, *, suite: str = ALWAYS_ASKS, **faults: Any) -> Any:
    """Show a passkey as the page does."""
    options = browser.post(f"{PROVE}question/").json()
    return browser.post(PROVE, {"suite": suite, "answer": key.get(options, **faults)})


@pytest.fixture
def key(world: World) -> SoftKey:
    """The head's, who has no phone: enrolled behind the portal's one-time code."""
    Totp.objects.all().delete()
    made = SoftKey()
    answer = add(world.browser("head"), made)
    assert (answer.status_code, answer["Location"]) == (302, MINE)
    return made


def test_a_passkey_opens_what_always_asks_our_own_factor(world: World, key: SoftKey, moving: Moving) -> None:
    browser = world.browser("head")
    assert browser.get(ALWAYS_ASKS)["Location"].startswith(PAGE)
    assert prove(browser, key)["Location"] == ALWAYS_ASKS and browser.get(ALWAYS_ASKS).status_code == 200
    assert StaffSession.objects.latest("pk").own_factor_at == moving.at
    proved = Event.objects.get(name="staff.factor_proved")
    assert proved.by == proved.on == world.grants["head"].member.key and proved.facts["kind"] == "passkey"


def test_without_any_factor_of_the_portal_a_passkey_lets_in(world: World, key: SoftKey) -> None:
    browser = world.browser("head", portal_factor="")
    assert browser.get("/gestion/")["Location"].startswith(PAGE)
    page = browser.get(PAGE).content.decode()
    assert "data-passkey" in page and "Code à six chiffres" not in page
    prove(browser, key, suite="/gestion/")
    assert browser.get("/gestion/").status_code == 200


def test_the_browser_is_asked_for_the_passkeys_of_who_is_there(world: World, key: SoftKey) -> None:
    options = world.browser("head").post(f"{PROVE}question/").json()
    assert [one["id"] for one in options["allowCredentials"]] == [websafe_encode(key.credential)]
    assert options["userVerification"] == "required"
    assert not world.browser("deputy").post(f"{PROVE}question/").json().get("allowCredentials")


@pytest.mark.parametrize(
    "faults",
    [{"origin": "https://evil.example"}, {"host": "evil.example"}, {"flags": PRESENT}, {"signs_other_bytes": True}],
    ids=str,
)
def test_a_message_that_is_not_quite_right_proves_nothing(world: World, key: SoftKey, faults: dict[str, Any]) -> None:
    browser = world.browser("head")
    answer = prove(browser, key, **faults)
    assert answer.status_code == 422 and str(webauthn.NotRight.sentence) in answer.content.decode()
    assert StaffSession.objects.latest("pk").own_factor_at is None
    assert browser.get(PROVE)["Location"] == PAGE
    assert Event.objects.filter(name="staff.factor_refused").count() == 1


def test_an_answer_serves_once_and_in_its_own_browser(world: World, key: SoftKey) -> None:
    browser, thief = world.browser("head"), world.browser("head")
    thief.post(f"{PROVE}question/")
    answer = key.get(browser.post(f"{PROVE}question/").json())
    assert thief.post(PROVE, {"answer": answer}).status_code == 422
    assert browser.post(PROVE, {"answer": answer}).status_code == 302
    assert browser.post(PROVE, {"answer": answer}).status_code == 422


def test_a_copy_is_refused(world: World, key: SoftKey) -> None:
    copy, browser = key.copy(), world.browser("head")
    prove(browser, key)
    assert str(webauthn.Copied.sentence) in prove(world.browser("head"), copy).content.decode()


def test_the_passkey_of_a_colleague_proves_nothing(world: World, key: SoftKey) -> None:
    answer = prove(world.browser("deputy"), key)
    assert answer.status_code == 422 and str(webauthn.Unknown.sentence) in answer.content.decode()


def test_a_passkey_of_the_desk_opens_no_door_of_families(world: World, key: SoftKey) -> None:
    browser = Client()
    options = browser.post("/connexion/cle/question/").json()
    answer = browser.post("/connexion/responsable/cle/", {"answer": key.get(options)})
    assert answer.status_code == 422 and str(webauthn.Unknown.sentence) in answer.content.decode()


def test_enrolling_counts_as_proving_and_is_told(world: World, key: SoftKey, moving: Moving) -> None:
    head = world.grants["head"].member
    assert StaffSession.objects.latest("pk").own_factor_at == moving.at
    assert Event.objects.filter(name="staff.factor_enrolled", on=head.key, facts__kind="passkey").count() == 1
    assert Outgoing.objects.filter(message="staff/factor_enrolled", on=head.key).count() == 1


@pytest.mark.parametrize(("factor", "minutes"), [("", 0), ("otp", 60)])
def test_a_password_alone_or_a_factor_an_hour_old_enrols_nothing(
    world: World, moving: Moving, factor: str, minutes: int
) -> None:
    Totp.objects.all().delete()
    browser = world.browser("head", portal_factor=factor)
    StaffSession.objects.update(seen_at=moving.at + timedelta(minutes=minutes))
    moving.at += timedelta(minutes=minutes)
    for address in (MINE, f"{MINE}ajouter/"):
        page = browser.get(address)
        assert page.status_code == 403 and PortalFactorNeeded.sentence in page.content.decode()
    assert browser.post(f"{MINE}question/").json()["error"] == PortalFactorNeeded.sentence


def test_who_has_a_factor_shows_it_before_adding_another(world: World, moving: Moving) -> None:
    browser = world.browser("head")  # she has a phone, and the portal's factor is fresh
    assert browser.get(MINE)["Location"].startswith(PAGE)
    refused = browser.post(f"{MINE}question/")
    assert refused.status_code == 409 and refused.json()["error"] == OwnFactorNeeded.sentence
    proved = world.browser("head", own_factor=True)
    assert add(proved, SoftKey())["Location"] == MINE
    moving.at += timedelta(minutes=10)
    assert proved.get(MINE)["Location"].startswith(PAGE)


def test_a_stolen_visit_cannot_add_a_phone_beside_the_passkey(world: World, key: SoftKey) -> None:
    page = world.browser("head").get("/agents/second-facteur/enregistrer/")
    assert page.status_code == 403 and OwnFactorNeeded.sentence in page.content.decode()
    assert not Totp.objects.exists()


def test_a_passkey_is_removed_by_its_holder_who_is_told(world: World, key: SoftKey) -> None:
    number, browser = StaffPasskey.objects.get().pk, world.browser("head")
    assert browser.post(f"{MINE}{number}/retirer/")["Location"].startswith(PAGE)
    assert StaffPasskey.objects.exists()
    prove(browser, key)
    assert "Clé du bureau" in browser.get(MINE).content.decode()
    assert browser.post(f"{MINE}{number}/retirer/")["Location"] == MINE
    assert not StaffPasskey.objects.exists()
    assert Outgoing.objects.filter(message="staff/factor_removed").count() == 1
    assert Event.objects.filter(name="staff.factor_removed", facts__kind="passkey").count() == 1


def test_nobody_removes_the_passkey_of_a_colleague(world: World, key: SoftKey) -> None:
    world.browser("deputy", own_factor=True).post(f"{MINE}{StaffPasskey.objects.get().pk}/retirer/")
    assert StaffPasskey.objects.count() == 1


def test_the_operator_removes_everything(world: World, key: SoftKey, moving: Moving) -> None:
    head = world.grants["head"].member
    assert second_factor.remove(head, by="system:operator", at=moving.at)
    assert not StaffPasskey.objects.exists() and not second_factor.has_enrolled(head)


def test_nobody_asks_or_answers_without_a_visit(world: World, client: Client) -> None:
    addresses = (PROVE, f"{PROVE}question/", f"{MINE}ajouter/", f"{MINE}question/", f"{MINE}1/retirer/")
    for address in addresses:
        assert client.post(address)["Location"] == "/agents/entree/"
    assert client.get(MINE)["Location"] == "/agents/entree/"
