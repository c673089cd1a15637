"""Whether a page comes first, and in which words: the rule alone."""

import pytest

from preau.identity.federation import learnt, notices, release
from preau.identity.federation.attributes import ATTRIBUTES
from preau.identity.federation.models import RelyingParty
from preau.identity.federation.notices import ASK, NONE, TELL, Known
from preau.identity.federation.release import OFFLINE

NAME, MORE = frozenset({"name"}), frozenset({"name", "email"})


def known(names: frozenset[str], *, agreed: bool = True, withdrawn: bool = False) -> Known:
    return Known(names, agreed, withdrawn)


@pytest.mark.parametrize(("policy", "names", "before", "is_due"), [
    (NONE, MORE, None, False),
    (TELL, NAME, None, True),
    (ASK, NAME, None, True),
    (TELL, NAME, known(NAME, agreed=False), False),
    (ASK, NAME, known(NAME), False),
    (ASK, NAME, known(MORE), False),
    (ASK, MORE, known(NAME), True),
    (TELL, MORE, known(NAME, agreed=False), True),
    (ASK, NAME, known(NAME, agreed=False), True),
    (TELL, NAME, known(NAME), False),
    (ASK, NAME, known(NAME, withdrawn=True), True),
    (TELL, NAME, known(NAME, withdrawn=True), True),
    (ASK, NAME | {"FrEduUrlRetour"}, known(NAME), False),
    (ASK, NAME | {OFFLINE}, known(NAME), True),
])  # fmt: skip
def test_the_page_comes_once_and_again_when_more_would_be_learnt(
    policy: str, names: frozenset[str], before: Known | None, is_due: bool
) -> None:
    assert notices.is_due(policy, names, before) is is_due


def test_what_was_agreed_is_kept_when_the_list_shrinks_but_not_what_was_only_told() -> None:
    assert notices.together(NAME, known(MORE), is_agreement=True) == MORE
    assert notices.together(NAME, known(MORE, agreed=False), is_agreement=True) == NAME
    assert notices.together(NAME, known(MORE, withdrawn=True), is_agreement=True) == NAME
    assert notices.together(NAME, known(MORE), is_agreement=False) == MORE


def test_every_attribute_has_its_words_once() -> None:
    said = [name for one in learnt.WORDS for name in one.names]
    assert sorted(said) == sorted({*ATTRIBUTES, "sub", OFFLINE})


def test_every_scope_that_lets_something_out_says_why_to_families() -> None:
    told = {scope for scope, (names, _) in release.SCOPES.items() if names}
    assert told - {"openid"} == set(learnt.WHYS)


def test_people_read_what_makes_sense_for_them_and_why() -> None:
    party = RelyingParty(scopes=["profile", "pupil"], attributes=["email"], reason="La convention du 3 mars")
    names = ["given_name", "family_name", "FrEduCtDateNaissance", "email", "FrEduUrlRetour"]
    to_guardian = learnt.lines(names, party, is_pupil=False)
    assert [(line.words, line.why) for line in to_guardian] == [
        ("Vos nom et prénom", "Pour vous appeler par votre nom"),
        ("Votre adresse électronique", "La convention du 3 mars"),
    ]
    to_pupil = [(line.words, line.why) for line in learnt.lines(names, party, is_pupil=True)]
    assert to_pupil == [
        ("Tes nom et prénom", "Pour t’appeler par ton nom"),
        ("Ton adresse électronique", "La convention du 3 mars"),
        ("Ta date de naissance", "Pour t’ouvrir un droit qui dépend de ton âge, de ton niveau et de ton établissement"),
    ]
    assert "l’adresse électronique" not in learnt.withheld(names)
    assert "l’adresse électronique" in learnt.withheld(["name"])
