"""Single sign-on: who must first do something, who is told no, who goes on to the service with an answer."""

from dataclasses import replace
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from preau.identity.federation import consents, notice_page, turned_away
from preau.identity.federation.facts import Facts
from preau.identity.federation.models import Notice
from preau.identity.federation.saml import answers, bindings, kept, names
from preau.identity.federation.saml.requests import Asked, Declined, Refused
from preau.identity.federation.troubles import Cause, note
from preau.identity.signin import classic, guards, obligations, sessions
from preau.identity.signin.models import Session

# What a person did, not what two machines misunderstood: no trouble of the operator's.
_PEOPLES_OWN = frozenset({names.NO_PASSIVE, names.REQUEST_DENIED})
# What a NameID alone lets the service know.
_NOTHING: frozenset[str] = frozenset()
_BY_NAME_ID = {names.PERSISTENT: frozenset({"sub"}), names.EMAIL: frozenset({"email"})}


def answer(request: HttpRequest, asked: Asked, *, at: datetime) -> HttpResponse:
    """The page to show, or the answer on its way to the service. Raises `Refused`."""
    try:
        if asked.declined is not None:
            raise Declined(*asked.declined)
        session = sessions.current(request)
        page = _turned_back(request, session, asked, at=at)
        if page is not None or session is None:
            return page or _to_the_door(request, asked, again=False)
        facts = answers.facts_of(session, asked.profile, at=at)
        page = _stopped(request, facts, asked, at=at) or _noticed(request, session, asked, at=at)
        return page or _sent(request, answers.success(asked, session, facts, at=at))
    except Declined as refusal:
        if refusal.within not in _PEOPLES_OWN:
            note(Cause.UNSUPPORTED, party=asked.profile.party, detail=refusal.said, at=at)
        return _sent(request, answers.failure(asked, refusal, at=at))


def refuse(request: HttpRequest, refusal: Refused, *, at: datetime) -> HttpResponse:
    """The local page of a request that is not answered, and the operator's trouble."""
    party = refusal.profile.party if refusal.profile else None
    note(refusal.cause, party=party, said="" if party else refusal.said, detail=refusal.detail, at=at)
    is_replay, is_stale = refusal.cause == Cause.REPLAYED_REQUEST, refusal.cause == Cause.STALE_REQUEST
    why = {"party": party, "cause": refusal.cause, "is_replay": is_replay, "is_stale": is_stale}
    page = render(request, "federation/saml_refused.html", {**why, "door_address": reverse("door")})
    page.status_code = 409 if is_replay else 400
    return unseen(page)


def unseen(response: HttpResponse) -> HttpResponse:
    """Neither kept by a cache nor told to the next page. Not for a page whose form comes back to us: a browser that
    tells the next page nothing sends « Origin: null » with the form, and Django refuses it.
    """
    response["Cache-Control"], response["Referrer-Policy"] = "no-store", "no-referrer"
    return response


def _turned_back(request: HttpRequest, session: Session | None, asked: Asked, *, at: datetime) -> HttpResponse | None:
    """The page to show before an answer: sign in, sign in again, an obligation. Raises `Declined` when none may be.

    > Core §3.4.1: If ForceAuthn is true, the identity provider MUST authenticate the presenter directly rather than
    > rely on a previous security context. If IsPassive is true, it MUST NOT visibly take control of the user interface.
    """
    is_stale = session is not None and asked.must_prove_again and session.authenticated_at < asked.arrived_at
    if asked.is_passive and (session is None or is_stale or obligations.next_address(session, at=at)):
        raise Declined(names.RESPONDER, names.NO_PASSIVE, "somebody has to act first")
    if session is None or is_stale:
        return _to_the_door(request, asked, again=session is not None)
    if obligations.next_address(session, at=at):
        return guards.turned_back(request, back_to=kept.address(asked))
    return None


def _to_the_door(request: HttpRequest, asked: Asked, *, again: bool) -> HttpResponse:
    kind = asked.profile.party.form_of(asked.hinted)
    return unseen(classic.to_the_door(request, kept.address(asked), again=again, kind=kind))


def _stopped(request: HttpRequest, facts: Facts, asked: Asked, *, at: datetime) -> HttpResponse | None:
    """The page for people whom the service is not for."""
    party = asked.profile.party
    cause = None if party.is_for(facts.account) else Cause.WRONG_KIND
    if cause is None and (party.schools or party.academies) and not facts.is_known_here:
        cause = Cause.NOT_SERVED
    if cause is None:
        return None
    if asked.is_passive:
        note(cause, party=party, detail=facts.account.kind, at=at)
        raise Declined(names.RESPONDER, names.REQUEST_DENIED, "not for this person")
    return unseen(turned_away.page(request, facts.account, party, cause, at=at))


def _noticed(request: HttpRequest, session: Session, asked: Asked, *, at: datetime) -> HttpResponse | None:
    """The page that says what the service learns, when it comes first. Raises `Declined` when none may be shown."""
    party = asked.profile.party
    if party.notice == Notice.NONE:
        return None
    learnt = answers.names_for(asked.profile) | _BY_NAME_ID.get(asked.name_id_format, _NOTHING)
    if not consents.is_due(session.account, party, learnt):
        return None
    if asked.is_passive:
        raise Declined(names.RESPONDER, names.NO_PASSIVE, "somebody has to read a page first")
    waiting = kept.address(asked)
    # Shown where it can be loaded again: the request itself is answered within three minutes, or never.
    if request.path != reverse("federation:saml_come_back"):
        return unseen(redirect(waiting))
    # Who asked nothing is told nothing: one goes back to one's account.
    refused = replace(asked, declined=(names.RESPONDER, names.REQUEST_DENIED, "the person does not go on"))
    on_no = kept.address(refused) if asked.request_id else reverse("door")
    return notice_page.show(request, session, party, learnt, on_yes=waiting, on_no=on_no, at=at)


def _sent(request: HttpRequest, made: answers.Answer) -> HttpResponse:
    return bindings.to_form(
        request, made.to, made.response, name="SAMLResponse", relay_state=made.relay_state, of=made.of
    )
