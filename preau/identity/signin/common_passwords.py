"""Passwords everybody tries first, and the words a person should not build theirs from."""

import gzip
from datetime import date
from functools import cache
from pathlib import Path

import django

from preau.identity.accounts.models import Account
from preau.identity.directory import names
from preau.identity.signin import guessable, leaked_passwords
from preau.identity.signin.guessable import Weakness
from preau.identity.signin.help import school_of

_OURS = Path(__file__).with_name("data") / "common_passwords.txt"
# Twenty thousand, by frequency in published leaks (Royce Williams; BSD licence). The file only, not the application.
_DJANGO_S = Path(django.__file__).with_name("contrib") / "auth" / "common-passwords.txt.gz"


@cache
def common() -> frozenset[str]:
    """The lists, in lower case. The first lines of ours say where it comes from."""
    lines = [*_OURS.read_text(encoding="utf-8").splitlines(), *_django_s()]
    return frozenset(line for line in lines if line and not line.startswith("# "))


def weakness(password: str) -> Weakness | None:
    """Why `password` would soon be guessed, or None: from the lists of the house and the operator's, no network."""
    return guessable.weakness(password, is_known=_is_known)


def _is_known(word: str) -> bool:
    return word in common() or leaked_passwords.is_leaked(word)


def _django_s() -> list[str]:
    with gzip.open(_DJANGO_S, "rt", encoding="utf-8") as file:
        return file.read().split()


def own_words(account: Account, *, day: date) -> tuple[str, ...]:
    """Names, username, school and birth dates of the holder and their children, in the ways people write them."""
    holder = account.holder()
    people = [holder] if holder else []
    births: list[date] = []
    if account.pupil is not None:
        births = [account.pupil.birth_on] if account.pupil.birth_on else []
    else:
        links = account.guardianships(day)
        people += [link.enrolment.pupil for link in links]
        births = [link.enrolment.pupil.birth_on for link in links if link.enrolment.pupil.birth_on]
    school = school_of(account, day=day)
    words = [account.username, school.uai if school else ""]
    for person in people:
        for name in (person.birth_name, person.used_name, person.first_name):
            words += [name, *names.fold(name).split()]
    for birth in births:
        words += [birth.strftime(form) for form in ("%d%m%Y", "%d/%m/%Y", "%d-%m-%Y", "%Y%m%d", "%Y-%m-%d", "%d%m%y")]
    return tuple({word for word in words if len(word) >= 4})
