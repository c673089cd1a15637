"""Passwords everybody tries first, and the words a person should not build theirs from."""

from datetime import date
from functools import cache
from pathlib import Path

from preau.identity.accounts.models import Account
from preau.identity.directory import names
from preau.identity.signin.help import school_of

_LIST = Path(__file__).with_name("data") / "common_passwords.txt"


@cache
def common() -> frozenset[str]:
    """The list, in lower case. Its first lines say where it comes from."""
    lines = _LIST.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("# "))


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
