"""Passwords people choose, and temporary ones a machine makes. Pure rules."""

import secrets
import string
from dataclasses import dataclass

# No O, I, L, U, 0 or 1: what people confuse. 30 signs, 12 of them: 58.9 bits (single-use secrets need 58).
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
TEMPORARY_LENGTH = 12
SHORTEST = 12
PASSPHRASE = 16
LONGEST = 128  # bounds the work of the hash


@dataclass(frozen=True)
class Rule:
    """One line of the live checklist under the field."""

    key: str
    words: str


RULES = (
    Rule("length", "12 caractères au moins"),
    Rule("classes", "3 sortes de caractères (minuscules, majuscules, chiffres, signes), ou 16 caractères"),
    Rule("own", "ni nom, ni identifiant, ni date de naissance"),
    Rule("common", "pas un mot de passe courant"),
)


def make_temporary() -> str:
    """Twelve signs of an unambiguous alphabet: 58.9 bits."""
    return "".join(secrets.choice(ALPHABET) for _ in range(TEMPORARY_LENGTH))


def temporary_as_typed(typed: str) -> str:
    """What a person copied from paper: any case, with or without spaces and hyphens."""
    return "".join(c for c in typed.upper() if c not in string.whitespace + "-\u00a0\u202f")


def looks_temporary(typed: str) -> bool:
    """Has the shape of a temporary password (people type it in the username box)."""
    bare = temporary_as_typed(typed)
    return len(bare) == TEMPORARY_LENGTH and set(bare) <= set(ALPHABET) and any(c.isdigit() for c in bare)


def broken_rules(password: str, *, own_words: tuple[str, ...] = (), common: frozenset[str] = frozenset()) -> list[str]:
    """Keys of the rules `password` breaks. `own_words`: names, username, school, dates as people write them."""
    low = password.casefold()
    kinds = sum(
        any(test(c) for c in password) for test in (str.islower, str.isupper, str.isdigit, lambda c: not c.isalnum())
    )
    broken = []
    if not SHORTEST <= len(password) <= LONGEST:
        broken.append("length")
    if kinds < 3 and len(password) < PASSPHRASE:
        broken.append("classes")
    if any(len(word) >= 4 and word.casefold() in low for word in own_words):
        broken.append("own")
    if low in common or len(set(low)) < 5 or low.rstrip(string.digits + string.punctuation) in common:
        broken.append("common")
    return broken
