"""A toy journey for the tests of the library: three or four pages, a branch, a secret, an end."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path

from preau.journeys import drafts
from preau.journeys.served import Journey, JourneyOver
from preau.journeys.step import Known, Step
from preau.journeys.views import walk

SERVED: list[dict[str, Any]] = []


@dataclass
class Table(Known):
    """What is known at the breakfast table."""

    is_closed: bool = False

    @property
    def drink(self) -> str:
        return self.answers["boisson"]["drink"]


class DrinkForm(forms.Form):
    drink = forms.ChoiceField(choices=[("milk", "Lait"), ("cocoa", "Cacao")])


class HeatForm(forms.Form):
    heat = forms.IntegerField(max_value=80)


class SecretForm(forms.Form):
    wish = forms.CharField()
    word = forms.CharField(widget=forms.PasswordInput)


class Drink(Step[Table]):
    name, title, template, form_class = "boisson", "Votre boisson", "page.html", DrinkForm


class Heat(Step[Table]):
    name, title, template, form_class = "chaleur", "La chaleur", "page.html", HeatForm


class Secret(Step[Table]):
    name, title, template, form_class = "secret", "Le mot", "page.html", SecretForm


class Serve(Step[Table]):
    name, title, template = "servir", "Servir", "page.html"

    def act(self, form: forms.Form, answer: dict[str, Any]) -> HttpResponse | None:
        if self.known.answers["secret"]["wish"] == "salt":
            form.add_error(None, "Pas de sel.")
            return None
        SERVED.append(dict(self.known.answers))
        return redirect("/fini/")


class Closed(Step[Table]):
    name, template = "ferme", "page.html"

    def is_done(self) -> bool:
        return False


def breakfast(known: Table) -> Iterator[type[Step[Table]]]:
    """What one is asked before breakfast."""
    if known.is_closed:
        yield Closed
        return
    yield Drink
    if known.drink == "cocoa":
        yield Heat
    yield Secret
    yield Serve


def know(request: HttpRequest, trail: drafts.Trail) -> Table:
    if trail.facts.get("gone"):
        raise JourneyOver
    return Table(at=request.at, answers=trail.answers, is_closed=trail.facts.get("closed", False))  # type: ignore[attr-defined]


BREAKFAST = Journey(name="dejeuner", walk=breakfast, know=know, url="page", begins_at="door")


def begin(request: HttpRequest) -> HttpResponse:
    response = redirect("page", page="boisson")
    facts = dict.fromkeys(request.GET, True)
    drafts.begin(response, journey="dejeuner", facts=facts, at=request.at)  # type: ignore[attr-defined]
    return response


urlpatterns = [
    path("", lambda request: HttpResponse("la porte"), name="door"),
    path("debut/", begin),
    path("dejeuner/<slug:page>/", walk, {"journey": BREAKFAST}, name="page"),
]
