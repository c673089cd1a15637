"""Metadata: what a service says of itself is read with care, what we say of ourselves is signed and whole."""

import base64
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from signxml import XMLSigner
from signxml.algorithms import CanonicalizationMethod

from preau.identity.federation import signing
from preau.identity.federation.models import KeyUse
from preau.identity.federation.saml.metadata import CannotRead, read
from tests.rooms.identity.federation.conftest import NOW
from tests.rooms.identity.federation.saml import ent
from tests.rooms.identity.federation.saml.ent import NAMES, Pair
from tests.rooms.identity.federation.saml.wrappings import wrappings

_SERVICE = """<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" ID="_m" entityID="urn:fi:ent:1.0"
 validUntil="2026-12-24T09:00:00Z" xmlns:ds="http://www.w3.org/2000/09/xmldsig#"
 xmlns:mdui="urn:oasis:names:tc:SAML:metadata:ui">
<md:SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol" AuthnRequestsSigned="true">
<md:Extensions><mdui:UIInfo><mdui:DisplayName xml:lang="en">ENT</mdui:DisplayName>
<mdui:DisplayName xml:lang="fr">L’ENT</mdui:DisplayName></mdui:UIInfo></md:Extensions>
<md:KeyDescriptor USE><ds:KeyInfo><ds:X509Data><ds:X509Certificate>
CERTIFICATE</ds:X509Certificate></ds:X509Data></ds:KeyInfo>
<md:EncryptionMethod Algorithm="http://www.w3.org/2009/xmlenc11#aes256-gcm"/></md:KeyDescriptor>
<md:SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
 Location="https://ent.example/slo" ResponseLocation="https://ent.example/slo/fin"/>
<md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:transient</md:NameIDFormat>
<md:AssertionConsumerService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
 Location="https://ent.example/acs" index="1" isDefault="true"/>
</md:SPSSODescriptor></md:EntityDescriptor>"""


def _metadata(pair: Pair, use: str = "", **changes: str) -> bytes:
    written = _SERVICE.replace("CERTIFICATE", pair.certificate).replace(" USE", use)
    for old, new in changes.items():
        written = written.replace(_OLD[old], new)
    return written.encode()


_OLD = {
    "until": "2026-12-24T09:00:00Z", "entity": "urn:fi:ent:1.0", "consumer": "https://ent.example/acs",
    "role": "SPSSODescriptor", "certificate": "<ds:X509Certificate>\n", "binding": "HTTP-POST",
    "protocol": "SAML:2.0:protocol", "start": "<md:EntityDescriptor",
}  # fmt: skip


def test_a_service_is_read_whole(pair: Pair) -> None:
    found = read(_metadata(pair), at=NOW)
    assert (found.entity_id, found.name, found.signs_requests) == ("urn:fi:ent:1.0", "L’ENT", True)
    assert found.consumers == [
        {
            "binding": "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST",
            "location": "https://ent.example/acs",
            "index": 1,
            "is_default": True,
        }
    ]
    assert found.logouts[0]["response_location"] == "https://ent.example/slo/fin"
    assert found.encryption_methods == ["http://www.w3.org/2009/xmlenc11#aes256-gcm"]
    assert found.valid_until == NOW.replace(month=12)


def test_a_key_without_use_serves_both(pair: Pair) -> None:
    both, signs = read(_metadata(pair), at=NOW), read(_metadata(pair, ' use="signing"'), at=NOW)
    assert both.signing_certificates == both.encryption_certificates == [pair.certificate]
    assert (signs.signing_certificates, signs.encryption_certificates) == ([pair.certificate], [])


@pytest.mark.parametrize("changes", [
    {"until": "2026-11-24T08:59:59Z"}, {"until": "demain"}, {"entity": "x" * 257}, {"entity": ""},
    {"consumer": "http://ent.example/acs"}, {"consumer": "javascript:alert(1)"}, {"consumer": "https://a@b/"},
    {"consumer": ""}, {"consumer": "https://ent.example/acs;x"}, {"consumer": "https://[ent"},
    {"role": "IDPSSODescriptor"},
    {"certificate": "<ds:X509Certificate>AAAA"}, {"binding": "HTTP-Artifact"}, {"protocol": "SAML:1.1:protocol"},
    {"start": "<!DOCTYPE x><md:EntityDescriptor"}, {"start": " " * (1024 * 1024) + "<md:EntityDescriptor"},
])  # fmt: skip
def test_what_is_not_right_is_refused_with_a_sentence(pair: Pair, changes: dict[str, str]) -> None:
    with pytest.raises(CannotRead) as refusal:
        read(_metadata(pair, **changes), at=NOW)
    assert str(refusal.value).endswith(".")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(position=st.integers(0, 3000), put=st.binary(min_size=1, max_size=8), is_longer=st.booleans())
def test_metadata_with_a_few_octets_changed_are_read_or_refused(
    pair: Pair, position: int, put: bytes, is_longer: bool
) -> None:
    xml = bytearray(_metadata(pair))
    xml[position : position + (0 if is_longer else len(put))] = put
    try:
        found = read(bytes(xml), at=NOW)
    except CannotRead:
        return
    assert all(urlsplit(one["location"]).scheme in {"https", "http"} for one in found.consumers)


