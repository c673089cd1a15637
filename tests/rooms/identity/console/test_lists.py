"""The two lists: who is found, by what, in how many queries; and never somebody of another school."""

from datetime import timedelta

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from preau.design.templatetags import design
from preau.identity.accounts import lifecycle
from preau.identity.accounts.models import Account, Channel
from preau.identity.accounts.origins import Origin
from preau.identity.accounts.standing import Standing
from preau.identity.audit.models import Event
from preau.identity.console.filters import Email, ListFilters
from preau.identity.console.lists import AccountList, GuardianList, PupilList
from preau.identity.directory.models import Guardian
from tests.rooms.identity.console.world import World

BY = {"by": "staff:1"}


def names(world: World, list_class: type[AccountList], query: str = "", who: str = "head") -> list[str]:
    """The first names of the lines this query finds, in order."""
    found = list_class(QueryDict(query), grant=world.grants[who], day=world.day, at=world.at)
    by_pk = {account.pk: name for name, account in world.accounts.items()}
    return [by_pk[pk] for pk in found.account_ids()]


def test_a_list_shows_its_school_by_name_and_no_other(world: World) -> None:
    assert names(world, GuardianList) == ["Karim", "Samira", "Odette", "Drissa"]
    assert names(world, PupilList) == ["Inès", "Adama", "Hugo"]
    assert names(world, GuardianList, who="other_head") == ["Lucie"] and names(world, PupilList, who="other_head") == [
        "Théo"
    ]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("belkacem", ["Karim", "Samira"]), ("SAMIRA", ["Samira"]), ("bel sam", ["Samira"]), ("sam bel", ["Samira"]),
        ("ines", ["Karim", "Samira"]), ("inès belkacem", ["Karim", "Samira"]), ("hugo", ["Samira"]),
        ("n'diaye", ["Drissa"]), ("n’diaye drissa", ["Drissa"]), ("legoff", []), ("le goff", ["Odette"]),
        ("goff adama", []), ("ailleurs", []), ("zzz", []), ("%", ["Karim", "Samira", "Odette", "Drissa"][:0]),
    ],
)  # fmt: skip
def test_a_guardian_is_found_by_their_names_or_by_a_childs(world: World, typed: str, found: list[str]) -> None:
    assert names(world, GuardianList, f"q={typed.replace('%', '%25')}") == found


@pytest.mark.parametrize(
    ("typed", "found"), [("ines", ["Inès"]), ("samira", ["Inès", "Hugo"]), ("faure hugo", ["Hugo"]), ("lucie", [])]
)
def test_a_pupil_is_found_by_their_names_or_by_a_guardians(world: World, typed: str, found: list[str]) -> None:
    assert names(world, PupilList, f"q={typed}") == found


def test_a_division_keeps_the_families_of_the_division(world: World) -> None:
    division = world.divisions["ours", "6E A"].pk
    assert names(world, GuardianList, f"division={division}") == ["Samira"]
    assert names(world, PupilList, f"division={division}") == ["Hugo"]
    foreign = world.divisions["theirs", "5E B"].pk
    assert len(names(world, GuardianList, f"division={foreign}")) == 4  # not one of ours: not a filter


def test_every_standing_is_found_by_its_filter_and_shown_on_its_line(world: World) -> None:
    at, letter = world.at, {"channel": Channel.LETTER, **BY}
    karim, samira, drissa = (world.accounts[name] for name in ("Karim", "Samira", "Drissa"))
    lifecycle.notify([karim], expires_at=at + timedelta(1), at=at, **letter)
    lifecycle.notify([samira], expires_at=at, at=at - timedelta(90), **letter)
    lifecycle.block([drissa], reason="essai", at=at, **BY)
    seen = {standing: names(world, GuardianList, f"etat={standing}") for standing in Standing}
    assert {standing: found for standing, found in seen.items() if found} == {
        Standing.NOTIFIED: ["Karim"], Standing.EXPIRED: ["Samira"], Standing.BLOCKED: ["Drissa"],
        Standing.UNNOTIFIED: ["Odette"],
    }  # fmt: skip
    lifecycle.give_email(karim, address="k@example.org", at=at, by=karim.key)
    lifecycle.activate(samira, origin=Origin.SCHOOL, at=at, by=samira.key)
    assert names(world, GuardianList, "etat=confirm") == ["Karim"]
    assert names(world, GuardianList, "etat=active&origine=school") == ["Samira"]
    assert names(world, GuardianList, "origine=unset") == ["Karim", "Odette", "Drissa"]
    page = world.browser("head").get("/gestion/responsables/").content.decode()
    assert all(words in page for words in ("Courriel à confirmer", "Activé", "Bloqué", "Non notifié", "Établissement"))


