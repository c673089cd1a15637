"""How words, names, numbers and dates are written."""

import datetime
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preau.design import text


def plain(words: str) -> str:
    return words.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize(
    ("label", "parts"),
    [
        ("5E B", ("5", "e", "B")),
        ("6EME A", ("6", "e", "A")),
        ("3ème-2", ("3", "e", "2")),
        ("2NDE 3", ("2", "de", "3")),
        ("1ERE S", ("1", "re", "S")),
        ("5E", ("5", "e", "")),
        ("601", ("", "", "601")),
        ("CM1", ("", "", "CM1")),
        ("5EB", ("", "", "5EB")),
        ("TES1", ("", "", "TES1")),
        ("3 SEGPA", ("", "", "3 SEGPA")),
        ("", ("", "", "")),
    ],
)
def test_a_division_raises_its_letter_only_when_it_is_sure(label: str, parts: tuple[str, str, str]) -> None:
    assert text.division_parts(label) == parts


def test_the_desk_reads_the_family_name_first_and_keeps_accents_on_capitals() -> None:
    assert text.desk_name("Lefèvre-N’Diaye", "Héloïse") == "LEFÈVRE-N’DIAYE Héloïse"


@pytest.mark.parametrize(
    ("first", "last", "whole"),
    [
        ("Samira", "BELKACEM", "Samira Belkacem"),
        ("Maïwenn", "Kervella", "Maïwenn Kervella"),
        ("Anne", "LEFÈVRE-N’DIAYE", "Anne Lefèvre-N’Diaye"),
        ("Jean", "DE LA TOUR", "Jean de La Tour"),
        ("Lan", "", "Lan"),
    ],
)
def test_a_person_is_named_in_small_letters(first: str, last: str, whole: str) -> None:
    assert text.person_name(first, last) == whole


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("+33639981240", "06 •• •• •• 40"),
        ("06 39 98 12 40", "06 •• •• •• 40"),
        ("+594694123452", "+594 6 •• •• •• 52"),
        ("+447911123456", "•• •• •• 56"),
        ("0612345", "•• •• •• 45"),
        ("12", "••••••"),
    ],
)
def test_a_masked_phone_shows_two_figures_at_each_end_and_never_more(phone: str, masked: str) -> None:
    assert plain(text.masked_phone(phone)) == masked


@given(st.from_regex(r"\+?[0-9 .]{0,20}", fullmatch=True))
def test_masking_never_lets_the_middle_of_a_number_through(phone: str) -> None:
    figures = [char for char in text.masked_phone(phone) if char.isdigit()]
    assert len(figures) <= 6


def test_numbers_and_dates_follow_the_printing_house() -> None:
    assert text.number(1043) == "1\u202f043"
    assert text.number(12.5) == "12,5"
    assert plain(text.date_in_words(datetime.date(2026, 9, 1))) == "1er septembre 2026"
    assert plain(text.date_in_words(datetime.date(2026, 11, 23), is_short=True)) == "23 nov. 2026"
    assert plain(text.hour_in_words(datetime.time(8, 0))) == "8 h"
    assert plain(text.hour_in_words(datetime.time(18, 5))) == "18 h 05"


def test_a_name_cannot_turn_its_reading_round_nor_hide_letters() -> None:
    assert text.displayable("Ad\u202eama\u2066\u200b\x00 C") == "Adama C"
    assert text.displayable("محمد علي") == "محمد علي"


@given(st.text())
def test_what_is_displayed_has_no_control_and_no_override(name: str) -> None:
    shown = text.displayable(name)
    assert not any(unicodedata.category(char) == "Cc" for char in shown)
    assert not any(
        unicodedata.bidirectional(char) in {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
        for char in shown
    )
