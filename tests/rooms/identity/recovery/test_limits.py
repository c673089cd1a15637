"""How often one may ask, whoever matches; and what a browser that asks a lot has to do."""

import re

import pytest
from django.core import mail
from django.test import Client

from preau.identity.accounts.models import Account
from preau.identity.recovery.limits import A_DAY
from preau.identity.signin.models import Code
from tests.rooms.identity.recovery.walkers import (
    GUARDIAN_PASSWORD,
    MOBILE,
    Household,
    Walker,
    lost_password,
    second_guardian,
    signed_in,
)
from tests.rooms.identity.signin.people import words


@pytest.mark.parametrize("known", [True, False])
def test_five_codes_a_day_whoever_matches(family: Household, known: bool) -> None:
    username = family.samira.username if known else "n.existe"
    walker = lost_password(username, "email")
    for _ in range(A_DAY - 1):
        family.clock.forward(seconds=61)
        assert walker.send("code", again="1").status_code == 302
    family.clock.forward(seconds=61)
    page = walker.send("code", again="1")
    assert page.status_code == 422 and "Cinq demandes" in words(page)
    family.work()
    assert len(mail.outbox) <= A_DAY


def test_a_stranger_who_spends_the_day_does_not_close_it_to_the_holder_s_own_device(family: Household) -> None:
    hers = signed_in(family.samira)
    stranger = lost_password(family.samira.username, "email")
    for _ in range(A_DAY + 1):
        family.clock.forward(seconds=61)
        stranger.send("code", again="1")
    family.work()
    mail.outbox.clear()
    walker = Walker(GUARDIAN_PASSWORD, hers).begin()
    walker.send("identifiant", username=family.samira.username)
    assert walker.send("moyen", way="email").url.endswith("/code/")
    assert walker.send("code", code=family.code("samira@example.org")).url.endswith("/mot-de-passe/")
    assert len(mail.outbox) == 1


def test_again_within_the_minute_sends_nothing_more(family: Household) -> None:
    walker = lost_password(family.samira.username, "email")
    assert "Attendez une minute" in words(walker.send("code", again="1"))
    assert Code.objects.count() == 1


def test_a_shared_mobile_is_not_betrayed_by_its_own_counters(family: Household) -> None:
    """Two usernames, one number: the second asking is answered as the first."""
    other = second_guardian(family, email="karim@example.org")
    Account.objects.filter(pk=other.pk).update(mobile=MOBILE, mobile_confirmed_at=family.clock.now())
    lost_password(family.samira.username, "sms")
    walker = Walker(GUARDIAN_PASSWORD).begin()
    walker.send("identifiant", username=other.username)
    answer = walker.send("moyen", way="sms")
    assert answer.url.endswith("/code/")
    family.work()
    assert len(family.texts) == 1  # the number itself was not asked twice


def test_one_device_may_not_ask_for_a_town(family: Household) -> None:
    client = Client()
    answers = []
    for number in range(14):
        walker = Walker(GUARDIAN_PASSWORD, client).begin()
        question = re.search(r'name="altcha" value="([^"]+)"', walker.see("identifiant"))
        family.clock.forward(seconds=61)
        walker.send("identifiant", username=f"n.existe{number}", altcha=question[1] if question else "")
        answers.append(walker.send("moyen", way="sms").status_code)
    assert answers[:12] == [302] * 12 and answers[12:] == [422, 422]


def test_a_browser_that_asks_a_lot_makes_an_effort_whoever_matches(family: Household) -> None:
    client = Client()
    for number in range(3):
        walker = Walker(GUARDIAN_PASSWORD, client).begin()
        assert "data-effort" not in walker.see("identifiant")
        walker.send("identifiant", username=f"n.existe{number}")
        walker.send("moyen", way="sms")
    walker = Walker(GUARDIAN_PASSWORD, client).begin()
    assert "data-effort" in walker.see("identifiant")
    for username in ("n.existe", family.samira.username):
        page = walker.send("identifiant", username=username)
        assert page.status_code == 422 and "vérification de plus" in words(page)
    # Without a script: the page's own question, sent back after the seconds it says.
    payload = re.search(r'name="altcha" value="([^"]+)"', words(page))
    assert payload
    family.clock.forward(seconds=61)
    assert walker.send("identifiant", username=family.samira.username, altcha=payload[1]).status_code == 302
