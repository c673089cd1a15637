"""The address: given, confirmed, changed with the old one's consent or after 48 hours, refused, bounced."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.test import Client

from preau.identity.accounts import channel_changes, lifecycle
from preau.identity.accounts.models import Account, ChannelChange
from preau.identity.audit.events import Events
from preau.identity.audit.models import Event
from preau.identity.messaging import outbox
from preau.identity.messaging.models import Outgoing
from tests.rooms.identity.my_account.post import mails, paths, texts
from tests.rooms.identity.signin import people
from tests.rooms.identity.signin.people import OTHER_PASSWORD, PASSWORD, Clock, Family, sign_in, words

OLD, NEW = "samira@example.org", "s.belkacem@example.org"


def ask(browser: Client, address: str = NEW) -> Any:
    return browser.post("/compte/courriel/changer/", {"email": address})


def links(clock: Clock) -> dict[str, list[str]]:
    """Who received which addresses of ours."""
    return {to: paths(body) for to, _, body in mails(clock)}


def address_of(account: Account) -> str:
    account.refresh_from_db()
    return account.email


# The ordinary way -----------------------------------------------------------------------------------
def test_the_old_address_is_told_at_once_and_the_new_one_counts_after_48_hours(
    her_browser: Client, samira: Account, clock: Clock
) -> None:
    assert ask(her_browser).url == "/compte/courriel/?fait=demande"
    sent = links(clock)
    assert set(sent) == {OLD, NEW}
    (proving,) = sent[NEW]
    assert "Confirmer cette adresse" in words(Client().get(proving))
    assert "est confirmée" in words(Client().post(proving))
    assert address_of(samira) == OLD
    clock.forward(hours=47)
    assert not channel_changes.take_effect(at=clock.now()) and address_of(samira) == OLD
    clock.forward(hours=1, minutes=1)
    assert channel_changes.take_effect(at=clock.now()) == 1
    assert address_of(samira) == NEW
    assert {to: subject for to, subject, _ in mails(clock)}.keys() == {OLD, NEW}
    names = list(Event.objects.filter(on=samira.key).order_by("pk").values_list("name", flat=True))
    assert names[-3:] == [Events.CHANNEL_CHANGE_ASKED, Events.CHANNEL_PROVED, Events.EMAIL_CONFIRMED]


def test_a_scanner_that_follows_links_changes_nothing(her_browser: Client, samira: Account, clock: Clock) -> None:
    ask(her_browser)
    for found in links(clock).values():
        for path in found:
            assert Client().get(path).status_code == 200
    change = ChannelChange.objects.get()
    assert change.proved_at is None and change.agreed_at is None and change.ended_at is None


@pytest.mark.parametrize("is_proved_first", [True, False])
def test_when_the_old_address_agrees_nothing_waits_any_more(
    her_browser: Client, samira: Account, clock: Clock, is_proved_first: bool
) -> None:
    ask(her_browser)
    sent = links(clock)
    agree = next(path for path in sent[OLD] if path.endswith("/oui/"))
    steps = [(sent[NEW][0], {}), (agree, {"reponse": "oui"})]
    for path, answer in steps if is_proved_first else reversed(steps):
        assert address_of(samira) == OLD
        assert Client().post(path, answer).status_code == 200
    assert address_of(samira) == NEW


def test_a_link_serves_once(her_browser: Client, clock: Clock) -> None:
    ask(her_browser)
    sent = links(clock)
    proving, agree = sent[NEW][0], next(path for path in sent[OLD] if path.endswith("/oui/"))
    Client().post(proving)
    assert "déjà confirmée" in words(Client().post(proving))
    Client().post(agree, {"reponse": "oui"})
    assert "déjà été donnée" in words(Client().post(agree, {"reponse": "oui"}))
    assert "déjà été donnée" in words(Client().post(agree, {"reponse": "non"}))


def test_an_address_never_confirmed_never_counts(her_browser: Client, samira: Account, clock: Clock) -> None:
    ask(her_browser)
    (proving,) = links(clock)[NEW]
    clock.forward(hours=49)
    channel_changes.take_effect(at=clock.now())
    assert address_of(samira) == OLD
    late = Client().post(proving)
    assert late.status_code == 410 and "n’est plus demandé" in words(late)
    assert address_of(samira) == OLD


# « Ce n’est pas moi » --------------------------------------------------------------------------------
def test_not_me_cancels_signs_out_everywhere_and_asks_for_another_password_first(
    her_browser: Client, samira: Account, clock: Clock
) -> None:
    ask(her_browser)
    sent = links(clock)
    Client().post(sent[NEW][0])
    refuse = next(path for path in sent[OLD] if path.endswith("/non/"))
    assert "Rien ne changera" in words(Client().post(refuse, {"reponse": "non"}))
    assert her_browser.get("/compte/").status_code == 302, "the thief is out"
    clock.forward(hours=49)
    channel_changes.take_effect(at=clock.now())
    assert address_of(samira) == OLD
    sign_in(her_browser, samira.username, PASSWORD)
    assert "D’abord un nouveau mot de passe" in words(her_browser.get("/compte/courriel/changer/"))
    assert ask(her_browser).status_code == 403
    clock.forward(seconds=1)
    her_browser.post("/compte/mot-de-passe/", {"current": PASSWORD, "password": OTHER_PASSWORD})
    assert ask(her_browser).status_code == 302


def test_the_mobile_is_told_and_may_refuse_but_not_agree(her_browser: Client, samira: Account, clock: Clock) -> None:
    lifecycle.confirm_mobile(samira, mobile="+33639981717", by=samira.key, at=clock.now())
    ask(her_browser)
    ((to, text),) = texts(clock)
    assert to == "+33639981717"
    (path,) = paths(text)
    page = words(Client().get(path))
    assert "Ce n’est pas moi" in page and "changer tout de suite" not in page
    Client().post(path, {"reponse": "oui"})
    assert ChannelChange.objects.get().agreed_at is None
    Client().post(path, {"reponse": "non"})
    assert ChannelChange.objects.get().outcome == "refused"


@pytest.mark.parametrize("what", ["the password is changed", "the account is blocked"])
def test_what_ends_the_sessions_ends_the_change(her_browser: Client, samira: Account, clock: Clock, what: str) -> None:
    ask(her_browser)
    (proving,) = links(clock)[NEW]
    clock.forward(seconds=1)
    if what == "the password is changed":
        her_browser.post("/compte/mot-de-passe/", {"current": PASSWORD, "password": OTHER_PASSWORD})
    else:
        lifecycle.block([samira], reason="vol", by="staff:1", at=clock.now())
    assert Client().post(proving).status_code == 410
    clock.forward(hours=49)
    channel_changes.take_effect(at=clock.now())
    assert address_of(samira) == OLD


# Twice, two tabs, another person -------------------------------------------------------------------
def test_a_double_click_begins_one_change_and_sends_one_message_each(her_browser: Client, clock: Clock) -> None:
    ask(her_browser)
    ask(her_browser)
    assert ChannelChange.objects.count() == 1
    assert Outgoing.objects.count() == 2


def test_of_two_tabs_the_last_address_counts(her_browser: Client, samira: Account, clock: Clock) -> None:
    ask(her_browser, "premiere@example.org")
    first = links(clock)["premiere@example.org"][0]
    clock.forward(minutes=2)
    ask(her_browser, NEW)
    second = links(clock)[NEW][0]
    assert Client().post(first).status_code == 410
    assert Client().post(second).status_code == 200
    clock.forward(hours=49)
    channel_changes.take_effect(at=clock.now())
    assert address_of(samira) == NEW


def test_a_change_is_cancelled_from_the_account(her_browser: Client, samira: Account, clock: Clock) -> None:
    ask(her_browser)
    (proving,) = links(clock)[NEW]
    assert "Une nouvelle adresse attend" in words(her_browser.get("/compte/courriel/"))
    assert "Une nouvelle adresse attend" in words(her_browser.get("/compte/"))
    assert her_browser.post("/compte/courriel/annuler/").url.endswith("fait=annulation")
    her_browser.post("/compte/courriel/annuler/")
    assert Event.objects.filter(name=Events.CHANNEL_CHANGE_CANCELLED).count() == 1
    assert Client().post(proving).status_code == 410


def test_the_message_is_sent_again_at_a_human_pace(her_browser: Client, clock: Clock) -> None:
    ask(her_browser)
    assert her_browser.post("/compte/courriel/renvoyer/").url.endswith("fait=patience")
    clock.forward(minutes=2)
    assert her_browser.post("/compte/courriel/renvoyer/").url.endswith("fait=renvoi")
    for number in range(12):
        clock.forward(minutes=2)
        last = ask(her_browser, f"a{number}@example.org")
    assert last.status_code in (302, 422)
    assert Outgoing.objects.filter(message="my_account/email_to_prove").count() <= 10


def test_another_person_s_links_and_made_up_ones_open_nothing(
    her_browser: Client, family: Family, clock: Clock
) -> None:
    ask(her_browser)
    sent = links(clock)
    number, _, seal = sent[NEW][0].strip("/").rpartition("/")[2].partition("-")
    for forged in (f"{number}-{'0' * 24}", f"{int(number) + 1}-{seal}", "x", "-", f"{number}-", "9" * 30 + "-a"):
        assert Client().get(f"/compte/confirmer/{forged}/").status_code == 404
        assert Client().post(f"/compte/changement/{forged}/", {"reponse": "oui"}).status_code == 404
    # What proves the new address does not answer for the old one, nor the other way round.
    assert Client().post(f"/compte/changement/{number}-{seal}/", {"reponse": "oui"}).status_code == 404
    agreeing = sent[OLD][0].split("/")[3]
    assert Client().post(f"/compte/confirmer/{agreeing}/").status_code == 404
    assert ChannelChange.objects.get().ended_at is None


# Proof, same address, held by others ----------------------------------------------------------------
def test_a_change_asks_a_recent_proof(her_browser: Client, clock: Clock) -> None:
    clock.forward(minutes=11)
    assert her_browser.get("/compte/courriel/changer/").url.startswith("/connexion/confirmer/")
    assert ask(her_browser).url.startswith("/connexion/confirmer/")
    assert not ChannelChange.objects.exists()


@pytest.mark.parametrize("same", [OLD, "Samira@Example.org"])
def test_the_same_address_is_no_change(her_browser: Client, same: str) -> None:
    assert "déjà l’adresse du compte" in words(ask(her_browser, same))


def test_an_address_others_hold_is_taken_and_said_not_to_suffice(
    her_browser: Client, samira: Account, family: Family, clock: Clock
) -> None:
    karim = people.guardian(family.school, "11", "Karim", "ZIANE", family.ines)
    karim.email = NEW
    karim.save()
    page = words(her_browser.get("/compte/courriel/"))
    assert "Une autre personne" not in page
    ask(her_browser)
    assert "Une autre personne" not in words(her_browser.get("/compte/courriel/")), "nothing is learnt by typing"
    sent = links(clock)
    Client().post(sent[NEW][0])
    Client().post(next(path for path in sent[OLD] if path.endswith("/oui/")), {"reponse": "oui"})
    page = words(her_browser.get("/compte/courriel/"))
    assert "Une autre personne utilise aussi cette adresse" in page
    assert "Karim" not in page and "ZIANE" not in page


# A pupil ---------------------------------------------------------------------------------------------
def test_a_pupil_is_spoken_to_as_one_and_has_no_mobile(her_pupil_browser: Client, ines: Account, clock: Clock) -> None:
    page = words(her_pupil_browser.get("/compte/courriel/"))
    assert "Elle n’est pas obligatoire" in page
    assert her_pupil_browser.post("/compte/courriel/", {"email": "ines@example.org"}).status_code == 302
    her_pupil_browser.post("/connexion/a-faire/courriel/", {"later": "on"})
    assert "il te faudra l’aide" in words(her_pupil_browser.get("/compte/courriel/"))
    assert her_pupil_browser.get("/compte/mobile/").url == "/compte/"
    assert her_pupil_browser.get("/compte/mobile/changer/").url == "/compte/"
    assert her_pupil_browser.get("/compte/mobile/changer/numero/").url == "/compte/mobile/"


# The mailbox says no ----------------------------------------------------------------------------------
class Refusing:
    """A mail server where nobody of that name lives."""

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address == self.unknown:
            return "550 5.1.1 No such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    unknown = "perdue@example.org"


@pytest.fixture
def mail_server(settings: Any) -> Iterator[Refusing]:
    mailbox = Refusing()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "preau.identity.messaging.smtp.Backend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 5
    yield mailbox
    controller.stop()


def test_an_address_that_refuses_our_messages_is_said_until_it_is_corrected(
    mail_server: Refusing, family: Family, client: Client, clock: Clock
) -> None:
    account = people.active(family.account, at=clock.now(), email="")
    sign_in(client, account.username, PASSWORD)
    client.post("/connexion/a-faire/courriel/", {"later": "on"})
    people.confirm(client)
    client.post("/compte/courriel/", {"email": mail_server.unknown})
    outbox.send_due(at=clock.now())
    assert "refuse nos messages" in words(client.get("/compte/"))
    assert "refuse nos messages" in words(client.get("/compte/courriel/"))
    clock.forward(minutes=2)
    client.post("/compte/courriel/", {"email": OLD})
    outbox.send_due(at=clock.now())
    assert "refuse nos messages" not in words(client.get("/compte/"))


def test_a_new_address_that_refuses_is_said_beside_it(mail_server: Refusing, her_browser: Client, clock: Clock) -> None:
    ask(her_browser, mail_server.unknown)
    outbox.send_due(at=clock.now())
    page = words(her_browser.get("/compte/courriel/"))
    assert "La nouvelle adresse a refusé notre message" in page
    assert "Cette adresse refuse nos messages" not in page
