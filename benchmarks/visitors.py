"""People's browsers for benchmarks: they come from a service, sign in if asked, and go back with what it wanted."""

import base64
import hashlib
import re
import secrets
import sys
import threading
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import requests
from lxml import etree

from benchmarks.production import CALLBACK, PASSWORD, SECRET, Site

_FORM_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
_SAML = "urn:oasis:names:tc:SAML:2.0"
Act = Callable[["Visitor"], None]


class Visitor:
    """One browser, and the service behind it."""

    def __init__(self, address: str, username: str) -> None:
        self.address, self.username, self.http = address, username, requests.Session()

    def leave(self) -> None:
        """Close the browser: cookies and connection are gone."""
        self.http.close()
        self.http = requests.Session()

    def get(self, address: str) -> requests.Response:
        """One request, redirects not followed."""
        return self.http.get(urljoin(self.address, address), allow_redirects=False, timeout=60)

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
        given = self.http.post(f"{self.address}/oidc/token", exchange, auth=("bench", SECRET), timeout=60)
        assert "id_token" in given.json(), given.text

    def saml_response(self, party: str = "clear") -> None:
        """The service's request by redirect, until our form that posts the response."""
        packed = zlib.compress(_authn_request(f"https://bench.example/{party}", self.address), wbits=-15)
        question = urlencode({"SAMLRequest": base64.b64encode(packed).decode("ascii"), "RelayState": "s"})
        page = self._through(self.get(f"/idp/profile/SAML2/Redirect/SSO?{question}"))
        assert 'name="SAMLResponse"' in page.text, page.text[-600:]

    def form(self) -> requests.Response:
        """The sign-in page alone."""
        page = self.get("/connexion/eleve/")
        assert _FORM_TOKEN.search(page.text), page.status_code
        return page

    def _through(self, answer: requests.Response) -> requests.Response:
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

    def _sign_in(self, query: str) -> requests.Response:
        address = f"{self.address}/connexion/eleve/?{query}"
        token = _FORM_TOKEN.search(self.get(address).text)
        assert token, address
        sent = {"csrfmiddlewaretoken": token[1], "username": self.username, "password": PASSWORD}
        sent["suite"] = parse_qs(query)["suite"][0]
        answer = self.http.post(address, sent, headers={"Referer": address}, allow_redirects=False, timeout=60)
        assert answer.status_code == 302, f"{answer.status_code} {self.username}"
        return answer


def _next(answer: requests.Response) -> str:
    return answer.headers.get("Location") or answer.headers.get("Refresh", "").partition("url=")[2]


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
    except (AssertionError, requests.RequestException, KeyError, ValueError) as trouble:
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
    visitor.get("/healthz").raise_for_status()
