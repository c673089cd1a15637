"""Coming in through FranceConnect: who is known signs in, who is not is led to activation.

Two pages: leave, come back. The rooms above (activation, my_account) are reached by the names of their pages; they
receive the identity sealed in a draft.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from preau import clock
from preau.identity.accounts import lifecycle, merging
from preau.identity.accounts.models import Account, FranceConnectLink, Kind
from preau.identity.franceconnect import attempts, client, sealing
from preau.identity.franceconnect.attempts import Returned
from preau.identity.franceconnect.faults import Fault, NotOffered
from preau.identity.signin import guards, help, proof, return_address, sessions, step_up
from preau.identity.signin.models import FranceConnectVisit, Session
from preau.identity.signin.proof import Found, Proof
from preau.journeys import drafts

SIGN_IN, LINK, PROVE_AGAIN = "signin", "link", "step_up"
# ?pour=…: why one leaves. Nothing said: to sign in.
PARAMETER = "pour"
PURPOSES = {"": SIGN_IN, "rattacher": LINK, "preuve": PROVE_AGAIN}
AMR = "fc"
ACTIVATION, LINKING = "activation-franceconnect", "rattacher-franceconnect"


# What may be refused here --------------------------------------------------------------------------------------------
class TooYoung(Fault):
    """A minor at the guardians' door."""

    title = _("Cette page est celle des responsables")
    sentence = _("D’après FranceConnect, vous n’avez pas encore 18 ans. Ici, on entre comme responsable d’un élève.")
    next_step = _("Si vous êtes élève, votre page est à côté : vous y entrez avec votre propre identifiant.")


class OtherIdentity(Fault):
    """Asked to prove oneself again, somebody came back as another citizen."""

    title = _("Ce n’est pas la même identité")
    sentence = _("L’identité FranceConnect qui vient d’arriver n’est pas celle qui ouvre ce compte.")
    next_step = _("Recommencez avec la vôtre, ou confirmez autrement que c’est vous.")


class VisitOver(Fault):
    """The visit that had left for FranceConnect is over, or somebody else's."""

    title = _("Vous n’êtes plus connecté")
    sentence = _("Votre visite s’est terminée pendant que vous étiez chez FranceConnect. Rien n’a changé.")
    next_step = _("Connectez-vous de nouveau, puis recommencez.")


class ForGuardians(Fault):
    """A pupil asked for FranceConnect."""

    title = _("FranceConnect est pour les responsables")
    sentence = _("Un compte d’élève s’ouvre avec son identifiant et son mot de passe.")
    next_step = _("Revenez à votre compte.")


# The two pages -------------------------------------------------------------------------------------------------------
@require_GET
def leave(request: HttpRequest) -> HttpResponse:
    """Send the browser to FranceConnect: to sign in, to link it to an account, or to prove oneself again."""
    purpose = PURPOSES.get(request.GET.get(PARAMETER, ""), SIGN_IN)
    session = sessions.current(request) if purpose != SIGN_IN else None
    if purpose != SIGN_IN and session is None:
        return guards.to_the_door(return_address.given(request))
    try:
        return _leave(request, purpose, session)
    except Fault as fault:
        fault.purpose, fault.going_to = purpose, return_address.given(request)
        return refused(request, fault)


@require_GET
def come_back(request: HttpRequest) -> HttpResponse:
    """FranceConnect's answer: who it brings, or why nobody came."""
    try:
        returned = attempts.finish(request, at=_at(request))
    except Fault as fault:
        return refused(request, fault)
    try:
        return _ARRIVALS[returned.purpose](request, returned)
    except Fault as fault:
        fault.purpose, fault.going_to = returned.purpose, returned.going_to
        return refused(request, fault)


def refused(request: HttpRequest, fault: Fault) -> HttpResponse:
    """What went wrong, what to do now, and the other ways in."""
    if isinstance(fault, NotOffered):
        raise Http404
    going_to = return_address.checked(fault.going_to)
    context = {
        "fault": fault,
        "is_too_young": isinstance(fault, TooYoung),
        "is_signed_in": sessions.current(request) is not None,
        "again": address(purpose=fault.purpose, going_to=going_to),
        "password_door": return_address.added_to(reverse("signin:guardian"), going_to),
        "pupil_door": return_address.added_to(reverse("signin:pupil"), going_to),
        "door": return_address.added_to(reverse("signin:profile"), going_to),
    }
    return render(request, "signin/franceconnect_refused.html", context, status=fault.status)


def address(*, purpose: str = SIGN_IN, going_to: str = "") -> str:
    """Where the way through FranceConnect begins; empty when this site does not offer it."""
    if not client.is_configured():
        return ""
    why = next((word for word, meant in PURPOSES.items() if meant == purpose), "")
    query = {name: value for name, value in ((PARAMETER, why), (return_address.PARAMETER, going_to)) if value}
    return reverse("signin:franceconnect") + (f"?{urlencode(query)}" if query else "")


def is_linked(account: Account) -> bool:
    """Whether FranceConnect opens this account, and this site offers it: a means to prove oneself again."""
    return client.is_configured() and FranceConnectLink.objects.filter(account=account).exists()


