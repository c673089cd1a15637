"""Whose records belong to one person: gathering between two schools. Pure rules.

Design §5: automatic gathering only between two schools, when name, first name, e-mail and mobile all agree and none of
these is held by a third person; never inside one base; never two guardians of one pupil.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import combinations

from preau.identity.directory import names


@dataclass(frozen=True, slots=True)
class Face:
    """What is known of one guardian's record. `kin` pairs each pupil (any stable key) with the kinship code."""

    record: int
    school: str
    birth_name: str
    used_name: str
    first_name: str
    email: str
    mobile: str
    title: str = ""
    is_body: bool = False
    kin: frozenset[tuple[int, str]] = field(default_factory=frozenset)

    @property
    def surnames(self) -> frozenset[str]:
        """Birth name and used name, folded: schools hold the one or the other."""
        return names.surnames(self.birth_name, self.used_name)

    @property
    def same(self) -> tuple[str, str, str]:
        """First name, e-mail and mobile: what must agree to the letter, once folded."""
        return names.fold(self.first_name), folded_email(self.email), self.mobile

    @property
    def is_complete(self) -> bool:
        """A human being of whom all four are known."""
        return not self.is_body and all(self.same) and bool(self.surnames)


def folded_email(email: str) -> str:
    """An address, compared: whatever its case."""
    return email.strip().casefold()


def gatherings(faces: Iterable[Face]) -> list[tuple[Face, ...]]:
    """The groups of records proven to be one person's, two records or more each, in a stable order.

    `faces` must hold every record that has one of the e-mails or mobiles concerned: a third holder forbids.
    """
    holders: dict[str, set[int]] = defaultdict(set)
    groups: dict[tuple[str, str, str], list[Face]] = defaultdict(list)
    for face in sorted(faces, key=lambda face: face.record):
        for channel in filter(None, (folded_email(face.email), face.mobile)):
            holders[channel].add(face.record)
        if face.is_complete:
            groups[face.same].append(face)
    return [
        tuple(group)
        for (_, email, mobile), group in groups.items()
        if _is_one_person(group) and holders[email] == holders[mobile] == {face.record for face in group}
    ]


def _is_one_person(group: list[Face]) -> bool:
    return (
        len(group) > 1
        and len({face.school for face in group}) == len(group)
        and all(one.surnames & other.surnames for one, other in combinations(group, 2))
        and len({face.title for face in group if face.title}) <= 1
        and not _are_two_guardians_of_one_pupil(group)
    )


def _are_two_guardians_of_one_pupil(group: list[Face]) -> bool:
    """A pupil who changes school brings one guardian twice, under one kinship; a mother and a father never."""
    kinship: dict[int, str] = {}
    return any(kinship.setdefault(pupil, code) != code for face in group for pupil, code in face.kin)
