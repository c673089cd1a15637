"""« Mes enfants »: the children of another account join this one, when it is the same person's, and can leave again."""

import re
from datetime import date, timedelta

import pytest
from django.core import mail
from django.test import Client

from preau.identity.accounts import lifecycle, merging
from preau.identity.accounts.models import Account, AskedMerge, Merge, TemporaryPassword
from preau.identity.accounts.states import State
from preau.identity.directory.models import Guardian, Guardianship, Level
from preau.identity.messaging import outbox
from preau.identity.signin import authenticator
from preau.identity.signin.models import Authenticator
from tests.rooms.identity.signin import people

pytestmark = pytest.mark.django_db
ADD = "/compte/enfants/ajouter/"


@pytest.fixture
def hers(family: people.Family, clock: people.Clock) -> Account:
    """Her account, in use since yesterday."""
    return people.active(family.account, at=clock.now() - timedelta(days=1))


@pytest.fixture
def other(family: people.Family, clock: people.Clock) -> Account:
    """Hers too, opened by another school for Lina."""
    school = people.school("0990002P", "Collège Jeanne-Barret")
    lina = people.pupil(school, "5", "Lina", "BELKACEM", date(2012, 1, 2))
    guardian = people.guardian(school, "50", "Samira", "BELKACEM", lina)
    return lifecycle.open_for_guardians([guardian], by="system:import", at=clock.now() - timedelta(days=2))[0]


@pytest.fixture
def browser(hers: Account) -> Client:
    client = Client()
    people.sign_in(client, hers.username, people.PASSWORD)
    return client


def names(account: Account, clock: people.Clock) -> set[str]:
    return {link.enrolment.pupil.first_name for link in account.guardianships(clock.now().date())}


def test_with_the_letter_of_the_other_account_the_child_is_there_at_once(
    hers: Account, other: Account, browser: Client, clock: people.Clock
) -> None:
    secret = people.notified(other, at=clock.now())
    response = browser.post(ADD, {"username": other.username, "password": secret}, follow=True)
    assert "Les élèves sont ajoutés" in people.words(response)
    assert names(hers, clock) == {"Inès", "Hugo", "Lina"}
    other.refresh_from_db()
    assert other.state == State.DISABLED


def test_it_can_be_undone_for_thirty_days(hers: Account, other: Account, browser: Client, clock: people.Clock) -> None:
    secret = people.notified(other, at=clock.now())
    browser.post(ADD, {"username": other.username, "password": secret})
    number = Merge.objects.get().pk
    response = browser.post(f"/compte/enfants/regroupement/{number}/annuler/", follow=True)
    assert "Le regroupement est annulé" in people.words(response)
    assert names(hers, clock) == {"Inès", "Hugo"} and names(other, clock) == {"Lina"}


def test_two_accounts_in_use_are_told_and_wait_48_hours(
    hers: Account, other: Account, browser: Client, clock: people.Clock
) -> None:
    people.active(other, at=clock.now() - timedelta(days=1), email="autre@example.org")
    browser.post(ADD, {"username": other.username, "password": people.PASSWORD})
    outbox.send_due(at=clock.now())
    told = {message.to[0] for message in mail.outbox if "regroupés" in message.subject}
    assert told == {"samira@example.org", "autre@example.org"}
    merging.perform_due(at=clock.now() + timedelta(hours=47))
    assert names(hers, clock) == {"Inès", "Hugo"}
    merging.perform_due(at=clock.now() + timedelta(hours=48))
    assert names(hers, clock) == {"Inès", "Hugo", "Lina"}
    merging.perform_due(at=clock.now() + timedelta(hours=49))
    assert Merge.objects.count() == 1


def merged(other: Account, browser: Client, clock: people.Clock) -> str:
    """Both in use, the 48 hours over; the address of the link that the absorbed account reads."""
    people.active(other, at=clock.now() - timedelta(days=1), email="autre@example.org")
    browser.post(ADD, {"username": other.username, "password": people.PASSWORD})
    clock.forward(hours=49)
    merging.perform_due(at=clock.now())
    outbox.send_due(at=clock.now())
    told = [str(one.body) for one in mail.outbox if one.to == ["autre@example.org"]]
    return re.findall(r"/compte/regroupement/[^/\s]+/", told[-1])[0]


def test_the_absorbed_account_is_told_and_undoes_it_by_its_link_once(
    hers: Account, other: Account, browser: Client, clock: people.Clock
) -> None:
    link, stranger = merged(other, browser, clock), Client()
    kept = [str(one.body) for one in mail.outbox if one.to == ["samira@example.org"]]
    assert "a rejoint celui-ci" in kept[-1] and "/compte/regroupement/" not in kept[-1]
    assert "Annuler ce regroupement" in people.words(stranger.get(link))
    assert names(hers, clock) == {"Inès", "Hugo", "Lina"}  # a mail scanner follows links: nothing is done
    assert "Le regroupement est annulé" in people.words(stranger.post(link))
    assert (names(hers, clock), names(other, clock)) == ({"Inès", "Hugo"}, {"Lina"})
    other.refresh_from_db()
    assert other.state == State.ACTIVE
    assert stranger.post(link).status_code == 410
    assert stranger.post("/compte/regroupement/1-jeton/").status_code == 404


