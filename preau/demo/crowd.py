"""The crowd: any number of pupils and their families, realistic, seeded, and as dirty as real bases are.

The same seed gives the same people. Nothing is kept in memory: families are made again at each walk, each from its own
number, so that 200,000 pupils cost no more than 20. Names are ours (names.py), INE begin with 99, telephones are those
ARCEP keeps for fiction and addresses end in example.org: nobody is in it.

Rates come from real bases measured for the specification of the formats (§ 1.3, 1.4): AGG-C, one collège of 935 pupils;
AGG-L, one lycée of 1,568 pupils, 3,153 persons, 3,291 links; ANON, one collège of 533 pupils, 845 persons.
"""
# size: fifty measured rates with their sources stand before the code that uses them

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from random import Random
from string import ascii_lowercase, digits
from unicodedata import combining, normalize
from zlib import crc32

from preau.demo import names
from preau.demo.rows import (
    ASCENDANT,
    CARER,
    CHILD_WELFARE,
    CONTACT,
    DECEASED,
    FATHER,
    FOSTER_CARER,
    LEGAL,
    MOTHER,
    OTHER,
    OTHER_FAMILY,
    TUTOR,
    AddressRow,
    DivisionRow,
    Family,
    GuardianRow,
    LinkRow,
    MandateRow,
    PupilRow,
    StaffRow,
    ine_rnie,
)

# Pupils -------------------------------------------------------------------------------------------------------------
LEAVERS = 0.215  # of all pupils in the file: AGG-C 201/935 (AGG-L 464/1 568, ANON 133/533)
FUTURE_EXIT = 0.005  # of the others: ANON 2 of 402 had an exit date still to come
LEAVER_KEEPS_DIVISION = 0.08  # AGG-L 39/464
LEAVER_WITHOUT_REASON = 0.01  # ANON 1/133
LEAVER_DECEASED = 0.002  # reason 43 exists and is rare
WITHOUT_INE = 0.011  # ANON 6/533
WITHOUT_BIRTH_DATE = 0.002  # ANON 1/533
WITHOUT_DIVISION = 0.007  # AGG-C 5/734 active pupils
PUPIL_EMAIL, PUPIL_EMAIL_IS_A_GUARDIANS = 0.10, 0.5  # AGG-L 41 % in a lycée, often a guardian's; far fewer at collège
PUPIL_MOBILE = 0.20
PUPIL_USED_NAME = 0.01
BORN_ABROAD = 0.05  # VILLE_NAISS empty for 95 %
ULIS, REPEATING, SECOND_NAME = 0.01, 0.03, 0.45
# Families -----------------------------------------------------------------------------------------------------------
CHILDREN, CHILDREN_WEIGHTS = (
    (1, 2, 3),
    (0.87, 0.125, 0.005),
)  # ANON: 585 guardians with one child, 88 with two, 2 with three
TWINS = 0.08  # of siblings
ONE_GUARDIAN = 0.11  # AGG-L: two legal guardians 985, one 119
THIRD_LEGAL_GUARDIAN = 0.001  # files with three exist and are imported
NO_LINK = 0.0025  # ANON 1 active pupil of 402
SEPARATED = 0.30
SAME_SURNAME = 0.62
CONTACT_BESIDE = 0.13  # AGG-L: 283 level-3 links and 52 level-2 for 1 104 active pupils and 464 leavers
CARER_BESIDE = 0.025
IN_CARE = 0.0008  # kinship 51: 1 link in 3 291
UNRELATED_LEVEL_ONE = 0.01  # tutors and others among legal guardians: kinship 50, 13 of 3 291
LEVEL_MISSING = 0.0005  # both level tags absent: treated as not legal
LINKED_TO_NOBODY = 0.013  # of families, that is 0.6 % of persons: AGG-L 19/3 153
TYPED_TWICE = 0.15  # of families with siblings; AGG-L: 76 pairs of same name and given name, true homonyms included
# Persons ------------------------------------------------------------------------------------------------------------
WITHOUT_MOBILE = 0.027  # AGG-L 55 of 2 025 legal guardians
WITHOUT_EMAIL = 0.092  # AGG-L 186 of 2 025
WITHOUT_BOTH = 0.0094  # AGG-L 19 of 2 025
SHARED_MOBILE = 0.05  # AGG-L: 50 mobiles held by two legal guardians
SHARED_EMAIL = 0.30  # AGG-L: 307 addresses held by several, mostly couples
MOBILE_ELSEWHERE = 0.015  # mobiles typed in TEL_PERSONNEL or TEL_PROFESSIONNEL
NATIONAL_WRITING = 0.02  # « 06 39 98 12 34 » among E.164 numbers
JUNK_PHONE = 0.006
USED_NAME = 0.026  # AGG-L 81/3 153
WITHOUT_TITLE = 0.007
SMS_UNSAID = 0.17
WITHOUT_ADDRESS = 0.004  # ANON 3/845
OTHER_TOWN = 0.25
MIXED_POOL = 0.25

