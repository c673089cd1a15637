"""The families of a deployment: what is true of each, and what the school's base says of them. Pure and seeded.

The crowd (preau/demo/crowd.py) gives a base as measured on real ones; here each of its guardians becomes a person, with
the phone they really have and the names they really bear, and the base gets what nobody measured (rates.py). A family
is a household: separated parents are two, parents who live together send one of them.
"""
# size: one short rule per way a base goes wrong, read as a list

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import count
from random import Random
from string import ascii_uppercase

from preau.demo import crowd, names
from preau.demo.crowd import Crowd
from preau.demo.deploy.rates import GUESSES, Guess, Level
from preau.demo.rows import CHILD_WELFARE, LEGAL, Family, GuardianRow, PupilRow, SchoolBase, SchoolRow, uai_with_key
from preau.demo.school_files import ENCODING
from preau.identity.imports import contacts

SCHOOL_NAMES = (
    "DES TILLEULS", "DU VIEUX PUITS", "DE LA GARENNE", "DES QUATRE VENTS", "DU MOULIN", "DE LA PRAIRIE",
    "DES MARRONNIERS", "DU LAVOIR", "DE LA FONTAINE", "DES GLYCINES", "DU VERGER", "DE LA TOUR",
)  # fmt: skip
FAMILIES_PER_SCHOOL = 500
FIRST_COMES = 0.8  # parents who live together: the one written first comes, four times out of five
_FIRST_SCHOOL = 991_500
_ELSEWHERE = 5_000_000  # another school knows the same people under other numbers (formats, § 1.4)
# NANPA keeps 555-0100 to 555-0199 for fiction in each of these area codes.
_FOREIGN = ("202", "212", "213", "301", "305", "312", "404", "415", "503", "512", "617", "702", "713", "818", "919")
_FICTION = 9_900

Human = tuple[str, str]


class TooManyFamilies(ValueError):
    """ARCEP keeps only ten thousand mobiles for fiction: about 5,000 families at the middle level."""


@dataclass(frozen=True, slots=True)
class Child:
    """A child of today, in truth."""

    key: int
    school: str
    school_name: str
    first_name: str
    born_on: date


@dataclass(frozen=True, slots=True)
class Recorded:
    """What one school's base says of a guardian. `births`: of the children it links to them today, as it has them."""

    school: str
    key: int
    birth_name: str
    used_name: str
    first_name: str
    mobile: str
    email: str
    births: tuple[date | None, ...]
    true_births: tuple[date, ...]
    is_legal: bool = True
    is_mobile_shared: bool = False


@dataclass(frozen=True, slots=True)
class Partner:
    """The other legal guardian, of that home or of another: the phone and mailbox they hold, and their own records."""

    mobile: str
    email: str
    records: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Household:
    """The guardian who comes for a household: what is true of them, what they hold, and what the base says."""

    number: int
    title: str
    birth_name: str
    used_name: str
    given_names: tuple[str, ...]
    writes_surname: str
    mobile: str
    email: str
    children: tuple[Child, ...]
    records: tuple[Recorded, ...]
    has_franceconnect: bool
    is_franceconnect_first: bool
    is_used_name_registered: bool
    has_letter: bool
    has_old_account: bool
    slips: bool
    partner: "Partner | None" = None

    @property
    def first_name(self) -> str:
        """The one they write."""
        return self.given_names[0]

    @property
    def reach_of_partner(self) -> list[str]:
        """Where the other guardian reads."""
        return [one for one in (self.partner.mobile, self.partner.email) if one] if self.partner else []


@dataclass
class Town:
    """The schools' bases and the households."""

    bases: list[SchoolBase] = field(default_factory=list)
    households: list[Household] = field(default_factory=list)


def town(*, families: int, seed: int, level: Level, on: date, year: int) -> Town:
    """`families` households in as many schools as they need. The same arguments give the same town.

    Raises `TooManyFamilies`.
    """
    return _Maker(families, seed, level, on, year).make()


@dataclass
class _Person:
    """A human of a family, in truth."""

    title: str
    birth_name: str
    used_name: str
    given_names: tuple[str, str]
    mobile: str = ""
    email: str = ""


@dataclass
class _Part:
    """A family as one school has it: pupils, each guardian's row with who it is."""

    uai: str
    pupils: list[PupilRow]
    guardians: list[tuple[Human, GuardianRow]]


@dataclass
class _Chance:
    """Whether something happens, at the level played."""

    dice: Random
    level: Level

    def of(self, guess: Guess) -> bool:
        """Drawn anew each time."""
        return self.dice.random() < guess.at(self.level)