def test_the_absorbed_account_reads_which_one_it_joined_after_the_right_password_only(
    hers: Account, other: Account, browser: Client, clock: people.Clock
) -> None:
    merged(other, browser, clock)
    page = people.words(people.sign_in(Client(), other.username, people.PASSWORD))
    assert "Ce compte en a rejoint un autre" in page
    # Whoever found an old password learns three letters, not the username: the message told the holder.
    assert f"« {hers.username[:3]} »" in page and hers.username not in page
    wrong = people.words(people.sign_in(Client(), other.username, "un autre mot de passe"))
    assert "rejoint" not in wrong


def test_the_link_of_the_absorbed_account_lasts_thirty_days(
    other: Account, browser: Client, clock: people.Clock
) -> None:
    link = merged(other, browser, clock)
    clock.forward(days=30)
    answer = Client().post(link)
    assert answer.status_code == 410 and "Ce lien ne sert plus" in people.words(answer)


def test_an_account_that_nobody_could_tell_is_not_merged(other: Account, browser: Client, clock: people.Clock) -> None:
    people.active(other, at=clock.now() - timedelta(days=1), email="")
    answer = browser.post(ADD, {"username": other.username, "password": people.PASSWORD}, follow=True)
    assert "nous ne pourrions pas le prévenir" in people.words(answer)
    assert not AskedMerge.objects.exists()


def test_who_asked_reads_that_a_merge_was_refused_after_all(
    other: Account, browser: Client, clock: people.Clock
) -> None:
    people.active(other, at=clock.now() - timedelta(days=1), email="autre@example.org")
    browser.post(ADD, {"username": other.username, "password": people.PASSWORD})
    people.reset(other, at=clock.now() + timedelta(hours=1))
    merging.perform_due(at=clock.now() + timedelta(days=3))
    outbox.send_due(at=clock.now() + timedelta(days=3))
    told = [str(one.body) for one in mail.outbox if one.subject == "Vos deux comptes ne sont pas regroupés"]
    assert len(told) == 1 and "Vous pouvez le redemander" in told[0]


def test_the_other_account_may_say_no(hers: Account, other: Account, browser: Client, clock: people.Clock) -> None:
    people.active(other, at=clock.now() - timedelta(days=1), email="autre@example.org")
    browser.post(ADD, {"username": other.username, "password": people.PASSWORD})
    theirs = Client()
    people.sign_in(theirs, other.username, people.PASSWORD)
    number = AskedMerge.objects.get().pk
    theirs.post(f"/compte/enfants/regroupement/{number}/abandonner/")
    merging.perform_due(at=clock.now() + timedelta(days=3))
    assert not Merge.objects.exists()


def test_a_new_password_since_then_stops_it(
    hers: Account, other: Account, browser: Client, clock: people.Clock
) -> None:
    people.active(other, at=clock.now() - timedelta(days=1), email="autre@example.org")
    browser.post(ADD, {"username": other.username, "password": people.PASSWORD})
    people.reset(other, at=clock.now() + timedelta(hours=1))
    merging.perform_due(at=clock.now() + timedelta(days=3))
    assert not Merge.objects.exists()


def test_the_other_guardian_of_a_child_is_never_gathered(
    family: people.Family, hers: Account, browser: Client, clock: people.Clock
) -> None:
    """Even under one name: two guardians of one pupil are two people."""
    father = people.guardian(family.school, "11", "Samira", "BELKACEM")
    Guardianship.objects.create(
        guardian=father, enrolment=family.hugo.enrolments.get(), level=Level.LEGAL, is_legal=True, kinship="20"
    )
    (his,) = lifecycle.open_for_guardians([father], by="system:import", at=clock.now())
    secret = people.notified(his, at=clock.now())
    response = browser.post(ADD, {"username": his.username, "password": secret})
    assert "on ne les regroupe pas" in people.words(response)
    assert not Merge.objects.exists()


def test_another_name_is_another_person(hers: Account, other: Account, browser: Client, clock: people.Clock) -> None:
    Guardian.objects.filter(record__account=other).update(first_name="Karim")
    secret = people.notified(other, at=clock.now())
    response = browser.post(ADD, {"username": other.username, "password": secret})
    assert response.status_code == 422 and not Merge.objects.exists()


def test_a_protected_file_is_frozen(hers: Account, other: Account, browser: Client, clock: people.Clock) -> None:
    lina = Guardianship.objects.get(guardian__record__account=other).enrolment.pupil
    lina.protected_at = clock.now()
    lina.save()
    secret = people.notified(other, at=clock.now())
    response = browser.post(ADD, {"username": other.username, "password": secret})
    assert "ne peut pas être regroupée" in people.words(response)


