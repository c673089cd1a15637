"""Show the clock; move it."""

from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from preau.simulators.clock import moves
from preau.simulators.clock.forms import DayForm


@require_http_methods(["GET", "HEAD", "POST"])
def clock(request: HttpRequest) -> HttpResponse:
    """What time it is in town. A push moves it, « now » puts it right, a date goes there."""
    at: datetime = request.at  # type: ignore[attr-defined]
    path = Path(settings.CLOCK_FILE) if settings.CLOCK_FILE else None
    move = request.POST.get("move", "")
    form = DayForm(request.POST if move == "date" else None)
    if request.method == "POST" and path is not None:
        before = moves.offset(path)
        if move == "now":
            moves.set_offset(path, 0)
            return redirect("clock:clock")
        target = moves.PUSHES[move](at) if move in moves.PUSHES else None
        if move == "date" and form.is_valid():
            target = moves.on_the_day(at, form.cleaned_data["day"])
        if target is not None:
            moves.set_offset(path, before + (target - at).total_seconds())
            return redirect("clock:clock")
    context = {"form": form, "is_movable": path is not None, "is_moved": path is not None and moves.offset(path) != 0}
    return render(request, "clock/clock.html", context)
