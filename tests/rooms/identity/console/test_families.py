"""The desk for families who are stuck: tickets, corrections, disputed links, protected files."""

import csv
import io
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from preau.identity.accounts import lifecycle
from preau.identity.accounts.models import Account
from preau.identity.accounts.origins import Origin
from preau.identity.audit.events import Events
from preau.identity.audit.models import Event
from preau.identity.directory import corrections
from preau.identity.directory.models import Closing, Correction, Datum, Guardian, Guardianship, Proof
from preau.identity.messaging.models import Outgoing
from preau.identity.staff.models import StaffMember
from preau.identity.staff.quotas import TABLE
from preau.identity.support import tickets
from preau.identity.support.models import Answer, Ticket
from preau.identity.support.tickets import Stated
from tests.rooms.identity.console.world import World

TICKETS = "/gestion/tickets/"
CORRECTIONS = "/gestion/corrections/"
DAY = timedelta(hours=24)


@pytest.fixture
def number(world: World) -> str:
    """A ticket of Samira Belkacem, who mistyped a digit of her mobile and Hugo's birth date."""
    births = frozenset({date(2014, 3, 14), date(2014, 3, 15)})
    stated = Stated(surname="Belkacem", first_name="Samira", mobile="+33639980018", births=births)
    return tickets.issue(journey="activation-mobile", stated=stated, at=world.at)


def correct_url(world: World, name: str, kind: str = "correct_guardian") -> str:
    return reverse(f"console:{kind}", args=[world.accounts[name].pk])


def propose(world: World, name: str = "Samira", value: str = "06 39 98 40 40") -> Correction:
    return corrections.propose(
        world.guardians[name], field=Datum.MOBILE, value=value, proof=Proof.IN_PERSON,
        by=world.grants["delegate"].member.key, at=world.at,
    )  # fmt: skip


def words(client: Client, url: str, **form: object) -> str:
    answer = client.post(url, form) if form else client.get(url)
    assert answer.status_code == 200, (answer.status_code, answer.get("Location"))
    return str(answer.content.decode()).replace("\u00a0", " ").replace("\u202f", " ")


# Tickets --------------------------------------------------------------------------------------------------------------
def test_a_ticket_and_a_name_then_the_fields_that_agree_and_no_value(world: World, number: str) -> None:
    client = world.browser("delegate")
    assert "Comparer" in words(client, TICKETS, number=number.lower(), q="belkacem")
    shown = words(client, TICKETS, number=number, guardian=world.guardians["Samira"].pk)
    assert shown.count("ne concorde pas") >= 1 and "Un chiffre diffère" in shown
    assert "Nom" in shown and "concorde" in shown
    for value in ("0018", "39 98", "+336", "2014", "14/03"):
        assert value not in shown.split("<main")[1]


def test_a_comparison_is_an_event_and_the_ticket_knows_who_looked(world: World, number: str) -> None:
    words(world.browser("head"), TICKETS, number=number, guardian=world.guardians["Samira"].pk)
    event = Event.objects.get(name=Events.TICKET_READ)
    assert (event.on, event.by) == (world.guardians["Samira"].key, world.grants["head"].member.key)
    assert Ticket.objects.get().school_id == "0991234D"


def test_somebody_of_another_school_is_not_there_to_be_compared(world: World, number: str) -> None:
    client = world.browser("head")
    assert "Aucun responsable de ce nom" in words(client, TICKETS, number=number, q="ailleurs")
    assert client.post(TICKETS, {"number": number, "guardian": world.guardians["Lucie"].pk}).status_code == 404
    assert not Event.objects.filter(name=Events.TICKET_READ).exists()


def test_academy_support_reads_a_ticket_and_corrects_nothing(world: World, number: str) -> None:
    client = world.browser("support", own_factor=True)
    shown = words(client, TICKETS, number=number, guardian=world.guardians["Lucie"].pk)
    assert "La fiche se corrige dans l’établissement" in shown
    assert client.get(correct_url(world, "Lucie")).status_code == 403


