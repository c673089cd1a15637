"""The guides of docs/protocols, as whoever reads them does: what is to be copied is copied, then people sign in."""

import json
import os
import re
import sys
from pathlib import Path

import pytest

from preau.identity.federation.attributes import ATTRIBUTES
from preau.identity.federation.models import RelyingParty, SamlProfile
from preau.identity.federation.saml.answers import names_for
from preau.identity.federation.troubles import ADVICE, Cause
from tests.house.source import ROOT
from tests.interop.browser import Browser
from tests.interop.processes import free_port, running
from tests.interop.town import Town

PROTOCOLS = ROOT / "docs" / "protocols"


def copied(guide: str, language: str) -> list[str]:
    """The blocks of one language."""
    text = (PROTOCOLS / guide).read_text("utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


@pytest.mark.parametrize(("who", "profile"), [("pupil", "eleve"), ("guardian", "responsable")])
def test_what_the_guide_says_to_copy_signs_people_in(
    town: Town, browser: Browser, tmp_path: Path, who: str, profile: str
) -> None:
    port = free_port()
    here, name = f"http://127.0.0.1:{port}", f"essai-{who}"
    secret = town.clerk("oidc", client_id=name, redirect_uris=[f"{here}/retour"], scopes=["profile", "children"])
    (script,) = copied("integrate-oidc.md", "python")
    written = {"http://127.0.0.1:9000": here, "http://localhost:8000": town.url, ", 9000": f", {port}"}
    written['"essai"'] = f'"{name}"'
    for said, ours in written.items():
        assert said in script, said
        script = script.replace(said, ours)
    (tmp_path / "service.py").write_text(script, encoding="utf-8")
    environment = {**os.environ, "SECRET": secret}
    command = [sys.executable, str(tmp_path / "service.py")]
    with running(command, log=tmp_path / "service.log", ready=f"{here}/", environment=environment):
        browser.go(f"{here}/")
        browser.sign_in(getattr(town, who), town.password, profile=profile)
        found = json.loads(browser.text)
    assert found == town.clerk("told", client_id=name, username=getattr(town, who), scope="openid profile children")
    assert found["kind"] == who


def test_the_map_of_the_guide_names_what_an_ent_receives() -> None:
    (_, mapped) = copied("integrate-saml.md", "xml")
    said = set(re.findall(r'name="([^"]+)"', mapped))
    profile = SamlProfile(party=RelyingParty(scopes=["ent"]))
    received = (ATTRIBUTES[name].saml for name in names_for(profile))
    assert said == {one[0] for one in received if one is not None}


def test_the_words_of_refusal_in_the_guide_are_ours() -> None:
    text = (PROTOCOLS / "integrate-saml.md").read_text("utf-8").partition("## 5.")[2]
    words = set(re.findall(r"\| `(\w+)` \|", text))
    assert len(words) == 5 and words <= {cause.value for cause in ADVICE} <= set(Cause.values)
