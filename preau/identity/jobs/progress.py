"""How far a job is, for a page, for its script, for a program. The room that shows it guards the address."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from preau.identity.jobs.models import Job

REFRESH = 2  # seconds


def answer(request: HttpRequest, job: Job, *, page: str = "jobs/progress_page.html", **context: Any) -> HttpResponse:
    """The state of `job`: JSON when asked for, a fragment for htmx, else `page`, which comes back by itself.

    `page` extends jobs/progress_page.html, or includes jobs/progress.html and jobs/refresh.html.
    """
    if request.accepts("application/json") and not request.accepts("text/html"):
        return JsonResponse(as_facts(job))
    is_fragment = bool(getattr(request, "htmx", False))
    if is_fragment and job.is_over():
        return HttpResponse(headers={"HX-Refresh": "true"})  # the whole page says what to do next
    template = "jobs/progress.html" if is_fragment else page
    return render(request, template, {"job": job, "refresh": None if job.is_over() else REFRESH, **context})


def as_facts(job: Job) -> dict[str, Any]:
    """What a program reads."""
    return {
        "state": job.state,
        "done": job.done,
        "total": job.total,
        "words": job.words,
        "result": job.result,
        "is_over": job.is_over(),
    }
