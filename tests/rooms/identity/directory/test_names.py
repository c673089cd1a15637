"""Names: folded to be compared, never repaired."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preau.identity.directory import names


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Le Goff-N’Diaye", "LE GOFF N DIAYE"),
        ("D'ALMEIDA", "D ALMEIDA"),
        ("Cœur-Vaillant", "COEUR VAILLANT"),
        ("SØRENSEN", "SORENSEN"),
        ("Łukasz", "LUKASZ"),
        ("Straße", "STRASSE"),
        ("  Jean - Paul ", "JEAN PAUL"),
        ("J.-P.", "J P"),
        ("Zoé", "ZOE"),
        ("", ""),
    ],
)
def test_accents_ligatures_hyphens_and_case_do_not_count(written, folded):
    assert names.fold(written) == folded


@given(st.text(max_size=60))
def test_folding_twice_changes_nothing_more(text):
    assert names.fold(names.fold(text)) == names.fold(text)


@given(st.text(max_size=60))
def test_composed_and_decomposed_letters_fold_alike(text):
    import unicodedata

    assert names.fold(unicodedata.normalize("NFD", text)) == names.fold(unicodedata.normalize("NFC", text))


def test_a_person_answers_to_the_birth_name_and_to_the_used_name():
    assert names.surnames("MOREAU", "Duval") == {"MOREAU", "DUVAL"}
    assert names.surnames("MOREAU", "") == {"MOREAU"}


def test_the_first_of_several_given_names():
    assert names.first_given("Marie-Jeanne Louise") == "MARIE"


def test_lists_are_sorted_by_the_name_shown_and_found_by_the_birth_name_too():
    assert names.search_key("MOREAU", "Duval", "Anaïs") == "DUVAL ANAIS MOREAU"
    assert names.search_key("DUVAL", "", "Karim") == "DUVAL KARIM"


def test_direction_overrides_and_control_characters_do_not_enter_a_name():
    assert names.clean("DU\u202eVAL\u0000 \tMARTIN\u200b") == "DUVAL MARTIN"


def test_the_original_spelling_is_kept():
    assert names.clean("  D’Éon   de Beaumont ") == "D’Éon de Beaumont"


@pytest.mark.parametrize("name", ["KO?LU", "INÃ‰S", "ANAÃ¯S", "CÅ“UR", "MA\ufffdL"])
def test_a_letter_lost_on_the_way_is_seen(name):
    assert names.has_lost_letters(name)


@pytest.mark.parametrize("name", ["ÂGÉ", "Åse", "JOÃO", "Élise", "N’GUESSAN"])
def test_a_rare_letter_is_not_a_lost_one(name):
    assert not names.has_lost_letters(name)
