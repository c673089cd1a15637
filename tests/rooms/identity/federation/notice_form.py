"""The page before a service, as a browser answers it."""

import re
from html import unescape
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

DOOR = "/services/accord/"


def pending_of(page: Any) -> str:
    """What the form of the page carries."""
    found = re.search(r'name="demande" value="([^"]+)"', page.content.decode())
    assert found is not None, page.content.decode()
    return unescape(found[1])


def is_shown(page: Any) -> bool:
    """Whether this is the page."""
    return page.status_code == 200 and f'action="{DOOR}"' in page.content.decode()


def say(client: Client, page: Any, said: str) -> Any:
    """Press one of its two buttons."""
    return client.post(DOOR, {"demande": pending_of(page), "reponse": said})


def leads_to(answer: Any) -> str:
    """Where the answer goes on."""
    if answer.status_code == 303:
        return str(answer["Location"])
    assert answer.status_code == 200, answer.content.decode()
    return str(answer["Refresh"]).partition("url=")[2]


def statements(client: Client, address: str) -> int:
    """How many statements an address costs."""
    with CaptureQueriesContext(connection) as asked:
        client.get(address)
    return len(asked)
