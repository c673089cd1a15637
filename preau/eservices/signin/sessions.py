"""Opening, keeping and closing a session: the only writers of `Session`."""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils.crypto import salted_hmac

from preau.eservices.signin.models import Session

NOTED_EVERY: Final = timedelta(minutes=1)


def digest(token: str) -> str:
    """What the database keeps of a cookie: a keyed digest."""
    return salted_hmac("eservices.signin.session", token, algorithm="sha256").hexdigest()


def find(token: str | None, *, at: datetime) -> Session | None:
    """The living session this cookie opens, if any."""
    if not token or len(token) > 128:
        return None
    return Session.objects.all().alive(at).filter(digest=digest(token)).first()


@transaction.atomic
def open_session(
    *, by: str, sid: str, id_token: str, claims: Mapping[str, Any], replacing: Session | None, at: datetime
) -> str:
    """Open a session for the subject `by` and return its cookie, always a new one: a cookie fixed beforehand is worth
    nothing. The session this browser had is closed, and what ended is swept away with the claims it held."""
    if replacing is not None:
        close_session(replacing, by=replacing.subject, at=at)
    Session.objects.all().ended(at).delete()
    token = secrets.token_urlsafe(32)
    Session.objects.create(
        digest=digest(token),
        subject=by,
        sid=sid,
        id_token=id_token,
        claims=dict(claims),
        opened_at=at,
        seen_at=at,
    )
    return token


def keep_awake(session: Session, *, by: str, at: datetime) -> None:
    """Note that the person is still there, once a minute at most."""
    if at - session.seen_at >= NOTED_EVERY:
        Session.objects.filter(pk=session.pk).update(seen_at=at)


def close_ended(*, by: str, sid: str, at: datetime) -> int:
    """Préau says that its visit `sid` is over, or every visit of the subject `by` when it names none."""
    over = Session.objects.filter(sid=sid) if sid else Session.objects.filter(subject=by)
    return over.delete()[0]


def close_session(session: Session, *, by: str, at: datetime) -> None:
    """Forget the session and everything the claims had told us."""
    Session.objects.filter(pk=session.pk).delete()
