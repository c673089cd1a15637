"""The usual mistakes at the door, seen by their shape alone: nobody is looked for, and whoever is known hears the same.

Said after a refusal, beside it: what was typed may still be right for an account made elsewhere.
"""

import re
import string
import unicodedata
from enum import StrEnum

from preau.identity.accounts import passwords, usernames


class Mistake(StrEnum):
    """What may have happened: one sentence each (signin/forms.py)."""

    SAME = "same"  # the username in both boxes
    DATE = "date"  # a birth date for a password
    CONFUSED = "confused"  # a temporary password with signs that none has
    CAPITALS = "capitals"  # all in capitals: the key that locks them
    BLANKS = "blanks"  # a blank before or after the password
    NAME = "name"  # a whole name, or a phone number, for a username


_DATE = re.compile(r"^\d{1,2}[/. -]?\d{1,2}[/. -]?(?:\d{2}|\d{4})$|^(?:19|20)\d\d-?\d\d-?\d\d$")
_NEVER_DRAWN = set(string.ascii_uppercase + string.digits) - set(passwords.ALPHABET)


def seen(*, username: str, password: str) -> Mistake | None:
    """The likeliest mistake, or None."""
    if usernames.normalised(password) == usernames.normalised(username):
        return Mistake.SAME
    if _DATE.match(password.strip()):
        return Mistake.DATE
    if _is_a_miscopied_temporary(password):
        return Mistake.CONFUSED
    if password.isupper() and not passwords.looks_temporary(password):
        return Mistake.CAPITALS
    if password != password.strip():
        return Mistake.BLANKS
    bare = unicodedata.normalize("NFKC", username).strip()
    if "." not in bare and (" " in bare or sum(c.isdigit() for c in bare) >= 9):
        return Mistake.NAME
    return None


def _is_a_miscopied_temporary(password: str) -> bool:
    """Twelve capitals and figures as on a letter, with an O, a 0, an I, an L, a U or a 1, which no letter has."""
    bare = passwords.temporary_as_typed(password)
    has_both = any(c.isdigit() for c in bare) and any(c.isalpha() for c in bare)
    is_one = len(bare) == passwords.TEMPORARY_LENGTH and bare.isascii() and bare.isalnum() and has_both
    return is_one and password == password.upper() and bool(set(bare) & _NEVER_DRAWN)
