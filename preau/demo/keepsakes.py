"""What the demo keeps in clear, in its own folder, so that its people can be played: passwords, letters, TOTP seeds.

Préau itself keeps none of these. The file is readable by its owner only, and lives under the git-ignored `var/`.
"""

import json
import os
import secrets
from pathlib import Path

from preau.demo import names

_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


class Keepsakes:
    """Secrets by person and by kind, written at each change: a town that is stopped half-way resumes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._kept: dict[str, dict[str, str]] = json.loads(path.read_text("utf-8")) if path.exists() else {}

    def get(self, who: str, what: str) -> str:
        """The secret, or nothing."""
        return self._kept.get(who, {}).get(what, "")

    def keep(self, who: str, what: str, secret: str) -> str:
        """Write a secret down; returns it."""
        self._kept.setdefault(who, {})[what] = secret
        self.path.parent.mkdir(parents=True, exist_ok=True)
        write_privately(self.path, json.dumps(self._kept, indent=2, ensure_ascii=False))
        return secret

    def password(self, who: str) -> str:
        """Their password, made the first time: three words one can type, and a number."""
        return self.get(who, "password") or self.keep(who, "password", _passphrase())

    def totp_seed(self, who: str) -> str:
        """Their authenticator's seed, made the first time: 32 signs of base 32 (RFC 4226 wants 160 bits)."""
        return self.get(who, "totp_seed") or self.keep(who, "totp_seed", "".join(map(secrets.choice, [_BASE32] * 32)))


def _passphrase() -> str:
    streets = [word.lower() for street in names.STREETS for word in street.split() if word.isascii() and word.isalpha()]
    words = sorted({word for word in streets if 4 < len(word) < 9})
    return "-".join([*secrets.SystemRandom().sample(words, 3), str(secrets.randbelow(90) + 10)])


def write_privately(path: Path, text: str) -> None:
    """Write a file that only its owner reads, all of it or nothing."""
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    beside.touch(mode=0o600)
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)
