"""A guardian forgot their password."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from preau.identity.accounts import channels, lifecycle
from preau.identity.accounts.models import Account
from preau.identity.audit.events import Events
from preau.identity.audit.models import Event
from preau.identity.directory.models import Guardian
from preau.identity.signin.models import Code, Session
from tests.rooms.identity.recovery.walkers import (
    GUARDIAN_PASSWORD,
    MOBILE,
    NEW,
    Household,
    Walker,
    lost_password,
    rows,
    second_guardian,
    signed_in,
    statements,
)
from tests.rooms.identity.signin import people
from tests.rooms.identity.signin.people import PASSWORD, sign_in, words
from tests.rooms.identity.signin.test_device import is_known

ADDRESS = "samira@example.org"


def another(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


def test_a_code_by_email_gives_the_account_back(family: Household) -> None:
    other_visit = signed_in(family.samira)
    walker = lost_password(family.samira.username, "email")
    family.clock.forward(seconds=5)
    assert walker.send("code", code=family.code(ADDRESS)).url == f"{GUARDIAN_PASSWORD}/mot-de-passe/"
    assert walker.send("mot-de-passe", password=NEW).url == f"{GUARDIAN_PASSWORD}/fait/"
    assert "Votre mot de passe est changé" in words(walker.client.get(f"{GUARDIAN_PASSWORD}/fait/"))
    assert other_visit.get("/compte/").status_code == 302  # the other visits died
    assert sign_in(Client(), family.samira.username, PASSWORD).status_code == 422
    assert sign_in(Client(), family.samira.username, NEW).status_code == 302


def test_every_proved_channel_is_told_and_the_journal_says_what_proved(family: Household) -> None:
    walker = lost_password(family.samira.username, "sms")
    walker.send("code", code=family.code(MOBILE))
    walker.send("mot-de-passe", password=NEW)
    assert "mot de passe oublié" in family.mailed(ADDRESS)[-1]
    assert family.texts[-1][0] == MOBILE and family.samira.username in family.texts[-1][1]
    event = Event.objects.get(name=Events.PASSWORD_RECOVERED)
    assert event.on == family.samira.key and event.facts == {"proofs": ["sms"]}


def test_the_browser_that_recovered_is_known_and_no_other_is(family: Household) -> None:
    other = signed_in(family.samira)
    walker = lost_password(family.samira.username, "email")
    family.clock.forward(seconds=5)
    walker.send("code", code=family.code(ADDRESS))
    walker.send("mot-de-passe", password=NEW)
    known = [is_known(browser, family.samira) for browser in (walker.client, other)]
    assert known == [True, False]


def test_recovering_signs_nobody_in(family: Household) -> None:
    walker = lost_password(family.samira.username, "email")
    walker.send("code", code=family.code(ADDRESS))
    walker.send("mot-de-passe", password=NEW)
    assert not Session.objects.exists()
    assert walker.client.get("/compte/").status_code == 302


@pytest.mark.parametrize("way", ["email", "sms"])
def test_an_unknown_username_sees_the_same_pages_and_costs_the_same(family: Household, way: str) -> None:
    pages, costs, made = [], [], []
    lost_password("q.quelqu", way)  # the counters of the network exist from now on
    for username in (family.samira.username, "n.existe"):
        before = rows()
        walker = Walker(GUARDIAN_PASSWORD).begin()
        steps: list[Any] = []

        def go(walker: Walker = walker, username: str = username, steps: list[Any] = steps) -> None:
            steps.append(walker.send("identifiant", username=username))
            steps.append(walker.client.get(f"{GUARDIAN_PASSWORD}/moyen/"))
            steps.append(walker.send("moyen", way=way))
            steps.append(walker.client.get(f"{GUARDIAN_PASSWORD}/code/"))

        def try_a_code(walker: Walker = walker, steps: list[Any] = steps) -> None:
            steps.append(walker.send("code", code="000000"))

        costs.append(statements(go))
        family.work()
        costs.append(statements(try_a_code))
        after = rows()
        made.append({table: after[table] - before[table] for table in after})
        pages.append([words(one).replace(walker.draft.ref, "") for one in steps])
    strip = [[_without_tokens(page) for page in one] for one in pages]
    assert strip[0] == strip[1]
    assert costs[0] == costs[2] and costs[1] == costs[3]
    assert made[0] == made[1] and made[0]["signin_code"] == 1


def _without_tokens(page: str) -> str:
    return re.sub(r'(csrfmiddlewaretoken" value=")[^"]*|nonce="[^"]*', r"\1", page)


def test_nothing_leaves_for_an_unknown_username(family: Household) -> None:
    for way in ("email", "sms"):
        walker = lost_password("n.existe", way)
        family.work()
        assert walker.send("code", code="123456").status_code == 422
    assert not mail.outbox and not family.texts


def test_a_pupils_username_at_the_guardians_walk_is_nobodys(family: Household) -> None:
    lost_password(family.ines.username, "email")
    family.work()
    assert not mail.outbox


def test_the_address_of_the_base_and_one_never_confirmed_recover_nothing(family: Household) -> None:
    Guardian.objects.update(email="base@example.org")
    Account.objects.filter(pk=family.samira.pk).update(
        email="", email_confirmed_at=None, pending_email="jamais@example.org", mobile="", mobile_confirmed_at=None
    )
    for way in ("email", "sms"):
        lost_password(family.samira.username, way)
    family.work()
    assert not mail.outbox and not family.texts


def test_a_code_serves_once_and_three_tries_end_it(family: Household) -> None:
    walker = lost_password(family.samira.username, "email")
    code = family.code(ADDRESS)
    for _ in range(3):
        assert walker.send("code", code=another(code)).status_code == 422
    page = walker.send("code", code=code)
    assert page.status_code == 422 and "Trois essais" in words(page)


def test_a_double_click_on_the_right_code_or_a_page_sent_again_goes_on(family: Household) -> None:
    walker = lost_password(family.samira.username, "email")
    code = family.code(ADDRESS)
    for _ in range(2):
        assert walker.send("code", code=code).url == f"{GUARDIAN_PASSWORD}/mot-de-passe/"
    assert walker.send("mot-de-passe", password=NEW).url == f"{GUARDIAN_PASSWORD}/fait/"


def test_a_code_dies_after_half_an_hour(family: Household) -> None:
    walker = lost_password(family.samira.username, "email")
    code = family.code(ADDRESS)
    family.clock.forward(minutes=31)
    assert "plus de 30 minutes" in words(walker.send("code", code=code))


def test_another_browser_cannot_use_the_code(family: Household) -> None:
    lost_password(family.samira.username, "email")
    code = family.code(ADDRESS)
    thief = Walker(GUARDIAN_PASSWORD).begin()
    thief.send("identifiant", username=family.samira.username)
    thief.send("moyen", way="email")
    assert thief.send("code", code=code).status_code == 422
    assert thief.stands_at() == "code"


def test_ones_own_code_opens_nobody_elses_account(family: Household, clock: Any) -> None:
    """Asked for oneself, then the username corrected to the victim's in the same browser."""
    victim = second_guardian(family, email="karim@example.org")
    walker = lost_password(family.samira.username, "email")
    code = family.code(ADDRESS)
    walker.send("identifiant", username=victim.username)
    assert walker.send("code", code=code).status_code == 422
    walker.send("moyen", way="email")  # not drawn yet by the worker
    assert walker.send("code", code=code).status_code == 422
    assert walker.stands_at() == "code"