def _leave(request: HttpRequest, purpose: str, session: Session | None) -> HttpResponse:
    if session is not None and session.account.kind != Kind.GUARDIAN:
        raise ForGuardians
    return attempts.start(
        request,
        purpose=purpose,
        going_to=return_address.given(request),
        # A proof asked again must be one: FranceConnect's own single sign-on would prove nothing.
        prompt="login" if purpose == PROVE_AGAIN else "",
        about=session.sid if session is not None else "",
    )


# Arriving ------------------------------------------------------------------------------------------------------------
def _sign_in(request: HttpRequest, returned: Returned) -> HttpResponse:
    account = known(returned.identity.subject)
    found = proof.opens(account, at=_at(request)) if account is not None else Found.WRONG
    if account is None or found in (Found.WRONG, Found.WAITING):
        return _towards_activation(request, returned)
    if found is not Found.OWN:
        return _account_shut(request, account, found)
    response = redirect("signin:onwards")
    going_to = return_address.checked(returned.going_to)
    session = sessions.open(request, response, account, at=_at(request), amr=AMR, going_to=going_to)
    keep(session, sealing.seal_token(returned.id_token))
    return response


def _towards_activation(request: HttpRequest, returned: Returned) -> HttpResponse:
    """Nobody here has this identity yet."""
    if returned.identity.is_minor(clock.today(_at(request))):
        raise TooYoung
    response = redirect("activation:franceconnect", page="commencer")
    drafts.begin(response, journey=ACTIVATION, facts=_facts(returned), at=_at(request))
    return response


def _link(request: HttpRequest, returned: Returned) -> HttpResponse:
    session = _same_visit(request, returned)
    if returned.identity.is_minor(clock.today(_at(request))):
        raise TooYoung
    response = redirect("my_account:franceconnect")
    facts = {**_facts(returned), "account": session.account_id}
    drafts.begin(response, journey=LINKING, facts=facts, at=_at(request))
    return response


def _prove_again(request: HttpRequest, returned: Returned) -> HttpResponse:
    session = _same_visit(request, returned)
    if known(returned.identity.subject) != session.account:
        raise OtherIdentity
    if returned.going_to:
        guards.going_to(session, returned.going_to)
    keep(session, sealing.seal_token(returned.id_token))
    return step_up.proved(request, session, amr=AMR, at=_at(request))


_ARRIVALS: dict[str, Callable[[HttpRequest, Returned], HttpResponse]] = {
    SIGN_IN: _sign_in,
    LINK: _link,
    PROVE_AGAIN: _prove_again,
}


def known(subject: str) -> Account | None:
    """The account that this FranceConnect subject opens, whatever its state."""
    name = lifecycle.subject_pseudonym(subject)
    return Account.objects.filter(franceconnect__subject=name).first()


def _same_visit(request: HttpRequest, returned: Returned) -> Session:
    """The visit that had left: on a shared computer, another person may have signed in meanwhile."""
    session = sessions.current(request)
    if session is None or session.sid != returned.about:
        raise VisitOver
    return session


def _facts(returned: Returned) -> dict[str, Any]:
    return {
        "identity": sealing.seal(returned.identity),
        "id_token": sealing.seal_token(returned.id_token),
        "going_to": return_address.checked(returned.going_to),
    }


def _account_shut(request: HttpRequest, account: Account, found: Found) -> HttpResponse:
    context = {
        "proof": Proof(found, account),
        "kind": account.kind,
        "school": help.school_of(account, day=clock.today(_at(request))),
        "at": _at(request),
        "back": reverse("signin:profile"),
        "is_franceconnect": True,
        # It does not open the other account: nobody linked it there, and the merge may still be undone.
        "kept": merging.absorbed_into(account),
    }
    return render(request, "signin/refused.html", context, status=403)


# Leaving for good ----------------------------------------------------------------------------------------------------
def keep(session: Session, sealed_token: str) -> None:
    """Remember, with a visit, what signing out of FranceConnect will need (`sealing.seal_token` made it)."""
    FranceConnectVisit.objects.update_or_create(session=session, defaults={"sealed_token": sealed_token})


def sign_out_too(request: HttpRequest) -> HttpResponse | None:
    """The page that goes on to FranceConnect's own sign-out, for a visit it opened; None for another.

    A page, and not a redirect: a form's answer may not lead to another site (our CSP).
    """
    session = sessions.current(request)
    visit = FranceConnectVisit.objects.filter(session=session).first() if session is not None else None
    token = sealing.unseal_token(visit.sealed_token) if visit is not None else ""
    back = settings.PUBLIC_URL + reverse("signin:signed_out")
    way_out = client.way_out(id_token=token, return_url=back) if token else ""
    if not way_out:
        return None
    response = render(request, "signin/leave_franceconnect.html", {"way_out": way_out})
    response["Refresh"] = f"0; url={way_out}"
    return response


def _at(request: HttpRequest) -> datetime:
    at: datetime = request.at  # type: ignore[attr-defined]
    return at
