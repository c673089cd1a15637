"""Pages that are the same for everybody but a few words: drawn once, then only filled.

A page costs a millisecond or two to draw. For those a whole school opens at nine o'clock, the template is drawn once
per language with a mark in the place of each word that changes; a page is then the pieces between the marks, with the
words escaped. The HTML is the template's own (a test compares). Only for a template that shows these words as they are:
no filter, and no question but whether there is one.
"""

import re
import secrets
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.translation import get_language

Context = Callable[[], Mapping[str, Any]]
_TOKEN = "csrf_token"  # noqa: S105 — the name Django gives it in a template
_DRAWING = secrets.token_hex(16)  # nobody can write a mark
_MARK = re.compile(f"{_DRAWING}-([a-z_]+)-{_DRAWING}")


def filled(request: HttpRequest, template: str, words: Mapping[str, str], same: Context = dict) -> HttpResponse:
    """The page of `template` with these `words`; `same` gives what is the same for everybody, when it is drawn.

    `same` must be a function that stands in a module: it tells one drawing from another.
    """
    if settings.DEBUG:  # templates are being written
        return render(request, template, {**same(), **words})
    pieces = list(_pieces(template, same, get_language(), frozenset(name for name, word in words.items() if word)))
    # Drawn for the page, not for each of its forms: it costs more than the rest of the page.
    token = get_token(request) if _TOKEN in pieces[1::2] else ""
    pieces[1::2] = [token if name == _TOKEN else escape(words[name]) for name in pieces[1::2]]
    return HttpResponse("".join(pieces))


@lru_cache(maxsize=64)
def _pieces(template: str, same: Context, language: str | None, present: frozenset[str]) -> tuple[str, ...]:
    """The drawing, cut at its marks: text, name, text, name, …, text."""
    marks = {name: f"{_DRAWING}-{name}-{_DRAWING}" for name in (*present, _TOKEN)}
    return tuple(_MARK.split(render_to_string(template, {**same(), **marks})))
