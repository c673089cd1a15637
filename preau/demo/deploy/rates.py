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

    old_mobile: Guess = Guess("mobile de la base ancien ou mal tapé", 0.05, 0.10, 0.20)
    old_email: Guess = Guess("courriel de la base ancien ou mal tapé", 0.05, 0.10, 0.20)
    foreign_mobile: Guess = Guess("mobile étranger, que la passerelle ne sert pas", 0.005, 0.015, 0.03)
    no_mobile_at_all: Guess = Guess(
        "parmi ceux sans mobile dans la base\u00a0: n’en ont vraiment pas", 0.20, 0.40, 0.60
    )
    no_email_at_all: Guess = Guess(
        "parmi ceux sans courriel dans la base\u00a0: n’en ont vraiment pas", 0.20, 0.40, 0.60
    )
    shared_for_real: Guess = Guess("parmi les mobiles communs\u00a0: un seul téléphone pour deux", 0.20, 0.40, 0.60)
    married_as_birth: Guess = Guess(
        "mères au nom des enfants\u00a0: ce nom est d’usage, écrit comme de naissance", 0.10, 0.25, 0.40
    )
    writes_birth_name: Guess = Guess("ont un nom d’usage et écrivent leur nom de naissance", 0.10, 0.15, 0.25)
    half_surname: Guess = Guess("noms doubles dont la base n’a qu’une moitié", 0.10, 0.25, 0.40)
    half_first_name: Guess = Guess("prénoms composés dont la base n’a que le premier", 0.05, 0.15, 0.30)
    second_first_name: Guess = Guess("la base a un second prénom que la famille n’écrit pas", 0.01, 0.03, 0.06)
    swapped_names: Guess = Guess("nom et prénom inversés dans la base", 0.002, 0.005, 0.01)
    mistyped_name: Guess = Guess("une lettre fausse dans le nom ou le prénom de la base", 0.005, 0.01, 0.02)
    wrong_birth: Guess = Guess("date de naissance fausse dans la base (par enfant)", 0.002, 0.005, 0.01)
    two_schools: Guess = Guess("fratries dont un enfant est dans un autre établissement", 0.15, 0.30, 0.50)
    slips: Guess = Guess("se trompent d’une date la première fois", 0.02, 0.05, 0.10)
    without_franceconnect: Guess = Guess("n’ont pas FranceConnect", 0.15, 0.30, 0.50)
    franceconnect_second: Guess = Guess("ont FranceConnect mais essaient d’abord le mobile", 0.30, 0.50, 0.70)
    used_name_unregistered: Guess = Guess("nom d’usage que FranceConnect ne connaît pas", 0.30, 0.50, 0.70)
    no_letter: Guess = Guess("n’ont pas en main de lettre de l’établissement", 0.80, 0.90, 0.95)
    no_old_account: Guess = Guess("n’ont plus d’ancien compte ATEN ou ENT", 0.88, 0.94, 0.97)

    def __iter__(self) -> Iterator[Guess]:
        return (getattr(self, one.name) for one in fields(self))


GUESSES = Guesses()

# What the docs list beside them; the code that applies these is crowd.py's.
MEASURED: tuple[tuple[str, float, str], ...] = (
    ("sans mobile", crowd.WITHOUT_MOBILE, "55 de 2\u202f025 responsables (AGG-L)"),
    ("sans courriel", crowd.WITHOUT_EMAIL, "186 de 2\u202f025 (AGG-L)"),
    ("ni l’un ni l’autre", crowd.WITHOUT_BOTH, "19 de 2\u202f025 (AGG-L)"),
    ("mobile commun à deux responsables (par second responsable)", crowd.SHARED_MOBILE, "50 mobiles (AGG-L)"),
    ("courriel commun (par second responsable)", crowd.SHARED_EMAIL, "307 adresses (AGG-L)"),
    ("un seul responsable légal", crowd.ONE_GUARDIAN, "119 de 1\u202f104 élèves (AGG-L)"),
    ("nom d’usage renseigné", crowd.USED_NAME, "81 de 3\u202f153 personnes (AGG-L)"),
    ("élève sans date de naissance", crowd.WITHOUT_BIRTH_DATE, "1 de 533 (ANON)"),
    ("responsable saisi deux fois (par fratrie)", crowd.TYPED_TWICE, "76 paires (AGG-L), homonymes compris"),
)
