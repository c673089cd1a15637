"""The letters of an SMS: one that a telephone's cheapest alphabet has not makes three messages of one."""

from hypothesis import given
from hypothesis import strategies as st

from preau.identity.messaging import sms


def test_words_well_set_are_sent_in_letters_that_cost_one_message() -> None:
    written = "Préau\u00a0: «\u00a0Mes\u202fenfants\u00a0» n’êtes… à ÇA, œuf –ô Łukasz 你好"
    assert sms.in_gsm(written) == 'Préau : "Mes enfants" n\'etes... à ÇA, oeuf -o Lukasz '


def test_a_link_stays_as_it_is() -> None:
    link = "https://comptes.example/r/{a}~[b]|c_d-e?f=1&g=%C3"
    assert sms.in_gsm(link) == link


@given(st.text())
def test_whatever_is_written_an_sms_has_no_other_letter(text: str) -> None:
    assert set(sms.in_gsm(text)) <= sms.GSM | sms.GSM_BESIDE
