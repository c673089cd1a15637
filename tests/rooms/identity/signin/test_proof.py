"""Equal work: what an unknown username costs, a known one costs."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import argon2
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from preau.identity.accounts import lifecycle
from preau.identity.accounts.models import Account, Kind
from preau.identity.audit.models import Event
from preau.identity.signin import lockout
from preau.identity.signin.captcha import Effort
from preau.identity.signin.device import Device
from preau.identity.signin.models import Failure
from preau.identity.signin.proof import Found, Proof, prove
from tests.rooms.identity.signin import people
from tests.rooms.identity.signin.people import PASSWORD, Clock, Family

Work = tuple[Counter[str], int, int, int]


@contextmanager
def hashes_counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[str]]:
    """Count the slow hashes that are really computed, whichever way they are asked for."""
    done: Counter[str] = Counter()
    hash_, verify = argon2.PasswordHasher.hash, argon2.PasswordHasher.verify

    def counted_hash(self: argon2.PasswordHasher, *arguments: object, **more: object) -> str:
        done["argon2"] += 1
        return hash_(self, *arguments, **more)  # type: ignore[arg-type]

    def counted_verify(self: argon2.PasswordHasher, *arguments: object) -> bool:
        done["argon2"] += 1
        return verify(self, *arguments)  # type: ignore[arg-type, return-value]

    with monkeypatch.context() as patch:
        patch.setattr(argon2.PasswordHasher, "hash", counted_hash)
        patch.setattr(argon2.PasswordHasher, "verify", counted_verify)
        yield done


def attempt(
    username: str,
    typed: str,
    clock: Clock,
    *,
    device: Device | None = None,
    profile: Kind = Kind.GUARDIAN,
    network: str = "",
) -> Proof:
    device, network = device or Device(f"device of {username}"), network or f"network of {username}"
    answer = answered(device, network, clock)
    return prove(
        username=username, typed=typed, profile=profile, device=device, network=network, at=clock.now(), answer=answer
    )


def answered(device: Device, network: str, clock: Clock) -> str:
    """The answer to a question asked of this device."""
    return people.solved(Effort(device, network, seconds=15, at=clock.now()).payload)


def work_of(username: str, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Work:
    """The statements, the slow hashes and the rows that one wrong try costs."""
    before = Failure.objects.count(), Event.objects.count()
    device, network = Device(f"device of {username}"), f"network of {username}"
    answer = answered(device, network, clock)
    with hashes_counted(monkeypatch) as hashes, CaptureQueriesContext(connection) as queries:
        proof = prove(
            username=username, typed="pas du tout ça", profile=Kind.GUARDIAN, device=device, network=network,
            at=clock.now(), answer=answer,
        )  # fmt: skip
        assert proof.found is Found.WRONG
    kinds = Counter(query["sql"].split(" ", 1)[0] for query in queries.captured_queries)
    rows = Failure.objects.count() - before[0], Event.objects.count() - before[1]
    return kinds, hashes["argon2"], *rows


@pytest.fixture(params=["unnotified", "notified", "expired", "active", "reset", "blocked", "closed"])
def known(request: pytest.FixtureRequest, family: Family, clock: Clock) -> str:
    """The username of an account in each of its states."""
    account, at = family.account, clock.now()
    if request.param in ("notified", "expired"):
        people.notified(account, at=at)
        clock.forward(days=91 if request.param == "expired" else 0)
    elif request.param != "unnotified":
        account = people.active(account, at=at)
    if request.param == "reset":
        people.reset(account, at=at)
    elif request.param == "blocked":
        lifecycle.block([account], reason="vol", by=people.DESK, at=at)
    elif request.param == "closed":
        lifecycle.close([account], by=people.DESK, at=at)
    return account.username


def test_a_wrong_try_costs_the_same_for_a_known_and_an_unknown_username(
    known: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = lockout.DEVICE[lockout.Door.PASSWORD].tries
    of_known = [work_of(known, clock, monkeypatch) for _ in range(tries)]
    of_unknown = [work_of("n.personne", clock, monkeypatch) for _ in range(tries)]
    assert of_known == of_unknown  # the first, that makes counters, up to the last, that writes the pause
    assert {work[1] for work in of_known} == {1}


def test_under_the_silent_cap_too(family: Family, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    account = people.active(family.account, at=clock.now())
    for username in (account.username, "n.personne"):
        for number in range(lockout.RECORD[lockout.Door.PASSWORD].tries):
            attempt(username, "pas du tout ça", clock, device=Device(f"{username} {number}"))
    of_known, of_unknown = work_of(account.username, clock, monkeypatch), work_of("n.personne", clock, monkeypatch)
    assert of_known == of_unknown and of_known[1] == 1
    # The right password costs a stranger the same as a wrong one, and gets the same answer.
    with hashes_counted(monkeypatch) as hashes:
        assert attempt(account.username, PASSWORD, clock, device=Device("stranger")).found is Found.WRONG
    assert hashes["argon2"] == 1


@pytest.mark.parametrize(
    ("state", "typed", "found"),
    [
        ("unnotified", PASSWORD, Found.WRONG),
        ("notified", PASSWORD, Found.WRONG),
        ("notified", "letter", Found.LETTER),
        ("expired", "letter", Found.EXPIRED),
        ("active", PASSWORD, Found.OWN),
        ("active", "letter", Found.WRONG),
        ("reset", PASSWORD, Found.WRONG),
        ("reset", "reset", Found.TEMPORARY),
        ("blocked", PASSWORD, Found.SHUT),
        ("closed", PASSWORD, Found.WRONG),
    ],
)
def test_what_each_secret_opens_in_each_state(
    family: Family, clock: Clock, state: str, typed: str, found: Found
) -> None:
    account, at = family.account, clock.now()
    secrets = {}
    if state != "unnotified":
        secrets["letter"] = people.notified(account, at=at)
    if state == "expired":
        clock.forward(days=90)
    elif state not in ("unnotified", "notified"):
        account = people.active(account, at=at)
    if state == "reset":
        secrets["reset"] = people.reset(account, at=at)
    elif state == "blocked":
        lifecycle.block([account], reason="vol", by=people.DESK, at=at)
    elif state == "closed":
        lifecycle.close([account], by=people.DESK, at=at)
    assert attempt(account.username, secrets.get(typed, typed), clock).found is found


def test_a_temporary_password_opens_its_own_account_only(family: Family, clock: Clock) -> None:
    elsewhere = people.school("0991111A", "Collège Jean-Vilar")
    child = people.pupil(elsewhere, "7", "Noé", "MARTIN", None)
    other = people.guardian(elsewhere, "70", "Luc", "MARTIN", child)
    (account,) = lifecycle.open_for_guardians([other], by="system:import", at=clock.now())
    code = people.notified(account, at=clock.now())
    people.notified(family.account, at=clock.now())
    assert attempt(family.account.username, code, clock).found is Found.WRONG
    assert attempt(account.username, code, clock).found is Found.LETTER


def test_a_new_letter_kills_the_one_before(family: Family, clock: Clock) -> None:
    old = people.notified(family.account, at=clock.now())
    new = people.notified(family.account, at=clock.now())
    assert attempt(family.account.username, old, clock).found is Found.WRONG
    assert attempt(family.account.username, new, clock).found is Found.LETTER


def test_nothing_that_was_typed_is_kept(family: Family, clock: Clock) -> None:
    attempt(family.account.username, "un mot de passe très secret", clock)
    tables = (
        str(list(Failure.objects.values())) + str(list(Event.objects.values())) + str(list(Account.objects.values()))
    )
    assert "très secret" not in tables
