"""Who can help: every refusal to a person who proved themselves names their school and its number."""

from datetime import date
from typing import Any

from preau.identity.accounts.models import Account, Kind
from preau.identity.directory.models import School


def school_of(account: Account, *, day: date) -> School | None:
    """The school to call: where the pupil is, or where the guardian's newest record comes from.

    None when it may not be named: a child of theirs has a protected file there (directory/protection.py).
    """
    if account.kind == Kind.PUPIL:
        enrolments = account.pupil.enrolments.select_related("school") if account.pupil else None
        found = enrolments.order_by("-entered_on", "-pk") if enrolments is not None else []
        active = [enrolment for enrolment in found if enrolment.is_active_on(day)]
        chosen = (active or list(found))[:1]
        return chosen[0].school if chosen else None
    record = account.shown_records().select_related("guardian__school").order_by("-guardian_id").first()
    return record.guardian.school if record else None


def words_about(account: Account, *, day: date) -> dict[str, Any]:
    """What the templates of our messages say of their holder, and who they may call."""
    holder, school = account.holder(), school_of(account, day=day)
    return {
        "first_name": holder.first_name if holder else "",
        "username": account.username,
        "is_pupil": account.kind == Kind.PUPIL,
        "school_name": school.name if school else "",
        "school_phone": school.phone if school else "",
    }
