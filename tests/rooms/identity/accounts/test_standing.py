"""Where an account stands is written twice, for one and for a query: both say the same on every case."""

from datetime import datetime, timedelta
from itertools import product

import pytest

from preau.identity.accounts import standing
from preau.identity.accounts.models import Account, Channel, TemporaryPassword
from preau.identity.accounts.origins import Origin
from preau.identity.accounts.standing import Standing
from preau.identity.accounts.states import State
from tests.rooms.identity.signin import people

CASES = list(product(State, [None, "good", "expired"], ["", "attente@example.org"], [False, True], [False, True]))


@pytest.mark.django_db
def test_both_ways_of_saying_it_agree_on_every_case(at: datetime) -> None:
    account = people.family(at).account
    mine, seen = Account.objects.filter(pk=account.pk), set()
    for state, temporary, pending, must_change, is_confirmed in CASES:
        is_active = state is State.ACTIVE
        mine.update(
            state=state, pending_email=pending, must_change_password=must_change,
            email="a@example.org" if is_confirmed else "", email_confirmed_at=at if is_confirmed else None,
            activated_at=at if is_active else None, origin=Origin.SCHOOL if is_active else Origin.UNSET,
        )  # fmt: skip
        TemporaryPassword.objects.all().delete()
        if temporary:
            expires = at + timedelta(days=1 if temporary == "good" else 0)
            TemporaryPassword.objects.create(
                account=account, digest="x", channel=Channel.LETTER, issued_at=at, expires_at=expires
            )
        one = mine.select_related("temporary_password").get()
        expected = standing.of(one, at=at)
        found = [each for each in Standing if mine.filter(standing.where(each, at=at)).exists()]
        assert found == [expected], (state, temporary, pending, must_change, is_confirmed)
        seen.add(expected)
    assert seen == set(Standing)


def test_every_standing_has_its_words() -> None:
    assert set(standing.LABELS) == set(Standing)
