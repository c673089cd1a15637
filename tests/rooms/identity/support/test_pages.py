"""What families read: the assistance page, where a ticket stands, « refuser ce changement »; and what they are told."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from preau.identity.accounts import lifecycle
from preau.identity.directory import corrections, links, protection
from preau.identity.directory.models import Closing, Correction, Datum, Enrolment, Proof
from preau.identity.messaging import email, sms
from preau.identity.messaging.catalogue import MESSAGES
from preau.identity.messaging.models import Outgoing
from preau.identity.support import telling, tickets, tidying
from preau.identity.support.asking import AN_HOUR, NETWORK_AN_HOUR
from preau.identity.support.models import LASTS, Answer, Ticket
from preau.identity.support.tickets import Stated
from tests.rooms.identity.signin import people
from tests.rooms.identity.signin.people import words

WHERE = "/assistance/ticket/"
DAY = timedelta(hours=24)
EMAIL = "samira@example.org"


@pytest.fixture
def number(family: people.Family, clock: people.Clock) -> str:
    stated = Stated(surname="Belkacem", first_name="Samira", mobile="+33639981718")
    return tickets.issue(journey="activation-mobile", stated=stated, at=clock.now())


def proposed(family: people.Family, clock: people.Clock, proof: Proof = Proof.IN_PERSON) -> Correction:
    family.guardian.email = "ancienne@example.org"
    family.guardian.save()
    return corrections.propose(
        family.guardian, field=Datum.MOBILE, value="06 39 98 40 40", proof=proof, by="staff:1", at=clock.now()
    )


def sent(clock: people.Clock, message: str = "support/correction_proposed") -> dict[tuple[str, str], str]:
    """Who would receive a message by which way, and its words."""
    found = {}
    for outgoing in Outgoing.objects.filter(message=message):
        made = getattr(telling, MESSAGES[message].made_by.rpartition(".")[2])(outgoing, clock.now())
        if made is not None:
            found[outgoing.way, made.to] = sms.text_of(message, made) if outgoing.way == "sms" else made.to
    return found


# Where a ticket stands ------------------------------------------------------------------------------------------------
def test_the_assistance_page_says_who_to_call(db: None, client: Client) -> None:
    page = words(client.get("/assistance/"))
    assert "secrétariat" in page and "numéro de ticket" in page


@pytest.mark.parametrize(("effective", "said"), [("05:15:00", "6 h 15"), ("05:15:01", "6 h 30"), ("05:59:59", "7 h.")])
def test_when_to_try_again_is_an_hour_that_is_true_at_its_first_minute(
    family: people.Family, clock: people.Clock, client: Client, number: str, effective: str, said: str
) -> None:
    tickets.look(Ticket.objects.get(), family.guardian, by="staff:1", at=clock.now())
    day = (clock.now() + timedelta(days=1)).date()
    retry_at = datetime.combine(day, time.fromisoformat(effective), tzinfo=UTC)
    tickets.answer(Ticket.objects.get(), what=Answer.RETRY, retry_at=retry_at, by="staff:1", at=clock.now())
    assert f", {said}" in words(client.post(WHERE, {"number": number}))


def test_a_ticket_goes_from_unread_to_read_to_corrected_to_try_again(
    family: people.Family, clock: people.Clock, client: Client, number: str
) -> None:
    assert "ne l’a pas encore lu" in words(client.post(WHERE, {"number": number}))
    ticket = Ticket.objects.get()
    tickets.look(ticket, family.guardian, by="staff:1", at=clock.now())
    assert "L’établissement l’a lu" in words(client.post(WHERE, {"number": number.lower()}))
    tickets.answer(ticket, what=Answer.RETRY, retry_at=clock.now() + DAY, by="staff:1", at=clock.now())
    assert "Recommencez le parcours à partir de ce moment" in words(client.post(WHERE, {"number": number}))
    clock.forward(hours=25)
    page = words(client.post(WHERE, {"number": number}))
    assert "Vous pouvez réessayer" in page
    assert not [word for word in ("Belkacem", "BELKACEM", "Samira", "Deroche", "01 99", "Mobile") if word in page]


def test_a_family_asked_to_come_reads_it(
    family: people.Family, clock: people.Clock, client: Client, number: str
) -> None:
    ticket = Ticket.objects.get()
    tickets.look(ticket, family.guardian, by="staff:1", at=clock.now())
    tickets.answer(ticket, what=Answer.COME, retry_at=None, by="staff:1", at=clock.now())
    assert "Passez au secrétariat" in words(client.post(WHERE, {"number": number}))


def test_unknown_expired_and_mistyped_numbers_say_what_to_do(clock: people.Clock, client: Client, number: str) -> None:
    assert "n’existe pas" in words(client.post(WHERE, {"number": "222-2222"}))
    assert client.post(WHERE, {"number": "22"}).status_code == 422
    clock.forward(seconds=LASTS.total_seconds())
    assert "n’existe pas" in words(client.post(WHERE, {"number": number}))


def test_numbers_are_not_tried_by_the_hundred(db: None, client: Client, clock: people.Clock) -> None:
    client.get(WHERE)
    for _ in range(AN_HOUR):
        client.post(WHERE, {"number": "222-2222"})
    assert "Réessayez dans une heure" in words(client.post(WHERE, {"number": "222-2222"}))
    clock.forward(minutes=61)
    assert "n’existe pas" in words(client.post(WHERE, {"number": "222-2222"}))


def test_a_browser_that_forgets_its_cookie_does_not_begin_again(db: None, clock: people.Clock) -> None:
    for _ in range(NETWORK_AN_HOUR):
        fresh = Client()
        fresh.get(WHERE)
        fresh.post(WHERE, {"number": "222-2222"})
    fresh = Client()
    fresh.get(WHERE)
    assert "Réessayez dans une heure" in words(fresh.post(WHERE, {"number": "222-2222"}))


def test_who_may_try_again_is_told_once_on_a_proved_address_only(
    family: people.Family, clock: people.Clock, number: str
) -> None:
    ticket = Ticket.objects.get()
    tickets.look(ticket, family.guardian, by="staff:1", at=clock.now())
    tickets.answer(ticket, what=Answer.RETRY, retry_at=clock.now() + DAY, by="staff:1", at=clock.now())
    assert tidying.tell_due(at=clock.now()) == 0
    clock.forward(hours=25)
    assert tidying.tell_due(at=clock.now()) == 1
    assert tidying.tell_due(at=clock.now()) == 0
    assert not sent(clock, "support/try_again")  # nothing of theirs is proved
    people.active(family.account, at=clock.now(), email=EMAIL)
    assert list(sent(clock, "support/try_again")) == [("email", EMAIL)]


def test_who_proved_a_mobile_only_is_told_by_sms(family: people.Family, clock: people.Clock, number: str) -> None:
    ticket, mobile = Ticket.objects.get(), "+33639981717"
    account = people.active(family.account, at=clock.now(), email="")
    lifecycle.confirm_mobile(account, mobile=mobile, by=account.key, at=clock.now())
    tickets.look(ticket, family.guardian, by="staff:1", at=clock.now())
    tickets.answer(ticket, what=Answer.RETRY, retry_at=None, by="staff:1", at=clock.now())
    tidying.tell_due(at=clock.now())
    told = sent(clock, "support/try_again")
    assert list(told) == [("sms", mobile)]
    assert "/connexion/responsable/" in told["sms", mobile] and "Belkacem" not in told["sms", mobile]


def test_a_pupil_s_own_ticket_writes_to_no_guardian(family: people.Family, clock: people.Clock) -> None:
    tickets.issue(journey="activation-eleve", stated=Stated(child="Inès"), at=clock.now())
    ticket = Ticket.objects.get()
    people.active(family.account, at=clock.now(), email=EMAIL)
    tickets.look(ticket, family.guardian, by="staff:1", at=clock.now())
    tickets.answer(ticket, what=Answer.RETRY, retry_at=None, by="staff:1", at=clock.now())
    assert tidying.tell_due(at=clock.now()) == 1
    assert not sent(clock, "support/try_again")


# Refusing a correction ------------------------------------------------------------------------------------------------
def test_the_link_of_the_message_refuses_by_its_button_only(
    family: people.Family, clock: people.Clock, client: Client
) -> None:
    correction = proposed(family, clock)
    url = reverse("support:cancel", args=[telling.token(correction)])
    page = words(client.get(url))
    assert "Refuser ce changement ?" in page and "4040" not in page.replace(" ", "")
    assert Correction.objects.get().is_waiting()
    assert "Ce changement est refusé" in words(client.post(url))
    assert Correction.objects.get().closing == Closing.CANCELLED
    assert "Ce changement est refusé" in words(client.get(url))


def test_too_late_or_a_forged_link_refuses_nothing(family: people.Family, clock: people.Clock, client: Client) -> None:
    correction = proposed(family, clock)
    assert client.post("/assistance/refus/MQ:forged:forged/").status_code == 404
    clock.forward(hours=25)
    corrections.apply_due(at=clock.now())
    url = reverse("support:cancel", args=[telling.token(correction)])
    assert "ne peut plus être refusé ici" in words(client.post(url))
    assert Correction.objects.get().is_open()


# Who is told, and where -----------------------------------------------------------------------------------------------
def test_the_base_s_old_channels_are_told_and_never_the_new_one(family: people.Family, clock: people.Clock) -> None:
    proposed(family, clock)
    told = sent(clock)
    assert set(told) == {("email", "ancienne@example.org"), ("sms", "+33639981717")}
    assert "/assistance/refus/" in told["sms", "+33639981717"] and "4040" not in told["sms", "+33639981717"]
    assert set(told["sms", "+33639981717"]) <= sms.GSM


def test_what_the_account_proved_is_told_too_once(family: people.Family, clock: people.Clock) -> None:
    people.active(family.account, at=clock.now(), email=EMAIL)
    lifecycle.confirm_mobile(family.account, mobile="+33639985050", by=family.account.key, at=clock.now())
    proposed(family, clock)
    assert {to for _, to in sent(clock)} == {"ancienne@example.org", "+33639981717", EMAIL, "+33639985050"}


def test_what_the_holder_changed_is_not_told_where_they_proved_it(family: people.Family, clock: people.Clock) -> None:
    people.active(family.account, at=clock.now(), email="ancienne@example.org")
    proposed(family, clock, Proof.ACCOUNT)
    assert set(sent(clock)) == {("sms", "+33639981717")}


def test_of_a_cancelled_correction_nobody_is_told_any_more(family: people.Family, clock: people.Clock) -> None:
    corrections.cancel(proposed(family, clock), by="staff:1", at=clock.now())
    assert not sent(clock)


def test_of_a_protected_file_no_message_names_the_school(
    family: people.Family, clock: people.Clock, client: Client
) -> None:
    correction = proposed(family, clock)
    protection.protect(family.ines, by="staff:1", at=clock.now(), uai="0991234D")
    outgoing = Outgoing.objects.filter(message="support/correction_proposed", way="email").first()
    assert outgoing is not None
    made = telling.correction_proposed(outgoing, clock.now())
    assert made is not None and made.context["school"].name == "de votre enfant"
    page = words(client.get(reverse("support:cancel", args=[telling.token(correction)])))
    assert "de votre enfant" in page and "Deroche" not in page and "01 99" not in page


@pytest.mark.parametrize("message", ["support/try_again", "support/link_restored"])
def test_every_message_to_the_holder_leaves_whole(
    family: people.Family, clock: people.Clock, mailoutbox: list[object], message: str
) -> None:
    people.active(family.account, at=clock.now(), email=EMAIL)
    outgoing = Outgoing(message=message, on=family.guardian.key, facts={}, posted_at=clock.now(), due_at=clock.now())
    made = telling.to_holder(outgoing, clock.now())
    assert made is not None
    email.send(message, made)
    assert "Collège Élise-Deroche" in mailoutbox[0].body and "/connexion/" in mailoutbox[0].body  # type: ignore[attr-defined]


def test_another_guardian_is_told_of_which_child_and_never_of_whom(
    family: people.Family, clock: people.Clock, mailoutbox: list[object]
) -> None:
    people.active(family.account, at=clock.now(), email=EMAIL)
    enrolment = Enrolment.objects.get(pupil=family.ines)
    now = clock.now()
    outgoing = Outgoing(
        message="support/guardian_corrected", on=family.account.key, facts={"enrolment": enrolment.pk},
        posted_at=now, due_at=now,
    )  # fmt: skip
    made = telling.guardian_corrected(outgoing, now)
    assert made is not None
    email.send("support/guardian_corrected", made)
    assert "Inès" in mailoutbox[0].body  # type: ignore[attr-defined]
    protection.protect(family.ines, by="staff:1", at=now, uai="0991234D")
    assert telling.guardian_corrected(outgoing, now) is None


def test_a_restored_link_is_told_to_its_guardian(family: people.Family, clock: people.Clock) -> None:
    people.active(family.account, at=clock.now(), email=EMAIL)
    link = family.links()[0]
    link.disputed_at = clock.now()
    link.save()
    links.restore(link, by="staff:1", at=clock.now())
    assert list(sent(clock, "support/link_restored")) == [("email", EMAIL)]
