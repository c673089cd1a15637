"""Préau as an OpenID Connect client sees it: addresses, code, tokens, claims. Speaks HTTP, knows no session of ours."""

import base64
import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, TypeVar
from urllib.parse import quote, urlencode

import requests
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from preau.eservices.signin import tokens
from preau.eservices.signin.refusals import SignInRefused
from preau.eservices.signin.tokens import IdToken, LogoutToken, UnverifiableAnswer

SCOPE: Final = "openid profile email children"
PATIENCE: Final = (3.05, 5.0)
"""Seconds to connect, then between two bytes (requests' own meaning)."""
WHOLE_PATIENCE_SECONDS: Final = 10.0
LARGEST_ANSWER: Final = 1_000_000
DISCOVERY_LIVES_SECONDS: Final = 3600.0
Said = TypeVar("Said")
NEEDED: Final = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")


class ProviderUnreachable(SignInRefused):
    """Down, slow, or answering something that is not OpenID Connect."""

    status = 503
    title = _("Préau ne répond pas pour le moment")
    sentence = _("Votre compte n’y est pour rien, et rien n’est perdu.")
    advice = _(
        "Réessayez dans quelques minutes. Si cela dure, le secrétariat de l’établissement peut vous dire si une panne "
        "est connue."
    )
    action = _("Réessayer")


