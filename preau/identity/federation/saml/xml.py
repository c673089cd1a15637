"""The one parser of what others send. Small, without DTD, without network; what it cannot vouch for, it refuses."""

import re
from datetime import UTC, datetime

from lxml import etree

from preau.identity.federation.saml import names

Element = etree._Element

# A message is a few thousand octets; a signed one with its certificate, ten.
LARGEST_MESSAGE = 128 * 1024
# > SAML 2.0 Core §1.3.4: identifiers are xs:ID; shorter than what any list of ours keeps.
_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_.\-]{0,255}")
# > SAML 2.0 Core §1.3.3: time values MUST be expressed in UTC form, with no time zone component.
_INSTANT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z")
# What XML 1.0 §2.2 cannot carry at all, not even escaped.
_IMPOSSIBLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Unreadable(Exception):
    """What came is no message of ours to read: the sentence, for the operator, says what is wrong with it."""


def parse(raw: bytes, *, largest: int = LARGEST_MESSAGE) -> Element:
    """The root of a document. Comments are dropped before anything is read, so that none can cut a text in two."""
    if len(raw) > largest:
        raise Unreadable(f"more than {largest} octets")
    # The parser below reads UTF-8 whatever the document declares, so that this is no other text than it reads.
    if b"<!DOCTYPE" in raw or b"<!ENTITY" in raw:
        raise Unreadable("a document type declaration")
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
    )
    try:
        root = etree.fromstring(raw, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Unreadable(f"not XML: {str(error)[:120]}") from error
    # > SAML 2.0 Core §1.3.1, saml2int SDP-G03: no DTD, hence no entity. Nobody needs processing instructions.
    tree = root.getroottree()
    if tree.docinfo.internalDTD is not None or root.getprevious() is not None or root.getnext() is not None:
        raise Unreadable("something beside the root element")
    if any(not isinstance(one.tag, str) for one in root.iter()):
        raise Unreadable("a processing instruction or an entity")
    return root


def only(parent: Element, namespace: str, name: str) -> Element | None:
    """The child of that name, or None. Two of them are refused: which one would count?"""
    found = parent.findall(names.tag(namespace, name))
    if len(found) > 1:
        raise Unreadable(f"two elements {name}")
    return found[0] if found else None


def text(element: Element | None) -> str:
    """The whole text of an element that holds nothing else; empty for None."""
    if element is None:
        return ""
    if len(element):
        raise Unreadable(f"an element inside {etree.QName(element).localname}")
    return (element.text or "").strip()


def flag(element: Element, attribute: str) -> bool:
    """An xs:boolean, false when absent."""
    value = element.get(attribute, "false").strip()
    if value not in {"true", "false", "1", "0"}:
        raise Unreadable(f"{attribute} is neither true nor false")
    return value in {"true", "1"}


def number(element: Element, attribute: str) -> int | None:
    """An xs:unsignedShort, or None."""
    value = element.get(attribute)
    if value is None:
        return None
    if not re.fullmatch(r"\d{1,5}", value.strip(), re.ASCII):
        raise Unreadable(f"{attribute} is not a number")
    return int(value)


def identifier(element: Element) -> str:
    """The ID of a message."""
    value = element.get("ID", "")
    if not _ID.fullmatch(value):
        raise Unreadable("an ID that is no xs:ID, or longer than 256 signs")
    return value


def instant(value: str) -> datetime:
    """An xs:dateTime in UTC."""
    found = _INSTANT.fullmatch(value.strip())
    try:
        if found is None:
            raise ValueError(value)
        whole = datetime.fromisoformat(found.group(1)).replace(tzinfo=UTC)
    except ValueError as error:
        raise Unreadable("an instant that is not UTC, as 2026-09-01T08:00:00Z") from error
    return whole.replace(microsecond=int((found.group(2) or "0")[:6].ljust(6, "0")))


def written(at: datetime) -> str:
    """An instant as we write it, to the millisecond."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def clean(words: str) -> str:
    """A text without the signs that XML cannot carry."""
    return _IMPOSSIBLE.sub("", words)


def octets(root: Element) -> bytes:
    """A document of ours, to send."""
    return etree.tostring(root, encoding="utf-8")
