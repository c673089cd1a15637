"""The one view that serves every page of every journey."""

from typing import Any

from django.db import transaction
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from preau.journeys.drafts import Trail
from preau.journeys.journey import following, named, previous, progress, reachable, to_do
from preau.journeys.served import Journey, JourneyOver
from preau.journeys.step import Known, Step

REFUSED, ELSEWHERE = 422, 409


@require_http_methods(["GET", "HEAD", "POST"])
def walk(request: HttpRequest, journey: Journey, page: str = "") -> HttpResponse:
    """Show the asked page if it is reachable, else the first one not done; take its answer and go on."""
    trail = journey.trail_of(request, journey.name)
    if trail is None:
        return redirect(journey.begins_at)
    if trail.outcome:
        return redirect(trail.outcome)
    try:
        known = journey.know(request, trail)
        pages = reachable(journey.walk, known)
        step = named(pages, page)
        if step is None:
            return redirect(journey.address(to_do(pages)))
        if request.method != "POST":
            return _show(request, journey, pages, step, step.form(), trail)
        # A draft begun again in another tab is another person's walk, perhaps: what this page says is not for it.
        if request.POST.get("parcours", "") != trail.ref:
            return _show(request, journey, pages, step, step.form(), trail, status=ELSEWHERE)
        return _take(request, journey, pages, step, trail)
    except JourneyOver:
        return redirect(journey.begins_at)


def _take(
    request: HttpRequest, journey: Journey, pages: list[Step[Any]], step: Step[Any], trail: Trail
) -> HttpResponse:
    form = step.form(request.POST)
    if not form.is_valid():
        return _show(request, journey, pages, step, form, trail, status=REFUSED)
    answer = step.answer(form)
    with transaction.atomic():
        trail = trail.locked()
        if trail.outcome:  # the other click of a double click got here first
            return redirect(trail.outcome)
        known = journey.know(request, trail)
        now_there = named(reachable(journey.walk, known), step.name)
        if now_there is None:
            return redirect(journey.address(to_do(reachable(journey.walk, known))))
        end = now_there.act(form, answer)
        if form.errors:
            trail.remember(trail.answers)
            known = journey.know(request, trail)
            return _again(request, journey, known, step.name, form, trail)
        if end is not None:
            trail.finish(end.headers.get("Location", ""))
            return end
        pages = _remember(request, journey, trail, step.name, answer)
        return redirect(journey.address(following(pages, step.name)))


def _remember(
    request: HttpRequest, journey: Journey, trail: Trail, name: str, answer: dict[str, Any]
) -> list[Step[Any]]:
    """Keep the answer, and drop those of pages that can no longer be reached; returns the pages that can."""
    trail.answers = {**trail.answers, name: answer}
    pages = reachable(journey.walk, journey.know(request, trail))
    kept = {page.name for page in pages}
    trail.remember({key: value for key, value in trail.answers.items() if key in kept})
    return pages


def _again(request: HttpRequest, journey: Journey, known: Known, name: str, form: Form, trail: Trail) -> HttpResponse:
    """The refused page, or where one now stands if the refusal itself closed it (too many tries)."""
    pages = reachable(journey.walk, known)
    step = named(pages, name)
    if step is None:
        return redirect(journey.address(to_do(pages)))
    return _show(request, journey, pages, step, form, trail, status=REFUSED)


def _show(
    request: HttpRequest,
    journey: Journey,
    pages: list[Step[Any]],
    step: Step[Any],
    form: Form,
    trail: Trail,
    status: int = 200,
) -> HttpResponse:
    back = previous(pages, step)
    marks = progress(journey.walk, pages, step)
    context = {
        "journey": journey,
        "step": step,
        "form": form,
        "ref": trail.ref,
        "back": journey.address(back) if back else "",
        "steps": marks if step.title and len(marks) > 1 else [],
        "begun_elsewhere": status == ELSEWHERE,
        **step.context(),
    }
    return render(request, step.template, context, status=status)
