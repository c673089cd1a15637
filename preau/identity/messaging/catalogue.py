"""Every message Préau sends. A message is a folder of `templates/messages/` and a line here.

A folder holds the words of each way it may take: subject.txt, body.txt and body.html for an e-mail, sms.txt for an SMS.

`made_by` names the function that makes its context at the moment of sending: ``(outgoing, at) -> Envelope | None``.
It is a dotted path, resolved then, because the rooms that know people stand above this one. None means that the reason
of the message has gone (the address was corrected since, the account closed): nothing is sent.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class Audience(StrEnum):
    """For whom it is written: the tone, and who proof-reads it."""

    GUARDIAN = "guardian"
    PUPIL = "pupil"
    STAFF = "staff"
    ANYONE = "anyone"


class Way(StrEnum):
    """How a message reaches a person."""

    EMAIL = "email"
    SMS = "sms"


@dataclass(frozen=True)
class Message:
    """One line of the catalogue."""

    name: str
    audience: Audience
    made_by: str


@dataclass(frozen=True)
class Envelope:
    """Where it goes (an e-mail, or a number in E.164 for an SMS) and what its templates need.

    Lives in memory only: it may hold a secret.
    """

    to: str
    context: dict[str, Any]
    # Called once it left, or may have.
    when_sent: Callable[[datetime], object] | None = None


MESSAGES: dict[str, Message] = {
    message.name: message
    for message in (
        # One line per message, in the order of the rooms.
        Message("staff/access_asked", Audience.STAFF, "preau.identity.staff.letters.to_member"),
        Message("staff/access_confirmed", Audience.STAFF, "preau.identity.staff.letters.to_member"),
        Message("staff/suspended", Audience.STAFF, "preau.identity.staff.letters.to_member"),
        Message("staff/factor_enrolled", Audience.STAFF, "preau.identity.staff.letters.to_member"),
        Message("staff/factor_removed", Audience.STAFF, "preau.identity.staff.letters.to_member"),
        Message("signin/factor_added", Audience.ANYONE, "preau.identity.signin.factor_letters.envelope"),
        Message("signin/factor_removed", Audience.ANYONE, "preau.identity.signin.factor_letters.envelope"),
        Message("signin/factors_leaving", Audience.ANYONE, "preau.identity.signin.lost_factors.envelope"),
        Message("signin/new_device", Audience.ANYONE, "preau.identity.signin.new_device.envelope"),
        Message("signin/confirm_email", Audience.ANYONE, "preau.identity.signin.email_links.envelope"),
        Message("signin/code", Audience.ANYONE, "preau.identity.signin.codes.envelope"),
        Message("support/correction_proposed", Audience.GUARDIAN, "preau.identity.support.telling.correction_proposed"),
        Message("support/guardian_corrected", Audience.GUARDIAN, "preau.identity.support.telling.guardian_corrected"),
        Message("support/try_again", Audience.GUARDIAN, "preau.identity.support.telling.to_holder"),
        Message("support/link_restored", Audience.GUARDIAN, "preau.identity.support.telling.to_holder"),
        Message("activation/confirm_email", Audience.GUARDIAN, "preau.identity.signin.email_links.envelope"),
        Message("activation/welcome", Audience.GUARDIAN, "preau.identity.activation.mobile.welcome"),
        Message("activation/opened_alone", Audience.GUARDIAN, "preau.identity.activation.alone_letters.to_base"),
        Message("activation/opened_alone_beside", Audience.GUARDIAN, "preau.identity.activation.alone_letters.beside"),
        Message("activation/opened_alone_school", Audience.STAFF, "preau.identity.activation.alone_letters.to_school"),
        Message("activation/opening_undone", Audience.ANYONE, "preau.identity.activation.alone_letters.undone"),
        Message("recovery/usernames", Audience.ANYONE, "preau.identity.recovery.telling.usernames"),
        Message("recovery/password_recovered", Audience.ANYONE, "preau.identity.recovery.telling.password_recovered"),
        Message("recovery/approval_asked", Audience.GUARDIAN, "preau.identity.recovery.telling.approval_asked"),
        Message("recovery/child_recovered", Audience.GUARDIAN, "preau.identity.recovery.telling.child_recovered"),
        Message("my_account/password_changed", Audience.ANYONE, "preau.identity.my_account.password.envelope"),
        Message("my_account/email_to_prove", Audience.ANYONE, "preau.identity.my_account.letters.email_to_prove"),
        Message("my_account/channel_changing", Audience.ANYONE, "preau.identity.my_account.letters.channel_changing"),
        Message("my_account/channel_changed", Audience.ANYONE, "preau.identity.my_account.letters.channel_changed"),
        Message("my_account/channel_coming", Audience.GUARDIAN, "preau.identity.my_account.letters.channel_changing"),
        Message("my_account/channel_come", Audience.GUARDIAN, "preau.identity.my_account.letters.channel_changed"),
        Message("my_account/channel_leaving", Audience.ANYONE, "preau.identity.my_account.letters.channel_leaving"),
        Message("my_account/channel_left", Audience.GUARDIAN, "preau.identity.my_account.letters.to_holder"),
        Message("my_account/franceconnect_linked", Audience.GUARDIAN, "preau.identity.my_account.letters.to_holder"),
        Message("my_account/franceconnect_unlinked", Audience.GUARDIAN, "preau.identity.my_account.letters.to_holder"),
        Message("my_account/closing_asked", Audience.GUARDIAN, "preau.identity.my_account.letters.closing_asked"),
        Message("my_account/closed", Audience.GUARDIAN, "preau.identity.my_account.letters.closed"),
        Message("my_account/now_adult", Audience.PUPIL, "preau.identity.my_account.letters.now_adult"),
        Message("my_account/guardians_ended", Audience.PUPIL, "preau.identity.my_account.letters.guardians_ended"),
        Message("my_account/access_ended", Audience.GUARDIAN, "preau.identity.my_account.letters.access_ended"),
        Message("my_account/merge_asked", Audience.GUARDIAN, "preau.identity.my_account.letters.to_holder"),
        Message("my_account/merge_done", Audience.GUARDIAN, "preau.identity.my_account.letters.merge_done"),
        Message("my_account/merge_refused", Audience.GUARDIAN, "preau.identity.my_account.letters.to_holder"),
        Message("imports/guardian_added", Audience.GUARDIAN, "preau.identity.imports.telling.guardian_added"),
        Message("imports/contact_changed", Audience.GUARDIAN, "preau.identity.imports.telling.contact_changed"),
        Message("distribution/invitation", Audience.GUARDIAN, "preau.identity.distribution.mailing.invitation"),
        Message("distribution/credentials", Audience.GUARDIAN, "preau.identity.distribution.mailing.credentials"),
        Message("distribution/reset_pupil", Audience.PUPIL, "preau.identity.distribution.resets.to_pupil"),
        Message("distribution/reset_child", Audience.GUARDIAN, "preau.identity.distribution.resets.to_guardian"),
        Message("distribution/reset_head", Audience.STAFF, "preau.identity.distribution.resets.to_head"),
    )
}
