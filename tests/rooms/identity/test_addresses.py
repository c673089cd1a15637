"""An address is found as Django finds it, the second time too; one that holds a value is looked up each time."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.urls import URLResolver, include, path
from django.urls.resolvers import Resolver404, RoutePattern

from preau.identity.addresses import Addresses


def page(request: HttpRequest, **_: str) -> HttpResponse:
    return HttpResponse("page")


ROOMS = [
    path("", page, name="door"),
    path("desk/", include(([path("lists/", page, {"kind": "all"}, name="lists"), path("<int:pk>/", page)], "desk"))),
    path("desk/lists/", page, name="never"),
]


@pytest.mark.parametrize("address", ["", "desk/lists/", "desk/7/"])
def test_an_address_is_found_as_django_finds_it(address: str) -> None:
    ours, theirs = Addresses(ROOMS), URLResolver(RoutePattern(""), ROOMS).resolve(address)
    for found in (ours.resolve(address), ours.resolve(address)):
        assert (found.view_name, found.kwargs, found.route) == (theirs.view_name, theirs.kwargs, theirs.route)


def test_two_values_are_two_pages() -> None:
    addresses = Addresses(ROOMS)
    assert [addresses.resolve(f"desk/{pk}/").kwargs for pk in (7, 8, 7)] == [{"pk": 7}, {"pk": 8}, {"pk": 7}]


def test_what_leads_nowhere_is_told_each_time() -> None:
    addresses = Addresses(ROOMS)
    for _ in range(2):
        with pytest.raises(Resolver404):
            addresses.resolve("desk/nowhere/")
