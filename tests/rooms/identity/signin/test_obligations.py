"""What is asked between signing in and going on: a table of facts and pages."""

import pytest

from preau.identity.accounts import lifecycle
from preau.identity.signin.models import Session
from preau.identity.signin.obligations import Visit, before_going_on
from preau.journeys.testing import pages
from tests.rooms.identity.signin import people
from tests.rooms.identity.signin.people import Clock, Family


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