def test_a_closed_account_is_shown_only_when_asked_for(world: World) -> None:
    lifecycle.close([world.accounts["Odette"]], at=world.at, **BY)
    assert "Odette" not in names(world, GuardianList) and names(world, GuardianList, "etat=closed") == ["Odette"]


def test_what_is_known_of_an_address(world: World) -> None:
    """Karim's and Drissa's is one address, in two cases of letters; Odette has none."""
    assert names(world, GuardianList, f"courriel={Email.KNOWN}") == ["Samira"]
    assert names(world, GuardianList, f"courriel={Email.SHARED}") == ["Karim", "Drissa"]
    assert names(world, GuardianList, f"courriel={Email.NONE}") == ["Odette"]
    account = world.accounts["Karim"]
    lifecycle.give_email(account, address="k@example.org", at=world.at, by=account.key)
    assert names(world, GuardianList, f"courriel={Email.WAITING}") == ["Karim"]
    lifecycle.confirm_email(account, address="k@example.org", at=world.at, by=account.key)
    assert names(world, GuardianList, f"courriel={Email.CONFIRMED}") == ["Karim"]
    page = world.browser("head").get("/gestion/responsables/").content.decode()
    assert all(words in page for words in ("Confirmé", "Partagé", "Connu de l’école", "Absent")) and "@" not in page


def test_orders_go_both_ways_and_who_never_came_stands_last(world: World) -> None:
    Account.objects.filter(pk=world.accounts["Odette"].pk).update(last_signed_in_at=world.at)
    Account.objects.filter(pk=world.accounts["Karim"].pk).update(last_signed_in_at=world.at - timedelta(1))
    assert names(world, GuardianList, "tri=-connexion")[:2] == ["Odette", "Karim"]
    assert names(world, GuardianList, "tri=connexion")[:2] == ["Karim", "Odette"]
    assert names(world, GuardianList, "tri=-nom") == ["Drissa", "Odette", "Samira", "Karim"]
    assert names(world, PupilList, "tri=-division")[0] == "Hugo"


def test_who_left_is_no_longer_listed(world: World) -> None:
    enrolment = world.enrolments["Hugo"]
    enrolment.left_on = world.day
    enrolment.save()
    assert names(world, PupilList) == ["Inès", "Adama"]
    page = world.browser("head").get("/gestion/responsables/").content.decode()
    assert "Hugo" not in page


def test_nonsense_in_the_address_is_no_filter(world: World) -> None:
    query = "division=abc&etat=rich&origine=mars&courriel=1&tri=;drop&page=-3&q=" + "x" * 500
    assert world.browser("head").get(f"/gestion/responsables/?{query}").status_code == 200
    assert len(names(world, GuardianList, "division=abc&etat=rich&tri=drop")) == 4


def test_each_chip_takes_its_filter_away(world: World) -> None:
    found = GuardianList(QueryDict("q=bel&etat=active&page=3"), grant=world.grants["head"], day=world.day, at=world.at)
    assert [chip["label"] for chip in found.filters.chips()] == [
        "Nom d’un responsable ou d’un élève\u00a0: bel", "État\u00a0: Activé",
    ]  # fmt: skip
    assert [chip["url"] for chip in found.filters.chips()] == ["?etat=active", "?q=bel"]


def crowd(world: World, many: int) -> None:
    """As many guardians more, of one child."""
    people = [
        Guardian(
            school=world.schools["ours"], source_key=f"c{number}", birth_name=f"FOULE{number:03}", first_name="Zoé",
            search=f"FOULE{number:03} ZOE", email=f"z{number // 2}@example.org",
        )
        for number in range(many)
    ]  # fmt: skip
    people = Guardian.objects.bulk_create(people)
    lifecycle.open_for_guardians(people, by="x:1", at=world.at)