class SignInDeclined(SignInRefused):
    """The person turned back on Préau's page (RFC 6749 §4.1.2.1, access_denied)."""

    title = _("Vous n’êtes pas connecté")
    sentence = _("La connexion a été abandonnée sur Préau : rien n’a été ouvert.")
    advice = _(
        "Vous pouvez recommencer quand vous voulez. Si vous n’y arrivez pas, la page de connexion propose de l’aide."
    )
    action = _("Se connecter avec Préau")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a finished sign-in brings home. `id_token` is kept as the hint of the sign-out."""

    identity: IdToken
    id_token: str
    claims: Mapping[str, Any]


@dataclass(slots=True)
class Provider:
    """One provider, known by its issuer; addresses and keys are read from it and kept for an hour."""

    issuer: str
    client_id: str
    client_secret: str
    http: requests.Session = field(default_factory=requests.Session)
    _metadata: Mapping[str, Any] = field(default_factory=dict)
    _read_at: float = float("-inf")
    _keys: KeySet | None = None

    def metadata(self, *, fresh: bool = False) -> Mapping[str, Any]:
        """The discovery document, whose issuer must be exactly ours (OpenID Connect Discovery §4.3)."""
        if fresh or time.monotonic() - self._read_at > DISCOVERY_LIVES_SECONDS:
            found = self._json("GET", f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
            if found.get("issuer") != self.issuer:
                raise UnverifiableAnswer("fournisseur-iss")
            if any(not self._is_safe(found.get(name)) for name in NEEDED):
                raise UnverifiableAnswer("fournisseur-adresses")
            self._metadata, self._read_at, self._keys = found, time.monotonic(), None
        return self._metadata

    def authorization_url(self, *, state: str, nonce: str, verifier: str, redirect_uri: str) -> str:
        """Where to send the browser: code flow with PKCE S256 (RFC 7636 §4.2)."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode("ascii")).digest()).rstrip(b"=")
        question = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": redirect_uri,
            "scope": SCOPE,
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge.decode("ascii"),
            "code_challenge_method": "S256",
        }
        return _with_query(self.metadata()["authorization_endpoint"], question)

    def check_sender(self, iss: str | None) -> None:
        """The answer names its sender (RFC 9207 §2.4): another's, or none where one is promised, is refused."""
        promised = self.metadata().get("authorization_response_iss_parameter_supported") is True
        if (iss is not None or promised) and iss != self.issuer:
            raise UnverifiableAnswer("retour-iss")

    def redeem(self, *, code: str, verifier: str, nonce: str, redirect_uri: str, at: datetime) -> Answer:
        """Exchange the code, verify the ID token, read the claims. The access token is used once and forgotten."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        # RFC 6749 §2.3.1: both halves are form-encoded before they are joined.
        credentials = (quote(self.client_id, safe=""), quote(self.client_secret, safe=""))
        given = self._json("POST", self.metadata()["token_endpoint"], data=form, auth=credentials)
        id_token, access_token = given.get("id_token"), given.get("access_token")
        if not isinstance(id_token, str) or not isinstance(access_token, str):
            raise UnverifiableAnswer("jetons-absents")
        identity = self._verified(id_token, nonce=nonce, at=at)
        claims = self._json(
            "GET", self.metadata()["userinfo_endpoint"], headers={"Authorization": f"Bearer {access_token}"}
        )
        # OpenID Connect Core §5.3.2: without this check a token of someone else's could be substituted.
        if claims.get("sub") != identity.subject:
            raise UnverifiableAnswer("informations-sub")
        return Answer(identity=identity, id_token=id_token, claims=claims)

    def sign_out_url(self, *, id_token: str, state: str, return_to: str) -> str:
        """Where to send the browser so that Préau's session ends too (RP-Initiated Logout §2).

        Asks Préau first, so that people are not sent to a door that does not answer. Raises ProviderUnreachable.
        """
        address = self.metadata(fresh=True).get("end_session_endpoint")
        if not self._is_safe(address):
            raise ProviderUnreachable("sans-deconnexion")
        question = {
            "id_token_hint": id_token,
            "client_id": self.client_id,
            "post_logout_redirect_uri": return_to,
            "state": state,
        }
        return _with_query(str(address), question)

    def ended(self, logout_token: str, *, at: datetime) -> LogoutToken:
        """What Préau's machine says is over (Back-Channel Logout §2.5)."""
        return self._judged(tokens.verify_logout, logout_token, at=at)

    def _verified(self, id_token: str, *, nonce: str, at: datetime) -> IdToken:
        return self._judged(tokens.verify, id_token, nonce=nonce, at=at)

    def _judged(self, verify: Callable[..., Said], token: str, **more: Any) -> Said:
        expected = {"issuer": self.issuer, "client_id": self.client_id, **more}
        if self._keys is not None:
            try:
                return verify(token, keys=self._keys, **expected)
            except UnverifiableAnswer as refusal:
                if not refusal.reference.endswith("-signature"):
                    raise
        # First token of this process, or the provider's keys turned since: read them (once) and judge by them.
        self._keys = self._read_keys()
        return verify(token, keys=self._keys, **expected)

    def _read_keys(self) -> KeySet:
        try:
            found = self._json("GET", self.metadata()["jwks_uri"])
            return KeySet.import_key_set({"keys": [key for key in found["keys"] if key.get("use", "sig") == "sig"]})
        except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise UnverifiableAnswer("fournisseur-cles") from error

    def _is_safe(self, url: object) -> bool:
        # Plain http carries codes and secrets in clear: only where the issuer itself is on the developer's machine.
        return isinstance(url, str) and url.startswith(("https://", "http://") if settings.DEVELOPMENT else "https://")

    def _json(self, method: str, url: str, **how: Any) -> dict[str, Any]:
        """One bounded call: no redirect followed, a size, a time. Raises ProviderUnreachable or UnverifiableAnswer."""
        deadline = time.monotonic() + WHOLE_PATIENCE_SECONDS
        try:
            with self.http.request(
                method, url, timeout=PATIENCE, allow_redirects=False, stream=True, **how
            ) as response:
                body = b""
                for piece in response.iter_content(65_536):
                    body += piece
                    if len(body) > LARGEST_ANSWER or time.monotonic() > deadline:
                        raise ProviderUnreachable("reponse-trop-longue")
                status = response.status_code
        except requests.RequestException as error:
            raise ProviderUnreachable("sans-reponse") from error
        if status >= 500 or status == 429:
            raise ProviderUnreachable(f"reponse-{status}")
        if status != 200:
            raise UnverifiableAnswer(f"reponse-{status}")
        try:
            found = json.loads(body)
        except ValueError as error:
            raise UnverifiableAnswer("reponse-illisible") from error
        if not isinstance(found, dict):
            raise UnverifiableAnswer("reponse-illisible")
        return found


@lru_cache(maxsize=1)
def preau() -> Provider:
    """The provider this site is configured for."""
    return Provider(issuer=settings.ISSUER, client_id=settings.CLIENT_ID, client_secret=settings.CLIENT_SECRET)


def _with_query(address: str, question: Mapping[str, str]) -> str:
    return f"{address}{'&' if '?' in address else '?'}{urlencode(question, quote_via=quote)}"
