"""An effort asked of a browser after failures, so that guessing costs: a small computation it does by itself.

ALTCHA's proof of work (version 2), with nobody else in it: we make the question, we check the answer, nothing is
learned of anybody. There is nothing to read, to hear or to tick. Without a script the effort is to wait as many seconds
as the page says before sending. Either way a question serves once, for the browser it was asked of; whoever cannot
answer is asked another, and is never locked out by it.

The door of the passwords counts its own failures (signin/proof.py). Another door does

    form = MyForm(data, effort=captcha.effort_of("activation", request))   # a captcha.GuardedForm; None asks nothing
    captcha.count_of("activation", request)                                # one more failure, or one more asking

and ``signin/step.html`` shows it, inside the form.
"""

import base64
import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Any

import altcha
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, ngettext

from preau.design.forms import Form
from preau.identity import keys
from preau.identity.signin import counters
from preau.identity.signin import device as devices
from preau.identity.signin import network as networks
from preau.identity.signin.device import Device

COOKIE = f"{settings.COOKIE_PREFIX}verification"
FIELD = "altcha"  # the name its own widget gives to the answer
LASTS = timedelta(minutes=15)
# 120 derivations on average, of 10,000 rounds: half a second on a desk, two or three on an old phone.
_ALGORITHM, _FEWEST, _MOST = "PBKDF2/SHA-256", 60, 180
_LONGEST = 4000
# Elsewhere than at the door of the passwords, within an hour.
_CALM_DEVICE, _CALM_NETWORK, _WINDOW, _WAIT = 3, 50, timedelta(hours=1), 15


class Answer(StrEnum):
    """What an answer is worth."""

    MET = "met"
    EARLY = "early"  # without a script: the seconds are not over
    NONE = "none"  # no answer, or not to a question of ours, or one that served


@dataclass(frozen=True)
class Effort:
    """A question to one browser: a computation, or `seconds` of patience."""

    device: Device
    network: str
    seconds: int
    at: datetime
    # The same question again, when it was answered too early.
    again: str = ""

    @cached_property
    def payload(self) -> str:
        """What the page holds, in the form the answer will have."""
        return self.again or _question(_browser(self.device, self.network), at=self.at)

    def judge(self, typed: str) -> Answer:
        """Whether the effort was made. A good answer serves this once."""
        return judge(typed, device=self.device, network=self.network, seconds=self.seconds, at=self.at)


