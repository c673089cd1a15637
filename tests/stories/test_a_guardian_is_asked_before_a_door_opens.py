"""Sandrine reads what a service would learn before it does, goes on, reads it again at home, and takes it back."""

import base64
import hashlib
import re
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import requests
from playwright.sync_api import Page, expect

from tests.stories.browser import DESKTOP, PHONE, look
from tests.stories.conftest import NewPerson
from tests.stories.street import Street
from tests.stories.walks import PASSWORD, activate_with_mobile, go_on, go_to, heading

ADDRESS = "sandrine.thibault@example.net"
CLIENT, VERIFIER = "cantine", "v" * 64


def connect(street: Street, client_id: str, name: str, notice: str) -> str:
    """A service for guardians, of which the operator has people told, or asked. Returns where people come back to."""
    comes_back = f"{street.simulators}/boite/"
    street.preau(
        "identity", "party", "add", client_id, "--name", name, "--redirect-uri", comes_back,
        "--scope", "profile", "--scope", "email", "--scope", "children", "--audience", "guardian",
        "--auth-method", "none", "--notice", notice,
    )  # fmt: skip
    return comes_back


def door(street: Street, comes_back: str, scope: str, client_id: str = CLIENT) -> str:
    """What the button of the service asks."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code", "client_id": client_id, "redirect_uri": comes_back, "scope": scope, "state": "table-4",
        "code_challenge": challenge, "code_challenge_method": "S256",
    }  # fmt: skip
    return f"{street.identity}/oidc/authorize?{urlencode(asked)}"


def brought(page: Page, comes_back: str) -> dict[str, str]:
    """What the browser brings to the service."""
    page.wait_for_url(lambda address: address.startswith(comes_back))
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def tokens(street: Street, comes_back: str, code: str) -> dict[str, Any]:
    """What the service does with it, from its own machine."""
    form = {
        "grant_type": "authorization_code", "code": code, "redirect_uri": comes_back, "code_verifier": VERIFIER,
        "client_id": CLIENT,
    }  # fmt: skip
    return dict(requests.post(f"{street.identity}/oidc/token", form, timeout=5).json())


def learnt(street: Street, token: str) -> requests.Response:
    """And what it reads with the token."""
    bearer = {"Authorization": f"Bearer {token}"}
    return requests.get(f"{street.identity}/oidc/userinfo", headers=bearer, timeout=5)


def test_she_knows_what_leaves_and_may_take_it_back(street: Street, new_person: NewPerson) -> None:
    # size: one walk, page after page, told at once
    comes_back = connect(street, CLIENT, "La cantine", "ask")
    page = new_person(DESKTOP)
    username = activate_with_mobile(page, street, street.cast.sandrine, street.cast.elsa, ADDRESS)

    # First she says no: the service hears it, and nothing else.
    page.goto(door(street, comes_back, "openid profile"))
    heading(page, "Êtes-vous d’accord")
    expect(page.get_by_role("main")).to_contain_text("Vos nom et prénom")
    go_on(page, "Refuser")
    assert brought(page, comes_back)["error"] == "access_denied"

    # Then yes, on her telephone, from its sign-in page; without a script.
    phone = new_person(PHONE, without_script=True)
    phone.goto(door(street, comes_back, "openid profile"))
    phone.get_by_label("Identifiant", exact=True).fill(username)
    phone.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    go_on(phone, "Se connecter")
    heading(phone, "Êtes-vous d’accord")
    go_on(phone, "D’accord, continuer")
    told = brought(phone, comes_back)
    assert told["state"] == "table-4"
    first = learnt(street, tokens(street, comes_back, told["code"])["access_token"]).json()
    assert first["given_name"] == "Sandrine" and not {"email", "children"} & first.keys()

    # Nobody asks twice; more is asked again.
    page.goto(door(street, comes_back, "openid profile"))
    assert "code" in brought(page, comes_back)
    page.goto(door(street, comes_back, "openid profile email children"))
    heading(page, "Êtes-vous d’accord")
    expect(page.get_by_role("main")).to_contain_text(re.compile("Vos enfants.*leur date de naissance"))
    look(page, "notice-ask")
    go_on(page, "D’accord, continuer")
    token = tokens(street, comes_back, brought(page, comes_back)["code"])["access_token"]
    assert learnt(street, token).json()["children"]

    # At home: what it learnt, and the way back.
    go_to(page, street, "Services utilisés")
    heading(page, "Les services que vous avez utilisés")
    card = page.get_by_role("region", name="La cantine")
    expect(card).to_contain_text("Votre adresse électronique")
    look(page, "account-services")
    card.get_by_role("button", name="Retirer mon accord").click()
    expect(page.get_by_role("status")).to_contain_text("C’est retiré")
    look(page, "account-services-withdrawn")
    assert learnt(street, token).status_code == 401
    page.goto(door(street, comes_back, "openid"))
    heading(page, "Êtes-vous d’accord")
    go_to(page, street, "Journal")
    expect(page.get_by_role("main")).to_contain_text("Accord donné à un service retiré")

    # Of another service she is only told, once.
    connect(street, "forum", "Le forum des métiers", "tell")
    page.goto(door(street, comes_back, "openid profile", "forum"))
    heading(page, "Avant d’entrer")
    look(page, "notice-tell")
    go_on(page)
    assert "code" in brought(page, comes_back)
    page.goto(door(street, comes_back, "openid profile", "forum"))
    assert "code" in brought(page, comes_back)

    # And out, by the address that services know.
    page.goto(f"{street.identity}/logout")
    heading(page, "Voulez-vous vous déconnecter")
    go_on(page, "Me déconnecter")
    heading(page, "À bientôt")
