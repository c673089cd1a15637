"""A copy of one's data, closing the account, and what an adult pupil decides."""

import csv
import io
import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client

from preau.identity.accounts import adulthood, closing, lifecycle
from preau.identity.accounts.models import Account, Closing, FranceConnectLink
from preau.identity.audit.events import Events
from preau.identity.audit.models import Event
from preau.identity.directory.models import Enrolment, Guardian, Guardianship, guardians_with_rights
from preau.identity.imports import settling
from preau.identity.messaging.models import Outgoing
from preau.identity.signin import tidying
from preau.identity.signin.models import Passkey
from tests.rooms.identity.my_account.post import mails, texts
from tests.rooms.identity.signin import people
from tests.rooms.identity.signin.people import PASSWORD, Clock, Family, sign_in, words


@pytest.fixture
def karim(family: Family, clock: Clock) -> Account:
    """The other guardian of both children."""
    record = people.guardian(family.school, "11", "Karim", "ZIANE", family.ines, family.hugo)
    Guardian.objects.filter(pk=record.pk).update(email="karim@example.org", mobile="+33639984040")
    (account,) = lifecycle.open_for_guardians([record], by="system:import", at=clock.now())
    return people.active(account, at=clock.now() - timedelta(days=1), email="karim@example.org")


# My data ----------------------------------------------------------------------------------------------
def take(browser: Client, format: str) -> Any:
    return browser.post("/compte/donnees/", {"format": format})


def test_everything_about_the_holder_and_nothing_about_the_other_guardian(
    her_browser: Client, samira: Account, karim: Account, clock: Clock
) -> None:
    answer = take(her_browser, "json")
    assert answer["Content-Disposition"].endswith('.json"') and answer["Cache-Control"] == "no-store"
    copied = json.loads(answer.content)
    whole = answer.content.decode()
    assert copied["Compte"]["Identifiant"] == samira.username
    assert [child["Prénom"] for child in copied["Mes enfants"]] == ["Inès", "Hugo"]
    assert copied["Ce que les établissements savent de moi"][0]["Mobile"] == "+33639981717"
    assert any(line["Quoi"] == "Connexion" for line in copied["Journal"])
    for hidden in (
        "Karim",
        "ZIANE",
        "karim@example.org",
        "3639984040",
        karim.username,
        "2014",
        "argon2",
        samira.password,
    ):
        assert hidden not in whole
    assert Event.objects.get(name=Events.DATA_TAKEN).facts == {"format": "json"}


def test_the_same_for_a_spreadsheet_that_computes_nothing(her_browser: Client, family: Family, samira: Account) -> None:
    Guardian.objects.filter(pk=family.guardian.pk).update(address="=HYPERLINK(1)")
    answer = take(her_browser, "csv")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert rows[0] == ["Sujet", "Numéro", "Donnée", "Valeur"] and {len(row) for row in rows} == {4}
    values = {row[2]: row[3] for row in rows if row[0].startswith("Ce que")}
    assert values["Adresse"] == "'=HYPERLINK(1)" and values["Mobile"] == "'+33639981717"


def test_a_pupil_takes_theirs_too(her_pupil_browser: Client, ines: Account) -> None:
    copied = json.loads(take(her_pupil_browser, "json").content)
    assert copied["Ce que les établissements savent de moi"][0]["Né le"] == "2014-03-14"
    assert "Mes enfants" not in copied and "Samira" not in str(copied)


def test_a_copy_asks_a_recent_proof_and_a_known_format(her_browser: Client, clock: Clock) -> None:
    assert take(her_browser, "exe").status_code == 200
    clock.forward(minutes=11)
    assert take(her_browser, "json").url.startswith("/connexion/confirmer/")
    assert not Event.objects.filter(name=Events.DATA_TAKEN).exists()


# Closing ----------------------------------------------------------------------------------------------
def later(clock: Clock, **by: float) -> int:
    clock.forward(**by)
    return closing.close_due(at=clock.now())