def test_a_proof_does_not_follow_another_username(family: Household) -> None:
    victim = second_guardian(family, email="karim@example.org")
    walker = lost_password(family.samira.username, "email")
    assert walker.send("code", code=family.code(ADDRESS)).url.endswith("/mot-de-passe/")
    walker.send("identifiant", username=victim.username)
    assert walker.stands_at() in {"moyen", "code"}
    assert walker.send("mot-de-passe", password=NEW).status_code == 302
    assert sign_in(Client(), victim.username, NEW).status_code == 422


def test_a_channel_changed_since_no_longer_counts(family: Household) -> None:
    walker = lost_password(family.samira.username, "email")
    code = family.code(ADDRESS)
    lifecycle.confirm_email(family.samira, address="nouvelle@example.org", by="account:1", at=family.clock.now())
    assert walker.send("code", code=code).status_code == 422


def test_a_channel_changed_after_the_code_takes_the_proof_back(family: Household) -> None:
    walker = lost_password(family.samira.username, "email")
    walker.send("code", code=family.code(ADDRESS))
    lifecycle.confirm_email(family.samira, address="nouvelle@example.org", by="account:1", at=family.clock.now())
    assert walker.send("mot-de-passe", password=NEW).status_code == 302
    assert sign_in(Client(), family.samira.username, NEW).status_code == 422


