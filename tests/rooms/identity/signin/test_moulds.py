"""The pages of the door are filled, not drawn: the same HTML as the template gives, whatever is put in it."""

import re

import pytest
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.test import Client, RequestFactory, override_settings
from django.utils import translation

from preau.design import moulds
from preau.identity.signin import views

PAGES = [
    ("signin/profile.html", "query", views._arrival),
    ("signin/guardian.html", "going_to", views._blank_guardian),
    ("signin/pupil.html", "going_to", views._blank_pupil),
    ("signin/onwards.html", "going_to", dict),
]
WORDS = [
    "",
    "/compte/",
    "/oidc/authorize?a=1&b=%22",
    '"><script>alert(1)</script>',
    "’ & « \u202f »",
    "{{ form }}",
    "\\1",
]


def asked() -> HttpRequest:
    request = RequestFactory().get("/connexion/")
    get_token(request)
    return request


def without_token(html: str) -> str:
    return re.sub(r'(name="csrfmiddlewaretoken" value=)"\w{64}"', r"\1", html)


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize(("template", "name", "same"), PAGES)
def test_a_filled_page_is_the_page_its_template_draws(
    template: str, name: str, same: moulds.Context, word: str
) -> None:
    request = asked()
    drawn = render(request, template, {**same(), name: word}).content.decode()
    for _ in range(2):  # drawn, then filled
        filled = moulds.filled(request, template, {name: word}, same).content.decode()
        assert without_token(filled) == without_token(drawn)
    assert filled.count("csrfmiddlewaretoken") == drawn.count("csrfmiddlewaretoken")


def test_each_language_has_its_own_drawing() -> None:
    with translation.override("ar"):
        assert 'dir="rtl"' in moulds.filled(asked(), "signin/onwards.html", {"going_to": "/"}).content.decode()
    assert 'dir="ltr"' in moulds.filled(asked(), "signin/onwards.html", {"going_to": "/"}).content.decode()


def test_nobody_receives_the_token_of_another() -> None:
    pages = [Client().get("/connexion/eleve/") for _ in range(2)]
    tokens = [page.cookies["csrf"].value for page in pages]
    assert tokens[0] != tokens[1]
    for page in pages:
        shown = re.findall(r'name="csrfmiddlewaretoken" value="(\w{64})"', page.content.decode())
        assert shown
        for token in shown:
            answer = Client(enforce_csrf_checks=True)
            answer.cookies["csrf"] = page.cookies["csrf"].value
            sent = {"csrfmiddlewaretoken": token, "username": "a@b", "password": "x"}
            assert answer.post("/connexion/eleve/", sent).status_code == 422


def test_whoever_writes_templates_sees_them_change() -> None:
    before = moulds._pieces.cache_info().misses + moulds._pieces.cache_info().hits
    with override_settings(DEBUG=True):
        moulds.filled(asked(), "signin/onwards.html", {"going_to": "/"})
    assert moulds._pieces.cache_info().misses + moulds._pieces.cache_info().hits == before
