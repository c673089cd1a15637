"""How dirty the school's data are, and what families own. A rate without a source has three values, each played.

Rates with a source stand in preau/demo/crowd.py, measured on real bases (specification of the formats, § 1.3, 1.4):
missing mobiles and addresses, shared ones, usage names, persons typed twice, missing birth dates, one guardian or two.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from enum import StrEnum

from preau.demo import crowd


class Level(StrEnum):
    """Which of the three values every rate without a source takes."""

    LOW = "low"
    MIDDLE = "middle"
    HIGH = "high"


LEVEL_WORDS = {Level.LOW: "basses", Level.MIDDLE: "moyennes", Level.HIGH: "hautes"}


@dataclass(frozen=True, slots=True)
class Guess:
    """A rate nobody published: what it is the rate of, and the three values it is played at."""

    words: str
    low: float
    middle: float
    high: float

    def at(self, level: Level) -> float:
        """The value of a level."""
        return {Level.LOW: self.low, Level.MIDDLE: self.middle, Level.HIGH: self.high}[level]


@dataclass(frozen=True, slots=True)
class Guesses:
    """Every rate without a source. « High » is dirtier data, or families with fewer means: always harder."""

    old_mobile: Guess = Guess("a mobile of the base is old, or mistyped", 0.05, 0.10, 0.20)
    old_email: Guess = Guess("an address of the base is old, or mistyped", 0.05, 0.10, 0.20)
    foreign_mobile: Guess = Guess("a foreign mobile, to which no SMS is sent", 0.005, 0.015, 0.03)
    no_mobile_at_all: Guess = Guess("of those without a mobile in the base: truly have none", 0.20, 0.40, 0.60)
    no_email_at_all: Guess = Guess("of those without an address in the base: truly have none", 0.20, 0.40, 0.60)
    shared_for_real: Guess = Guess("of shared mobiles: one telephone for two indeed", 0.20, 0.40, 0.60)
    married_as_birth: Guess = Guess(
        "of mothers who bear the children’s name: another name at birth, which the base lacks", 0.10, 0.25, 0.40
    )
    writes_birth_name: Guess = Guess("of those with a usage name: write their birth name", 0.10, 0.15, 0.25)
    half_surname: Guess = Guess("of double surnames: the base has one half", 0.10, 0.25, 0.40)
    half_first_name: Guess = Guess("of compound first names: the base has the first only", 0.05, 0.15, 0.30)
    second_first_name: Guess = Guess(
        "the base has a second first name that the family does not write", 0.01, 0.03, 0.06
    )
    swapped_names: Guess = Guess("name and first name exchanged in the base", 0.002, 0.005, 0.01)
    mistyped_name: Guess = Guess("a wrong letter in a name of the base", 0.005, 0.01, 0.02)
    wrong_birth: Guess = Guess("a wrong birth date in the base (of a child)", 0.002, 0.005, 0.01)
    two_schools: Guess = Guess("of siblings: one is in another school", 0.15, 0.30, 0.50)
    slips: Guess = Guess("mistake one date the first time", 0.02, 0.05, 0.10)
    without_franceconnect: Guess = Guess("do not have FranceConnect", 0.15, 0.30, 0.50)
    franceconnect_second: Guess = Guess("of those who have it: try the mobile first", 0.30, 0.50, 0.70)
    used_name_unregistered: Guess = Guess("of usage names: FranceConnect does not know it", 0.30, 0.50, 0.70)
    no_letter: Guess = Guess("have no letter of the school in hand", 0.80, 0.90, 0.95)
    no_old_account: Guess = Guess("have no old account any more (ATEN, ENT)", 0.88, 0.94, 0.97)

    def __iter__(self) -> Iterator[Guess]:
        return (getattr(self, one.name) for one in fields(self))


GUESSES = Guesses()

# What the docs list beside them; the code that applies these is crowd.py's.
MEASURED: tuple[tuple[str, float, str], ...] = (
    ("no mobile", crowd.WITHOUT_MOBILE, "AGG-L, 55 of 2,025 guardians"),
    ("no address", crowd.WITHOUT_EMAIL, "AGG-L, 186 of 2,025"),
    ("neither", crowd.WITHOUT_BOTH, "AGG-L, 19 of 2,025"),
    ("mobile shared (of second guardians)", crowd.SHARED_MOBILE, "AGG-L, 50 mobiles"),
    ("address shared (of second guardians)", crowd.SHARED_EMAIL, "AGG-L, 307 addresses"),
    ("one legal guardian only", crowd.ONE_GUARDIAN, "AGG-L, 119 of 1,104 pupils"),
    ("a usage name given", crowd.USED_NAME, "AGG-L, 81 of 3,153 persons"),
    ("a pupil without birth date", crowd.WITHOUT_BIRTH_DATE, "ANON, 1 of 533"),
    ("a guardian typed twice (of siblings)", crowd.TYPED_TWICE, "AGG-L, 76 pairs, namesakes included"),
)
