"""The service of test, by OpenID Connect (trial.py): a client of the code flow that has no secret, and PKCE.

It goes through the very doors that any service goes through, but for the network between its machine and ours: this
site seldom reaches itself by its own public address, and would wait for one of its own threads.
"""

import hashlib
import hmac
import json
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from preau.identity import openid
from preau.identity.federation import preview, registration, signing
from preau.identity.federation.attributes import ATTRIBUTES
from preau.identity.federation.checks import NONE, CannotRegister
from preau.identity.federation.models import Notice, Protocol, RelyingParty
from preau.identity.federation.oidc import views
from preau.identity.federation.oidc.server import issuer
from preau.identity.federation.received import NAME_OF_THE_PERSON, PROOF, Line, NotReceived, Received
from preau.identity.federation.release import OFFLINE

CLIENT_ID = "service-d-essai-openid"
# What ties the answer to the browser that asked: everything secret in a request of ours is drawn from it.
COOKIE = f"{settings.COOKIE_PREFIX}essai"
LASTS = timedelta(hours=1)
_TOKEN, _USERINFO = "id_token", "userinfo"
# What is said of the sign-in, and not of the person (OpenID Connect Core §2).
_WORDS = {
    "sub": NAME_OF_THE_PERSON,
    "amr": PROOF,
    "acr": _("le profil qui a été demandé"),
    "auth_time": _("quand elle l’a prouvé"),
    "iss": _("qui répond"),
    "aud": _("pour quel service"),
    "iat": _("de quand est la réponse"),
    "exp": _("jusqu’à quand elle vaut"),
    "nonce": _("ce qui lie la réponse à la demande"),
    "sid": _("le numéro de la visite, qu’une déconnexion rappelle"),
    "jti": _("le numéro de la réponse"),
    "at_hash": _("ce qui lie les deux jetons"),
}
_INSTANTS = frozenset({"auth_time", "iat", "exp"})


def callback() -> str:
    """Where it takes answers."""
    return f"{settings.PUBLIC_URL}{reverse('federation:trial_returned')}"


def start() -> str:
    """Where a sign-on to it begins."""
    return reverse("federation:trial_asks")


@transaction.atomic
def connect(*, by: str, at: datetime) -> RelyingParty:
    """Connect it, or bring it back with the rights it had. Raises `CannotRegister`.

    Without a secret, which nothing would keep: PKCE alone ties a code to it.
    """
    known = RelyingParty.objects.filter(client_id=CLIENT_ID).first()
    if known is None:
        party, _secret = registration.register(
            client_id=CLIENT_ID, name=gettext("Service d’essai (OpenID Connect)"), redirect_uris=[callback()],
            token_endpoint_auth_method=NONE, scopes=["openid", "profile"], notice=Notice.TELL, by=by, at=at,
        )  # fmt: skip
        return party
    if not is_it(known):
        raise CannotRegister(
            f"« {CLIENT_ID} » n’a pas les adresses de retour du service d’essai : "
            f"ne gardez que {callback()} dans ses réglages, puis recommencez."
        )
    registration.change(known, redirect_uris=[callback()], token_endpoint_auth_method=NONE, by=by, at=at)
    registration.enable(known, by=by, at=at)
    return known


def is_it(found: RelyingParty) -> bool:
    """Whether this service is the one of this page."""
    places = [urlsplit(one).path for one in found.redirect_uris]
    is_named_so = found.protocol == Protocol.OIDC and found.client_id == CLIENT_ID
    return is_named_so and places == [reverse("federation:trial_returned")]


# There and back -------------------------------------------------------------------------------------------------------
def begin() -> str:
    """What this browser keeps of its question."""
    return secrets.token_urlsafe(32)


