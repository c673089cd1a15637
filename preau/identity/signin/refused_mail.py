"""Whether an address takes our messages: what its mail server said last."""

from preau.identity.accounts.models import Account
from preau.identity.messaging.catalogue import Way
from preau.identity.messaging.models import Outgoing

# What smtplib raises when the server says no to the recipient itself (RFC 5321 §4.2.1, a 5xx to RCPT).
_REFUSED = "SMTPRecipientsRefused"
_TO_ANOTHER = ("my_account/email_to_prove", "my_account/channel_changed")


def is_refused(account: Account) -> bool:
    """The last message to the address of the account, confirmed or waiting, was refused where it arrived."""
    last = Outgoing.objects.about(account.key).by(Way.EMAIL).exclude(message__in=_TO_ANOTHER).first()
    return last is not None and last.sent_at is None and last.trouble == _REFUSED


def is_new_one_refused(account: Account) -> bool:
    """The same, of the address that is to replace it."""
    last = Outgoing.objects.about(account.key).filter(message="my_account/email_to_prove").first()
    return last is not None and last.sent_at is None and last.trouble == _REFUSED
