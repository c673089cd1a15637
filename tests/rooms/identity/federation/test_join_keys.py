"""The numbers of the academy's directory: the whole file is good, or nothing of it is taken."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from preau import clock
from preau.identity.accounts.models import Account, Kind
from preau.identity.audit.events import Events
from preau.identity.audit.models import Event
from preau.identity.directory.models import Academy, Division, Enrolment, School
from preau.identity.federation import attributes, join_keys
from preau.identity.federation.facts import Facts
from preau.identity.federation.join_keys import Line, WrongFile
from preau.identity.federation.models import JoinKey, RelyingParty
from tests.rooms.identity.federation.conftest import NOW

GOOD = "uai;profil;numéro dans la base;numéro AAF\n0991234D;responsable;1;700\n0991234d;élève;42;701\n"


def test_a_file_is_read_with_or_without_its_titles_and_doubles_are_one() -> None:
    lines = [Line("0991234D", Kind.GUARDIAN, "1", "700"), Line("0991234D", Kind.PUPIL, "42", "701")]
    assert join_keys.read(GOOD.encode()) == lines == join_keys.read(("\ufeff" + GOOD + "\n" + GOOD[42:]).encode())


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("0991234D;eleve;1", "quatre"),
        ("0991234X;eleve;1;2", "établissement"),
        ("0991234D;professeur;1;2", "profil"),
        ("0991234D;eleve;;2", "numéro"),
        ("0991234D;eleve;1;2|3", "numéro"),
        ("0991234D;eleve;1;2\n0991234D;eleve;1;3", "Ligne 2"),
        ("0991234D;eleve;1;" + "2" * 21, "numéro"),
    ],
)
def test_one_wrong_line_refuses_the_file_and_is_named(body: str, said: str) -> None:
    with pytest.raises(WrongFile, match=said):
        join_keys.read(body.encode())
    with pytest.raises(WrongFile, match="UTF-8"):
        join_keys.read("é".encode("latin-1"))


def test_a_trial_writes_nothing_and_applying_says_what_was_done(
    samira: Account, school: School, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "aaf.csv"
    file.write_text(GOOD + "0990002P;eleve;1;9\n", encoding="utf-8")
    call_command("join-keys", str(file))
    said = capsys.readouterr()
    assert "2 ajoutés" in said.out and "--apply" in said.out and "0990002P" in said.err
    assert "1 sans personne" in said.out, "the pupil 42 is not in the base yet"
    assert not JoinKey.objects.exists() and not Event.objects.filter(name=Events.JOIN_KEYS_LOADED).exists()
    call_command("join-keys", str(file), "--apply")
    assert JoinKey.objects.count() == 2
    file.write_text("0991234D;responsable;1;777\n0991234D;eleve;42;701\n", encoding="utf-8")
    call_command("join-keys", str(file), "--apply")
    assert "1 changés, 1 inchangés" in capsys.readouterr().out
    assert JoinKey.objects.get(kind=Kind.GUARDIAN).number == "777"
    assert [event.facts["lines"] for event in Event.objects.filter(name=Events.JOIN_KEYS_LOADED)] == [2, 1]


def test_a_pupil_in_two_divisions_of_a_school_has_one_number(
    adama: Account, school: School, party: RelyingParty
) -> None:
    School.objects.update(academy=Academy.objects.create(code="99", name="Fictive"))
    first = Enrolment.objects.get(pupil=adama.pupil_id)
    option = Division.objects.create(school=school, code="LATIN")
    other = Enrolment.objects.create(pupil=first.pupil, school=school, source_key="2", division=option)
    for one in (first, other):
        JoinKey.objects.create(school=school, kind=Kind.PUPIL, source_key=one.source_key, number="701")
    facts = Facts(adama, party, day=clock.today(NOW), authenticated_at=NOW)
    assert len(facts.enrolments) == 2 and facts.join_keys == [("99", "701")]
    assert attributes.values(facts, frozenset({"FrEduCtRefId"}))["FrEduCtRefId"].count("{AAF}99||701") == 1


def test_a_file_that_is_not_there_or_not_right_is_a_sentence(db: None, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="ne se lit pas"):
        call_command("join-keys", str(tmp_path / "nowhere.csv"))
    (tmp_path / "wrong.csv").write_text("rien", encoding="utf-8")
    with pytest.raises(CommandError, match="Ligne 1"):
        call_command("join-keys", str(tmp_path / "wrong.csv"), "--apply")
