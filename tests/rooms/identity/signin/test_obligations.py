"""What is asked between signing in and going on: a table of facts and pages."""

import pytest
from django.test import Client

from preau.identity.accounts import lifecycle
from preau.identity.signin.models import Session
from preau.identity.signin.obligations import Visit, before_going_on
from preau.journeys.testing import pages
from tests.rooms.identity.signin import people
from tests.rooms.identity.signin.people import Clock, Family, sign_in, words


@pytest.mark.parametrize(
    ("who", "must_change", "email", "reminded", "expected"),
    [
        ("guardian", False, "confirmed", False, []),
        ("guardian", True, "confirmed", False, ["mot-de-passe"]),
        ("guardian", False, "waiting", False, ["courriel"]),
        ("guardian", False, "none", False, ["courriel"]),
        ("guardian", False, "waiting", True, []),
        ("guardian", True, "waiting", False, ["mot-de-passe"]),
        ("pupil", False, "none", False, []),
        ("pupil", False, "waiting", False, ["courriel"]),
        ("pupil", True, "none", False, ["mot-de-passe"]),
    ],
)
def test_facts_decide_the_pages(
    family: Family, clock: Clock, who: str, must_change: bool, email: str, reminded: bool, expected: list[str]
) -> None:
    at = clock.now()
    account = family.account if who == "guardian" else family.ines_account
    account = people.active(account, at=at, email="a@example.org" if email == "confirmed" else "")
    if email == "waiting":
        account = lifecycle.give_email(account, address="a@example.org", by=account.key, at=at)
    account.must_change_password = must_change
    visit = Visit(at=at, session=Session(account=account, reminded_at=at if reminded else None))
    assert pages(before_going_on, visit) == expected
    assert visit.is_free is (not expected)


CHANGE = "/connexion/a-faire/mot-de-passe/"
OTHER = "une rivière sous les tilleuls"


def test_whoever_finds_the_page_of_the_new_password_open_chooses_none(
    family: Family, clock: Clock, client: Client
) -> None:
    """A pupil typed the temporary password at a school's computer, read « choisis le tien », and walked away."""
    account = people.active(family.ines_account, at=clock.now())
    typed = people.reset(account, at=clock.now())
    sign_in(client, account.username, typed, profile="eleve")
    clock.forward(minutes=11)
    answer = client.post(CHANGE, {"password": OTHER}, follow=True)
    assert answer.request["PATH_INFO"] == "/connexion/" and "Élève" in words(answer)
    account.refresh_from_db()
    assert account.must_change_password and not account.has_usable_password()
    # The pupil comes back: the temporary one still opens.
    sign_in(client, account.username, typed, profile="eleve")
    assert client.post(CHANGE, {"password": OTHER}).url == "/connexion/suite/"
