"""The desk's screens: parse, ask permission, call one verb, answer."""

from contextlib import suppress
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from preau.identity.accounts import channel_removals, lifecycle
from preau.identity.accounts.channels import Way
from preau.identity.accounts.models import Account, Kind
from preau.identity.accounts.states import ForbiddenMove
from preau.identity.console import cockpit as first_page
from preau.identity.console import journal as journal_page
from preau.identity.console import own_divisions as tutor_page
from preau.identity.console import reading, team
from preau.identity.console.account_page import AccountPage
from preau.identity.console.forms import BlockForm, BurnForm, ConfirmAccessForm, ForgetChannelForm, ProofForm
from preau.identity.console.lists import AccountList, GuardianList, PupilList
from preau.identity.directory.models import School
from preau.identity.distribution import batches, recipients
from preau.identity.distribution import views as sending
from preau.identity.signin import email_links, lost_factors
from preau.identity.staff import members
from preau.identity.staff.desk import Tab, frame, label
from preau.identity.staff.entry import DeskRequest, staff_may, staff_only
from preau.identity.staff.models import Grant, Role, StaffMember
from preau.identity.staff.permissions import Deed, may, within

TAB_OF = {Kind.GUARDIAN: Tab.GUARDIANS, Kind.PUPIL: Tab.PUPILS}
PAGE_OF = {Kind.GUARDIAN: "console:guardian", Kind.PUPIL: "console:pupil"}


# Lists ----------------------------------------------------------------------------------------------------------------
@require_GET
@staff_only
def cockpit(request: DeskRequest) -> HttpResponse:
    """The first page: each role's own."""
    if request.grant.role == Role.FORM_TUTOR:
        return redirect("console:own_divisions")
    if request.grant.role == Role.OPERATOR:
        return redirect("federation:parties")
    if request.grant.school is None:
        return redirect("console:guardians")
    found = first_page.look(request.grant, day=request.day, at=request.at)
    return render(request, "console/cockpit.html", {**frame(request, here=Tab.COCKPIT), "cockpit": found})


@require_GET
@staff_may(Deed.SEE_GUARDIANS)
def guardians(request: DeskRequest) -> HttpResponse:
    """The list of guardians."""
    return _list(request, GuardianList, Tab.GUARDIANS)


@require_GET
@staff_may(Deed.SEE_PUPILS)
def pupils(request: DeskRequest) -> HttpResponse:
    """The list of pupils; a form tutor's is by division."""
    if request.grant.role == Role.FORM_TUTOR:
        return redirect("console:own_divisions")
    return _list(request, PupilList, Tab.PUPILS)


@require_GET
@staff_may(Deed.SEE_PUPILS)
def own_divisions(request: DeskRequest) -> HttpResponse:
    """The form tutor's screen."""
    asked, search = request.GET.get("division", ""), request.GET.get("q", "")[:100]
    found = tutor_page.look(request.grant, asked=asked, search=search, day=request.day, at=request.at)
    reading.page(request, of="pupils", lines=len(found.lines))
    words = {**frame(request, here=Tab.OWN_DIVISIONS), "own": found, "search": search}
    return render(request, "console/own_divisions.html", words)


@require_POST
@staff_may(Deed.NOTIFY)
def select(request: DeskRequest) -> HttpResponse:
    """Invite or notify the ticked lines, or every result: distribution asks how, and says what dies."""
    chosen = chosen_accounts(request)
    return sending.ask(request, chosen) if chosen else _nobody(request)


@require_POST
@staff_may(Deed.EXPORT)
def select_roster(request: DeskRequest) -> HttpResponse:
    """List the ticked lines, or every result: distribution asks in which form."""
    chosen = chosen_accounts(request)
    reach = within(Account.objects.filter(pk__in=chosen), request.grant, Deed.EXPORT, request.day)
    people = recipients.read(reach, uai=_uai(request), day=request.day)
    return (
        render(request, "distribution/roster.html", {**frame(request), "people": people})
        if people
        else _nobody(request)
    )


