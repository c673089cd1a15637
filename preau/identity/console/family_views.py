"""The desk's screens for families who are stuck: tickets, corrections, disputed links, protected files."""

from collections.abc import Iterable

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from preau.identity.accounts import alone
from preau.identity.accounts.alone import Worth
from preau.identity.accounts.models import Account, AloneOpening, Kind
from preau.identity.console import corrections as board
from preau.identity.console import tickets as desk
from preau.identity.console.forms import (
    CorrectGuardianForm,
    CorrectPupilForm,
    SettleLinkForm,
    TicketSearchForm,
)
from preau.identity.directory import corrections, protection
from preau.identity.directory.corrections import CannotCorrect
from preau.identity.directory.models import Correction, Datum, Enrolment, Guardianship, Proof
from preau.identity.staff.desk import Tab, frame
from preau.identity.staff.entry import DeskRequest, staff_may
from preau.identity.staff.permissions import Deed, within
from preau.identity.support import tickets
from preau.identity.support.correcting import correct
from preau.identity.support.models import Answer, Ticket

GET_OR_POST = ["GET", "HEAD", "POST"]
SAID_OF = {Worth.GOOD: "acces-annule", Worth.UNDONE: "acces-annule", Worth.OVER: "trop-tard"}


# Tickets --------------------------------------------------------------------------------------------------------------
@require_http_methods(GET_OR_POST)
@staff_may(Deed.SEE_TICKET)
def tickets_page(request: DeskRequest) -> HttpResponse:
    """A number, then whose it is, then what agrees. The number never stands in an address."""
    form = TicketSearchForm(request.POST or None)
    words = {**frame(request, here=Tab.TICKETS), "form": form, "answered": request.GET.get("fait", "")}
    if form.is_valid():
        asked, number = form.cleaned_data, form.cleaned_data["number"]
        ticket = tickets.find(number, at=request.at)
        words |= {
            "ticket": ticket,
            "who_heads": desk.WHO_HEADS,
            "number": tickets.shown(number),
            "is_unknown": ticket is None,
        }
        if ticket and asked["guardian"]:
            words["compared"] = desk.compare(request, ticket, number, asked["guardian"])
        elif ticket and asked["q"]:
            words["rows"] = desk.who(request, asked["q"])
    return render(request, "console/tickets.html", words, status=422 if form.errors else 200)


@require_POST
@staff_may(Deed.SEE_TICKET)
def answer_ticket(request: DeskRequest, pk: int) -> HttpResponse:
    """Say that the family may try again at once, or has to come."""
    ticket = _ticket(request, Deed.SEE_TICKET, pk)
    what = Answer.COME if request.POST.get("reponse") == Answer.COME else Answer.RETRY
    tickets.answer(ticket, what=what, retry_at=None, by=request.member.key, at=request.at)
    return redirect(f"{reverse('console:tickets')}?fait={what}")


# Corrections ----------------------------------------------------------------------------------------------------------
@require_GET
@staff_may(Deed.CORRECT, only_looks=True)
def corrections_page(request: DeskRequest) -> HttpResponse:
    """What is corrected here and not yet in the base; the disputed links."""
    assert request.grant.school is not None
    found = board.look(request.grant.school, at=request.at)
    words = {**frame(request, here=Tab.CORRECTIONS), "board": found, "done": request.GET.get("fait", "")}
    return render(request, "console/corrections.html", words)


