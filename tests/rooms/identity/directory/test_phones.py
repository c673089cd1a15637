"""Telephone numbers as schools write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preau.identity.directory import phones
from preau.identity.directory.phones import Phone


@pytest.mark.parametrize(
    "written",
    ["+33612345678", "0612345678", "06 12 34 56 78", "06.12.34.56.78", "33612345678", "0033612345678",
     "+33(0)612345678", "+33 6 12 34 56 78", "06.12.34.56.78 (mère)", "06 12 34 56 78 maman", "0612345678 / bureau"],
)  # fmt: skip
def test_a_french_mobile_is_read_however_it_is_written(written):
    assert phones.read(written) == Phone("+33612345678", is_mobile=True)


@pytest.mark.parametrize(
    "written",
    ["", "XXXXXXXX", "0000000000", "99 99 99 99 99", "+33 0 00 11 22 33", "0600000000", "0611111111", "0601020304",
     "0102030405", "0712345678", "06 12", "non", "+336123456789012345"],
)  # fmt: skip
def test_a_placeholder_is_no_number(written):
    assert phones.read(written) is None


def test_nine_digits_without_their_zero_are_nobodys():
    assert phones.read("687123456") is None


def test_a_landline_receives_no_code():
    assert phones.read("01 99 00 12 34") == Phone("+33199001234", is_mobile=False)


def test_a_foreign_number_keeps_its_country():
    assert phones.read("+32 470 12 34 56") == Phone("+32470123456", is_mobile=True)


@pytest.mark.parametrize(
    ("department", "written", "e164"),
    [
        ("974", "0692123456", "+262692123456"),
        ("976", "0639 69 12 34", "+262639691234"),
        ("971", "0690301234", "+590690301234"),
        ("973", "0694201234", "+594694201234"),
        ("972", "0696301234", "+596696301234"),
        ("975", "551234", "+508551234"),
        ("983", "78 12 34", "+687781234"),
        ("983", "687781234", "+687781234"),
        ("984", "87 12 34 56", "+68987123456"),
        ("974", "262692123456", "+262692123456"),
        ("974", "0612345678", "+33612345678"),
        ("983", "0612345678", "+33612345678"),
    ],
)
def test_a_number_written_overseas_is_read_in_the_schools_territory(department, written, e164):
    assert phones.read(written, department=department) == Phone(e164, is_mobile=True)


def test_an_overseas_number_is_not_guessed_from_the_mainland():
    assert phones.read("0692123456", department="021") is None


def test_numbers_reserved_for_fiction_belong_to_the_demo_only():
    assert phones.read("06 39 98 00 12") is None
    assert phones.read("06 39 98 00 12", demo_numbers=True) == Phone("+33639980012", is_mobile=True)


@given(st.text(max_size=80), st.sampled_from(["021", "974", "983", ""]))
def test_whatever_a_school_types_gives_a_number_or_none(text, department):
    found = phones.read(text, department=department, demo_numbers=True)
    assert found is None or (found.e164.startswith("+") and found.e164[1:].isdigit() and len(found.e164) <= 16)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("0694 20 23 45", ("+594694202345",)),
        ("06 90 12 34 56", ("+590690123456",)),
        ("694 20 23 45", ("+594694202345",)),
        ("06 96 21 34 56", ("+596696213456",)),
        ("0692 12 34 56", ("+262692123456",)),
        ("+594 694 20 23 45", ("+594694202345",)),
        ("87 12 34 56", ("+68987123456",)),
        ("75 12 34", ("+508751234", "+687751234")),
        ("00 33 6 12 34 56 79", ("+33612345679",)),
        ("0596 12 34 56", ()),
        ("rien", ()),
    ],
)
def test_what_a_family_may_mean_by_the_number_it_typed(typed: str, expected: tuple[str, ...]) -> None:
    assert phones.readings(typed) == expected