# One account ----------------------------------------------------------------------------------------------------------
@require_GET
@staff_may(Deed.SEE_GUARDIANS)
def guardian(request: DeskRequest, pk: int) -> HttpResponse:
    """A guardian's page."""
    return _account(request, pk, Kind.GUARDIAN, Deed.SEE_GUARDIANS)


@require_GET
@staff_may(Deed.SEE_PUPILS)
def pupil(request: DeskRequest, pk: int) -> HttpResponse:
    """A pupil's page. A form tutor has the list of the division alone."""
    if request.grant.role == Role.FORM_TUTOR:
        _reached(request, pk, Deed.SEE_PUPILS, kind=Kind.PUPIL)  # somebody else's pupil does not exist
        return redirect("console:own_divisions")
    return _account(request, pk, Kind.PUPIL, Deed.SEE_PUPILS)


@require_http_methods(["GET", "POST"])
@staff_may(Deed.BLOCK)
def block(request: DeskRequest, pk: int) -> HttpResponse:
    """Shut an account, and say why."""
    account = _reached(request, pk, Deed.BLOCK)
    form = BlockForm(request.POST or None)
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        with suppress(ForbiddenMove):  # somebody was faster: the page says how the account stands
            lifecycle.block([account], reason=reason, by=request.member.key, at=request.at, uai=_uai(request))
        return _back_to(account)
    return _ask(request, "console/block.html", account, form)


@require_POST
@staff_may(Deed.BLOCK)
def unblock(request: DeskRequest, pk: int) -> HttpResponse:
    """Open a blocked account again."""
    account = _reached(request, pk, Deed.BLOCK)
    with suppress(ForbiddenMove):
        lifecycle.unblock([account], by=request.member.key, at=request.at, uai=_uai(request))
    return _back_to(account)


@require_POST
@staff_may(Deed.NOTIFY)
def resend(request: DeskRequest, pk: int) -> HttpResponse:
    """Send the link that confirms the address once more."""
    account = _reached(request, pk, Deed.NOTIFY)
    has_left = bool(account.pending_email) and email_links.ask(account, message="signin/confirm_email", at=request.at)
    return _back_to(account, "renvoye" if has_left else "patience")


@require_http_methods(["GET", "POST"])
@staff_may(Deed.BURN)
def burn_one(request: DeskRequest, pk: int) -> HttpResponse:
    """Destroy the temporary password of one account."""
    account = _reached(request, pk, Deed.BURN)
    if request.method == "POST":
        batches.burn([account], uais=[], by=request.member.key, at=request.at, uai=_uai(request))
        return _back_to(account)
    return _ask(request, "console/burn_one.html", account, None)


