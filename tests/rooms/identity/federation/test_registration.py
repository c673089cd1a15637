"""Connecting a service: what is refused, what is said of it, and that nothing is given that nobody gave."""

from typing import Any

import pytest

from preau.identity.audit.events import Events
from preau.identity.audit.models import Event
from preau.identity.federation import profiles, registration
from preau.identity.federation.checks import CannotRegister
from preau.identity.federation.models import RelyingParty
from tests.rooms.identity.federation import small_service
from tests.rooms.identity.federation.conftest import CALLBACK, NOW

HOLDER = "staff:9"
KEY = {"kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
       "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}  # fmt: skip


def made(**facts: Any) -> RelyingParty:
    """A service by OpenID Connect."""
    told = {"client_id": "ent2", "name": "ENT", "redirect_uris": [CALLBACK], **facts}
    return registration.register(**told, by=HOLDER, at=NOW)[0]


def connected(copy: profiles.Copy | None = None, **facts: Any) -> RelyingParty:
    """A service by SAML."""
    copy = copy or profiles.read(small_service.metadata(), at=NOW)
    return profiles.register_saml(client_id="tilleuls", copy=copy, **facts, by=HOLDER, at=NOW)


def test_a_service_of_which_nothing_is_said_learns_nothing_but_an_opaque_name(db: None) -> None:
    party = made()
    assert (party.scopes, party.attributes, party.sector) == (["openid"], [], "ent.example")
    assert connected().scopes == []


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"client_id": "un nom"}, "client_id"),
        ({"client_id": "ajouter"}, "client_id"),
        ({"name": " "}, "name"),
        ({"redirect_uris": []}, "redirect_uris"),
        ({"redirect_uris": ["https://ent.example/\\@evil.example"]}, "redirect_uris"),
        ({"redirect_uris": ["https://ent.example:port/"]}, "redirect_uris"),
        ({"redirect_uris": ["javascript:alert(1)"]}, "redirect_uris"),
        ({"backchannel_logout_uri": "http://ent.example/out"}, "backchannel_logout_uri"),
        ({"scopes": ["everything"]}, "scopes"),
        ({"attributes": ["everything"], "reason": "x"}, "attributes"),
        ({"attributes": ["FrEduCtEleveINE"]}, "reason"),
        ({"audience": ["teacher"]}, "audience"),
        ({"audience": []}, "audience"),
        ({"notice": "sometimes"}, "notice"),
        ({"academies": ["Paris"]}, "academies"),
        ({"schools": ["0991234X"]}, "schools"),
        ({"algorithm": "none"}, "id_token_signed_response_alg"),
        ({"userinfo_signed_response_alg": "HS256"}, "userinfo_signed_response_alg"),
        ({"token_endpoint_auth_method": "tls"}, "token_endpoint_auth_method"),
        ({"token_endpoint_auth_method": "none", "must_prove_key": False}, "must_prove_key"),
        ({"token_endpoint_auth_method": "private_key_jwt"}, "jwks"),
        ({"jwks": {"keys": [{**KEY, "d": "secret"}]}}, "jwks"),
        ({"jwks": {"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}}, "jwks"),
        ({"jwks": {"keys": [{"kty": "EC"}]}}, "jwks"),
        ({"jwks": {"keys": "no"}}, "jwks"),
    ],
)
def test_what_does_not_hold_is_refused_and_the_answer_is_named(db: None, facts: dict[str, Any], field: str) -> None:
    with pytest.raises(CannotRegister) as refused:
        made(**facts)
    assert refused.value.field == field and not RelyingParty.objects.exists()


def test_codes_are_written_as_the_directory_writes_them(db: None) -> None:
    party = made(academies=["9", "10"], schools=["099 1234 d", "0991234D"])
    assert (party.academies, party.schools) == (["009", "010"], ["0991234D"])


def test_a_service_with_its_own_key_has_no_secret(db: None) -> None:
    facts: Any = {"token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [KEY]}}
    party, secret = registration.register(client_id="x", name="X", redirect_uris=[CALLBACK], **facts, by=HOLDER, at=NOW)
    assert (secret, party.secret_digest) == ("", "")
    with pytest.raises(CannotRegister):
        registration.renew_secret(party, by=HOLDER, at=NOW)
    other = made()
    registration.change(other, **facts, by=HOLDER, at=NOW)
    other.refresh_from_db()
    assert other.secret_digest == ""


def test_a_new_secret_kills_the_old(db: None) -> None:
    party = made(secret="the-old-one")
    new = registration.renew_secret(party, by=HOLDER, at=NOW)
    party.refresh_from_db()
    assert party.check_client_secret(new) and not party.check_client_secret("the-old-one")
    assert new not in str(list(Event.objects.values())) and new not in str(list(RelyingParty.objects.values()))


def test_a_change_touches_only_what_is_said_and_is_an_event(db: None) -> None:
    party = made(scopes=["profile"], audience=["pupil"])
    registration.change(party, scopes=["email"], by=HOLDER, at=NOW)
    party.refresh_from_db()
    assert (party.scopes, party.audience, party.redirect_uris) == (["openid", "email"], ["pupil"], [CALLBACK])
    event = Event.objects.get(name=Events.PARTY_CHANGED)
    assert (event.by, event.on, event.facts["changed"]) == (HOLDER, "party:ent2", ["scopes"])
    registration.change(party, scopes=["openid", "email"], by=HOLDER, at=NOW)
    assert Event.objects.filter(name=Events.PARTY_CHANGED).count() == 1


def test_cutting_and_restoring_are_said_once_each(db: None) -> None:
    party = made()
    for _ in range(2):
        registration.disable(party, by=HOLDER, at=NOW)
    party.refresh_from_db()
    assert party.disabled_at == NOW
    for _ in range(2):
        registration.enable(party, by=HOLDER, at=NOW)
    names = Event.objects.filter(on=party.key).values_list("name", flat=True)
    assert list(names.order_by("pk")) == [Events.PARTY_REGISTERED, Events.PARTY_DISABLED, Events.PARTY_ENABLED]


def test_describing_again_keeps_what_is_not_said_and_never_turns_a_service_into_the_other_protocol(db: None) -> None:
    made(scopes=["profile"], must_prove_key=False)
    party = made(name="L’ENT")
    assert (party.scopes, party.must_prove_key, party.name) == (["openid", "profile"], False, "L’ENT")
    connected()
    with pytest.raises(CannotRegister, match="SAML"):
        made(client_id="tilleuls")


def test_the_metadata_of_a_service_make_its_profile(db: None) -> None:
    party = connected(scopes=["ent"], naming="basic")
    profile = party.saml
    assert (party.name, party.sector, profile.entity_id) == ("ENT Les Tilleuls", "ent.example", small_service.ENTITY)
    assert [one["location"] for one in profile.consumers] == [small_service.CONSUMER]
    assert profile.signing_certificates == [small_service.certificate(1)]
    assert profile.metadata_expires_at == NOW + profiles.GOOD_FOR and profile.naming == "basic"


def test_the_same_service_is_not_connected_twice(db: None) -> None:
    connected()
    with pytest.raises(CannotRegister, match="tilleuls"):
        profiles.register_saml(
            client_id="autre", copy=profiles.read(small_service.metadata(), at=NOW), by=HOLDER, at=NOW
        )
    with pytest.raises(CannotRegister, match="déjà pris"):
        connected(profiles.read(small_service.metadata(entity_id="https://other.example/sp"), at=NOW))


def test_answers_in_clear_are_accepted_only_when_somebody_said_so(db: None) -> None:
    bare = profiles.read(small_service.metadata(encryption=()), at=NOW)
    with pytest.raises(CannotRegister) as refused:
        connected(bare)
    assert refused.value.field == "is_clear_accepted"
    party = connected(bare, is_clear_accepted=True)
    with pytest.raises(CannotRegister):
        profiles.change_profile(party, is_clear_accepted=False, by=HOLDER, at=NOW)


def test_an_address_as_name_asks_why(db: None) -> None:
    party = connected()
    with pytest.raises(CannotRegister) as refused:
        profiles.change_profile(party, name_id_formats=["email"], by=HOLDER, at=NOW)
    assert refused.value.field == "reason"
    registration.change(party, reason="Convention du 1er septembre", by=HOLDER, at=NOW)
    assert profiles.change_profile(party, name_id_formats=["email"], by=HOLDER, at=NOW).name_id_formats == ["email"]
