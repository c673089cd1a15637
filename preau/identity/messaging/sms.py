"""SMS: the words of a message handed to the gateway, within a budget; what the gateway says afterwards.

A budget stands against SMS pumping (fraudsters who make a site send to numbers that pay them): countries of a list
only, so many an hour in all, and to each country its share: families overseas are never starved by the others'
morning, and a country added to the list never empties the purse.
"""

import re
import string
import unicodedata
from datetime import datetime, timedelta

import phonenumbers
from django.conf import settings
from django.db.models import F, Sum
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from preau.identity import keys
from preau.identity.messaging.catalogue import Envelope, Way
from preau.identity.messaging.gateways import Fate, Receipt, Refused, Unavailable, gateway, is_same
from preau.identity.messaging.models import Line, Outgoing, SmsHour

_RECEIPTS = "messaging/sms-receipts"
# After a failure people are told that SMS do not arrive; nobody having tried since, that is forgotten.
_TOLD = timedelta(minutes=10)
_LONGEST_PAUSE = timedelta(minutes=1)
# Of the hour's budget: the first country of the list leaves a quarter to the others; each other French code may take
# half, since an académie overseas that left the list as it is has nearly all its families there; each country abroad a
# twentieth, and all of them together a tenth.
_FIRST_SHARE, _FRENCH_SHARE, _ABROAD_SHARE, _ABROAD_TOGETHER = 3 / 4, 1 / 2, 1 / 20, 1 / 10
# One message of these is 160 letters; one other letter in it and it is 70 (3GPP TS 23.038), hence three to pay.
GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà" + string.ascii_letters + string.digits
)
# Of that alphabet too, each in the room of two: an address may hold some.
GSM_BESIDE = frozenset("^{}\\[~]|€")
# « Words » lose their spaces with their marks.
_QUOTES = re.compile("«\\s*|\\s*»")
# What Unicode knows no simpler form of.
_SIGNS = str.maketrans({"’": "'", "–": "-", "—": "-", "œ": "oe", "Œ": "OE", "ł": "l", "Ł": "L"})


class OverBudget(Exception):
    """The hour's budget is spent: the message waits for the next."""


def text_of(name: str, envelope: Envelope) -> str:
    """The words of the message `name`, in the letters of `GSM`."""
    context = {"site": settings.PUBLIC_URL, "to": envelope.to, **envelope.context}
    with translation.override(settings.LANGUAGE_CODE):
        return in_gsm(render_to_string(f"messages/{name}/sms.txt", context).strip())


def in_gsm(text: str) -> str:
    """`text` in those letters and no others: « forêt » becomes "foret"; what has no like there is left out."""
    simple = _QUOTES.sub('"', text).translate(_SIGNS)
    return "".join(one if one in GSM or one in GSM_BESIDE else _simpler(one) for one in simple)


def _simpler(letter: str) -> str:
    return "".join(one for one in unicodedata.normalize("NFKD", letter) if one in GSM)


def send(name: str, envelope: Envelope, *, key: str, at: datetime) -> str:
    """Render `name` and hand it to the gateway under `key`; returns the gateway's name for it.

    Raises `OverBudget`, or what gateways.py raises.
    """
    line = gateway(receipts=settings.PUBLIC_URL + receipts_path())
    if line is None:
        raise Unavailable("no gateway")
    if not is_served(envelope.to):
        raise Refused("dial code")
    _spend(envelope.to, at=at)
    try:
        reference = line.send(to=envelope.to, text=text_of(name, envelope), key=key)
    except (Refused, Unavailable):
        _give_back(envelope.to, at=at)
        raise
    return reference


# The line -----------------------------------------------------------------------------------------------------------


def is_down(at: datetime) -> bool:
    """SMS do not arrive now: the gateway fails, or the budget of the hour is spent. Said to everybody alike."""
    return not settings.SMS_URL or is_over_budget(at) or is_main_share_spent(at) or is_failing(at)


def is_failing(at: datetime) -> bool:
    """The gateway does not answer, or did not when somebody last tried."""
    return Line.objects.filter(way=Way.SMS, failures__gt=0, failed_at__gt=at - _TOLD).exists()


def is_closed(at: datetime) -> bool:
    """Nobody should knock at the gateway now."""
    return not settings.SMS_URL or Line.objects.filter(way=Way.SMS, opens_at__gt=at).exists()


def answers() -> None:
    """The gateway answered."""
    Line.objects.filter(way=Way.SMS, failures__gt=0).update(failures=0, opens_at=None)


