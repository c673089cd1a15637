"""The guardians of the cast as the national register knows them: what FranceConnect's simulator lets one be.

The register is not the school's base: it has all the given names, the birth name in capitals, a birth date and a place
that the base never had. (Its shape: preau/simulators/franceconnect/citizens.py.)
"""

from datetime import date

from preau.demo.cast import Cast
from preau.demo.rows import CHILD_WELFARE, LEGAL, GuardianRow, LinkRow, PupilRow

GENDERS = {"M.": "male", "MME": "female"}
# Second given names, which the base does not have. By the order of the cast, round and round.
SECOND = {"male": ("Aimé", "Lucien", "", "Omar", "René"), "female": ("Leïla", "Rose", "", "Aude", "Jeanne")}
BORN_IN_FRANCE = ("99300", "99100")


def citizens(cast: Cast) -> list[dict[str, str]]:
    """Every human guardian of the cast, adult, in the order of the cast."""
    humans = {link.guardian_key for _, link in _links(cast) if link.kinship != CHILD_WELFARE}
    known = [(rank, row) for rank, row in enumerate(cast.guardians) if row.key in humans and row.title in GENDERS]
    return [_citizen(cast, row, rank) for rank, row in known]


def _citizen(cast: Cast, row: GuardianRow, rank: int) -> dict[str, str]:
    gender = GENDERS[row.title]
    second = SECOND[gender][rank % len(SECOND[gender])]
    return {
        "login": f"ville-{row.key}",
        "who": _who(cast, row),
        "given_names": ",".join(name for name in (row.first_name, second) if name),
        "family_name": row.birth_name,
        "used_name": row.used_name,
        "birthdate": _birth(cast, row, rank).isoformat(),
        "gender": gender,
        "birthplace": BORN_IN_FRANCE[0],
        "birthcountry": BORN_IN_FRANCE[1],
        "email": row.email,
    }


def _who(cast: Cast, row: GuardianRow) -> str:
    """« Responsable : Inès Belkacem (5E B), Hugo Faure (6E A) »; what a page of choice says of somebody."""
    own = [(pupil, link) for pupil, link in _links(cast) if link.guardian_key == row.key]
    is_legal = any(link.level == LEGAL for _, link in own)
    names = [f"{pupil.first_name} {pupil.birth_name} ({pupil.division or 'parti'})" for pupil, _ in own]
    return f"{'Responsable' if is_legal else 'Pas responsable légal'} : {', '.join(names)}"


def _birth(cast: Cast, row: GuardianRow, rank: int) -> date:
    """An adult's; an adult pupil who is his own guardian has his own."""
    for pupil, _ in _links(cast):
        if (pupil.birth_name, pupil.first_name) == (row.birth_name, row.first_name) and pupil.birth_on:
            return pupil.birth_on
    return date(cast.year - 34 - rank % 17, 1 + rank % 12, 1 + rank * 7 % 28)


def _links(cast: Cast) -> list[tuple[PupilRow, LinkRow]]:
    return [(pupil, link) for pupil in cast.pupils for link in pupil.links]
