"""A guardian, a pupil, forgot their username."""

import re
from datetime import date
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from preau.identity.accounts import lifecycle
from preau.identity.accounts.models import Account
from preau.identity.directory.models import Enrolment, Guardian
from preau.identity.messaging.models import Outgoing
from preau.identity.messaging.sms import GSM
from preau.identity.recovery.limits import A_DAY
from tests.rooms.identity.recovery.walkers import (
    GUARDIAN_USERNAME,
    MOBILE,
    PUPIL_USERNAME,
    Household,
    Walker,
    rows,
    statements,
)
from tests.rooms.identity.signin import people
from tests.rooms.identity.signin.people import words

ADDRESS, INES = "samira@example.org", "ines@example.org"


def looking(contact: str, client: Client | None = None) -> Walker:
    walker = Walker(GUARDIAN_USERNAME, client or Client()).begin()
    assert walker.send("coordonnee", contact=contact).status_code == 302
    return walker


def test_the_username_goes_to_the_proved_address_never_on_screen(family: Household) -> None:
    walker = looking(ADDRESS)
    assert walker.stands_at() == "envoye"
    assert family.samira.username not in walker.see("envoye")
    (told,) = family.mailed(ADDRESS)
    assert family.samira.username in told and family.ines.username not in told


def test_every_account_that_proved_the_address_is_listed(family: Household) -> None:
    other = _second_guardian(family, email=ADDRESS)
    looking(ADDRESS)
    (told,) = family.mailed(ADDRESS)
    assert family.samira.username in told and other.username in told


def test_by_mobile_a_code_first_then_it_is_shown_and_sent(family: Household) -> None:
    walker = looking("06 39 98 00 01")
    assert walker.client.get(f"{GUARDIAN_USERNAME}/identifiants/").status_code == 302
    assert walker.send("code", code=family.code(MOBILE)).url.endswith("/identifiants/")
    assert family.samira.username in walker.see("identifiants")
    family.work()
    to, text = family.texts[-1]
    assert to == MOBILE and family.samira.username in text and set(text) <= GSM and len(text) <= 160


def test_a_double_click_on_the_right_code_goes_on_and_sends_one_sms(family: Household) -> None:
    walker = looking("06 39 98 00 01")
    code = family.code(MOBILE)
    for _ in range(2):
        assert walker.send("code", code=code).url.endswith("/identifiants/")
    assert Outgoing.objects.filter(message="recovery/usernames").count() == 1
    assert family.samira.username in walker.see("identifiants")


def test_a_number_of_overseas_is_understood_as_families_write_it(family: Household) -> None:
    Account.objects.filter(pk=family.samira.pk).update(mobile="+687751234")
    walker = looking("75 12 34")  # of Saint-Pierre, or of Nouvelle-Calédonie
    assert walker.send("code", code=family.code("+687751234")).url.endswith("/identifiants/")
    assert family.samira.username in walker.see("identifiants")


@pytest.mark.parametrize("is_known", [True, False])
def test_counters_of_a_number_with_several_readings_do_not_say_which_one_is_known(
    is_known: bool, family: Household
) -> None:
    Account.objects.filter(pk=family.samira.pk).update(mobile="+687751234" if is_known else "+687751235")
    for _ in range(A_DAY):
        looking("+508 75 12 34")
        family.clock.forward(minutes=2)
    walker = Walker(GUARDIAN_USERNAME, Client()).begin()
    assert walker.send("coordonnee", contact="75 12 34").status_code == 422


def test_a_code_for_one_number_shows_nobody_elses_username(family: Household) -> None:
    other = _second_guardian(family, email="karim@example.org")
    Account.objects.filter(pk=other.pk).update(mobile="+33639980002", mobile_confirmed_at=family.clock.now())
    walker = looking("06 39 98 00 02")
    code = family.code("+33639980002")
    walker.send("coordonnee", contact="06 39 98 00 01")
    assert walker.send("code", code=code).status_code == 422
    assert walker.stands_at() == "code"


def test_a_proof_does_not_follow_another_number(family: Household) -> None:
    other = _second_guardian(family, email="karim@example.org")
    Account.objects.filter(pk=other.pk).update(mobile="+33639980002", mobile_confirmed_at=family.clock.now())
    walker = looking("06 39 98 00 02")
    walker.send("code", code=family.code("+33639980002"))
    walker.send("coordonnee", contact="06 39 98 00 01")
    assert walker.stands_at() == "code"


@pytest.mark.parametrize("contacts", [(ADDRESS, "personne@example.org"), ("06 39 98 00 01", "06 39 98 00 77")])
def test_an_unknown_channel_sees_the_same_and_costs_the_same(family: Household, contacts: tuple[str, str]) -> None:
    for contact in ("quelqu@example.org", "06 39 98 00 88"):
        looking(contact)  # the counters of the network exist from now on
    pages, costs, made = [], [], []
    for contact in contacts:
        before, walker = rows(), Walker(GUARDIAN_USERNAME).begin()
        steps: list[Any] = []

        def go(walker: Walker = walker, contact: str = contact, steps: list[Any] = steps) -> None:
            steps.append(walker.send("coordonnee", contact=contact))
            steps.append(walker.client.get(str(steps[0].url)))

        costs.append(statements(go))
        made.append({table: count - before[table] for table, count in rows().items()})
        pages.append([_neutral(words(one), walker, contact) for one in steps])
    assert pages[0] == pages[1] and costs[0] == costs[1] and made[0] == made[1]


def _neutral(page: str, walker: Walker, contact: str) -> str:
    page = page.replace(walker.draft.ref, "").replace(contact, "")
    return re.sub(r'(csrfmiddlewaretoken" value=")[^"]*|nonce="[^"]*', r"\1", page)


