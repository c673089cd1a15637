"""Read what arrived."""

from typing import Any, Final

from csp.decorators import csp_replace
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST, require_safe

from preau.simulators.inbox.gateway import MoodForm, mood
from preau.simulators.inbox.models import Email, Sms
from preau.simulators.inbox.reading import opened

SHOWN: Final = 200
IN_A_FRAME: Final = {
    # A letter is somebody else's words: no script, nothing fetched, links open in a page of their own.
    "sandbox": ["allow-popups", "allow-popups-to-escape-sandbox"],
    "default-src": ["'none'"],
    "style-src": ["'unsafe-inline'"],
    "img-src": ["data:"],
    "frame-ancestors": ["'self'"],
    "script-src": None,
    "font-src": None,
    "frame-src": None,
    "form-action": ["'none'"],
    "base-uri": ["'self'"],
}


@require_safe
def emails(request: HttpRequest) -> HttpResponse:
    """E-mails, newest first, all or those of one address (`?to=`)."""
    to = request.GET.get("to", "")
    found = [(row, opened(row.raw)) for row in Email.objects.all().to(to)[:SHOWN]]
    return render(request, "inbox/emails.html", {"emails": found, "to": to, "texts": Sms.objects.count()})


@require_safe
def texts(request: HttpRequest) -> HttpResponse:
    """Short messages, newest first, and the switch of the gateway."""
    context = {"texts": Sms.objects.all()[:SHOWN], "form": MoodForm(initial={"mood": mood().mood})}
    return render(request, "inbox/texts.html", context)


@require_safe
def email(request: HttpRequest, pk: int) -> HttpResponse:
    """One e-mail, opened."""
    row = get_object_or_404(Email, pk=pk)
    return render(request, "inbox/email.html", {"row": row, "letter": opened(row.raw)})


@require_safe
@csp_replace(IN_A_FRAME)  # type: ignore[arg-type]  # its types forget the arguments of a URL
def html(request: HttpRequest, pk: int) -> HttpResponse:
    """The HTML of an e-mail, for the frame of its page."""
    letter = opened(get_object_or_404(Email, pk=pk).raw)
    return HttpResponse(f'<base target="_blank">{letter.html}')


@require_safe
def attachment(request: HttpRequest, pk: int, rank: int) -> HttpResponse:
    """One file that came with an e-mail, always as a download."""
    attachments = opened(get_object_or_404(Email, pk=pk).raw).attachments
    if rank >= len(attachments):
        raise Http404
    chosen = attachments[rank]
    response = HttpResponse(chosen.content, content_type="application/octet-stream")
    response.headers["Content-Disposition"] = content_disposition_header(True, chosen.name) or "attachment"
    return response


@require_POST
def empty(request: HttpRequest) -> HttpResponse:
    """Throw everything away."""
    Email.objects.all().delete()
    Sms.objects.all().delete()
    return redirect("inbox:emails")


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Everything, or what is for one address or number (`?to=`), newest first, for tests."""
    to = request.GET.get("to", "")
    on_phones = Sms.objects.filter(is_lost=False)
    sms = on_phones.filter(to=to) if to else on_phones
    answer = {
        "emails": [_as_json(row) for row in Email.objects.all().to(to)[:SHOWN]],
        "sms": [{"id": row.pk, "to": row.to, "text": row.text, "received_at": row.received_at} for row in sms[:SHOWN]],
        "sms_count": sms.count(),
    }
    return JsonResponse(answer)


def _as_json(row: Email) -> dict[str, Any]:
    letter = opened(row.raw)
    return {
        "id": row.pk,
        "from": letter.sender,
        "to": row.recipients.split(),
        "subject": letter.subject,
        "text": letter.text,
        "html": letter.html,
        "links": letter.links,
        "attachments": [{"name": one.name, "type": one.type, "size": one.size} for one in letter.attachments],
        "received_at": row.received_at,
    }
