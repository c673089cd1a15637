"""The gateways that carry SMS: what we ask of one, and the protocols we speak. One class per protocol.

Whatever the protocol: a key names a message for ever, and no key ever leads to two messages on a phone.
"""

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol
from urllib.parse import urlencode

import requests
from django.conf import settings
from urllib3.exceptions import NewConnectionError

# To connect, then to answer. Three tries of one message hold the worker half a minute at most.
TIMEOUT = (3.0, 8.0)
PAUSES = (0.5, 1.5)  # seconds, between the tries of one message
# It has not taken the message, and says so: overloaded, out of credit, our key is not the right one.
_NOT_NOW = {401, 402, 403, 404, 429, 503}


class Refused(Exception):
    """The gateway will never take this message: no such number. Trying again is useless."""


class Unavailable(Exception):
    """The gateway has not taken the message, and may take it later."""


class NobodyKnows(Exception):
    """The gateway may have taken the message, or not."""


class Fate(StrEnum):
    """What a receipt says."""

    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    WAITING = "waiting"


@dataclass(frozen=True)
class Receipt:
    """What became of the message the gateway calls `reference`."""

    reference: str
    fate: Fate


class Gateway(Protocol):
    """What carries SMS."""

    def send(self, *, to: str, text: str, key: str) -> str:
        """Hand one SMS over (`to` in E.164); returns the gateway's name for it.

        Raises `Refused`, `Unavailable` or `NobodyKnows`.
        """

    def receipt(self, query: Mapping[str, str], body: bytes) -> Receipt | None:
        """Read a delivery receipt; None when it is not one."""


def _call(method: str, url: str, *, body: str, headers: dict[str, str]) -> requests.Response:
    """One HTTP call, without following redirects. Raises `Unavailable` when nothing was sent, else `NobodyKnows`."""
    try:
        return requests.request(
            method, url, data=body.encode(), headers=headers, timeout=TIMEOUT, allow_redirects=False
        )
    except requests.ConnectTimeout:
        raise Unavailable("ConnectTimeout") from None
    except requests.ConnectionError as trouble:
        cause = trouble.args[0] if trouble.args else None
        if isinstance(getattr(cause, "reason", None), NewConnectionError):
            raise Unavailable("ConnectionError") from None
        raise NobodyKnows("ConnectionError") from None
    except requests.RequestException as trouble:
        raise NobodyKnows(type(trouble).__name__) from None


def _judge(answer: requests.Response) -> Any:
    """The JSON of a good answer. Raises what the status means (RFC 9110 §15)."""
    if answer.status_code in _NOT_NOW:
        raise Unavailable(str(answer.status_code))
    if 400 <= answer.status_code < 500:
        raise Refused(str(answer.status_code))
    if not answer.ok or answer.status_code >= 300:
        raise NobodyKnows(str(answer.status_code))
    try:
        return answer.json()
    except ValueError:
        raise NobodyKnows("no JSON") from None


@dataclass(frozen=True)
class PlainGateway:
    """HTTP and JSON: ``POST {"to", "text", "sender", "receipt"}`` with Idempotency-Key gives ``{"id"}``.

    The same key with the same words answers the same id and sends nothing: a call that got no answer is made again.
    Receipts: ``POST {"id", "state"}``. Simulators speak it; a few lines put any provider behind it.
    """

    url: str
    token: str
    sender: str
    receipts: str

    def send(self, *, to: str, text: str, key: str) -> str:
        """Three tries under one key (draft-ietf-httpapi-idempotency-key-header)."""
        content = json.dumps({"to": to, "text": text, "sender": self.sender, "receipt": self.receipts})
        headers = {"Content-Type": "application/json", "Idempotency-Key": key, "Authorization": f"Bearer {self.token}"}
        doubt: NobodyKnows | None = None
        for pause in (*PAUSES, 0.0):
            try:
                return str(_judge(_call("POST", self.url, body=content, headers=headers))["id"])
            except (KeyError, TypeError):
                raise NobodyKnows("no id") from None
            except NobodyKnows as trouble:
                doubt = trouble
            except (Refused, Unavailable):
                if doubt is None:
                    raise
            time.sleep(pause)
        raise doubt or NobodyKnows("no answer")

    def receipt(self, query: Mapping[str, str], body: bytes) -> Receipt | None:
        """``{"id": "…", "state": "delivered" | "undelivered" | "waiting"}``."""
        try:
            said = json.loads(body)
            return Receipt(str(said["id"]), Fate(said["state"]))
        except (ValueError, KeyError, TypeError):
            return None


