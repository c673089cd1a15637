"""A plan into the database: what is written, by whom, and that it is written whole or not at all."""

from datetime import date, timedelta

import pytest

from preau.identity.accounts import lifecycle
from preau.identity.accounts.models import Account, GuardianRecord
from preau.identity.accounts.origins import Origin
from preau.identity.accounts.states import State
from preau.identity.audit.events import Events
from preau.identity.audit.models import Event
from preau.identity.directory.models import Division, Enrolment, Guardian, Guardianship, Pupil, School
from preau.identity.imports import runs, schools, settling
from preau.identity.imports.causes import Refused
from preau.identity.imports.models import ImportRun, Stage
from preau.identity.messaging import outbox
from preau.identity.messaging.models import Outgoing
from preau.identity.staff.models import StaffRecord, Tutorship
from tests.rooms.identity.imports.build import OTHER_UAI, UAI, SchoolFiles, link, person, pupil

pytestmark = pytest.mark.django_db
BY = "staff:1"
SCHOOL = SchoolFiles()
LATER = "01/12/2026 09:00:00"


@pytest.fixture(autouse=True)
def demo_numbers(settings):
    settings.DEMO_NUMBERS = True


@pytest.fixture
def school(at):
    return schools.add(UAI, by=BY, at=at)


def bring(files: SchoolFiles, at, *, confirms_shrinking=False, **more) -> ImportRun | None:
    return runs.apply_now(files.all(), by=BY, at=at, confirms_shrinking=confirms_shrinking, **more)[1]


def account_of(key: str, uai: str = UAI) -> Account:
    return Account.objects.get(records__guardian__source_key=key, records__guardian__school=uai)


def pupil_account(key: str) -> Account:
    return Account.objects.get(pupil__enrolments__source_key=key, pupil__enrolments__school=UAI)


def activated(key: str, at) -> Account:
    account = account_of(key)
    lifecycle.give_email(account, address=f"{key}@example.org", by=account.key, at=at)
    lifecycle.confirm_email(account, address=f"{key}@example.org", by=account.key, at=at)
    return lifecycle.activate(account, origin=Origin.SCHOOL, by=account.key, at=at)


def everything() -> dict[str, list]:
    models = (
        School,
        Division,
        Pupil,
        Enrolment,
        Guardian,
        Guardianship,
        StaffRecord,
        Tutorship,
        Account,
        GuardianRecord,
        Event,
        Outgoing,
        ImportRun,
    )
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in models}


# A first import -------------------------------------------------------------------------------------------------------
def test_a_first_import_brings_people_links_staff_and_accounts(school, at):
    run = bring(SCHOOL, at)
    assert (Pupil.objects.count(), Guardian.objects.count(), Guardianship.objects.legal().count()) == (3, 3, 4)
    assert (Account.objects.pupils().count(), Account.objects.guardians().count()) == (3, 3)
    assert set(Account.objects.values_list("state", "origin")) == {(State.UNNOTIFIED, Origin.UNSET)}
    assert Tutorship.objects.get().record.surname == "KERVELLA"
    assert (run.stage, run.counts["pupils_opened"], run.counts["guardians_opened"]) == (Stage.APPLIED, 3, 3)


def test_rows_hold_what_the_base_says(school, at):
    bring(SCHOOL.with_pupil(0, NOM_USAGE="Le Goff"), at)
    enrolment = Enrolment.objects.select_related("pupil", "division").get(source_key="500101")
    assert (str(enrolment.pupil), enrolment.pupil.search) == ("Le Goff Inès", "LE GOFF INES BELKACEM")
    assert (enrolment.division.code, enrolment.division.label, enrolment.division.grade) == (
        "5E B",
        "CINQUIEME B",
        "2112",
    )
    guardian = Guardian.objects.get(source_key="700201")
    assert (guardian.mobile, guardian.email) == ("+33639980021", "samira.belkacem@example.org")
    assert guardian.address.splitlines() == ["12 ALLÉE DES CŒURS-VAILLANTS", "99300 LE PRÉ-SOUS-BOIS"]


def test_the_school_learns_its_name_year_and_academy(school, at):
    bring(SCHOOL, at)
    school.refresh_from_db()
    assert (school.name, school.school_year, school.academy.name) == ("COLLEGE ÉLISE-DEROCHE", 2026, "FICTIVE")
    assert school.last_export_at is not None


def test_one_event_tells_each_person_touched_and_no_value_of_the_base(school, at):
    bring(SCHOOL, at)
    arrived = Event.objects.filter(name=Events.PUPIL_ARRIVED)
    assert {event.on for event in arrived} == {f"pupil:{pk}" for pk in Pupil.objects.values_list("pk", flat=True)}
    assert Event.objects.filter(name=Events.GUARDIAN_ARRIVED).count() == 3
    assert Event.objects.filter(name=Events.ACCOUNT_OPENED).count() == 6
    assert Event.objects.get(name=Events.IMPORT_APPLIED).on == f"school:{UAI}"
    written = repr(list(Event.objects.values()))
    assert not any(word in written for word in ("BELKACEM", "Inès", "example.org", "990000101DJ", "0639980021"))