def test_a_shared_channel_needs_the_other_one(family: Household) -> None:
    second_guardian(family, email=ADDRESS)
    walker = lost_password(family.samira.username, "email")
    assert walker.send("code", code=family.code(ADDRESS)).url.endswith("/second-code/")
    assert "une autre personne l’utilise aussi" in walker.see("second-code")
    assert walker.send("mot-de-passe", password=NEW).url.endswith("/second-code/")
    assert walker.send("second-code", code=family.code(MOBILE)).url.endswith("/mot-de-passe/")
    walker.send("mot-de-passe", password=NEW)
    assert Event.objects.get(name=Events.PASSWORD_RECOVERED).facts == {"proofs": ["email", "sms"]}


def test_the_first_code_is_not_the_second(family: Household) -> None:
    second_guardian(family, email=ADDRESS)
    walker = lost_password(family.samira.username, "email")
    code = family.code(ADDRESS)
    walker.send("code", code=code)
    family.work()
    assert walker.send("second-code", code=code).status_code == 422


def test_only_one_channel_and_it_is_shared_leads_to_the_school_by_name(family: Household) -> None:
    Account.objects.filter(pk=family.samira.pk).update(mobile="", mobile_confirmed_at=None)
    second_guardian(family, email=ADDRESS)
    walker = lost_password(family.samira.username, "email")
    assert "Élise-Deroche" not in walker.see("code")
    assert walker.send("code", code=family.code(ADDRESS)).url.endswith("/etablissement/")
    page = walker.see("etablissement")
    assert "Collège Élise-Deroche" in page and "01 99 00 12 34" in page
    assert walker.send("mot-de-passe", password=NEW).url.endswith("/etablissement/")


def test_a_number_that_the_base_gives_to_somebody_else_is_shared(family: Household) -> None:
    Account.objects.filter(pk=family.samira.pk).update(email="", email_confirmed_at=None)
    other = family.people.guardian.school.guardians.create(
        source_key="99", first_name="Karim", birth_name="BELKACEM", mobile=MOBILE
    )
    assert other.pk
    walker = lost_password(family.samira.username, "sms")
    assert walker.send("code", code=family.code(MOBILE)).url.endswith("/etablissement/")


def test_a_number_that_the_school_has_replaced_is_not_enough_any_more(family: Household) -> None:
    """Last year's: its operator gave it to somebody else, the school learnt the new one, the account never did."""
    family.people.guardian.mobile = "+33639982020"
    family.people.guardian.save()
    walker = lost_password(family.samira.username, "sms")
    assert walker.send("code", code=family.code(MOBILE)).url.endswith("/second-code/")
    assert "l’établissement en connaît maintenant un autre" in walker.see("second-code")
    assert walker.send("mot-de-passe", password=NEW).url.endswith("/second-code/")
    assert walker.send("second-code", code=family.code(ADDRESS)).url.endswith("/mot-de-passe/")


def test_nor_alone_when_no_address_was_proved(family: Household) -> None:
    Account.objects.filter(pk=family.samira.pk).update(email="", email_confirmed_at=None)
    family.people.guardian.mobile = "+33639982020"
    family.people.guardian.save()
    walker = lost_password(family.samira.username, "sms")
    assert walker.send("code", code=family.code(MOBILE)).url.endswith("/etablissement/")
    assert "l’établissement connaît maintenant un autre numéro" in walker.see("etablissement")


def test_a_number_is_enough_where_the_bases_know_none_or_one_of_them_knows_it(family: Household) -> None:
    family.people.guardian.mobile = ""
    family.people.guardian.save()
    assert not channels.is_another_mobile_known(family.samira)
    elsewhere = people.school("0990002P", "Collège Jeanne-Barret")
    for key, mobile, expected in (("50", "+33639982020", True), ("51", MOBILE, False)):
        guardian = elsewhere.guardians.create(source_key=key, first_name="Samira", birth_name="BELKACEM", mobile=mobile)
        lifecycle.gather(guardian, into=family.samira, by="system:import", at=family.clock.now())
        assert channels.is_another_mobile_known(family.samira) is expected


