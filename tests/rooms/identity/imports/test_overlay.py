"""Corrections against the next imports: kept until the base says the same, gone when it says a third thing."""

from datetime import date, timedelta

import pytest

from preau.identity.directory import corrections, links
from preau.identity.directory.models import Closing, Correction, Datum, Enrolment, Guardian, Guardianship, Proof
from preau.identity.imports import overlay, runs, schools
from preau.identity.imports.causes import Doubt
from preau.identity.imports.models import ImportRun
from preau.identity.imports.plan import Of, Settled
from preau.identity.imports.snapshot import Fix, LinkFacts
from tests.rooms.identity.imports.build import UAI, SchoolFiles
from tests.rooms.identity.imports.plans import after, doubts, one, plan

BY = "staff:1"
SCHOOL = SchoolFiles()
NEW = "+33639984040"
LATER = "01/12/2026 09:00:00"


# The rule -------------------------------------------------------------------------------------------------------------
def test_the_base_says_the_same_and_the_correction_is_over():
    fix = Fix(7, "used_name", "Martin", "Le Goff")
    assert overlay.meet(fix, "LE-GOFF").settled == Settled(7, "reported")
    assert overlay.meet(Fix(7, "email", "", "a@example.org"), "A@example.org").settled == Settled(7, "reported")


def test_the_base_still_says_the_old_and_the_correction_stands():
    assert overlay.meet(Fix(7, "mobile", "+33639981717", NEW), "+33639981717") == overlay.Laid(
        stands=True, doubt=Doubt.CORRECTION_KEPT
    )


def test_silence_of_the_base_erases_no_correction():
    assert overlay.meet(Fix(7, "mobile", "+33639981717", NEW), "").stands


def test_a_third_value_wins_and_is_reported():
    met = overlay.meet(Fix(7, "mobile", "+33639981717", NEW), "+33639985050")
    assert (met.stands, met.settled, met.doubt) == (False, Settled(7, "overruled"), Doubt.CORRECTION_OVERRULED)


def test_what_is_not_yet_in_force_stands_over_nothing():
    fix = Fix(7, "mobile", "+33639981717", NEW, is_applied=False)
    assert overlay.meet(fix, "+33639981717") == overlay.Laid()
    assert overlay.meet(fix, NEW).settled == Settled(7, "reported")


def test_a_false_link_opens_nothing_until_the_base_drops_it():
    link = LinkFacts(1, True, "20")
    kept, laid = overlay.on_link(link, Fix(7, "link"))
    assert kept is not None and kept.is_ended and not kept.opens_a_right and laid.doubt is Doubt.LINK_REFUTED
    for said in (None, LinkFacts(3, False, "20")):
        assert overlay.on_link(said, Fix(7, "link"))[1].settled == Settled(7, "reported")


# In a plan ------------------------------------------------------------------------------------------------------------
def test_a_plan_without_a_change_that_ends_a_correction_is_not_empty():
    known = after(SCHOOL)
    first = known.guardians["700201"].mobile
    known.guardian_fixes = {"700201": [Fix(7, "mobile", "+33639980000", first)]}
    made = plan(SCHOOL, known)
    assert not made.changes and made.settled == [Settled(7, "reported")] and not made.is_empty
    assert made.counts["corrections_reported"] == 1
    assert made.digest != plan(SCHOOL, after(SCHOOL)).digest


def test_a_kept_mobile_is_neither_a_change_nor_a_watched_one():
    known = after(SCHOOL, active=("700201",))
    before = known.guardians["700201"].mobile
    known.guardian_fixes = {"700201": [Fix(7, "mobile", before, NEW)]}
    made = plan(SCHOOL, known)
    assert one(made, Of.GUARDIAN, "700201").after.mobile == NEW  # the directory had lost it: it comes back
    assert doubts(made)[Doubt.CORRECTION_KEPT] == ["700201"]


def test_a_birth_date_corrected_here_stands():
    known = after(SCHOOL)
    said = known.pupils["500101"].birth_on
    known.pupil_fixes = {"500101": [Fix(7, "birth_on", said.isoformat(), "2014-01-02")]}
    assert one(plan(SCHOOL, known), Of.PUPIL, "500101").after.birth_on == date(2014, 1, 2)


# In the database ------------------------------------------------------------------------------------------------------
@pytest.fixture
def school(db, at, settings):
    settings.DEMO_NUMBERS = True
    made = schools.add(UAI, by=BY, at=at)
    bring(SCHOOL, at)
    return made


def bring(files: SchoolFiles, at) -> ImportRun | None:
    return runs.apply_now(files.all(), by=BY, at=at)[1]


def corrected(at, value: str = NEW) -> Correction:
    guardian = Guardian.objects.get(source_key="700201")
    made = corrections.propose(guardian, field=Datum.MOBILE, value=value, proof=Proof.IN_PERSON, by=BY, at=at)
    assert corrections.apply_due(at=at + timedelta(hours=24)) == 1
    return made


def mobile() -> str:
    return Guardian.objects.get(source_key="700201").mobile


def test_the_next_import_keeps_the_correction_and_says_so(school, at):
    correction = corrected(at)
    bring(SCHOOL.but(exported=LATER).with_person(0, MEL="autre@example.org"), at + timedelta(days=8))
    correction.refresh_from_db()
    assert mobile() == NEW and correction.is_open()
    assert ImportRun.objects.latest("pk").doubts[Doubt.CORRECTION_KEPT] == 1


def test_once_reported_it_is_closed_and_the_base_is_free_again(school, at):
    correction = corrected(at)
    bring(SCHOOL.but(exported=LATER).with_person(0, TEL_PORTABLE="06 39 98 40 40"), at + timedelta(days=8))
    correction.refresh_from_db()
    assert (mobile(), correction.closing) == (NEW, Closing.REPORTED)
    bring(SCHOOL.but(exported="02/12/2026 09:00:00").with_person(0, TEL_PORTABLE="06 39 98 60 60"), at + timedelta(9))
    assert mobile() == "+33639986060"


def test_a_third_value_in_the_base_wins(school, at):
    correction = corrected(at)
    bring(SCHOOL.but(exported=LATER).with_person(0, TEL_PORTABLE="06 39 98 50 50"), at + timedelta(days=8))
    correction.refresh_from_db()
    assert (mobile(), correction.closing) == ("+33639985050", Closing.OVERRULED)


def test_a_false_link_is_not_revived_and_goes_when_the_base_drops_it(school, at):
    link = Guardianship.objects.legal().filter(guardian__source_key="700201").first()
    assert link is not None
    Guardianship.objects.filter(pk=link.pk).update(disputed_at=at)
    assert links.refute(link, by=BY, at=at)
    bring(SCHOOL.but(exported=LATER).with_person(0, MEL="autre@example.org"), at + timedelta(days=8))
    link.refresh_from_db()
    assert link.ended_at == at and not Guardianship.objects.legal().filter(pk=link.pk).exists()
    kept = [one for one in SCHOOL.links if one["PERSONNE_ID"] != "700201" or one["ELEVE_ID"] != _key(link)]
    assert len(kept) == len(SCHOOL.links) - 1
    bring(SCHOOL.but(exported="02/12/2026 09:00:00", links=kept), at + timedelta(days=9))
    assert Correction.objects.get().closing == Closing.REPORTED


def _key(link: Guardianship) -> str:
    return Enrolment.objects.get(pk=link.enrolment_id).source_key
