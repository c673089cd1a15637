"""Correcting what a school's base says: proposed with a proof, told to the old channels, in force a day later.

design.md §5: the directory is received, never edited by hand, except corrections that carry their author and travel
back to the school's secretariat. Until the base says the same, imports keep the corrected value (imports/overlay.py).
"""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext

from preau import clock
from preau.identity.audit.events import Events
from preau.identity.audit.record import record
from preau.identity.directory import identifiers, names, phones
from preau.identity.directory.matching import folded_email
from preau.identity.directory.models import Closing, Correction, Datum, Enrolment, Guardian, Guardianship, Proof, Pupil
from preau.identity.messaging import outbox
from preau.identity.messaging.catalogue import Way

# The time for whoever is told on the old channels to say no.
WAITS = timedelta(hours=24)
BY = "system:clock"
_OLDEST = date(1900, 1, 1)


class CannotCorrect(Exception):
    """The correction has no sense; `sentence` says why, and what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@transaction.atomic
def propose(
    person: Guardian | Enrolment,
    *,
    field: Datum,
    value: str,
    proof: Proof,
    by: str,
    at: datetime,
    told: Collection[str] = (),
) -> Correction:
    """Ask that `field` of a guardian's record (or the birth date of an enrolled pupil, ISO) be `value` in 24 hours.

    It replaces another one about the same field. The old channels of the person, of the guardians of a pupil, are told
    without the new value; those of `told` (E.164, addresses) know already. Raises `CannotCorrect` when the
    value is not one, or is what the record says already.
    """
    is_guardian = isinstance(person, Guardian)
    if is_guardian is (field == Datum.BIRTH_ON) or field == Datum.LINK:
        raise ValueError(f"{field} is not a field of {person.__class__.__name__}")
    uai = person.school_id
    kept = readable(field, value, uai=uai, at=at)
    whose = {"guardian": person} if isinstance(person, Guardian) else {"enrolment": person}
    older = Correction.objects.select_for_update().open().filter(field=field, **whose).first()
    present = _present(person, field)
    if kept == (older.value if older else present):
        raise CannotCorrect(gettext("C’est déjà ce que dit la fiche."))
    # What the base says is what it said before the correction that is replaced, if that one was in force.
    before = older.before if older and older.applied_at else present
    if older:
        _close(older, Closing.REPLACED, by=by, at=at)
    correction = Correction.objects.create(
        school_id=uai, field=field, before=before, value=kept, proof=proof,
        by=by, proposed_at=at, effective_at=at + WAITS, **whose,
    )  # fmt: skip
    record(
        Events.CORRECTION_PROPOSED, by=by, on=correction.key, at=at, uai=uai, field=str(field), proof=str(proof),
        correction=correction.pk,
    )  # fmt: skip
    # What the holder changed in their own account was told there: the addresses of the base are left.
    for where in ("base",) if proof == Proof.ACCOUNT else ("base", "account"):
        for way in Way:
            if isinstance(person, Guardian):
                if where == "account" or _known_before(correction, person, way) not in told:
                    _tell(correction, way, where, at=at)
            else:
                _tell_guardians(correction, person, way, where, at=at)
    return correction


@transaction.atomic
def cancel(correction: Correction, *, by: str, at: datetime) -> bool:
    """Whoever was told, or the head, says no. False when it is in force already, or over."""
    locked = Correction.objects.select_for_update().get(pk=correction.pk)
    if not locked.is_waiting():
        return False
    _close(locked, Closing.CANCELLED, by=by, at=at)
    record(
        Events.CORRECTION_CANCELLED, by=by, on=locked.key, at=at, uai=locked.school_id, field=locked.field,
        correction=locked.pk,
    )  # fmt: skip
    return True


def apply_due(*, at: datetime) -> int:
    """Write into the directory the corrections whose day has passed (jobs/catalogue.py). Returns how many."""
    return sum(_apply(pk, at=at) for pk in Correction.objects.due(at).values_list("pk", flat=True)[:200])


@transaction.atomic
def _apply(pk: int, *, at: datetime) -> int:
    correction = Correction.objects.select_for_update().due(at).filter(pk=pk).first()
    if correction is None:
        return 0
    if correction.field == Datum.BIRTH_ON:
        pupils = Pupil.objects.filter(enrolments=correction.enrolment)
        pupils.update(birth_on=date.fromisoformat(correction.value))
    else:
        guardian = Guardian.objects.select_for_update().get(corrections=correction)
        setattr(guardian, correction.field, correction.value)
        if correction.field == Datum.MOBILE:
            guardian.mobile_given = ""
        guardian.search = names.search_key(guardian.birth_name, guardian.used_name, guardian.first_name)
        guardian.save(update_fields=[correction.field, "mobile_given", "search"])
    correction.applied_at = at
    correction.save(update_fields=["applied_at"])
    record(
        Events.CORRECTION_APPLIED, by=BY, on=correction.key, at=at, uai=correction.school_id,
        field=correction.field, correction=pk,
    )  # fmt: skip
    return 1


@transaction.atomic
def settle(correction: Correction, closing: Closing, *, by: str, at: datetime) -> None:
    """An import met the correction: the base says the same (REPORTED), or a third thing (OVERRULED)."""
    locked = Correction.objects.select_for_update().get(pk=correction.pk)
    if not locked.is_open():
        return
    _close(locked, closing, by=by, at=at)
    record(
        Events.CORRECTION_CLOSED, by=by, on=locked.key, at=at, uai=locked.school_id, field=locked.field,
        closing=str(closing), correction=locked.pk,
    )  # fmt: skip


def readable(field: Datum, written: str, *, uai: str, at: datetime) -> str:
    """The value as the directory keeps it. Raises `CannotCorrect`."""
    if field == Datum.MOBILE:
        department = identifiers.department(uai)
        phone = phones.read(written, department=department, demo_numbers=settings.DEMO_NUMBERS)
        if phone is None or not phone.is_mobile:
            raise CannotCorrect(gettext("Ce n’est pas un numéro de mobile : un code ne pourrait pas y être envoyé."))
        return phone.e164
    if field == Datum.EMAIL:
        address = folded_email(written)
        try:
            validate_email(address)
        except ValidationError as error:
            raise CannotCorrect(gettext("Cette adresse n’est pas complète.")) from error
        return address
    if field == Datum.BIRTH_ON:
        return _birth(written, today=clock.today(at))
    name = names.clean(written)
    if len(name) > 100 or (not name and field != Datum.USED_NAME):
        raise CannotCorrect(gettext("Un nom a entre 1 et 100 caractères."))
    return name


def _birth(written: str, *, today: date) -> str:
    try:
        born = date.fromisoformat(written)
    except ValueError as error:
        raise CannotCorrect(gettext("Cette date n’existe pas.")) from error
    if not _OLDEST < born <= today:
        raise CannotCorrect(gettext("Une date de naissance n’est ni dans l’avenir, ni d’un autre siècle."))
    return born.isoformat()


def _tell(correction: Correction, way: Way, where: str, *, at: datetime) -> None:
    """To an old channel, whose address is read at the moment of sending (support/telling.py)."""
    outbox.post("support/correction_proposed", way=way, on=correction.key, at=at, correction=correction.pk, where=where)


def _tell_guardians(correction: Correction, enrolment: Enrolment, way: Way, where: str, *, at: datetime) -> None:
    """A child's birth date proves who their guardians are: each is told. A protected file tells nobody."""
    if enrolment.pupil.is_protected():
        return
    links = Guardianship.objects.legal().active_on(clock.today(at)).filter(enrolment__pupil=enrolment.pupil_id)
    for number in links.order_by("guardian_id").values_list("guardian_id", flat=True).distinct():
        outbox.post(
            "support/correction_proposed", way=way, on=f"guardian:{number}", at=at, correction=correction.pk,
            where=where, guardian=number,
        )  # fmt: skip


def _known_before(correction: Correction, guardian: Guardian, way: Way) -> str:
    """Where the base reached the guardian by this way before the correction."""
    field = Datum.EMAIL if way is Way.EMAIL else Datum.MOBILE
    return correction.before if correction.field == field else str(getattr(guardian, field))


def _present(person: Guardian | Enrolment, field: Datum) -> str:
    if isinstance(person, Guardian):
        return str(getattr(person, field))
    return person.pupil.birth_on.isoformat() if person.pupil.birth_on else ""


def _close(correction: Correction, closing: Closing, *, by: str, at: datetime) -> None:
    correction.closing, correction.closed_at, correction.closed_by = closing, at, by
    correction.save(update_fields=["closing", "closed_at", "closed_by"])
