"""Who does not answer is left alone."""

import time

from preau.identity.franceconnect.breaker import Breaker


def test_it_opens_after_failures_in_a_row_and_closes_again_when_they_answer() -> None:
    breaker = Breaker(failures=3, rest=60)
    breaker.failed()
    breaker.failed()
    breaker.worked()
    breaker.failed()
    breaker.failed()
    assert not breaker.is_open()
    breaker.failed()
    assert breaker.is_open()
    breaker.worked()
    assert not breaker.is_open()


def test_after_its_rest_one_failure_is_enough() -> None:
    breaker = Breaker(failures=2, rest=0.05)
    breaker.failed()
    breaker.failed()
    assert breaker.is_open()
    time.sleep(0.06)
    assert not breaker.is_open()
    breaker.failed()
    assert breaker.is_open()