def test_closing_is_told_on_every_channel_signs_out_and_waits_thirty_days(
    her_browser: Client, samira: Account, clock: Clock
) -> None:
    lifecycle.confirm_mobile(samira, mobile="+33639981717", by=samira.key, at=clock.now())
    assert "Il vous écrira autrement" in words(her_browser.get("/compte/fermeture/"))
    answer = her_browser.post("/compte/fermeture/")
    assert "La fermeture est demandée" in words(Client().get(answer.url))
    assert her_browser.get("/compte/").status_code == 302
    assert [subject for _, subject, _ in mails(clock)] == ["Votre compte sera fermé"]
    assert [to for to, _ in texts(clock)] == ["+33639981717"]
    assert later(clock, days=29) == 0
    assert later(clock, days=1, minutes=1) == 1
    after = Account.objects.get(pk=samira.pk)
    assert (after.state, after.email, after.mobile, after.has_usable_password()) == ("closed", "", "", False)
    assert [(to, subject) for to, subject, _ in mails(clock)] == [("samira@example.org", "Votre compte est fermé")]
    assert [to for to, _ in texts(clock)] == ["+33639981717"]
    assert sign_in(Client(), samira.username, PASSWORD).status_code == 422


def test_signing_in_keeps_the_account(her_browser: Client, samira: Account, clock: Clock) -> None:
    her_browser.post("/compte/fermeture/")
    clock.forward(days=29)
    sign_in(her_browser, samira.username, PASSWORD)
    assert "va être fermé" not in words(her_browser.get("/compte/"))
    later(clock, days=2)
    assert Account.objects.get(pk=samira.pk).state == "active" and not Closing.objects.exists()
    assert Event.objects.filter(name=Events.CLOSING_TAKEN_BACK, on=samira.key).count() == 1


def test_asking_twice_keeps_the_first_date(her_browser: Client, samira: Account, clock: Clock) -> None:
    first = closing.ask(samira, by=samira.key, at=clock.now())
    clock.forward(days=3)
    again = closing.ask(samira, by=samira.key, at=clock.now())
    assert again.pk == first.pk and Outgoing.objects.filter(message="my_account/closing_asked").count() == 1
    assert Event.objects.filter(name=Events.CLOSING_ASKED).count() == 1


def test_a_family_that_comes_back_finds_a_new_account_waiting(
    her_browser: Client, samira: Account, family: Family, clock: Clock
) -> None:
    elsewhere = people.school("0991235E", "Lycée du Pont")
    child = people.pupil(elsewhere, "7", "Lina", "BELKACEM", date(2010, 1, 1))
    other = people.guardian(elsewhere, "70", "Samira", "BELKACEM", child)
    lifecycle.gather(other, into=samira, by="system:import", at=clock.now())
    lifecycle.link_franceconnect(samira, subject="s", by="x", at=clock.now())
    her_browser.post("/compte/fermeture/")
    later(clock, days=31)
    new = Guardian.objects.get(pk=family.guardian.pk).record.account
    assert new.pk != samira.pk and new.username != samira.username and new.state == "unnotified"
    assert Guardian.objects.get(pk=other.pk).record.account == new, "what was gathered stays one person's"
    assert not FranceConnectLink.objects.exists()
    assert len(new.guardianships(clock.now().date())) == 3
    assert people.active(new, at=clock.now()).state == "active"


def test_a_guardian_without_children_is_only_closed(
    her_browser: Client, samira: Account, family: Family, clock: Clock
) -> None:
    her_browser.post("/compte/fermeture/")
    family.guardian.guardianships.update(is_legal=False)
    later(clock, days=31)
    assert not hasattr(Guardian.objects.get(pk=family.guardian.pk), "record")


def test_a_pupil_does_not_close_what_goes_with_schooling(her_pupil_browser: Client, ines: Account) -> None:
    assert "il s’éteint quand tu quittes" in words(her_pupil_browser.get("/compte/fermeture/"))
    assert her_pupil_browser.post("/compte/fermeture/").status_code == 200
    assert not Closing.objects.exists()


def test_closing_asks_a_recent_proof(her_browser: Client, clock: Clock) -> None:
    clock.forward(minutes=11)
    assert her_browser.post("/compte/fermeture/").url.startswith("/connexion/confirmer/")
    assert not Closing.objects.exists()


