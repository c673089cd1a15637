"""The ENT's memory: what it asked, who is signed in. Lives and dies with the process."""

import secrets
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

ANSWERED_WITHIN: Final = timedelta(hours=1)


@dataclass(frozen=True)
class Received:
    """One attribute, as it came."""

    name: str
    friendly: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Visit:
    """Somebody is signed in, as one assertion said."""

    name_id: str
    name_id_attributes: Mapping[str, str]
    session_index: str
    context: str
    until: datetime
    attributes: Sequence[Received]


@dataclass
class Memory:
    """Requests that wait, answers not yet taken to the browser that asked, visits by cookie."""

    _asked: dict[str, datetime] = field(default_factory=dict)
    _arrived: dict[str, tuple[str, Visit]] = field(default_factory=dict)
    _visits: dict[str, Visit] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(self, request_id: str, *, at: datetime) -> None:
        """Remember a request; those that nobody answered are forgotten."""
        with self._lock:
            self._asked = {one: then for one, then in self._asked.items() if at - then < ANSWERED_WITHIN}
            self._asked[request_id] = at

    def answered(self, request_id: str) -> bool:
        """Whether this request was waiting. It no longer is: an answer serves once."""
        with self._lock:
            return self._asked.pop(request_id, None) is not None

    def arrive(self, request_id: str, visit: Visit) -> str:
        """An answer was believed. It came by a form of another site, without our cookies: a word to take it with."""
        word = secrets.token_urlsafe(24)
        with self._lock:
            self._arrived[word] = (request_id, visit)
        return word

    def enter(self, word: str, request_id: str) -> str:
        """The cookie of the visit that opens, or nothing unless this very browser asked (login CSRF)."""
        with self._lock:
            asked, visit = self._arrived.pop(word, ("", None))
            if visit is None or not request_id or not secrets.compare_digest(asked, request_id):
                return ""
            token = secrets.token_urlsafe(32)
            self._visits[token] = visit
            return token

    def visit(self, token: str, *, at: datetime) -> Visit | None:
        """Who this browser is, while the visit lasts."""
        found = self._visits.get(token)
        return found if found is not None and at < found.until else None

    def leave(self, token: str) -> None:
        """End the visit of one browser."""
        with self._lock:
            self._visits.pop(token, None)

    def end(self, name_id: str, session_indexes: Sequence[str]) -> int:
        """End the visits that Préau says are over: those of this name, of these indexes when it gives some."""
        with self._lock:
            over = [
                token
                for token, visit in self._visits.items()
                if visit.name_id == name_id and (not session_indexes or visit.session_index in session_indexes)
            ]
            for token in over:
                del self._visits[token]
        return len(over)


memory = Memory()