def test_who_is_no_legal_guardian_has_no_account(school, at):
    bring(SCHOOL.with_link(3, NIVEAU_RESPONSABILITE="3"), at)
    assert not GuardianRecord.objects.filter(guardian__source_key="700203").exists()


def test_a_body_has_no_account(school, at):
    bring(SCHOOL.with_link(3, CODE_PARENTE="51"), at)
    assert not GuardianRecord.objects.filter(guardian__source_key="700203").exists()


def test_an_adult_pupil_who_answers_for_themselves_has_one_single_sign_in(school, at):
    own = person("700204", "COULIBALY", "Adama", "+33639980024")
    bring(
        SCHOOL.with_pupil(2, DATE_NAISS="01/11/2008").but(
            persons=[*SCHOOL.persons, own], links=[*SCHOOL.links, link("500103", "700204", kinship="70")]
        ),
        at,
    )
    assert Guardianship.objects.legal().filter(guardian__source_key="700204").exists()
    assert not GuardianRecord.objects.filter(guardian__source_key="700204").exists()
    assert pupil_account("500103").state == State.UNNOTIFIED


def test_a_leaver_is_kept_without_account(school, at):
    bring(SCHOOL.with_pupil(2, DATE_SORTIE="05/07/2026"), at)
    assert Pupil.objects.count() == 3
    assert not Account.objects.filter(pupil__enrolments__source_key="500103").exists()
    assert not GuardianRecord.objects.filter(guardian__source_key__in=["700202", "700203"]).exists()


# Again ----------------------------------------------------------------------------------------------------------------
def test_the_same_files_twice_write_nothing_at_all(school, at):
    bring(SCHOOL, at)
    before = everything()
    assert bring(SCHOOL, at + timedelta(days=1)) is None
    assert everything() == before


def test_only_what_differs_is_written(school, at):
    bring(SCHOOL, at)
    first = Event.objects.count()
    bring(SCHOOL.with_pupil(0, PRENOM="Inès-Marie"), at)
    assert Pupil.objects.get(enrolments__source_key="500101").first_name == "Inès-Marie"
    new = Event.objects.order_by("pk")[first:]
    assert [(event.name, event.facts.get("columns")) for event in new] == [
        (Events.PUPIL_CHANGED, ["first_name"]), (Events.IMPORT_APPLIED, None),
    ]  # fmt: skip


def test_files_may_come_one_by_one_in_any_order(school, at):
    for name, content in [*SCHOOL.all()[2:], *SCHOOL.all()[:2]]:
        runs.apply_now([(name, content)], by=BY, at=at)
    assert (Account.objects.count(), Tutorship.objects.count(), Guardianship.objects.count()) == (6, 1, 4)


def test_a_division_gained_a_tutor_only_once_it_is_known(school, at):
    runs.apply_now([("sts.xml", SCHOOL.sts())], by=BY, at=at)
    assert Tutorship.objects.get().division.code == "5E B"


@pytest.mark.parametrize(
    "files",
    [
        [],
        [("Eleves.xml", SCHOOL.eleves()[:-40]), ("Responsables.xml", SCHOOL.responsables())],
        [("Eleves.xml", SCHOOL.eleves()), ("Responsables.xml", SCHOOL.responsables()[:-40])],
        SCHOOL.but(uai=OTHER_UAI).all(),
        SCHOOL.but(year=2025).all(),
        SCHOOL.but(exported="23/11/2026 08:00:00").all(),
        SCHOOL.with_pupil(1, ID_NATIONAL="990000101DJ").all(),
        SCHOOL.but(pupils=[]).all(),
        [("sts.xml", SCHOOL.sts("EDT_STS"))],
    ],
)
def test_a_refused_import_writes_nothing(school, at, files):
    bring(SCHOOL, at)
    before = everything()
    with pytest.raises(Refused):
        runs.apply_now(files, by=BY, at=at)
    assert everything() == before


# Leaving --------------------------------------------------------------------------------------------------------------
def test_losing_the_last_legal_link_ends_access_at_once(school, at):
    bring(SCHOOL, at)
    account = activated("700203", at)
    bring(SCHOOL.but(links=SCHOOL.links[:3], exported=LATER), at)
    account.refresh_from_db()
    assert (account.state, account.credentials_changed_at) == (State.DISABLED, at)
    assert not account.guardianships(date(2026, 12, 1)).exists()
    assert Event.objects.filter(name=Events.GUARDIANSHIP_ENDED).count() == 1