class _Maker:
    """Takes a family from each school's crowd in turn, until there are enough households."""

    def __init__(self, families: int, seed: int, level: Level, on: date, year: int) -> None:
        self.families, self.seed, self.level, self.on, self.year = families, seed, level, on, year
        self.numbers, self.foreigners = count(), count()
        schools = max(2, -(-families // FAMILIES_PER_SCHOOL))
        self.schools = [_school(rank) for rank in range(schools)]
        self.crowds = [Crowd(max(40, families * 3 // schools), seed, year, on, school.uai) for school in self.schools]
        self.names = {school.uai: school_name(school) for school in self.schools}
        self.kept: dict[str, list[Family]] = {school.uai: [] for school in self.schools}
        self.households: list[Household] = []

    def make(self) -> Town:
        """All of it."""
        walks: list[Iterator[Family]] = [iter(one) for one in self.crowds]
        for number in count():
            if len(self.households) >= self.families:
                break
            rank = number % len(walks)
            chance = _Chance(Random(f"{self.seed}/deploy/{number}"), self.level)
            self._family(next(walks[rank]), rank, chance)
        bases = [
            SchoolBase(
                school=school, year=self.year, on=self.on, divisions=one.divisions,
                families=tuple(self.kept[school.uai]), staff=one.staff(),
            )
            for school, one in zip(self.schools, self.crowds, strict=True)
        ]  # fmt: skip
        return Town(bases, self.households)

    def _family(self, family: Family, rank: int, chance: _Chance) -> None:
        if not any(pupil.is_active_on(self.on) for pupil in family.pupils):
            # They left: their numbers would only eat those of fiction.
            silent = [replace(row, mobile="", home_phone="", work_phone="") for row in family.guardians]
            gone = tuple(replace(pupil, mobile="") for pupil in family.pupils)
            self.kept[self.schools[rank].uai].append(Family(gone, tuple(silent)))
            return
        people = self._people(family, chance)
        births = {pupil.key: pupil.birth_on or _some_day(self.year, pupil.key) for pupil in family.pupils}
        pupils = [self._typed_pupil(pupil, chance) for pupil in family.pupils]
        parts = [_Part(self.schools[rank].uai, pupils, [(_human(row), row) for row in family.guardians])]
        if sum(pupil.is_active_on(self.on) for pupil in pupils) > 1 and chance.of(GUESSES.two_schools):
            parts.append(self._moved(parts[0], self.schools[(rank + 1) % len(self.schools)].uai))
        for part in parts:
            part.guardians = [(human, self._typed(row, people[human], chance)) for human, row in part.guardians]
            self.kept[part.uai].append(Family(tuple(part.pupils), tuple(row for _, row in part.guardians)))
        for human, partner in self._who_come(family, chance.dice):
            if len(self.households) < self.families:
                beside = _partner(people[partner], partner, parts) if partner else None
                self._household(human, people[human], beside, parts, births, chance)

    # In truth -------------------------------------------------------------------------------------------------------
    def _people(self, family: Family, chance: _Chance) -> dict[Human, _Person]:
        """The true mobile, address and names of everybody the base knows."""
        people: dict[Human, _Person] = {}
        numbers: dict[str, str] = {}
        for row in family.guardians:
            if _human(row) in people:
                continue
            person = people[_human(row)] = self._named(row, family.pupils[0].birth_name, chance)
            in_base = _fiction(row)
            if in_base in numbers and not chance.of(GUESSES.shared_for_real):
                person.mobile = self._number()  # the secretariat typed the other parent's
            elif in_base:
                numbers[in_base] = person.mobile = numbers.get(in_base) or self._number(chance)
            elif not chance.of(GUESSES.no_mobile_at_all):
                person.mobile = self._number()
            anew = f"p{row.key}.{len(self.households)}@example.org"
            if row.email:
                person.email = anew if chance.of(GUESSES.old_email) else row.email
            elif not chance.of(GUESSES.no_email_at_all):
                person.email = anew
        return people

    def _named(self, row: GuardianRow, surname: str, chance: _Chance) -> _Person:
        """A mother who bears the children's name in the base often had another at birth."""
        is_woman = row.title == "MME"
        birth_name, used_name = row.birth_name, row.used_name
        if is_woman and birth_name == surname and not used_name and chance.of(GUESSES.married_as_birth):
            birth_name, used_name = _other(names.GENERAL.families, surname, chance.dice), birth_name
        second = _other(names.GENERAL.women if is_woman else names.GENERAL.men, row.first_name, chance.dice)
        return _Person(row.title, birth_name, used_name, (row.first_name, second))

    def _number(self, chance: _Chance | None = None) -> str:
        if chance is not None and chance.of(GUESSES.foreign_mobile):
            rank = next(self.foreigners)
            return f"+1{_FOREIGN[rank // 100 % len(_FOREIGN)]}55501{rank % 100:02d}"
        rank = next(self.numbers)
        if rank >= _FICTION:
            raise TooManyFamilies("no mobile of fiction is left")
        return crowd.mobile(rank)

    # In the base ----------------------------------------------------------------------------------------------------
    @staticmethod
    def _typed_pupil(pupil: PupilRow, chance: _Chance) -> PupilRow:
        """A pupil's own mobile is left out: fiction has few, and no guardian's journey reads it."""
        if pupil.birth_on and chance.of(GUESSES.wrong_birth):
            pupil = replace(pupil, birth_on=_near(pupil.birth_on))
        return replace(pupil, mobile="")

    def _typed(self, row: GuardianRow, person: _Person, chance: _Chance) -> GuardianRow:
        """What the secretariat wrote of this person, this time."""
        if not person.title and row.first_name == "SERVICE":
            return row
        if _fiction(row):
            number = self._number() if chance.of(GUESSES.old_mobile) else person.mobile
            row = _with_number(row, crowd.national(number) if row.mobile.startswith("0") else number)
        first, last, dice = row.first_name, row.birth_name, chance.dice
        surnames, given = _words(last), _words(first)
        if len(surnames) > 1 and min(map(len, surnames)) > 3 and chance.of(GUESSES.half_surname):
            last = surnames[0]
        if len(given) > 1 and chance.of(GUESSES.half_first_name):
            first = given[0]
        elif len(given) == 1 and chance.of(GUESSES.second_first_name):
            first = f"{first} {person.given_names[1]}"
        if chance.of(GUESSES.mistyped_name):
            last = _mistyped(last, dice)
        if chance.of(GUESSES.swapped_names):
            first, last = last, first
        return replace(row, first_name=first, birth_name=last)

    def _moved(self, part: _Part, uai: str) -> _Part:
        """The last child of today goes to another school, which types the same people anew; `part` loses them."""
        moved = [pupil for pupil in part.pupils if pupil.is_active_on(self.on)][-1]
        part.pupils = [pupil for pupil in part.pupils if pupil is not moved]
        own = {link.guardian_key for link in moved.links}
        links = tuple(replace(link, guardian_key=link.guardian_key + _ELSEWHERE) for link in moved.links)
        guardians = [
            (human, replace(row, key=row.key + _ELSEWHERE, address=None))
            for human, row in part.guardians
            if row.key in own
        ]
        return _Part(uai, [replace(moved, key=moved.key + _ELSEWHERE, links=links, division="")], guardians)

    # Who comes ------------------------------------------------------------------------------------------------------
    def _who_come(self, family: Family, dice: Random) -> list[tuple[Human, Human | None]]:
        """One legal guardian per home where a child of today has one, and the other guardian, of that home or not.

        A level the base lost (None) is a guardian in truth.
        """
        rows = {row.key: row for row in family.guardians}
        homes: dict[bool, list[Human]] = {}
        for pupil in family.pupils:
            for link in pupil.links:
                is_legal = link.level in (LEGAL, None) and link.kinship != CHILD_WELFARE
                if pupil.is_active_on(self.on) and is_legal:
                    human = _human(rows[link.guardian_key])
                    if not any(human in home for home in homes.values()):
                        homes.setdefault(link.lives_with, []).append(human)
        everybody = [human for home in homes.values() for human in home]
        come = []
        for home in homes.values():
            human = home[0 if len(home) == 1 or dice.random() < FIRST_COMES else 1]
            beside = [*home, *everybody]
            come.append((human, next((one for one in beside if one != human), None)))
        return come

    def _read(
        self, part: _Part, human: Human, births: dict[int, date], children: list[Child], records: list[Recorded]
    ) -> None:
        """What one school knows of somebody, and their children of today there."""
        known = {row.key: _known(row) for _, row in part.guardians}
        # Somebody typed twice holds their number once.
        holders = Counter(mobile for _, mobile in {(who, known[row.key].mobile) for who, row in part.guardians})
        for row in (row for who, row in part.guardians if who == human):
            today = [
                (pupil, link.level == LEGAL)
                for pupil in part.pupils
                for link in pupil.links
                if link.guardian_key == row.key and pupil.is_active_on(self.on)
            ]
            if not today:
                continue
            true = [births[pupil.key % _ELSEWHERE] for pupil, _ in today]
            school = self.names[part.uai]
            for (pupil, _), born in zip(today, true, strict=True):
                children.append(Child(pupil.key, part.uai, school, pupil.first_name, born))
            known_as = known[row.key]
            records.append(
                Recorded(
                    part.uai, row.key, as_filed(row.birth_name), as_filed(row.used_name), as_filed(row.first_name),
                    known_as.mobile, known_as.email, tuple(pupil.birth_on for pupil, _ in today), tuple(true),
                    is_legal=any(is_legal for _, is_legal in today),
                    is_mobile_shared=bool(known_as.mobile) and holders[known_as.mobile] > 1,
                )
            )  # fmt: skip

    def _household(
        self,
        human: Human,
        person: _Person,
        partner: Partner | None,
        parts: list[_Part],
        births: dict[int, date],
        chance: _Chance,
    ) -> None:
        children: list[Child] = []
        records: list[Recorded] = []
        for part in parts:
            self._read(part, human, births, children, records)
        if not children:
            return
        has_franceconnect = not chance.of(GUESSES.without_franceconnect)
        writes_birth_name = chance.of(GUESSES.writes_birth_name) or not person.used_name
        # The school prints for those it can neither call nor write to; some others kept a letter.
        is_unreachable = not any(one.mobile or one.email for one in records)
        self.households.append(
            Household(
                number=len(self.households),
                title=person.title,
                birth_name=person.birth_name,
                used_name=person.used_name,
                given_names=person.given_names,
                writes_surname=person.birth_name if writes_birth_name else person.used_name,
                mobile=person.mobile,
                email=person.email,
                children=tuple(children),
                records=tuple(records),
                has_franceconnect=has_franceconnect,
                is_franceconnect_first=has_franceconnect and not chance.of(GUESSES.franceconnect_second),
                is_used_name_registered=not chance.of(GUESSES.used_name_unregistered),
                has_letter=is_unreachable or not chance.of(GUESSES.no_letter),
                has_old_account=not chance.of(GUESSES.no_old_account),
                slips=chance.of(GUESSES.slips),
                partner=partner,
            )
        )


def _partner(person: _Person, human: Human, parts: list[_Part]) -> Partner:
    keys = [(part.uai, row.key) for part in parts for who, row in part.guardians if who == human]
    return Partner(person.mobile, person.email, tuple(keys))


def _school(rank: int) -> SchoolRow:
    again, place = divmod(rank, len(SCHOOL_NAMES))
    uai = uai_with_key(f"{_FIRST_SCHOOL + rank:07d}")
    name = SCHOOL_NAMES[place] + (f" {again + 1}" if again else "")
    return SchoolRow(uai=uai, name=name, email=f"ce.{uai.lower()}@example.org", phone=f"01990030{rank:02d}")


def school_name(school: SchoolRow) -> str:
    """As pages say it."""
    return f"Collège {school.name.title()}"


def as_filed(name: str) -> str:
    """A name as SIECLE's files can write it: what ISO-8859-15 lacks becomes « ? » (formats, § 1.1)."""
    return name.encode(ENCODING, "replace").decode(ENCODING)


def _human(row: GuardianRow) -> Human:
    """One person of a family: typed twice, they bear one name (crowd.py copies the row)."""
    return row.birth_name, row.first_name


def _known(row: GuardianRow) -> contacts.Contacts:
    """The mobile and the address that an import will read in the row."""
    written = (row.mobile, row.home_phone, row.work_phone)
    return contacts.of(written, row.email, department="099", demo_numbers=True)


def _place(row: GuardianRow) -> str:
    """The box where the crowd wrote the mobile."""
    boxes = {"mobile": row.mobile, "home_phone": row.home_phone, "work_phone": row.work_phone}
    return next((box for box, text in boxes.items() if _as_fiction(text)), "")


def _with_number(row: GuardianRow, number: str) -> GuardianRow:
    """The same row, its mobile in the same box."""
    box = _place(row)
    if box == "mobile":
        return replace(row, mobile=number)
    return replace(row, home_phone=number) if box == "home_phone" else replace(row, work_phone=number)


def _fiction(row: GuardianRow) -> str:
    """The crowd's number for this row, in whatever box and writing; "" when the base has none, or junk."""
    place = _place(row)
    return _as_fiction(getattr(row, place)) if place else ""


def _as_fiction(text: str) -> str:
    if text in crowd.JUNK_PHONES:
        return ""
    bare = text.replace(" ", "")
    bare = f"+33{bare[1:]}" if bare.startswith("063998") else bare
    return bare if bare.startswith("+3363998") and len(bare) == 12 else ""


def _words(name: str) -> list[str]:
    return name.replace("-", " ").split()


def _other(of: tuple[str, ...], than: str, dice: Random) -> str:
    return dice.choice([one for one in of if one.casefold() != than.casefold()])


def _mistyped(name: str, dice: Random) -> str:
    """One letter for another."""
    place = dice.randrange(len(name))
    return (
        name[:place] + dice.choice([one for one in ascii_uppercase if one != name[place].upper()]) + name[place + 1 :]
    )


def _near(born: date) -> date:
    """A day away: the commonest slip of a keyboard."""
    return born + timedelta(days=1 if born.day < 28 else -1)


def _some_day(year: int, key: int) -> date:
    """The true date of a pupil whose date the base lacks."""
    return date(year - 12, 1 + key % 12, 1 + key % 28)
