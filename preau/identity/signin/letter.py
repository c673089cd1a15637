"""The school's letter was right: towards activation, not signed in yet.

The room `activation` stands above this one and is reached by the names of its pages.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from preau.identity.accounts.models import Kind
from preau.identity.signin import return_address
from preau.identity.signin.proof import Found, Proof
from preau.journeys import drafts

JOURNEYS = {Kind.GUARDIAN: "activation-responsable", Kind.PUPIL: "activation-eleve"}
PAGES = {Kind.GUARDIAN: "activation:guardian", Kind.PUPIL: "activation:pupil"}


def begin_activation(request: HttpRequest, proof: Proof) -> HttpResponse:
    """Open the draft of the activation in this browser. It knows which letter was shown, never its secret."""
    assert proof.account is not None
    kind = Kind(proof.account.kind)
    response = redirect(PAGES[kind], page="commencer")
    facts = {
        "account": proof.account.pk,
        "issued_at": proof.temporary.issued_at.isoformat() if proof.temporary else "",
        "chosen_at": proof.account.credentials_changed_at.isoformat() if proof.found is Found.WAITING else "",
        "going_to": return_address.given(request),
    }
    drafts.begin(response, journey=JOURNEYS[kind], facts=facts, at=request.at)  # type: ignore[attr-defined]
    return response
