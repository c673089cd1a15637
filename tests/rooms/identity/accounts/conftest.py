"""A school's guardians, accounts in any state, and what the journal says."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.contrib.auth.hashers import make_password

from preau.identity.accounts import lifecycle
from preau.identity.accounts.models import Account, Channel
from preau.identity.accounts.origins import Origin
from preau.identity.accounts.states import State
from preau.identity.directory.models import Guardian, School

DESK = "staff:1"
PASSWORD = "une tortue sous la pluie"
Make = Callable[..., Account]


def guardian(school: School, number: int, first_name: str = "Emma", surname: str = "DURAND") -> Guardian:
    """One more line of the school's base."""
    return Guardian.objects.create(school=school, source_key=str(number), first_name=first_name, birth_name=surname)


@pytest.fixture
def school(db: None) -> School:
    """The collège."""
    return School.objects.create(uai="0991234D", name="Collège Élise-Deroche")


@pytest.fixture
def make(school: School, at: datetime) -> Make:
    """Makes an account in a state, by the verbs that lead there, the day before."""
    then = at - timedelta(days=1)

    def made(state: State = State.UNNOTIFIED, *, was_activated: bool = False) -> Account:
        (account,) = lifecycle.open_for_guardians(
            [guardian(school, Guardian.objects.count())], by="system:import", at=then
        )
        if state in {State.NOTIFIED, State.ACTIVE} or was_activated:
            lifecycle.notify([account], channel=Channel.LETTER, expires_at=then + timedelta(days=90), by=DESK, at=then)
        if state == State.ACTIVE or was_activated:
            lifecycle.activate(account, origin=Origin.SCHOOL, by=account.key, at=then)
            lifecycle.choose_password(account, encoded=make_password(PASSWORD), by=account.key, at=then)
        match state:
            case State.BLOCKED:
                lifecycle.block([account], reason="À la demande de la famille", by=DESK, at=then)
            case State.DISABLED:
                lifecycle.disable([account], by="system:import", at=then)
            case State.CLOSED:
                lifecycle.close([account], by=DESK, at=then)
        account.refresh_from_db()
        assert account.state == state
        return account

    return made