class GuardedForm(Form):
    """A form that asks an effort when its door does. With `effort` None it asks nothing."""

    is_pupil = False  # to whom one speaks

    def __init__(self, *args: Any, effort: Effort | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.effort = effort

    def clean(self) -> dict[str, Any]:
        """The effort counts only when all the rest is well formed: it serves once."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.effort is not None and not self.errors:
            typed = self.data.get(FIELD, "")
            answer = self.effort.judge(typed)
            if answer is not Answer.MET:
                self.effort = following(self.effort, typed, answer)
                self.add_error(None, sentence(self.effort, is_early=answer is Answer.EARLY, is_pupil=self.is_pupil))
        return cleaned


def effort(door: str, *, device: Device, network: str, at: datetime) -> Effort | None:
    """What `door` asks of this browser now: nothing before some failures."""
    own, crowd = _counters(door, device, network)
    stand = counters.read(own, crowd, at=at)
    over = stand[own].count - _CALM_DEVICE
    if over < 0 and stand[crowd].count < _CALM_NETWORK:
        return None
    return Effort(device, network, seconds=min(_WAIT * 2 ** max(over, 0), 60), at=at)


def effort_of(door: str, request: HttpRequest) -> Effort | None:
    """What `door` asks of the browser of this request."""
    at: datetime = request.at  # type: ignore[attr-defined]
    return effort(door, device=devices.of(request), network=networks.of(request), at=at)


def count_of(door: str, request: HttpRequest) -> None:
    """One more asking of the browser of this request."""
    at: datetime = request.at  # type: ignore[attr-defined]
    count(door, device=devices.of(request), network=networks.of(request), at=at)


def is_needed(door: str, *, device: Device, network: str, at: datetime) -> bool:
    """Whether `door` asks something of this browser now."""
    return effort(door, device=device, network=network, at=at) is not None


def count(door: str, *, device: Device, network: str, at: datetime) -> None:
    """One more failure at `door`, or one more asking where asking is what costs."""
    own, crowd = _counters(door, device, network)
    counters.add({own: _WINDOW, crowd: _WINDOW}, at=at)


def remind(response: HttpResponse, effort: Effort) -> None:
    """Remember in the browser that its next page has to hold a question: a page opened again does without reading."""
    seconds, lasts = str(effort.seconds), LASTS
    response.set_cookie(COOKIE, seconds, max_age=lasts, secure=settings.HTTPS, httponly=True, samesite="Lax")


def reminded(request: HttpRequest) -> Effort | None:
    """The question that a page opened again holds. Only a convenience: the door itself says what it asks."""
    seconds = request.COOKIES.get(COOKIE, "")
    if not seconds.isdecimal() or len(seconds) > 2:
        return None
    at: datetime = request.at  # type: ignore[attr-defined]
    return Effort(devices.of(request), networks.of(request), seconds=int(seconds), at=at)


def judge(typed: str, *, device: Device, network: str, seconds: int, at: datetime) -> Answer:
    """What an answer is worth, for this browser, now; `seconds`: the patience without a script."""
    read = _read(typed)
    if read is None:
        return Answer.NONE
    data, signature, is_solved = read
    made_at = datetime.fromtimestamp(data["made"], UTC)
    if data["for"] != _browser(device, network) or not made_at <= at < made_at + LASTS:
        return Answer.NONE
    if not is_solved and at < made_at + timedelta(seconds=seconds):
        return Answer.EARLY
    # The table of counters is the memory of what served: whoever counts one is the first.
    spent = counters.key("captcha", "spent", signature)
    return Answer.MET if counters.add({spent: LASTS}, at=at)[spent] == 1 else Answer.NONE


def following(effort: Effort, typed: str, answer: Answer) -> Effort:
    """What to ask after an answer that was not good: the same when it only came too early."""
    if answer is not Answer.EARLY:
        return effort
    data = _read(typed)
    assert data is not None
    left = data[0]["made"] + effort.seconds - int(effort.at.timestamp())
    return Effort(effort.device, effort.network, seconds=max(left, 1), at=effort.at, again=_unanswered(typed))


def sentence(effort: Effort, *, is_early: bool, is_pupil: bool = False) -> str:
    """Why the form comes back."""
    if is_pupil:
        return _sentence_for_pupil(effort, is_early=is_early)
    if is_early:
        return ngettext(
            "C’était un peu tôt. Attendez encore %(n)s seconde avant d’envoyer.",
            "C’était un peu tôt. Attendez encore %(n)s secondes avant d’envoyer.",
            effort.seconds,
        ) % {"n": effort.seconds}
    return gettext(
        "Par prudence, une vérification de plus est demandée à cet appareil. Envoyez de nouveau votre réponse."
    )


def _sentence_for_pupil(effort: Effort, *, is_early: bool) -> str:
    if is_early:
        return ngettext(
            "C’était un peu tôt. Attends encore %(n)s seconde avant d’envoyer.",
            "C’était un peu tôt. Attends encore %(n)s secondes avant d’envoyer.",
            effort.seconds,
        ) % {"n": effort.seconds}
    return gettext("Par prudence, une vérification de plus est demandée à cet appareil. Envoie de nouveau ta réponse.")


def _question(browser: str, *, at: datetime) -> str:
    made = altcha.create_challenge(
        _ALGORITHM,
        settings.CAPTCHA_COST,
        counter=_FEWEST + secrets.randbelow(_MOST - _FEWEST),
        # Not `expires_at`: the library compares it with the machine's clock, not with ours.
        data={"for": browser, "made": int(at.timestamp())},
        hmac_secret=keys.derive("signin/captcha"),
        hmac_key_secret=keys.derive("signin/captcha-answer"),
    )
    return _packed(made.to_dict())


def _packed(challenge: dict[str, Any]) -> str:
    payload = {"challenge": challenge, "solution": {"counter": 0, "derivedKey": ""}}
    return base64.b64encode(json.dumps(payload).encode()).decode()


def _read(typed: str) -> tuple[dict[str, Any], str, bool] | None:
    """Our words in a question that we asked, its name, and whether the computation was done. None: not one of ours."""
    if not typed or len(typed) > _LONGEST:
        return None
    checked = altcha.verify_solution(
        typed, keys.derive("signin/captcha"), hmac_key_secret=keys.derive("signin/captcha-answer")
    )
    if checked.error or checked.invalid_signature is not False:
        return None
    challenge = altcha.Payload.from_base64(typed).challenge
    assert challenge.parameters.data is not None and challenge.signature is not None
    return challenge.parameters.data, challenge.signature, checked.verified


def _unanswered(typed: str) -> str:
    return _packed(altcha.Payload.from_base64(typed).challenge.to_dict())


def _browser(device: Device, network: str) -> str:
    return counters.key("captcha", "browser", device.number or f"network {network}")


def _counters(door: str, device: Device, network: str) -> tuple[str, str]:
    own = counters.key("captcha", door, "device", device.number or f"network {network}")
    return own, counters.key("captcha", door, "network", network)
