"""The two ceremonies of a passkey (W3C Web Authentication, level 2): adding one, and proving that one holds it.

A question is kept on the server as a digest (models.Challenge), lives five minutes, is answered once, and only by the
browser that asked, for the person and the purpose it was asked for. No question ever starts from a username: nobody
learns from here who has a passkey.
"""

import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, TypeVar
from urllib.parse import urlsplit

from django.conf import settings
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from fido2 import cbor
from fido2.cose import ES256, RS256, CoseKey, EdDSA
from fido2.server import Fido2Server
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationConveyancePreference,
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialDescriptor,
    PublicKeyCredentialParameters,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialType,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from preau.identity import keys
from preau.identity.factors.models import Challenge, PasskeyFacts

COOKIE = f"{settings.COOKIE_PREFIX}cle"
LASTS = timedelta(minutes=5)
LONGEST_ANSWER = 20_000
# WebAuthn §4: a credential id has 1023 bytes at most.
LONGEST_ID = 1023
_ALGORITHMS: tuple[type[CoseKey], ...] = (ES256, EdDSA, RS256)
_REQUIRED = UserVerificationRequirement.REQUIRED
_PURPOSE = "factors/challenge"
P = TypeVar("P", bound=PasskeyFacts)
R = TypeVar("R", RegistrationResponse, AuthenticationResponse)


class PasskeyError(Exception):
    """The answer of a passkey is refused; `sentence` says what to do."""

    sentence: Any = ""


class TooLate(PasskeyError):
    """No such question waits: too old, answered already, or asked by another browser or for something else."""

    sentence = _("La demande a expiré, ou elle vient d’une autre fenêtre. Recommencez depuis cette page.")


class NotRight(PasskeyError):
    """Not a message of WebAuthn, or one made for another site, without the holder's verification, or badly signed."""

    sentence = _("Cette clé d’accès n’a pas pu être vérifiée. Recommencez, ou prenez un autre moyen.")


class Unknown(PasskeyError):
    """A passkey that nobody added here, or that was removed since."""

    sentence = _("Cette clé d’accès n’est enregistrée sur aucun compte d’ici. Prenez un autre moyen.")


class AlreadyThere(PasskeyError):
    """This passkey was added before."""

    sentence = _("Cette clé d’accès est déjà enregistrée.")


class Copied(PasskeyError):
    """Its counter went back: somebody may hold a copy (WebAuthn §6.1.1)."""

    sentence = _(
        "Cette clé d’accès a été refusée : elle pourrait avoir été copiée. Prenez un autre moyen et retirez-la."
    )

    def __init__(self, passkey: Any) -> None:
        super().__init__()
        self.passkey = passkey


@dataclass(frozen=True)
class Asked:
    """Who asks, and what for: an answer is good for the same only. `whom` is a person's key, empty at the door."""

    ceremony: str
    browser: str
    whom: str = ""


@dataclass(frozen=True)
class NewPasskey:
    """What registering gives, to be kept."""

    credential_id: str
    public_key: bytes
    sign_count: int
    is_synced: bool


def browser_of(request: HttpRequest) -> str:
    """The random name this browser was given with its question; empty when it has none."""
    return request.COOKIES.get(COOKIE, "")


def name_browser(request: HttpRequest, response: HttpResponse, name: str) -> None:
    """Keep the name in the browser for the time of an answer."""
    response.set_cookie(COOKIE, name, max_age=LASTS, secure=settings.HTTPS, httponly=True, samesite="Strict")


def browser_or_new(request: HttpRequest) -> str:
    """The name of this browser, or a new one to give it: two tabs share it, and their questions stay apart."""
    return browser_of(request) or secrets.token_urlsafe(32)


def ask_to_register(
    asked: Asked,
    *,
    handle: bytes,
    name: str,
    display_name: str,
    known: Iterable[str],
    is_found_alone: bool,
    at: datetime,
) -> dict[str, Any]:
    """The options of ``navigator.credentials.create``. `known`: passkeys the person has, not to be made twice.

    `is_found_alone`: the passkey must open the door without a username (a discoverable credential).
    """
    options, state = _server().register_begin(
        PublicKeyCredentialUserEntity(id=handle, name=name, display_name=display_name),
        credentials=_descriptors(known),
        resident_key_requirement=ResidentKeyRequirement.REQUIRED
        if is_found_alone
        else ResidentKeyRequirement.DISCOURAGED,
        user_verification=_REQUIRED,
    )
    _keep(asked, state["challenge"], at=at)
    return _for_the_page(options)


def ask_to_prove(asked: Asked, *, known: Iterable[str] = (), at: datetime) -> dict[str, Any]:
    """The options of ``navigator.credentials.get``. Without `known`, the browser offers the passkeys it finds."""
    options, state = _server().authenticate_begin(credentials=_descriptors(known) or None, user_verification=_REQUIRED)
    _keep(asked, state["challenge"], at=at)
    return _for_the_page(options)


def register(answer: str, asked: Asked, *, at: datetime) -> NewPasskey:
    """Judge the answer to `ask_to_register`. Raises `PasskeyError`; the question has served in any case."""
    response = _read(answer, RegistrationResponse)
    state = _take(asked, response.response.client_data.challenge, at=at)
    try:
        _refuse_frames(response)
        found = _server().register_complete(state, response)
        credential = found.credential_data
        if credential is None or credential.public_key.ALGORITHM not in [one.ALGORITHM for one in _ALGORITHMS]:
            raise NotRight
        # WebAuthn §7.1, 17-18: the id is of the credential that is attested, and not too long.
        if credential.credential_id != response.raw_id or not 1 <= len(response.raw_id) <= LONGEST_ID:
            raise NotRight
    # fido2 raises NotImplementedError for what it knows by name only: an attestation by ECDAA, a TPM's rare algorithm.
    except (ValueError, AssertionError, NotImplementedError) as trouble:
        raise NotRight from trouble
    return NewPasskey(
        credential_id=websafe_encode(credential.credential_id),
        public_key=cbor.encode(credential.public_key),
        sign_count=found.counter,
        is_synced=found.is_backup_eligible(),
    )


