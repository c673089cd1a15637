"""An address that somebody else wrote leads to a document, or nowhere."""

import gzip
import socket
from typing import Any

import pytest

from preau.identity.federation import fetching
from preau.identity.federation.fetching import CannotFetch, fetch
from tests.rooms.identity.federation.small_service import publishing

DOCUMENT = b"<document/>"


def test_a_document_is_read_as_it_is(settings: Any) -> None:
    with publishing(DOCUMENT) as publisher:
        assert fetch(publisher.url) == DOCUMENT
        assert publisher.hosts == [publisher.url.split("/")[2]]


@pytest.mark.parametrize(
    "url",
    [
        "http://ent.example/md", "ftp://ent.example/md", "file:///etc/passwd", "gopher://127.0.0.1/",
        "//ent.example/md",
        "https://name:word@ent.example/md", "https:///md", "https://ent.example:port/md", "https://[::1/md", "",
        "https://127.0.0.1@ent.example/md",
    ],
)  # fmt: skip
def test_only_whole_https_addresses_are_asked(url: str) -> None:
    with pytest.raises(CannotFetch):
        fetch(url)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "[::1]",
        "[fd00::1]", "[fe80::1]", "[::ffff:10.0.0.1]", "[64:ff9b::a00:1]", "224.0.0.1", "localhost", "2130706433",
    ],
)  # fmt: skip
def test_in_production_the_private_network_is_never_visited(
    settings: Any, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DEVELOPMENT = False
    # As the system reads them: the tests' own guard resolves nothing that is not this machine.
    read = {"localhost": "127.0.0.1", "2130706433": "127.0.0.1"}.get(host, host.strip("[]"))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **options: [(2, 1, 6, "", (read, 443))])
    with pytest.raises(CannotFetch, match="réseau privé"):
        fetch(f"https://{host}/latest/meta-data")
    with pytest.raises(CannotFetch, match="https"):
        fetch(f"http://{host}/latest/meta-data")


def test_a_name_that_leads_to_one_private_address_among_others_is_refused(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DEVELOPMENT = False
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 443)) for one in ("93.184.215.14", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **options: found)
    with pytest.raises(CannotFetch, match="réseau privé"):
        fetch("https://ent.example/md")


def test_the_visit_is_made_to_the_address_that_was_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    """The name is resolved once: what it becomes meanwhile leads nowhere (DNS rebinding)."""
    real, asked = socket.getaddrinfo, []

    def resolver(host: Any, port: Any, *args: Any, **options: Any) -> Any:
        asked.append(host)
        return real("127.0.0.1" if host == "localhost" and len(asked) == 1 else host, port, *args, **options)

    with publishing(DOCUMENT) as publisher:
        monkeypatch.setattr(socket, "getaddrinfo", resolver)
        assert fetch(publisher.url.replace("127.0.0.1", "localhost")) == DOCUMENT
    assert asked[0] == "localhost" and set(asked[1:]) <= {"127.0.0.1"}


def test_a_redirect_is_followed_on_the_spot_and_never_elsewhere() -> None:
    with publishing(DOCUMENT) as publisher, publishing(DOCUMENT) as other:
        publisher.status = 302
        for there in (other.url, publisher.url.replace("127.0.0.1", "localhost"), "https://127.0.0.1/", "file:///etc"):
            publisher.headers = {"Location": there}
            with pytest.raises(CannotFetch):
                fetch(publisher.url)
        assert other.asked == []
        publisher.headers = {"Location": "/metadata"}
        with pytest.raises(CannotFetch, match="sans fin"):
            fetch(publisher.url)


def test_a_document_too_large_is_left_before_its_end() -> None:
    with publishing(b"<") as publisher:
        publisher.size = 50 * 1024 * 1024
        with pytest.raises(CannotFetch, match="dépasse"):
            fetch(publisher.url)


def test_a_bomb_is_counted_once_inflated() -> None:
    with publishing(gzip.compress(b" " * (20 * 1024 * 1024))) as publisher:
        publisher.headers = {"Content-Encoding": "gzip"}
        with pytest.raises(CannotFetch, match="dépasse"):
            fetch(publisher.url)


@pytest.mark.parametrize("status", [204, 401, 404, 500, 304])
def test_an_answer_that_is_no_document_says_its_number(status: int) -> None:
    with publishing(b"") as publisher:
        publisher.status = status
        with pytest.raises(CannotFetch, match=str(status)):
            fetch(publisher.url)


def test_a_site_too_slow_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "ANSWERS_WITHIN", 0.2)
    with publishing(DOCUMENT) as publisher:
        publisher.pause = 5
        with pytest.raises(CannotFetch, match="temps"):
            fetch(publisher.url)


def test_a_site_that_is_not_there_and_one_without_tls_are_said() -> None:
    with publishing(DOCUMENT) as publisher:
        url = publisher.url
        with pytest.raises(CannotFetch):
            fetch(url.replace("http://", "https://"))
    with pytest.raises(CannotFetch, match="ne répond pas"):
        fetch(url)
