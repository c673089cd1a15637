"""pronotepy, whose functions sign families in without a browser; and an ENT on pysaml2, that reads what they bring."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from pronotepy.ent.generic_func import _cas_edu, _educonnect
from pronotepy.exceptions import ENTLoginError
from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT
from saml2.client import Saml2Client
from saml2.metadata import entity_descriptor

from tests.interop.processes import free_port
from tests.interop.saml.conftest import PEOPLE, SCOPES
from tests.interop.saml.keys import make_pair
from tests.interop.saml.pysaml2_party import NAMES, configured
from tests.interop.town import Town

PLACES = {"/entrer": BINDING_HTTP_REDIRECT, "/entrer-par-formulaire": BINDING_HTTP_POST}
CARD = "ent"


class Ent:
    """An ENT: it sends people to sign in by either binding, believes the response or not, gives its own cookie."""

    def __init__(self, idp: Path, folder: Path) -> None:
        self.address = f"http://127.0.0.1:{free_port()}"
        pair = make_pair(folder, "ent")
        endpoints = {"assertion_consumer_service": [(f"{self.address}/acs", BINDING_HTTP_POST)]}
        self.configuration = configured(f"{self.address}/shibboleth", idp=idp, pair=pair, endpoints=endpoints)
        self.client = Saml2Client(self.configuration)
        self.asked: dict[str, str] = {}
        self.read: list[dict[str, list[str]]] = []
        self.relay_states: list[str] = []

    def leave(self, binding: str) -> tuple[str, str]:
        """Where to go, or the page that goes there."""
        asked, described = self.client.prepare_for_authenticate(relay_state="retour", binding=binding)
        self.asked[asked] = ""
        return dict(described["headers"]).get("Location", ""), described["data"]

    def receive(self, fields: dict[str, list[str]]) -> None:
        """Believe the response, and note what it says."""
        (response,), self.relay_states = fields["SAMLResponse"], fields.get("RelayState", [""])
        believed = self.client.parse_authn_request_response(response, BINDING_HTTP_POST, outstanding=self.asked)
        self.read.append({NAMES.get(name, name): values for name, values in believed.ava.items()})


def counter(ent: Ent) -> type[BaseHTTPRequestHandler]:
    """The ENT's pages."""

    class Counter(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Send people to sign in, or say who is in."""
            if (path := urlsplit(self.path).path) in PLACES:
                location, page = ent.leave(PLACES[path])
                headers = {"Location": location} if location else {}
                self._answer(302 if location else 200, page if not location else "", **headers)
            else:
                self._answer(200, "dedans" if f"{CARD}=oui" in self.headers.get("Cookie", "") else "dehors")

        def do_POST(self) -> None:
            """Take the response."""
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            ent.receive(parse_qs(body, keep_blank_values=True))
            self._answer(302, "", Location="/accueil", **{"Set-Cookie": f"{CARD}=oui; Path=/"})

        def _answer(self, status: int, page: str, **headers: str) -> None:
            self.send_response(status)
            for name, value in {"Content-Length": str(len(page.encode())), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *said: Any) -> None:
            """The test speaks."""

    return Counter


@pytest.fixture(scope="module")
def ent(town: Town, idp_metadata: str, folder: Path) -> Iterator[Ent]:
    idp = folder / "idp.xml"
    idp.write_text(idp_metadata, encoding="utf-8")
    made = Ent(idp, folder)
    metadata = str(entity_descriptor(made.configuration))
    town.clerk("saml", client_id="pronotepy", metadata=metadata, scopes=SCOPES, notice="none")
    server = ThreadingHTTPServer(("127.0.0.1", urlsplit(made.address).port or 0), counter(made))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield made
    server.shutdown()
    server.server_close()


def told(town: Town, who: str) -> dict[str, list[str]]:
    """What release lets the ENT learn of somebody."""
    found: dict[str, list[str]] = town.clerk("told_by_saml", client_id="pronotepy", username=getattr(town, who))
    return found


def unsolicited(town: Town, ent: Ent) -> str:
    """The address where ENTs send families (specs/protocols.md §1.10)."""
    return f"{town.url}/idp/profile/SAML2/Unsolicited/SSO?providerId={ent.address}/shibboleth&target=accueil"


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(("who", "profile"), PEOPLE)
def test_from_the_page_of_an_ent_to_its_cookie(town: Town, ent: Ent, who: str, profile: str, place: str) -> None:
    is_form = PLACES[place] == BINDING_HTTP_POST
    cookies = _cas_edu(getattr(town, who), town.password, url=f"{ent.address}{place}", redirect_form=is_form)
    assert requests.get(f"{ent.address}/accueil", cookies=cookies, timeout=20).text == "dedans"
    assert ent.read[-1] == told(town, who) and ent.relay_states == ["retour"], profile


@pytest.mark.parametrize(("who", "profile"), PEOPLE)
def test_educonnect_s_function_signs_in_from_nothing_and_again_without_a_question(
    town: Town, ent: Ent, who: str, profile: str
) -> None:
    session, before = requests.Session(), town.clerk("visits", username=getattr(town, who))
    answer = _educonnect(session, getattr(town, who), town.password, unsolicited(town, ent))
    assert answer.url == f"{ent.address}/accueil" and answer.text == "dedans"
    assert ent.read[-1] == told(town, who) and ent.relay_states == ["accueil"], profile
    assert _educonnect(session, getattr(town, who), "ce n’est plus demandé", unsolicited(town, ent)).text == "dedans"
    assert ent.read[-1] == told(town, who)
    assert town.clerk("visits", username=getattr(town, who)) == before + 1


def test_a_wrong_password_is_told_as_such_and_brings_nothing(town: Town, ent: Ent) -> None:
    read = len(ent.read)
    with pytest.raises(ENTLoginError, match="probably wrong login information"):
        _educonnect(requests.Session(), town.pupil, "ce n’est pas lui", unsolicited(town, ent))
    assert len(ent.read) == read


def test_posted_six_times_at_once_an_address_serves_once(town: Town, ent: Ent) -> None:
    session = requests.Session()
    door = session.get(unsolicited(town, ent), timeout=20).url
    typed = {"j_username": town.pupil, "j_password": town.password, "_eventId_proceed": ""}
    before = town.clerk("visits", username=town.pupil)

    def post(_: int) -> int:
        sent = requests.post(door, typed, cookies=session.cookies.copy(), allow_redirects=False, timeout=20)
        return sent.status_code

    with ThreadPoolExecutor(6) as together:
        statuses = sorted(together.map(post, range(6)))
    assert statuses == [302, 403, 403, 403, 403, 403]
    assert town.clerk("visits", username=town.pupil) == before + 1
