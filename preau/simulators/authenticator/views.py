"""Show the codes; take and forget keys."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from preau.simulators import cast
from preau.simulators.authenticator.codes import codes as codes_of
from preau.simulators.authenticator.codes import seconds_left
from preau.simulators.authenticator.forms import KeyForm
from preau.simulators.authenticator.models import Key


@require_http_methods(["GET", "HEAD", "POST"])
def codes(request: HttpRequest) -> HttpResponse:
    """The codes of the demo's staff and of the keys given here."""
    at = request.at  # type: ignore[attr-defined]
    form = KeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        label, seed = form.cleaned_data["key"]
        Key.objects.update_or_create(seed=seed, defaults={"label": label})
        return redirect("authenticator:codes")
    shown = [codes_of(key.label, key.seed, at, key.pk) for key in Key.objects.all()]
    shown += [codes_of(one.name, one.totp_seed, at) for one in cast.present().staff if one.totp_seed]
    return render(request, "authenticator/codes.html", {"codes": shown, "seconds": seconds_left(at), "form": form})


@require_POST
def forget(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget one key given here."""
    get_object_or_404(Key, pk=pk).delete()
    return redirect("authenticator:codes")
