"""An e-mail's bytes read into what a person sees: headers, text, HTML, links, attachments. Pure."""

import re
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import Final

LINK: Final = re.compile(r"https?://[^\s<>\"«»]+[^\s<>\"«».,;:!?)\]’']")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came along."""

    name: str
    type: str
    content: bytes

    @property
    def size(self) -> int:
        """In bytes."""
        return len(self.content)


@dataclass(frozen=True, slots=True)
class Letter:
    """An e-mail, opened. `links` are in order of appearance, each once."""

    subject: str
    sender: str
    to: str
    text: str
    html: str
    links: tuple[str, ...]
    attachments: tuple[Attachment, ...]


class _Addresses(HTMLParser):
    """Collects where the links of a page lead."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.found += [value for name, value in attrs if name == "href" and value and LINK.match(value)]


def opened(raw: bytes | memoryview) -> Letter:
    """Read an e-mail (RFC 5322, MIME). What it lacks is empty."""
    message = message_from_bytes(bytes(raw), policy=policy.default)
    assert isinstance(message, EmailMessage)
    text, html = (_body(message, kind) for kind in ("plain", "html"))
    addresses = _Addresses()
    addresses.feed(html)
    return Letter(
        subject=str(message["subject"] or ""),
        sender=str(message["from"] or ""),
        to=str(message["to"] or ""),
        text=text,
        html=html,
        links=tuple(dict.fromkeys([*LINK.findall(text), *addresses.found])),
        attachments=tuple(_attachment(part) for part in message.iter_attachments()),
    )


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    return part.get_content() if part is not None else ""


def _attachment(part: EmailMessage) -> Attachment:
    content = part.get_payload(decode=True)
    return Attachment(
        name=part.get_filename("sans-nom"),
        type=part.get_content_type(),
        content=content if isinstance(content, bytes) else bytes(part),
    )
