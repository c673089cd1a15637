"""What the portal says of a person, read as specs/protocols.md §3.2 says its clients read it."""

from datetime import date
from typing import Any

import pytest

from preau.identity.staff.claims import Claimed, ClaimedGrant, read

DAY = date(2026, 11, 24)
HEAD = Claimed.HEAD


def grants(day: date = DAY, **claims: Any) -> list[ClaimedGrant]:
    """The grants these claims give on `day`."""
    return list(read({"sub": "x", **claims}, day=day).grants)


def test_a_head_is_who_the_portal_names_responsible_with_the_function_dir() -> None:
    line = "0991234D$UAJ$PU$N$T3$CLG$340"
    assert grants(FrEduFonctAdm="DIR", FrEduRneResp=[line]) == [ClaimedGrant(HEAD, "0991234D")]


@pytest.mark.parametrize("function", ["ADF", "ENS", "ADM", "", "X", None, ["ADF"]])
def test_responsible_without_the_function_of_a_head_gives_nothing(function: Any) -> None:
    assert grants(FrEduFonctAdm=function, FrEduRneResp="0991234D$UAJ$PU$N$T3$CLG$340", title="DIR") == []


@pytest.mark.parametrize("nothing", ["", "X", "x", " ", None, [], ["X"], [None], 12, {"a": 1}])
def test_a_blank_or_an_x_is_no_value(nothing: Any) -> None:
    assert grants(FrEduFonctAdm="DIR", FrEduRneResp=nothing) == []


def test_one_value_and_a_list_are_the_same_and_lower_case_codes_are_read() -> None:
    found = grants(FrEduFonctAdm=["DIR"], FrEduRneResp="0991234d$UAJ$PU$N$T3$CLG$340")
    assert found == [ClaimedGrant(HEAD, "0991234D")]


def test_a_bare_code_is_accepted_and_a_wrong_key_is_not() -> None:
    found = grants(FrEduFonctAdm="DIR", FrEduRneResp=["0991234D", "0991234X", "vide"])
    assert found == [ClaimedGrant(HEAD, "0991234D")]


def test_several_schools_each_once() -> None:
    found = grants(FrEduFonctAdm="DIR", FrEduRneResp=["0991234D", "0990002P$UAJ$PU$N$T3$CLG$340", "0991234D"])
    assert [one.uai for one in found] == ["0991234D", "0990002P"]


@pytest.mark.parametrize(
    ("activity", "day", "dates"),
    [
        ("A", date(2027, 6, 30), (date(2027, 9, 1), None)),
        ("A", date(2027, 9, 1), (date(2027, 9, 1), None)),
        ("F", date(2027, 6, 30), (None, date(2027, 8, 31))),
        ("F", date(2026, 9, 1), (None, date(2027, 8, 31))),
        ("F", date(2026, 8, 31), (None, date(2026, 8, 31))),
    ],
)
def test_an_anticipated_posting_waits_for_september_and_an_ending_one_stops_in_august(
    activity: str, day: date, dates: tuple[date | None, date | None]
) -> None:
    (found,) = grants(day, FrEduFonctAdm="DIR", FrEduRneResp=f"0991234D$UAJ$PU${activity}$T3$CLG$340")
    assert (found.starts_on, found.ends_on) == dates


def test_an_unknown_activity_gives_nothing() -> None:
    assert grants(FrEduFonctAdm="DIR", FrEduRneResp="0991234D$UAJ$PU$Z$T3$CLG$340") == []


DELEGATION = "preau|/hub/redirect.jsp?applicationname=preau|03/03/2026|{end}|cvasseur|FrEduRneResp={schools}|rev|x|"
OURS = DELEGATION.format(end="31/08/2027", schools="0991234D")


def test_a_delegation_made_at_the_portal_for_us_makes_a_delegate_with_its_dates() -> None:
    line = DELEGATION.format(end="31/08/2027", schools="0991234D$UAJ$PU$N$T3$CLG$340;0990002P$UAJ$PU$N$T3$CLG$340")
    dates = (date(2026, 3, 3), date(2027, 8, 31))
    assert grants(FrEduResDel=line) == [
        ClaimedGrant(Claimed.DELEGATE, "0991234D", *dates), ClaimedGrant(Claimed.DELEGATE, "0990002P", *dates),
    ]  # fmt: skip


def test_year_9999_is_without_end() -> None:
    (found,) = grants(FrEduResDel=DELEGATION.format(end="31/12/9999", schools="0991234D"))
    assert found.ends_on is None


@pytest.mark.parametrize(
    "line",
    [
        OURS.replace("applicationname=preau", "applicationname=aplypro"),
        OURS.replace("applicationname=preau", "applicationname=preau2"),
        DELEGATION.format(end="32/08/2027", schools="0991234D"),
        DELEGATION.format(end="", schools="0991234D"),
        DELEGATION.format(end="31/08/2027", schools="X"),
        "preau|url",
        "X",
    ],
)
def test_a_delegation_for_another_product_or_that_cannot_be_read_gives_nothing(line: str) -> None:
    assert grants(FrEduResDel=[line]) == []


def test_names_and_postings_are_read_and_give_no_right() -> None:
    person = read(
        {
            "sub": "s", "given_name": "Maïwenn", "usual_name": "KERVELLA", "email": "m@example.org", "rne": "0991234d",
            "FrEduRne": ["0991234D$UAJ$PU$ENS$0991234D$T3$CLG$340", "0990002P$UAJ$PU$ENS$0990002P$T3$CLG$340"],
            "title": "ENS",
        },
        day=DAY,
    )  # fmt: skip
    assert (person.first_name, person.surname, person.function) == ("Maïwenn", "KERVELLA", "ENS")
    assert person.postings == ("0991234D", "0990002P") and person.grants == ()
