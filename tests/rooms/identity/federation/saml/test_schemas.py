"""What we send is as its schema says: `ent.verified` judges what is signed, these the rest; and judges can say no."""

import base64
from typing import Any

import pytest
from django.test import Client
from lxml import etree

from preau.identity.accounts.models import Account
from preau.identity.federation.models import SamlProfile
from preau.identity.federation.saml import soap
from tests.rooms.identity.federation.conftest import NOW, sign_in
from tests.rooms.identity.federation.saml import ent
from tests.rooms.identity.federation.saml.ent import NAMES
from tests.rooms.identity.federation.saml.schemas import judged

_MDUI = "urn:oasis:names:tc:SAML:metadata:ui"


def test_a_machine_that_is_not_believed_gets_a_fault_as_soap_says() -> None:
    judged(etree.fromstring(soap.fault()))


def test_an_assertion_in_clear_and_unsigned_is_one_too(
    profile: SamlProfile, adama: Account, client: Client, ours: str
) -> None:
    SamlProfile.objects.update(encryption_certificates=[], is_clear_accepted=True, signs_assertions=False)
    sign_in(client, adama)
    response = ent.response_of(client.get(ent.query(ent.request_xml(NOW))), ours)
    assert response.find("saml:Assertion", NAMES) is not None


def _without(root: Any, path: str) -> None:
    (found,) = root.findall(path, NAMES | {"mdui": _MDUI})
    found.getparent().remove(found)


def _last(root: Any, path: str) -> None:
    (found,) = root.findall(path, NAMES | {"mdui": _MDUI})
    found.getparent().append(found)


@pytest.mark.parametrize(
    ("spoil", "path"),
    [
        (_last, "saml:Issuer"),
        (_last, "samlp:Status"),
        (_without, "samlp:Status/samlp:StatusCode"),
        (_without, ".//xenc:EncryptedData/xenc:CipherData"),
        (_without, "ds:Signature/ds:SignatureValue"),
    ],
)
def test_a_response_that_is_not_as_they_say_is_seen(
    profile: SamlProfile, adama: Account, client: Client, spoil: Any, path: str
) -> None:
    sign_in(client, adama)
    page = ent.page_of(client.get(ent.query(ent.request_xml(NOW))))
    response = judged(etree.fromstring(base64.b64decode(page.fields["SAMLResponse"])))
    spoil(response, path)
    with pytest.raises(etree.DocumentInvalid):
        judged(response)


@pytest.mark.parametrize(
    ("spoil", "path"),
    [
        (_last, "md:IDPSSODescriptor/md:Extensions"),
        (_last, "md:ContactPerson/md:Company"),
        (_without, "md:Organization/md:OrganizationURL"),
        (lambda root, path: root.find(path, NAMES | {"mdui": _MDUI}).attrib.clear(), ".//mdui:DisplayName"),
    ],
)
@pytest.mark.django_db
def test_metadata_that_are_not_as_they_say_are_seen(client: Client, spoil: Any, path: str) -> None:
    root = etree.fromstring(client.get("/idp/shibboleth").content)
    spoil(judged(root), path)
    with pytest.raises(etree.DocumentInvalid):
        judged(root)
