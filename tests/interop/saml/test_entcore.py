"""The request of an ENT built on entcore (OpenSAML 2), as its code writes it: URL, Index and binding all at once."""

import base64
import uuid
import zlib
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest
from lxml import etree
from lxml.builder import ElementMaker

from tests.interop.browser import Browser
from tests.interop.town import Town

SAMLP, SAML = "urn:oasis:names:tc:SAML:2.0:protocol", "urn:oasis:names:tc:SAML:2.0:assertion"
MD = "urn:oasis:names:tc:SAML:2.0:metadata"
POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
ENT, ACS = "urn:fi:ent:essai:1.0", "http://127.0.0.1:9/auth/saml/acs"


@pytest.fixture(scope="module")
def ent(town: Town) -> str:
    """An ENT without keys: the operator accepts that its assertions travel in clear."""
    made = ElementMaker(namespace=MD, nsmap={"md": MD})
    role = made.SPSSODescriptor(
        made.AssertionConsumerService(Binding=POST, Location=ACS, index="1"), protocolSupportEnumeration=SAMLP
    )
    metadata = etree.tostring(made.EntityDescriptor(role, entityID=ENT)).decode()
    town.clerk("saml", client_id="ent", metadata=metadata, scopes=["ent"], is_clear_accepted=True)
    return ENT


def request(acs: str = ACS) -> tuple[str, str]:
    """The identifier and the parameter, deflated."""
    # > entcore writes its Issuer with the prefix of the protocol and the namespace of assertions.
    protocol = ElementMaker(namespace=SAMLP, nsmap={"saml2p": SAMLP})
    issuer = etree.Element(f"{{{SAML}}}Issuer", nsmap={"samlp": SAML})
    issuer.text = ENT
    context = etree.Element(f"{{{SAML}}}AuthnContextClassRef", nsmap={"saml": SAML})
    context.text = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"
    identifier = f"ENT_{uuid.uuid4()}"
    asked = protocol.AuthnRequest(
        issuer,
        protocol.NameIDPolicy(
            Format="urn:oasis:names:tc:SAML:2.0:nameid-format:transient", SPNameQualifier=ENT, AllowCreate="true"
        ),
        protocol.RequestedAuthnContext(context, Comparison="exact"),
        ID=identifier, Version="2.0", IssueInstant=now(), ForceAuthn="false", IsPassive="false", ProtocolBinding=POST,
        AssertionConsumerServiceURL=acs, AssertionConsumerServiceIndex="1", AttributeConsumingServiceIndex="1",
    )  # fmt: skip
    deflate = zlib.compressobj(wbits=-15)
    packed = deflate.compress(etree.tostring(asked)) + deflate.flush()
    return identifier, urlencode({"SAMLRequest": base64.b64encode(packed).decode(), "RelayState": str(uuid.uuid4())})


def now() -> str:
    """This instant, in the words of XML."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_its_request_is_answered_in_clear_and_signed(town: Town, ent: str, browser: Browser) -> None:
    identifier, query = request()
    browser.go(f"{town.url}/idp/profile/SAML2/Redirect/SSO?{query}")
    browser.sign_in(town.guardian, town.password, profile="responsable", carry_on=False)
    form = browser.form("SAMLResponse")
    fields = {str(one["name"]): str(one["value"]) for one in form.find_all("input") if one.get("name")}
    response = etree.fromstring(base64.b64decode(fields["SAMLResponse"]))
    assert form["action"] == ACS and fields["RelayState"] and response.get("InResponseTo") == identifier
    assert len(response.findall("{*}Signature")) == 1 and len(response.findall("{*}Assertion/{*}Signature")) == 1
    named = response.find(".//{*}NameID")
    assert named is not None and named.get("SPNameQualifier") == ENT, "entcore makes it the issuer of its logout"
    vectors = response.findall(".//{*}Attribute[@Name='FrEduVecteur']/{*}AttributeValue")
    assert [one.text for one in vectors] == ["2|BELKACEM|Samira|1|0991234D", "2|BELKACEM|Samira|2|0991234D"]
    told = {one.get("FriendlyName") for one in response.iter("{*}Attribute")}
    assert told == set(town.clerk("told_by_saml", client_id="ent", username=town.guardian))


def test_an_address_that_is_not_its_own_gets_nothing(town: Town, ent: str, browser: Browser) -> None:
    _, query = request("http://127.0.0.1:9/ailleurs")
    browser.go(f"{town.url}/idp/profile/SAML2/Redirect/SSO?{query}")
    assert browser.page.status_code == 400 and "SAMLResponse" not in browser.text
