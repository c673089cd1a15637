"""Attacks on the front doors of SAML: each ends on a page of ours, never on an answer, a redirect or a traceback."""

import base64
import tracemalloc
from typing import Any
from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from django.test import Client
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from lxml import etree
from signxml import XMLSigner
from signxml.algorithms import CanonicalizationMethod, SignatureConstructionMethod, SignatureMethod

from preau.identity.accounts.models import Account
from preau.identity.federation.models import Assertion, SamlProfile, Trouble
from preau.identity.federation.troubles import Cause
from tests.rooms.identity.federation.conftest import NOW, sign_in
from tests.rooms.identity.federation.saml import ent
from tests.rooms.identity.federation.saml.ent import Pair
from tests.rooms.identity.federation.saml.wrappings import wrappings

_HERE = f"{ent.US}{ent.POST}"
_ECDSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"


@pytest.fixture
def browser(profile: SamlProfile, adama: Account, client: Client) -> Client:
    """Adama's, signed in: a request that is believed is answered at once."""
    sign_in(client, adama)
    return client


def _is_refused(answer: Any, cause: str = "") -> bool:
    """A page of ours, and the operator knows why."""
    body = answer.content.decode()
    assert answer.status_code in {400, 409}, answer.status_code
    assert "data-onwards" not in body
    assert "Location" not in answer
    assert not Assertion.objects.exists()
    return not cause or Trouble.objects.latest("pk").cause == cause


def _post(browser: Client, xml: bytes) -> Any:
    answer = browser.post(ent.POST, ent.form(xml))
    return browser.get(answer["Location"]) if answer.status_code == 303 else answer


def _shapes(pair: Pair) -> list[bytes]:
    signed = ent.signed_xml(ent.request_xml(NOW, ID="_good", Destination=_HERE), pair)
    return wrappings(signed, ent.request_xml(NOW, ID="_evil", Destination=_HERE, ForceAuthn="true"))


def test_a_signed_request_by_post_is_believed(browser: Client, pair: Pair) -> None:
    SamlProfile.objects.update(signs_requests=True)
    assert _post(browser, ent.signed_xml(ent.request_xml(NOW, Destination=_HERE), pair)).status_code == 200


@pytest.mark.parametrize("number", range(8))
def test_a_wrapped_signature_is_refused(browser: Client, pair: Pair, number: int) -> None:
    assert _is_refused(_post(browser, _shapes(pair)[number]))


@pytest.mark.parametrize("must_sign", [True, False])
def test_a_key_that_the_message_brings_counts_for_nothing(browser: Client, foreign_pair: Pair, must_sign: bool) -> None:
    SamlProfile.objects.update(signs_requests=must_sign)
    xml = ent.signed_xml(ent.request_xml(NOW, Destination=_HERE), foreign_pair)  # with its KeyValue
    assert _is_refused(_post(browser, xml), "wrong_signature")


def test_the_public_key_is_no_hmac_secret(browser: Client, pair: Pair) -> None:
    signer = XMLSigner(
        method=SignatureConstructionMethod.enveloped,
        signature_algorithm=SignatureMethod.HMAC_SHA256,
        c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
    )
    root = signer.sign(etree.fromstring(ent.request_xml(NOW)), key=base64.b64decode(pair.certificate))
    root.insert(1, root[-1])
    assert _is_refused(_post(browser, etree.tostring(root)), "wrong_signature")
    SamlProfile.objects.update(signing_certificates=[])
    assert _is_refused(_post(browser, etree.tostring(root)), "wrong_signature")


@pytest.mark.parametrize("change", [
    (b'Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/><ds:SignatureMethod',
     b'Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315"/><ds:SignatureMethod'),
    (b'<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>',
     b'<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"/>'),
    (b'<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>',
     b'<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><ds:XPath>1</ds:XPath></ds:Transform>'),
    (b"</ds:Reference>", b'</ds:Reference><ds:Reference URI="#autre"/>'),
    (b'URI="#_signed"', b'URI=""'),
    (b'URI="#_signed"', b'URI="#xpointer(/)"'),
    (b'URI="#_signed"', b'URI="http://127.0.0.1:1/"'),
    (b'IsPassive="false"', b'IsPassive="true"'),
    (b"</ds:SignatureValue>", b"<!-- --></ds:SignatureValue><ds:KeyInfo><ds:RetrievalMethod URI='#a'/></ds:KeyInfo>"),
])  # fmt: skip
def test_a_signature_of_another_kind_or_of_something_else_is_refused(
    browser: Client, pair: Pair, change: tuple[bytes, bytes]
) -> None:
    xml = ent.signed_xml(ent.request_xml(NOW, ID="_signed", Destination=_HERE), pair)
    assert change[0] in xml
    assert _is_refused(_post(browser, xml.replace(*change)))


