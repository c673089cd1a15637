"""Every cause has its sentence, and every sentence finds its facts."""

import re

import pytest

from preau.identity.imports import sentences
from preau.identity.imports.causes import Cause, Doubt, Refused

FACTS = {
    "megabytes": 64, "count": 2, "line": 3, "column": 7, "declared": "ISO-8859-15", "encoding": "UTF-16",
    "root": "feed",
    "given": "0999901Z", "of": "pupil", "kind": "pupils", "schools": "0999901Z, 0999902A", "expected": "0991234D",
    "years": "2025, 2026", "keys": "1, 2", "last": "2026-11-24T08:00:00+01:00", "sizes": {"pupils": [402, 12]},
    "watched": 31,
}  # fmt: skip
OF_A_CAUSE = {
    Cause.OTHER_YEAR: {"given": 2025, "expected": 2026},
    Cause.OLDER_EXPORT: {"given": "2026-11-23T08:00:00+01:00"},
}


@pytest.mark.parametrize("cause", list(Cause))
def test_every_refusal_is_a_whole_sentence(cause):
    words = sentences.refusal(Refused(cause, file="Eleves.xml", **FACTS | OF_A_CAUSE.get(cause, {})))
    assert words.startswith("«\xa0Eleves.xml\xa0»\xa0: ")
    assert "%" not in words
    assert words[-1] in ".»" or cause is Cause.UNKNOWN_SCHOOL


@pytest.mark.parametrize("doubt", list(Doubt))
def test_every_doubt_says_what_was_seen_and_what_to_do(doubt):
    seen, do = map(str, sentences.ADVICE[doubt])
    assert seen and do[-1] in ".…"


@pytest.mark.parametrize(
    "words", [*sentences.REFUSALS.values(), *(part for pair in sentences.ADVICE.values() for part in pair)]
)
def test_typography_is_french(words):
    text = str(words)
    assert "'" not in text
    assert not re.search(r" [:;?!»]|« ", text)
