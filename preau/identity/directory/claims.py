"""Which record somebody claims to be theirs, and whether what they know proves it. Pure rules.

Nobody is searched by name: a claim begins with a number that a code was sent to, or with a child named in one school.
The name then only chooses among the records found so, and where it does not choose, nobody is chosen: unless one person
alone was found, whose first name agrees.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum
from itertools import combinations

from preau.identity.directory import names


class Agreement(IntEnum):
    """How well a name given agrees with the one of a record."""

    NONE = 0
    CLOSE = 1  # one name of two, one given name of several, name and first name inverted
    EXACT = 2


@dataclass(frozen=True, slots=True)
class Child:
    """A pupil one answers for today. `kinship` is the base's code: 10 mother, 20 father…"""

    pupil: int
    birth_on: date | None
    kinship: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """One guardian's record, the account it belongs to, and the children it gives a right to today."""

    account: int
    guardian: int
    school: str
    birth_name: str
    used_name: str
    first_name: str
    title: str = ""
    children: frozenset[Child] = field(default_factory=frozenset)

    @property
    def births(self) -> frozenset[date | None]:
        """The dates that prove it; None stands for a child without one."""
        return frozenset(child.birth_on for child in self.children)


@dataclass(frozen=True, slots=True)
class Named:
    """How somebody names themselves: every surname and every set of given names they answer to."""

    surnames: frozenset[str]
    first_names: frozenset[str]
    title: str = ""

    @classmethod
    def typed(cls, surname: str, first_name: str) -> "Named":
        """As written in the two boxes of a form."""
        return cls(frozenset({names.fold(surname)}), frozenset({names.fold(first_name)}))


def agreement(record: Record, who: Named) -> Agreement:
    """How well `who` agrees with the record. A civility that contradicts the record's is no agreement at all."""
    if who.title and record.title and who.title != record.title:
        return Agreement.NONE
    theirs, first = names.surnames(record.birth_name, record.used_name), names.fold(record.first_name)
    surname = max((_words_agree(a, b) for a in theirs for b in who.surnames), default=Agreement.NONE)
    given = max((_given_agree(first, b) for b in who.first_names), default=Agreement.NONE)
    if surname and given:
        return min(surname, given)
    # The two boxes filled the wrong way round, by the family or by the school.
    inverted = theirs & who.first_names and first in who.surnames
    return Agreement.CLOSE if inverted else Agreement.NONE


def claimed(records: Iterable[Record], who: Named) -> tuple[Record, ...]:
    """The records of the one person `who` may be, or none when nobody is, or when it may be several people.

    `records` are those found by something else than a name. Several are returned only if they can all be one person's.
    A record that bears the exact first name is theirs too, however the base writes the surname (a name of birth that
    nobody writes, half of a double one: docs/decisions/0012), unless somebody of another first name was found and no
    surname agrees.
    """
    judged = [(record, agreement(record, who)) for record in records]
    best = max((found for _, found in judged), default=Agreement.NONE)
    named = [record for record, found in judged if found is best and best is not Agreement.NONE]
    alike = [record for record, _ in judged if record not in named and _bears_first_name(record, who)]
    if not named and len(alike) < len(judged):
        return ()
    if not all(may_be_one_person(one, other) for one, other in combinations(named, 2)):
        return ()
    everything = [*named, *alike]
    is_one = all(_may_share_a_number(one, other) for one, other in combinations(everything, 2))
    return tuple(sorted(everything if is_one else named, key=lambda record: record.guardian))


def _bears_first_name(record: Record, who: Named) -> bool:
    first = names.fold(record.first_name)
    is_hers = any(_given_agree(first, given) is Agreement.EXACT for given in who.first_names)
    return is_hers and not (who.title and record.title and who.title != record.title)


def _may_share_a_number(one: Record, other: Record) -> bool:
    """Two records of one number and one first name: one person written twice, unless both answer for one pupil."""
    is_one_title = not (one.title and other.title) or one.title == other.title
    shared = {child.pupil for child in one.children} & {child.pupil for child in other.children}
    return one.account == other.account or (is_one_title and (not shared or may_be_one_person(one, other)))


def proven(records: Collection[Record], dates: frozenset[date]) -> frozenset[int]:
    """The accounts that `dates` open, out of those one person claims; empty when the dates are wrong or not enough.

    All the children of all the records: everything is theirs. All those of one account alone: that one only. Never
    when a birth date is missing in the base: the school's counter decides.
    """
    if not records or not dates:
        return frozenset()
    of_account: dict[int, frozenset[date | None]] = {}
    for record in records:
        of_account[record.account] = of_account.get(record.account, frozenset()) | record.births
    if dates == frozenset().union(*of_account.values()):
        return frozenset(of_account)
    opened = frozenset(account for account, births in of_account.items() if births and dates == births)
    return opened if len(opened) == 1 else frozenset()


def may_be_one_person(one: Record, other: Record) -> bool:
    """Two records of two accounts: one name, no two civilities, and not two guardians of one pupil."""
    if one.account == other.account:
        return True
    surnames = names.surnames(one.birth_name, one.used_name) & names.surnames(other.birth_name, other.used_name)
    same_name = bool(surnames) and names.fold(one.first_name) == names.fold(other.first_name)
    same_title = not (one.title and other.title) or one.title == other.title
    # A child who changes school brings one guardian twice, under one kinship; two guardians of a child are two people.
    kinship = {child.pupil: child.kinship for child in one.children}
    same_kin = all(kinship.get(child.pupil, child.kinship) == child.kinship for child in other.children)
    twice_in_one_school = one.school == other.school and kinship.keys() & {child.pupil for child in other.children}
    return same_name and same_title and same_kin and not twice_in_one_school


def _words_agree(one: str, other: str) -> Agreement:
    """`LE GOFF` and `LE GOFF`; or `BELKACEM` and `BELKACEM MARTIN`, either way."""
    if not one or not other:
        return Agreement.NONE
    if one.replace(" ", "") == other.replace(" ", ""):
        return Agreement.EXACT
    shorter, longer = sorted((one.split(), other.split()), key=len)
    # A particle alone (LE, DE) names nobody.
    tells = any(len(word) > 3 for word in shorter)
    return Agreement.CLOSE if tells and _follows(shorter, longer) else Agreement.NONE


def _given_agree(one: str, other: str) -> Agreement:
    """`JEAN PAUL` and `JEANPAUL`; or `MARIE` and `MARIE CLAIRE`, either way."""
    if not one or not other:
        return Agreement.NONE
    if one.replace(" ", "") == other.replace(" ", ""):
        return Agreement.EXACT
    shorter, longer = sorted((one.split(), other.split()), key=len)
    return Agreement.CLOSE if _follows(shorter, longer) else Agreement.NONE


def _follows(shorter: list[str], longer: list[str]) -> bool:
    """The words of the one stand side by side in the other."""
    return any(longer[start : start + len(shorter)] == shorter for start in range(len(longer) - len(shorter) + 1))
