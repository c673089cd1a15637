"""What EduConnect's strict rules would have answered the same families: a yardstick, no mode of Préau. Pure rules.

From the specification (educonnect, § 3.1 to 3.4). Where the sources are silent the reading kindest to EduConnect is
taken: case, accents and hyphens do not count, a mobile is known in whatever box the school typed it, FranceConnect
compares no name unless two people share the number, three tries of birth dates are enough to mend a slip.
"""

from enum import StrEnum

from preau.demo.deploy.families import Household, Recorded
from preau.identity.directory import names


class Way(StrEnum):
    """A way in."""

    FRANCECONNECT = "franceconnect"
    MOBILE = "mobile"
    LETTER = "letter"
    OLD_ACCOUNT = "old_account"


def ways_in(household: Household) -> frozenset[Way]:
    """The ways that would have let them in without anybody's help; empty: stuck."""
    return frozenset(way for way in Way if any(_lets_in(way, household, one) for one in household.records))


def ways_in_after_correction(household: Household) -> frozenset[Way]:
    """The same once the school has put the right mobile in its base: the one cause that its pages name."""
    found = {
        way
        for way in Way
        for one in household.records
        if _lets_in(way, household, one, mobile=household.mobile, is_shared=False)
    }
    return frozenset(found)


def _lets_in(
    way: Way, household: Household, record: Recorded, *, mobile: str | None = None, is_shared: bool | None = None
) -> bool:
    if not record.is_legal or not _dates_are_right(record):
        return False
    is_shared = record.is_mobile_shared if is_shared is None else is_shared
    has_the_code = _receives_codes(household, record.mobile if mobile is None else mobile)
    if way is Way.FRANCECONNECT:
        is_told_apart = not is_shared or _is_named(record, {household.birth_name, household.used_name}, household)
        return household.has_franceconnect and has_the_code and is_told_apart
    if way is Way.MOBILE:
        return has_the_code and _is_named(record, {household.writes_surname}, household)
    # « Activation du compte » asks for an address that answers (§ 3.3, and ATEN before it).
    has_paper = household.has_letter if way is Way.LETTER else household.has_old_account
    return has_paper and bool(household.email)


def _receives_codes(household: Household, known: str) -> bool:
    """The number they type is the one the school knows, and one that codes are sent to (§ 3.2: none abroad)."""
    return bool(household.mobile) and household.mobile == known and known.startswith("+33")


def _is_named(record: Recorded, surnames: set[str], household: Household) -> bool:
    """The surname is one of the record's and the first name the record's own, to the letter."""
    theirs = names.surnames(record.birth_name, record.used_name)
    is_surname = any(names.fold(one) in theirs for one in surnames if one)
    return is_surname and names.fold(household.first_name) == names.fold(record.first_name)


def _dates_are_right(record: Recorded) -> bool:
    """« All must be right » (§ 3.1): the base has every date, and the true one."""
    return bool(record.births) and set(record.births) == set(record.true_births)