def test_a_number_nobody_gave_says_so_and_a_short_one_is_an_error(world: World) -> None:
    client = world.browser("head")
    assert "Ce numéro n’existe pas" in words(client, TICKETS, number="222-2222", q="belkacem")
    assert client.post(TICKETS, {"number": "22"}).status_code == 422


def test_too_many_comparisons_suspend_whoever_looks_for_a_match(world: World, number: str) -> None:
    client, quota = world.browser("head"), TABLE[Events.TICKET_READ]["head"].hour
    form = {"number": number, "guardian": world.guardians["Samira"].pk}
    assert [client.post(TICKETS, form).status_code for _ in range(quota)] == [200] * quota
    assert client.post(TICKETS, form).status_code == 403
    assert StaffMember.objects.get(pk=world.grants["head"].member_id).suspended_at


@pytest.mark.parametrize(("said", "answer"), [("retry", Answer.RETRY), ("come", Answer.COME)])
def test_the_school_answers_the_family(world: World, number: str, said: str, answer: Answer) -> None:
    client = world.browser("delegate")
    words(client, TICKETS, number=number, guardian=world.guardians["Samira"].pk)
    url = reverse("console:answer_ticket", args=[Ticket.objects.get().pk])
    assert world.browser("other_head").post(url, {"reponse": said}).status_code == 404
    assert client.post(url, {"reponse": said}).status_code == 302
    assert Ticket.objects.get().answer == answer


def test_a_ticket_that_nobody_compared_cannot_be_answered(world: World, number: str) -> None:
    url = reverse("console:answer_ticket", args=[Ticket.objects.get().pk])
    assert world.browser("head").post(url, {"reponse": "retry"}).status_code == 404


# Corrections ----------------------------------------------------------------------------------------------------------
FORM = {"field": "mobile", "value": "06 39 98 40 40", "proof": "in_person"}


def test_a_correction_asks_our_own_factor(world: World) -> None:
    answer = world.browser("delegate").get(correct_url(world, "Samira"))
    assert answer.status_code == 302 and "second-facteur" in answer["Location"]


def test_a_correction_from_a_ticket_tells_the_family_when_to_try_again(world: World, number: str) -> None:
    client = world.browser("delegate", own_factor=True)
    words(client, TICKETS, number=number, guardian=world.guardians["Samira"].pk)
    ticket = Ticket.objects.get()
    assert client.post(correct_url(world, "Samira"), {**FORM, "ticket": ticket.pk}).status_code == 302
    ticket.refresh_from_db()
    correction = Correction.objects.get()
    assert (ticket.answer, ticket.retry_at) == (Answer.RETRY, correction.effective_at)
    assert (correction.guardian, correction.value) == (world.guardians["Samira"], "+33639984040")


def test_the_ticket_of_somebody_else_is_not_answered_by_a_correction(world: World, number: str) -> None:
    client = world.browser("delegate", own_factor=True)
    words(client, TICKETS, number=number, guardian=world.guardians["Karim"].pk)
    client.post(correct_url(world, "Samira"), {**FORM, "ticket": Ticket.objects.get().pk})
    assert Correction.objects.count() == 1 and not Ticket.objects.get().answer


def test_a_value_that_is_none_is_refused_with_its_sentence(world: World) -> None:
    client = world.browser("delegate", own_factor=True)
    answer = client.post(correct_url(world, "Samira"), {**FORM, "value": "01 99 00 12 34"})
    assert answer.status_code == 422 and "pas un numéro de mobile" in answer.content.decode()
    assert client.post(correct_url(world, "Samira"), {**FORM, "proof": "account"}).status_code == 422
    assert not Correction.objects.exists()


def test_another_school_s_guardian_cannot_be_corrected(world: World) -> None:
    assert world.browser("head", own_factor=True).get(correct_url(world, "Lucie")).status_code == 404


def test_the_active_guardian_of_the_same_child_is_told_which_child_and_never_who(world: World) -> None:
    lifecycle.activate(world.accounts["Karim"], origin=Origin.SCHOOL, at=world.at, by="x:1")
    world.browser("delegate", own_factor=True).post(correct_url(world, "Samira"), FORM)
    told = Outgoing.objects.get(message="support/guardian_corrected")
    assert told.on == world.accounts["Karim"].key
    assert told.facts == {"enrolment": world.enrolments["Inès"].pk}