JUNK_PHONES = (
    "0000000000", "99 99 99 99 99", "+33 0 00 11 22 33", "XXXXXXXX", "0600000000", "06.39.98.00.99 (mère)",
    "0102030405",
)  # fmt: skip
EXIT_REASONS = ("10", "10", "10", "11", "12", "13", "24", "39", "40", "44", "46", "99")
GRADES = (
    # letter of the division, label, MEF, MEF of ULIS, age reached in the calendar year of the rentrée
    ("6E", "SIXIEME", "10010012110", "1001001211U", 11),
    ("5E", "CINQUIEME", "10110001110", "1011000111U", 12),
    ("4E", "QUATRIEME", "10210001110", "1021000111U", 13),
    ("3E", "TROISIEME", "10310019110", "1031001911U", 14),
)
PUPILS_PER_DIVISION = 26
SUBJECTS = (
    ("L0202", "LET MODERN"), ("L1300", "MATHEMATIQ"), ("L0422", "ANGLAIS"), ("L1000", "HIST. GEO."),
    ("L1600", "S. V. T."), ("L1900", "E. P. S"), ("L1800", "ARTS PLAST"), ("L1700", "ED MUSICAL"),
    ("L1400", "TECHNOLOGI"), ("L0426", "ESPAGNOL"),
)  # fmt: skip
PUPILS_PER_TEACHING_POST = 18  # ANON: 30 « ENS » for 533 pupils
DIVISIONS_WITHOUT_TUTOR = 0.08  # 21 form tutors for 23 divisions in a real file

# The base's numbers: the cast stands below (cast.py), each family takes a block of these.
_FIRST_PUPIL, _FIRST_GUARDIAN, _FIRST_ADDRESS, _BLOCK = 510_000, 710_000, 310_000, 10
_FIRST_INE, _LAST_INE = 1_000, 9_999_999
_FIRST_FICTION, _FICTION = 100, 9_900  # mobiles 06 39 98 01 00 and following; the cast has the first hundred
_STRIDE = 4_099  # prime with _FICTION: consecutive families do not get consecutive numbers
_IN_ADDRESSES = frozenset(ascii_lowercase + digits + ".-")


def mobile(number: int) -> str:
    """A mobile of fiction in E.164. There are only 9,900: a school beyond 9,900 guardians sees them again."""
    return f"+3363998{_FIRST_FICTION + number * _STRIDE % _FICTION:04d}"


