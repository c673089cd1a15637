"""``preau identity staff``: what the operator does by hand."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from preau.identity.audit.models import Event
from preau.identity.staff.models import Grant, StaffMember, Totp
from tests.rooms.identity.console.world import ISSUER, SEED, World


def staff(*words: str) -> str:
    """What the command says."""
    said = StringIO()
    call_command("staff", *words, "--issuer", ISSUER, stdout=said)
    return said.getvalue()


def test_a_person_is_announced_before_they_come(world: World) -> None:
    said = staff("confirm", "--subject", "rbenali", "--role", "deputy", "--school", "0991234D", "--surname", "BENALI",
                 "--first-name", "Rachid")  # fmt: skip
    grant = Grant.objects.get(member__subject="rbenali")
    assert "Rachid Benali" in said and grant.is_in_force_on(world.day) and grant.source == "operator"
    assert Event.objects.filter(name="staff.access_confirmed", by="system:operator", on=grant.member.key).exists()
    staff("confirm", "--subject", "rbenali", "--role", "deputy", "--school", "0991234D")
    assert Grant.objects.filter(member__subject="rbenali").count() == 1


def test_a_form_tutor_is_linked_to_a_line_of_the_timetable(world: World) -> None:
    words = ("confirm", "--subject", "mk", "--role", "form_tutor", "--school", "0991234D")
    with pytest.raises(CommandError, match="STS-Web"):
        staff(*words)
    with pytest.raises(CommandError, match="cette ligne"):
        staff(*words, "--record", "epp:inconnue")
    staff(*words, "--record", "epp:tutor")
    grant = Grant.objects.get(member__subject="mk")
    assert grant.divisions_on(world.day) == [world.divisions["ours", "5E B"].pk]


@pytest.mark.parametrize(
    "wrong", [("deputy", "--school", "0990001X"), ("academy_support", "--academy", "123"), ("head", "--school", "")]
)
def test_an_unknown_place_is_refused_in_a_sentence(world: World, wrong: tuple[str, ...]) -> None:
    with pytest.raises(CommandError):
        staff("confirm", "--subject", "x", "--role", *wrong)
    assert not StaffMember.objects.filter(subject="x").exists()


def test_academy_support_belongs_to_an_academy(world: World) -> None:
    staff("confirm", "--subject", "np", "--role", "academy_support", "--academy", "099")
    assert Grant.objects.get(member__subject="np").academy_id == "099"


def test_a_known_seed_is_planted_in_development_only(world: World, settings: Any) -> None:
    Totp.objects.all().delete()
    staff("totp", "--subject", "head", "--seed", SEED)
    assert Totp.objects.get().is_confirmed_at(Totp.objects.get().enrolled_at)
    settings.DEVELOPMENT = False
    with pytest.raises(CommandError, match="développement"):
        staff("totp", "--subject", "deputy", "--seed", SEED)
    assert Totp.objects.count() == 1


def test_a_lost_phone_is_forgotten_and_a_suspension_lifted(world: World) -> None:
    assert "retiré" in staff("forget-factor", "--subject", "head")
    assert "n’en avait pas" in staff("forget-factor", "--subject", "head")
    StaffMember.objects.filter(subject="head").update(suspended_at=world.at, suspended_reason="essai")
    staff("reinstate", "--subject", "head")
    assert StaffMember.objects.get(subject="head").suspended_at is None
    with pytest.raises(CommandError, match="Personne"):
        staff("reinstate", "--subject", "nobody")
