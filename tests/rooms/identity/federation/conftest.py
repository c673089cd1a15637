"""Samira with her two children, Adama the pupil, a party, and a browser that is signed in."""

import base64
import hashlib
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client

from preau import clock
from preau.identity.accounts import lifecycle
from preau.identity.accounts.models import Account
from preau.identity.accounts.origins import Origin
from preau.identity.directory.models import Division, Enrolment, Guardian, Guardianship, Level, Pupil, School
from preau.identity.federation import signing
from preau.identity.federation.models import RelyingParty
from preau.identity.federation.registration import register
from preau.identity.federation.release import SCOPES

CALLBACK = "https://ent.example/retour"
PASSWORD = "Soleil-sur-le-preau-7"
VERIFIER = "v" * 64
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _fresh_keys(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    signing.forget()
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def school(db: None) -> School:
    """The collège of the demo."""
    return School.objects.create(uai="0991234D", name="Collège Élise-Deroche")


def _pupil(school: School, first_name: str, division: str, born: date) -> Pupil:
    pupil = Pupil.objects.create(birth_name="BELKACEM", first_name=first_name, birth_on=born)
    place, _ = Division.objects.get_or_create(school=school, code=division)
    Enrolment.objects.create(pupil=pupil, school=school, source_key=f"{pupil.pk}", division=place)
    return pupil


def _active(account: Account) -> Account:
    account = lifecycle.choose_password(account, encoded=make_password(PASSWORD), by="test:1", at=NOW)
    account = lifecycle.activate(account, origin=Origin.SCHOOL, by="test:1", at=NOW)
    return lifecycle.confirm_email(account, address=f"{account.username}@example.org", by="test:1", at=NOW)


@pytest.fixture
def samira(school: School) -> Account:
    """An active guardian with two children."""
    return active_guardian(school)


def active_guardian(school: School) -> Account:
    """Samira, who chose her password."""
    guardian = Guardian.objects.create(
        school=school, source_key="1", birth_name="BELKACEM", first_name="Samira", email="base@example.org"
    )
    for first_name, division, born in [("Inès", "5E B", date(2014, 3, 14)), ("Hugo", "6E A", date(2015, 9, 2))]:
        enrolment = _pupil(school, first_name, division, born).enrolments.get()
        Guardianship.objects.create(guardian=guardian, enrolment=enrolment, level=Level.LEGAL, is_legal=True)
    (account,) = lifecycle.open_for_guardians([guardian], by="test:1", at=NOW)
    return _active(account)


@pytest.fixture
def adama(school: School) -> Account:
    """An active pupil."""
    (account,) = lifecycle.open_for_pupils([_pupil(school, "Adama", "5E B", date(2014, 1, 5))], by="test:1", at=NOW)
    return _active(account)


@pytest.fixture
def party(db: None) -> RelyingParty:
    """An ENT that may ask for everything."""
    made, _ = register(
        client_id="ent",
        name="L’ENT",
        redirect_uris=[CALLBACK, "https://ent.example/autre"],
        post_logout_redirect_uris=["https://ent.example/au-revoir"],
        secret="secret-of-the-ent",
        scopes=list(SCOPES),
        algorithm="ES256",
        by="test:1",
        at=NOW,
    )
    return made


def sign_in(client: Client, account: Account) -> None:
    """Through the real door."""
    answer = client.post(f"/connexion/{'responsable' if account.pupil_id is None else 'eleve'}/", _form(account))
    assert answer.status_code == 302, answer.content.decode()


def _form(account: Account) -> dict[str, str]:
    return {"username": account.username, "password": PASSWORD}


def question(**changes: str | None) -> str:
    """The address of a well-behaved authorization request, changed as asked (None removes)."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
    asked: dict[str, str | None] = {
        "response_type": "code",
        "client_id": "ent",
        "redirect_uri": CALLBACK,
        "scope": "openid profile email children",
        "state": "the-state",
        "nonce": "the-nonce",
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        **changes,
    }
    return "/oidc/authorize?" + urlencode({name: value for name, value in asked.items() if value is not None})


def answer_of(location: str) -> dict[str, str]:
    """The parameters of a redirection."""
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def exchange(brought: str, **changes: str) -> Any:
    """What the ENT does with its code, from its own machine."""
    form = {"grant_type": "authorization_code", "code": brought, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    secret = {"client_id": "ent", "client_secret": "secret-of-the-ent"}
    return Client().post("/oidc/token", {**form, **secret, **changes})
