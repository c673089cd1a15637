"""Between a right password and the visit: the code, for accounts that ask one. The visit opens when both are right."""

from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from preau.identity.accounts.models import Account
from preau.identity.accounts.states import State
from preau.identity.signin import return_address
from preau.journeys import drafts
from preau.journeys.models import Draft

JOURNEY = "connexion-code"
LASTS = timedelta(minutes=10)


def begin(request: HttpRequest, account: Account) -> HttpResponse:
    """The password was right: remember it in this browser for ten minutes, and ask the code."""
    at: datetime = request.at  # type: ignore[attr-defined]
    response = redirect("signin:code")
    facts = {"account": account.pk, "proved_at": at.isoformat(), "going_to": return_address.given(request)}
    drafts.begin(response, journey=JOURNEY, facts=facts, at=at, lifetime=LASTS)
    return response


def waiting(request: HttpRequest) -> tuple[Draft, Account] | None:
    """Whose password was right in this browser, unless something happened to the account since."""
    draft = drafts.of_browser(request, JOURNEY)
    if draft is None or draft.outcome:
        return None
    account = Account.objects.select_related("authenticator").filter(pk=draft.facts["account"]).first()
    if account is None or account.state != State.ACTIVE:
        return None
    proved_at = datetime.fromisoformat(draft.facts["proved_at"])
    return (draft, account) if proved_at >= account.credentials_changed_at else None
