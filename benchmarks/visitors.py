"""People's browsers for benchmarks: they come from a service, sign in if asked, and go back with what it wanted."""

import base64
import hashlib
import json
import re
import secrets
import socket
import sys
import threading
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

from lxml import etree

from benchmarks.production import CALLBACK, PASSWORD, SECRET, Site

_FORM_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
_SAML = "urn:oasis:names:tc:SAML:2.0"
Act = Callable[["Visitor"], None]


@dataclass(frozen=True)
class Answer:
    """What the site answered."""

    url: str
    status: int
    headers: dict[str, str]
    text: str


class Connection:
    """A browser's connection, kept between requests, and its cookies.

    Written on the socket: a library's client takes more of the two cores than the site it measures.
    """

    def __init__(self, address: str) -> None:
        place = urlsplit(address)
        self._host, self._port = place.hostname or "", place.port or 80
        self._socket: socket.socket | None = None
        self._cookies: dict[str, str] = {}

    def close(self) -> None:
        """Cookies and connection are gone."""
        if self._socket is not None:
            self._incoming.close()
            self._socket.close()
            self._socket = None
        self._cookies.clear()

    def ask(self, address: str, form: dict[str, str] | None = None, **headers: str) -> Answer:
        """One request: a form is posted. Redirects are not followed. Raises `OSError`."""
        place = urlsplit(address)
        sent = {"Host": f"{self._host}:{self._port}", "User-Agent": "benchmark", "Accept": "*/*", **headers}
        if self._cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        body = b"" if form is None else urlencode(form).encode("ascii")
        if form is not None:
            sent |= {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": str(len(body))}
        path = f"{place.path}?{place.query}" if place.query else place.path
        lines = [f"{'GET' if form is None else 'POST'} {path} HTTP/1.1", *(f"{name}: {sent[name]}" for name in sent)]
        self._open().sendall("\r\n".join([*lines, "", ""]).encode("ascii") + body)
        return self._read(address)

    def _open(self) -> socket.socket:
        if self._socket is None:
            self._socket = socket.create_connection((self._host, self._port), timeout=60)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._incoming = self._socket.makefile("rb")
        return self._socket

    def _read(self, address: str) -> Answer:
        status, headers = self._incoming.readline(), {}
        if not status:
            raise ConnectionError("closed by the site")
        while line := self._incoming.readline().decode("latin-1").rstrip("\r\n"):
            name, _, value = line.partition(": ")
            headers[name.lower()] = value
            if name.lower() == "set-cookie":
                cookie, _, said = value.partition("=")
                self._cookies[cookie] = said.partition(";")[0]
        text = self._incoming.read(int(headers.get("content-length", 0))).decode()
        return Answer(address, int(status.split()[1]), headers, text)


class Visitor:
    """One browser, and the service behind it."""

    def __init__(self, address: str, username: str, *, kind: str = "pupil") -> None:
        self.address, self.username = address, username
        self.door = f"/connexion/{'eleve' if kind == 'pupil' else 'responsable'}/"
        self.browser, self.backend = Connection(address), Connection(address)

    def leave(self) -> None:
        """Close the browser: cookies and connection are gone."""
        self.browser.close()

    def get(self, address: str) -> Answer:
        """One request, redirects not followed."""
        return self.browser.ask(urljoin(self.address, address))

    def code_to_token(self) -> None:
        """The service's request, then its exchange. Signs in on the way when asked."""
        verifier = secrets.token_urlsafe(48)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        question = {
            "response_type": "code", "client_id": "bench", "redirect_uri": CALLBACK, "scope": "openid profile children",
            "state": "s", "nonce": secrets.token_urlsafe(12), "code_challenge": challenge,
            "code_challenge_method": "S256",
        }  # fmt: skip
        back = self._through(self.get(f"/oidc/authorize?{urlencode(question)}"))
        code = parse_qs(urlsplit(_next(back)).query)["code"][0]
        exchange = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
        exchange["code_verifier"] = verifier
        proof = base64.b64encode(f"bench:{SECRET}".encode()).decode("ascii")
        given = self.backend.ask(f"{self.address}/oidc/token", exchange, Authorization=f"Basic {proof}")
        assert given.status == 200 and "id_token" in json.loads(given.text), given.text

    def saml_response(self, party: str = "clear") -> None:
        """The service's request by redirect, until our form that posts the response."""
        packed = zlib.compress(_authn_request(f"https://bench.example/{party}", self.address), wbits=-15)
        question = urlencode({"SAMLRequest": base64.b64encode(packed).decode("ascii"), "RelayState": "s"})
        page = self._through(self.get(f"/idp/profile/SAML2/Redirect/SSO?{question}"))
        assert 'name="SAMLResponse"' in page.text, page.text[-600:]

    def form(self) -> Answer:
        """The sign-in page alone."""
        page = self.get(self.door)
        assert _FORM_TOKEN.search(page.text), page.status
        return page

    def _through(self, answer: Answer) -> Answer:
        """Follow until the service's address, or a page of ours that leads nowhere; fill the form on the way."""
        for _ in range(12):
            to = _next(answer)
            if not to or to.startswith(CALLBACK):
                return answer
            if urlsplit(to).path == "/connexion/":
                self.get(to)
                answer = self._sign_in(urlsplit(to).query)
            else:
                answer = self.get(to)
        raise AssertionError(f"lost: {answer.url}")

    def _sign_in(self, query: str) -> Answer:
        address = f"{self.address}{self.door}?{query}"
        token = _FORM_TOKEN.search(self.get(address).text)
        assert token, address
        sent = {"csrfmiddlewaretoken": token[1], "username": self.username, "password": PASSWORD}
        sent["suite"] = parse_qs(query)["suite"][0]
        answer = self.browser.ask(address, sent, Referer=address)
        assert answer.status == 302, f"{answer.status} {self.username}"
        return answer


def _next(answer: Answer) -> str:
    return answer.headers.get("location") or answer.headers.get("refresh", "").partition("url=")[2]


def _authn_request(entity_id: str, address: str) -> bytes:
    where = {
        "ID": f"_{secrets.token_hex(16)}", "Version": "2.0",
        "IssueInstant": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "Destination": f"{address}/idp/profile/SAML2/Redirect/SSO", "AssertionConsumerServiceURL": CALLBACK,
        "ProtocolBinding": f"{_SAML}:bindings:HTTP-POST",
    }  # fmt: skip
    request = etree.Element(f"{{{_SAML}:protocol}}AuthnRequest", where)
    etree.SubElement(request, f"{{{_SAML}:assertion}}Issuer").text = entity_id
    return bytes(etree.tostring(request))


@dataclass
class Run:
    """What a crowd found: seconds of each journey, CPU of the server for each, failures."""

    seconds: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    cpu_ms: float = 0.0
    rate: float = 0.0

    def percentile(self, share: float) -> float:
        """Milliseconds that `share` of the journeys do not exceed."""
        ordered = sorted(self.seconds) or [0.0]
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1000

    def __str__(self) -> str:
        p50, p95, p99 = (self.percentile(share) for share in (0.5, 0.95, 0.99))
        return (
            f"{self.cpu_ms:.2f} ms ({self.rate:.0f} journeys/s, p50 {p50:.0f}, p95 {p95:.0f}, p99 {p99:.0f} ms, "
            f"{len(self.failures)} errors in {len(self.seconds) + len(self.failures)})"
        )


def crowd(site: Site, act: Act, visitors: list[Visitor], *, journeys: int) -> Run:
    """`journeys` in all, by these visitors at once."""
    todo, lock, run = iter(range(journeys)), threading.Lock(), Run()
    before, started = site.cpu(), time.perf_counter()

    def person(visitor: Visitor) -> None:
        while True:
            with lock:
                if next(todo, None) is None:
                    return
            _once(visitor, act, run)

    threads = [threading.Thread(target=person, args=[visitor]) for visitor in visitors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run.rate = journeys / (time.perf_counter() - started)
    run.cpu_ms = (site.cpu() - before) * 1000 / journeys
    return run


def without_pause(act: Act, visitors: list[Visitor], stop: threading.Event) -> tuple[Run, list[threading.Thread]]:
    """These visitors, again and again until `stop`."""
    run = Run()

    def person(visitor: Visitor) -> None:
        while not stop.is_set():
            _once(visitor, act, run)

    threads = [threading.Thread(target=person, args=[visitor]) for visitor in visitors]
    for thread in threads:
        thread.start()
    return run, threads


def _once(visitor: Visitor, act: Act, run: Run) -> None:
    began = time.perf_counter()
    try:
        act(visitor)
    except (AssertionError, OSError, KeyError, ValueError) as trouble:
        run.failures.append(repr(trouble))
        print(f"failed: {trouble!r}"[:300], file=sys.stderr)
    else:
        run.seconds.append(time.perf_counter() - began)


def sign_in_by_code(visitor: Visitor) -> None:
    """From nothing to a token."""
    visitor.leave()
    visitor.code_to_token()


def sign_in_by_saml(visitor: Visitor) -> None:
    """From nothing to a SAML response."""
    visitor.leave()
    visitor.saml_response()


def again_by_saml_sealed(visitor: Visitor) -> None:
    """With a visit open, to a response that is signed and encrypted."""
    visitor.saml_response("sealed")


def see_the_form(visitor: Visitor) -> None:
    """The sign-in page alone."""
    visitor.form()


def do_nothing(visitor: Visitor) -> None:
    """A request that does nothing, through the whole stack."""
    answer = visitor.get("/healthz")
    assert answer.status == 200, answer.status