@require_POST
@staff_may(Deed.CORRECT)
def corrections_list(request: DeskRequest) -> HttpResponse:
    """The list « à reporter dans la base »."""
    assert request.grant.school is not None
    school, again = request.grant.school, bool(request.POST.get("tout"))
    content = board.listed(school, again=again, by=request.member.key, at=request.at)
    response = HttpResponse(content, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = (
        f'attachment; filename="corrections-{school.uai}-{request.day:%Y-%m-%d}.csv"'
    )
    return response


@require_POST
@staff_may(Deed.CORRECT)
def cancel_correction(request: DeskRequest, pk: int) -> HttpResponse:
    """Give up a correction that is not in force yet."""
    correction = get_object_or_404(Correction.objects.of_school(request.grant.school_id or ""), pk=pk)
    is_done = corrections.cancel(correction, by=request.member.key, at=request.at)
    return redirect(f"{reverse('console:corrections')}?fait={'annulee' if is_done else 'trop-tard'}")


@require_http_methods(GET_OR_POST)
@staff_may(Deed.CORRECT)
def correct_guardian(request: DeskRequest, pk: int) -> HttpResponse:
    """Correct a field of a guardian's record, with what proves it."""
    guardian = get_object_or_404(desk.within(request.grant, Deed.CORRECT, request), record__account=pk)
    ticket = _asking(request, [guardian.pk])
    form = CorrectGuardianForm(request.POST or None)
    if form.is_valid():
        field, value, proof = (form.cleaned_data[name] for name in ("field", "value", "proof"))
        try:
            correct(
                guardian, field=Datum(field), value=value, proof=Proof(proof), ticket=ticket,
                by=request.member.key, at=request.at,
            )  # fmt: skip
            return redirect(f"{reverse('console:corrections')}?fait=corrigee")
        except CannotCorrect as error:
            form.add_error("value", error.sentence)
    words = {"form": form, "account": guardian.record.account, "guardian": guardian, "ticket": ticket}
    return render(
        request,
        "console/correct.html",
        {**frame(request, here=Tab.GUARDIANS), **words},
        status=422 if form.errors else 200,
    )


@require_http_methods(GET_OR_POST)
@staff_may(Deed.CORRECT)
def correct_pupil(request: DeskRequest, pk: int) -> HttpResponse:
    """Correct a pupil's birth date."""
    account = _pupil(request, pk, Deed.CORRECT)
    deciding = Enrolment.objects.deciding_on(request.day).of_school(request.grant.school_id or "")
    enrolment = get_object_or_404(deciding, pupil=account.pupil_id)
    answering = Guardianship.objects.legal().filter(enrolment=enrolment).values_list("guardian", flat=True)
    ticket = _asking(request, answering)
    form = CorrectPupilForm(request.POST or None)
    if form.is_valid():
        proof, by = Proof(form.cleaned_data["proof"]), request.member.key
        try:
            correct(
                enrolment, field=Datum.BIRTH_ON, value=form.written, proof=proof, ticket=ticket, by=by, at=request.at
            )
            return redirect(f"{reverse('console:corrections')}?fait=corrigee")
        except CannotCorrect as error:
            form.add_error("born", error.sentence)
    words = {**frame(request, here=Tab.PUPILS), "form": form, "account": account, "ticket": ticket}
    return render(request, "console/correct.html", words, status=422 if form.errors else 200)


@require_http_methods(GET_OR_POST)
@staff_may(Deed.CORRECT)
def settle_link(request: DeskRequest, pk: int) -> HttpResponse:
    """The school's word on a disputed link."""
    assert request.grant.school is not None
    link = get_object_or_404(board.disputed(request.grant.school), pk=pk)
    form = SettleLinkForm(request.POST or None)
    if form.is_valid():
        is_right = form.cleaned_data["word"] == SettleLinkForm.RIGHT
        board.settle(link, is_right=is_right, by=request.member.key, at=request.at)
        return redirect(f"{reverse('console:corrections')}?fait={form.cleaned_data['word']}")
    words = {**frame(request, here=Tab.CORRECTIONS), "form": form, "link": link}
    return render(request, "console/settle_link.html", words, status=422 if form.errors else 200)


# Protected files ------------------------------------------------------------------------------------------------------
@require_http_methods(GET_OR_POST)
@staff_may(Deed.PROTECT)
def protect(request: DeskRequest, pk: int) -> HttpResponse:
    """Protect a pupil's file, or lift the protection."""
    account = _pupil(request, pk, Deed.PROTECT)
    assert account.pupil is not None
    if request.method == "POST":
        verb = protection.unprotect if request.POST.get("lever") else protection.protect
        verb(account.pupil, by=request.member.key, at=request.at, uai=request.grant.school_id or "")
        return redirect("console:pupil", account.pk)
    return render(request, "console/protect.html", {**frame(request, here=Tab.PUPILS), "account": account})


# FranceConnect alone --------------------------------------------------------------------------------------------------
@require_http_methods(GET_OR_POST)
@staff_may(Deed.UNDO_OPENING)
def undo_opening(request: DeskRequest, pk: int) -> HttpResponse:
    """Undo what FranceConnect alone opened, within its 72 hours."""
    accounts = within(Account.objects.guardians(), request.grant, Deed.UNDO_OPENING, request.day)
    opening = get_object_or_404(AloneOpening.objects.select_related("account"), account__in=accounts, account=pk)
    if request.method == "POST":
        worth = alone.undo(opening, by=request.member.key, at=request.at, uai=request.grant.school_id or "")
        return redirect(f"{reverse('console:guardian', args=[pk])}?fait={SAID_OF[worth]}")
    words = {**frame(request, here=Tab.GUARDIANS), "account": opening.account, "opening": opening}
    is_undoable = opening.is_undoable_at(request.at)
    return render(request, "console/undo_opening.html", {**words, "is_undoable": is_undoable})


# What the views share -------------------------------------------------------------------------------------------------
def _pupil(request: DeskRequest, pk: int, deed: Deed) -> Account:
    reach = within(Account.objects.filter(kind=Kind.PUPIL), request.grant, deed, request.day)
    return get_object_or_404(reach.select_related("pupil"), pk=pk)


def _ticket(request: DeskRequest, deed: Deed, pk: int) -> Ticket:
    """A ticket that somebody compared with a record within the grant."""
    reached = desk.within(request.grant, deed, request).values("pk")
    return get_object_or_404(Ticket.objects.open_at(request.at).filter(guardian__in=reached), pk=pk)


def _asking(request: DeskRequest, guardians: Iterable[int]) -> Ticket | None:
    """The ticket of one of these guardians that a correction answers, when the page was opened from one."""
    asked = request.POST.get("ticket") or request.GET.get("ticket") or ""
    if not (asked.isascii() and asked.isdigit() and len(asked) < 12):
        return None
    return Ticket.objects.open_at(request.at).filter(pk=asked, guardian__in=guardians).first()
