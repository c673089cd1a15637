"""Who is told that FranceConnect alone opened an account, and that it was undone: made at the moment of sending.

A number or an address of the base may be a stranger's: they read a first name and an initial, no child. The other
guardian reads which children, never who (separated parents, design.md §5).
"""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext

from preau import clock
from preau.identity.accounts import alone, channels, closing
from preau.identity.accounts.channels import Way
from preau.identity.accounts.models import AloneOpening
from preau.identity.accounts.states import State
from preau.identity.directory.models import Guardian, Guardianship, Pupil
from preau.identity.messaging.catalogue import Envelope
from preau.identity.messaging.models import Outgoing


def to_base(outgoing: Outgoing, at: datetime) -> Envelope | None:
    """Context of « un accès vient d’être ouvert à votre nom »: to what the base knows of the record claimed."""
    opening = _opening(outgoing)
    if opening is None or not opening.is_undoable_at(at):
        return None
    to = _of_base(opening.guardian, Way(outgoing.way))
    return Envelope(to=to, context=_with_link(opening, outgoing, at)) if to else None


def beside(outgoing: Outgoing, at: datetime) -> Envelope | None:
    """Context of « un autre responsable vient d’entrer »: to another guardian of these children."""
    opening, guardian = _opening(outgoing), _guardian(outgoing)
    if opening is None or guardian is None or not opening.is_undoable_at(at):
        return None
    children = _in_common(opening, guardian, at)
    to = _of_other(guardian, Way(outgoing.way))
    if not to or not children or any(child.is_protected() for child in children):
        return None
    names = gettext(" et ").join(child.first_name for child in children)
    return Envelope(to=to, context={**_with_link(opening, outgoing, at), "names": names})


def to_school(outgoing: Outgoing, at: datetime) -> Envelope | None:
    """Context of the school's own message: its desk undoes, by name; no link to press from a shared mailbox."""
    opening = _opening(outgoing)
    if opening is None or not opening.is_undoable_at(at):
        return None
    page = reverse("console:guardian", args=[opening.account_id])
    name = f"{opening.guardian.first_name} {opening.guardian.surname}"
    context = {**about(opening), "name": name, "action_url": f"{settings.PUBLIC_URL}{page}"}
    return Envelope(to=opening.guardian.school.email, context=context)


def undone(outgoing: Outgoing, at: datetime) -> Envelope | None:
    """Context of « c’est annulé »: to everybody who was told, and to the address that the account had given."""
    opening = _opening(outgoing)
    if opening is None:
        return None
    way, context = Way(outgoing.way), about(opening)
    if "sealed" in outgoing.facts:
        return Envelope(to=closing.unseal(outgoing.facts["sealed"]), context={**context, "whose": "holder"})
    if outgoing.on == opening.guardian.school.key:
        return Envelope(to=opening.guardian.school.email, context={**context, "whose": "school"})
    guardian = _guardian(outgoing)
    if guardian is None:
        return None
    if guardian == opening.guardian:
        to, whose = _of_base(guardian, way), "holder"
    else:
        to, whose = _of_other(guardian, way), "other"
    return Envelope(to=to, context={**context, "whose": whose}) if to else None


def about(opening: AloneOpening | None) -> dict[str, Any]:
    """What every page and message may say of an opening."""
    if opening is None:
        return {}
    guardian, school = opening.guardian, opening.guardian.school
    return {
        # « Samira B. »: enough for whoever it is, little for anybody else.
        "first_name": guardian.first_name,
        "initial": guardian.surname[:1].upper(),
        "made_at": opening.made_at,
        "settles_at": opening.settles_at,
        "school": school,
        "school_phone": school.phone,
    }


def _with_link(opening: AloneOpening, outgoing: Outgoing, at: datetime) -> dict[str, Any]:
    page = reverse("activation:undo", args=[alone.make_link(opening, by=outgoing.on, at=at)])
    return {**about(opening), "action_url": f"{settings.PUBLIC_URL}{page}"}


def _opening(outgoing: Outgoing) -> AloneOpening | None:
    found = AloneOpening.objects.filter(pk=outgoing.facts["opening"])
    return found.select_related("account", "guardian__school").first()


def _guardian(outgoing: Outgoing) -> Guardian | None:
    number = outgoing.on.partition(":")[2]
    return Guardian.objects.filter(pk=number).select_related("record__account", "school").first()


def _of_base(guardian: Guardian, way: Way) -> str:
    return guardian.email if way is Way.EMAIL else guardian.mobile


def _of_other(guardian: Guardian, way: Way) -> str:
    """What their account proved; what the base knows when they have none in hand."""
    account = guardian.record.account if hasattr(guardian, "record") else None
    proved = {one.way: one.address for one in channels.proved(account)} if account else {}
    if account is not None and account.state == State.ACTIVE and proved:
        return proved.get(way, "")
    return _of_base(guardian, way)


def _in_common(opening: AloneOpening, guardian: Guardian, at: datetime) -> list[Pupil]:
    links = Guardianship.objects.legal().active_on(clock.today(at))
    theirs = links.filter(guardian=guardian).values("enrolment__pupil")
    own = links.filter(guardian=opening.guardian_id, enrolment__pupil__in=theirs)
    return [link.enrolment.pupil for link in own.select_related("enrolment__pupil").order_by("pk")]