def test_losing_one_child_keeps_the_account_for_the_other(school, at):
    bring(SCHOOL, at)
    activated("700201", at)
    bring(SCHOOL.with_link(1, NIVEAU_RESPONSABILITE="3"), at)
    account = account_of("700201")
    assert account.state == State.ACTIVE
    assert [one.enrolment.source_key for one in account.guardianships(date(2026, 11, 24))] == ["500101"]


def test_a_pupil_who_left_is_disabled_and_comes_back_as_they_were(school, at):
    bring(SCHOOL, at)
    bring(SCHOOL.with_pupil(2, DATE_SORTIE="20/11/2026"), at)
    assert pupil_account("500103").state == account_of("700202").state == State.DISABLED
    bring(SCHOOL, at)
    assert pupil_account("500103").state == account_of("700202").state == State.UNNOTIFIED
    names = [Events.PUPIL_LEFT, Events.PUPIL_RETURNED]
    assert list(Event.objects.filter(name__in=names).order_by("pk").values_list("name", flat=True)) == names


def test_a_future_exit_is_settled_on_its_day(school, at):
    bring(SCHOOL.with_pupil(2, DATE_SORTIE="20/12/2026"), at)
    assert pupil_account("500103").state == State.UNNOTIFIED
    assert settling.settle(UAI, day=date(2026, 12, 20), by="system:clock", at=at) == {"disabled": 3, "enabled": 0}
    assert pupil_account("500103").state == State.DISABLED


def test_the_worker_settles_the_exits_of_the_day_once(school, at):
    bring(SCHOOL.with_pupil(2, DATE_SORTIE="20/12/2026"), at)
    assert settling.settle_due(at=at) == 0
    day = at + timedelta(days=26)
    assert settling.settle_due(at=day) == 3
    assert settling.settle_due(at=day) == 0


def test_a_death_closes_in_silence(school, at):
    bring(SCHOOL, at)
    bring(SCHOOL.with_pupil(2, DATE_SORTIE="20/11/2026", CODE_MOTIF_SORTIE="43"), at)
    assert pupil_account("500103").state == State.CLOSED
    assert Pupil.objects.get(enrolments__source_key="500103").deceased
    assert not Outgoing.objects.exists()


def test_a_tutor_who_left_the_file_answers_for_nobody(school, at):
    bring(SCHOOL, at)
    bring(SCHOOL.but(people=SCHOOL.people[1:]), at)
    assert not Tutorship.objects.exists()
    assert StaffRecord.objects.get(source_key="9301").gone_on == date(2026, 11, 24)


def test_a_blocked_account_stays_blocked(school, at):
    bring(SCHOOL, at)
    lifecycle.block([account_of("700202")], reason="test", by=BY, at=at)
    bring(SCHOOL.with_pupil(2, DATE_SORTIE="20/11/2026"), at)
    bring(SCHOOL, at)
    assert account_of("700202").state == State.BLOCKED


# Two schools ----------------------------------------------------------------------------------------------------------
OTHER = SCHOOL.but(
    uai=OTHER_UAI,
    pupils=[pupil("1", "BELKACEM", "Nour", "04/05/2013", "990000105DE")],
    placements=[("1", [("5E B", "D")])],
    persons=[person("9", "Belkacem", "Samira", "06 39 98 00 21", "Samira.Belkacem@example.org")],
    links=[link("1", "9")],
    people=[],
)


def test_a_guardian_known_by_two_schools_has_one_account(school, at):
    bring(SCHOOL, at)
    schools.add(OTHER_UAI, by=BY, at=at)
    run = bring(OTHER, at)
    assert run.counts["guardians_gathered"] == 1
    account = account_of("9", OTHER_UAI)
    assert account == account_of("700201")
    names = [one.enrolment.pupil.first_name for one in account.guardianships(date(2026, 11, 24))]
    assert sorted(names) == ["Hugo", "Inès", "Nour"]


def test_a_guardian_whose_mobile_somebody_else_holds_has_two(school, at):
    bring(SCHOOL.with_person(2, TEL_PORTABLE="+33639980021"), at)
    schools.add(OTHER_UAI, by=BY, at=at)
    assert bring(OTHER, at).counts["guardians_gathered"] == 0
    assert account_of("9", OTHER_UAI) != account_of("700201")


def test_a_gathered_account_that_had_lost_its_children_comes_back(school, at):
    bring(SCHOOL, at)
    bring(SCHOOL.but(links=SCHOOL.links[2:]), at)
    assert account_of("700201").state == State.DISABLED
    schools.add(OTHER_UAI, by=BY, at=at)
    bring(OTHER, at)
    assert account_of("700201").state == State.UNNOTIFIED


