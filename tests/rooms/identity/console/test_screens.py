"""The desk's screens: what each shows, does, and refuses."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from preau.design import text
from preau.identity.accounts import lifecycle
from preau.identity.accounts.models import Account, Channel, TemporaryPassword
from preau.identity.accounts.origins import Origin
from preau.identity.accounts.states import State
from preau.identity.audit.models import Event
from preau.identity.directory.models import Division, Guardian, Guardianship
from preau.identity.messaging.models import Outgoing
from preau.identity.staff import members
from preau.identity.staff.models import Grant, Role, StaffMember, StaffRecord
from tests.rooms.identity.console.world import World

BY = {"by": "staff:1"}


def page(world: World, who: str, url: str, *, own_factor: bool = False) -> str:
    """What a member reads at `url`."""
    response = world.browser(who, own_factor=own_factor).get(url)
    assert response.status_code == 200, (response.status_code, response.get("Location"))
    return str(response.content.decode())


def letter(world: World, name: str, *, days: int = 90) -> str:
    """A letter for somebody; its temporary password."""
    (secret,) = lifecycle.notify(
        [world.accounts[name]], channel=Channel.LETTER, expires_at=world.at + timedelta(days), at=world.at, **BY
    )
    return secret.password


# The cockpit ----------------------------------------------------------------------------------------------------------
def test_the_cockpit_says_the_one_thing_to_do_now(world: World) -> None:
    assert "Importez la base" in page(world, "head", "/gestion/")
    world.schools["ours"].last_export_at = world.at
    world.schools["ours"].save()
    assert "4 responsables n’ont pas encore reçu leur accès" in page(world, "head", "/gestion/")
    for name in ("Samira", "Karim", "Odette", "Drissa"):
        letter(world, name)
    assert "3 élèves n’ont pas encore reçu leur fiche" in page(world, "head", "/gestion/")
    for name in ("Inès", "Hugo", "Adama"):
        letter(world, name)
    assert "Rien ne presse" in page(world, "head", "/gestion/")
    letter(world, "Odette", days=0)
    assert "1 lettre de responsable a expiré" in page(world, "head", "/gestion/")


def test_the_cockpit_counts_its_own_school_in_a_handful_of_queries(world: World) -> None:
    lifecycle.activate(world.accounts["Samira"], origin=Origin.SCHOOL, at=world.at, by="x:1")
    lifecycle.activate(world.accounts["Lucie"], origin=Origin.SCHOOL, at=world.at, by="x:1")
    browser = world.browser("head")
    with CaptureQueriesContext(connection) as seen:
        words = browser.get("/gestion/").content.decode()
    assert len(seen) <= 12 and "responsables activés sur 4" in words
    assert "<dd>1</dd>" in words.split("responsables activés sur 4")[1][:40]


def test_each_role_begins_on_its_own_page(world: World) -> None:
    assert world.browser("tutor").get("/gestion/")["Location"] == "/gestion/mes-classes/"
    assert world.browser("support").get("/gestion/")["Location"] == "/gestion/responsables/"
    tabs = page(world, "delegate", "/gestion/")
    assert "Responsables" in tabs and "Équipe" not in tabs and "Journal" not in tabs


# One account ----------------------------------------------------------------------------------------------------------
def test_an_account_page_says_why_its_holder_is_not_in(world: World) -> None:
    url = reverse("console:guardian", args=[world.accounts["Samira"].pk])
    assert "Rien ne lui a encore été envoyé" in page(world, "head", url)
    letter(world, "Samira", days=0)
    assert "n’est plus valable depuis le" in page(world, "head", url)
    lifecycle.block([world.accounts["Samira"]], reason="carte perdue", at=world.at, **BY)
    assert "carte perdue" in page(world, "head", url)


def test_an_account_page_shows_the_children_and_the_disputed_link(world: World) -> None:
    link = world.links["Samira", "Hugo"]
    link.disputed_at = world.at
    link.save()
    words = page(world, "head", reverse("console:guardian", args=[world.accounts["Samira"].pk]))
    assert "BELKACEM Inès" in words and "FAURE Hugo" in words and "contesté par le responsable" in words
    assert "contesté" in page(world, "head", reverse("console:pupil", args=[world.accounts["Hugo"].pk]))


def test_an_account_page_never_shows_an_address_its_holder_gave_nor_another_schools_deeds(world: World) -> None:
    account = world.accounts["Samira"]
    lifecycle.give_email(account, address="secrete@example.org", at=world.at, by=account.key)
    other = Guardian.objects.create(
        school=world.schools["theirs"], source_key="S2", birth_name="BELKACEM", first_name="Samira",
        email="x@example.org",
    )  # fmt: skip
    lifecycle.gather(other, into=account, by="system:import", at=world.at)
    lifecycle.block([account], reason="motif", at=world.at, by="staff:99", uai="0990002P")
    words = page(world, "head", reverse("console:guardian", args=[account.pk]))
    assert "secrete@" not in words and "x@example.org" not in words and "Compte bloqué" not in words


def test_reading_a_record_is_in_the_journal_and_shown_when_asked_for(world: World) -> None:
    page(world, "head", reverse("console:pupil", args=[world.accounts["Inès"].pk]))
    assert Event.objects.get(name="console.record_read").on == world.accounts["Inès"].key
    assert "Fiche consultée" not in page(world, "head", "/gestion/journal/")
    assert "BELKACEM Inès" in page(world, "head", "/gestion/journal/?quoi=console")


@pytest.mark.parametrize("who", ["head", "deputy", "delegate", "tutor"])
def test_ids_of_another_school_do_not_exist(world: World, who: str) -> None:
    """A26: whatever the deed, whatever the method."""
    browser = world.browser(who, own_factor=True)
    lucie, theo = world.accounts["Lucie"].pk, world.accounts["Théo"].pk
    grant = world.grants["other_head"].pk
    for name, pk in (
        ("console:guardian", lucie), ("console:pupil", theo), ("console:block", lucie), ("console:unblock", lucie),
        ("console:resend", lucie), ("console:burn_one", theo), ("distribution:reset", theo),
        ("console:confirm_access", grant), ("console:revoke_access", grant),
        ("console:reinstate", world.grants["other_head"].member_id),
    ):  # fmt: skip
        for send in (browser.get, browser.post):
            assert send(reverse(name, args=[pk])).status_code in (403, 404, 405), name
    assert Account.objects.get(pk=lucie).state == State.UNNOTIFIED
    assert Grant.objects.get(pk=grant).revoked_at is None
    head = world.browser("head", own_factor=True)
    for name, pk in (("console:guardian", lucie), ("console:block", lucie), ("console:burn_one", theo)):
        assert head.get(reverse(name, args=[pk])).status_code == 404


def test_a_guardian_asked_for_as_a_pupil_does_not_exist(world: World) -> None:
    assert world.browser("head").get(reverse("console:pupil", args=[world.accounts["Samira"].pk])).status_code == 404


def test_blocking_asks_why_and_unblocking_goes_back(world: World) -> None:
    account, browser = world.accounts["Samira"], world.browser("head")
    url = reverse("console:block", args=[account.pk])
    assert browser.post(url, {"reason": ""}).status_code == 200
    assert browser.post(url, {"reason": "carte perdue"}).status_code == 302
    account.refresh_from_db()
    assert (account.state, account.blocked_reason) == (State.BLOCKED, "carte perdue")
    assert browser.post(reverse("console:unblock", args=[account.pk])).status_code == 302
    account.refresh_from_db()
    assert account.state == State.UNNOTIFIED


def test_the_confirmation_is_sent_again_not_twice_in_a_minute(world: World) -> None:
    account, browser = world.accounts["Samira"], world.browser("head")
    lifecycle.give_email(account, address="s@example.org", at=world.at, by=account.key)
    url = reverse("console:resend", args=[account.pk])
    assert browser.post(url)["Location"].endswith("?fait=renvoye")
    assert browser.post(url)["Location"].endswith("?fait=patience")
    assert Outgoing.objects.filter(on=account.key).count() == 1


# Burning --------------------------------------------------------------------------------------------------------------
def test_one_button_burns_what_was_chosen_in_this_school_alone(world: World) -> None:
    for name in ("Samira", "Odette", "Inès", "Lucie"):
        letter(world, name)
    browser, url = world.browser("head", own_factor=True), "/gestion/mots-de-passe-provisoires/"
    assert "<strong>3</strong> mots de passe provisoires" in browser.get(url).content.decode()
    assert browser.post(url, {"kind": "guardian"}).status_code == 200  # without the box: nothing
    assert TemporaryPassword.objects.count() == 4
    assert (
        "2 mots de passe provisoires détruits" in browser.post(url, {"kind": "guardian", "sure": "on"}).content.decode()
    )
    assert {one.account.username for one in TemporaryPassword.objects.all()} == {
        world.accounts["Inès"].username, world.accounts["Lucie"].username,
    }  # fmt: skip
    assert Account.objects.get(pk=world.accounts["Samira"].pk).state == State.UNNOTIFIED
    browser.post(url, {"kind": "tous", "sure": "on"})
    assert [one.account for one in TemporaryPassword.objects.all()] == [world.accounts["Lucie"]]
    assert Event.objects.filter(name="accounts.secrets_burnt").count() == 3


def test_one_secret_can_be_burnt_alone(world: World) -> None:
    letter(world, "Samira")
    letter(world, "Odette")
    url = reverse("console:burn_one", args=[world.accounts["Samira"].pk])
    assert world.browser("head").post(url)["Location"].startswith("/agents/second-facteur/")
    assert world.browser("head", own_factor=True).post(url).status_code == 302
    assert [one.account for one in TemporaryPassword.objects.all()] == [world.accounts["Odette"]]


# The form tutor -------------------------------------------------------------------------------------------------------
def test_a_form_tutor_sees_their_divisions_and_never_an_address(world: World) -> None:
    account = world.accounts["Inès"]
    lifecycle.give_email(account, address="ines@example.org", at=world.at, by=account.key)
    lifecycle.confirm_email(account, address="ines@example.org", at=world.at, by=account.key)
    words = page(world, "tutor", "/gestion/mes-classes/")
    assert "BELKACEM Inès" in words and "COULIBALY Adama" in words and "FAURE Hugo" not in words
    assert "Oui" in words and "@" not in words and "2 élèves" in words
    assert "COULIBALY" not in page(world, "tutor", "/gestion/mes-classes/?q=inès")


def test_a_division_that_is_not_theirs_is_not_shown(world: World) -> None:
    other = Division.objects.get(school=world.schools["ours"], code="6E A")
    assert "FAURE Hugo" not in page(world, "tutor", f"/gestion/mes-classes/?division={other.pk}")


def test_the_last_reset_is_on_the_line_and_the_button_leads_to_a_confirmation(world: World) -> None:
    account = world.accounts["Adama"]
    lifecycle.activate(account, origin=Origin.SCHOOL, at=world.at, by=account.key)
    url = reverse("distribution:reset", args=[account.pk])
    assert url in page(world, "tutor", "/gestion/mes-classes/")
    browser = world.browser("tutor")
    assert browser.get(url).status_code == 200 and not TemporaryPassword.objects.exists()
    assert browser.post(url).status_code == 200
    words = page(world, "tutor", "/gestion/mes-classes/")
    today = text.date_in_words(world.day, is_short=True)
    assert "Mot de passe provisoire" in words and words.count(today) == 1


def test_a_tutor_without_a_mandate_today_reads_what_to_do(world: World) -> None:
    record = world.grants["tutor"].record
    assert record is not None
    record.tutorships.update(ends_on=world.day - timedelta(1))
    assert "STS-Web" in page(world, "tutor", "/gestion/mes-classes/")


def test_the_tutors_screen_is_a_handful_of_queries(world: World) -> None:
    browser = world.browser("tutor")
    with CaptureQueriesContext(connection) as seen:
        browser.get("/gestion/mes-classes/")
    assert len(seen) <= 12


# The team -------------------------------------------------------------------------------------------------------------
def asked(world: World, role: Role) -> Grant:
    """Somebody who asks for an access."""
    member = StaffMember.objects.create(
        issuer="i", subject="neuve", surname="KERVELLA", first_name="Maïwenn", seen_at=world.at
    )
    return members.ask(member, school=world.schools["ours"], role=role, at=world.at)


def test_the_head_confirms_who_asks_choosing_the_line_of_the_timetable(world: World) -> None:
    grant = asked(world, Role.FORM_TUTOR)
    record = StaffRecord.objects.create(
        school=world.schools["ours"], source_type="epp", source_key="9", surname="KERVELLA", first_name="Maïwenn"
    )
    assert "Maïwenn Kervella" in page(world, "head", "/gestion/equipe/")
    browser, url = world.browser("head", own_factor=True), reverse("console:confirm_access", args=[grant.pk])
    form = browser.get(url).content.decode()
    assert "KERVELLA Maïwenn" in form and "TUTOR Test" not in form  # that line has its person already
    assert browser.post(url, {"sure": "on"}).status_code == 200
    assert browser.post(url, {"record": record.pk}).status_code == 200
    assert browser.post(url, {"record": record.pk, "sure": "on"})["Location"] == "/gestion/equipe/"
    grant.refresh_from_db()
    assert grant.record == record and grant.is_in_force_on(world.day)
    assert grant.confirmed_by == world.grants["head"].member.key


def test_an_access_is_refused_or_taken_back_by_the_head_alone_never_their_own(world: World) -> None:
    grant, browser = asked(world, Role.DELEGATE), world.browser("head", own_factor=True)
    for revoked in (grant, world.grants["deputy"]):
        assert browser.post(reverse("console:revoke_access", args=[revoked.pk])).status_code == 302
        assert not Grant.objects.get(pk=revoked.pk).is_in_force_on(world.day)
    own = reverse("console:revoke_access", args=[world.grants["head"].pk])
    assert browser.post(own).status_code == 404
    for who in ("deputy", "delegate", "tutor", "support"):
        other = world.browser(who, own_factor=True)
        assert other.post(reverse("console:revoke_access", args=[world.grants["head"].pk])).status_code in (302, 403)
    assert world.grants["head"].revoked_at is None


def test_a_suspended_colleague_is_reinstated_by_the_head_not_by_themselves(world: World) -> None:
    suspended = [world.grants[who].member_id for who in ("delegate", "head")]
    StaffMember.objects.filter(pk__in=suspended).update(suspended_at=world.at, suspended_reason="essai")
    second = world.member("second", Role.HEAD, "ours")
    browser = world.browser("second", own_factor=True)
    assert "essai" in browser.get("/gestion/equipe/").content.decode()
    assert browser.post(reverse("console:reinstate", args=[world.grants["delegate"].member_id])).status_code == 302
    assert StaffMember.objects.get(pk=world.grants["delegate"].member_id).suspended_at is None
    assert browser.post(reverse("console:reinstate", args=[second.member_id])).status_code == 404


# The journal ----------------------------------------------------------------------------------------------------------
def test_the_journal_tells_the_school_its_own_story_with_names(world: World) -> None:
    member = world.grants["head"].member
    lifecycle.block([world.accounts["Samira"]], reason="essai", at=world.at, by=member.key, uai="0991234D")
    lifecycle.block([world.accounts["Lucie"]], reason="essai", at=world.at, by="staff:99", uai="0990002P")
    words = page(world, "head", "/gestion/journal/")
    assert "Compte bloqué" in words and "BELKACEM Samira" in words and member.name in words and "AILLEURS" not in words
    assert "BELKACEM Samira" in page(world, "head", f"/gestion/journal/?qui={member.key}")
    assert "Rien de tel" in page(world, "head", "/gestion/journal/?quoi=imports")
    assert page(world, "head", "/gestion/journal/?quoi=x&qui=staff:99&page=abc")


def test_the_journal_is_a_handful_of_queries(world: World) -> None:
    for name in ("Samira", "Karim", "Inès"):
        lifecycle.block([world.accounts[name]], reason="x", at=world.at, uai="0991234D", **BY)
    browser = world.browser("head")
    with CaptureQueriesContext(connection) as seen:
        browser.get("/gestion/journal/")
    assert len(seen) <= 12


def test_links_between_people_are_not_multiplied_by_the_lists(world: World) -> None:
    assert Guardianship.objects.filter(guardian=world.guardians["Samira"]).count() == 2
    assert page(world, "head", "/gestion/responsables/").count("BELKACEM Samira") == 2  # the box and the line
