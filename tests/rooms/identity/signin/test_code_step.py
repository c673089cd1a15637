"""« Tapez le code reçu »: the page, on a small walk of its own, as a browser without scripts meets it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django import forms
from django.core import mail
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.test import Client
from django.urls import path

from preau import clock
from preau.identity.accounts.channels import Way
from preau.identity.messaging import outbox
from preau.identity.signin import code_step
from preau.identity.signin.code_step import Destination, TypeTheCode
from preau.identity.urls import urlpatterns as every_room
from preau.journeys import drafts
from preau.journeys.drafts import Trail
from preau.journeys.served import Journey
from preau.journeys.step import Known, Step
from preau.journeys.views import walk
from tests.rooms.identity.signin.people import Clock, words

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


@dataclass(kw_only=True)
class Walker(Known):
    """Somebody who gives an address."""

    trail: Trail
    request: HttpRequest


class AddressForm(forms.Form):
    email = forms.EmailField()


class GiveAddress(Step[Walker]):
    name, template, form_class = "adresse", "signin/step.html", AddressForm

    def act(self, form: forms.Form, answer: dict[str, Any]) -> HttpResponse | None:
        self.known.answers[self.name] = answer
        code_step.ask(Code(self.known), form)
        return None


class Code(TypeTheCode[Walker]):
    purpose, other_ways = "essai", "signin:profile"

    def destination(self) -> Destination:
        address = self.known.answers["adresse"]["email"]
        on = "" if address.startswith("inconnue") else "account:1"
        return Destination(Way.EMAIL, address, on=on, shown=address)


class Arrived(Step[Walker]):
    name, template = "fin", "signin/step.html"

    def is_done(self) -> bool:
        return False


def pages(known: Walker) -> Iterator[type[Step[Walker]]]:
    yield GiveAddress
    yield Code
    yield Arrived


def know(request: HttpRequest, trail: Trail) -> Walker:
    return Walker(at=request.at, answers=trail.answers, trail=trail, request=request)  # type: ignore[attr-defined]


JOURNEY = Journey(name="essai", walk=pages, know=know, url="essai", begins_at="door")


def begin(request: HttpRequest) -> HttpResponse:
    response = redirect("essai", page="adresse")
    drafts.begin(response, journey="essai", facts={}, at=clock.now())
    return response


urlpatterns = [
    path("essai/", begin),
    path("essai/<slug:page>/", walk, {"journey": JOURNEY}, name="essai"),
    *every_room,
]


def post(client: Client, page: str, **data: str) -> Any:
    ref = re.findall(r'name="parcours" value="(\w+)"', client.get(f"/essai/{page}/").content.decode())[0]
    return client.post(f"/essai/{page}/", {"parcours": ref, **data})


def arrive_at_code(client: Client, address: str = "samira@example.org") -> None:
    client.get("/essai/")
    assert post(client, "adresse", email=address)["Location"] == "/essai/code/"


def received(clock: Clock) -> str:
    outbox.send_due(at=clock.now())
    return re.findall(r"^\d{6}$", str(mail.outbox[-1].body), re.M)[0]


def test_the_page_says_where_the_code_went_and_lets_the_phone_offer_it(client: Client) -> None:
    arrive_at_code(client)
    page = words(client.get("/essai/code/"))
    assert "samira@example.org" in page and "30 minutes" in page and "Ne le donnez à personne" in page
    assert 'autocomplete="one-time-code"' in page and 'inputmode="numeric"' in page
    assert "Renvoyer le code" in page and "/connexion/" in page, "another code, and other ways"


def test_the_right_code_leads_on_and_a_double_click_too(client: Client, clock: Clock) -> None:
    arrive_at_code(client)
    code = received(clock)
    assert post(client, "code", code=f"{code[:3]} {code[3:]}")["Location"] == "/essai/fin/"
    assert post(client, "code", code=code)["Location"] == "/essai/fin/"


def test_a_wrong_code_says_how_many_tries_are_left(client: Client, clock: Clock) -> None:
    arrive_at_code(client)
    wrong = f"{(int(received(clock)) + 1) % 10**6:06d}"
    answer = post(client, "code", code=wrong)
    assert answer.status_code == 422 and "Il vous reste 2 essais" in words(answer)
    post(client, "code", code=wrong)
    assert "Demandez-en un autre" in words(post(client, "code", code=wrong))


def test_another_code_is_sent_after_a_minute_and_only_the_last_counts(client: Client, clock: Clock) -> None:
    arrive_at_code(client)
    first = received(clock)
    assert "Attendez une minute" in words(post(client, "code", renvoyer="1"))
    clock.forward(seconds=61)
    assert post(client, "code", renvoyer="1")["Location"] == "/essai/code/"
    assert "Un nouveau code est en route" in words(client.get("/essai/code/"))
    second = received(clock)
    if first != second:
        assert post(client, "code", code=first).status_code == 422
    assert post(client, "code", code=second)["Location"] == "/essai/fin/"


def test_an_address_corrected_after_the_code_asks_for_a_new_one(client: Client, clock: Clock) -> None:
    arrive_at_code(client)
    post(client, "code", code=received(clock))
    assert client.get("/essai/fin/").status_code == 200
    post(client, "adresse", email="autre@example.org")
    assert client.get("/essai/fin/")["Location"] == "/essai/code/"


def test_the_page_is_the_same_for_somebody_nobody_knows(client: Client, clock: Clock) -> None:
    def walked(address: str) -> list[str]:
        browser = Client()
        arrive_at_code(browser, address)
        outbox.send_due(at=clock.now())
        pages = [words(browser.get("/essai/code/")), words(post(browser, "code", code="000000"))]
        return [re.sub(rf'value="\w+"|nonce="[^"]+"|{re.escape(address)}', "", page) for page in pages]

    assert walked("samira@example.org") == walked("inconnue@example.org")
    assert len(mail.outbox) == 1