TRANSFER = OTHER.but(
    pupils=[pupil("1", "BELKACEM", "Inès", "03/02/2014", "990000101DJ")], persons=[person("9", "AUTRE", "Paul")]
)


def test_a_pupil_who_changes_school_keeps_the_account(school, at):
    bring(SCHOOL, at)
    schools.add(OTHER_UAI, by=BY, at=at)
    bring(TRANSFER, at)
    assert Pupil.objects.count() == 3
    assert Enrolment.objects.filter(pupil__ine="990000101DJ").count() == 2
    assert Account.objects.pupils().count() == 3
    assert Event.objects.get(name=Events.PUPIL_SEEN_ELSEWHERE).uai == UAI


def test_until_released_the_new_school_does_not_rename_the_pupil_of_the_old(school, at):
    bring(SCHOOL, at)
    schools.add(OTHER_UAI, by=BY, at=at)
    bring(TRANSFER, at)
    bring(TRANSFER.with_pupil(0, PRENOM="Agnès"), at)
    assert Pupil.objects.get(ine="990000101DJ").first_name == "Inès"
    bring(SCHOOL.with_pupil(0, DATE_SORTIE="20/11/2026"), at)
    bring(TRANSFER.with_pupil(0, PRENOM="Agnès"), at)
    assert Pupil.objects.get(ine="990000101DJ").first_name == "Agnès"
    assert Account.objects.get(pupil__ine="990000101DJ").state == State.UNNOTIFIED


def test_a_pupil_under_a_new_number_of_the_same_school_is_the_same_pupil(school, at):
    bring(SCHOOL, at)
    renumbered = SCHOOL.with_pupil(0, **{"@": "600101"})
    bring(
        renumbered.but(placements=[("600101", [("5E B", "D")]), *SCHOOL.placements[1:]],
                       links=[link("600101", "700201"), *SCHOOL.links[1:]]),
        at,
    )  # fmt: skip
    assert (Pupil.objects.count(), Account.objects.pupils().count()) == (3, 3)
    keys = Enrolment.objects.active_on(date(2026, 11, 25)).filter(pupil__ine="990000101DJ")
    assert list(keys.values_list("source_key", flat=True)) == ["600101"]


# Nobody is smuggled in (design §6.5) ----------------------------------------------------------------------------------
NEWCOMER = SCHOOL.but(
    persons=[*SCHOOL.persons, person("700209", "INTRUS", "Paul", "+33639980029")],
    links=[*SCHOOL.links, link("500101", "700209", kinship="90")],
)


def sent(at, mailoutbox) -> list:
    outbox.send_due(at=at)
    return mailoutbox


def test_a_new_guardian_waits_two_days_and_the_active_one_is_told(school, at, mailoutbox):
    bring(SCHOOL, at)
    activated("700201", at)
    bring(NEWCOMER, at)
    assert Guardian.objects.get(source_key="700209").alone_from_at == at + timedelta(hours=48)
    assert Guardian.objects.get(source_key="700201").alone_from_at is None
    (message,) = sent(at, mailoutbox)
    assert message.to == ["700201@example.org"]
    assert "Inès" in message.subject
    assert "48\u00a0heures" in message.body
    assert "INTRUS" not in message.body and "Paul" not in message.body
    assert Event.objects.filter(name=Events.GUARDIANSHIP_ADDED).count() == 1


def test_a_first_import_makes_nobody_wait_and_tells_nobody(school, at):
    bring(SCHOOL, at)
    assert not Guardian.objects.exclude(alone_from_at=None).exists()
    assert not Outgoing.objects.exists()


def test_an_active_guardian_whose_address_changes_is_warned_at_the_old_ones(school, at, mailoutbox):
    bring(SCHOOL, at)
    activated("700201", at)
    bring(SCHOOL.with_person(0, MEL="pirate@example.org", TEL_PORTABLE="+33639980066"), at)
    account = account_of("700201")
    assert (account.email, account.state) == ("700201@example.org", State.ACTIVE)
    assert "samira" not in repr(list(Outgoing.objects.values()))
    messages = sent(at, mailoutbox)
    assert sorted(message.to[0] for message in messages) == ["700201@example.org", "samira.belkacem@example.org"]
    assert all("pirate" not in message.body and "39980066" not in message.body for message in messages)


def test_a_message_whose_reason_has_gone_is_not_sent(school, at, mailoutbox):
    bring(SCHOOL, at)
    account = activated("700201", at)
    bring(NEWCOMER, at)
    lifecycle.close([account], by=BY, at=at)
    assert sent(at, mailoutbox) == []


def test_a_changed_co_guardian_waits_too(school, at):
    bring(SCHOOL, at)
    activated("700202", at)
    bring(SCHOOL.with_person(2, TEL_PORTABLE="+33639980077"), at)
    assert Guardian.objects.get(source_key="700203").alone_from_at == at + timedelta(hours=48)