def test_pages_of_fifty_say_where_one_is(world: World) -> None:
    crowd(world, 60)
    first, second = (
        world.browser("head").get(f"/gestion/responsables/?page={page}").content.decode() for page in (1, 2)
    )
    assert "1 à 50 sur 64" in first and "51 à 64 sur 64" in second
    assert first.count('name="account"') == 50 and second.count('name="account"') == 14


QUERIES = [
    *("", "q=zo", "division={division}", "etat=unnotified", "origine=unset"),
    *(f"courriel={one}" for one in Email.LABELS),
    *(f"tri={one}" for one in ListFilters.orders),
    "q=a&etat=active&courriel=partage&division={division}",
]


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("kind", ["responsables", "eleves"])
def test_a_list_takes_twelve_queries_at_most_whatever_the_filter(world: World, kind: str, query: str) -> None:
    crowd(world, 60)
    asked = query.format(division=world.divisions["ours", "5E B"].pk)
    browser = world.browser("head")
    with CaptureQueriesContext(connection) as seen:
        assert browser.get(f"/gestion/{kind}/?{asked}").status_code == 200
    assert len(seen) <= 12, [query["sql"][:120] for query in seen]


def test_reading_a_page_leaves_a_trace_that_names_nobody(world: World) -> None:
    world.browser("head").get("/gestion/responsables/?q=bel")
    event = Event.objects.get(name="console.page_read")
    assert event.on == "school:0991234D" and event.facts == {"of": "guardians", "lines": 2}
    world.browser("head").get("/gestion/responsables/?q=zzz")
    assert Event.objects.filter(name="console.page_read").count() == 1


def test_across_an_academy_nothing_is_listed_before_a_name_is_typed(world: World) -> None:
    browser = world.browser("support")
    assert "Tapez un nom" in browser.get("/gestion/responsables/").content.decode()
    page = browser.get("/gestion/responsables/?q=ail").content.decode()
    assert "AILLEURS Lucie" in page and "0990002P" in page and 'name="account"' not in page


def test_every_result_can_be_chosen_and_the_scope_holds(world: World) -> None:
    browser, url = world.browser("head"), reverse("console:select")
    chosen = browser.post(url, {"all": "1", "kind": "guardian", "filters": "q=belkacem"})
    assert chosen.status_code == 200 and "Personne n’est coché" not in chosen.content.decode()
    everybody = [account.pk for account in world.accounts.values()]
    page = browser.post(url, {"account": everybody, "kind": "guardian"}).content.decode()
    assert "Lucie" not in page and "Théo" not in page
    nobody = browser.post(url, {"kind": "guardian", "filters": "q=belkacem"})
    assert nobody["Location"] == "/gestion/responsables/?q=belkacem&personne=1"
    assert "Personne n’est coché" in browser.get(nobody["Location"]).content.decode()


def test_names_cannot_be_markup(world: World) -> None:
    Guardian.objects.filter(pk=world.guardians["Odette"].pk).update(
        birth_name="<script>alert(1)</script>", first_name="\u202eettedO", search="SCRIPT"
    )
    page = world.browser("head").get("/gestion/responsables/").content.decode()
    assert "<script>alert" not in page and "&lt;SCRIPT&gt;" in page and "\u202e" not in page


def test_the_lines_are_drawn_as_the_components_draw_them(world: World) -> None:
    """`lines` is the fast way of `tick`, `rowhead` and `cell`: the same markup."""
    cells = [("État", ""), ("Nom", "<b>")]
    row = {"name": "A & B", "url": "/x/?a=1&b=2", "sub": "a.b", "cells": cells, "tick": ("account", 3, "A & B")}
    slow = (
        design.tick("account", 3, "A & B") + design.rowhead("A &amp; B", "/x/?a=1&b=2", "a.b") + design.cell("", "État")
        + design.cell("&lt;b&gt;", "Nom")
    )  # fmt: skip
    assert design.lines([row]) == f'<tr role="row">{slow}</tr>'
