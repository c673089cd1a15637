"""The page before a service learns something: what, why, what not; yes and no. Its answer comes from the same visit.

The request that waits travels in the form, signed by us: where to go on, where to go back. Nothing in it comes from an
address that a stranger wrote, and it counts only in the visit it was drawn for.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from preau.identity.accounts.models import Kind
from preau.identity.federation import learnt
from preau.identity.federation.models import Notice, RelyingParty
from preau.identity.signin.models import Session

PARAMETER, ANSWER, YES, NO = "demande", "reponse", "oui", "non"
# As long as a request waits for a sign-in.
WAITS = timedelta(hours=1)
_SALT = "federation.notice"


class NotThisOne(Exception):
    """Not a page of ours, of another visit, or of too long ago."""


@dataclass(frozen=True)
class Pending:
    """A page that was shown: of which service, about what, where each answer leads (addresses of ours)."""

    client_id: str
    names: frozenset[str]
    is_question: bool
    on_yes: str
    on_no: str
    shown_at: datetime


def show(
    request: HttpRequest,
    session: Session,
    party: RelyingParty,
    names: frozenset[str],
    *,
    on_yes: str,
    on_no: str,
    at: datetime,
) -> HttpResponse:
    """The page."""
    is_pupil, is_question = session.account.kind == Kind.PUPIL, party.notice == Notice.ASK
    kept = {
        "v": session.sid,
        "p": party.client_id,
        "n": sorted(names),
        "q": is_question,
        "y": on_yes,
        "r": on_no,
        "t": at.timestamp(),
    }
    lines = learnt.lines(names, party, is_pupil=is_pupil)
    reasons = {line.why for line in lines}
    context = {
        "party": party,
        "is_pupil": is_pupil,
        "is_question": is_question,
        "lines": lines,
        # One reason for everything is said once.
        "only_reason": reasons.pop() if len(lines) > 1 and len(reasons) == 1 else "",
        "not_learnt": learnt.withheld(names),
        "pending": signing.dumps(kept, salt=_SALT, compress=True),
    }
    return render(request, "federation/notice.html", context)


def read(token: str, session: Session | None, *, at: datetime) -> Pending:
    """The page that is answered. Raises `NotThisOne`."""
    try:
        kept: dict[str, Any] = signing.loads(token, salt=_SALT)
    except signing.BadSignature as error:
        raise NotThisOne from error
    shown_at = datetime.fromtimestamp(kept["t"], UTC)
    if session is None or kept["v"] != session.sid or at - shown_at > WAITS:
        raise NotThisOne
    return Pending(kept["p"], frozenset(kept["n"]), kept["q"], kept["y"], kept["r"], shown_at)