@pytest.mark.parametrize("change", [
    (b"<ds:SignedInfo>", b"<ds:SignedInfo><ds:SignedInfo/>"),
    (b"<ds:SignatureMethod", b"<ds:Method"),
    (b' Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"', b""),
    (b' Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"', b""),
    (b"xmlenc#sha256", b"xmlenc#sha257"),
    (b"</ds:Transforms>", b"</ds:Transforms><ds:Also/>"),
    (b"<ds:Transforms>", b"<ds:Transforms/><ds:Transforms>"),
    (b"<ds:SignatureValue>", b"<ds:SignatureValue><ds:Also/>"),
    (b'ID="_signed"', b'xml:id="_signed" ID="_signed"'),
    # What has no canonical form (XML Canonicalization §1.3: relative namespace URIs): void, it would equal itself.
    (b"<samlp:AuthnRequest", b'<samlp:AuthnRequest xmlns:x="ici"'),
])  # fmt: skip
def test_a_signature_out_of_shape_is_a_signature_refused(
    browser: Client, pair: Pair, change: tuple[bytes, bytes]
) -> None:
    xml = ent.signed_xml(ent.request_xml(NOW, ID="_signed", Destination=_HERE), pair)
    assert change[0] in xml
    changed = xml.replace(change[0], change[1], 1)
    assert _is_refused(_post(browser, changed), "wrong_signature")


def test_unsigned_where_it_signs_is_refused_by_both_doors(browser: Client, pair: Pair) -> None:
    SamlProfile.objects.update(signs_requests=True)
    assert _is_refused(_post(browser, ent.request_xml(NOW)), "wrong_signature")
    assert _is_refused(browser.get(ent.query(ent.request_xml(NOW))), "wrong_signature")
    assert browser.get(ent.query(ent.request_xml(NOW), pair=pair)).status_code == 200


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1()], ids=["P-256", "P-384"])
def test_a_key_on_a_curve_signs_by_both_doors(browser: Client, curve: ec.EllipticCurve) -> None:
    private = ec.generate_private_key(curve)
    SamlProfile.objects.update(signs_requests=True, signing_certificates=[ent.pair_of(private, NOW).certificate])
    signed = ent.signed_xml(ent.request_xml(NOW), ent.pair_of(private, NOW), algorithm=SignatureMethod.ECDSA_SHA256)
    assert _post(browser, signed).status_code == 200
    size = (curve.key_size + 7) // 8
    for write in (lambda r, s: r.to_bytes(size) + s.to_bytes(size), encode_dss_signature):
        asked = f"{ent.query(ent.request_xml(NOW))}&SigAlg={quote(_ECDSA_SHA256, safe='')}"
        r, s = decode_dss_signature(private.sign(asked.partition("?")[2].encode(), ec.ECDSA(hashes.SHA256())))
        made, other = (quote(base64.b64encode(write(r, one)).decode(), safe="") for one in (s, s ^ 1))
        stood = Assertion.objects.count()
        assert browser.get(f"{asked}&Signature={other}").status_code == 400
        assert Trouble.objects.latest("pk").cause == "wrong_signature" and Assertion.objects.count() == stood
        assert browser.get(f"{asked}&Signature={made}").status_code == 200


def test_sha1_only_for_the_services_that_need_it(browser: Client, pair: Pair) -> None:
    SamlProfile.objects.update(signs_requests=True)
    asked = ent.query(ent.request_xml(NOW), pair=pair, algorithm=ent.SHA1)
    assert _is_refused(browser.get(asked))
    SamlProfile.objects.update(accepts_sha1=True)
    assert browser.get(asked).status_code == 200


def test_the_operator_is_told_of_sha1_and_not_of_a_wrong_key(browser: Client, pair: Pair, foreign_pair: Pair) -> None:
    xml = ent.request_xml(NOW)
    inside = ent.signed_xml(xml, pair).replace(ent.SHA256.encode(), ent.SHA1.encode())
    assert _is_refused(browser.get(ent.query(xml, pair=pair, algorithm=ent.SHA1)))
    assert _is_refused(browser.post(ent.POST, ent.form(inside)))
    assert _is_refused(browser.get(ent.query(xml, pair=foreign_pair)))
    causes = list(Trouble.objects.order_by("pk").values_list("cause", flat=True))
    assert causes == [Cause.OLD_ALGORITHM, Cause.OLD_ALGORITHM, Cause.WRONG_SIGNATURE]


