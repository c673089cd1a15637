"""The holder changes their password: other visits end, this one goes on, and they are told."""

from datetime import datetime

from django.db import transaction

from preau import clock
from preau.identity.accounts import channels, lifecycle
from preau.identity.accounts.channels import Way
from preau.identity.accounts.models import Account
from preau.identity.messaging.catalogue import Envelope
from preau.identity.messaging.models import Outgoing
from preau.identity.signin import sessions
from preau.identity.signin.help import words_about
from preau.identity.signin.models import Session


@transaction.atomic
def change(session: Session, *, encoded: str, by: str, at: datetime) -> None:
    """Set the new password, already hashed."""
    session.account = lifecycle.choose_password(session.account, encoded=encoded, by=by, at=at)
    sessions.renew(session, at=at)
    channels.tell_by_one("my_account/password_changed", session.account, at=at, changed_at=at.isoformat())


def envelope(outgoing: Outgoing, at: datetime) -> Envelope | None:
    """Context of « votre mot de passe a changé »: no link to follow, only who to call."""
    account = Account.objects.filter(pk=outgoing.on.partition(":")[2]).first()
    to = channels.reached_by_one(account, Way(outgoing.way)) if account is not None else ""
    if account is None or not to:
        return None
    context = words_about(account, day=clock.today(at))
    return Envelope(to=to, context={**context, "changed_at": datetime.fromisoformat(outgoing.facts["changed_at"])})