@dataclass(frozen=True)
class Crowd:
    """`pupils` active pupils of one school on `on`, and the leavers who come with them (a fifth of the file).

    Walk through it as often as needed: the same families come back, in the same order. `ine_from` is the first
    number of its INE: derived from the UAI, so that two schools' crowds do not meet; give it to make them.
    """

    pupils: int
    seed: int
    year: int
    on: date
    uai: str = "0991234D"
    ine_from: int | None = None

    def __iter__(self) -> Iterator[Family]:
        """Families, one after another, until there are enough active pupils. Made on the way, never kept."""
        active = number = 0
        while active < self.pupils:
            family = _Maker(self, number, at_most=self.pupils - active).family()
            active += sum(pupil.is_active_on(self.on) for pupil in family.pupils)
            number += 1
            yield family

    @cached_property
    def divisions_per_grade(self) -> int:
        """How many divisions a grade has."""
        return max(1, -(-self.pupils // (len(GRADES) * PUPILS_PER_DIVISION)))

    @property
    def divisions(self) -> tuple[DivisionRow, ...]:
        """As many divisions per grade as classes of 26 need: « 6E A », « 6E B »…, then numbers beyond Z."""
        return tuple(
            DivisionRow(f"{code} {_letter(rank)}", f"{label} {_letter(rank)}", (mef, ulis))
            for code, label, mef, ulis, _age in GRADES
            for rank in range(self.divisions_per_grade)
        )

    def staff(self, already_tutored: Sequence[str] = ()) -> tuple[StaffRow, ...]:
        """Teaching staff, education staff; a form tutor for nearly every division but those `already_tutored`."""
        dice = Random(f"{self.seed}/{self.uai}/staff")
        wanting = [
            division.code
            for division in self.divisions
            if division.code not in already_tutored and dice.random() >= DIVISIONS_WITHOUT_TUTOR
        ]
        posts = max(len(wanting), self.pupils // PUPILS_PER_TEACHING_POST)
        mandates = [_mandates(dice, self.year, wanting[rank : rank + 1]) for rank in range(posts)]
        teaching = [_staff_row(dice, 9_400 + rank, "ENS", held) for rank, held in enumerate(mandates)]
        education = [_staff_row(dice, 9_100 + rank, "EDU", ()) for rank in range(max(1, self.pupils // 300))]
        return (*teaching, *education)


def _letter(rank: int) -> str:
    return chr(ord("A") + rank) if rank < 26 else str(rank + 1)


def _mandates(dice: Random, year: int, divisions: Sequence[str]) -> tuple[MandateRow, ...]:
    """This year's mandates, and often last year's, which real files keep."""
    held = [MandateRow(code, date(year, 9, 1), date(year + 1, 8, 31)) for code in divisions]
    if divisions and dice.random() < 0.2:
        held.insert(0, MandateRow(divisions[0], date(year - 1, 9, 1), date(year, 8, 31)))
    return tuple(held)


def _staff_row(dice: Random, key: int, function: str, mandates: tuple[MandateRow, ...]) -> StaffRow:
    pool = dice.choices(names.POOLS, [pool.weight for pool in names.POOLS])[0]
    is_woman = dice.random() < 0.66
    surname = dice.choice(pool.families)
    is_local = dice.random() < 0.05
    return StaffRow(
        key=key,
        source_type="local" if is_local else "epp",
        birth_name=dice.choice(pool.families) if is_woman and dice.random() < 0.3 else surname,
        used_name=surname,
        first_name=dice.choice(pool.women if is_woman else pool.men),
        function=function,
        title="2" if is_woman else "1",
        born_on=None if is_local else date(dice.randint(1962, 2000), dice.randint(1, 12), dice.randint(1, 28)),
        rank="" if is_local else "CERT C.N.",
        subject=dice.choice(SUBJECTS) if function == "ENS" else ("", ""),
        mandates=mandates,
    )


class _Maker:
    """Makes one family from its number: its own dice, its own block of keys."""

    def __init__(self, crowd: Crowd, number: int, *, at_most: int) -> None:
        self.crowd = crowd
        self.number = number
        self.at_most = at_most
        self.dice = Random(f"{crowd.seed}/{crowd.uai}/{number}")
        self.pool = self.dice.choices(names.POOLS, [pool.weight for pool in names.POOLS])[0]
        self.surname = self._surname()
        self.guardians: list[GuardianRow] = []
        start = crc32(crowd.uai.encode()) if crowd.ine_from is None else crowd.ine_from
        self.first_ine = start + number * 3  # at most three children

    # The family -----------------------------------------------------------------------------------------------------
    def family(self) -> Family:
        """One family: children, those who answer for them, and what the secretariat got wrong."""
        dice = self.dice
        children = min(self.at_most, dice.choices(CHILDREN, CHILDREN_WEIGHTS)[0])
        links = self._links()
        pupils = self._children(children, links)
        if pupils[1:] and dice.random() < TYPED_TWICE:
            # A guardian typed again for the second child: one human, two numbers in the base.
            pupils[1] = self._typed_again(pupils[1])
        if dice.random() < LINKED_TO_NOBODY:
            self._person(is_woman=dice.random() < 0.5, home=None)
        return Family(tuple(pupils), tuple(self.guardians))

    def _links(self) -> tuple[LinkRow, ...]:
        """Those who answer for the children, from the most to the least usual household."""
        dice = self.dice
        if dice.random() < NO_LINK:
            return ()
        home = None if dice.random() < WITHOUT_ADDRESS else self._address(0)
        if dice.random() < IN_CARE:
            return self._in_care(home)
        links = self._legal_guardians(home)
        if dice.random() < CARER_BESIDE:
            links.append(self._link(self._person(is_woman=dice.random() < 0.7, home=home), OTHER, level=CARER))
        if dice.random() < CONTACT_BESIDE:
            grandmother = self._person(is_woman=True, home=self._address(2))
            kinship = dice.choice((OTHER_FAMILY, OTHER_FAMILY, OTHER_FAMILY, OTHER, ASCENDANT))
            links.append(self._link(grandmother, kinship, level=CONTACT, lives_with=False))
        return tuple(links)

    def _legal_guardians(self, home: AddressRow | None) -> list[LinkRow]:
        dice = self.dice
        if dice.random() < UNRELATED_LEVEL_ONE:
            return [self._link(self._person(is_woman=dice.random() < 0.6, home=home), TUTOR)]
        first = self._person(is_woman=dice.random() < 0.88, home=home)
        level = None if dice.random() < LEVEL_MISSING else LEGAL
        links = [self._link(first, MOTHER if first.title == "MME" else FATHER, level=level)]
        if dice.random() < ONE_GUARDIAN:
            return links
        is_apart = dice.random() < SEPARATED
        second = self._person(
            is_woman=first.title == "M." or dice.random() < 0.01,
            home=self._address(1) if is_apart else home,
            shares_with=first,
        )
        links.append(self._link(second, MOTHER if second.title == "MME" else FATHER, lives_with=not is_apart))
        if dice.random() < THIRD_LEGAL_GUARDIAN:
            links.append(self._link(self._person(is_woman=dice.random() < 0.5, home=home), OTHER_FAMILY))
        return links

    def _in_care(self, home: AddressRow | None) -> tuple[LinkRow, ...]:
        body = GuardianRow(self._guardian_key(), "AIDE SOCIALE A L'ENFANCE", "SERVICE")
        self.guardians.append(body)
        carer = self._person(is_woman=True, home=home)
        return (
            self._link(body, CHILD_WELFARE, lives_with=False),
            self._link(carer, FOSTER_CARER, level=CARER),
        )

    def _typed_again(self, pupil: PupilRow) -> PupilRow:
        if not pupil.links:
            return pupil
        first = next(row for row in self.guardians if row.key == pupil.links[0].guardian_key)
        again = replace(first, key=self._guardian_key(), mobile=first.mobile or first.home_phone, home_phone="")
        self.guardians.append(again)
        return replace(pupil, links=(replace(pupil.links[0], guardian_key=again.key), *pupil.links[1:]))

    @staticmethod
    def _link(to: GuardianRow, kinship: str, *, level: int | None = LEGAL, lives_with: bool = True) -> LinkRow:
        return LinkRow(to.key, level, kinship, lives_with=lives_with, pays=level == LEGAL and lives_with)

    # Children -------------------------------------------------------------------------------------------------------
    def _children(self, count: int, links: tuple[LinkRow, ...]) -> list[PupilRow]:
        """Siblings are in different grades, but twins, who share one and a birth date."""
        grades = self.dice.sample(range(len(GRADES)), count)
        pupils = [self._pupil(rank, grade, links) for rank, grade in enumerate(grades)]
        if count > 1 and self.dice.random() < TWINS:
            pupils[1] = replace(self._pupil(1, grades[0], links), birth_on=pupils[0].birth_on)
        return pupils

    def _pupil(self, rank: int, grade: int, links: tuple[LinkRow, ...]) -> PupilRow:
        dice = self.dice
        is_girl = dice.random() < 0.49
        code, _label, mef, ulis, age = GRADES[grade]
        left_on, reason = self._exit()
        has_left = left_on is not None and left_on <= self.crowd.on
        years_old = age + has_left + (dice.random() < REPEATING)
        has_division = dice.random() >= (1 - LEAVER_KEEPS_DIVISION if has_left else WITHOUT_DIVISION)
        given = self._given_name(is_girl)
        is_foreign = dice.random() < BORN_ABROAD
        return PupilRow(
            key=_FIRST_PUPIL + self.number * _BLOCK + rank,
            number=(5_000 + self.number * 3 + rank) % 100_000,
            birth_name=self.surname,
            first_name=given,
            birth_on=None if dice.random() < WITHOUT_BIRTH_DATE else _random_day(dice, self.crowd.year - years_old),
            division=self._division(code) if has_division else "",
            mef="" if has_left else (ulis if dice.random() < ULIS else mef),
            ine=""
            if dice.random() < WITHOUT_INE
            else ine_rnie(_FIRST_INE + (self.first_ine + rank) % (_LAST_INE - _FIRST_INE)),
            used_name=self._surname() if dice.random() < PUPIL_USED_NAME else "",
            other_first_names=(self._given_name(is_girl),) if dice.random() < SECOND_NAME else (),
            sex="2" if is_girl else "1",
            entered_on=self._entry(grade, has_left=has_left),
            left_on=left_on,
            exit_reason=reason,
            email=self._pupil_email(given, rank),
            mobile=mobile(self.number * 3 + 2) if rank == 0 and dice.random() < PUPIL_MOBILE else "",
            country=dice.choice(("109", "131", "127", "139", "352", "331", "155")) if is_foreign else "100",
            foreign_birth_town=dice.choice(("DAKAR", "PORTO", "ORAN", "NAMUR", "KYIV")) if is_foreign else "",
            links=links,
        )

    def _division(self, grade: str) -> str:
        return f"{grade} {_letter(self.dice.randrange(self.crowd.divisions_per_grade))}"

    def _exit(self) -> tuple[date | None, str]:
        """When and why the pupil left, or leaves; most leave with the school year."""
        dice, on = self.dice, self.crowd.on
        if dice.random() >= LEAVERS:
            if dice.random() < FUTURE_EXIT:
                return on + timedelta(days=dice.randint(5, 200)), dice.choice(EXIT_REASONS)
            return None, ""
        summer = date(self.crowd.year, 7, dice.randint(1, 8))
        past = on - timedelta(days=dice.randint(0, 80))
        left_on = past if dice.random() < 0.15 else min(summer, on)
        if dice.random() < LEAVER_WITHOUT_REASON:
            return left_on, ""
        return left_on, DECEASED if dice.random() < LEAVER_DECEASED else dice.choice(EXIT_REASONS)

    def _entry(self, grade: int, *, has_left: bool) -> date:
        years_ago = self.dice.randint(0, grade) if self.dice.random() < 0.3 else grade
        return date(self.crowd.year - years_ago - has_left, 9, 1)

    def _pupil_email(self, given: str, rank: int) -> str:
        if self.dice.random() >= PUPIL_EMAIL:
            return ""
        if self.guardians and self.dice.random() < PUPIL_EMAIL_IS_A_GUARDIANS:
            return self.guardians[0].email
        return _address_of(given, self.surname, self.number, f"e{rank}")

    # Persons --------------------------------------------------------------------------------------------------------
    def _person(
        self, *, is_woman: bool, home: AddressRow | None, shares_with: GuardianRow | None = None
    ) -> GuardianRow:
        dice = self.dice
        given = dice.choice(self._pool().women if is_woman else self._pool().men)
        surname = self.surname if dice.random() < SAME_SURNAME else self._surname()
        row = GuardianRow(
            key=self._guardian_key(),
            birth_name=surname,
            first_name=given,
            title="" if dice.random() < WITHOUT_TITLE else ("MME" if is_woman else "M."),
            used_name=self.surname if surname != self.surname and dice.random() < USED_NAME * 3 else "",
            accepts_sms=None if dice.random() < SMS_UNSAID else dice.random() < 0.9,
            shares_address=dice.random() < 0.4,
            address=home,
        )
        row = self._with_channels(row, shares_with)
        self.guardians.append(row)
        return row

    def _with_channels(self, row: GuardianRow, shares_with: GuardianRow | None) -> GuardianRow:
        """Telephone and e-mail, with what goes wrong in real bases."""
        dice = self.dice
        rank = len(self.guardians)
        # One draw for both: « neither » is more frequent than chance would have it.
        draw = dice.random()
        has_mobile = draw >= WITHOUT_MOBILE
        has_email = WITHOUT_BOTH <= draw < WITHOUT_BOTH + 1 - WITHOUT_EMAIL
        number = mobile(self.number * 3 + min(rank, 2)) if has_mobile else ""
        email = _address_of(row.first_name, row.birth_name, self.number, str(rank)) if has_email else ""
        if shares_with is not None:
            if number and shares_with.mobile and dice.random() < SHARED_MOBILE:
                number = shares_with.mobile
            if email and shares_with.email and dice.random() < SHARED_EMAIL:
                email = shares_with.email
        landline = f"+3319900{dice.randrange(2_000, 10_000)}" if dice.random() < 0.35 else ""
        row = replace(row, email=email, mobile=number, home_phone=landline)
        return self._mistyped(row)

    def _mistyped(self, row: GuardianRow) -> GuardianRow:
        dice, number = self.dice, row.mobile
        if number and dice.random() < NATIONAL_WRITING:
            number = national(number)
        row = replace(row, mobile=number)
        if number and dice.random() < MOBILE_ELSEWHERE:
            is_at_home = dice.random() < 0.5
            row = (
                replace(row, mobile="", home_phone=number) if is_at_home else replace(row, mobile="", work_phone=number)
            )
        if dice.random() < JUNK_PHONE:
            row = replace(row, mobile=dice.choice(JUNK_PHONES))
        return row

    def _guardian_key(self) -> int:
        return _FIRST_GUARDIAN + self.number * _BLOCK + len(self.guardians)

    def _address(self, rank: int) -> AddressRow:
        dice = self.dice
        lines = [f"{dice.randint(1, 140)}{dice.choice(('', '', '', '', ' BIS'))} {dice.choice(names.STREETS)}"]
        if dice.random() < 0.3:
            lines.append(dice.choice(names.BUILDINGS))
        postcode, town = dice.choice(names.TOWNS) if dice.random() < OTHER_TOWN else names.TOWNS[0]
        return AddressRow(_FIRST_ADDRESS + self.number * _BLOCK + rank, tuple(lines), postcode, town)

    # Names ----------------------------------------------------------------------------------------------------------
    def _pool(self) -> names.Pool:
        return names.GENERAL if self.dice.random() < MIXED_POOL else self.pool

    def _surname(self) -> str:
        one = self.dice.choice(self.pool.families)
        if self.dice.random() < 0.06:
            other = self.dice.choice(self._pool().families)
            return f"{one}{self.dice.choice('- ')}{other}" if other != one else one
        return one

    def _given_name(self, is_girl: bool) -> str:
        pool = self._pool()
        name = self.dice.choice(pool.girls if is_girl else pool.boys)
        return name.upper() if self.dice.random() < 0.03 else name


def national(number: str) -> str:
    """« +33639980012 » as schools wrote it before 2018: « 06 39 98 00 12 ». Other writings are left alone."""
    if not number.startswith("+33") or len(number) != 12:
        return number
    digits = "0" + number[3:]
    return " ".join(digits[i : i + 2] for i in range(0, 10, 2))


def _random_day(dice: Random, year: int) -> date:
    return date(year, 1, 1) + timedelta(days=dice.randrange(365))


def _address_of(given: str, surname: str, number: int, rank: str) -> str:
    """An address at example.org, which no mail server will ever serve."""
    bare = normalize("NFKD", f"{given}.{surname}".lower().replace("œ", "oe").replace("ł", "l"))
    local = "".join(c if c in _IN_ADDRESSES else "" if combining(c) else "-" for c in bare).strip("-.")
    return f"{local}.{number}{rank}@example.org"