def _of_no_known_curve() -> Pair:
    """P-256 by another number."""
    pair = ent.pair_of(ec.generate_private_key(ec.SECP256R1()), NOW)
    der = base64.b64decode(pair.certificate)
    renamed = der.replace(bytes.fromhex("06082a8648ce3d030107"), bytes.fromhex("06082a8648ce3d030163"))
    return Pair(pair.private, base64.b64encode(renamed).decode())


@pytest.mark.parametrize("made", [
    lambda: ent.pair_of(ec.generate_private_key(ec.SECP224R1()), NOW),
    lambda: ent.pair_of(dsa.generate_private_key(2048), NOW),
    _of_no_known_curve,
], ids=["weak curve", "DSA", "unknown curve"])  # fmt: skip
def test_a_key_that_nobody_should_sign_with_is_refused(made: Callable[[], Pair]) -> None:
    with pytest.raises(CannotRead):
        read(_metadata(made()), at=NOW)


def test_a_weak_key_is_refused() -> None:
    with pytest.raises(CannotRead, match="faible"):
        read(_metadata(ent.make_pair(NOW, bits=1024)), at=NOW)


def test_http_is_good_towards_this_machine_alone(pair: Pair) -> None:
    found = read(_metadata(pair, consumer="http://127.0.0.1:8081/acs"), at=NOW)
    assert found.consumers[0]["location"] == "http://127.0.0.1:8081/acs"


def test_one_of_several_is_chosen_by_its_name(pair: Pair) -> None:
    other = _metadata(pair, entity="urn:autre").decode().replace('ID="_m"', 'ID="_n"')
    both = f'<md:EntitiesDescriptor xmlns:md="{NAMES["md"]}">{_metadata(pair).decode()}{other}</md:EntitiesDescriptor>'
    assert read(both.encode(), at=NOW, entity_id="urn:autre").entity_id == "urn:autre"
    for wanted in ("", "urn:personne"):
        with pytest.raises(CannotRead):
            read(both.encode(), at=NOW, entity_id=wanted)


def test_the_signature_must_be_of_the_certificate_expected(pair: Pair, foreign_pair: Pair) -> None:
    signer = XMLSigner(c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0)
    root = signer.sign(etree.fromstring(_metadata(pair)), key=pair.private)
    root.insert(0, root[-1])
    signed = etree.tostring(root)
    assert read(signed, at=NOW, certificate=pair.certificate).entity_id == "urn:fi:ent:1.0"
    for xml, certificate in (
        (signed, foreign_pair.certificate),
        (signed.replace(b"https://ent.example/acs", b"https://mechant.example/acs"), pair.certificate),
        (_metadata(pair), pair.certificate),
    ):
        with pytest.raises(CannotRead):
            read(xml, at=NOW, certificate=certificate)


@pytest.mark.parametrize("number", range(8))
def test_a_wrapped_signature_describes_nobody(pair: Pair, number: int) -> None:
    signer = XMLSigner(c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0)
    signed = signer.sign(etree.fromstring(_metadata(pair)), key=pair.private)
    evil = _metadata(pair, consumer="https://mechant.example/acs").replace(b'ID="_m"', b'ID="_evil"')
    with pytest.raises(CannotRead, match="La signature"):
        read(wrappings(etree.tostring(signed), evil)[number], at=NOW, certificate=pair.certificate)


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/saml/metadata", "/idp/shibboleth"])
def test_ours_are_signed_and_publish_the_next_key_too(client: Client, path: str) -> None:
    ours = signing.saml_ring(at=NOW).signing.certificate
    signing.make(KeyUse.SAML, "RS256", signs_from_at=NOW + timedelta(days=14), by="test:1", at=NOW)
    signing.forget()
    answer = client.get(path)
    assert answer["Content-Type"] == "application/samlmetadata+xml"
    root = ent.verified(etree.fromstring(answer.content), ours)
    assert root.get("entityID") == f"{ent.US}/idp"
    published = [one.text for one in root.iter(f"{{{NAMES['ds']}}}X509Certificate")]
    assert len(published) == 2
    assert published[0] == ours
    places = {
        (one.get("Binding", "").rpartition(":")[2], one.get("Location"))
        for name in ("SingleSignOnService", "SingleLogoutService")
        for one in root.iter(f"{{{NAMES['md']}}}{name}")
    }
    assert places == {
        ("HTTP-Redirect", f"{ent.US}/idp/profile/SAML2/Redirect/SSO"),
        ("HTTP-POST", f"{ent.US}/idp/profile/SAML2/POST/SSO"),
        ("HTTP-Redirect", f"{ent.US}/idp/profile/SAML2/Redirect/SLO"),
        ("HTTP-POST", f"{ent.US}/idp/profile/SAML2/POST/SLO"),
        ("SOAP", f"{ent.US}/idp/profile/SAML2/SOAP/SLO"),
    }


@pytest.mark.django_db
def test_ours_say_who_we_are_and_whom_engineers_write_to(client: Client, settings: Any) -> None:
    def said(name: str) -> list[str | None]:
        return [one.text for one in etree.fromstring(client.get("/idp/shibboleth").content).iter(f"{{*}}{name}")]

    assert said("Description") == ["Les comptes des responsables et des élèves"]
    assert said("EmailAddress") == ["mailto:ne-pas-repondre@preau.example"]
    settings.CONTACT_EMAIL = "dsi@exemple.fr"
    assert said("EmailAddress") == ["mailto:dsi@exemple.fr"]
