"""What a service would receive, for each of the four kinds of people, and why."""

import json
from typing import Any

import pytest

from preau.identity.accounts.models import Account
from preau.identity.audit.events import Events
from preau.identity.audit.models import Event
from preau.identity.directory.models import School, SchoolKind
from preau.identity.federation import preview, profiles, registration
from preau.identity.federation.models import RelyingParty
from tests.rooms.identity.federation.conftest import CALLBACK, NOW
from tests.rooms.identity.federation.small_service import metadata


@pytest.fixture
def ent(db: None) -> RelyingParty:
    """An ENT by SAML, and the rights of one."""
    copy = profiles.read(metadata(), at=NOW)
    return profiles.register_saml(client_id="ent-saml", copy=copy, scopes=["ent", "pupil"], by="staff:9", at=NOW)


def given(seen: preview.Preview) -> dict[str, tuple[str, ...]]:
    """Friendly name → values."""
    return {line.friendly or line.shown: line.values for line in seen.given}


def look(party: RelyingParty, account: Account) -> preview.Preview:
    """As the operator does."""
    return preview.look(party, username=account.username, by="staff:9", at=NOW)


@pytest.mark.parametrize("kind", [SchoolKind.PRIMARY, SchoolKind.LOWER_SECONDARY])
def test_guardians_of_both_degrees(ent: RelyingParty, samira: Account, school: School, kind: SchoolKind) -> None:
    School.objects.filter(pk=school.pk).update(kind=kind)
    found = given(look(ent, samira))
    degree = "1d" if kind == SchoolKind.PRIMARY else "2d"
    assert found["FrEduCtPersonAffiliation"] == (f"resp{degree}",)
    assert len(found["FrEduVecteur"]) == 2 and all(one.endswith("|0991234D") for one in found["FrEduVecteur"])
    assert {one[0] for one in found["FrEduVecteur"]} == {"1" if degree == "1d" else "2"}
    assert "FrEduCtEleveUAI" not in found


@pytest.mark.parametrize("kind", [SchoolKind.PRIMARY, SchoolKind.LOWER_SECONDARY])
def test_pupils_of_both_degrees(ent: RelyingParty, adama: Account, school: School, kind: SchoolKind) -> None:
    School.objects.filter(pk=school.pk).update(kind=kind)
    found = given(look(ent, adama))
    degree = "1d" if kind == SchoolKind.PRIMARY else "2d"
    assert found["FrEduCtPersonAffiliation"] == (f"eleve{degree}",)
    assert found["FrEduCtEleveUAI"] == ("0991234D",) and found["FrEduCtDateNaissance"] == ("2014-01-05",)
    assert len(found["FrEduCtId"][0]) == 96


def test_each_line_says_why_it_is_let_out_or_not(ent: RelyingParty, samira: Account) -> None:
    seen = look(ent, samira)
    why = {line.name: line.why for line in (*seen.given, *seen.withheld)}
    assert "portée ent" in why["FrEduVecteur"] and "Tout service SAML" in why["FrEduUrlRetour"]
    assert "donnée d’élève" in why["FrEduCtEleveNiveau"] and "n’y a pas droit" in why["email"]
    assert "kind" not in why, "no SAML service reads that one"
    names = {line.friendly: line.shown for line in seen.given}
    assert names["FrEduCtPersonAffiliation"] == "urn:oid:1.3.6.1.4.1.20326.10.999.1.7"
    profiles.change_profile(ent, naming="basic", by="staff:9", at=NOW)
    ent.saml.refresh_from_db()
    assert all(line.shown == line.friendly for line in look(ent, samira).given)


def test_a_service_by_openid_connect_is_shown_its_claims(samira: Account, party: RelyingParty) -> None:
    seen = look(party, samira)
    claims = json.loads(seen.message)
    assert claims["kind"] == "guardian" and len(claims["children"]) == 2 and claims["sub"]
    assert set(claims) - {"sub"} == {line.name for line in seen.given}
    nothing, _ = registration.register(client_id="n", name="N", redirect_uris=[CALLBACK], by="t:1", at=NOW)
    assert set(json.loads(look(nothing, samira).message)) == {"sub", "kind"}


def test_what_is_given_in_its_own_right_says_the_operators_reason(samira: Account, party: RelyingParty) -> None:
    registration.change(party, scopes=[], attributes=["FrEduCtId"], reason="Convention 12", by="t:1", at=NOW)
    party.refresh_from_db()
    (line,) = [one for one in look(party, samira).given if one.name == "FrEduCtId"]
    assert line.why.startswith("Convention 12")


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"audience": ["pupil"]}, "ce profil"),
        ({"schools": ["0990002P"]}, "desservi"),
        ({"academies": ["1"]}, "desservi"),
    ],
)
def test_what_would_turn_the_person_away_is_said(samira: Account, party: RelyingParty, facts: Any, said: str) -> None:
    assert look(party, samira).obstacles == []
    registration.change(party, **facts, by="t:1", at=NOW)
    party.refresh_from_db()
    (obstacle,) = look(party, samira).obstacles
    assert said in obstacle
    registration.disable(party, by="t:1", at=NOW)
    party.refresh_from_db()
    assert any("coupé" in one for one in look(party, samira).obstacles)


def test_looking_is_an_event_on_the_person_and_nobody_is_guessed(samira: Account, party: RelyingParty) -> None:
    with pytest.raises(preview.NobodyOfThatName):
        preview.look(party, username="s", by="staff:9", at=NOW)
    assert not Event.objects.filter(name=Events.RELEASE_PREVIEWED).exists()
    preview.look(party, username=f" {samira.username.upper()} ", by="staff:9", at=NOW)
    event = Event.objects.get(name=Events.RELEASE_PREVIEWED)
    assert (event.on, event.by, event.facts) == (samira.key, "staff:9", {"party": party.client_id})


def test_the_shapes_of_educonnect_are_shown_as_they_are_sent(samira: Account, party: RelyingParty) -> None:
    registration.change(party, scopes=["ect.scope.cnx", "pupil"], speaks_educonnect=True, by="t:1", at=NOW)
    party.refresh_from_db()
    claims = json.loads(look(party, samira).message)
    assert claims["FrEduCtPersonAffiliation"] == ["resp2d"] and claims["FrEduCtEleveUAI"] == ""
