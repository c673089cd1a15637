"""Who waits, who does not."""

import pytest

from preau.identity.signin.lockout import DEVICE, NETWORK, RECORD, Door, Tries, Verdict, left, verdict

FIVE = DEVICE[Door.PASSWORD].tries


@pytest.mark.parametrize(
    ("tries", "expected"),
    [
        (Tries(device=1, record=1), Verdict.LOOK),
        (Tries(device=FIVE, record=FIVE), Verdict.LOOK),
        (Tries(device=FIVE + 1, record=1), Verdict.PAUSED),
        (Tries(device=FIVE + 1, record=1, is_familiar=True), Verdict.PAUSED),
        (Tries(device=1, record=1, network=NETWORK.tries), Verdict.CROWDED),
        (Tries(device=1, record=1, network=NETWORK.tries, is_familiar=True), Verdict.LOOK),
        (Tries(device=1, record=RECORD[Door.PASSWORD].tries + 1), Verdict.SILENT),
        (Tries(device=1, record=RECORD[Door.PASSWORD].tries + 1, is_familiar=True), Verdict.LOOK),
    ],
)
def test_the_device_waits_first_then_the_network_then_silently_the_record(tries: Tries, expected: Verdict) -> None:
    assert verdict(Door.PASSWORD, tries) is expected


def test_a_class_of_thirty_that_mistypes_five_times_each_is_not_stopped() -> None:
    assert verdict(Door.PASSWORD, Tries(device=1, record=1, network=30)) is Verdict.LOOK


def test_birth_dates_have_three_tries() -> None:
    assert [left(Door.BIRTH_DATES, Tries(device=count, record=0)) for count in (1, 2, 3, 4)] == [2, 1, 0, 0]
