"""The six digits of an authenticator (RFC 6238): a seed to scan, and which of its codes is good now."""

import hmac
from dataclasses import dataclass
from datetime import datetime

import pyotp
import segno

from preau.identity import keys
from preau.identity.factors.models import AuthenticatorFacts

STEP = 30
# RFC 6238 §5.2: one step on each side, for a clock that is a little off.
AROUND = 1


@dataclass(frozen=True)
class Seed:
    """A seed to be scanned or typed, in the one page that shows it."""

    base32: str
    uri: str

    @property
    def halves(self) -> tuple[str, str]:
        """The key in two lines: one would not stand on a phone."""
        middle = len(self.base32) // 2
        return self.base32[:middle], self.base32[middle:]

    @property
    def square(self) -> str:
        """The square to scan, as the address of a picture (``data:``)."""
        return str(segno.make(self.uri, error="m").svg_data_uri(scale=4, border=2))


def new_seed() -> str:
    """160 random bits in base 32 (RFC 4226 §4: R6)."""
    return pyotp.random_base32()


def shown(base32: str, *, name: str) -> Seed:
    """The seed as its holder sees it; `name` is what the authenticator will call it."""
    return Seed(base32, pyotp.TOTP(base32, interval=STEP).provisioning_uri(name=name, issuer_name="Préau"))


def seal(purpose: str, base32: str) -> bytes:
    """The seed encrypted under the key of `purpose`."""
    return keys.encrypt(purpose, base32.encode())


def unseal(purpose: str, kept: AuthenticatorFacts) -> str:
    """The seed of an authenticator. Raises `keys.CannotDecrypt`."""
    return keys.decrypt(purpose, bytes(kept.sealed_seed)).decode()


def step_of(base32: str, typed: str, *, after: int, at: datetime) -> int | None:
    """The step whose code was typed, among now and its neighbours; None when wrong, or not later than `after`."""
    code = "".join(typed.split())
    now, otp, found = int(at.timestamp()) // STEP, pyotp.TOTP(base32, interval=STEP), None
    for step in range(now - AROUND, now + AROUND + 1):
        # RFC 6238 §5.2: the verifier must not accept the second attempt of a code.
        if hmac.compare_digest(otp.generate_otp(step).encode(), code.encode()) and step > after:
            found = step
    return found
