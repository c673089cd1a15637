"""Our own second factor: what is kept of it, which codes are good, who may enrol."""

import re
from datetime import timedelta

import pyotp
import pytest

from preau.identity.audit.models import Event
from preau.identity.messaging.models import Outgoing
from preau.identity.staff import second_factor, sessions
from preau.identity.staff.models import StaffMember, StaffSession, Totp
from preau.identity.staff.second_factor import (
    AlreadyEnrolled,
    FactorError,
    NotEnrolled,
    Paused,
    PortalFactorNeeded,
    WrongCode,
)
from tests.rooms.identity.console.world import SEED, World
from tests.rooms.identity.staff.conftest import Moving

PAGE, ENROL = "/agents/second-facteur/", "/agents/second-facteur/enregistrer/"
WRONG = "abcdef"  # never what six digits say


@pytest.fixture
def visit(world: World) -> StaffSession:
    """The head's visit, in by the portal's one-time code, with a phone enrolled."""
    world.browser("head")
    return StaffSession.objects.get()


def code(moving: Moving, steps: int = 0, seed: str = SEED) -> str:
    """What the phone shows, `steps` half minutes away from now."""
    return pyotp.TOTP(seed).at(moving.at + timedelta(seconds=30 * steps))


def prove(visit: StaffSession, typed: str, moving: Moving) -> str:
    """Type a code: empty when it is good, else the name of the refusal."""
    try:
        second_factor.prove(visit, code=typed, at=moving.at)
    except FactorError as refused:
        return type(refused).__name__
    return ""


def written(page: bytes) -> str:
    """The letters and digits a page shows, without tags and spaces: a key is cut in groups."""
    return re.sub(r"<[^>]*>|[^A-Z0-9]", "", page.decode())


def new_phone(visit: StaffSession, moving: Moving) -> str:
    """Begin anew, without a phone; the seed to scan."""
    Totp.objects.all().delete()
    visit.refresh_from_db()
    return second_factor.begin_enrolment(visit, at=moving.at).base32


# What is kept ---------------------------------------------------------------------------------------------------------
def test_the_seed_is_nowhere_in_clear_in_the_database(visit: StaffSession, moving: Moving) -> None:
    seed = new_phone(visit, moving)
    sealed = bytes(Totp.objects.get().sealed_seed)
    assert seed.encode() not in sealed and pyotp.TOTP(seed).byte_secret() not in sealed
    second_factor.finish_enrolment(visit, code=code(moving, seed=seed), at=moving.at)
    assert seed not in str(list(Event.objects.values())) + str(list(Outgoing.objects.values()))


def test_two_people_with_the_same_seed_have_nothing_in_common_in_the_database(world: World) -> None:
    sealed = [bytes(totp.sealed_seed) for totp in Totp.objects.all()]
    assert len(set(sealed)) == len(sealed) > 1


# Codes ----------------------------------------------------------------------------------------------------------------
def test_a_good_code_proves_our_own_factor_and_the_journal_says_so(visit: StaffSession, moving: Moving) -> None:
    assert prove(visit, code(moving), moving) == ""
    visit.refresh_from_db()
    assert visit.own_factor_at == moving.at
    assert Event.objects.filter(name="staff.factor_proved", by=visit.member.key).count() == 1


def test_a_code_typed_with_spaces_is_good(visit: StaffSession, moving: Moving) -> None:
    typed = code(moving)
    assert prove(visit, f" {typed[:3]} {typed[3:]} ", moving) == ""


def test_a_code_is_good_once(visit: StaffSession, moving: Moving) -> None:
    typed = code(moving)
    assert prove(visit, typed, moving) == ""
    assert prove(visit, typed, moving) == "WrongCode"
    moving.at += timedelta(seconds=20)
    assert prove(visit, typed, moving) == "WrongCode"


def test_a_code_is_good_once_whatever_the_visit(world: World, visit: StaffSession, moving: Moving) -> None:
    typed = code(moving)
    prove(visit, typed, moving)
    world.browser("head")
    assert prove(StaffSession.objects.exclude(pk=visit.pk).get(), typed, moving) == "WrongCode"


@pytest.mark.parametrize(("steps", "answer"), [(-2, "WrongCode"), (-1, ""), (0, ""), (1, ""), (2, "WrongCode")])
def test_a_clock_one_step_off_is_forgiven_two_are_not(
    visit: StaffSession, moving: Moving, steps: int, answer: str
) -> None:
    assert prove(visit, code(moving, steps), moving) == answer


