"""The messages that carry a link, read as their holder reads them."""

import pytest
from django.core import mail

from preau.identity.accounts import lifecycle
from preau.identity.accounts.models import OneTimeLink
from preau.identity.messaging import outbox
from preau.identity.signin import email_links
from preau.identity.signin.email_links import LinkState
from tests.rooms.identity.signin import people
from tests.rooms.identity.signin.people import Clock, Family


def asked(family: Family, clock: Clock, *, pupil: bool = False, message: str = "signin/confirm_email") -> str:
    """Ask for a message, send it; returns its text with plain spaces."""
    account = family.ines_account if pupil else family.account
    account = lifecycle.give_email(account, address="quelquun@example.org", by=account.key, at=clock.now())
    email_links.ask(account, message=message, at=clock.now())
    outbox.send_due(at=clock.now())
    return str(mail.outbox[-1].body).replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize("message", ["signin/confirm_email", "activation/confirm_email"])
def test_the_message_says_who_is_concerned_what_to_do_and_who_to_call(
    family: Family, clock: Clock, message: str
) -> None:
    text = asked(family, clock, message=message)
    for expected in (
        "Bonjour Samira,",
        family.account.username,
        "48 heures",
        "Collège Élise-Deroche",
        "01 99 00 12 34",
    ):
        assert expected in text
    assert "http://localhost:8000/activation/courriel/" in text and "Hugo" not in text and "BELKACEM" not in text


def test_a_pupil_is_spoken_to_as_a_pupil(family: Family, clock: Clock) -> None:
    text = asked(family, clock, pupil=True)
    assert (
        "Bonjour Inès," in text
        and "Tu n’as rien demandé ?" in text
        and "Confirme ton adresse" in mail.outbox[-1].subject
    )


def test_a_hostile_first_name_is_only_text(family: Family, clock: Clock) -> None:
    family.guardian.first_name = "<b>Samira</b>\u202e\r\nBcc: x@example.org"
    family.guardian.save()
    asked(family, clock)
    page = str(mail.outbox[-1].alternatives[0][0])
    assert "<b>Samira" not in page and "\u202e" not in page
    assert mail.outbox[-1].recipients() == ["quelquun@example.org"]


def test_nothing_leaves_once_the_address_is_confirmed(family: Family, clock: Clock) -> None:
    account = lifecycle.give_email(family.account, address="a@example.org", by="x", at=clock.now())
    email_links.ask(account, message="signin/confirm_email", at=clock.now())
    lifecycle.confirm_email(account, address="a@example.org", by="x", at=clock.now())
    outbox.send_due(at=clock.now())
    assert not mail.outbox and not OneTimeLink.objects.exists()


def test_ten_messages_a_day_and_no_more(family: Family, clock: Clock) -> None:
    account = family.account
    left = 0
    for number in range(15):
        account = lifecycle.give_email(account, address=f"a{number}@example.org", by="x", at=clock.now())
        left += email_links.ask(account, message="signin/confirm_email", at=clock.now())
    assert left == 10


def test_the_look_of_a_link_changes_nothing(family: Family, clock: Clock) -> None:
    account = lifecycle.give_email(
        people.active(family.account, at=clock.now(), email=""), address="a@example.org", by="x", at=clock.now()
    )
    token = email_links._make(account, at=clock.now())
    assert email_links.look(token, at=clock.now())[0] is LinkState.GOOD
    assert email_links.look(token, at=clock.now())[0] is LinkState.GOOD
    assert email_links.use(token, at=clock.now())[0] is LinkState.GOOD
    assert email_links.use(token, at=clock.now())[0] is LinkState.USED
    assert email_links.use("autre chose", at=clock.now())[0] is LinkState.UNKNOWN
