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
        ("974", "00262 692 12 34 56", "+262692123456"),
        ("971", "0690.30.12.34", "+590690301234"),
        ("977", "0690 30 12 34", "+590690301234"),
        ("978", "0690 30 12 34", "+590690301234"),
        ("986", "82.12.34", "+681821234"),
        ("986", "681821234", "+681821234"),
        ("986", "00681 82 12 34", "+681821234"),
        ("975", "0508 55 12 34", "+508551234"),
        ("021", "0508 55 12 34", "+508551234"),
    ],
)
def test_a_number_written_overseas_is_read_in_the_schools_territory(department, written, e164):
    assert phones.read(written, department=department) == Phone(e164, is_mobile=True)


@pytest.mark.parametrize("department", ["971", "972", "973", "974", "975", "976", "977", "978", "983", "984", "986",
                                        "987", "988"])  # fmt: skip
@pytest.mark.parametrize(
    # A mobile of the mainland may begin like the country of a territory: 06 87, 06 81, 06 89.
    ("written", "e164"),
    [("06 12 34 56 78", "+33612345678"), ("06.87.12.34.56", "+33687123456"), ("0681123456", "+33681123456"),
     ("06 89 12 34 56", "+33689123456"), ("+33 6 12 34 56 78", "+33612345678"), ("0033612345678", "+33612345678")],
)  # fmt: skip
def test_a_mobile_of_the_mainland_is_one_in_a_school_overseas(department, written, e164):
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


# Every code of the territories, as families write their number: in fours and pairs, with dots, with the country.
WRITTEN = {
    "+590690301234": ["0690 30 12 34", "0690.30.12.34", "06.90.30.12.34", "690 30 12 34", "+590 690 30 12 34",
                      "+590 (0)690 30 12 34", "00590690301234", "590 690 30 12 34"],
    "+590691301234": ["0691 30 12 34"],
    "+594694202345": ["0694 20 23 45", "0694.20.23.45", "694 20 23 45", "+594 694 20 23 45", "00594 694 20 23 45",
                      "594694202345"],
    "+596696301234": ["06 96 30 12 34", "0696.30.12.34", "+596 (0)696 30 12 34", "00596696301234"],
    "+596697301234": ["0697 30 12 34"],
    "+262692123456": ["0692 12 34 56", "0692.12.34.56", "00262 692 12 34 56", "00262692123456", "00262 0692 12 34 56",
                      "+262 692.12.34.56", "262692123456"],
    "+262693123456": ["0693 12 34 56"],
    "+262639691234": ["0639 69 12 34", "06.39.69.12.34", "00262 639 69 12 34"],
    "+687781234": ["+687 78 12 34", "00687 78.12.34"],
    "+68987123456": ["87 12 34 56", "87.12.34.56", "+689 87 12 34 56", "0068987123456", "689 87 12 34 56"],
    "+508551234": ["+508 55 12 34", "00508 55.12.34", "0508 55 12 34", "0508.55.12.34"],
    "+681821234": ["+681 82 12 34", "00681 82.12.34", "00681821234"],
}  # fmt: skip


@pytest.mark.parametrize(("e164", "typed"), [(e164, typed) for e164, all_ways in WRITTEN.items() for typed in all_ways])
def test_a_number_of_overseas_is_one_number_however_a_family_writes_it(e164: str, typed: str) -> None:
    assert phones.readings(typed) == (e164,)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        # Six digits are of several territories; nine without a zero may be a mobile of the mainland.
        ("75 12 34", ("+508751234", "+687751234")),
        ("82.12.34", ("+508821234", "+687821234", "+681821234")),
        ("681 82 12 34", ("+33681821234", "+681821234")),
        ("687 78 12 34", ("+33687781234", "+687781234")),
        ("00 33 6 12 34 56 79", ("+33612345679",)),
        # Landlines.
        ("0590 30 12 34", ()),
        ("0596 12 34 56", ()),
        ("0262 12 34 56", ()),
        ("rien", ()),
    ],
)
def test_what_a_family_may_mean_by_the_number_it_typed(typed: str, expected: tuple[str, ...]) -> None:
    assert phones.readings(typed) == expected
