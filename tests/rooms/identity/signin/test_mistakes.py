"""The usual mistakes at the door, seen by their shape alone."""

import pytest
from django.test import Client

from preau.identity.accounts.models import Account
from preau.identity.signin.mistakes import Mistake, seen
from tests.rooms.identity.signin import people
from tests.rooms.identity.signin.people import PASSWORD, Clock, Family, sign_in, words


@pytest.mark.parametrize(
    ("username", "password", "mistake"),
    [
        ("s.belkacem", "s.belkacem", Mistake.SAME),
        ("s.belkacem", " S.Belkacem", Mistake.SAME),
        ("s.belkacem", "14/03/2014", Mistake.DATE),
        ("s.belkacem", "14032014", Mistake.DATE),
        ("s.belkacem", "2014-03-14", Mistake.DATE),
        ("s.belkacem", "42V7 ZJ7E XPC0", Mistake.CONFUSED),
        ("s.belkacem", "4LV7-ZJ7E-XPC6", Mistake.CONFUSED),
        ("s.belkacem", "LE VÉLO DU GRAND PRÉAU", Mistake.CAPITALS),
        ("s.belkacem", "le vélo du grand préau ", Mistake.BLANKS),
        ("Samira Belkacem", "le vélo du grand préau", Mistake.NAME),
        ("06 39 98 17 17", "le vélo du grand préau", Mistake.NAME),
        ("s.belkacem", "le vélo du grand préau", None),
        ("S. Belkacem", "42V7 ZJ7E XPC6", None),  # what a letter says, or may say
        ("sbelkacem", "minuscules123", None),
    ],
)
def test_what_each_shape_betrays(username: str, password: str, mistake: Mistake | None) -> None:
    assert seen(username=username, password=password) is mistake


@pytest.fixture
def ines(family: Family, clock: Clock) -> Account:
    return people.active(family.ines_account, at=clock.now(), email="")


def test_the_hint_is_said_after_the_refusal_whoever_is_known(client: Client, ines: Account) -> None:
    for username in (ines.username, "n.personne"):
        page = words(sign_in(client, username, "14032014", profile="eleve"))
        assert "n’est pas le bon" in page and "une date de naissance n’est jamais un mot de passe" in page


@pytest.mark.parametrize("profile", ["responsable", "eleve"])
@pytest.mark.parametrize("typed", ["42V7 ZJ7E XPC6", "42v7zj7expc6", " 42V7-ZJ7E-XPC6 "])
def test_a_temporary_password_in_the_username_box_is_seen_on_both_pages(
    client: Client, db: None, profile: str, typed: str
) -> None:
    assert "C’est le mot de passe provisoire." in words(sign_in(client, typed, "peu importe", profile=profile))


def test_a_username_is_read_with_its_accents_blanks_and_capitals(client: Client, ines: Account) -> None:
    assert sign_in(client, "  Ï. Belkacem ", PASSWORD, profile="eleve").status_code == 302


def test_the_other_profile_keeps_the_username_and_not_the_secret(client: Client, ines: Account) -> None:
    refused = sign_in(client, ines.username, PASSWORD, suite="/compte/mot-de-passe/")
    page = words(refused)
    assert 'action="/connexion/eleve/"' in page and f'name="username" value="{ines.username}"' in page
    assert PASSWORD not in page and 'name="suite" value="/compte/mot-de-passe/"' in page
    brought = client.post(
        "/connexion/eleve/", {"username": ines.username, "apporter": "oui", "suite": "/compte/mot-de-passe/"}
    )
    shown = words(brought)
    assert brought.status_code == 200 and f'value="{ines.username}"' in shown and "à corriger" not in shown
    assert 'name="suite" value="/compte/mot-de-passe/"' in shown