def question(party: RelyingParty, kept: str) -> str:
    """Where to send the browser: all that the service may ask is asked."""
    scopes = dict.fromkeys(["openid", *(one for one in party.scopes if one != OFFLINE)])
    challenge = urlsafe_b64encode(hashlib.sha256(_drawn("verifier", kept).encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code", "client_id": party.client_id, "redirect_uri": callback(), "scope": " ".join(scopes),
        "state": _drawn("state", kept), "nonce": _drawn("nonce", kept),
        "code_challenge": challenge, "code_challenge_method": "S256",
    }  # fmt: skip
    return f"{reverse('federation:authorize')}?{urlencode(asked)}"


def read(party: RelyingParty, answer: Mapping[str, str], kept: str, *, at: datetime) -> Received:
    """What came back, once it is believed; the access token is given back at once. Raises `NotReceived`."""
    if not kept or not secrets.compare_digest(answer.get("state", "").encode(), _drawn("state", kept).encode()):
        raise NotReceived(gettext("Cette réponse n’est pas celle d’un essai commencé dans ce navigateur."))
    # > RFC 9207 §2.4: clients MUST compare the value of the iss parameter to the issuer identifier.
    if answer.get("iss") != issuer():
        raise NotReceived(gettext("Ce n’est pas une réponse de ce site à ce service."))
    if "code" not in answer:
        raise NotReceived(gettext("Ce site a répondu non : %(error)s.") % {"error": answer.get("error", "")[:100]})
    tokens = _exchanged(answer["code"], _drawn("verifier", kept), at=at)
    access_token = str(tokens.get("access_token", ""))
    try:
        claims = believed(str(tokens.get(_TOKEN, "")), access_token, party, nonce=_drawn("nonce", kept), at=at)
        told = _told(access_token, party, at=at)
    finally:
        _asked(views.revoke, {"token": access_token, "client_id": CLIENT_ID}, at=at)
    if told.get("sub") != claims["sub"]:
        raise NotReceived(gettext("Le jeton et userinfo ne parlent pas de la même personne."))
    return Received(
        checked=gettext("L’émetteur, la signature, le destinataire, l’heure et le lien avec la demande sont bons."),
        lines=[*_lines(told, _USERINFO), *_lines(claims, _TOKEN, but=told)],
        raw={
            gettext("Le jeton d’identité, décodé"): _in_json(claims),
            gettext("La réponse de userinfo"): _in_json(told),
        },
    )


def _exchanged(code: str, verifier: str, *, at: datetime) -> dict[str, Any]:
    given = {
        "grant_type": "authorization_code", "code": code, "redirect_uri": callback(), "client_id": CLIENT_ID,
        "code_verifier": verifier,
    }  # fmt: skip
    answer = _asked(views.token, given, at=at)
    found: dict[str, Any] = json.loads(answer.content)
    if answer.status_code != 200:
        why = gettext("Le code n’a pas été accepté (%(error)s) : il sert une fois, dans la minute.")
        raise NotReceived(why % {"error": found.get("error", "")})
    return found


def believed(id_token: str, access_token: str, party: RelyingParty, *, nonce: str, at: datetime) -> dict[str, Any]:
    """The claims of an ID token, once checked: OpenID Connect Core §3.1.3.7, §3.1.3.8. Raises `NotReceived`."""
    claims = _signed(id_token, party.id_token_signed_response_alg, at=at)
    half = urlsafe_b64encode(hashlib.sha256(access_token.encode()).digest()[:16]).rstrip(b"=").decode()
    if (claims.get("nonce"), claims.get("at_hash")) != (nonce, half):
        raise NotReceived(gettext("Le jeton d’identité n’est pas celui de cette demande."))
    try:
        openid.check_instants(claims, at=at, leeway=60)
    except openid.TooOld as error:
        raise NotReceived(gettext("Cette réponse a trop attendu : recommencez.")) from error
    return claims


def _told(access_token: str, party: RelyingParty, *, at: datetime) -> dict[str, Any]:
    answer = _asked(views.userinfo, {}, at=at, token=access_token)
    if answer.status_code != 200:
        raise NotReceived(gettext("userinfo n’a pas accepté le jeton d’accès."))
    if party.userinfo_signed_response_alg:
        return _signed(answer.content.decode(), party.userinfo_signed_response_alg, at=at)
    found: dict[str, Any] = json.loads(answer.content)
    return found


def _signed(token: str, algorithm: str, *, at: datetime) -> dict[str, Any]:
    """The claims of a token that this site signed, for this service, as it was registered."""
    try:
        claims = openid.signed(token, lambda anew: signing.ring(at=at).published, algorithms=[algorithm])
    except openid.NotSigned as error:
        raise NotReceived(gettext("La signature du jeton n’est pas celle de ce site.")) from error
    if claims.get("iss") != issuer() or not openid.is_for(claims, CLIENT_ID):
        raise NotReceived(gettext("Ce jeton est pour un autre service."))
    return claims


def _asked(door: Callable[[HttpRequest], HttpResponse], form: dict[str, str], *, at: datetime, token: str = "") -> Any:
    """What one of our doors answers to the machine of a service."""
    request = HttpRequest()
    request.method, request.path = "POST", "/"
    request.POST = QueryDict(urlencode(form))
    request.META = {"HTTP_AUTHORIZATION": f"Bearer {token}"} if token else {}
    request.at = at  # type: ignore[attr-defined]
    return door(request)


def _drawn(what: str, kept: str) -> str:
    """The secret of that name: who sees one in an address finds neither the others nor what they are drawn from."""
    return hmac.digest(kept.encode(), what.encode(), "sha256").hex()


# Shown ----------------------------------------------------------------------------------------------------------------
def _lines(claims: Mapping[str, Any], where: str, *, but: Collection[str] = ()) -> list[Line]:
    known: dict[str, str | Promise] = {**{name: one.words for name, one in ATTRIBUTES.items()}, **_WORDS}
    return [
        Line(known.get(name, ""), name, where, preview.as_texts(_shown(name, value)))
        for name, value in claims.items()
        if name not in but
    ]


def _shown(name: str, value: Any) -> Any:
    found = openid.instant(value) if name in _INSTANTS else None
    return f"{timezone.localtime(found):%d/%m/%Y %H:%M:%S}" if found else value


def _in_json(claims: Mapping[str, Any]) -> str:
    return json.dumps(claims, ensure_ascii=False, indent=2)
