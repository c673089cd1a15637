"""Adding a school: the one thing that no file can do."""

from datetime import datetime

from django.db import transaction

from preau.identity.audit.events import Events
from preau.identity.audit.record import record
from preau.identity.directory import identifiers
from preau.identity.directory.models import School


class AlreadyThere(Exception):
    """The school is known."""


@transaction.atomic
def add(uai: str, *, name: str = "", by: str, at: datetime) -> School:
    """Open a school under its UAI; its first import fills what is not given. Raises `NotAUai`, `AlreadyThere`."""
    code = identifiers.uai(uai)
    school, is_new = School.objects.get_or_create(uai=code, defaults={"name": name or code})
    if not is_new:
        raise AlreadyThere(code)
    record(Events.SCHOOL_ADDED, by=by, on=school.key, at=at, uai=code)
    return school