def test_a_code_older_than_the_last_one_used_is_refused(visit: StaffSession, moving: Moving) -> None:
    assert prove(visit, code(moving, 1), moving) == ""
    assert prove(visit, code(moving, 0), moving) == "WrongCode"


def test_somebody_elses_code_is_refused(visit: StaffSession, moving: Moving) -> None:
    assert prove(visit, code(moving, seed=pyotp.random_base32()), moving) == "WrongCode"
    visit.refresh_from_db()
    assert visit.own_factor_at is None


def test_five_wrong_codes_pause_even_the_right_one_for_a_quarter_of_an_hour(
    visit: StaffSession, moving: Moving
) -> None:
    answers = [prove(visit, WRONG, moving) for _ in range(5)]
    assert answers == ["WrongCode"] * 4 + ["Paused"]
    assert prove(visit, code(moving), moving) == "Paused"
    moving.at += timedelta(minutes=14, seconds=59)
    assert prove(visit, code(moving), moving) == "Paused"
    moving.at += timedelta(seconds=1)
    assert prove(visit, code(moving), moving) == ""
    assert Event.objects.filter(name="staff.factor_refused").count() == 5


def test_after_the_pause_there_are_five_tries_again(visit: StaffSession, moving: Moving) -> None:
    for _ in range(5):
        prove(visit, WRONG, moving)
    moving.at += timedelta(minutes=15)
    assert [prove(visit, WRONG, moving) for _ in range(5)] == ["WrongCode"] * 4 + ["Paused"]


def test_the_pause_holds_for_the_person_not_for_the_visit(world: World, visit: StaffSession, moving: Moving) -> None:
    for _ in range(5):
        prove(visit, WRONG, moving)
    world.browser("head")
    assert prove(StaffSession.objects.exclude(pk=visit.pk).get(), code(moving), moving) == "Paused"


def test_a_good_code_wipes_the_wrong_ones_before_it(visit: StaffSession, moving: Moving) -> None:
    for _ in range(4):
        prove(visit, WRONG, moving)
    prove(visit, code(moving), moving)
    moving.at += timedelta(minutes=1)
    assert prove(visit, WRONG, moving) == "WrongCode"
    assert prove(visit, code(moving), moving) == ""


def test_without_a_phone_no_code_is_good(visit: StaffSession, moving: Moving) -> None:
    Totp.objects.all().delete()
    assert prove(visit, code(moving), moving) == NotEnrolled.__name__


def test_a_seed_shown_but_never_confirmed_proves_nothing(visit: StaffSession, moving: Moving) -> None:
    seed = new_phone(visit, moving)
    assert prove(visit, code(moving, seed=seed), moving) == "NotEnrolled"


# Enrolling ------------------------------------------------------------------------------------------------------------
def test_one_enrols_behind_a_fresh_factor_of_the_portal_and_is_told(visit: StaffSession, moving: Moving) -> None:
    seed = new_phone(visit, moving)
    typed = code(moving, seed=seed)
    second_factor.finish_enrolment(visit, code=typed, at=moving.at)
    visit.refresh_from_db()
    assert second_factor.has_enrolled(StaffMember.objects.get(pk=visit.member.pk)) and visit.own_factor_at == moving.at
    assert Outgoing.objects.filter(message="staff/factor_enrolled", on=visit.member.key).count() == 1
    assert prove(visit, typed, moving) == "WrongCode"  # the first code has served


@pytest.mark.parametrize(("factor", "age"), [("", 0), ("otp", 60), ("otp", 300)], ids=str)
def test_a_password_alone_or_a_factor_an_hour_old_does_not_enrol(
    visit: StaffSession, moving: Moving, factor: str, age: int
) -> None:
    Totp.objects.all().delete()
    visit.portal_factor, visit.portal_factor_at = factor, moving.at - timedelta(minutes=age)
    with pytest.raises(PortalFactorNeeded):
        second_factor.begin_enrolment(visit, at=moving.at)
    assert not Totp.objects.exists()


