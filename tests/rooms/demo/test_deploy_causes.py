"""Why a family is stuck: the first thing in its way, one datum wrong at a time."""

from dataclasses import replace
from datetime import date

from preau.demo.deploy.causes import Cause, cause
from preau.demo.deploy.families import Household
from tests.rooms.demo.test_deploy_strict import FAMILY, OLD, known_as


def test_each_thing_that_stands_in_the_way_has_its_name() -> None:
    found: dict[Cause, Household] = {
        Cause.NOT_LEGAL: known_as(is_legal=False, mobile=OLD),
        Cause.BIRTH: known_as(births=(date(2001, 1, 1),), mobile=OLD),
        Cause.SHARED: known_as(is_mobile_shared=True),
        Cause.NAME: known_as(birth_name="DURAND"),
        Cause.NO_FRANCECONNECT: replace(known_as(mobile=OLD), has_franceconnect=False),
        Cause.ADDRESS: known_as(mobile=OLD, email="old@example.org"),
        Cause.FRANCECONNECT_NAME: replace(known_as(mobile=OLD, birth_name="DURAND"), used_name="DURAND"),
        Cause.OTHER: FAMILY,
    }
    unregistered = replace(found[Cause.FRANCECONNECT_NAME], is_used_name_registered=False)
    assert {why: cause(family) for why, family in (found | {Cause.FRANCECONNECT_NAME: unregistered}).items()} == {
        why: why for why in Cause
    }
    assert cause(found[Cause.FRANCECONNECT_NAME]) is Cause.OTHER, "FranceConnect knows both names"
