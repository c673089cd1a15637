"""The SMS gateway: takes messages, reports what became of them, and fails in every way one asks it to.

``POST /sms`` with ``{"to", "text", "sender", "receipt"}`` and Idempotency-Key gives ``{"id"}``. `receipt` is the
address that is told ``{"id", "state"}`` afterwards; only the identity site's is called.
"""

import json
import logging
import threading
import time
from typing import Any, Final

import requests
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from preau.design import forms
from preau.simulators.inbox.models import GatewayMood, Mood, Sms

log = logging.getLogger(__name__)
HINTS: Final = {
    Mood.GOOD: _("Chaque SMS arrive, et l’accusé de réception part."),
    Mood.LOST: _("Téléphone éteint : l’accusé de réception dit que le SMS n’est pas arrivé."),
    Mood.ERROR: _("500 : personne ne sait si le SMS est parti."),
    Mood.BUSY: _("503 : le SMS n’est pas parti, il faut réessayer plus tard."),
    Mood.REFUSES: _("422 : ce numéro n’existe pas."),
    Mood.SILENT: _("La réponse se fait attendre, et le SMS ne part pas."),
    Mood.LATE: _("Le SMS arrive, mais la réponse se fait attendre : réessayer ne doit pas l’envoyer deux fois."),
}


class MoodForm(forms.Form):
    """The switch."""

    mood = forms.forms.ChoiceField(
        label=_("Comment se porte-t-elle ?"), choices=Mood.choices, widget=forms.Choices(hints=HINTS)
    )


def mood() -> GatewayMood:
    """How it behaves now."""
    return GatewayMood.objects.first() or GatewayMood()


@csrf_exempt
@require_POST
def set_mood(request: HttpRequest) -> HttpResponse:
    """Turn the switch, from the page or from a test (`seconds`: how long a silence lasts)."""
    form = MoodForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"moods": Mood.values}, status=400)
    defaults = {"mood": form.cleaned_data["mood"], "seconds": float(request.POST.get("seconds", 12))}
    GatewayMood.objects.update_or_create(pk=1, defaults=defaults)
    return redirect("inbox:texts")


@csrf_exempt
@require_POST
def gateway(request: HttpRequest) -> HttpResponse:
    """Receive a short message.

    The same key with the same words answers the same id (200) and sends nothing; with other words it is refused (409).
    """
    try:
        asked = json.loads(request.body)
        to, text = str(asked["to"]), str(asked["text"])
        key = str(request.headers.get("Idempotency-Key") or asked["key"])
    except (ValueError, KeyError, TypeError):
        return JsonResponse({"error": "to, text and key (or Idempotency-Key) are needed"}, status=400)
    now = mood()
    if now.mood == Mood.SILENT:
        time.sleep(now.seconds)
    if now.mood in REFUSALS:
        return JsonResponse({"error": now.mood}, status=REFUSALS[Mood(now.mood)])
    defaults = {
        "to": to,
        "text": text,
        "sender": str(asked.get("sender", "")),
        "received_at": request.at,  # type: ignore[attr-defined]
        "is_lost": now.mood == Mood.LOST,
    }
    row, is_new = Sms.objects.get_or_create(key=key, defaults=defaults)
    if (row.to, row.text) != (to, text):
        return JsonResponse({"error": "this key has already carried another message"}, status=409)
    if is_new:
        report(row, str(asked.get("receipt", "")))
    if now.mood == Mood.LATE:
        time.sleep(now.seconds)
    return JsonResponse({"id": f"sms-{row.pk}"}, status=201 if is_new else 200)


REFUSALS: Final = {Mood.ERROR: 500, Mood.BUSY: 503, Mood.REFUSES: 422, Mood.SILENT: 504}


def report(row: Sms, address: str) -> None:
    """Tell what became of a message, a moment later."""
    if not address.startswith(f"{settings.IDENTITY_URL}/"):
        return
    said = {"id": f"sms-{row.pk}", "state": "undelivered" if row.is_lost else "delivered"}
    threading.Timer(0.5, _tell, (address, said)).start()


def _tell(address: str, said: dict[str, Any]) -> None:
    try:
        requests.post(address, json=said, timeout=5)
    except requests.RequestException as trouble:
        log.warning("receipt: %s", type(trouble).__name__)
