"""What the operator reads of a service that does not work."""

from datetime import timedelta

import pytest

from preau.identity.federation import troubles
from preau.identity.federation.models import RelyingParty, Trouble
from preau.identity.federation.troubles import Cause
from tests.rooms.identity.federation.conftest import NOW


def test_each_cause_says_what_the_operator_can_do() -> None:
    assert set(troubles.ADVICE) == set(Cause)
    assert all(len(cause) <= 40 for cause in Cause)


def test_a_client_that_tries_again_at_once_is_one_trouble(party: RelyingParty) -> None:
    for seconds in range(5):
        troubles.note(Cause.WRONG_SECRET, party=party, at=NOW + timedelta(seconds=seconds))
    assert troubles.of(party).count() == 1
    troubles.note(Cause.WRONG_SECRET, party=party, at=NOW + timedelta(minutes=2))
    assert troubles.of(party).count() == 2


def test_the_last_ones_of_each_cause_are_kept_and_a_noisy_cause_hides_no_other(party: RelyingParty) -> None:
    troubles.note(Cause.WRONG_ADDRESS, party=party, detail="https://ent.example/faux", at=NOW)
    for hour in range(troubles.KEPT + 15):
        troubles.note(Cause.WRONG_SECRET, party=party, at=NOW + timedelta(hours=hour))
    found = list(troubles.of(party))
    assert len(found) == troubles.KEPT + 1 and found[-1].cause == Cause.WRONG_ADDRESS
    assert found[0].at == NOW + timedelta(hours=troubles.KEPT + 14)


@pytest.mark.parametrize("said", ["x" * 5000, "\x00\x1b[2J\u202eevil", ""])
def test_a_stranger_is_noted_as_text_and_cannot_fill_the_table(db: None, said: str) -> None:
    for minute in range(troubles.KEPT + 5):
        troubles.note(Cause.UNKNOWN_PARTY, said=f"{said}{minute}", detail=said, at=NOW + timedelta(minutes=minute))
    assert Trouble.objects.count() == troubles.KEPT
    assert all(one.said.isprintable() and len(one.said) <= 256 for one in Trouble.objects.all())
