"""Metadata read again each day: what is good replaces what was, what is not leaves the last good copy (F12, F13)."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from preau.identity.audit.events import Events
from preau.identity.audit.models import Event
from preau.identity.federation import profiles, refresh, troubles, watch
from preau.identity.federation.models import RelyingParty, SamlProfile, Trouble
from preau.identity.federation.troubles import Cause
from preau.identity.federation.watch import Weight
from tests.rooms.identity.federation.conftest import NOW
from tests.rooms.identity.federation.small_service import (
    CONSUMER,
    ENTITY,
    LATER,
    Publisher,
    certificate,
    metadata,
    publishing,
)

TOMORROW = NOW + LATER


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    """Where the service publishes."""
    with publishing(metadata()) as found:
        yield found


@pytest.fixture
def ent(db: None, publisher: Publisher) -> RelyingParty:
    """The service, connected from its address."""
    copy = refresh.fetched(publisher.url, at=NOW)
    return profiles.register_saml(client_id="tilleuls", copy=copy, metadata_url=publisher.url, by="staff:9", at=NOW)


def now(party: RelyingParty) -> SamlProfile:
    """Its profile as it is written."""
    return SamlProfile.objects.get(party=party)


def test_nothing_is_read_again_before_a_day(ent: RelyingParty, publisher: Publisher) -> None:
    assert refresh.refresh_due(at=NOW + timedelta(hours=23)) is False
    assert refresh.refresh_due(at=TOMORROW) is True
    assert refresh.refresh_due(at=TOMORROW) is False
    assert len(publisher.asked) == 2 and now(ent).metadata_read_at == TOMORROW
    assert not Event.objects.filter(name=Events.METADATA_READ).exists(), "nothing changed: nothing to tell"


def test_a_service_rolls_its_keys_over_two_of_them_side_by_side(ent: RelyingParty, publisher: Publisher) -> None:
    publisher.body = metadata(signing=(certificate(1), certificate(3)))
    refresh.refresh_due(at=TOMORROW)
    assert now(ent).signing_certificates == [certificate(1), certificate(3)]
    publisher.body = metadata(signing=(certificate(3),))
    refresh.refresh_due(at=TOMORROW + LATER)
    assert now(ent).signing_certificates == [certificate(3)] and not Trouble.objects.exists()
    changed = [event.facts["changed"] for event in Event.objects.filter(name=Events.METADATA_READ)]
    assert changed == [["signing_certificates"]] * 2


BAD = {
    "corrupted": b"<md:EntityDescriptor",
    "empty": b"",
    "of nobody": b"<html><body>maintenance</body></html>",
    "expired": metadata(valid_until=NOW - timedelta(days=1)),
    "of another service": metadata(entity_id="https://other.example/sp"),
    "without address": metadata(consumer="ftp://ent.example/acs"),
    "wrong key": metadata(signing=(certificate(8),), encryption=(certificate(9),)),
    "no key any more": metadata(encryption=()),
    "led elsewhere": metadata(consumer="https://evil.example/acs"),
    "with a DTD": b'<!DOCTYPE x [<!ENTITY a "b">]>' + metadata().partition(b"?>")[2],
}


@pytest.mark.parametrize("body", BAD.values(), ids=BAD)
def test_the_last_good_copy_stays_and_the_operator_is_told(
    ent: RelyingParty, publisher: Publisher, body: bytes
) -> None:
    before = now(ent)
    publisher.body = body
    assert refresh.refresh_due(at=TOMORROW) is True
    after = now(ent)
    assert (after.metadata, after.metadata_read_at) == (before.metadata, before.metadata_read_at)
    (trouble,) = troubles.of(ent)
    assert trouble.cause == Cause.METADATA_UNREADABLE and trouble.detail
    # Not each minute: some hours later.
    assert refresh.refresh_due(at=TOMORROW + timedelta(hours=1)) is False
    publisher.body = metadata()
    assert refresh.refresh_due(at=TOMORROW + timedelta(hours=7)) is True
    assert now(ent).metadata_read_at == TOMORROW + timedelta(hours=7)


def test_fifty_megabytes_are_left_before_their_end(ent: RelyingParty, publisher: Publisher) -> None:
    publisher.size = 50 * 1024 * 1024
    refresh.refresh_due(at=TOMORROW)
    assert now(ent).metadata_read_at == NOW and "dépasse" in troubles.of(ent).get().detail


def test_one_that_fails_leaves_the_others_their_turn(ent: RelyingParty, publisher: Publisher) -> None:
    with publishing(metadata(entity_id="https://other.example/sp")) as other:
        copy = refresh.fetched(other.url, at=NOW)
        second = profiles.register_saml(client_id="two", copy=copy, metadata_url=other.url, by="staff:9", at=NOW)
        publisher.body = b"no"
        found = [refresh.refresh_due(at=TOMORROW) for _ in range(3)]
    assert found == [True, True, False]
    assert now(second).metadata_read_at == TOMORROW and now(ent).metadata_read_at == NOW


def test_one_that_is_cut_off_or_has_no_address_is_not_asked(ent: RelyingParty, publisher: Publisher) -> None:
    RelyingParty.objects.filter(pk=ent.pk).update(disabled_at=NOW)
    assert refresh.refresh_due(at=TOMORROW) is False
    RelyingParty.objects.filter(pk=ent.pk).update(disabled_at=None)
    SamlProfile.objects.update(metadata_url="")
    assert refresh.refresh_due(at=TOMORROW) is False and len(publisher.asked) == 1


def test_the_operator_may_answer_for_what_is_not_as_it_was_never_for_another_service(ent: RelyingParty) -> None:
    new_keys = metadata(signing=(certificate(8),), encryption=(certificate(9),))
    copy = profiles.read(new_keys, at=NOW)
    with pytest.raises(profiles.NotTheSame):
        profiles.read_again(ent, copy, by="staff:9", at=NOW)
    profiles.read_again(ent, copy, by="staff:9", at=NOW, is_vouched_for=True)
    assert now(ent).signing_certificates == [certificate(8)]
    other = profiles.read(metadata(entity_id="https://other.example/sp"), at=NOW)
    with pytest.raises(profiles.NotTheSame):
        profiles.read_again(ent, other, by="staff:9", at=NOW, is_vouched_for=True)
    assert now(ent).entity_id == ENTITY


@pytest.mark.parametrize(
    ("days", "weight"), [(61, None), (60, Weight.INFO), (30, Weight.WARNING), (7, Weight.ERROR), (-1, Weight.ERROR)]
)
def test_an_end_is_said_sixty_thirty_and_seven_days_before(db: None, days: int, weight: Weight | None) -> None:
    end = NOW + timedelta(days=days)
    copy = profiles.read(metadata(valid_until=NOW + timedelta(days=400)), at=NOW)
    party = profiles.register_saml(client_id="x", copy=copy, scopes=["ent"], by="staff:9", at=NOW)
    SamlProfile.objects.update(metadata_expires_at=end)
    party.saml.refresh_from_db()
    found = [one.weight for one in watch.remarks(party, at=NOW) if one.is_an_end]
    assert found == ([] if weight is None else [weight])
    SamlProfile.objects.update(metadata_expires_at=NOW + timedelta(days=400))
    # The same of a certificate.
    ends = datetime(2026, 12, 1, tzinfo=UTC)
    SamlProfile.objects.update(signing_certificates=[certificate(5, ends)])
    party.saml.refresh_from_db()
    found = [one.weight for one in watch.remarks(party, at=ends - timedelta(days=days)) if one.is_an_end]
    assert (weight is None) == (not found) and found[:1] == ([] if weight is None else [weight])


def test_while_a_key_is_replaced_only_the_last_end_counts(db: None) -> None:
    soon, late = datetime(2026, 12, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC)
    copy = profiles.read(metadata(signing=(certificate(5, soon), certificate(6, late))), at=NOW)
    party = profiles.register_saml(client_id="x", copy=copy, scopes=["ent"], by="staff:9", at=NOW)
    assert not [one for one in watch.remarks(party, at=NOW) if one.is_an_end]
    assert CONSUMER in party.saml.metadata