# At eighteen ------------------------------------------------------------------------------------------
@pytest.fixture
def adult(family: Family, ines: Account, clock: Clock) -> Account:
    """Inès, the day she is eighteen."""
    day = clock.now().date()
    family.ines.birth_on = day.replace(year=day.year - 18)
    family.ines.save()
    return lifecycle.confirm_email(ines, address="ines@example.org", by=ines.key, at=clock.now())


PAGE = "/compte/acces-des-responsables/"


def test_a_minor_decides_nothing(her_pupil_browser: Client, family: Family) -> None:
    assert "Tu es majeur" not in words(her_pupil_browser.get("/compte/"))
    assert her_pupil_browser.post(PAGE, {"acces": "fin"}).url == "/compte/"
    family.ines.refresh_from_db()
    assert family.ines.guardians_ended_at is None


def test_an_adult_is_told_and_ends_the_access_of_guardians(
    her_pupil_browser: Client, adult: Account, samira: Account, karim: Account, family: Family, clock: Clock
) -> None:
    samiras = Client()
    sign_in(samiras, samira.username, PASSWORD)
    assert "Inès" in words(samiras.get("/compte/"))
    assert "Tu es majeur" in words(her_pupil_browser.get("/compte/"))
    assert her_pupil_browser.post(PAGE, {"acces": "fin"}).url == PAGE + "?fait=fin"
    her_pupil_browser.post(PAGE, {"acces": "fin"})
    page = words(samiras.get("/compte/"))
    assert "Inès" not in page and "Hugo" in page
    told = {to for to, _, _ in mails(clock)}
    assert told == {"ines@example.org", "samira@example.org", "karim@example.org"}
    assert Event.objects.filter(name=Events.GUARDIANS_ENDED, on=adult.key).count() == 1
    assert Event.objects.filter(name=Events.GUARDIANSHIP_ENDED, on=family.guardian.key).count() == 1


def test_who_has_no_other_child_has_nothing_left(
    her_pupil_browser: Client, adult: Account, family: Family, clock: Clock
) -> None:
    only = people.guardian(family.school, "12", "Nadia", "BELKACEM", family.ines)
    (account,) = lifecycle.open_for_guardians([only], by="system:import", at=clock.now())
    people.active(account, at=clock.now(), email="nadia@example.org")
    her_pupil_browser.post(PAGE, {"acces": "fin"})
    account.refresh_from_db()
    assert account.state == "disabled"
    her_pupil_browser.post(PAGE, {"acces": "rendu"})
    account.refresh_from_db()
    assert account.state == "active"
    assert [subject for to, subject, _ in mails(clock) if to == "nadia@example.org"] == [
        "Votre accès à la scolarité d’un élève majeur est terminé",
        "Votre accès à la scolarité d’un élève majeur est rendu",
    ]


def test_an_adult_who_is_their_own_guardian_keeps_their_own_link(
    her_pupil_browser: Client, adult: Account, family: Family, clock: Clock
) -> None:
    own = people.guardian(family.school, "13", "Inès", "BELKACEM", family.ines)
    own.guardianships.update(kinship="70")
    her_pupil_browser.post(PAGE, {"acces": "fin"})
    assert list(own.guardianships.all().legal()) == list(own.guardianships.all())
    assert not family.guardian.guardianships.all().legal().filter(enrolment__pupil=family.ines).exists()


def test_ending_the_access_asks_a_recent_proof(her_pupil_browser: Client, adult: Account, clock: Clock) -> None:
    clock.forward(minutes=11)
    assert her_pupil_browser.post(PAGE, {"acces": "fin"}).url.startswith("/connexion/confirmer/")


def test_a_guardian_does_not_meet_that_page(her_browser: Client) -> None:
    assert her_browser.get(PAGE).url == "/compte/"


def test_an_account_without_password_closes_too(her_browser: Client, samira: Account, clock: Clock) -> None:
    Account.objects.filter(pk=samira.pk).update(password=make_password(None))
    assert her_browser.post("/compte/fermeture/").url == "/compte/fermeture/demandee/"


