"""The screens of sending: parse, ask permission, call one verb, answer."""

from collections.abc import Sequence
from typing import Any, cast

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from preau.design.paper.press import Press, PressFailed
from preau.identity.accounts.models import Account
from preau.identity.distribution import batches, outlook, papers, printing, recipients, resets, rosters, texts
from preau.identity.distribution.batches import NobodyToServe
from preau.identity.distribution.forms import SelectionForm, SendForm
from preau.identity.distribution.models import Batch
from preau.identity.distribution.plan import plan
from preau.identity.distribution.wishes import Layout, Wish
from preau.identity.staff.desk import Tab, frame
from preau.identity.staff.entry import DeskRequest, staff_may
from preau.identity.staff.permissions import Deed, within


# Sending --------------------------------------------------------------------------------------------------------------
@require_GET
@staff_may(Deed.NOTIFY, only_looks=True)
def home(request: DeskRequest) -> HttpResponse:
    """Every batch of the school, newest first."""
    found = outlook.batches_of(_school(request).uai, page=request.GET.get("page"))
    words = {"page": found, "columns": outlook.columns_of_batches()}
    return render(request, "distribution/home.html", {**frame(request, here=Tab.BATCHES), **words})


@require_http_methods(["GET", "POST"])
@staff_may(Deed.NOTIFY)
def choose(request: DeskRequest) -> HttpResponse:
    """Who gets what, by which way, how many, what dies: the page before anything leaves."""
    selection = SelectionForm(request.POST if request.method == "POST" else request.GET)
    selection.is_valid()
    return ask(request, selection.cleaned_data["chosen"])


def ask(request: DeskRequest, chosen: Sequence[int], form: SendForm | None = None) -> HttpResponse:
    """That page, for these accounts; another room's view that allowed Deed.NOTIFY may answer with it."""
    people = _people(request, chosen, Deed.NOTIFY)
    form = form or SendForm(**outlook.kinds_of(people))
    words = {"form": form, "outlook": outlook.of(people, form.fields["wish"], at=request.at)}
    status = 400 if form.is_bound else 200
    return render(request, "distribution/choose.html", {**frame(request, here=Tab.BATCHES), **words}, status=status)


@require_POST
@staff_may(Deed.NOTIFY)
def send(request: DeskRequest) -> HttpResponse:
    """Prepare the batch; e-mails leave, paper waits to be printed."""
    selection = SelectionForm(request.POST)
    selection.is_valid()
    people = _people(request, selection.cleaned_data["chosen"], Deed.NOTIFY)
    form = SendForm(request.POST, **outlook.kinds_of(people))
    if not form.is_valid() or not form.agrees_with(plan(people, Wish(form.cleaned_data["wish"]))):
        return ask(request, selection.cleaned_data["chosen"], form)
    given = {
        "layout": form.cleaned_data.get("layout") or Layout.FOUR,
        "has_list": form.cleaned_data.get("has_list", False),
    }
    by = {"once": form.cleaned_data["once"], "by": request.member.key, "at": request.at}
    try:
        made = batches.prepare(plan(people, Wish(form.cleaned_data["wish"])), school=_school(request), **given, **by)
    except NobodyToServe:
        return ask(request, selection.cleaned_data["chosen"], form)
    return redirect("distribution:batch", pk=made.pk)


@require_GET
@staff_may(Deed.NOTIFY, only_looks=True)
def batch(request: DeskRequest, pk: int) -> HttpResponse:
    """How far a batch is: what left, what waits, what is to be printed."""
    words = {"batch": _batch(request, pk), "state": outlook.state_of(_batch(request, pk), at=request.at)}
    template = "distribution/batch_state.html" if getattr(request, "htmx", False) else "distribution/batch.html"
    return render(request, template, {**frame(request, here=Tab.BATCHES), **words})


@require_POST
@staff_may(Deed.NOTIFY)
def stop(request: DeskRequest, pk: int) -> HttpResponse:
    """What has not left yet will not."""
    batches.stop(_batch(request, pk), by=request.member.key, at=request.at)
    return redirect("distribution:batch", pk=pk)


