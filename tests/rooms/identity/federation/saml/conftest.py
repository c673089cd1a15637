"""An ENT registered for SAML, its keys, and our certificate."""

import pytest

from preau.identity.federation import signing
from preau.identity.federation.models import Protocol, RelyingParty, SamlProfile
from tests.rooms.identity.federation.conftest import NOW
from tests.rooms.identity.federation.saml import ent
from tests.rooms.identity.federation.saml.ent import Pair

_POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"


@pytest.fixture(scope="session")
def pair() -> Pair:
    """The ENT's key, for signing and decrypting."""
    return ent.make_pair(NOW)


@pytest.fixture(scope="session")
def foreign_pair() -> Pair:
    """Somebody else's."""
    return ent.make_pair(NOW)


@pytest.fixture
def ours(db: None) -> str:
    """Our certificate."""
    return signing.saml_ring(at=NOW).signing.certificate


@pytest.fixture
def profile(db: None, pair: Pair) -> SamlProfile:
    """The ENT, as the operator registered it."""
    party = RelyingParty.objects.create(
        client_id="ent-saml",
        protocol=Protocol.SAML,
        name="L’ENT « d’ici »",
        audience=["guardian", "pupil"],
        scopes=["ent", "pupil"],
        sector="ent.example",
        registered_at=NOW,
    )
    places = [(ent.CONSUMER, 1, None), (ent.OTHER_CONSUMER, 2, True)]
    return SamlProfile.objects.create(
        party=party,
        entity_id=ent.ENTITY_ID,
        metadata="",
        metadata_read_at=NOW,
        metadata_expires_at=NOW.replace(year=2027),
        consumers=[
            {"binding": _POST, "location": location, "index": index, "is_default": is_default}
            for location, index, is_default in places
        ],
        signing_certificates=[pair.certificate],
        encryption_certificates=[pair.certificate],
    )
