"""Nobody is smuggled in (design §6.5)."""

import pytest

from preau.identity.imports.plan import WATCHED_AT_MOST, Watch
from tests.rooms.identity.imports.build import SchoolFiles, link, person
from tests.rooms.identity.imports.plans import SCHOOL, after, crowd, elsewhere, plan


def newcomer(school: SchoolFiles = SCHOOL) -> SchoolFiles:
    return school.but(
        persons=[*school.persons, person("700209", "INTRUS", "Paul", "+33639980029")],
        links=[*school.links, link("500101", "700209", kinship="90")],
    )


def test_a_new_guardian_beside_an_active_one_is_watched_and_the_active_one_told():
    made = plan(newcomer(), after(SCHOOL, active=("700201",)))
    (watched,) = made.watched
    assert (watched.why, watched.guardian, watched.pupil, watched.told) == (
        Watch.GUARDIAN_ADDED,
        "700209",
        "500101",
        (700201,),
    )


def test_a_new_guardian_beside_nobody_active_is_not_watched():
    assert plan(newcomer(), after(SCHOOL)).watched == []


def test_a_contact_who_becomes_a_legal_guardian_is_watched():
    before = SCHOOL.with_link(3, NIVEAU_RESPONSABILITE="3")
    (watched,) = plan(SCHOOL, after(before, active=("700202",))).watched
    assert (watched.why, watched.guardian) == (Watch.GUARDIAN_ADDED, "700203")


@pytest.mark.parametrize(
    "tags", [{"TEL_PORTABLE": "+33639980077"}, {"MEL": "x@example.org"}, {"NOM_DE_FAMILLE": "AUTRE"}]
)
def test_a_guardian_who_changes_beside_an_active_one_is_watched(tags):
    made = plan(SCHOOL.with_person(2, **tags), after(SCHOOL, active=("700202",)))
    (watched,) = made.watched
    assert (watched.why, watched.guardian, watched.told) == (Watch.GUARDIAN_CHANGED, "700203", (700202,))


def test_an_active_guardian_whose_mobile_or_mail_changes_is_warned():
    tags = {"TEL_PORTABLE": "+33639980077", "MEL": ""}
    (watched,) = plan(SCHOOL.with_person(0, **tags), after(SCHOOL, active=("700201",))).watched
    assert (watched.why, watched.told, watched.channels) == (Watch.CONTACT_CHANGED, (700201,), ("email", "mobile"))


def test_an_address_that_changes_is_nobodys_business():
    moved = SCHOOL.with_person(0, ADRESSE_ID="0")
    made = plan(moved, after(SCHOOL, active=("700201", "700202")))
    assert (len(made.changes), made.watched) == (1, [])


def test_a_guardian_of_a_transferred_pupil_is_watched_by_those_of_the_old_school():
    (watched,) = plan(SCHOOL, elsewhere()).watched
    assert (watched.why, watched.guardian, watched.told) == (Watch.GUARDIAN_ADDED, "700201", (5,))


def test_above_a_number_of_watched_changes_a_second_person_must_look():
    whole = crowd(WATCHED_AT_MOST + 1)
    known = after(whole, active=tuple(str(one["@"]) for one in whole.persons))
    calm = [{**one, "TEL_PORTABLE": "+33639980077"} for one in whole.persons[:-1]] + whole.persons[-1:]
    busy = [{**one, "TEL_PORTABLE": "+33639980077"} for one in whole.persons]
    first = after(whole.but(persons=[{**one, "TEL_PORTABLE": "+33639980011"} for one in whole.persons]))
    first.known_guardians = known.known_guardians
    calm = [{**one, "TEL_PORTABLE": "+33639980011"} if n == 0 else one for n, one in enumerate(busy)]
    assert not plan(whole.but(persons=calm), first).needs_second_person
    assert plan(whole.but(persons=busy), first).needs_second_person
