"""What the worker throws away."""

from datetime import timedelta

from django.test import Client

from preau.identity.jobs.catalogue import CHORES
from preau.identity.signin import tidying
from preau.identity.signin.models import Failure, Session
from tests.rooms.identity.signin import people
from tests.rooms.identity.signin.people import PASSWORD, Clock, Family, sign_in


def test_a_counter_is_forgotten_when_its_window_is_over_and_a_visit_after_a_month(family: Family, clock: Clock) -> None:
    account = people.active(family.account, at=clock.now())
    sign_in(Client(), account.username, PASSWORD)
    sign_in(Client(), account.username, "faux")
    assert tidying.forget_failures(at=clock.now()) == 0 and tidying.forget_visits(at=clock.now()) == 0
    later = clock.now() + timedelta(days=31)
    assert tidying.forget_failures(at=later) > 0 and not Failure.objects.exists()
    assert tidying.forget_visits(at=later) == 1 and not Session.objects.exists()


def test_the_worker_does_it() -> None:
    done = {chore.done_by for chore in CHORES}
    assert {"preau.identity.signin.tidying.forget_failures", "preau.identity.signin.tidying.forget_visits"} <= done
