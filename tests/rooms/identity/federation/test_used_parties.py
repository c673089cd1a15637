"""« Services que j’ai utilisés »: where one went, what each learnt, what one may take back."""

import json
from datetime import timedelta

import pytest
from django.test import Client

from preau import clock
from preau.identity.accounts.models import Account
from preau.identity.audit.models import Event
from preau.identity.console import story
from preau.identity.federation import consents, party_page, tidying, used
from preau.identity.federation.models import AuthorizationCode, RelyingParty
from preau.identity.federation.registration import register
from tests.rooms.identity.federation.conftest import CALLBACK, NOW, answer_of, exchange, question, sign_in

PAGE = "/compte/services/"


@pytest.fixture
def browser(client: Client, samira: Account, party: RelyingParty) -> Client:
    """Samira's, signed in; the ENT shows her nothing."""
    sign_in(client, samira)
    return client


def other(notice: str = "none") -> RelyingParty:
    made, _ = register(
        client_id="sport", name="Le sport", redirect_uris=[CALLBACK], scopes=["email"], notice=notice, by="t:1", at=NOW
    )
    return made


def other_told() -> RelyingParty:
    made, _ = register(
        client_id="forum", name="Le forum", redirect_uris=[CALLBACK], scopes=["email"], notice="tell", by="t:1", at=NOW
    )
    return made


def test_nobody_who_is_not_signed_in_sees_any(client: Client) -> None:
    assert client.get(PAGE)["Location"].startswith("/connexion/")


def test_whoever_went_nowhere_reads_so(browser: Client) -> None:
    assert "Aucun pour l’instant" in browser.get(PAGE).content.decode()


def test_each_service_is_there_with_all_it_ever_learnt_the_last_visited_first(
    browser: Client, samira: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    other()
    browser.get(question(client_id="sport", scope="openid email"))
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(minutes=5))
    browser.get(question(scope="openid profile"))
    browser.get(question(scope="openid children"))
    found = used.by(samira, at=clock.now())
    assert [(one.party.client_id, one.visited_at) for one in found] == [
        ("ent", NOW + timedelta(minutes=5)),
        ("sport", NOW),
    ]
    learnt = [line.words for line in found[0].lines]
    assert "Vos nom et prénom" in learnt and any(words.startswith("Vos enfants") for words in learnt)
    assert "Votre adresse électronique" not in learnt
    page = browser.get(PAGE).content.decode()
    assert page.index("L’ENT") < page.index("Le sport") and "Retirer mon accord" not in page


def test_nobody_sees_where_another_went(browser: Client, adama: Account) -> None:
    browser.get(question())
    assert used.by(adama, at=NOW) == []


def test_a_service_cut_off_stays_in_what_one_used(browser: Client) -> None:
    browser.get(question())
    RelyingParty.objects.update(disabled_at=NOW)
    page = browser.get(PAGE).content.decode()
    assert "L’ENT" in page and "n’est plus relié" in page


def test_an_agreement_shows_until_it_is_taken_back(browser: Client, samira: Account) -> None:
    made = other("ask")
    consents.accept(samira, made, names=frozenset({"email"}), is_agreement=True, shown_at=NOW, by=samira.key, at=NOW)
    assert "Accord donné le" in browser.get(PAGE).content.decode()
    answer = browser.post(f"{PAGE}sport/retirer/", follow=True)
    words = answer.content.decode()
    assert "C’est retiré" in words and "Accord retiré le" in words and "Retirer mon accord" not in words


def test_what_was_only_told_is_no_agreement_to_take_back(browser: Client, samira: Account) -> None:
    made = other("tell")
    consents.accept(samira, made, names=frozenset({"email"}), is_agreement=False, shown_at=NOW, by=samira.key, at=NOW)
    assert "Retirer mon accord" not in browser.get(PAGE).content.decode()
    assert browser.post(f"{PAGE}sport/retirer/")["Location"] == f"{PAGE}?fait=deja"


