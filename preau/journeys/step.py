"""A page of a journey: one question, what it remembers, what it does."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from django import forms
from django.http import HttpResponse

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


@dataclass
class Known:
    """What a journey knows when it is walked: the instant, the answers kept so far, and the facts a room adds.

    Facts are attributes or cached properties of a subclass; they read cheaply and never write.
    """

    at: datetime
    answers: dict[str, Any] = field(default_factory=dict)


K = TypeVar("K", bound=Known)


class Step(Generic[K]):
    """One page. A subclass says its name, its form and its template, and overrides what differs.

    `name` is the last word of its address, `title` its short name in the margin (empty: not counted as a stage).
    """

    name: ClassVar[str]
    title: ClassVar[str | _StrPromise] = ""
    template: ClassVar[str]
    form_class: ClassVar[type[forms.Form]] = forms.Form

    def __init__(self, known: K) -> None:
        self.known = known

    def is_done(self) -> bool:
        """Whether one may go past this page. By default: it has been answered."""
        return self.name in self.known.answers

    def form(self, data: Any = None) -> forms.Form:
        """The form of the page, filled with what was answered before."""
        return self.form_class(data, initial=self.known.answers.get(self.name))

    def answer(self, form: forms.Form) -> dict[str, Any]:
        """What the draft will remember of a valid form. Runs before the draft is locked: the place for slow hashing.

        A password never enters a draft in clear: those fields are left out unless the step keeps their hash itself.
        """
        return {key: value for key, value in form.cleaned_data.items() if not _is_secret(form.fields[key])}

    def act(self, form: forms.Form, answer: dict[str, Any]) -> HttpResponse | None:
        """Do what this page decides, inside the draft's transaction.

        Add an error to `form` to refuse the answer. Return a response to end the journey there.
        """
        return None

    def context(self) -> dict[str, Any]:
        """What the template shows besides the form."""
        return {}


def _is_secret(field: forms.Field) -> bool:
    return getattr(field.widget, "input_type", "") == "password"