def test_a_wrong_password_and_an_unknown_username_say_the_same(other: Account, browser: Client) -> None:
    said = [
        people.words(browser.post(ADD, {"username": name, "password": "x" * 12})).partition('role="alert"')[2][:400]
        for name in (other.username, "p.personne")
    ]
    assert said[0] == said[1]


def test_a_pupil_has_no_such_page(family: people.Family, clock: people.Clock) -> None:
    people.active(family.ines_account, at=clock.now() - timedelta(days=1), email="")
    client = Client()
    people.sign_in(client, family.ines_account.username, people.PASSWORD, profile="eleve")
    people.confirm(client)
    assert client.get("/compte/enfants/").status_code == 404
    assert client.get(ADD).status_code == 404


def test_after_failures_an_effort_is_asked_and_a_right_password_is_never_called_wrong(
    other: Account, browser: Client, clock: people.Clock
) -> None:
    secret = people.notified(other, at=clock.now())
    for _ in range(4):
        page = browser.post(ADD, {"username": other.username, "password": "x" * 12})
    refused = browser.post(ADD, {"username": other.username, "password": secret})
    assert people.NOT_COMPARED in people.words(refused) and "n’est pas le bon" not in people.words(refused)
    sent = {"username": other.username, "password": secret, **people.effort(page)}
    assert "Les élèves sont ajoutés" in people.words(browser.post(ADD, sent, follow=True))


@pytest.mark.parametrize(
    ("what", "said"),
    [("reset", "doit être changé"), ("blocked", "est bloqué ou désactivé"), ("pupil_left", "n’a plus d’élève")],
)
def test_a_right_password_that_opens_nothing_says_why(
    what: str, said: str, other: Account, browser: Client, clock: people.Clock
) -> None:
    people.active(other, at=clock.now() - timedelta(days=1), email="autre@example.org")
    password = people.PASSWORD
    if what == "reset":
        password = people.reset(other, at=clock.now())
    elif what == "blocked":
        lifecycle.block([other], reason="téléphone volé", by="test:1", at=clock.now())
    else:
        Guardianship.objects.filter(guardian__record__account=other).update(ended_at=clock.now())
    page = people.words(browser.post(ADD, {"username": other.username, "password": password}))
    assert said in page and "n’est pas le bon" not in page
    assert not Merge.objects.exists() and not AskedMerge.objects.exists()


def test_a_password_alone_does_not_give_away_an_account_that_asks_a_code(
    other: Account, browser: Client, clock: people.Clock
) -> None:
    people.active(other, at=clock.now() - timedelta(days=1), email="autre@example.org")
    authenticator.begin(other, at=clock.now())
    Authenticator.objects.filter(account=other).update(confirmed_at=clock.now())
    page = people.words(browser.post(ADD, {"username": other.username, "password": people.PASSWORD}))
    assert "demande un code en plus" in page and not AskedMerge.objects.exists()


def test_a_file_protected_while_it_waits_stays_where_it_is(
    hers: Account, other: Account, browser: Client, clock: people.Clock
) -> None:
    people.active(other, at=clock.now() - timedelta(days=1), email="autre@example.org")
    browser.post(ADD, {"username": other.username, "password": people.PASSWORD})
    lina = Guardianship.objects.get(guardian__record__account=other).enrolment.pupil
    lina.protected_at = clock.now()
    lina.save()
    merging.perform_due(at=clock.now() + timedelta(hours=48))
    assert not Merge.objects.exists() and not merging.waiting(hers)
    assert names(other, clock) == {"Lina"}


def test_undone_a_letter_that_was_never_used_is_said_to_be_dead(
    hers: Account, other: Account, browser: Client, clock: people.Clock
) -> None:
    secret = people.notified(other, at=clock.now())
    browser.post(ADD, {"username": other.username, "password": secret})
    response = browser.post(f"/compte/enfants/regroupement/{Merge.objects.get().pk}/annuler/", follow=True)
    page = people.words(response)
    assert "La lettre de l’autre compte, elle, ne sert plus" in page and "ses moyens de connexion" not in page
    assert names(other, clock) == {"Lina"} and not TemporaryPassword.objects.filter(account=other).exists()


def test_too_late_to_undo_is_said(hers: Account, other: Account, browser: Client, clock: people.Clock) -> None:
    secret = people.notified(other, at=clock.now())
    browser.post(ADD, {"username": other.username, "password": secret})
    merged = Merge.objects.get()
    assert lifecycle.unmerge(merged, by="test:1", at=clock.now())
    response = browser.post(f"/compte/enfants/regroupement/{merged.pk}/annuler/", follow=True)
    assert "C’est trop tard pour cela" in people.words(response)
