"""Services are told that a visit is over (OpenID Connect Back-Channel Logout 1.0), whatever ended it."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from urllib.parse import parse_qs

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client
from joserfc import jws, jwt

from preau.identity.accounts import lifecycle
from preau.identity.accounts.models import Account
from preau.identity.federation import attributes, farewells, signing, troubles
from preau.identity.federation.models import Farewell, Fate, RelyingParty
from preau.identity.federation.troubles import Cause
from preau.identity.signin import sessions
from preau.identity.signin.models import Session
from tests.rooms.identity.federation.conftest import NOW, exchange, sign_in
from tests.rooms.identity.federation.listening_service import Listener, listening
from tests.rooms.identity.federation.test_oidc import get_code

SOON = NOW + timedelta(seconds=5)


@pytest.fixture
def listener() -> Iterator[Listener]:
    """The ENT's own machine."""
    with listening() as found:
        yield found


@pytest.fixture
def reached(client: Client, samira: Account, party: RelyingParty, listener: Listener) -> RelyingParty:
    """Samira went into the ENT, which wants to know when she leaves."""
    RelyingParty.objects.filter(pk=party.pk).update(backchannel_logout_uri=listener.url)
    sign_in(client, samira)
    assert exchange(get_code(client)).status_code == 200
    return party


def work(at: object = SOON) -> None:
    """What the worker does every few seconds."""
    farewells.notice_endings(at=at)  # type: ignore[arg-type]
    farewells.tell_due(at=at)  # type: ignore[arg-type]


def fate() -> str:
    return Farewell.objects.get().fate


def test_a_service_is_told_who_left_by_a_token_of_ours(
    client: Client, reached: RelyingParty, listener: Listener
) -> None:
    client.post("/deconnexion/")
    work()
    (body,) = listener.heard
    assert listener.content_types == ["application/x-www-form-urlencoded"]
    (token,) = parse_qs(body.decode())["logout_token"]
    header = jws.extract_compact(token.encode()).headers()
    assert (header["typ"], header["alg"]) == ("logout+jwt", "ES256")
    claims = jwt.decode(token, signing.ring(at=SOON).published, algorithms=["ES256"]).claims
    assert (claims["aud"], claims["sid"]) == ("ent", Session.objects.get().sid)
    assert claims["events"] == {"http://schemas.openid.net/event/backchannel-logout": {}}
    assert claims["exp"] - claims["iat"] == 120 and claims["jti"] and claims["sub"] and "nonce" not in claims
    assert claims["sub"] == attributes.subject(Session.objects.get().account, sector=reached.compared_within)
    assert fate() == Fate.TOLD
    work(SOON + timedelta(hours=1))
    assert len(listener.heard) == 1, "once"


@pytest.mark.parametrize(
    "ends",
    [
        lambda account: lifecycle.block([account], reason="perdu", by="test:1", at=SOON),
        lambda account: lifecycle.choose_password(account, encoded=make_password("x"), by="test:1", at=SOON),
        lambda account: sessions.end_all(account, by="test:1", at=SOON),
        lambda account: sessions.end_named(Session.objects.get().sid, by="test:1", at=SOON),
    ],
    ids=["blocked", "password", "everywhere", "by a service"],
)
def test_whatever_ends_the_visit_the_service_is_told(
    samira: Account, reached: RelyingParty, listener: Listener, ends: Callable[[Account], object]
) -> None:
    ends(samira)
    work()
    assert len(listener.heard) == 1 and fate() == Fate.TOLD


def test_silence_is_not_a_sign_out(reached: RelyingParty, listener: Listener) -> None:
    work(NOW + timedelta(hours=9))
    assert not listener.heard and not Farewell.objects.exists()


def test_a_service_that_got_no_token_is_told_nothing(
    client: Client, samira: Account, party: RelyingParty, listener: Listener
) -> None:
    RelyingParty.objects.update(backchannel_logout_uri=listener.url)
    sign_in(client, samira)
    get_code(client)
    client.post("/deconnexion/")
    work()
    assert not Farewell.objects.exists()


def test_a_service_that_is_down_is_tried_again_less_and_less_then_given_up(
    client: Client, reached: RelyingParty, listener: Listener
) -> None:
    listener.status = 503
    client.post("/deconnexion/")
    instant = SOON
    for tries in range(1, len(farewells.DELAYS) + 1):
        work(instant)
        work(instant + farewells.DELAYS[tries - 1] - timedelta(seconds=2))
        assert len(listener.heard) == tries, "not before its delay"
        instant += farewells.DELAYS[tries - 1] + timedelta(seconds=1)
    assert troubles.of(reached)[0].cause == Cause.UNREACHABLE
    work(instant)
    work(instant + timedelta(hours=5))
    assert len(listener.heard) == len(farewells.DELAYS) and fate() == Fate.FAILED


def test_it_is_told_when_it_is_back(client: Client, reached: RelyingParty, listener: Listener) -> None:
    listener.status = 500
    client.post("/deconnexion/")
    work()
    listener.status = 204
    work(SOON + timedelta(seconds=11))
    assert len(listener.heard) == 2 and fate() == Fate.TOLD


def test_no_redirect_is_followed(client: Client, reached: RelyingParty, listener: Listener) -> None:
    with listening() as elsewhere:
        listener.status, listener.headers = 307, {"Location": elsewhere.url}
        client.post("/deconnexion/")
        work()
        assert not elsewhere.heard and fate() == Fate.WAITING


def test_a_clear_address_elsewhere_is_never_spoken_to(client: Client, reached: RelyingParty) -> None:
    RelyingParty.objects.update(backchannel_logout_uri="http://ent.example/logout")
    client.post("/deconnexion/")
    work()
    assert fate() == Fate.WAITING and "https" in troubles.of(reached)[0].detail


def test_a_worker_that_dies_while_telling_loses_nothing(
    client: Client, reached: RelyingParty, listener: Listener
) -> None:
    client.post("/deconnexion/")
    farewells.notice_endings(at=SOON)
    # What a kill -9 between the mark and the word leaves behind.
    Farewell.objects.update(tries=1, tried_at=SOON)
    work(SOON + timedelta(seconds=9))
    assert not listener.heard
    work(SOON + timedelta(seconds=10))
    assert len(listener.heard) == 1 and fate() == Fate.TOLD


def test_one_row_per_visit_and_service_however_many_workers_look(client: Client, reached: RelyingParty) -> None:
    client.post("/deconnexion/")
    assert farewells.notice_endings(at=SOON) and not farewells.notice_endings(at=SOON)
    assert Farewell.objects.count() == 1
