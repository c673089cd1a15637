"""What the holder of an account is told, and where: made at the moment of sending (messaging/catalogue.py)."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse

from preau import clock
from preau.identity.accounts import channel_changes, channel_removals, closing, merging
from preau.identity.accounts.channel_changes import Holder
from preau.identity.accounts.channels import Way
from preau.identity.accounts.models import Account, ChannelChange, ChannelRemoval, Merge, Outcome
from preau.identity.directory.models import Pupil
from preau.identity.messaging.catalogue import Envelope
from preau.identity.messaging.models import Outgoing
from preau.identity.signin.help import words_about


def to_holder(outgoing: Outgoing, at: datetime) -> Envelope | None:
    """A line about the account, to the channel its holder proved: what happened, and who to call if it was not them."""
    account = _account(outgoing)
    place = _place(account, Way(outgoing.way)) if account is not None else ""
    if account is None or not place:
        return None
    return Envelope(to=place, context={**_words(account, at), "done_at": outgoing.posted_at})


def merge_done(outgoing: Outgoing, at: datetime) -> Envelope | None:
    """Context of « deux comptes sont regroupés »: to both; the absorbed side reads the link that undoes."""
    merged = Merge.objects.select_related("kept", "absorbed").filter(pk=outgoing.facts["merge"]).first()
    if merged is None or not merging.is_undoable(merged, at=at):
        return None
    account = merged.absorbed if outgoing.on == merged.absorbed.key else merged.kept
    link = _link("my_account:undo_by_link", merging.undo_token(merged)) if account == merged.absorbed else ""
    place = _place(account, Way(outgoing.way))
    context = {**_words(merged.kept, at), "other": merged.absorbed.username, "action_url": link}
    return Envelope(to=place, context=context) if place else None


# An address or a number that changes ----------------------------------------------------------------------------------
def email_to_prove(outgoing: Outgoing, at: datetime) -> Envelope | None:
    """Context of « confirmez votre nouvelle adresse »: to the new one, with the link that proves it."""
    change = _change(outgoing)
    if change is None or not change.is_alive() or change.proved_at is not None:
        return None
    link = _link("my_account:prove", channel_changes.token(change, Holder.NEW))
    context = {**_words(change.account, at), "action_url": link, "waits_until": change.takes_effect_at}
    return Envelope(to=change.address, context=context)


def channel_changing(outgoing: Outgoing, at: datetime) -> Envelope | None:
    """Context of « votre adresse va changer »: to the old channel, which answers; to the other, which may refuse."""
    change = _change(outgoing)
    if change is None or not change.is_alive():
        return None
    holder = Holder(outgoing.facts["holder"])
    token = channel_changes.token(change, holder)
    context = {
        **_about(change, at),
        "agree_url": _link("my_account:agree", token) if holder is Holder.OLD else "",
        "refuse_url": _link("my_account:refuse", token),
        "answer_url": _link("my_account:answer", token),
    }
    return _to(change, holder, context)


def channel_changed(outgoing: Outgoing, at: datetime) -> Envelope | None:
    """Context of « c’est fait »: to the old channel, to the new one, to the other."""
    change = _change(outgoing)
    if change is None or change.outcome != Outcome.DONE:
        return None
    holder = Holder(outgoing.facts["holder"])
    return _to(change, holder, {**_about(change, at), "is_old": holder is Holder.OLD})


def channel_leaving(outgoing: Outgoing, at: datetime) -> Envelope | None:
    """Context of « une adresse va être retirée »: to every proved channel, with a link to refuse if it may."""
    waiting = ChannelRemoval.objects.waiting().select_related("account")
    removal, way = waiting.filter(pk=outgoing.facts["removal"]).first(), Way(outgoing.way)
    place = _place(removal.account, way) if removal is not None else ""
    if removal is None or not place:
        return None
    link = _link("my_account:keep_channel", channel_removals.token(removal))
    context = {
        **_words(removal.account, at),
        "is_email": removal.way == Way.EMAIL,
        "effective_at": removal.effective_at,
        "action_url": link if channel_removals.may_refuse(removal, way) else "",
    }
    return Envelope(to=place, context=context)


def _change(outgoing: Outgoing) -> ChannelChange | None:
    return ChannelChange.objects.select_related("account").filter(pk=outgoing.facts["change"]).first()


def _about(change: ChannelChange, at: datetime) -> dict[str, Any]:
    return {
        **_words(change.account, at),
        "is_email": change.way == Way.EMAIL,
        "takes_effect_at": change.takes_effect_at,
    }


def _to(change: ChannelChange, holder: Holder, context: dict[str, Any]) -> Envelope | None:
    other = Way.SMS if change.way == Way.EMAIL else Way.EMAIL
    place = {
        Holder.OLD: change.previous,
        Holder.NEW: change.address,
        Holder.OTHER: _place(change.account, other),
    }[holder]
    return Envelope(to=place, context=context) if place else None


# Closing --------------------------------------------------------------------------------------------------------------
def closing_asked(outgoing: Outgoing, at: datetime) -> Envelope | None:
    """Context of « votre compte sera fermé »: signing in is enough to keep it."""
    account = _account(outgoing)
    asked = closing.of(account) if account is not None else None
    place = _place(account, Way(outgoing.way)) if account is not None else ""
    if account is None or asked is None or not place:
        return None
    link = settings.PUBLIC_URL + reverse("signin:guardian")
    return Envelope(to=place, context={**_words(account, at), "closes_at": asked.takes_effect_at, "action_url": link})


def closed(outgoing: Outgoing, at: datetime) -> Envelope:
    """Context of « votre compte est fermé »: the account no longer knows where it could write, the message does."""
    return Envelope(to=closing.unseal(outgoing.facts["sealed"]), context={"done_at": outgoing.posted_at})


# An adult pupil -------------------------------------------------------------------------------------------------------
def now_adult(outgoing: Outgoing, at: datetime) -> Envelope | None:
    """Context of « tu as 18 ans »: to the pupil, unless the base has put the birth date right meanwhile."""
    account = _account(outgoing)
    is_adult = account is not None and account.pupil is not None and account.pupil.is_adult_on(clock.today(at))
    if account is None or not is_adult or not account.has_confirmed_email():
        return None
    link = settings.PUBLIC_URL + reverse("my_account:guardians")
    return Envelope(to=account.email, context={**_words(account, at), "action_url": link})


def guardians_ended(outgoing: Outgoing, at: datetime) -> Envelope | None:
    """Context of what the adult pupil decided, to the pupil."""
    account = _account(outgoing)
    if account is None or not account.has_confirmed_email():
        return None
    context = {**_words(account, at), "is_ended": outgoing.facts["is_ended"], "done_at": outgoing.posted_at}
    return Envelope(to=account.email, context=context)


def access_ended(outgoing: Outgoing, at: datetime) -> Envelope | None:
    """The same, to a guardian: even one whose account has nothing left to open."""
    account = Account.objects.filter(pk=outgoing.on.partition(":")[2]).first()
    pupil = Pupil.objects.filter(pk=outgoing.facts["pupil"]).first()
    if account is None or pupil is None or not account.has_confirmed_email():
        return None
    return Envelope(
        to=account.email,
        context={**_words(account, at), "pupil": pupil, "is_ended": outgoing.facts["is_ended"]},
    )


# Where, and in what words ---------------------------------------------------------------------------------------------
def _account(outgoing: Outgoing) -> Account | None:
    account = Account.objects.filter(pk=outgoing.on.partition(":")[2]).first()
    return account if account is not None and account.is_open() else None


def _place(account: Account, way: Way) -> str:
    """Where the account is reached by this way, proved; empty otherwise."""
    if way is Way.EMAIL:
        return account.email if account.has_confirmed_email() else ""
    return account.mobile


def _words(account: Account, at: datetime) -> dict[str, Any]:
    return words_about(account, day=clock.today(at))


def _link(page: str, token: str) -> str:
    return settings.PUBLIC_URL + reverse(page, args=[token])
