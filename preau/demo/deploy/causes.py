"""Why a family could not get in alone: the first thing that stands in its way. Pure rules, for the report only.

Neither the walkers nor the head know it: it is read from what is true beside what the base says.
"""

from enum import StrEnum

from preau.demo.deploy.families import Household, Recorded
from preau.identity.directory import names


class Cause(StrEnum):
    """What stands in the way, worst first."""

    NOT_LEGAL = "the base does not say they are a legal guardian"
    BIRTH = "a birth date is wrong or missing in the base"
    SHARED = "the mobile is also the other guardian's, and the address does not tell them apart"
    NAME = "the right mobile, under another name or first name than theirs"
    NO_FRANCECONNECT = "old, foreign or no mobile in the base, and no FranceConnect"
    ADDRESS = "old, foreign or no mobile, FranceConnect, and an address the base does not have"
    FRANCECONNECT_NAME = "the same, the right address, under another name than FranceConnect says"
    OTHER = "something else"


def cause(household: Household) -> Cause:
    """The first that applies."""
    legal = [one for one in household.records if one.is_legal]
    if not legal:
        return Cause.NOT_LEGAL
    right = [one for one in legal if set(one.births) == set(one.true_births)]
    if not right:
        return Cause.BIRTH
    reached = [one for one in right if household.mobile.startswith("+33") and one.mobile == household.mobile]
    if reached:
        is_shared = any(one.is_mobile_shared for one in reached)
        is_named = any(_bears(one, {household.writes_surname}, household) for one in reached)
        return Cause.SHARED if is_shared else Cause.OTHER if is_named else Cause.NAME
    if not household.has_franceconnect:
        return Cause.NO_FRANCECONNECT
    addressed = [one for one in right if household.email and one.email == household.email]
    if not addressed:
        return Cause.ADDRESS
    known = {household.birth_name, household.used_name if household.is_used_name_registered else ""}
    is_named = any(_bears(one, known, household) for one in addressed)
    return Cause.OTHER if is_named else Cause.FRANCECONNECT_NAME


def _bears(record: Recorded, surnames: set[str], household: Household) -> bool:
    theirs = names.surnames(record.birth_name, record.used_name)
    is_surname = any(names.fold(one) in theirs for one in surnames if one)
    return is_surname and names.fold(record.first_name) == names.fold(household.first_name)
