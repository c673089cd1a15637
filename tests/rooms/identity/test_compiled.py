"""What is compiled once reads and writes what a plain queryset does, on both engines."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, models
from django.test.utils import CaptureQueriesContext

from preau.identity.audit.models import Event
from preau.identity.compiled import Change, Given, Insertion, Reading, together
from preau.identity.directory.models import Division, Enrolment, Pupil, School
from preau.identity.signin.models import Failure

pytestmark = pytest.mark.django_db


@pytest.fixture
def enrolment() -> Enrolment:
    """Adama in 5E B."""
    school = School.objects.create(uai="0991234D", name="Collège Élise-Deroche")
    pupil = Pupil.objects.create(birth_name="COULIBALY", first_name="Adama", birth_on=date(2014, 1, 5))
    division = Division.objects.create(school=school, code="5E B")
    return Enrolment.objects.create(pupil=pupil, school=school, source_key="1", division=division)


def test_a_reading_gives_what_its_queryset_gives_with_the_same_sql(enrolment: Enrolment) -> None:
    def plain(key: Any) -> models.QuerySet[Enrolment]:
        return Enrolment.objects.select_related("pupil", "division").filter(pk=key).order_by("pk")

    reading = Reading(lambda: plain(Given("key", models.BigIntegerField())))
    with CaptureQueriesContext(connection) as queries:
        found, (expected,) = reading.first(key=enrolment.pk), plain(enrolment.pk)
        assert found == expected and found is not None
        for model in (found, found.pupil, found.division):
            same = {type(expected): expected, Pupil: expected.pupil, Division: expected.division}[type(model)]
            assert model is not None and same is not None
            assert model.__dict__.keys() == same.__dict__.keys()
            assert all(getattr(model, field.attname) == getattr(same, field.attname) for field in model._meta.fields)
    compiled, theirs = (query["sql"] for query in queries.captured_queries)
    assert compiled == theirs


def test_each_use_has_its_own_values(at: datetime) -> None:
    Failure.objects.create(key="old", until_at=at)
    Failure.objects.create(key="new", until_at=at + timedelta(hours=1))
    open_at = Reading(
        lambda: Failure.objects.filter(until_at__gt=Given("at", models.DateTimeField()), key=Given("key"))
    )
    assert [bool(open_at.first(key=key, at=at)) for key in ("old", "new", "nobody", "new")] == [
        False,
        True,
        False,
        True,
    ]
    assert open_at.first(key="new", at=at + timedelta(hours=1)) is None
    assert open_at.first(key="' OR 1=1 --", at=at) is None
    with pytest.raises(KeyError):
        open_at.first(key="new")


def test_a_change_says_how_many_rows_it_changed(at: datetime) -> None:
    Failure.objects.create(key="one", count=3, until_at=at)
    Failure.objects.create(key="other", count=0, until_at=at)
    change = Change(
        lambda: Failure.objects.filter(key=Given("key"), count__gt=0),
        count=models.F("count") - 1,
        until_at=Given("until", models.DateTimeField()),
    )
    assert [change.run(key=key, until=at + timedelta(days=1)) for key in ("one", "other", "nobody")] == [1, 0, 0]
    assert Failure.objects.filter(until_at=at + timedelta(days=1)).values_list("key", "count").get() == ("one", 2)


def test_an_insertion_writes_what_create_writes(at: datetime) -> None:
    facts = {"name": "test", "at": at, "by": "test:1", "on": "account:1", "uai": "", "facts": {"é": [1, None, "« »"]}}
    made = Insertion(Event).of(Event(**facts))
    plain = Event.objects.create(**facts)
    assert made.pk and made.pk < plain.pk and not made._state.adding
    assert list(Event.objects.values(*facts)) == [facts, facts]
    made.uai = "0991234D"
    made.save(update_fields=["uai"])
    assert Event.objects.get(pk=made.pk).uai == "0991234D"


def test_writes_that_go_together_are_all_written_or_none(at: datetime) -> None:
    failures, events = Insertion(Failure), Insertion(Event)
    paused = Change(lambda: Failure.objects.filter(key=Given("key")), count=Given("count", models.IntegerField()))
    Failure.objects.create(key="one", count=1, until_at=at)
    told = Event(name="test", at=at, by="test:1", on="account:1", facts={"n": [1]})
    other = Event(name="test", at=at, by="test:1", on="account:2")
    together(events.write(told), paused.write(key="one", count=7), events.write(other))
    assert told.pk and other.pk and told.pk != other.pk and not told._state.adding
    assert list(Event.objects.order_by("pk").values_list("on", "facts")) == [
        ("account:1", {"n": [1]}),
        ("account:2", {}),
    ]
    assert Failure.objects.get(key="one").count == 7
    with pytest.raises(IntegrityError):
        together(
            failures.write(Failure(key="new", count=1, until_at=at)),
            failures.write(Failure(key="one", count=1, until_at=at)),
        )
    assert Failure.objects.count() == 1, "and whoever catches the error goes on"


def test_what_is_written_only_if_something_changes_is_written_once(at: datetime) -> None:
    Failure.objects.create(key="ticket", count=1, until_at=at)
    use = Change(lambda: Failure.objects.filter(key=Given("key"), count=1), count=0)
    events = Insertion(Event)
    first, second = (Event(name="test", at=at, by="test:1", on="account:1", facts={"é": None}) for _ in range(2))
    assert [events.if_changed(use, one, key="ticket") for one in (first, second)] == [True, False]
    assert first.pk and not second.pk
    assert list(Event.objects.values_list("pk", "facts", "seal")) == [(first.pk, {"é": None}, None)]


def test_what_a_queryset_annotates_is_read_too(enrolment: Enrolment) -> None:
    reading = Reading(lambda: Enrolment.objects.select_related("pupil").annotate(town=models.F("school__name")))
    found = reading.first()
    assert found is not None and (found.pupil.first_name, vars(found)["town"]) == ("Adama", "Collège Élise-Deroche")
