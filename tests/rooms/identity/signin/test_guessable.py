"""What people make of a common word, and what they may well choose."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preau.identity.signin.guessable import Weakness, weakness

LIST = frozenset({"marseille", "soleil", "doudou", "cheval", "zx9kpl2w"})


def judged(password: str) -> Weakness | None:
    return weakness(password, is_known=LIST.__contains__)


@pytest.mark.parametrize("password", ["marseille", "MarSeille", "zx9kpl2w"])
def test_a_word_of_the_lists_is_common_in_any_case(password: str) -> None:
    assert judged(password) is Weakness.COMMON


@pytest.mark.parametrize(
    "password",
    ["Marseille2024!", "M4rs3ill3-2024", "m@r$eille1234", "marseillemarseille", "elliesram2024!", "2024marseille!!",
     "M.a.r.s.e.i.l.l.e", "Soleil-Doudou9", "doudoucheval12", "Ch3v4l!Ch3v4l!"],
)  # fmt: skip
def test_a_disguised_word_is_seen(password: str) -> None:
    assert judged(password) is Weakness.DERIVED


@pytest.mark.parametrize(
    "password",
    ["Azertyuiop123!", "azertyqsdfgh", "QSDFGHJKLM1!", "1a2z3e4r5t6y", "abcdefgh12345678", "12345678901234567",
     "poiuytreza99!", "1qaz2wsx3edc", "mlkjhgfdsq-1", "&é\"'(-è_çà)="],
)  # fmt: skip
def test_fingers_walking_on_the_keyboard_are_seen(password: str) -> None:
    assert judged(password) is Weakness.WALK


@pytest.mark.parametrize(
    "password",
    ["Collège-Lycée-2026", "pronote2026!!", "M0td3p@sse2026", "mot de passe de la cantine", "EduConnect2026!",
     "Le collège de mes élèves"],
)  # fmt: skip
def test_nothing_but_words_of_the_school_is_seen(password: str) -> None:
    assert judged(password) is Weakness.SCHOOL


@pytest.mark.parametrize(
    "password",
    ["le vélo du grand préau", "une tortue sous la pluie", "Un-bon-mot-de-passe-7", "xK7!mpQ2vLwz", "girafe-bleue-42",
     "Tr0ub4dor&3xY", "soleil cheval doudou marseille", "Azerty est mon chat", "la cantine sent la cannelle"],
)  # fmt: skip
def test_a_good_password_is_left_alone(password: str) -> None:
    assert judged(password) is None


@given(st.text(max_size=128))
def test_whatever_is_typed_is_judged_without_failing(password: str) -> None:
    judged(password)


@given(st.sampled_from(sorted(LIST)), st.integers(0, 9999), st.sampled_from(["", "!", "-", " "]))
def test_a_number_at_the_end_never_saves_a_common_word(word: str, year: int, sign: str) -> None:
    assert judged(f"{word.capitalize()}{sign}{year}") is not None
