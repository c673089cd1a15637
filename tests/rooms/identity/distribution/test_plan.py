"""Who gets what, by which way, and why not."""

from datetime import timedelta

import pytest

from preau.identity.accounts import lifecycle
from preau.identity.accounts.models import Account
from preau.identity.accounts.origins import Origin
from preau.identity.directory.models import Guardian
from preau.identity.distribution import recipients
from preau.identity.distribution.models import Way
from preau.identity.distribution.plan import Reason, plan
from preau.identity.distribution.wishes import FOR_GUARDIANS, Wish
from tests.rooms.identity.console.world import World


def what(world: World, name: str, wish: Wish) -> Way | Reason | None:
    """What one person receives, or why nothing."""
    chosen = Account.objects.filter(pk=world.accounts[name].pk)
    (person,) = recipients.read(chosen, uai="0991234D", day=world.day)
    (line,) = plan([person], wish).lines
    return line.way or line.reason


def test_the_first_choice_offered_is_an_invitation_without_any_secret() -> None:
    assert FOR_GUARDIANS[0] is Wish.INVITE


@pytest.mark.parametrize(
    ("wish", "name", "expected"),
    [
        (Wish.INVITE, "Samira", Way.INVITATION),
        (Wish.INVITE, "Odette", Way.INVITATION_LETTER),
        (Wish.INVITE, "Karim", Way.INVITATION),
        (Wish.CREDENTIALS, "Samira", Way.EMAIL),
        (Wish.CREDENTIALS, "Odette", Way.LETTER),
        (Wish.CREDENTIALS, "Karim", Way.LETTER),
        (Wish.CREDENTIALS, "Drissa", Way.LETTER),
        (Wish.LETTERS, "Samira", Way.LETTER),
        (Wish.SHEETS, "Inès", Way.SHEET),
        (Wish.INVITE, "Inès", Reason.NOT_THAT_WAY),
        (Wish.CREDENTIALS, "Inès", Reason.NOT_THAT_WAY),
    ],
)
def test_each_wish_serves_each_person_their_way(world: World, wish: Wish, name: str, expected: object) -> None:
    assert what(world, name, wish) == expected


def test_an_address_that_another_account_proved_receives_no_secret(world: World, at: object) -> None:
    Account.objects.filter(pk=world.accounts["Odette"].pk).update(email="Samira@Example.org", email_confirmed_at=at)
    assert what(world, "Samira", Wish.CREDENTIALS) == Way.LETTER


def test_an_address_shared_with_somebody_who_has_no_account_receives_no_secret(world: World) -> None:
    Guardian.objects.create(
        school=world.schools["ours"], source_key="x", birth_name="X", first_name="Y", email="SAMIRA@example.org"
    )
    assert what(world, "Samira", Wish.CREDENTIALS) == Way.LETTER


def test_who_was_added_beside_an_active_guardian_receives_no_secret_by_mail_for_two_days(world: World) -> None:
    at = world.at
    for alone_from_at, expected in [(at + timedelta(hours=48), Way.LETTER), (at - timedelta(days=1), Way.EMAIL)]:
        Guardian.objects.filter(first_name="Samira").update(alone_from_at=alone_from_at)
        assert what(world, "Samira", Wish.CREDENTIALS) == expected
        assert what(world, "Samira", Wish.INVITE) == Way.INVITATION


def test_the_address_of_the_child_is_not_the_guardians_own(world: World) -> None:
    enrolment = world.enrolments["Hugo"]
    enrolment.email = "samira@example.org"
    enrolment.save()
    assert what(world, "Samira", Wish.CREDENTIALS) == Way.LETTER


def test_a_body_is_never_notified_by_the_ordinary_action(world: World) -> None:
    Guardian.objects.filter(pk=world.guardians["Samira"].pk).update(is_body=True)
    assert {what(world, "Samira", wish) for wish in FOR_GUARDIANS} == {Reason.BODY}


def test_an_active_account_receives_nothing(world: World) -> None:
    lifecycle.activate(world.accounts["Samira"], origin=Origin.SELF, by="account:1", at=world.at)
    assert what(world, "Samira", Wish.LETTERS) == Reason.ACTIVE


def test_a_blocked_account_receives_nothing(world: World) -> None:
    lifecycle.block([world.accounts["Samira"]], reason="x", by="staff:1", at=world.at)
    assert what(world, "Samira", Wish.LETTERS) == Reason.SHUT


def test_who_has_no_child_left_in_the_school_receives_nothing(world: World) -> None:
    for name in ("Inès", "Hugo"):
        world.enrolments[name].left_on = world.day - timedelta(days=1)
        world.enrolments[name].save()
    assert what(world, "Samira", Wish.INVITE) == Reason.NO_RIGHTS
    assert what(world, "Inès", Wish.SHEETS) == Reason.NO_RIGHTS


def test_a_disputed_link_opens_nothing(world: World) -> None:
    link = world.links["Odette", "Adama"]
    link.disputed_at = world.at
    link.save()
    assert what(world, "Odette", Wish.LETTERS) == Reason.NO_RIGHTS


def test_a_guardian_is_addressed_with_all_their_children_by_the_class_of_the_eldest(world: World) -> None:
    chosen = Account.objects.filter(pk=world.accounts["Samira"].pk)
    (samira,) = recipients.read(chosen, uai="0991234D", day=world.day)
    assert [child.name for child in samira.children] == ["Inès Belkacem", "Hugo Faure"]
    assert (samira.division, samira.name, samira.greeting) == ("5E B", "Samira BELKACEM", "Madame, Monsieur,")


def test_people_are_read_in_as_many_queries_whatever_their_number(
    world: World, django_assert_max_num_queries: object
) -> None:
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        assert len(recipients.read(Account.objects.all(), uai="0991234D", day=world.day)) == 7
