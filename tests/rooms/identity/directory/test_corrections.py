"""Corrections: proposed with a proof, told, in force a day later, cancelled in time or not at all."""

from datetime import date, datetime, timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from preau.identity.audit.events import Events
from preau.identity.audit.models import Event
from preau.identity.directory import corrections
from preau.identity.directory.corrections import CannotCorrect, propose
from preau.identity.directory.models import Closing, Correction, Datum, Enrolment, Guardian, Proof
from preau.identity.messaging import outbox
from preau.identity.messaging.models import Outgoing
from tests.rooms.identity.signin import people

pytestmark = pytest.mark.django_db
DAY = timedelta(hours=24)
NEW = "06 39 98 40 40"
SECRETARY = "staff:7"


@pytest.fixture
def samira(at: datetime) -> Guardian:
    return people.family(at).guardian


def _mobile(guardian: Guardian, at: datetime, value: str = NEW, proof: Proof = Proof.IN_PERSON) -> Correction:
    return propose(guardian, field=Datum.MOBILE, value=value, proof=proof, by=SECRETARY, at=at)


def test_a_corrected_mobile_waits_a_day_then_stands_in_the_directory(samira: Guardian, at: datetime) -> None:
    correction = _mobile(samira, at)
    assert (correction.before, correction.value) == ("+33639981717", "+33639984040")
    assert corrections.apply_due(at=at + DAY - timedelta(seconds=1)) == 0
    assert corrections.apply_due(at=at + DAY) == 1
    assert corrections.apply_due(at=at + DAY) == 0
    samira.refresh_from_db()
    assert samira.mobile == "+33639984040"
    assert list(Correction.objects.unexported()) == [correction]


def test_each_step_is_an_event_about_the_person(samira: Guardian, at: datetime) -> None:
    _mobile(samira, at)
    corrections.apply_due(at=at + DAY)
    applied, proposed = Event.objects.about(samira.key)[:2]
    assert (proposed.name, proposed.by, proposed.uai) == (Events.CORRECTION_PROPOSED, SECRETARY, "0991234D")
    assert (applied.name, applied.by) == (Events.CORRECTION_APPLIED, "system:clock")
    assert "4040" not in str(proposed.facts) + str(applied.facts)


def test_the_old_channels_are_told_at_once_without_the_new_value(samira: Guardian, at: datetime) -> None:
    _mobile(samira, at)
    posted = list(Outgoing.objects.filter(message="support/correction_proposed"))
    assert {one.facts["where"] for one in posted} == {"base", "account"}
    assert all(one.on == samira.key and "4040" not in str(one.facts) for one in posted)


def test_in_time_it_is_cancelled_and_never_applied(samira: Guardian, at: datetime) -> None:
    correction = _mobile(samira, at)
    assert corrections.cancel(correction, by=samira.key, at=at + timedelta(hours=3))
    assert not corrections.cancel(correction, by=samira.key, at=at + timedelta(hours=4))
    assert corrections.apply_due(at=at + DAY) == 0
    samira.refresh_from_db()
    assert samira.mobile == "+33639981717"
    assert Event.objects.filter(name=Events.CORRECTION_CANCELLED).count() == 1


def test_once_applied_it_can_no_longer_be_cancelled(samira: Guardian, at: datetime) -> None:
    correction = _mobile(samira, at)
    corrections.apply_due(at=at + DAY)
    assert not corrections.cancel(correction, by=samira.key, at=at + DAY)


def test_a_second_one_replaces_the_first_and_remembers_what_the_base_said(samira: Guardian, at: datetime) -> None:
    first = _mobile(samira, at)
    corrections.apply_due(at=at + DAY)
    samira.refresh_from_db()
    second = _mobile(samira, at + 2 * DAY, "06 39 98 50 50", Proof.ACCOUNT)
    first.refresh_from_db()
    assert (first.closing, second.before) == (Closing.REPLACED, "+33639981717")
    assert corrections.apply_due(at=at + 2 * DAY) == 0
    assert corrections.apply_due(at=at + 3 * DAY) == 1


@pytest.mark.parametrize("value", ["01 99 00 12 34", "06", "", "+33639981717"])
def test_a_mobile_that_receives_no_code_or_changes_nothing_is_refused(
    samira: Guardian, at: datetime, value: str
) -> None:
    with pytest.raises(CannotCorrect):
        _mobile(samira, at, value)
    assert not Correction.objects.exists() and not Outgoing.objects.filter(message__startswith="support/").exists()


def test_a_name_changes_the_way_lists_find_the_person(samira: Guardian, at: datetime) -> None:
    propose(samira, field=Datum.USED_NAME, value="  Le  Goff ", proof=Proof.IN_PERSON, by=SECRETARY, at=at)
    corrections.apply_due(at=at + DAY)
    samira.refresh_from_db()
    assert (samira.used_name, samira.search) == ("Le Goff", "LE GOFF SAMIRA BELKACEM")


def test_a_birth_date_is_the_pupils_own(samira: Guardian, at: datetime) -> None:
    enrolment = Enrolment.objects.get(pupil__first_name="Hugo")
    with pytest.raises(ValueError, match="Guardian"):
        propose(samira, field=Datum.BIRTH_ON, value="2015-08-28", proof=Proof.IN_PERSON, by=SECRETARY, at=at)
    for wrong in ("2015-02-30", "2027-01-01", "1899-01-01", "hier"):
        with pytest.raises(CannotCorrect):
            propose(enrolment, field=Datum.BIRTH_ON, value=wrong, proof=Proof.IN_PERSON, by=SECRETARY, at=at)
    correction = propose(
        enrolment, field=Datum.BIRTH_ON, value="2015-08-28", proof=Proof.IN_PERSON, by=SECRETARY, at=at
    )
    assert correction.key == enrolment.pupil.key
    corrections.apply_due(at=at + DAY)
    enrolment.pupil.refresh_from_db()
    assert enrolment.pupil.birth_on == date(2015, 8, 28)


def test_the_database_refuses_two_open_corrections_of_one_field(samira: Guardian, at: datetime) -> None:
    correction = _mobile(samira, at)
    correction.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        correction.save(force_insert=True)


def test_a_birth_date_is_told_to_every_guardian_on_the_old_channels(samira: Guardian, at: datetime) -> None:
    Guardian.objects.filter(pk=samira.pk).update(email="samira.base@example.org")
    enrolment = Enrolment.objects.get(pupil__first_name="Hugo")
    propose(enrolment, field=Datum.BIRTH_ON, value="2015-08-28", proof=Proof.IN_PERSON, by=SECRETARY, at=at)
    posted = Outgoing.objects.filter(message="support/correction_proposed", on=samira.key)
    assert {(one.way, one.facts["where"]) for one in posted} == {
        (way, where) for way in ("email", "sms") for where in ("base", "account")
    }
    Outgoing.objects.filter(way="sms").delete()
    outbox.send_due(at=at)
    (message,) = mail.outbox
    assert message.to == ["samira.base@example.org"]
    assert "Hugo" in message.body and "Date de naissance" in message.body
    assert "2015" not in message.body.split("http")[0], "the new value is not written"


def test_the_birth_date_of_a_protected_file_is_told_to_nobody(samira: Guardian, at: datetime) -> None:
    enrolment = Enrolment.objects.get(pupil__first_name="Hugo")
    enrolment.pupil.protected_at = at
    enrolment.pupil.save()
    propose(enrolment, field=Datum.BIRTH_ON, value="2015-08-28", proof=Proof.IN_PERSON, by=SECRETARY, at=at)
    assert not Outgoing.objects.exists()
