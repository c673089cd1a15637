"""What a protected file hides and freezes, room by room; and that nothing else moves."""

from typing import Any

import pytest
from django.test import Client

from preau.identity.accounts import lifecycle
from preau.identity.accounts.models import Account, Kind
from preau.identity.accounts.origins import Origin
from preau.identity.directory import protection
from preau.identity.directory.models import Guardian
from preau.identity.distribution import plan, recipients, resets
from preau.identity.distribution.models import Way
from preau.identity.distribution.wishes import Wish
from preau.identity.federation.attributes import values
from preau.identity.federation.facts import Facts
from preau.identity.federation.models import RelyingParty
from preau.identity.imports import gathering, telling
from preau.identity.messaging.models import Outgoing
from preau.identity.my_account import copy, page
from preau.identity.signin.help import school_of
from tests.rooms.identity.console.world import World


@pytest.fixture
def protected(world: World) -> World:
    """Adama Coulibaly's file is protected; her guardians are Drissa and Odette."""
    for name in ("Odette", "Samira"):
        lifecycle.give_email(world.accounts[name], address=f"{name}@example.org", at=world.at, by="x:1")
        lifecycle.confirm_email(world.accounts[name], address=f"{name}@example.org", at=world.at, by="x:1")
        lifecycle.activate(world.accounts[name], origin=Origin.SCHOOL, at=world.at, by="x:1")
        world.accounts[name].refresh_from_db()
    pupil = world.accounts["Adama"].pupil
    assert pupil is not None
    protection.protect(pupil, by="staff:1", at=world.at, uai="0991234D")
    world.accounts["Adama"] = Account.objects.select_related("pupil").get(pk=world.accounts["Adama"].pk)
    return world


def test_no_sentence_names_the_school_to_a_guardian_but_the_pupil_reads_it(protected: World) -> None:
    assert school_of(protected.accounts["Odette"], day=protected.day) is None
    assert school_of(protected.accounts["Samira"], day=protected.day) == protected.schools["ours"]
    assert school_of(protected.accounts["Adama"], day=protected.day) == protected.schools["ours"]


def test_the_account_page_and_its_copy_say_the_child_s_name_only(protected: World) -> None:
    account, day = protected.accounts["Odette"], protected.day
    shown = page.prepare(account, day=day, at=protected.at)
    assert [one.pupil.first_name for one in shown.enrolments] == ["Adama"] and shown.school is None
    assert page.records(account, day=day) == []
    assert [sorted(copy._child(one)) for one in shown.enrolments] == [["Nom", "Prénom"]]


def _before_a_party(world: World, name: str) -> Facts:
    return Facts(world.accounts[name], RelyingParty(sector="s"), day=world.day, authenticated_at=world.at)


def test_relying_parties_learn_that_the_child_exists_never_where(protected: World) -> None:
    def children(name: str) -> Any:
        return values(_before_a_party(protected, name), {"children"})["children"]

    assert [(one["given_name"], one["school"], one["division"]) for one in children("Odette")] == [
        ("Adama", None, None)
    ]
    assert [one["school"]["uai"] for one in children("Samira")] == ["0991234D", "0991234D"]
    own = values(_before_a_party(protected, "Adama"), {"school"})
    assert own["school"]["uai"] == "0991234D"


def test_a_reset_tells_the_guardians_of_other_children_only(protected: World) -> None:
    for name in ("Adama", "Inès"):
        resets.reset([protected.accounts[name]], by="staff:9", at=protected.at, uai="0991234D")
    told = Outgoing.objects.filter(message="distribution/reset_child").values_list("on", flat=True)
    assert list(told) == [protected.accounts["Samira"].key]


@pytest.mark.parametrize(("wish", "way"), [(Wish.INVITE, Way.INVITATION_LETTER), (Wish.CREDENTIALS, Way.LETTER)])
def test_nothing_leaves_by_mail_to_a_guardian_of_a_protected_child(protected: World, wish: Wish, way: Way) -> None:
    accounts = Account.objects.filter(pk=protected.accounts["Drissa"].pk)
    people = recipients.read(accounts, uai="0991234D", day=protected.day)
    assert [line.way for line in plan.plan(people, wish).lines] == [way]


def test_an_import_tells_nobody_of_a_guardian_added_to_a_protected_child(protected: World) -> None:
    facts = {"guardian": 1, "uai": "0991234D", "why": "guardian_added"}

    def told(pupil: str) -> bool:
        number = protected.accounts[pupil].pupil_id
        on = protected.accounts["Samira"].key
        message = Outgoing(message="imports/guardian_added", on=on, facts={**facts, "pupil": number})
        return telling.guardian_added(message, protected.at) is not None

    assert told("Inès") and not told("Adama")


@pytest.mark.parametrize(("is_lifted", "gathered"), [(False, 0), (True, 1)])
def test_a_protected_child_s_guardian_is_gathered_with_nobody(protected: World, is_lifted: bool, gathered: int) -> None:
    world, pupil = protected, protected.accounts["Adama"].pupil
    assert pupil is not None
    facts = {"email": "odette@example.org", "mobile": "+33639980099"}
    Guardian.objects.filter(pk=world.guardians["Odette"].pk).update(**facts)
    newcomer = Guardian.objects.get(pk=world.guardians["Odette"].pk)
    newcomer.record.delete()
    world.guardian("Odile", "LE GOFF", "theirs", "Théo", **facts)
    Guardian.objects.filter(pk=world.guardians["Odile"].pk).update(first_name="Odette")
    if is_lifted:
        protection.unprotect(pupil, by="staff:1", at=world.at, uai="0991234D")
    newcomer = Guardian.objects.get(pk=newcomer.pk)
    assert gathering.gather_known([newcomer], by="x:1", at=world.at, uai="0991234D") == gathered


def test_the_desk_still_sees_and_says_that_it_is_protected(protected: World, client: Client) -> None:
    assert protected.accounts["Adama"].kind == Kind.PUPIL
    url = f"/gestion/eleves/{protected.accounts['Adama'].pk}/"
    assert "Dossier protégé" in protected.browser("head").get(url).content.decode()


def test_the_page_says_who_protected_the_file_and_who_lifted_it(protected: World) -> None:
    url, head = f"/gestion/eleves/{protected.accounts['Adama'].pk}/", protected.browser("head")
    pupil = protected.accounts["Adama"].pupil
    assert pupil is not None
    protection.unprotect(pupil, by="staff:1", at=protected.at, uai="0991234D")
    page = head.get(url).content.decode()
    assert "Dossier de l’élève protégé" in page and "Protection du dossier de l’élève levée" in page
    other = head.get(f"/gestion/eleves/{protected.accounts['Inès'].pk}/").content.decode()
    assert "Dossier de l’élève protégé" not in other
