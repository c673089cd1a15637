"""What the Foundation's suite is to a provider: a party that knows its addresses alone, and a browser."""

import base64
import hashlib
import html
import re
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import requests
from joserfc import jws, jwt
from joserfc.jwk import KeySet

CALLBACK = "https://localhost.emobix.co.uk:8443/test/a/preau/callback"
AFTER_LOGOUT = "https://localhost.emobix.co.uk:8443/test/a/preau/post_logout_redirect"
SECRET = "secret-of-the-suite-secret-of-the-suite"
WAIT = 30


@dataclass
class Landing:
    """Where the browser stopped: on a page of the provider, or at the party with what it was told."""

    page: requests.Response
    told: dict[str, str] | None = None
    method: str = "GET"


@dataclass
class Browser:
    """Follows redirections until it would leave the provider; signs Samira in when it is asked to."""

    provider: str
    username: str
    password: str
    jar: requests.Session = field(default_factory=requests.Session)
    signed_in: int = 0

    def go(self, address: str, form: dict[str, str] | None = None) -> Landing:
        """Open an address, or send a form there, and go on as a person would."""
        for _ in range(12):
            answer = self.jar.request(
                "POST" if form is not None else "GET", address, data=form, allow_redirects=False, timeout=WAIT
            )
            form, onwards = None, self._onwards(answer)
            if onwards:
                address = urljoin(address, onwards)
                if not address.startswith(self.provider):
                    return Landing(
                        answer, {name: value[0] for name, value in parse_qs(urlsplit(address).query).items()}
                    )
            elif self._is_profile_choice(answer):
                address = f"{self.provider}/connexion/responsable/?{urlsplit(answer.url).query}"
            elif 'name="password"' in answer.text and answer.request.method == "GET":
                address, form = answer.url, self._credentials(answer)
            else:
                return self._by_form(answer) or Landing(answer)
        raise AssertionError("The provider goes round in circles.")

    def _onwards(self, answer: requests.Response) -> str:
        if answer.is_redirect:
            return answer.headers["Location"]
        return answer.headers.get("Refresh", "").partition("url=")[2]

    def _is_profile_choice(self, answer: requests.Response) -> bool:
        return urlsplit(answer.url).path == "/connexion/"

    def _credentials(self, answer: requests.Response) -> dict[str, str]:
        (token,) = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', answer.text)[:1]
        self.signed_in += 1
        return {"csrfmiddlewaretoken": token, "username": self.username, "password": self.password}

    def _by_form(self, answer: requests.Response) -> Landing | None:
        """A form that sends itself to the party (Form Post Response Mode)."""
        found = re.search(r'<form[^>]*method="post" action="(https://localhost\.emobix[^"]*)"', answer.text)
        if not found:
            return None
        fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', answer.text)
        return Landing(answer, {name: html.unescape(value) for name, value in fields}, "POST")


@dataclass
class RelyingParty:
    """One client of the suite, registered by hand (the « static client » of the plans)."""

    discovery: dict[str, Any]
    client_id: str
    mode: str = ""

    def question(self, **changes: str | None) -> dict[str, str]:
        """The suite's ordinary authorization request."""
        asked = {
            "client_id": self.client_id,
            "redirect_uri": CALLBACK,
            "response_type": "code",
            "scope": "openid",
            "state": secrets.token_urlsafe(8),
            "nonce": secrets.token_urlsafe(8),
            **({"response_mode": self.mode} if self.mode else {}),
            **changes,
        }
        return {name: value for name, value in asked.items() if value is not None}

    def address(self, asked: dict[str, str]) -> str:
        """The same, as an address."""
        return f"{self.discovery['authorization_endpoint']}?{urlencode(asked)}"

    def ask(self, browser: Browser, **changes: str | None) -> Landing:
        """Send the browser to the provider."""
        asked = self.question(**changes)
        landing = browser.go(self.address(asked))
        if landing.told is not None:
            # RFC 9207, and the state that was sent, in answers and in errors.
            assert landing.told["iss"] == self.discovery["issuer"]
            assert landing.told.get("state") == asked.get("state")
            assert landing.method == ("POST" if self.mode == "form_post" else "GET")
        return landing

    def code(self, browser: Browser, **changes: str | None) -> str:
        """The code the provider answers with."""
        landing = self.ask(browser, **changes)
        assert landing.told is not None and "code" in landing.told, landing.told or landing.page.text
        return landing.told["code"]

    def redeem(self, code: str, *, by_post: bool = False, **changes: str) -> requests.Response:
        """Exchange a code, with client_secret_basic unless told otherwise."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, **changes}
        return self._at_token(form, by_post=by_post)

    def renew(self, refresh_token: str) -> requests.Response:
        """Use a refresh token."""
        return self._at_token({"grant_type": "refresh_token", "refresh_token": refresh_token})

    def _at_token(self, form: dict[str, str], *, by_post: bool = False) -> requests.Response:
        if by_post:
            form = {**form, "client_id": self.client_id, "client_secret": SECRET}
        auth = None if by_post else (self.client_id, SECRET)
        return requests.post(self.discovery["token_endpoint"], form, auth=auth, timeout=WAIT)

    def tokens(self, browser: Browser, *, by_post: bool = False, **changes: str | None) -> dict[str, Any]:
        """A whole sign-in: the tokens, the ID token checked as a client must (Core §3.1.3.7)."""
        asked = self.question(**changes)
        landing = browser.go(self.address(asked))
        assert landing.told is not None and "code" in landing.told, landing.told or landing.page.text
        answer = self.redeem(landing.told["code"], by_post=by_post)
        assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store", answer.text
        tokens: dict[str, Any] = answer.json()
        assert tokens["token_type"].lower() == "bearer"
        assert self.claims(tokens["id_token"]).get("nonce") == asked.get("nonce")
        return tokens

    def claims(self, id_token: str) -> dict[str, Any]:
        """The claims of an ID token whose signature, issuer, audience and dates are good."""
        published = KeySet.import_key_set(requests.get(self.discovery["jwks_uri"], timeout=WAIT).json())
        header = jws.extract_compact(id_token.encode()).headers()
        assert header["alg"] == "RS256" and header["kid"] in {key.kid for key in published.keys}
        claims: dict[str, Any] = jwt.decode(id_token, published, algorithms=["RS256"]).claims
        assert claims["iss"] == self.discovery["issuer"] and claims["aud"] == self.client_id
        assert claims["exp"] > claims["iat"] and claims["sub"]
        return claims

    def userinfo(self, token: str) -> requests.Response:
        """With the token in the header."""
        bearer = {"Authorization": f"Bearer {token}"}
        return requests.get(self.discovery["userinfo_endpoint"], headers=bearer, timeout=WAIT)


def pkce() -> tuple[str, str]:
    """A verifier and its S256 challenge (RFC 7636)."""
    verifier = secrets.token_urlsafe(48)
    digest = hashlib.sha256(verifier.encode()).digest()
    return verifier, base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