def prove(answer: str, asked: Asked, *, among: models.QuerySet[P], handle_of: Any = None, at: datetime) -> P:
    """Judge the answer to `ask_to_prove`, and give the passkey of `among` that gave it, freshly used.

    `handle_of` gives, for a passkey, the handle its holder was registered with: at the door, the answer names its
    holder and must name the right one. Raises `PasskeyError`; the question has served in any case.
    """
    response = _read(answer, AuthenticationResponse)
    state = _take(asked, response.response.client_data.challenge, at=at)
    with transaction.atomic():
        passkey = among.select_for_update(of=("self",)).filter(credential_id=websafe_encode(response.raw_id)).first()
        if passkey is None:
            raise Unknown
        # WebAuthn §7.2, 6: without a username the answer names the holder, and the passkey must be theirs.
        if handle_of is not None and response.response.user_handle != handle_of(passkey):
            raise NotRight
        _verify(response, state, passkey)
        count = response.response.authenticator_data.counter
        # WebAuthn §7.2, 21: a counter that does not grow betrays a copy; synced passkeys always say 0.
        if (count or passkey.sign_count) and count <= passkey.sign_count:
            raise Copied(passkey)
        passkey.sign_count, passkey.used_at = count, at
        passkey.save(update_fields=["sign_count", "used_at"])
    return passkey


def amr_of(passkey: PasskeyFacts) -> str:
    """RFC 8176 §2: a key of one device or one that travels, with its holder's finger, face or code."""
    return "swk user mfa" if passkey.is_synced else "hwk user mfa"


def forget_unanswered(*, at: datetime) -> int:
    """What the worker throws away: the questions nobody answered."""
    return Challenge.objects.all().purge(at=at)


def _keep(asked: Asked, challenge: str, *, at: datetime) -> None:
    digest = keys.digest(_PURPOSE, asked.ceremony, asked.browser, asked.whom, challenge)
    Challenge.objects.create(digest=digest, expires_at=at + LASTS)


def _take(asked: Asked, challenge: bytes, *, at: datetime) -> dict[str, Any]:
    """The question that waits for this answer, which no other answer will find. Raises `TooLate`."""
    encoded = websafe_encode(challenge)
    digests = keys.candidates(_PURPOSE, asked.ceremony, asked.browser, asked.whom, encoded)
    waiting = Challenge.objects.filter(digest__in=digests, expires_at__gt=at)
    if not asked.browser or not waiting.delete()[0]:
        raise TooLate
    return {"challenge": encoded, "user_verification": _REQUIRED}


def _verify(response: AuthenticationResponse, state: dict[str, Any], passkey: PasskeyFacts) -> None:
    key = CoseKey.parse(cbor.decode(bytes(passkey.public_key)))  # type: ignore[arg-type]  # we encoded a COSE map
    known = AttestedCredentialData.create(bytes(Aaguid.NONE), response.raw_id, key)
    try:
        _refuse_frames(response)
        _server().authenticate_complete(state, [known], response)
    # Here for a key whose algorithm it cannot verify (`CoseKey.verify`): the answer is not right, nothing is broken.
    except (ValueError, NotImplementedError) as trouble:
        raise NotRight from trouble


def _read(answer: str, kind: type[R]) -> R:
    if len(answer) > LONGEST_ANSWER:
        raise NotRight
    try:
        read = kind.from_dict(json.loads(answer))
        assert isinstance(read, kind) and isinstance(read.raw_id, bytes) and read.response.client_data.challenge
    except Exception as trouble:  # what strangers write has no shape: the library stumbles in many ways
        raise NotRight from trouble
    return read


def _refuse_frames(response: Any) -> None:
    # WebAuthn §13.4.9: ours never asks from inside another site's page.
    if response.response.client_data.cross_origin:
        raise NotRight


def _descriptors(ids: Iterable[str]) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(type=PublicKeyCredentialType.PUBLIC_KEY, id=websafe_decode(one)) for one in ids
    ]


def _for_the_page(options: Any) -> dict[str, Any]:
    """JSON: what is binary is base64url, as in WebAuthn level 3 (``toJSON``)."""
    return dict(json.loads(json.dumps(dict(options)))["publicKey"])


def _server() -> Fido2Server:
    return _server_at(settings.PUBLIC_URL)


@lru_cache(maxsize=4)
def _server_at(address: str) -> Fido2Server:
    """The relying party: the host families type. Its origin is compared whole: no subdomain, no other port."""
    parts = urlsplit(address)
    server = Fido2Server(
        PublicKeyCredentialRpEntity(id=parts.hostname, name="Préau"),
        attestation=AttestationConveyancePreference.NONE,
        verify_origin=lambda origin: origin == f"{parts.scheme}://{parts.netloc}",
    )
    server.timeout = int(LASTS.total_seconds() * 1000)  # type: ignore[assignment]  # the library's own way to set it
    server.allowed_algorithms = [
        PublicKeyCredentialParameters(type=PublicKeyCredentialType.PUBLIC_KEY, alg=one.ALGORITHM) for one in _ALGORITHMS
    ]
    return server