@require_http_methods(["GET", "POST"])
@staff_may(Deed.REMOVE_FACTORS)
def remove_factors(request: DeskRequest, pk: int) -> HttpResponse:
    """Ask that the lost application and keys of an account be removed, or give it up."""
    account, by = _reached(request, pk, Deed.REMOVE_FACTORS), request.member.key
    removal, form = lost_factors.waiting(account), ProofForm(request.POST or None)
    if removal is not None and "renoncer" in request.POST:
        lost_factors.keep(removal, by=by, at=request.at)
        return _back_to(account, "garde")
    if form.is_valid():
        proof = form.cleaned_data["proof"]
        asked = lost_factors.ask(account, proof=proof, by=by, at=request.at, uai=_uai(request))
        return _back_to(account, "retrait" if asked else "")
    words = {**frame(request, here=TAB_OF[Kind(account.kind)]), "account": account, "form": form, "removal": removal}
    return render(request, "console/remove_factors.html", words, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@staff_may(Deed.FORGET_CHANNEL)
def forget_channel(request: DeskRequest, pk: int) -> HttpResponse:
    """Ask that an account forget an address or a mobile that is somebody else's, or give it up."""
    account, by = _reached(request, pk, Deed.FORGET_CHANNEL), request.member.key
    removal, form = channel_removals.waiting(account), ForgetChannelForm(account, request.POST or None)
    if removal is not None and "renoncer" in request.POST:
        channel_removals.keep(removal, by=by, at=request.at)
        return _back_to(account, "canal-garde")
    if form.is_valid():
        way, proof = Way(form.cleaned_data["way"]), form.cleaned_data["proof"]
        channel_removals.ask(account, way=way, proof=proof, by=by, at=request.at, uai=_uai(request))
        return _back_to(account, "oubli")
    words = {**frame(request, here=TAB_OF[Kind(account.kind)]), "account": account, "form": form, "removal": removal}
    return render(request, "console/forget_channel.html", words, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@staff_may(Deed.BURN)
def burn(request: DeskRequest) -> HttpResponse:
    """Destroy every temporary password of a population of the school."""
    reach = within(Account.objects.with_something_to_burn(), request.grant, Deed.BURN, request.day)
    form, burnt = BurnForm(request.POST or None), None
    if form.is_valid():
        kind = form.cleaned_data["kind"]
        chosen = reach if kind == BurnForm.EVERYBODY else reach.filter(kind=kind)
        burnt = batches.burn(list(chosen), uais=_uais(request), by=request.member.key, at=request.at, uai=_uai(request))
    words = {**frame(request), "form": form, "burnt": burnt, "waiting": reach.count()}
    return render(request, "console/burn.html", words)


# Team and journal -----------------------------------------------------------------------------------------------------
@require_GET
@staff_may(Deed.CONFIRM_STAFF, only_looks=True)
def team_page(request: DeskRequest) -> HttpResponse:
    """Who works at this desk, who asks to."""
    assert request.grant.school is not None
    found = team.of_school(request.grant.school, day=request.day)
    return render(
        request, "console/team.html", {**frame(request, here=Tab.TEAM), "team": found, "me": request.member.pk}
    )


@require_http_methods(["GET", "POST"])
@staff_may(Deed.CONFIRM_STAFF)
def confirm_access(request: DeskRequest, pk: int) -> HttpResponse:
    """Say who the asking person is, and let them in."""
    grant = _grant(request, pk, confirmed_at=None)
    form = ConfirmAccessForm(grant, request.POST or None)
    if form.is_valid():
        try:
            members.confirm(grant, record_of=form.cleaned_data["record"], by=request.member.key, at=request.at)
            return redirect("console:team")
        except members.CannotConfirm as error:
            form.add_error(None, error.sentence)
    words = {**frame(request, here=Tab.TEAM), "form": form, "asked": grant}
    return render(request, "console/confirm_access.html", words)


@require_http_methods(["GET", "POST"])
@staff_may(Deed.CONFIRM_STAFF)
def revoke_access(request: DeskRequest, pk: int) -> HttpResponse:
    """End an access, or refuse it."""
    grant = _grant(request, pk)
    if request.method == "POST":
        members.revoke(grant, by=request.member.key, at=request.at)
        return redirect("console:team")
    return render(request, "console/revoke_access.html", {**frame(request, here=Tab.TEAM), "revoked": grant})


@require_http_methods(["GET", "POST"])
@staff_may(Deed.CONFIRM_STAFF)
def reinstate(request: DeskRequest, pk: int) -> HttpResponse:
    """Let a suspended person work again."""
    colleagues = StaffMember.objects.filter(grants__school=request.grant.school, suspended_at__isnull=False)
    member = get_object_or_404(colleagues.exclude(pk=request.member.pk).distinct(), pk=pk)
    if request.method == "POST":
        members.reinstate(member, by=request.member.key, at=request.at, uai=_uai(request))
        return redirect("console:team")
    return render(request, "console/reinstate.html", {**frame(request, here=Tab.TEAM), "suspended": member})


@require_GET
@staff_may(Deed.SEE_JOURNAL)
def journal(request: DeskRequest) -> HttpResponse:
    """What happened in the school."""
    assert request.grant.school is not None
    filters, page = journal_page.page(request.grant.school, request.GET)
    words = {**frame(request, here=Tab.JOURNAL), "filters": filters, "page": page, "heads": journal_page.HEADS}
    return render(request, "console/journal.html", words)


# What the views share -------------------------------------------------------------------------------------------------
def _list(request: DeskRequest, list_class: type[AccountList], tab: Tab) -> HttpResponse:
    found = list_class(request.GET, grant=request.grant, day=request.day, at=request.at)
    page = found.page
    reading.page(request, of=tab.name.lower(), lines=len(page.object_list))
    may_notify = may(request.grant, Deed.NOTIFY) and request.grant.school is not None
    name = tab.name.lower()
    words = {"list": found, "page": page, "may_notify": may_notify, "clear_url": request.path}
    words |= {"lines": found.lines(ticks=may_notify), "nobody": "personne" in request.GET}
    return render(request, f"console/{name}.html", {**frame(request, here=tab), **words})


def chosen_accounts(request: DeskRequest) -> list[int]:
    """The accounts chosen on a list: the ticked ones, or all that answer its filters. Who acts applies the scope."""
    if not request.POST.get("all"):
        ticked = request.POST.getlist("account")
        return [int(one) for one in ticked if one.isascii() and one.isdigit() and len(one) < 12]
    lists = {Kind.GUARDIAN.value: GuardianList, Kind.PUPIL.value: PupilList}
    list_class = lists.get(request.POST.get("kind", ""), GuardianList)
    asked = QueryDict(request.POST.get("filters", "")[:2000])
    return list_class(asked, grant=request.grant, day=request.day, at=request.at).account_ids()


def _nobody(request: DeskRequest) -> HttpResponse:
    """Nothing was ticked: back to the list, which says so."""
    tab = Tab.PUPILS if request.POST.get("kind") == Kind.PUPIL else Tab.GUARDIANS
    query = QueryDict(request.POST.get("filters", "")[:2000], mutable=True)
    query["personne"] = "1"
    return redirect(f"{reverse(tab.value)}?{query.urlencode()}")


def _reached(request: DeskRequest, pk: int, deed: Deed, **more: Any) -> Account:
    """The account, if the grant reaches it for this deed; otherwise it does not exist."""
    reach = within(Account.objects.filter(**more), request.grant, deed, request.day)
    return get_object_or_404(reach.select_related("pupil", "temporary_password"), pk=pk)


def _account(request: DeskRequest, pk: int, kind: Kind, deed: Deed) -> HttpResponse:
    account = _reached(request, pk, deed, kind=kind)
    page = AccountPage(account, request.grant, request.day, request.at)
    reading.account(request, account)
    tab = TAB_OF[kind]
    above = {"list_url": reverse(tab.value), "list_label": label(tab), "said": request.GET.get("fait", "")}
    words = {**frame(request, here=tab), **above, "page": page, "why": list(page.why_not_in())}
    return render(request, "console/account.html", words)


def _ask(request: DeskRequest, template: str, account: Account, form: Any) -> HttpResponse:
    tab = TAB_OF[Kind(account.kind)]
    return render(request, template, {**frame(request, here=tab), "account": account, "form": form})


def _back_to(account: Account, said: str = "") -> HttpResponse:
    address = reverse(PAGE_OF[Kind(account.kind)], args=[account.pk])
    return redirect(f"{address}?fait={said}" if said else address)


def _grant(request: DeskRequest, pk: int, **more: Any) -> Grant:
    """A grant of this school that a head may end or confirm: not their own, not the portal's."""
    here = Grant.objects.of_school(_uai(request)).filter(revoked_at=None, **more).exclude(member=request.member)
    return get_object_or_404(here.select_related("member", "school", "record"), pk=pk)


def _uai(request: DeskRequest) -> str:
    return request.grant.school_id or ""


def _uais(request: DeskRequest) -> list[str]:
    """The schools of the grant: its own, or those of its academy."""
    if request.grant.school_id:
        return [request.grant.school_id]
    return list(School.objects.filter(academy=request.grant.academy_id).values_list("uai", flat=True))
