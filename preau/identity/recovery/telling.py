"""Context of the messages of this room, read at the moment of sending."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse

from preau import clock
from preau.identity.accounts.channels import Way
from preau.identity.accounts.models import Account, Kind
from preau.identity.messaging import outbox
from preau.identity.messaging.catalogue import Envelope
from preau.identity.messaging.models import Outgoing
from preau.identity.recovery import vouching, whose
from preau.identity.recovery.models import Approval
from preau.identity.signin.help import words_about


def usernames(outgoing: Outgoing, at: datetime) -> Envelope | None:
    """« Votre identifiant »: to the very address that was typed, and only if somebody proved it, or waits with it."""
    kind, address = whose.unsealed(outgoing.facts)
    found = whose.behind(Way(outgoing.way), address, kind)
    if not found.key or (outgoing.way == Way.SMS and not found.proved):
        return None
    door = "signin:pupil" if kind == Kind.PUPIL else "signin:guardian"
    context = {
        "usernames": [account.username for account in found.proved],
        "is_pupil": kind == Kind.PUPIL,
        "action_url": f"{settings.PUBLIC_URL}{reverse(door)}",
    }
    return Envelope(address, context)


def password_recovered(outgoing: Outgoing, at: datetime) -> Envelope | None:
    """« Votre mot de passe a été changé », on every channel the holder proved: no link to follow, only who to call."""
    account = _account(outgoing.on)
    if account is None:
        return None
    is_sms = outgoing.way == Way.SMS
    to = account.mobile if is_sms else account.email if account.has_confirmed_email() else ""
    return Envelope(to, {**words_about(account, day=clock.today(at)), "when": outgoing.posted_at}) if to else None


def approval_asked(outgoing: Outgoing, at: datetime) -> Envelope | None:
    """« Votre enfant demande… ». The row posted first names no guardian: it gives one message to each, here, so that an
    asking costs the same whoever was named."""
    approval = (
        Approval.objects.standing(at).select_related("account__pupil").filter(pk=outgoing.facts["approval"]).first()
    )
    if approval is None or approval.account is None or approval.approved_at is not None:
        return None
    guardians = vouching.told(approval.account, day=clock.today(at), at=at)
    if outgoing.on == "recovery":
        for one in guardians:
            once = f"approval {approval.pk} {one.pk}"
            outbox.post("recovery/approval_asked", on=one.key, at=at, once=once, approval=approval.pk)
        return None
    guardian = next((one for one in guardians if one.key == outgoing.on), None)
    if guardian is None:
        return None
    page = f"{settings.PUBLIC_URL}{reverse('recovery:approve')}"
    context = {"action_url": page, "asked_at": approval.asked_at, "device": approval.device_kind}
    return Envelope(guardian.email, {**context, **_of_child(approval.account)})


def child_recovered(outgoing: Outgoing, at: datetime) -> Envelope | None:
    """« Le mot de passe de votre enfant a été changé »: with a guardian's help, never whose."""
    guardian = _account(outgoing.on)
    pupil = _account(f"account:{outgoing.facts['pupil']}")
    if guardian is None or pupil is None:
        return None
    if guardian not in vouching.told(pupil, day=clock.today(at), at=at):
        return None
    day = clock.today(at)
    context = {**words_about(guardian, day=day), **_of_child(pupil), "when": outgoing.posted_at}
    return Envelope(guardian.email, context)


def _of_child(pupil: Account) -> dict[str, Any]:
    assert pupil.pupil is not None  # a pupil's account has one (account_pupil_is_a_pupil)
    return {"child": pupil.pupil.first_name}


def _account(key: str) -> Account | None:
    return Account.objects.select_related("pupil").filter(pk=key.partition(":")[2]).first()