def test_an_enrolment_begun_in_time_does_not_end_after_the_hour(visit: StaffSession, moving: Moving) -> None:
    seed = new_phone(visit, moving)
    moving.at += timedelta(hours=1)
    with pytest.raises(PortalFactorNeeded):
        second_factor.finish_enrolment(visit, code=code(moving, seed=seed), at=moving.at)
    assert Totp.objects.get().confirmed_at is None


def test_a_wrong_first_code_enrols_nothing(visit: StaffSession, moving: Moving) -> None:
    new_phone(visit, moving)
    with pytest.raises(WrongCode):
        second_factor.finish_enrolment(visit, code=WRONG, at=moving.at)
    assert Totp.objects.get().confirmed_at is None


def test_a_second_phone_does_not_replace_the_first(visit: StaffSession, moving: Moving) -> None:
    before = bytes(Totp.objects.get(member=visit.member).sealed_seed)
    with pytest.raises(AlreadyEnrolled):
        second_factor.begin_enrolment(visit, at=moving.at)
    assert bytes(Totp.objects.get(member=visit.member).sealed_seed) == before


def test_reading_the_page_twice_shows_the_same_square(visit: StaffSession, moving: Moving) -> None:
    seed = new_phone(visit, moving)
    moving.at += timedelta(minutes=5)
    assert second_factor.begin_enrolment(visit, at=moving.at).base32 == seed


def test_a_lost_phone_is_removed_and_its_holder_told(visit: StaffSession, moving: Moving) -> None:
    assert second_factor.remove(visit.member, by="system:operator", at=moving.at)
    assert not second_factor.remove(visit.member, by="system:operator", at=moving.at)
    assert prove(visit, code(moving), moving) == "NotEnrolled"
    assert Outgoing.objects.filter(message="staff/factor_removed").count() == 1


def test_a_known_seed_is_planted_in_development_only(world: World, moving: Moving, settings: object) -> None:
    settings.DEVELOPMENT = False  # type: ignore[attr-defined]
    with pytest.raises(AssertionError):
        second_factor.plant(StaffMember.objects.all()[0], base32=SEED, by="system:test", at=moving.at)


# The pages ------------------------------------------------------------------------------------------------------------
def test_the_page_shows_the_key_once_enrolled_it_never_does_again(world: World, moving: Moving) -> None:
    browser = world.browser("head")
    Totp.objects.all().delete()
    page = browser.get(PAGE)
    assert page["Location"].startswith(ENROL)
    shown = browser.get(ENROL)
    seed = second_factor._open(Totp.objects.get())
    assert seed in written(shown.content) and "no-store" in shown["Cache-Control"]
    done = browser.post(ENROL, {"code": code(moving, seed=seed), "suite": "/gestion/imports/"})
    assert (done.status_code, done["Location"]) == (302, "/gestion/imports/")
    again = browser.get(ENROL)
    assert again.status_code == 403 and seed not in written(again.content)


def test_the_page_refuses_to_enrol_without_the_portals_factor_and_says_what_to_do(world: World) -> None:
    browser = world.browser("head", portal_factor="")
    Totp.objects.all().delete()
    for address in (PAGE, ENROL):
        page = browser.get(address)
        assert page.status_code == 403
        assert PortalFactorNeeded.sentence in page.content.decode() and "?encore=1" in page.content.decode()


def test_a_wrong_code_is_said_in_the_page_and_a_pause_too(world: World) -> None:
    browser = world.browser("head")
    pages = [browser.post(PAGE, {"code": "000000"}).content.decode() for _ in range(5)]
    assert WrongCode.sentence in pages[0] and Paused.sentence in pages[4]


def test_a_good_code_leads_back_to_the_page_and_never_to_another_site(world: World, moving: Moving) -> None:
    browser = world.browser("head")
    answer = browser.post(PAGE, {"code": code(moving), "suite": "/gestion/equipe/"})
    assert (answer.status_code, answer["Location"]) == (302, "/gestion/equipe/")
    moving.at += timedelta(minutes=1)
    assert browser.post(PAGE, {"code": code(moving), "suite": "//evil.example/"})["Location"] == "/gestion/"


def test_nobody_types_a_code_without_a_visit(world: World, client: object) -> None:
    for address in (PAGE, ENROL):
        answer = client.post(address, {"code": "123456"})  # type: ignore[attr-defined]
        assert (answer.status_code, answer["Location"]) == (302, "/agents/entree/")
    assert sessions.COOKIE not in client.cookies  # type: ignore[attr-defined]
