"""A sign-in under way, kept by the browser that started it: one sealed cookie per attempt, so two tabs don't clash."""

import secrets
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.core import signing
from django.utils.translation import gettext_lazy as _

from preau.eservices.signin.refusals import SignInRefused

LIVES: Final = timedelta(minutes=10)
SALT: Final = "eservices.signin.attempt"


class AttemptLost(SignInRefused):
    """The answer belongs to no attempt of this browser: another one's, too old, or already used."""

    title = _("Cette connexion n’est plus valable")
    sentence = _(
        "Elle a été commencée il y a plus de dix minutes, dans un autre navigateur, ou elle a déjà servi. "
        "Rien n’a été ouvert."
    )
    advice = _(
        "Recommencez depuis cette page. Si elle revient à chaque fois, vérifiez que votre navigateur accepte les "
        "cookies de ce site."
    )
    action = _("Se connecter avec Préau")


@dataclass(frozen=True, slots=True)
class Attempt:
    """What must come back unchanged (`state`, `nonce`), what proves we asked (`verifier`), where to go then."""

    state: str
    nonce: str
    verifier: str
    destination: str
    begun: int

    @classmethod
    def new(cls, *, destination: str, at: datetime) -> "Attempt":
        """A fresh attempt; the three secrets are drawn at random, 256 bits and more."""
        return cls(
            state=secrets.token_urlsafe(32),
            nonce=secrets.token_urlsafe(32),
            verifier=secrets.token_urlsafe(48),
            destination=destination,
            begun=int(at.timestamp()),
        )

    @property
    def cookie(self) -> str:
        """The name of the cookie this attempt travels in."""
        return cookie_for(self.state)

    def sealed(self) -> str:
        """The value of its cookie: readable by its browser, changed by nobody."""
        return signing.dumps(asdict(self), salt=SALT)


def cookie_for(state: str) -> str:
    """The cookie an attempt with this state would be in. Only letters, digits, - and _ of the state are used."""
    mark = "".join(letter for letter in state[:12] if letter.isascii() and (letter.isalnum() or letter in "-_"))
    return f"{settings.COOKIE_PREFIX}scolarite-essai-{mark}"


def unsealed(value: str | None, *, state: str, at: datetime) -> Attempt:
    """The attempt the browser brings back with the answer. Raises AttemptLost unless it is whole and recent."""
    try:
        attempt = Attempt(**signing.loads(value or "", salt=SALT))
    except (signing.BadSignature, TypeError) as error:
        raise AttemptLost("essai-absent") from error
    if not secrets.compare_digest(attempt.state.encode(), state.encode()):
        raise AttemptLost("essai-state")
    if not 0 <= at.timestamp() - attempt.begun + 1 <= LIVES.total_seconds():
        raise AttemptLost("essai-ancien")
    return attempt
