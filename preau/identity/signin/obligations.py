"""What a person must do between signing in and going on: derived from facts, walked like any journey.

A password that was reset or that a campaign asks to change; an address that was never confirmed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from preau import clock
from preau.identity.accounts import alone, channel_changes, lifecycle
from preau.identity.accounts.channels import Way
from preau.identity.accounts.models import Account, Kind
from preau.identity.signin import email_links, sessions
from preau.identity.signin.common_passwords import own_words
from preau.identity.signin.forms import ConfirmEmailForm, NewPasswordForm
from preau.identity.signin.models import Session
from preau.journeys.drafts import NoDraft, Trail
from preau.journeys.journey import reachable, to_do
from preau.journeys.served import Journey, JourneyOver
from preau.journeys.step import Known, Step


@dataclass
class Visit(Known):
    """What is known of a person who has just signed in."""

    session: Session | None = None

    @property
    def account(self) -> Account:
        """Who signed in."""
        assert self.session is not None
        return self.session.account

    @property
    def must_change_password(self) -> bool:
        """It was reset, or a campaign asks."""
        return self.account.must_change_password

    @property
    def must_confirm_email(self) -> bool:
        """An address has to be confirmed, or a guardian has none: said once a visit, unless none may be given now."""
        assert self.session is not None
        lacks = self.account.kind == Kind.GUARDIAN and not self.account.has_confirmed_email()
        is_asked = (lacks or bool(self.account.pending_email)) and self.session.reminded_at is None
        return is_asked and channel_changes.may_be_given(self.account, Way.EMAIL)

    @property
    def is_stale(self) -> bool:
        """The page was left open: whoever finds it must choose no password, nor give an address that gives accounts
        back. The page that asks again is behind these ones: they sign in anew."""
        from preau.identity.signin import step_up  # it stands on the guards, which read the obligations

        assert self.session is not None
        return not step_up.is_recent(self.session, self.at)

    def to_the_door(self) -> HttpResponse:
        """To prove oneself again, then back to where one was going."""
        from preau.identity.signin import guards  # they read the obligations

        assert self.session is not None
        return guards.to_the_door(self.session.going_to, again=True)

    @property
    def is_free(self) -> bool:
        """Nothing is asked."""
        return not (self.must_change_password or self.must_confirm_email)


class ChangePassword(Step[Visit]):
    """Choose a password in place of the temporary one."""

    name, title, template = "mot-de-passe", _("Votre mot de passe"), "signin/change_password.html"

    def is_done(self) -> bool:
        """The facts say so."""
        return not self.known.must_change_password

    def form(self, data: Any = None) -> forms.Form:
        """The rules know the person's own words."""
        account = self.known.account
        return NewPasswordForm(data, own_words=own_words(account, day=clock.today(self.known.at)), account=account)

    def answer(self, form: forms.Form) -> dict[str, Any]:
        """Hashed before anything is locked."""
        return {"encoded": make_password(form.cleaned_data["password"])}

    def act(self, form: forms.Form, answer: dict[str, Any]) -> HttpResponse | None:
        """The password is chosen; other visits end, this one goes on."""
        account, at = self.known.account, self.known.at
        if self.known.is_stale:
            return self.known.to_the_door()
        session = self.known.session
        assert session is not None
        session.account = lifecycle.choose_password(account, encoded=answer["encoded"], by=account.key, at=at)
        sessions.renew(session, at=at)
        return redirect("signin:onwards")

    def context(self) -> dict[str, Any]:
        """The username, for a password keeper to remember both; to whom one speaks."""
        return {"username": self.known.account.username, "is_pupil": self.known.account.kind == Kind.PUPIL}


class ConfirmEmail(Step[Visit]):
    """Confirm an address, correct it, or go on without."""

    name, title, template = "courriel", _("Votre adresse"), "signin/confirm_email.html"

    def is_done(self) -> bool:
        """The facts say so."""
        return not self.known.must_confirm_email

    def form(self, data: Any = None) -> forms.Form:
        """The address that waits, to be corrected if need be."""
        return ConfirmEmailForm(data, initial={"email": self.known.account.pending_email})

    def act(self, form: forms.Form, answer: dict[str, Any]) -> HttpResponse | None:
        """Send the message, or pass over until the next visit."""
        account, session, at = self.known.account, self.known.session, self.known.at
        assert session is not None
        if not form.cleaned_data["later"]:
            if answer["email"] != account.pending_email:
                # It will give the account back: not while FranceConnect alone can be undone (accounts/alone.py).
                if (until := alone.held_until(account, at=at)) is not None:
                    form.add_error("email", _held_words(until))
                    return None
                if self.known.is_stale:
                    return self.known.to_the_door()
            account = lifecycle.give_email(account, address=answer["email"], by=account.key, at=at)
            email_links.ask(account, message="signin/confirm_email", at=at)
        session.reminded_at = at
        session.save(update_fields=["reminded_at"])
        return redirect("signin:onwards")

    def context(self) -> dict[str, Any]:
        """Whether an address waits already; to whom one speaks."""
        account = self.known.account
        return {"pending_email": account.pending_email, "is_pupil": account.kind == Kind.PUPIL}


def _held_words(until: datetime) -> str:
    day = date_format(timezone.localtime(until), "j F, H \\h i")
    return gettext(
        "FranceConnect seul a ouvert ce compte : pour votre sécurité, une autre adresse attend (%(day)s). "
        "Choisissez « Plus tard » : vous la donnerez ensuite dans votre compte."
    ) % {"day": day}


def before_going_on(known: Visit) -> Iterator[type[Step[Visit]]]:
    """A password to change, then an address to confirm."""
    if known.must_change_password:
        yield ChangePassword
    if known.must_confirm_email:
        yield ConfirmEmail


def next_address(session: Session, *, at: Any) -> str:
    """The page of the first obligation, or empty: nothing stands in the way."""
    known = Visit(at=at, session=session)
    return "" if known.is_free else JOURNEY.address(to_do(reachable(before_going_on, known)))


def _know(request: HttpRequest, trail: Trail) -> Visit:
    session = sessions.current(request)
    known = Visit(at=request.at, session=session)  # type: ignore[attr-defined]
    if session is None or known.is_free:
        raise JourneyOver
    return known


def _no_draft(request: HttpRequest, journey: str) -> Trail:
    """Each page acts at once: the account and the visit themselves tell what is done."""
    return NoDraft()


JOURNEY = Journey(
    name="connexion",
    walk=before_going_on,
    know=_know,
    url="signin:obligation",
    begins_at="signin:onwards",
    trail_of=_no_draft,
)
