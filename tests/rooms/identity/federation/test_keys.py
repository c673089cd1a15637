"""Keys change under a clock that moves: nobody is left with a token that nobody can check (A33)."""

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.test import Client
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from lxml import etree

from preau import clock
from preau.identity import keys
from preau.identity.audit.events import Events
from preau.identity.audit.models import Event
from preau.identity.federation import rotation, signing
from preau.identity.federation.models import KeyUse, SigningKey
from preau.identity.federation.rotation import CannotChange, Standing
from tests.rooms.identity.federation.conftest import NOW

BY = "test:1"
HOUR = timedelta(hours=1)
CERTIFICATE = "{http://www.w3.org/2000/09/xmldsig#}X509Certificate"


class Site:
    """A browser before the site, on a clock that moves; each move, every worker has read the keys again."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.at, self._patch = NOW, monkeypatch
        self.move(timedelta(0))

    def move(self, by: timedelta) -> None:
        """Later."""
        self.at += by
        now = self.at
        self._patch.setattr(clock, "now", lambda: now)
        signing.forget()

    def jwks(self) -> KeySet:
        """What an application reads."""
        return KeySet.import_key_set(Client().get("/oidc/jwks").json())

    def kids(self) -> set[str | None]:
        """Names of the published keys."""
        return {key.kid for key in self.jwks().keys}

    def token(self, algorithm: str = "ES256") -> str:
        """Something signed now."""
        key = signing.ring(at=self.at).signing[algorithm]
        return jwt.encode({"alg": algorithm, "kid": key.kid}, {"sub": "x"}, key)

    def certificates(self) -> list[str | None]:
        """What a SAML service reads."""
        root = etree.fromstring(Client().get("/saml/metadata").content)
        return [one.text for one in root.iter(CERTIFICATE) if one.getparent().getparent().getparent().tag[-1] == "r"]


@pytest.fixture
def site(db: None, monkeypatch: pytest.MonkeyPatch) -> Site:
    """The site and its first keys."""
    made = Site(monkeypatch)
    made.jwks()
    signing.saml_ring(at=NOW)
    return made


def _verifies(token: str, known: KeySet) -> bool:
    try:
        jwt.decode(token, known, algorithms=["ES256", "RS256"])
    except (JoseError, ValueError):
        return False
    return True


@pytest.mark.parametrize("algorithm", ["ES256", "RS256"])
def test_an_ordinary_change_leaves_no_token_unchecked(site: Site, algorithm: str) -> None:
    first = site.token(algorithm)
    rotation.prepare(KeyUse.OIDC, after=None, by=BY, at=site.at)
    site.move(HOUR)
    copied_early, before = site.jwks(), site.token(algorithm)
    assert len(copied_early.keys) == 4 and _verifies(before, copied_early)
    assert signing.ring(at=site.at).signing[algorithm].kid == jwt_kid(first)
    site.move(23 * HOUR)
    after = site.token(algorithm)
    # A service that read the keys before the change knows the one that signs after it.
    assert jwt_kid(after) != jwt_kid(first) and _verifies(after, copied_early)
    site.move(signing.KEPT - timedelta(seconds=1))
    assert _verifies(before, site.jwks()) and _verifies(after, site.jwks())
    site.move(timedelta(seconds=1))
    assert not _verifies(before, site.jwks()) and _verifies(after, site.jwks()) and len(site.jwks().keys) == 2


def jwt_kid(token: str) -> str:
    """The key that a token names."""
    return str(jwt.decode(token, signing.ring(at=clock.now()).published, algorithms=["ES256", "RS256"]).header["kid"])


def test_saml_publishes_the_next_key_a_month_before_it_signs(site: Site) -> None:
    old = signing.saml_ring(at=site.at).signing
    (new,) = rotation.prepare(KeyUse.SAML, after=None, by=BY, at=site.at)
    site.move(timedelta(days=30) - timedelta(seconds=1))
    assert signing.saml_ring(at=site.at).signing.kid == old.kid and len(set(site.certificates())) == 2
    site.move(timedelta(seconds=1))
    assert signing.saml_ring(at=site.at).signing.kid == new.kid and len(set(site.certificates())) == 2
    site.move(signing.KEPT)
    assert old.certificate not in site.certificates() and len(set(site.certificates())) == 1


def test_the_stolen_key_is_believed_no_longer_and_brings_no_older_one_back(site: Site) -> None:
    oldest = site.token()
    rotation.prepare(KeyUse.OIDC, after=HOUR, by=BY, at=site.at)
    site.move(HOUR)
    stolen = site.token()
    site.move(signing.KEPT)
    kid = jwt_kid(stolen)
    successor = rotation.revoke(kid, by=BY, at=site.at)
    site.move(timedelta(minutes=1))
    assert successor is not None and jwt_kid(site.token()) == successor.kid
    assert kid not in site.kids() and not _verifies(stolen, site.jwks()) and not _verifies(oldest, site.jwks())
    assert Event.objects.filter(name=Events.KEY_REVOKED, on=f"key:{kid}").count() == 1
    with pytest.raises(CannotChange, match="déjà"):
        rotation.revoke(kid, by=BY, at=site.at)
    with pytest.raises(CannotChange, match="inconnue"):
        rotation.revoke("personne", by=BY, at=site.at)


def test_a_key_already_published_takes_the_place_of_the_stolen_one(site: Site) -> None:
    stolen = signing.saml_ring(at=site.at).signing.kid
    (following,) = rotation.prepare(KeyUse.SAML, after=None, by=BY, at=site.at)
    site.move(HOUR)
    successor = rotation.revoke(stolen, by=BY, at=site.at)
    site.move(timedelta(minutes=1))
    assert successor == following and signing.saml_ring(at=site.at).signing.kid == following.kid
    assert len(set(site.certificates())) == 1


def test_revoking_a_key_yet_to_come_changes_nothing_for_the_one_that_signs(site: Site) -> None:
    before = site.token()
    made = {key.algorithm: key for key in rotation.prepare(KeyUse.OIDC, after=HOUR, by=BY, at=site.at)}
    assert rotation.revoke(made["ES256"].kid, by=BY, at=site.at) is None
    site.move(HOUR + signing.KEPT + HOUR)
    assert jwt_kid(site.token()) == jwt_kid(before)
    rotation.prepare(KeyUse.OIDC, after=HOUR, by=BY, at=site.at)
    site.move(2 * HOUR)
    assert _verifies(before, site.jwks())  # it signed until an hour ago


def test_a_next_key_is_neither_doubled_nor_too_soon(site: Site) -> None:
    for use, after in ((KeyUse.OIDC, timedelta(minutes=59)), (KeyUse.SAML, timedelta(hours=23))):
        with pytest.raises(CannotChange, match="Trop tôt"):
            rotation.prepare(use, after=after, by=BY, at=site.at)
    rotation.prepare(KeyUse.OIDC, after=None, by=BY, at=site.at)
    with pytest.raises(CannotChange, match="déjà publiée"):
        rotation.prepare(KeyUse.OIDC, after=None, by=BY, at=site.at)


@pytest.mark.django_db(transaction=True)
def test_workers_that_change_keys_at_once_make_one(monkeypatch: pytest.MonkeyPatch) -> None:
    Site(monkeypatch).certificates()
    number, made = signing.following_number(KeyUse.SAML, "RS256"), []

    def work() -> None:
        try:
            made.append(signing.make(KeyUse.SAML, "RS256", signs_from_at=NOW + HOUR, by=BY, at=NOW, number=number))
        except OperationalError:  # SQLite in memory does not wait for its neighbour: that worker made none
            made.append(None)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(made) == 3 and sum(one is not None for one in made) <= 1
    assert SigningKey.objects.filter(number=number).count() == sum(one is not None for one in made)
    if connection.vendor == "postgresql":
        assert sum(one is not None for one in made) == 1


def test_keys_are_sealed_again_under_the_present_secret(site: Site, settings: Any) -> None:
    token, former = site.token(), settings.PREAU_SECRET
    settings.PREAU_SECRET_FOREVER = former
    settings.PREAU_SECRET, settings.PREAU_SECRET_PREVIOUS = "n" * 64, [former]
    call_command("keys", "reseal")
    settings.PREAU_SECRET_PREVIOUS = []
    site.move(timedelta(0))
    assert _verifies(token, site.jwks()) and jwt_kid(site.token()) == jwt_kid(token)
    settings.PREAU_SECRET = "o" * 64
    with pytest.raises(CommandError, match="PREAU_SECRET_PREVIOUS"):
        call_command("keys", "reseal")
    with pytest.raises(keys.CannotDecrypt):
        site.move(timedelta(0))
        signing.ring(at=site.at)


def test_the_operator_reads_prepares_and_revokes(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("keys", "next", "saml", "--hours", "48")
    assert "publiée, signera le 26/11/2026 à 10:00" in capsys.readouterr().out
    call_command("keys", "list")
    said = capsys.readouterr()
    assert "signe" in said.out and "signera" in said.out and not said.err
    with pytest.raises(CommandError, match="déjà publiée"):
        call_command("keys", "next", "saml")
    call_command("keys", "revoke", signing.saml_ring(at=site.at).signing.kid)
    assert "Signe désormais" in capsys.readouterr().out
    call_command("keys", "list")
    assert Standing.REVOKED in capsys.readouterr().out


@pytest.mark.parametrize(("days", "is_told"), [(3650 - 181, False), (3650 - 179, True)])
def test_the_end_of_a_certificate_is_told_half_a_year_before(
    site: Site, capsys: pytest.CaptureFixture[str], days: int, is_told: bool
) -> None:
    site.move(timedelta(days=days))
    call_command("keys", "list")
    assert ("finit le" in capsys.readouterr().err) is is_told


def test_each_standing_is_told(site: Site) -> None:
    def standings(at: datetime) -> set[Standing]:
        return {line.standing for line in rotation.lines(at=at) if line.key.use == KeyUse.SAML}

    rotation.prepare(KeyUse.SAML, after=timedelta(days=1), by=BY, at=site.at)
    assert standings(site.at) == {Standing.SIGNS, Standing.NEXT}
    assert standings(site.at + timedelta(days=1)) == {Standing.SIGNS, Standing.KEPT}
    assert standings(site.at + timedelta(days=2)) == {Standing.SIGNS, Standing.OVER}
