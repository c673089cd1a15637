"""The operator's pages about the metadata of services by SAML."""

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods

from preau.identity.federation import profiles, refresh
from preau.identity.federation.checks import CannotRegister
from preau.identity.federation.forms import MetadataForm, SamlForm, SamlSettingsForm, VouchForm
from preau.identity.federation.models import Protocol
from preau.identity.federation.party_views import draw, party_of, to_party
from preau.identity.federation.profiles import Copy
from preau.identity.federation.refresh import CannotRefresh
from preau.identity.staff.entry import DeskRequest, staff_may
from preau.identity.staff.permissions import Deed


@require_http_methods(["GET", "POST"])
@staff_may(Deed.CONNECT_PARTIES)
def add_saml(request: DeskRequest) -> HttpResponse:
    """A file or an address, then what was read there, to look at before anything is written."""
    form = MetadataForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        try:
            copy = _given(form, request)
        except CannotRefresh as error:
            form.add_error("url" if form.cleaned_data["url"] else "file", error.sentence)
        else:
            return _confirm(request, copy, _begun(form, copy))
    return draw(request, "add_saml", form=form, status=422 if form.errors else 200)


@require_http_methods(["POST"])
@staff_may(Deed.CONNECT_PARTIES)
def confirm_saml(request: DeskRequest) -> HttpResponse:
    """Connect the service whose metadata were looked at."""
    try:
        copy = _looked_at(request)
    except CannotRegister as error:
        again = MetadataForm({"url": request.POST.get("metadata_url", "")})
        again.add_error(None, error.sentence)
        return draw(request, "add_saml", form=again, status=422)
    form = SamlForm(request.POST, has_key=bool(copy.described.encryption_certificates))
    if form.is_valid():
        facts = {name: value for name, value in form.facts().items() if name not in ("xml", "entity_id")}
        try:
            made = profiles.register_saml(copy=copy, **facts, by=request.member.key, at=request.at)
            return to_party(made, "raccorde")
        except CannotRegister as error:
            form.refuse(error)
    return _confirm(request, copy, form)


@require_http_methods(["GET", "POST"])
@staff_may(Deed.CONNECT_PARTIES)
def change_saml(request: DeskRequest, client_id: str) -> HttpResponse:
    """How a service by SAML is answered."""
    found = party_of(client_id, protocol=Protocol.SAML)
    form = SamlSettingsForm(request.POST or None, initial=SamlSettingsForm.said(found.saml))
    if form.is_valid():
        try:
            profiles.change_profile(found, **form.facts(), by=request.member.key, at=request.at)
            return to_party(found, "change")
        except CannotRegister as error:
            form.refuse(error)
    return draw(request, "change_settings", party=found, form=form, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@staff_may(Deed.CONNECT_PARTIES)
def read_again(request: DeskRequest, client_id: str) -> HttpResponse:
    """Newer metadata, from a file or from their address; what is not as it was asks one word more."""
    found = party_of(client_id, protocol=Protocol.SAML)
    start = {"url": found.saml.metadata_url}
    form, copy = MetadataForm(request.POST or None, request.FILES or None, initial=start), None
    if form.is_valid():
        try:
            copy = _given(form, request, entity_id=found.saml.entity_id)
            refresh.take(found, copy, by=request.member.key, at=request.at)
            return to_party(found, "relu")
        except CannotRefresh as error:
            if error.surprises and copy is not None and copy.described.entity_id == found.saml.entity_id:
                asked = VouchForm(initial={"xml": copy.xml})
                return draw(request, "vouch", party=found, form=asked, surprises=error.surprises, status=409)
            form.add_error(None, error.sentence)
    return draw(request, "read_again", party=found, form=form, status=422 if form.errors else 200)


@require_http_methods(["POST"])
@staff_may(Deed.CONNECT_PARTIES)
def vouch(request: DeskRequest, client_id: str) -> HttpResponse:
    """The operator answers for metadata that are not as they were."""
    found, form = party_of(client_id, protocol=Protocol.SAML), VouchForm(request.POST)
    try:
        raw = request.POST.get("xml", "").encode()
        copy = profiles.read(raw, at=request.at, entity_id=found.saml.entity_id)
        if form.is_valid():
            refresh.take(found, copy, by=request.member.key, at=request.at, is_vouched_for=True)
            return to_party(found, "relu")
    except (CannotRegister, CannotRefresh) as error:
        return draw(request, "read_again", party=found, form=MetadataForm(), refused=str(error), status=422)
    surprises = profiles.surprises(found.saml, copy.described)
    return draw(request, "vouch", party=found, form=form, surprises=surprises, status=422)


def _given(form: MetadataForm, request: DeskRequest, *, entity_id: str = "") -> Copy:
    """What the form leads to. Raises `CannotRefresh`."""
    wanted = form.cleaned_data["entity_id"] or entity_id
    if url := form.cleaned_data["url"]:
        return refresh.fetched(url, at=request.at, entity_id=wanted)
    try:
        return profiles.read(form.cleaned_data["file"].read(), at=request.at, entity_id=wanted)
    except CannotRegister as error:
        raise CannotRefresh(error.sentence) from error


def _looked_at(request: DeskRequest) -> Copy:
    """What the page held. Raises `CannotRegister` when it is no longer what was shown."""
    raw = request.POST.get("xml", "").encode()
    return profiles.read(raw, at=request.at, entity_id=request.POST.get("entity_id", ""))


def _begun(form: MetadataForm, copy: Copy) -> SamlForm:
    start = {
        "xml": copy.xml, "metadata_url": form.cleaned_data["url"], "entity_id": copy.described.entity_id,
        "name": copy.described.name[:120], "client_id": profiles.short_name(copy.described),
    }  # fmt: skip
    return SamlForm(initial=start, has_key=bool(copy.described.encryption_certificates))


def _confirm(request: DeskRequest, copy: Copy, form: SamlForm) -> HttpResponse:
    words = {"form": form, "described": copy.described, "read": profiles.in_words(copy.described)}
    return draw(request, "confirm_saml", **words, status=422 if form.errors else 200)