@dataclass(frozen=True)
class OVHcloud:
    """OVHcloud's SMS API, version 1.0: https://eu.api.ovh.com/console/?section=/sms&branch=v1

    `url` is ``https://eu.api.ovh.com/1.0/sms/sms-ab12345-1``: the API and the SMS account. It has no idempotency key:
    ours goes in `tag`, by which sent messages are listed, and a call without an answer is looked up, never made again.
    """

    url: str
    key: str
    secret: str
    consumer: str
    sender: str

    def send(self, *, to: str, text: str, key: str) -> str:
        """``POST /sms/{serviceName}/jobs``."""
        job: dict[str, Any] = {
            "charset": "UTF-8",
            "class": "phoneDisplay",
            "coding": "7bit",
            "message": text,
            "noStopClause": True,  # not advertising: no « STOP 36… », and it leaves at night and on Sundays too
            "priority": "high",
            "receivers": [to],
            "senderForResponse": not self.sender,
            "tag": key,
            "validityPeriod": 30,  # minutes: a code that comes later opens nothing
        }
        if self.sender:
            job["sender"] = self.sender
        try:
            report = _judge(self._signed("POST", f"{self.url}/jobs", json.dumps(job)))
        except NobodyKnows:
            return self._look_up(key)
        return self._read(report)

    def receipt(self, query: Mapping[str, str], body: bytes) -> Receipt | None:
        """The `callBack` of the account is called with id, ptt, date, description, descriptionDlr.

        `description` is the DLR id: 0 pending, 1 success, 2 failed, 4 waiting, 8 buffered, 16 error and not billed
        (OVHcloud, « Tout savoir sur les utilisateurs SMS », étape 5).
        """
        fates = {"1": Fate.DELIVERED, "2": Fate.UNDELIVERED, "16": Fate.UNDELIVERED}
        if not query.get("id", "").isdecimal() or query.get("description") not in {"0", "1", "2", "4", "8", "16"}:
            return None
        return Receipt(query["id"], fates.get(query["description"], Fate.WAITING))

    def _read(self, report: Any) -> str:
        try:
            if report["invalidReceivers"] and not report["validReceivers"]:
                raise Refused("invalidReceivers")
            return str(report["ids"][0])
        except (KeyError, IndexError, TypeError):
            raise NobodyKnows("no id") from None

    def _look_up(self, key: str) -> str:
        """``GET /sms/{serviceName}/outgoing?tag=…``: the ids of what left under this key."""
        for pause in PAUSES:
            time.sleep(pause)
            try:
                found = _judge(self._signed("GET", f"{self.url}/outgoing?{urlencode({'tag': key})}"))
            except (NobodyKnows, Unavailable, Refused):
                continue
            if isinstance(found, list) and found:
                return str(found[0])
        raise NobodyKnows("not found by its tag")

    def _signed(self, method: str, url: str, body: str = "") -> requests.Response:
        """ "$1$" + SHA1_HEX(AS+"+"+CK+"+"+METHOD+"+"+QUERY+"+"+BODY+"+"+TSTAMP), the time being the API's own."""
        at = self._time()
        parts = (self.secret, self.consumer, method, url, body, at)
        signature = hashlib.sha1("+".join(parts).encode()).hexdigest()  # noqa: S324 — the protocol's own
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "X-Ovh-Application": self.key,
            "X-Ovh-Consumer": self.consumer,
            "X-Ovh-Timestamp": at,
            "X-Ovh-Signature": f"$1${signature}",
        }
        return _call(method, url, body=body, headers=headers)

    def _time(self) -> str:
        """``GET /auth/time``, unsigned. A message that could not even be dated has not left."""
        root = self.url.partition("/sms/")[0]
        try:
            return str(int(_judge(_call("GET", f"{root}/auth/time", body="", headers={}))))
        except (NobodyKnows, Refused, TypeError, ValueError):
            raise Unavailable("auth/time") from None


def gateway(*, receipts: str) -> Gateway | None:
    """The one the settings name; None when there is none. `receipts`: the address where it reports."""
    kind, _, address = settings.SMS_URL.partition("+")
    if not settings.SMS_URL:
        return None
    if kind == "ovh":
        key, secret, consumer = settings.SMS_TOKEN.split(":")
        return OVHcloud(address, key, secret, consumer, settings.SMS_SENDER)
    return PlainGateway(settings.SMS_URL, settings.SMS_TOKEN, settings.SMS_SENDER, receipts)


def is_same(one: str, other: str) -> bool:
    """Two secrets agree, compared in constant time."""
    return hmac.compare_digest(one.encode(), other.encode())