def fails(at: datetime) -> datetime:
    """It did not: wait 2 s, then 4, up to a minute. Returns when it may be tried again."""
    line, _ = Line.objects.get_or_create(way=Way.SMS)
    Line.objects.filter(way=Way.SMS).update(failures=F("failures") + 1)
    line.refresh_from_db()
    until = at + min(timedelta(seconds=2 ** min(line.failures, 6)), _LONGEST_PAUSE)
    Line.objects.filter(way=Way.SMS).update(failed_at=at, opens_at=until)
    return until


# The budget ---------------------------------------------------------------------------------------------------------


def dial_code(number: str) -> str:
    """« 33 » of +33 6…; « 590 » of +590 690…."""
    try:
        return str(phonenumbers.parse(number).country_code)
    except phonenumbers.NumberParseException:
        return ""


def is_served(number: str) -> bool:
    """We send to that country (`PREAU_SMS_DIAL_CODES`)."""
    return dial_code(number) in settings.SMS_DIAL_CODES


def is_over_budget(at: datetime) -> bool:
    """The hour's budget is spent (`PREAU_SMS_PER_HOUR`)."""
    return sent_in_hour(at) >= settings.SMS_PER_HOUR


def is_main_share_spent(at: datetime) -> bool:
    """The first country of the list has had its share of the hour: most people wait, the others still receive."""
    first = settings.SMS_DIAL_CODES[0]
    return sent_in_hour(at, first) >= share(first)


def share(code: str) -> int:
    """How many SMS an hour may go to that dial code."""
    codes, most = settings.SMS_DIAL_CODES, settings.SMS_PER_HOUR
    if len(codes) == 1:
        return int(most)
    if code == codes[0]:
        return max(1, int(most * _FIRST_SHARE))
    return max(1, int(most * (_FRENCH_SHARE if code in settings.FRENCH_DIAL_CODES else _ABROAD_SHARE)))


def sent_in_hour(at: datetime, *codes: str) -> int:
    """How many left in the hour of `at`, to these dial codes or to all."""
    hour = SmsHour.objects.filter(hour_at=hour_of(at))
    if codes:
        hour = hour.filter(dial_code__in=codes)
    return hour.aggregate(total=Sum("sent"))["total"] or 0


def hour_of(at: datetime) -> datetime:
    """The hour that holds `at`."""
    return at.replace(minute=0, second=0, microsecond=0)


def _spend(number: str, *, at: datetime) -> None:
    """Count one more before it leaves. Raises `OverBudget`."""
    code = dial_code(number)
    row, _ = SmsHour.objects.get_or_create(hour_at=hour_of(at), dial_code=code)
    counted = SmsHour.objects.filter(pk=row.pk, sent__lt=share(code)).update(sent=F("sent") + 1)
    if counted and (sent_in_hour(at) > settings.SMS_PER_HOUR or _is_too_much_abroad(code, at=at)):
        _give_back(number, at=at)
        counted = 0
    if not counted:
        raise OverBudget(code)


def _is_too_much_abroad(code: str, *, at: datetime) -> bool:
    """That country is not the first nor a French one, and all those like it have had their part together."""
    near = {settings.SMS_DIAL_CODES[0], *settings.FRENCH_DIAL_CODES}
    abroad = [one for one in settings.SMS_DIAL_CODES if one not in near]
    return code in abroad and sent_in_hour(at, *abroad) > max(1, int(settings.SMS_PER_HOUR * _ABROAD_TOGETHER))


def _give_back(number: str, *, at: datetime) -> None:
    SmsHour.objects.filter(hour_at=hour_of(at), dial_code=dial_code(number), sent__gt=0).update(sent=F("sent") - 1)


# Receipts -----------------------------------------------------------------------------------------------------------


def receipts_path() -> str:
    """Where the gateway reports: the address itself is the secret, derived from the master secret."""
    return reverse("messaging:receipt", args=[_receipts_token()])


def is_our_token(token: str) -> bool:
    """Whoever calls was told the address by us."""
    return is_same(token, _receipts_token())


def take_receipt(receipt: Receipt, *, at: datetime) -> bool:
    """Write what became of a message. The last word on a phone stays: delivered is delivered. False when unknown."""
    rows = Outgoing.objects.filter(way=Way.SMS, reference=receipt.reference)
    if receipt.fate is Fate.DELIVERED:
        rows.filter(delivered_at=None).update(delivered_at=at, undelivered_at=None)
    elif receipt.fate is Fate.UNDELIVERED:
        rows.filter(delivered_at=None, undelivered_at=None).update(undelivered_at=at)
    return rows.exists()


def _receipts_token() -> str:
    return keys.derive(_RECEIPTS, 24).hex()