def test_a_blocked_account_learns_it_after_the_code_only(family: Household) -> None:
    walker = lost_password(family.samira.username, "email")
    code = family.code(ADDRESS)
    assert walker.send("code", code=code).status_code == 302
    fresh = Walker(GUARDIAN_PASSWORD)
    lifecycle.block([family.samira], reason="essai", by="staff:1", at=family.clock.now() + timedelta(seconds=1))
    family.clock.forward(minutes=2)
    assert walker.send("mot-de-passe", password=NEW).url == "/recuperation/fin/"  # overtaken
    fresh.begin()
    fresh.send("identifiant", username=family.samira.username)
    fresh.send("moyen", way="email")
    assert "bloqu" not in fresh.see("code")
    assert fresh.send("code", code=family.code(ADDRESS)).url.endswith("/compte/")
    assert "l’a bloqué" in fresh.see("compte") and "01 99 00 12 34" in fresh.see("compte")
    assert fresh.send("mot-de-passe", password=NEW).url.endswith("/compte/")


def test_a_guardian_without_a_child_left_is_told_after_the_code(family: Household) -> None:
    family.people.ines.enrolments.update(left_on=family.clock.now().date())
    family.people.hugo.enrolments.update(left_on=family.clock.now().date())
    walker = lost_password(family.samira.username, "email")
    assert walker.send("code", code=family.code(ADDRESS)).url.endswith("/compte/")
    assert "ne vous connaissent plus" in walker.see("compte")


def test_a_closed_account_is_nobodys(family: Household) -> None:
    lifecycle.close([family.samira], by="system:x", at=family.clock.now())
    lost_password(family.samira.username, "email")
    family.work()
    assert not mail.outbox


def test_franceconnect_is_named_only_once_half_proved(family: Household) -> None:
    lifecycle.link_franceconnect(family.samira, subject="sub", by=family.samira.key, at=family.clock.now())
    Account.objects.filter(pk=family.samira.pk).update(password="!nothing")
    walker = lost_password(family.samira.username, "email")
    assert "FranceConnect" not in walker.see("code").partition("<main")[2]
    assert walker.send("code", code=family.code(ADDRESS)).url.endswith("/franceconnect/")
    assert "s’ouvre avec FranceConnect" in walker.see("franceconnect")
    assert walker.send("mot-de-passe", password=NEW).url.endswith("/franceconnect/")


def test_two_browsers_with_the_right_codes_recover_once(family: Household) -> None:
    first = lost_password(family.samira.username, "email")
    first.send("code", code=family.code(ADDRESS))
    family.clock.forward(seconds=61)
    second = lost_password(family.samira.username, "email")
    second.send("code", code=family.code(ADDRESS))
    family.clock.forward(seconds=5)
    assert first.send("mot-de-passe", password=NEW).url.endswith("/fait/")
    late = second.send("mot-de-passe", password="une autre tortue sous la pluie")
    assert late.url == "/recuperation/fin/"
    assert sign_in(Client(), family.samira.username, NEW).status_code == 302
    assert Event.objects.filter(name=Events.PASSWORD_RECOVERED).count() == 1


def test_a_double_click_on_the_last_page_recovers_once(family: Household) -> None:
    walker = lost_password(family.samira.username, "email")
    walker.send("code", code=family.code(ADDRESS))
    ref = walker.draft.ref
    for _ in range(2):
        answer: Any = walker.client.post(f"{GUARDIAN_PASSWORD}/mot-de-passe/", {"parcours": ref, "password": NEW})
        assert answer.url == f"{GUARDIAN_PASSWORD}/fait/"
    assert Event.objects.filter(name=Events.PASSWORD_RECOVERED).count() == 1