def test_the_query_is_checked_as_it_was_spelt(browser: Client, pair: Pair) -> None:
    """Lower-case percent-encoding, as Java and Microsoft write it, is signed so; any other spelling is another text."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    def lower(text: str) -> str:
        return (
            quote(text, safe="").replace("%2B", "%2b").replace("%2F", "%2f").replace("%3D", "%3d").replace("%3A", "%3a")
        )

    xml = ent.request_xml(NOW)
    signed = f"SAMLRequest={lower(ent.deflated(xml))}&RelayState=a%2fb&SigAlg={lower(ent.SHA256)}"
    made = pair.private.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
    signature = f"&Signature={quote(base64.b64encode(made).decode(), safe='')}"
    assert _is_refused(browser.get(f"{ent.REDIRECT}?{signed.replace('a%2fb', 'a%2Fb')}{signature}"), "wrong_signature")
    assert browser.get(f"{ent.REDIRECT}?{signed}{signature}").status_code == 200


@pytest.mark.parametrize("more", [
    "&RelayState=autre", "&SAMLRequest=autre", "&SigAlg=autre", "&Signature=autre", "&Relay%53tate=autre",
    "&SAMLEncoding=urn%3Ax", "&%53AMLRequest=x",
])  # fmt: skip
def test_a_parameter_twice_or_spelt_otherwise_is_refused(browser: Client, pair: Pair, more: str) -> None:
    assert _is_refused(browser.get(ent.query(ent.request_xml(NOW), pair=pair) + more), "malformed")


def test_a_signature_without_its_algorithm_is_refused(browser: Client, pair: Pair) -> None:
    asked = ent.query(ent.request_xml(NOW), pair=pair)
    without = asked.split("&SigAlg=")[0] + "&Signature=" + asked.split("&Signature=")[1]
    assert _is_refused(browser.get(without), "malformed")
    assert _is_refused(browser.get(asked.split("&Signature=")[0]), "malformed")


@pytest.mark.parametrize(("changes", "cause"), [
    ({"AssertionConsumerServiceURL": "https://mechant.example/acs"}, "wrong_consumer"),
    ({"AssertionConsumerServiceURL": f"{ent.CONSUMER}/"}, "wrong_consumer"),
    ({"AssertionConsumerServiceURL": ent.CONSUMER.upper()}, "wrong_consumer"),
    ({"AssertionConsumerServiceURL": "javascript:alert(1)"}, "wrong_consumer"),
    ({"AssertionConsumerServiceURL": None, "AssertionConsumerServiceIndex": "7"}, "wrong_consumer"),
    ({"AssertionConsumerServiceIndex": "-1"}, "malformed"),
    ({"Destination": "https://autre.example/idp/profile/SAML2/Redirect/SSO"}, "wrong_destination"),
    ({"Destination": _HERE}, "wrong_destination"),
    ({"issuer": "https://inconnu.example"}, "unknown_party"),
    ({"issuer": ""}, "unknown_party"),
    ({"issuer": "x" * 300}, "malformed"),
    ({"IssueInstant": "2026-11-24T08:56:59Z"}, "stale_request"),
    ({"IssueInstant": "2026-11-24T09:03:01Z"}, "stale_request"),
    ({"IssueInstant": "hier"}, "malformed"),
    ({"IssueInstant": "2026-13-45T99:00:00Z"}, "malformed"),
    ({"IssueInstant": None}, "malformed"),
    ({"ID": None}, "malformed"),
    ({"ID": "1'; DROP TABLE assertion; --"}, "malformed"),
    ({"ID": "_\"><script>"}, "malformed"),
    ({"ID": "_" + "a" * 10_000}, "malformed"),
    ({"IsPassive": "peut-être"}, "malformed"),
    ({"policy": "urn:" + "x" * 10_000}, "malformed"),
    ({"comparison": "presque"}, "malformed"),
])  # fmt: skip
def test_what_is_not_for_us_or_not_right_is_refused(
    browser: Client, changes: dict[str, str | None], cause: str
) -> None:
    assert _is_refused(browser.get(ent.query(ent.request_xml(NOW, **changes))), cause)


def test_a_request_is_answered_once(browser: Client) -> None:
    asked = ent.query(ent.request_xml(NOW))
    assert browser.get(asked).status_code == 200
    again = browser.get(asked)
    assert again.status_code == 409 and "a déjà servi" in again.content.decode()
    assert "data-onwards" not in again.content.decode()
    assert Trouble.objects.get().cause == "replayed_request"
    assert Assertion.objects.count() == 1


def test_metadata_that_expired_and_disabled_services_are_not_answered(browser: Client, profile: SamlProfile) -> None:
    SamlProfile.objects.update(metadata_expires_at=NOW)
    assert _is_refused(browser.get(ent.query(ent.request_xml(NOW))), "metadata_expired")
    SamlProfile.objects.update(metadata_expires_at=NOW.replace(year=2027))
    profile.party.disabled_at = NOW
    profile.party.save()
    assert _is_refused(browser.get(ent.query(ent.request_xml(NOW))), "unknown_party")


@pytest.mark.parametrize("issuer", [
    f"{ent.ENTITY_ID}<!-- -->.mechant.example", f"<![CDATA[{ent.ENTITY_ID}]]>.mechant.example",
    f"<x xmlns=''>{ent.ENTITY_ID}</x>", f"{ent.ENTITY_ID}<?x y?>",
])  # fmt: skip
def test_nothing_cuts_the_name_of_the_service(browser: Client, issuer: str) -> None:
    xml = ent.request_xml(NOW, issuer="ISSUER").replace(b"ISSUER", issuer.encode())
    assert _is_refused(browser.get(ent.query(xml)))


def test_a_comment_or_a_cdata_inside_the_name_changes_nothing(browser: Client) -> None:
    written = ent.ENTITY_ID.replace("/auth", "<!-- ici --><![CDATA[/auth]]>")
    xml = ent.request_xml(NOW, issuer="ISSUER").replace(b"ISSUER", written.encode())
    assert browser.get(ent.query(xml)).status_code == 200


_BOMB = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "ha"}">' for n in range(4))


@pytest.mark.parametrize(("prologue", "entity"), [
    ('<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>', "&f;"),
    ('<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd">', ""),
    ("<!DOCTYPE x>", ""),
    (f"<!DOCTYPE x [{_BOMB}]>", "&a3;"),
    ("<?xml-stylesheet href='http://127.0.0.1:1/'?>", ""),
])  # fmt: skip
def test_documents_with_a_prologue_are_refused_unread(browser: Client, prologue: str, entity: str) -> None:
    """Good requests, but for it: what an entity stands for is where nobody reads it."""
    unread = f"<samlp:Extensions>{entity}</samlp:Extensions><samlp:NameIDPolicy".encode()
    xml = prologue.encode() + ent.request_xml(NOW).replace(b"<samlp:NameIDPolicy", unread)
    assert _is_refused(browser.get(ent.query(xml)), "malformed")
    assert _is_refused(_post(browser, xml), "malformed")


def test_another_encoding_hides_nothing(browser: Client) -> None:
    xml = b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE x [+ADwAIQ-ENTITY f "x"+AD4AXQA+-' + ent.request_xml(
        NOW
    )
    assert _is_refused(_post(browser, xml), "malformed")
    assert _is_refused(_post(browser, ent.request_xml(NOW).decode().encode("utf-16")), "malformed")


def _padded(octets: int) -> bytes:
    """A good request, but for its size."""
    return ent.request_xml(NOW).replace(b"</samlp:AuthnRequest>", b" " * octets + b"</samlp:AuthnRequest>")


def test_what_grows_when_it_is_inflated_is_left_before_its_end(browser: Client) -> None:
    bomb = quote(ent.deflated(_padded(50_000_000)), safe="")
    tracemalloc.start()
    try:
        assert _is_refused(browser.get(f"{ent.REDIRECT}?SAMLRequest={bomb}"), "malformed")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 5_000_000


def test_a_good_request_too_large_or_too_deep_is_refused_by_both_doors(browser: Client) -> None:
    within = b"<samlp:Extensions>" + b"<a>" * 300 + b"</a>" * 300 + b"</samlp:Extensions><samlp:NameIDPolicy"
    for xml in (_padded(200_000), ent.request_xml(NOW).replace(b"<samlp:NameIDPolicy", within)):
        assert _is_refused(browser.get(ent.query(xml)), "malformed")
        assert _is_refused(_post(browser, xml), "malformed")
    assert _post(browser, _padded(1000)).status_code == 200


def test_scraps_are_refused(browser: Client) -> None:
    good = ent.deflated(ent.request_xml(NOW))
    for sent in (good[:200], good[:-8], "a", "%%%", "", "é", "A" * 300_000):
        assert _is_refused(browser.get(f"{ent.REDIRECT}?SAMLRequest={quote(sent, safe='')}"), "malformed")
    for xml in (ent.request_xml(NOW)[:-10], b"<a>" * 100_000, b"", b"\x00\xff"):
        assert _is_refused(_post(browser, xml), "malformed")


@pytest.mark.parametrize("words", ["a" * 513, "a\r\nSet-Cookie: b=c", "a\x00b"])
def test_a_relay_state_too_long_or_with_forbidden_signs_is_refused(browser: Client, words: str) -> None:
    assert _is_refused(browser.get(ent.query(ent.request_xml(NOW), relay_state=words)), "malformed")


@pytest.mark.parametrize(
    "words", ['"><script>alert(1)</script>', "https://mechant.example/", "javascript:alert(1)", "é" * 250]
)
def test_a_relay_state_is_only_ever_given_back(browser: Client, words: str) -> None:
    answer = browser.get(ent.query(ent.request_xml(NOW), relay_state=words))
    page = ent.page_of(answer)
    assert (page.action, page.fields["RelayState"]) == (ent.CONSUMER, words)
    assert "<script>alert" not in answer.content.decode()


def test_a_kept_request_that_was_changed_or_grew_old_is_refused(
    profile: SamlProfile, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from preau import clock

    bounced = client.post(ent.POST, ent.form(ent.request_xml(NOW)))["Location"]
    for changed in (bounced[:-2], bounced.replace("demande=", "demande=x"), "/saml/sso", "/saml/sso?demande=a:b:c"):
        assert _is_refused(client.get(changed), "malformed")
    monkeypatch.setattr(clock, "now", lambda: NOW.replace(hour=10, minute=1))
    late = client.get(bounced)
    assert _is_refused(late, "stale_request") and "a trop attendu" in late.content.decode()


_FUZZ = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@_FUZZ
@given(position=st.integers(0, 700), put=st.binary(min_size=1, max_size=6), name=st.sampled_from(["GET", "POST"]))
def test_a_request_with_a_few_octets_changed_goes_nowhere_else(
    browser: Client, position: int, put: bytes, name: str
) -> None:
    xml = bytearray(ent.request_xml(NOW, Destination=None))
    xml[position : position + len(put)] = put
    _lands_nowhere_else(browser.get(ent.query(bytes(xml))) if name == "GET" else _post(browser, bytes(xml)))


@_FUZZ
@given(position=st.integers(0, 2500), put=st.binary(min_size=1, max_size=6), is_longer=st.booleans())
def test_a_signed_request_with_a_few_octets_changed_goes_nowhere_else(
    browser: Client, pair: Pair, position: int, put: bytes, is_longer: bool
) -> None:
    xml = bytearray(ent.signed_xml(ent.request_xml(NOW, Destination=_HERE), pair))
    xml[position : position + (0 if is_longer else len(put))] = put
    _lands_nowhere_else(_post(browser, bytes(xml)))


@_FUZZ
@example(query="\x00", sent=b"\x00")
@given(query=st.text(max_size=80), sent=st.binary(max_size=200))
def test_any_query_and_any_form_get_a_page(browser: Client, query: str, sent: bytes) -> None:
    message, words = base64.b64encode(sent).decode(), quote(query, safe="&=%")
    for door in (ent.REDIRECT, "/idp/profile/SAML2/Redirect/SLO"):
        _lands_nowhere_else(browser.get(f"{door}?{words}"))
        for name in ("SAMLRequest", "SAMLResponse"):
            _lands_nowhere_else(browser.get(f"{door}?{name}={quote(message)}&{quote(query)}"))
            _lands_nowhere_else(browser.post(door.replace("Redirect", "POST"), {name: message, "RelayState": query}))
    _lands_nowhere_else(browser.post("/idp/profile/SAML2/SOAP/SLO", sent, content_type="text/xml"))
    _lands_nowhere_else(browser.get("/idp/profile/SAML2/Unsolicited/SSO", {"providerId": query, "shire": query}))
    _lands_nowhere_else(browser.get("/saml/sso", {"demande": query}))
    _lands_nowhere_else(browser.get("/logout/service", {"de": query}))


def _lands_nowhere_else(answer: Any) -> None:
    assert answer.status_code < 500
    if answer.status_code == 200:
        assert ent.page_of(answer).action in {ent.CONSUMER, ent.OTHER_CONSUMER}
    assert answer.get("Location", "/").startswith("/")