def test_a_birth_date_is_corrected_by_the_school_that_decides(world: World) -> None:
    client = world.browser("delegate", own_factor=True)
    url = correct_url(world, "Hugo", "correct_pupil")
    assert "Date de naissance exacte" in words(client, url)
    form = {"born_day": "15", "born_month": "3", "born_year": "2014", "proof": "known_data"}
    assert client.post(url, form).status_code == 302
    assert Correction.objects.get().value == "2014-03-15"
    assert client.get(correct_url(world, "Théo", "correct_pupil")).status_code == 404


def test_a_birth_date_corrected_from_a_ticket_says_when_to_try_again(world: World, number: str) -> None:
    client = world.browser("delegate", own_factor=True)
    words(client, TICKETS, number=number, guardian=world.guardians["Samira"].pk)
    ticket = Ticket.objects.get()
    shown = words(client, TICKETS, number=number, guardian=world.guardians["Samira"].pk)
    assert f"{correct_url(world, 'Inès', 'correct_pupil')}?ticket={ticket.pk}" in shown
    form = {"born_day": "15", "born_month": "3", "born_year": "2014", "proof": "known_data", "ticket": str(ticket.pk)}
    assert client.post(correct_url(world, "Inès", "correct_pupil"), form).status_code == 302
    ticket.refresh_from_db()
    assert (ticket.answer, ticket.retry_at) == (Answer.RETRY, Correction.objects.get().effective_at)


def test_the_board_shows_what_waits_what_to_report_and_what_ended(world: World) -> None:
    client = world.browser("delegate")
    propose(world)
    shown = words(client, CORRECTIONS)
    assert "Prendront effet" in shown and "06 39 98 40 40" in shown and "BELKACEM" in shown
    corrections.apply_due(at=world.at + DAY)
    assert "Télécharger la liste" in words(client, CORRECTIONS)
    assert "06 39 98 40 40" not in words(world.browser("other_head"), CORRECTIONS)


def test_a_correction_is_given_up_in_time_or_not_at_all(world: World) -> None:
    client, correction = world.browser("head", own_factor=True), propose(world)
    url = reverse("console:cancel_correction", args=[correction.pk])
    assert world.browser("other_head", own_factor=True).post(url).status_code == 404
    assert client.post(url)["Location"].endswith("fait=annulee")
    assert client.post(url)["Location"].endswith("fait=trop-tard")
    assert Correction.objects.get().closing == Closing.CANCELLED


def test_the_board_tells_who_said_no(world: World) -> None:
    for by in (world.grants["head"].member.key, world.guardians["Samira"].key):
        correction = propose(world)
        assert corrections.cancel(correction, by=by, at=world.at)
    shown = words(world.browser("head"), reverse("console:corrections"))
    assert "annulée" in shown and "refusée par la famille" in shown


def test_the_list_for_the_base_is_harmless_complete_and_marked(world: World) -> None:
    client = world.browser("delegate", own_factor=True)
    propose(world)
    corrections.propose(
        world.guardians["Karim"], field=Datum.USED_NAME, value="=HYPERLINK(1)", proof=Proof.KNOWN_DATA,
        by=world.grants["head"].member.key, at=world.at,
    )  # fmt: skip
    corrections.apply_due(at=world.at + DAY)
    content = client.post(CORRECTIONS + "liste/").content.decode("utf-8-sig")
    heading, *rows = csv.reader(io.StringIO(content), delimiter=";")
    assert heading[0] == "Identifiant dans la base" and len(rows) == 2
    assert rows[0][:5] == ["Samira", "BELKACEM", "Samira", "Téléphone mobile", "06 39 98 40 40"]
    assert rows[0][7:] == ["Test Delegate", "pièce d’identité vue"]
    assert rows[1][1].startswith("'=") and rows[1][4] == "'=HYPERLINK(1)"
    assert len(client.post(CORRECTIONS + "liste/").content.decode().splitlines()) == 1
    assert len(client.post(CORRECTIONS + "liste/", {"tout": "1"}).content.decode().splitlines()) == 3
    assert Event.objects.filter(name=Events.CORRECTIONS_LISTED).count() == 3