def test_whoever_let_a_service_act_later_says_no_even_when_nobody_asked_them(
    browser: Client, party: RelyingParty
) -> None:
    party.may_refresh = True
    party.save()
    code = answer_of(browser.get(question(scope="openid offline_access"))["Location"])["code"]
    token = exchange(code).json()["refresh_token"]
    assert "Ne plus laisser faire sans moi" in browser.get(PAGE).content.decode()
    browser.post(f"{PAGE}ent/retirer/")
    form = {"grant_type": "refresh_token", "refresh_token": token}
    secret = {"client_id": "ent", "client_secret": "secret-of-the-ent"}
    assert Client().post("/oidc/token", {**form, **secret}).json()["error"] == "invalid_grant"
    assert "Ne plus laisser faire sans moi" not in browser.get(PAGE).content.decode()


def test_taking_back_touches_neither_others_nor_other_services(
    browser: Client, adama: Account, party: RelyingParty
) -> None:
    party.may_refresh = True
    party.save()
    theirs = Client()
    sign_in(theirs, adama)
    for one in (browser, theirs):
        exchange(answer_of(one.get(question(scope="openid offline_access"))["Location"])["code"])
    assert theirs.post(f"{PAGE}ent/retirer/")["Location"].endswith("retire")
    assert "Ne plus laisser faire sans moi" in browser.get(PAGE).content.decode()


def test_the_journal_and_the_desk_name_the_service(browser: Client, samira: Account) -> None:
    made = other("ask")
    browser.get(question(scope="openid profile"))
    consents.accept(samira, made, names=frozenset({"email"}), is_agreement=True, shown_at=NOW, by=samira.key, at=NOW)
    browser.post(f"{PAGE}sport/retirer/")
    told = browser.get("/compte/journal/").content.decode()
    assert "Service ouvert avec ce compte\u00a0: L’ENT" in told
    assert "Accord donné à ce qu’un service apprend\u00a0: Le sport" in told
    assert "Accord donné à un service retiré\u00a0: Le sport" in told
    at_the_desk = [line.sentence for line in story.told(list(Event.objects.about(samira.key)), uai=None)]
    assert "Service ouvert avec ce compte (L’ENT)" in at_the_desk
    assert "Accord donné à un service retiré (Le sport)" in at_the_desk


def test_my_data_hold_the_services_what_each_learnt_and_the_agreements(browser: Client, samira: Account) -> None:
    sport, told = other("ask"), other_told()
    browser.get(question(scope="openid profile"))
    for one, is_agreement in ((sport, True), (told, False)):
        consents.accept(
            samira, one, names=frozenset({"email"}), is_agreement=is_agreement, shown_at=NOW, by=samira.key, at=NOW
        )
    browser.post(f"{PAGE}sport/retirer/")
    copied = json.loads(browser.post("/compte/donnees/", {"format": "json"}).content)
    ent, *others = copied["Services utilisés"]
    assert ent["Service"] == "L’ENT" and ent["Dernière visite"] == "2026-11-24T10:00:00+01:00"
    assert ent["Ce qu’il a appris"].startswith("Vos nom et prénom\u00a0; ") and ent["Accord donné le"] is None
    found = {one["Service"]: one for one in others}
    assert found["Le sport"]["Accord donné le"] and found["Le sport"]["Accord retiré le"]
    assert found["Le forum"]["Ce qu’il apprend, lu le"] and not found["Le forum"]["Accord donné le"]
    rows = browser.post("/compte/donnees/", {"format": "csv"}).content.decode("utf-8-sig")
    assert "Services utilisés;1;Service;L’ENT" in rows


def test_a_page_of_another_site_takes_nothing_back(samira: Account, party: RelyingParty) -> None:
    careful = Client(enforce_csrf_checks=True)
    assert careful.post(f"{PAGE}ent/retirer/").status_code == 403


def test_the_operator_still_reads_the_last_visit_once_its_code_is_forgotten(
    browser: Client, party: RelyingParty
) -> None:
    browser.get(question())
    assert party_page.visited_at(party) == NOW
    tidying.forget_codes(at=NOW + timedelta(days=2))
    assert not AuthorizationCode.objects.exists()
    party.refresh_from_db()
    assert party_page.visited_at(party) == NOW
    tidying.forget_codes(at=NOW + timedelta(days=3))
    assert [row.visited_at for row in party_page.rows(at=NOW)] == [NOW]
