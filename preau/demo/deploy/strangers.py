"""Those who know parts of a family, and try to get in before it: none may. Those whom no proof tells apart: counted.

Each says what they know and what they hold; they walk the same pages as families (walkers.py), and guess what they were
not given. They come first: whoever protects a family must do it while nothing is activated yet.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from random import Random

from preau.demo.deploy.families import Household
from preau.demo.deploy.strict import Way
from preau.demo.deploy.walkers import Knowledge, address_of, citizen_of, login_of

ONE_IN = 6  # families whom a stranger tries
_FIRST_NUMBER = 0  # the hundred mobiles of fiction that the demo's cast has, and no family here
_FIRST_ADDRESS = 70_000


class Kind(StrEnum):
    """What sort of stranger."""

    NAMESAKE = "namesake"
    FORMER_SPOUSE = "former_spouse"
    CLASSMATE = "classmate"
    SECRETARY = "secretary"
    ALL_BUT_THE_PHONE = "all_but_the_phone"
    OTHER_GUARDIAN = "other_guardian"
    HOMONYM = "homonym"


@dataclass(frozen=True)
class Stranger:
    """One who tries: as what, against whom, with what. `own` are the records that are rightly theirs."""

    kind: Kind
    victim: Household
    knows: Knowledge
    ways: tuple[Way, ...]
    own: frozenset[tuple[str, int]] = frozenset()

    @property
    def holds(self) -> str:
        """What of the family's own is in their hands; "" when they only know."""
        phone, mailbox = self.victim.mobile in self.knows.phones, self.victim.email in self.knows.mailboxes
        held = [words for words, is_held in (("telephone", phone), ("mailbox", mailbox)) if is_held]
        return " and ".join(held)

    @property
    def is_beyond_proof(self) -> bool:
        """They hold what the family would show, the telephone or the very civil status: nothing tells them apart."""
        return self.kind is Kind.HOMONYM or "telephone" in self.holds

    @property
    def citizen(self) -> dict[str, str]:
        """Who FranceConnect says they are: a namesake of the same civility, or somebody else entirely."""
        register = citizen_of(self.victim) | {"login": self.knows.login, "who": "quelqu’un d’autre", "email": ""}
        if self.kind in (Kind.NAMESAKE, Kind.HOMONYM):
            return register
        return register | {"family_name": "INCONNU", "used_name": "", "given_names": "Alix"}


def against(households: list[Household], usernames: dict[tuple[str, int], str]) -> Iterator[Stranger]:
    """One family in six has its stranger, of a kind drawn by its number; a shared mobile, the other guardian.

    `usernames`: of each record of the base, which a secretary can read on the desk's lists.
    """
    kinds = tuple(Kind)
    for rank, victim in enumerate(households):
        if victim.partner is not None and _is_mobile_common(victim):
            yield _made(Kind.OTHER_GUARDIAN, victim, usernames)
        elif rank % ONE_IN == 0:
            kind = Random(f"stranger/{victim.number}").choice(kinds)
            kind = Kind.ALL_BUT_THE_PHONE if kind is Kind.OTHER_GUARDIAN and victim.partner is None else kind
            yield _made(kind, victim, usernames)


def _is_mobile_common(victim: Household) -> bool:
    """The base gives one number to both, or both hold one telephone, whether or not the base knows."""
    assert victim.partner is not None
    is_one_phone = bool(victim.mobile) and victim.partner.mobile == victim.mobile
    return is_one_phone or any(one.is_mobile_shared for one in victim.records)


def _made(kind: Kind, victim: Household, usernames: dict[tuple[str, int], str]) -> Stranger:
    own_number = f"+3363998{_FIRST_NUMBER + victim.number % 100:04d}"
    own_address = f"inconnu.{victim.number}@example.org"
    everything = replace(
        Knowledge.of(victim),
        address=address_of(_FIRST_ADDRESS + victim.number),
        login=f"{login_of(victim)}-{kind}",
        phones=[own_number],
        mailboxes=[own_address],
        slips=False,
        guesses=True,
        seen=set(),
    )
    anonymous = tuple(replace(child, born_on=child.born_on + timedelta(days=40)) for child in victim.children)
    franceconnect, mobile, letter = Way.FRANCECONNECT, Way.MOBILE, Way.LETTER
    record = victim.records[0] if victim.records else None
    if kind is Kind.NAMESAKE:
        knows = replace(everything, mobile=own_number, email=own_address, children=anonymous)
        return Stranger(kind, victim, knows, (mobile, franceconnect))
    if kind is Kind.FORMER_SPOUSE:
        return Stranger(kind, victim, everything, (mobile, franceconnect))
    if kind is Kind.CLASSMATE:
        guessed = f"{victim.first_name[:1]}.{victim.writes_surname}".lower()
        knows = replace(everything, children=victim.children[:1], letter=(guessed, "AAAA BBBB CCCC"))
        return Stranger(kind, victim, knows, (mobile, letter))
    if kind is Kind.SECRETARY and record is not None:
        known = replace(
            everything, surname=record.birth_name, first_name=record.first_name, mobile=record.mobile or own_number,
            email=record.email, letter=(usernames.get((record.school, record.key), ""), "42V7 ZJ7E XPC6"),
        )  # fmt: skip
        return Stranger(kind, victim, known, (mobile, letter, franceconnect))
    if kind is Kind.OTHER_GUARDIAN and victim.partner is not None:
        partner = victim.partner
        held = replace(
            everything,
            mobile=next((one.mobile for one in victim.records if one.is_mobile_shared), "")
            or partner.mobile
            or own_number,
            phones=[partner.mobile or own_number],
            mailboxes=[partner.email or own_address],
            email=partner.email or own_address,
        )
        return Stranger(kind, victim, held, (mobile,), frozenset(partner.records))
    knows = replace(everything, mobile=own_number)
    kind = kind if kind is Kind.HOMONYM else Kind.ALL_BUT_THE_PHONE
    return Stranger(kind, victim, knows, (mobile, franceconnect))
