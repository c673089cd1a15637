"""``preau identity party``: what the operator does without the pages."""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from preau.identity.accounts.models import Account
from preau.identity.audit.models import Event
from preau.identity.federation import troubles
from preau.identity.federation.models import RelyingParty, Trouble
from preau.identity.federation.troubles import Cause
from tests.rooms.identity.federation.conftest import CALLBACK, NOW
from tests.rooms.identity.federation.small_service import ENTITY, certificate, metadata, publishing

Out = pytest.CaptureFixture[str]


def party(*words: str) -> None:
    """The command."""
    call_command("party", *words)


def known() -> RelyingParty:
    """The service of the test, as it is written."""
    return RelyingParty.objects.get(client_id="ent2")


@pytest.fixture
def ent2(db: None, capsys: Out) -> str:
    """A service by OpenID Connect; its secret."""
    party("add", "ent2", "--name", "ENT", "--redirect-uri", CALLBACK, "--scope", "profile", "--audience", "pupil")
    said = capsys.readouterr().out
    return said.partition("montré cette seule fois : ")[2].split()[0]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Its metadata."""
    path = tmp_path / "sp.xml"
    path.write_bytes(metadata())
    return path


def test_adding_shows_the_secret_once_and_gives_what_was_said(ent2: str, capsys: Out) -> None:
    assert known().check_client_secret(ent2) and known().scopes == ["openid", "profile"]
    party("show", "ent2")
    said = capsys.readouterr().out
    assert ent2 not in said and CALLBACK in said and "given_name" in said and "<" not in said
    party("list")
    assert "ent2" in capsys.readouterr().out


def test_a_secret_may_come_from_a_file_and_is_then_not_shown(db: None, tmp_path: Path, capsys: Out) -> None:
    (tmp_path / "secret").write_text("from-a-file\n", encoding="ascii")
    party("add", "ent2", "--name", "E", "--redirect-uri", CALLBACK, "--secret-file", str(tmp_path / "secret"))
    assert known().check_client_secret("from-a-file") and "from-a-file" not in capsys.readouterr().out


def test_changing_touches_what_is_said_and_warns_loudly(ent2: str, capsys: Out, tmp_path: Path) -> None:
    party("change", "ent2", "--pkce", "no", "--school", "0991234D", "--algorithm", "ES256")
    changed = known()
    assert (changed.must_prove_key, changed.schools, changed.scopes) == (False, ["0991234D"], ["openid", "profile"])
    assert "PKCE" in capsys.readouterr().err
    party("change", "ent2", "--notice", "tell")
    assert (known().notice, known().schools) == ("tell", ["0991234D"])
    party("show", "ent2")
    assert "lit ce qu’il apprend" in capsys.readouterr().out
    for wrong, said in (((), "Rien à changer"), (("--accept-sha1", "yes"), "SAML"), (("--scope", "x"), "Portée")):
        with pytest.raises(CommandError, match=said):
            party("change", "ent2", *wrong)
    (tmp_path / "keys").write_text("{", encoding="ascii")
    with pytest.raises(CommandError, match="JWKS"):
        party("change", "ent2", "--jwks-file", str(tmp_path / "keys"))


def test_cutting_restoring_and_a_new_secret(ent2: str, capsys: Out) -> None:
    party("disable", "ent2")
    assert known().disabled_at is not None
    party("enable", "ent2")
    party("renew-secret", "ent2")
    new = capsys.readouterr().out.split()[-1]
    assert known().check_client_secret(new) and not known().check_client_secret(ent2)
    with pytest.raises(CommandError, match="party list"):
        party("disable", "nobody")


def test_a_service_by_saml_comes_from_a_file_or_an_address(db: None, file: Path, capsys: Out) -> None:
    party("add-saml", "ent2", str(file), "--scope", "ent", "--naming", "basic", "--name-id", "persistent")
    made = known()
    assert (made.saml.entity_id, made.saml.naming, made.saml.name_id_formats) == (ENTITY, "basic", ["persistent"])
    party("change", "ent2", "--accept-sha1", "yes")
    assert "SHA-1" in capsys.readouterr().err
    with publishing(metadata(entity_id="https://other.example/sp")) as publisher:
        party("add-saml", "other", publisher.url)
        publisher.body = b"no"
        with pytest.raises(CommandError, match="1 service"):
            party("refresh")
    assert RelyingParty.objects.get(client_id="other").saml.metadata_url == publisher.url
    party("show", "ent2")
    assert ENTITY in capsys.readouterr().out


def test_a_file_that_is_no_metadata_and_a_key_that_is_missing_are_sentences(db: None, tmp_path: Path) -> None:
    for body, said in ((b"no", "ne se lisent pas"), (metadata(encryption=()), "clé de chiffrement")):
        (tmp_path / "x.xml").write_bytes(body)
        with pytest.raises(CommandError, match=said):
            party("add-saml", "ent2", str(tmp_path / "x.xml"))
    party("add-saml", "ent2", str(tmp_path / "x.xml"), "--accept-clear", "yes")
    with pytest.raises(CommandError):
        party("add-saml", "ent3", str(tmp_path / "nowhere.xml"))


def test_reading_again_from_a_file_asks_to_vouch_for_what_is_strange(db: None, file: Path, capsys: Out) -> None:
    party("add-saml", "ent2", str(file))
    with pytest.raises(CommandError, match="--file"):
        party("refresh", "ent2")
    file.write_bytes(metadata(signing=(certificate(8),), encryption=(certificate(9),)))
    with pytest.raises(CommandError, match="certificats"):
        party("refresh", "ent2", "--file", str(file))
    party("refresh", "ent2", "--file", str(file), "--vouched-for")
    assert known().saml.signing_certificates == [certificate(8)]


def test_the_preview_and_the_troubles_are_told(samira: Account, party_known: None, capsys: Out) -> None:
    party("preview", "ent2", samira.username)
    said = capsys.readouterr().out
    assert "given_name = Samira" in said and "email : non" in said.replace("\u00a0", " ")
    with pytest.raises(CommandError, match="identifiant"):
        party("preview", "ent2", "nobody")
    troubles.note(Cause.WRONG_SECRET, party=known(), detail="client_secret_basic", at=NOW)
    troubles.note(Cause.UNKNOWN_PARTY, said="https://stranger.example", at=NOW)
    party("troubles", "ent2")
    said = capsys.readouterr().out
    assert "client_secret_basic" in said and "stranger" not in said
    party("troubles")
    assert "stranger.example" in capsys.readouterr().out
    assert Trouble.objects.count() == 2 and json.dumps(list(Event.objects.values("facts")))


@pytest.fixture
def party_known(ent2: str) -> None:
    """For guardians too."""
    party("change", "ent2", "--audience", "guardian")