@require_POST
@staff_may(Deed.NOTIFY)
@sensitive_variables()
def download(request: DeskRequest, pk: int) -> HttpResponse:
    """The paper, made while it leaves; once, unless a new edition is asked for."""
    found = _batch(request, pk)
    again = request.POST.get("again") == "yes"
    try:
        made = printing.download(found, by=request.member.key, at=request.at, again=again)
    except (printing.AlreadyPrinted, printing.NothingToPrint, PressFailed) as obstacle:
        words = {"batch": found, "state": outlook.state_of(found, at=request.at), "obstacle": type(obstacle).__name__}
        return render(request, "distribution/batch.html", {**frame(request, here=Tab.BATCHES), **words}, status=409)
    return _attached(StreamingHttpResponse(made.chunks, content_type=made.content_type), made.name)


# Lists ----------------------------------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
@staff_may(Deed.EXPORT)
def roster(request: DeskRequest) -> HttpResponse:
    """A list without any secret, in PDF or for a spreadsheet."""
    selection = SelectionForm(request.POST if request.method == "POST" else request.GET)
    selection.is_valid()
    people = _people(request, selection.cleaned_data["chosen"], Deed.EXPORT)
    form = request.POST.get("form", "")
    if request.method == "GET" or form not in {"csv", "pdf"} or not people:
        return render(request, "distribution/roster.html", {**frame(request), "people": people})
    rosters.note_export(len(people), school=_school(request), form=form, by=request.member.key, at=request.at)
    name = f"liste-{_school(request).uai}-{request.day:%Y-%m-%d}.{form}"
    if form == "csv":
        return _attached(
            HttpResponse(rosters.as_csv(rosters.rows(people)), content_type="text/csv; charset=utf-8"), name
        )
    return _attached(HttpResponse(_roster_pdf(request, people), content_type="application/pdf"), name)


def _roster_pdf(request: DeskRequest, people: Sequence[recipients.Recipient]) -> bytes:
    data = papers.roster(
        rosters.rows(people), is_secret=False, school=_school(request), on=request.day, title="Liste des comptes"
    )
    with Press(at=request.at) as press:
        return press.render("roster", data)


# In person ------------------------------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
@staff_may(Deed.RESET_PUPIL)
@sensitive_variables()
def reset(request: DeskRequest, pk: int) -> HttpResponse:
    """A pupil's new temporary password: asked, then shown once, on screen or on a slip."""
    account = get_object_or_404(_reached(request, [pk], Deed.RESET_PUPIL).filter(kind="pupil"))
    school = resets.school_of([account], request.grant, day=request.day)
    if school is None:
        raise Http404
    (person,) = recipients.read(Account.objects.filter(pk=account.pk), uai=school.uai, day=request.day)
    words = {**frame(request), "pupil": person, "hours": 48, "reset_school": school}
    if request.method == "GET":
        return render(request, "distribution/reset.html", words)
    try:
        (secret,) = resets.reset([account], uai=school.uai, by=request.member.key, at=request.at)
    except resets.CannotReset:
        return render(request, "distribution/reset.html", {**words, "is_shut": True}, status=409)
    until = texts.moment(secret.expires_at)
    if request.POST.get("form") == "slip":
        data = papers.slip(person, secret, school=school, by=request.member.name, until=until)
        with Press(at=request.at) as press:
            return _attached(HttpResponse(press.render("slip", data), content_type="application/pdf"), "billet.pdf")
    shown = {"secret": secret.password, "until": until, "site": texts.site()}
    return render(request, "distribution/reset_done.html", {**words, **shown})


def _school(request: DeskRequest) -> Any:
    """The school of the grant; sending belongs to a school."""
    if request.grant.school is None:
        raise Http404
    return request.grant.school


def _reached(request: DeskRequest, chosen: Sequence[int], deed: Deed) -> Any:
    return within(Account.objects.filter(pk__in=chosen), request.grant, deed, request.day)


def _people(request: DeskRequest, chosen: Sequence[int], deed: Deed) -> list[recipients.Recipient]:
    return recipients.read(_reached(request, chosen, deed), uai=_school(request).uai, day=request.day)


def _batch(request: HttpRequest, pk: int) -> Batch:
    return get_object_or_404(Batch.objects.of_school(_school(request).uai), pk=pk)  # type: ignore[arg-type]


def _attached(response: HttpResponse | StreamingHttpResponse, name: str) -> HttpResponse:
    """A file to keep; its name says no person."""
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return cast(HttpResponse, response)