# Disputed links -------------------------------------------------------------------------------------------------------
@pytest.fixture
def disputed(world: World) -> Guardianship:
    link = world.links["Samira", "Hugo"]
    Guardianship.objects.filter(pk=link.pk).update(disputed_at=world.at)
    return link


@pytest.mark.parametrize(("word", "is_legal"), [("juste", True), ("faux", False)])
def test_a_disputed_link_is_listed_then_settled(
    world: World, disputed: Guardianship, word: str, is_legal: bool
) -> None:
    client = world.browser("delegate", own_factor=True)
    assert "Liens contestés" in words(client, CORRECTIONS)
    assert client.post(reverse("console:settle_link", args=[disputed.pk]), {"word": word}).status_code == 302
    assert "Liens contestés" not in words(client, CORRECTIONS)
    assert Guardianship.objects.legal().filter(pk=disputed.pk).exists() is is_legal
    assert Correction.objects.filter(field=Datum.LINK).exists() is not is_legal


@pytest.mark.parametrize(("role", "is_led"), [("head", True), ("support", False)])
def test_the_page_of_who_disputes_leads_whoever_may_settle_there(
    world: World, disputed: Guardianship, role: str, is_led: bool
) -> None:
    url = reverse("console:settle_link", args=[disputed.pk])
    response = world.browser(role).get(reverse("console:guardian", args=[world.accounts["Samira"].pk]))
    assert (url in response.content.decode()) is is_led


def test_only_a_disputed_link_of_one_s_own_school_is_settled(world: World, disputed: Guardianship) -> None:
    url = reverse("console:settle_link", args=[disputed.pk])
    assert world.browser("other_head", own_factor=True).get(url).status_code == 404
    sound = reverse("console:settle_link", args=[world.links["Karim", "Inès"].pk])
    assert world.browser("head", own_factor=True).get(sound).status_code == 404


def test_who_was_disabled_by_the_dispute_is_in_again(world: World) -> None:
    link, account = world.links["Odette", "Adama"], world.accounts["Odette"]
    Guardianship.objects.filter(pk=link.pk).update(disputed_at=world.at)
    lifecycle.disable([account], by="system:import", at=world.at)
    world.browser("head", own_factor=True).post(reverse("console:settle_link", args=[link.pk]), {"word": "juste"})
    assert Account.objects.get(pk=account.pk).is_open()


# Protected files ------------------------------------------------------------------------------------------------------
def test_the_head_protects_a_file_and_lifts_it(world: World) -> None:
    client, url = world.browser("head", own_factor=True), correct_url(world, "Inès", "protect")
    page = reverse("console:pupil", args=[world.accounts["Inès"].pk])
    assert "Dossier protégé" not in words(client, page)
    assert client.post(url)["Location"] == page
    assert "Dossier protégé" in words(client, page)
    client.post(url, {"lever": "1"})
    assert "Dossier protégé" not in words(client, page)
    names = Event.objects.filter(on=world.accounts["Inès"].pupil.key).order_by("pk").values_list("name", flat=True)
    assert [one for one in names if "file_" in one] == [Events.FILE_PROTECTED, Events.FILE_UNPROTECTED]


@pytest.mark.parametrize(("who", "status"), [("delegate", 403), ("support", 403), ("tutor", 403), ("other_head", 404)])
def test_nobody_but_the_head_and_the_deputy_protects(world: World, who: str, status: int) -> None:
    url = correct_url(world, "Inès", "protect")
    assert world.browser(who, own_factor=True).post(url).status_code == status


def test_the_cockpit_says_what_waits(world: World, disputed: Guardianship) -> None:
    propose(world)
    corrections.apply_due(at=world.at + DAY)
    shown = words(world.browser("head"), "/gestion/")
    assert "dit qu’un élève n’est pas le sien" in shown and "1 correction à reporter" in shown
    assert Guardian.objects.get(pk=world.guardians["Samira"].pk).mobile == "+33639984040"
