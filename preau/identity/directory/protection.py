"""The protected file of a pupil (ordonnance de protection, retrait d’autorité, placement): what the head decides.

design.md §5. We do not know from whom a child is protected: so nobody among the guardians reads where the child is, and
no link about the child changes by itself, until the head lifts it. Decision docs/decisions/0016-protected-file.md.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext

from preau.identity.audit.events import Events
from preau.identity.audit.record import record
from preau.identity.directory.models import Guardian, Guardianship, Pupil, School


@transaction.atomic
def protect(pupil: Pupil, *, by: str, at: datetime, uai: str) -> bool:
    """Mark the file. False when it is already."""
    return _set(pupil, at, Events.FILE_PROTECTED, by=by, at=at, uai=uai)


@transaction.atomic
def unprotect(pupil: Pupil, *, by: str, at: datetime, uai: str) -> bool:
    """Lift the protection. False when there is none."""
    return _set(pupil, None, Events.FILE_UNPROTECTED, by=by, at=at, uai=uai)


def named_school(guardian: Guardian) -> School:
    """The school of a record as a message to its guardian names it: « L’établissement {{ school.name }} ».

    When a child of theirs there has a protected file, no name and no number: « L’établissement de votre enfant ».
    """
    return School(name=gettext("de votre enfant")) if is_hidden_from(guardian) else guardian.school


def is_hidden_from(guardian: Guardian) -> bool:
    """A child this record answers for has a protected file: its school is not named to them."""
    return Guardianship.objects.frozen().filter(guardian=guardian, is_legal=True, ended_at=None).exists()


def _set(pupil: Pupil, since: datetime | None, event: Events, *, by: str, at: datetime, uai: str) -> bool:
    changed = Pupil.objects.filter(pk=pupil.pk, protected_at__isnull=since is not None).update(protected_at=since)
    if changed:
        record(event, by=by, on=pupil.key, at=at, uai=uai)
    return bool(changed)