def test_no_import_and_no_other_school_revives_what_an_adult_ended(
    her_pupil_browser: Client, adult: Account, samira: Account, family: Family, clock: Clock
) -> None:
    her_pupil_browser.post(PAGE, {"acces": "fin"})
    # As the writer of imports does with a link that the base still lists (imports/apply.py).
    link = family.guardian.guardianships.get(enrolment__pupil=family.ines)
    link.ended_at, link.is_legal = None, True
    link.save()
    other = people.school("0991235E", "Lycée du Pont")
    Enrolment.objects.create(pupil=family.ines, school=other, source_key="9", entered_on=clock.now().date())
    elsewhere = people.guardian(other, "90", "Samira", "BELKACEM")
    enrolment = family.ines.enrolments.get(school=other)
    Guardianship.objects.create(guardian=elsewhere, enrolment=enrolment, level=1, is_legal=True, kinship="10")
    day = clock.now().date()
    assert not Guardianship.objects.legal().filter(enrolment__pupil=family.ines).exists()
    assert not guardians_with_rights(day, uai=other.uai).exists()
    assert settling.settle(family.school.uai, day=day, by="system:clock", at=clock.now())["enabled"] == 0


def test_the_passkeys_of_a_closed_account_are_forgotten(her_browser: Client, samira: Account, clock: Clock) -> None:
    kept = Passkey.objects.create(
        account=samira, credential_id="a", public_key=b"k", sign_count=0, name="téléphone", added_at=clock.now()
    )
    assert tidying.forget_factors(at=clock.now()) == 0 and Passkey.objects.get() == kept
    her_browser.post("/compte/fermeture/")
    later(clock, days=31)
    assert tidying.forget_factors(at=clock.now()) == 1 and not Passkey.objects.exists()


def test_the_franceconnect_identity_of_a_closed_account_may_open_another(
    family: Family, samira: Account, clock: Clock
) -> None:
    """Whoever closes it: its holder, the school’s purge, the end of a merge."""
    at = clock.now()
    lifecycle.link_franceconnect(samira, subject="sub-1", by=samira.key, at=at)
    again = people.guardian(family.school, "12", "Samira", "BELKACEM", family.hugo)
    (newcomer,) = lifecycle.open_for_guardians([again], by="system:import", at=at)
    with pytest.raises(lifecycle.AlreadyLinked):
        lifecycle.link_franceconnect(newcomer, subject="sub-1", by=newcomer.key, at=at)
    lifecycle.close([samira], by="system:import", at=at)
    lifecycle.link_franceconnect(newcomer, subject="sub-1", by=newcomer.key, at=at)
    assert newcomer.franceconnect.account == newcomer


def _born(family: Family, clock: Clock, *, years: int, days: int = 0) -> None:
    day = clock.now().date() - timedelta(days=days)
    family.ines.birth_on = day.replace(year=day.year - years, day=min(day.day, 28))
    family.ines.save()


def test_a_pupil_who_comes_of_age_is_told_once_whatever_the_job_runs(family: Family, clock: Clock) -> None:
    people.active(family.ines_account, at=clock.now(), email="ines@example.org")
    _born(family, clock, years=18)
    assert adulthood.tell_new_adults(at=clock.now()) == 1
    assert adulthood.tell_new_adults(at=clock.now()) == 0
    ((to, subject, body),) = mails(clock)
    assert to == "ines@example.org" and "18" in subject and "/compte/acces-des-responsables/" in body
    for _ in range(40):
        clock.forward(days=1)
        assert adulthood.tell_new_adults(at=clock.now()) == 0
    assert not mails(clock)


@pytest.mark.parametrize(("years", "days"), [(17, 0), (19, 0), (18, 40)])
def test_a_minor_and_an_adult_of_long_ago_are_not_told(family: Family, clock: Clock, years: int, days: int) -> None:
    people.active(family.ines_account, at=clock.now(), email="ines@example.org")
    _born(family, clock, years=years, days=days)
    assert adulthood.tell_new_adults(at=clock.now()) == 0


def test_a_birth_date_put_right_before_the_message_leaves_stops_it(family: Family, clock: Clock) -> None:
    people.active(family.ines_account, at=clock.now(), email="ines@example.org")
    _born(family, clock, years=18)
    adulthood.tell_new_adults(at=clock.now())
    _born(family, clock, years=13)
    assert not mails(clock)
