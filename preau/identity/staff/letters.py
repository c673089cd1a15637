"""What the messages to staff need, made at the moment of sending (see messaging/catalogue.py)."""

from datetime import datetime

from preau.identity.messaging.catalogue import Envelope
from preau.identity.messaging.models import Outgoing
from preau.identity.staff.models import Grant, StaffMember


def to_member(outgoing: Outgoing, at: datetime) -> Envelope | None:
    """To the professional address the portal gave; nothing when it gave none, or when the reason has gone."""
    member = StaffMember.objects.filter(pk=outgoing.on.partition(":")[2]).first()
    if member is None or not member.email:
        return None
    context = {"member": member, "when": outgoing.posted_at}
    if "grant" in outgoing.facts:
        grant = Grant.objects.select_related("member", "school", "record").filter(pk=outgoing.facts["grant"]).first()
        if grant is None or grant.revoked_at is not None:
            return None
        context["grant"] = grant
    if "member" in outgoing.facts:
        context["other"] = StaffMember.objects.filter(pk=outgoing.facts["member"]).first()
    return Envelope(member.email, context)
