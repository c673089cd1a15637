"""A real server, Samira's account, and the suite's client as the operator registers it."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from preau import clock
from preau.identity.accounts.models import Account
from preau.identity.directory.models import School
from preau.identity.federation import signing
from preau.identity.federation.models import RelyingParty as Registered
from preau.identity.federation.registration import register
from preau.identity.federation.release import SCOPES
from tests.interop.openid_foundation.relying_party import AFTER_LOGOUT, CALLBACK, SECRET, WAIT, Browser, RelyingParty
from tests.rooms.identity.federation.conftest import PASSWORD, active_guardian


@pytest.fixture
def provider(live_server: Any, settings: Any) -> Iterator[str]:
    """The address of the provider: its issuer."""
    settings.PUBLIC_URL = live_server.url
    signing.forget()
    yield live_server.url
    signing.forget()


@pytest.fixture
def samira(transactional_db: None) -> Account:
    """The person of the suite."""
    return active_guardian(School.objects.create(uai="0991234D", name="Collège Élise-Deroche"))


@pytest.fixture
def browser(provider: str, samira: Account) -> Browser:
    """Hers, not signed in yet."""
    return Browser(provider, samira.username, PASSWORD)


@pytest.fixture(params=["query", "form_post"])
def party(request: pytest.FixtureRequest, static_party: RelyingParty) -> RelyingParty:
    """The Basic plan, then the Form Post plan: the same modules, answers by a form that sends itself."""
    static_party.mode = request.param if request.param != "query" else ""
    return static_party


@pytest.fixture
def static_party(provider: str, transactional_db: None) -> RelyingParty:
    """A client of the certification plans: no PKCE (they send none but in one module), RS256, offline access."""
    register(
        client_id="oidf",
        name="OpenID Foundation",
        redirect_uris=[CALLBACK],
        post_logout_redirect_uris=[AFTER_LOGOUT],
        scopes=list(SCOPES),
        secret=SECRET,
        by="test:1",
        at=clock.now(),
    )
    Registered.objects.update(must_prove_key=False, may_refresh=True)
    discovery = requests.get(f"{provider}/.well-known/openid-configuration", timeout=WAIT).json()
    return RelyingParty(discovery, "oidf")
