"""What was done to my account, and by whom: a role, never a name; never what concerns another guardian."""

import pytest
from django.db import transaction
from django.test import Client

from preau.identity.accounts import lifecycle
from preau.identity.accounts.models import Account
from preau.identity.audit.events import Events
from preau.identity.audit.record import record
from preau.identity.directory.models import Academy, School
from preau.identity.staff.models import Grant, Role, StaffMember
from tests.rooms.identity.signin import people
from tests.rooms.identity.signin.people import PASSWORD, Clock, Family, sign_in, words


def member(role: Role, school: School, clock: Clock) -> StaffMember:
    made = StaffMember.objects.create(
        issuer="https://portal.example", subject=role, surname="VASSEUR", first_name="Claire", seen_at=clock.now()
    )
    is_academic = role is Role.ACADEMY_SUPPORT
    academy = Academy.objects.create(code="099", name="Fictive") if is_academic else None
    place = {"academy": academy, "school": None if is_academic else school}
    at = clock.now()
    Grant.objects.create(member=made, role=role, source="operator", asked_at=at, confirmed_at=at, **place)
    return made


@pytest.mark.parametrize(
    ("role", "said"),
    [
        (Role.HEAD, "par l’établissement"),
        (Role.DELEGATE, "par l’établissement"),
        (Role.FORM_TUTOR, "par le professeur principal"),
        (Role.ACADEMY_SUPPORT, "par l’assistance de l’académie"),
    ],
)
def test_a_member_of_staff_is_a_role(
    her_browser: Client, samira: Account, family: Family, clock: Clock, role: Role, said: str
) -> None:
    who = member(role, family.school, clock)
    lifecycle.block([samira], reason="vol", by=who.key, at=clock.now())
    lifecycle.unblock([samira], by=who.key, at=clock.now())
    sign_in(her_browser, samira.username, PASSWORD)
    for page in (words(her_browser.get("/compte/journal/")), words(her_browser.get("/compte/"))):
        assert f"Compte bloqué {said}" in page
        assert "VASSEUR" not in page and "Claire" not in page and "staff:" not in page and "vol" not in page.split()


def test_somebody_gone_is_still_of_the_school(her_browser: Client, samira: Account, clock: Clock) -> None:
    lifecycle.block([samira], reason="", by="staff:3", at=clock.now())
    lifecycle.unblock([samira], by="staff:3", at=clock.now())
    sign_in(her_browser, samira.username, PASSWORD)
    page = words(her_browser.get("/compte/journal/"))
    assert "Compte bloqué par un personnel de l’établissement" in page
    assert "Connexion (ordinateur)" in page and "Compte activé" in page and "account:" not in page


def test_what_the_base_says_of_the_holder_s_own_record_is_told(
    her_browser: Client, samira: Account, family: Family, clock: Clock
) -> None:
    with transaction.atomic():
        record(Events.CONTACT_CHANGED, by="system:import", on=family.guardian.key, at=clock.now())
    assert "Coordonnées changées par l’établissement par la base" in words(her_browser.get("/compte/journal/"))


def test_the_other_guardian_s_activity_appears_nowhere(
    her_browser: Client, samira: Account, family: Family, clock: Clock
) -> None:
    before = words(her_browser.get("/compte/journal/")).count("<li")
    karim = people.guardian(family.school, "11", "Karim", "ZIANE", family.ines)
    (account,) = lifecycle.open_for_guardians([karim], by="system:import", at=clock.now())
    people.active(account, at=clock.now(), email="karim@example.org")
    sign_in(Client(), account.username, PASSWORD)
    with transaction.atomic():
        record(Events.CONTACT_CHANGED, by="staff:1", on=karim.key, at=clock.now())
    assert words(her_browser.get("/compte/journal/")).count("<li") == before


def test_a_pupil_reads_who_helped(her_pupil_browser: Client, ines: Account, family: Family, clock: Clock) -> None:
    tutor = member(Role.FORM_TUTOR, family.school, clock)
    with transaction.atomic():
        record(Events.RECORD_READ, by=tutor.key, on=ines.key, at=clock.now())
        record(Events.PASSWORD_CHOSEN, by="account:999", on=ines.key, at=clock.now())
    page = words(her_pupil_browser.get("/compte/journal/"))
    assert "Fiche consultée par ton professeur principal" in page
    assert "par un de tes responsables" in page


def test_the_journal_has_pages(her_browser: Client, samira: Account, clock: Clock) -> None:
    with transaction.atomic():
        for _ in range(40):
            record(Events.RECORD_READ, by="staff:1", on=samira.key, at=clock.now())
    first, second = her_browser.get("/compte/journal/"), her_browser.get("/compte/journal/?page=2")
    assert words(first).count("Fiche consultée") == 30
    assert "Compte ouvert" in words(second) and "Compte ouvert" not in words(first)
    assert her_browser.get("/compte/journal/?page=abc").status_code == 200
