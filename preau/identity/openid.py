"""What our OpenID Connect clients do alike: ask a partner over HTTP, keep what it publishes, read what it signed.

Nothing here knows who the partner is: each client (staff/portal.py, franceconnect/client.py) says its faults in its
own words, and decides what a claim means.
"""

import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar, cast
from urllib.parse import urlencode, urlsplit

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

_LARGEST = 200_000
T = TypeVar("T")


class Unreachable(Exception):
    """No answer, an error, or an answer that is not what a partner says. `status`: what HTTP said, 0 for nothing."""

    def __init__(self, why: str, status: int = 0) -> None:
        super().__init__(why)
        self.status = status


class CodeNotTaken(Exception):
    """The token endpoint said no: its `error` (RFC 6749 §5.2)."""

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error


class NotSigned(Exception):
    """The token is not signed by the partner's keys with an algorithm we take."""


class TooOld(Exception):
    """The token is over, not yet valid, or says nothing of it."""


# Time --------------------------------------------------------------------------------------------------------------
class Deadline:
    """A number of seconds for a whole conversation, whatever the number of questions."""

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds

    def left(self) -> tuple[float, float]:
        """What may still be waited, to connect and then to be answered. Raises `Unreachable` when it is over."""
        left = self._ends - time.monotonic()
        if left < 0.05:
            raise Unreachable("too slow")
        connecting = min(1.0, left / 2)
        return connecting, left - connecting


Timeout = tuple[float, float]


# HTTP --------------------------------------------------------------------------------------------------------------
def ask(url: str, *, timeout: Timeout, headers: dict[str, str] | None = None) -> requests.Response:
    """The good answer of `url`. Raises `Unreachable`."""
    try:
        answer = requests.get(url, headers=headers, timeout=timeout, allow_redirects=False)
    except requests.RequestException as trouble:
        raise Unreachable(type(trouble).__name__) from None
    if answer.status_code != 200 or len(answer.content) > _LARGEST:
        raise Unreachable(f"{answer.status_code}", answer.status_code)
    return answer


def ask_object(url: str, *, timeout: Timeout, headers: dict[str, str] | None = None) -> dict[str, Any]:
    """The JSON object at `url`. Raises `Unreachable`."""
    return as_object(ask(url, timeout=timeout, headers=headers))


def as_object(answer: requests.Response) -> dict[str, Any]:
    """The JSON object of an answer. Raises `Unreachable`."""
    try:
        found = answer.json()
    except ValueError:
        raise Unreachable("not JSON") from None
    if not isinstance(found, dict):
        raise Unreachable("not an object")
    return found


def exchange(
    endpoint: str, *, client: tuple[str, str], by: str, code: str, return_url: str, timeout: Timeout, **more: str
) -> dict[str, Any]:
    """Give the code back for tokens (RFC 6749 §4.1.3). `client`: name and secret, sent `by` this method.

    Raises `CodeNotTaken` or `Unreachable`.
    """
    try:
        with OAuth2Session(*client, redirect_uri=return_url, token_endpoint_auth_method=by) as session:
            tokens: dict[str, Any] = session.fetch_token(
                endpoint, grant_type="authorization_code", code=code, timeout=timeout, allow_redirects=False, **more
            )
    except AuthlibBaseError as refused:
        raise CodeNotTaken(str(refused.error)[:100]) from None
    except (requests.RequestException, ValueError) as trouble:
        raise Unreachable(type(trouble).__name__) from None
    return tokens


def added_to(url: str, query: dict[str, str]) -> str:
    """`url` with these parameters too."""
    return f"{url}{'&' if urlsplit(url).query else '?'}{urlencode(query)}"


def is_as_safe_as(url: str, issuer: str) -> bool:
    """https, or plain http when the issuer itself is plain (on loopback, in development)."""
    return urlsplit(url).scheme in {"https", urlsplit(issuer).scheme} and bool(urlsplit(url).netloc)


# What is signed ------------------------------------------------------------------------------------------------------
def key_set(url: str, *, timeout: Timeout) -> KeySet:
    """The partner's public keys. Raises `Unreachable`."""
    try:
        return KeySet.import_key_set(cast(Any, ask_object(url, timeout=timeout)))
    except (JoseError, ValueError, KeyError, TypeError) as trouble:
        raise Unreachable(type(trouble).__name__) from None


def signed(token: str, keys: Callable[[bool], KeySet], *, algorithms: Sequence[str]) -> dict[str, Any]:
    """The claims of a token whose signature is good. Raises `NotSigned`, or what `keys` raises.

    `keys(anew)` gives the partner's keys; they are read anew once, for a key we do not know may be a new one.
    """
    for anew in (False, True):
        try:
            claims: dict[str, Any] = jwt.decode(token, keys(anew), algorithms=list(algorithms)).claims
        except (JoseError, ValueError) as trouble:
            fault = trouble
        else:
            return claims
    raise NotSigned(type(fault).__name__)


def check_instants(claims: dict[str, Any], *, at: datetime, leeway: int) -> None:
    """Raises `TooOld` unless `exp` is ahead, `iat` and `nbf` behind, give or take `leeway` seconds."""
    now = at.timestamp()
    expires, issued, begins = claims.get("exp"), claims.get("iat"), claims.get("nbf", 0)
    if not all(isinstance(one, int | float) and not isinstance(one, bool) for one in (expires, issued, begins)):
        raise TooOld("no dates")
    assert expires is not None and issued is not None  # checked just above
    if not (now < expires + leeway and issued <= now + leeway and begins <= now + leeway):
        raise TooOld


def is_for(claims: dict[str, Any], client: str) -> bool:
    """Whether a token is for us, and for others only if it says that we asked (OpenID Connect Core §3.1.3.7)."""
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    is_ours = client in audiences and claims.get("azp", client) == client
    return is_ours and (len(audiences) == 1 or "azp" in claims)


def instant(value: object) -> datetime | None:
    """`auth_time`; an absurd one proves nothing."""
    try:
        return datetime.fromtimestamp(value, UTC) if isinstance(value, int | float) else None
    except (OverflowError, ValueError, OSError):
        return None


# What is kept a while ------------------------------------------------------------------------------------------------
class Shelf:
    """What a partner publishes (its addresses, its keys), kept ten minutes in this process."""

    KEPT = 600.0

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, str], tuple[float, Any]] = {}

    def forget(self) -> None:
        """Read everything anew next time (tests; a partner that moved)."""
        with self._lock:
            self._kept.clear()

    def keep(self, what: str, issuer: str, read: Callable[[], T], *, anew: bool = False) -> T:
        """What `read` gave lately, or gives now."""
        with self._lock:
            until, kept = self._kept.get((what, issuer), (0.0, None))
        if kept is not None and not anew and time.monotonic() < until:
            return cast(T, kept)
        found = read()
        with self._lock:
            self._kept[what, issuer] = (time.monotonic() + self.KEPT, found)
        return found