def test_nothing_leaves_to_an_unknown_address(family: Household) -> None:
    looking("personne@example.org")
    family.work()
    assert not mail.outbox


@pytest.mark.parametrize(
    "typed", ["SAMIRA@EXAMPLE.ORG", "ſamira@example.org", "samıra@example.org", "ｓａｍｉｒａ@example.org"]
)
def test_twins_of_an_address_never_receive_anything(family: Household, typed: str) -> None:
    walker = Walker(GUARDIAN_USERNAME).begin()
    walker.send("coordonnee", contact=typed)
    family.work()
    assert {tuple(one.to) for one in mail.outbox} <= {(ADDRESS,)}


def test_the_base_alone_tells_how_to_activate_and_no_username(family: Household) -> None:
    new = _unnotified(family, email="neuve@example.org", mobile="+33639980003")
    looking("neuve@example.org")
    (told,) = family.mailed("neuve@example.org")
    assert "jamais été activé" in told and new.username not in told and "Élise-Deroche" not in told
    walker = looking("06 39 98 00 03")
    walker.send("code", code=family.code("+33639980003"))
    page = walker.see("identifiants")
    assert "pas encore activé" in page and new.username not in page


def test_the_base_does_not_speak_for_an_active_account(family: Household) -> None:
    Guardian.objects.update(email="base@example.org")
    looking("base@example.org")
    family.work()
    assert not mail.outbox


def test_an_address_no_longer_proved_when_the_worker_comes_receives_nothing(family: Household) -> None:
    looking(ADDRESS)
    lifecycle.confirm_email(family.samira, address="autre@example.org", by="account:1", at=family.clock.now())
    family.work()
    assert not mail.outbox


def test_the_outbox_holds_no_address_in_clear(family: Household) -> None:
    looking(ADDRESS)
    assert ADDRESS not in str(list(Outgoing.objects.values()))


def test_one_message_a_minute_and_five_a_day(family: Household) -> None:
    for number in range(9):
        walker = Walker(GUARDIAN_USERNAME, Client(REMOTE_ADDR=f"192.0.2.{number}")).begin()
        answered = walker.send("coordonnee", contact=ADDRESS)
        assert answered.status_code == (302 if number < A_DAY else 422)
        looking_again = Walker(GUARDIAN_USERNAME).begin()
        looking_again.send("coordonnee", contact=ADDRESS)  # within the minute
        family.clock.forward(seconds=61)
    assert len(family.mailed(ADDRESS)) == A_DAY


@pytest.mark.parametrize("typed", ["s.belkacem", "01 99 00 12 34", "06 12", "samira@", ""])
def test_what_is_neither_is_said_by_its_shape(family: Household, typed: str) -> None:
    walker = Walker(GUARDIAN_USERNAME).begin()
    assert walker.send("coordonnee", contact=typed).status_code == 422


def test_a_guardian_who_receives_nothing_takes_a_ticket(family: Household) -> None:
    walker = looking("personne@example.org")
    assert walker.send("envoye", stuck="1").url.endswith("/blocage/")
    walker.send("blocage", surname="Belkacem", first_name="Samira", school="Élise-Deroche")
    assert "Votre numéro de ticket" in walker.see("ticket")


def test_a_pupil_receives_it_at_the_confirmed_address(family: Household) -> None:
    walker = Walker(PUPIL_USERNAME).begin()
    assert "Ton professeur principal" in walker.see("coordonnee")
    walker.send("coordonnee", email=INES)
    assert "Regarde tes messages" in walker.see("envoye")
    (told,) = family.mailed(INES)
    assert family.ines.username in told and "Tu n’as rien demandé" in told


def test_a_guardians_address_gives_no_pupils_username(family: Household) -> None:
    walker = Walker(PUPIL_USERNAME).begin()
    walker.send("coordonnee", email=ADDRESS)
    family.work()
    assert not mail.outbox


def test_a_pupil_not_activated_yet_learns_it_at_the_address_of_the_base(family: Household) -> None:
    (hugo,) = lifecycle.open_for_pupils([family.people.hugo], by="system:import", at=family.clock.now())
    Enrolment.objects.filter(pupil=family.people.hugo).update(email="hugo@example.org")
    walker = Walker(PUPIL_USERNAME).begin()
    walker.send("coordonnee", email="hugo@example.org")
    (told,) = family.mailed("hugo@example.org")
    assert "pas encore activé" in told and hugo.username not in told


def test_the_four_links_stand_on_the_two_doors(db: None) -> None:
    guardian, pupil = (words(Client().get(f"/connexion/{door}/")) for door in ("responsable", "eleve"))
    assert (
        "/recuperation/responsable/identifiant/" in guardian and "/recuperation/responsable/mot-de-passe/" in guardian
    )
    assert "/recuperation/eleve/identifiant/" in pupil and "/recuperation/eleve/mot-de-passe/" in pupil


def _second_guardian(family: Household, *, email: str) -> Account:
    return people.active(_unnotified(family, email="", mobile=""), at=family.clock.now(), email=email)


def _unnotified(family: Household, *, email: str, mobile: str) -> Account:
    where = family.people.school
    child = people.pupil(where, "77", "Théo", "MARTIN", date(2014, 1, 2))
    karim = people.guardian(where, "11", "Karim", "BELKACEM", child)
    karim.email, karim.mobile = email, mobile
    karim.save()
    (account,) = lifecycle.open_for_guardians([karim], by="system:import", at=family.clock.now(), uai=where.uai)
    return account
