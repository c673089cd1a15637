"""What families are told of a correction: on the old channels, without the new value, with the way to say no."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core import signing
from django.urls import reverse

from preau import clock
from preau.identity.accounts.channels import reached_by_one
from preau.identity.accounts.models import Account
from preau.identity.directory.matching import folded_email
from preau.identity.directory.models import Correction, Datum, Enrolment, Guardian, Proof, School
from preau.identity.directory.protection import is_hidden_from, named_school
from preau.identity.messaging.catalogue import Envelope, Way
from preau.identity.messaging.models import Outgoing
from preau.identity.signin.help import words_about

_SALT = "preau.support.correction"


def correction_proposed(outgoing: Outgoing, at: datetime) -> Envelope | None:
    """Context of « une coordonnée va changer »: to what the base knew (« base »), or to what the account proved."""
    correction = Correction.objects.select_related("school", "enrolment__pupil").get(pk=outgoing.facts["correction"])
    pupil = correction.enrolment.pupil if correction.enrolment else None
    # A pupil's correction is told to each of their guardians.
    told = outgoing.facts.get("guardian", correction.guardian_id)
    guardian = Guardian.objects.select_related("record__account", "school").filter(pk=told).first()
    if guardian is None or not correction.is_waiting() or (pupil is not None and pupil.is_protected()):
        return None
    account = account_of(guardian)
    if outgoing.way == Way.EMAIL:
        known = correction.before if correction.field == Datum.EMAIL else guardian.email
        proved = account.email if account and account.has_confirmed_email() else ""
    else:
        known = correction.before if correction.field == Datum.MOBILE else guardian.mobile
        proved = account.mobile if account and account.has_confirmed_mobile() else ""
    is_same = folded_email(proved) == folded_email(known)
    if outgoing.facts["where"] == "base":
        # Who changed it in their own account was told there, on what they proved.
        to = "" if is_same and correction.proof == Proof.ACCOUNT else known
    else:
        to = "" if is_same else proved
    return Envelope(to=to, context={**_words(correction, guardian), "pupil": pupil}) if to else None


def guardian_corrected(outgoing: Outgoing, at: datetime) -> Envelope | None:
    """Context of « la fiche d’un responsable est corrigée »: to another active guardian; the child, never who."""
    account = Account.objects.filter(pk=outgoing.on.partition(":")[2]).first()
    enrolment = Enrolment.objects.filter(pk=outgoing.facts["enrolment"]).select_related("pupil", "school").first()
    if (
        account is None
        or enrolment is None
        or enrolment.pupil.is_protected()
        or not account.is_open()
        or not account.has_confirmed_email()
    ):
        return None
    words = words_about(account, day=clock.today(at))
    return Envelope(to=account.email, context={**words, "pupil": enrolment.pupil, "school": enrolment.school})


def to_holder(outgoing: Outgoing, at: datetime) -> Envelope | None:
    """Context of a message to the guardian of a record, on the address their account proved, or on the mobile when it
    proved no address; otherwise nothing."""
    guardian = Guardian.objects.filter(pk=outgoing.on.partition(":")[2]).select_related("record__account", "school")
    found = guardian.first()
    record = getattr(found, "record", None)
    account: Account | None = record.account if record else None
    to = reached_by_one(account, Way(outgoing.way)) if account is not None and account.is_open() else ""
    if found is None or account is None or not to:
        return None
    door = f"{settings.PUBLIC_URL}{reverse('signin:guardian')}"
    context = {
        "first_name": found.first_name,
        "school": named_school(found),
        "action_url": door,
        "username": account.username,
    }
    return Envelope(to=to, context=context)


def account_of(guardian: Guardian) -> Account | None:
    """The account behind a guardian's record."""
    record = getattr(guardian, "record", None)
    return record.account if record else None


def token(correction: Correction) -> str:
    """What the link of the message carries: nothing is stored, nothing of it can be stolen."""
    return signing.dumps(correction.pk, salt=_SALT)


def behind(received: str) -> Correction | None:
    """The correction of a link; None when the link is not ours. It waits, or not: the page says so."""
    try:
        pk = signing.loads(received, salt=_SALT)
    except signing.BadSignature:
        return None
    return Correction.objects.select_related("guardian", "enrolment__pupil", "school").filter(pk=pk).first()


def shown_school(correction: Correction | None) -> School | None:
    """Who to call about a correction; None when its name is not for them to read."""
    if correction is None or (correction.guardian is not None and is_hidden_from(correction.guardian)):
        return None
    if correction.enrolment is not None and correction.enrolment.pupil.is_protected():
        return None
    return correction.school


def _words(correction: Correction, guardian: Guardian) -> dict[str, Any]:
    path = reverse("support:cancel", args=[token(correction)])
    return {
        "first_name": guardian.first_name,
        "school": named_school(guardian) if correction.guardian else correction.school,
        "field": correction.get_field_display(),
        "effective_at": correction.effective_at,
        "action_url": f"{settings.PUBLIC_URL}{path}",
    }
