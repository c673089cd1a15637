"""What the SMS gateway calls."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from preau.identity.messaging import sms
from preau.identity.messaging.gateways import gateway


@csrf_exempt
@require_http_methods(["GET", "POST"])
def receipt(request: HttpRequest, token: str) -> HttpResponse:
    """A delivery receipt. OVHcloud reports by GET, the plain protocol by POST; the address is the gateway's secret."""
    line = gateway(receipts="")
    if line is None or not sms.is_our_token(token):
        raise Http404
    found = line.receipt(request.GET.dict(), request.body)
    if found is None:
        return HttpResponse(status=400)
    sms.take_receipt(found, at=request.at)  # type: ignore[attr-defined]
    return HttpResponse(status=204)