def test_two_tabs_and_the_back_button_lead_to_the_page_to_do(family: Household) -> None:
    walker = lost_password(family.samira.username, "email")
    old_ref = walker.draft.ref
    assert walker.client.get(f"{GUARDIAN_PASSWORD}/mot-de-passe/").status_code == 302
    walker.begin()  # another tab begins again
    answer = walker.client.post(f"{GUARDIAN_PASSWORD}/identifiant/", {"parcours": old_ref, "username": "x.x"})
    assert answer.status_code == 409


def test_after_the_end_the_walk_stays_ended(family: Household) -> None:
    walker = lost_password(family.samira.username, "email")
    walker.send("code", code=family.code(ADDRESS))
    walker.send("mot-de-passe", password=NEW)
    assert walker.stands_at() == "fait"
    assert NEW not in str(walker.draft.answers) and not walker.draft.answers


@pytest.mark.parametrize("typed", ["S.Belkacem", "ｓ.ｂｅｌｋａｃｅｍ", " s.belkacem "])
def test_twins_of_a_username_fold_to_the_same_account_and_its_own_address(family: Household, typed: str) -> None:
    lost_password(typed, "email")
    family.work()
    assert {tuple(one.to) for one in mail.outbox} == {(ADDRESS,)}


def test_a_username_that_only_looks_alike_is_nobodys(family: Household) -> None:
    lost_password("ѕ.belkacem", "email")  # a Cyrillic ѕ
    family.work()
    assert not mail.outbox


def test_an_address_typed_as_a_username_is_said_by_its_shape(family: Household) -> None:
    walker = Walker(GUARDIAN_PASSWORD).begin()
    page = walker.send("identifiant", username=ADDRESS)
    assert page.status_code == 422 and "adresse électronique" in words(page)


def test_links_never_follow_the_host_of_a_request(family: Household, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    walker = Walker("/recuperation/responsable/identifiant").begin()
    walker.client.post(
        "/recuperation/responsable/identifiant/coordonnee/",
        {"parcours": walker.draft.ref, "contact": ADDRESS},
        headers={"host": "evil.example"},
    )
    assert "evil.example" not in family.mailed(ADDRESS)[-1] and settings.PUBLIC_URL in family.mailed(ADDRESS)[-1]


def test_who_lost_everything_leaves_with_a_ticket_whoever_matches(family: Household) -> None:
    costs = []
    for username in (family.samira.username, "n.existe"):
        walker = lost_password(username, "sms")
        assert walker.send("code", stuck="1").url.endswith("/blocage/")

        def say(walker: Walker = walker) -> None:
            walker.send("blocage", surname="Belkacem", first_name="Samira", school="Élise-Deroche")

        costs.append(statements(say))
        assert "Votre numéro de ticket" in walker.see("ticket")
    assert costs[0] == costs[1]


def test_a_walk_without_cookies_says_so(db: None) -> None:
    answer: Any = Client().get(f"{GUARDIAN_PASSWORD}/identifiant/")
    assert answer.url == "/recuperation/fin/"
    assert "cookies" in words(Client().get("/recuperation/fin/"))


def test_the_code_and_the_password_are_kept_nowhere_in_clear(family: Household) -> None:
    walker = lost_password(family.samira.username, "email")
    code = family.code(ADDRESS)
    walker.send("code", code=code)
    assert code not in str(walker.draft.answers) and code not in str(Code.objects.values())


def test_an_account_of_ones_own_that_was_absorbed_is_nobody_else(family: Household) -> None:
    other = second_guardian(family, email=ADDRESS)
    family.people.hugo.enrolments.get().guardianships.filter(guardian=family.people.guardian).delete()
    lifecycle.merge(family.samira, other, by=family.samira.key, at=family.clock.now())
    family.clock.forward(seconds=5)
    walker = lost_password(family.samira.username, "email")
    assert walker.send("code", code=family.code(ADDRESS)).url.endswith("/mot-de-passe/")


def test_the_forgotten_password_and_the_last_ones_are_not_chosen_again(family: Household) -> None:
    """As on the account page; the holder is proved by then."""
    walker = lost_password(family.samira.username, "email")
    walker.send("code", code=family.code(ADDRESS))
    refused = walker.send("mot-de-passe", password=PASSWORD)
    assert refused.status_code == 422 and "Il en faut un nouveau" in words(refused)
    assert walker.send("mot-de-passe", password=NEW).url == f"{GUARDIAN_PASSWORD}/fait/"
