"""What each paper says, as the press takes it. Memory only: a secret goes from here to the printing child."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from preau.clock import today
from preau.identity.accounts.lifecycle import Secret
from preau.identity.accounts.states import LABELS, State
from preau.identity.directory.models import School
from preau.identity.distribution import expiry, texts
from preau.identity.distribution.recipients import Child, Recipient


def sheets(people: Sequence[tuple[Recipient, Secret]], *, school: School, layout: str, title: str) -> dict[str, Any]:
    """Pupils' sheets."""
    return {
        "layout": layout,
        "title": title,
        "school": school.name,
        "phone": texts.paper_school(school)["phone"],
        "site": texts.site(),
        "address": settings.PUBLIC_URL,
        "until": _until(people),
        "pupils": [
            {"name": one.name, "division": one.division, "username": one.account.username, "secret": secret.password}
            for one, secret in people
        ],
    }


def letters(people: Sequence[tuple[Recipient, Secret]], *, school: School, at: datetime, title: str) -> dict[str, Any]:
    """Guardians' letters with a temporary password."""
    return {
        **_letterhead(school, at=at, title=title),
        "until": _until(people),
        "letters": [
            {**_addressed(one), "username": one.account.username, "secret": secret.password} for one, secret in people
        ],
    }


def invitations(people: Sequence[Recipient], *, school: School, at: datetime, title: str) -> dict[str, Any]:
    """Letters without any secret."""
    return {**_letterhead(school, at=at, title=title), "letters": [_addressed(one) for one in people]}


def slip(one: Recipient, secret: Secret, *, school: School, by: str, until: str) -> dict[str, Any]:
    """A password handed over in person."""
    return {
        "title": _("Mot de passe provisoire"),
        "school": school.name,
        "name": one.name,
        "division": one.division,
        "username": one.account.username,
        "secret": secret.password,
        "until": until,
        "by": by,
        "site": texts.site(),
        "address": settings.PUBLIC_URL,
    }


def roster(rows: Sequence[Sequence[str]], *, is_secret: bool, school: School, on: date, title: str) -> dict[str, Any]:
    """A list; `rows` are those of rosters.py, the heading first."""
    kinds = ["division", "text", "text", "code", "secret" if is_secret else "text"]
    shares = [2, 5, 4, 5, 6 if is_secret else 4]
    return {
        "title": title,
        "school": school.name,
        "day": texts.day(on),
        "is_secret": is_secret,
        "columns": [
            {"label": label, "kind": kind, "share": share}
            for label, kind, share in zip(rows[0], kinds, shares, strict=True)
        ],
        "rows": [list(row) for row in rows[1:]],
    }


def _letterhead(school: School, *, at: datetime, title: str) -> dict[str, Any]:
    return {
        "title": title,
        "day": texts.day(today(at)),
        "school": texts.paper_school(school),
        "site": texts.site(),
        "address": settings.PUBLIC_URL,
        "ways": list(texts.WAYS_ALONE),
    }


def _addressed(one: Recipient) -> dict[str, Any]:
    return {"lines": one.envelope, "greeting": one.greeting, "children": [_child(child) for child in one.children]}


def _child(child: Child) -> dict[str, str]:
    return {"name": child.name, "division": child.division}


def _until(people: Sequence[tuple[Recipient, Secret]]) -> str:
    return texts.day(expiry.last_day(people[0][1].expires_at))


def state_in_words(state: str) -> str:
    """« Non notifié »."""
    return LABELS[State(state)]
