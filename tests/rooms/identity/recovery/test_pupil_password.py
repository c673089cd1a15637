"""A pupil forgot their password: a guardian vouches for them, or a code comes to their own address."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from preau.identity.accounts import lifecycle
from preau.identity.accounts.models import Account
from preau.identity.audit.events import Events
from preau.identity.audit.models import Event
from preau.identity.directory.models import Guardian, Guardianship, Pupil
from preau.identity.recovery import approvals, vouching
from preau.identity.recovery.models import Approval
from preau.identity.recovery.tidying import KEPT, forget_approvals
from tests.rooms.identity.recovery.walkers import (
    NEW,
    PUPIL_PASSWORD,
    Household,
    Walker,
    lost_password,
    rows,
    signed_in,
    statements,
)
from tests.rooms.identity.signin import people
from tests.rooms.identity.signin.people import PASSWORD, sign_in, words

PAGE = "/recuperation/approuver/"
ADDRESS, INES = "samira@example.org", "ines@example.org"


def asking(family: Household, client: Client | None = None) -> Walker:
    """Inès asks for help; her screen shows a number."""
    return _walk(family.ines.username, "guardian", client)


def _walk(username: str, way: str, client: Client | None = None) -> Walker:
    walker = Walker(PUPIL_PASSWORD, client or Client()).begin()
    walker.send("identifiant", username=username)
    assert walker.send("moyen", way=way).status_code == 302
    return walker


def number_on(walker: Walker) -> str:
    """What the screen shows."""
    found = re.search(r'<p class="code" dir="ltr">(\d{3})</p>', walker.see("attente"))
    assert found
    return found[1]


def another(number: str) -> str:
    return f"{(int(number) + 1) % 1000:03d}"


def another_code(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


def answer(client: Client, number: str, **more: str) -> Any:
    """The guardian types a number in the first card of their page, or in that of a request which has gone."""
    found = re.search(r'name="ref" value="(\w+)"', words(client.get(PAGE)))
    return client.post(PAGE, {"ref": found[1] if found else "0" * 16, "number": number, **more})


def test_a_guardian_types_the_number_and_the_password_is_chosen_in_the_browser_that_asked(family: Household) -> None:
    visit = signed_in(family.ines, "eleve")
    walker = asking(family)
    assert walker.stands_at() == "attente"
    mother = signed_in(family.samira)
    assert "Inès demande un nouveau mot de passe" in words(mother.get(PAGE))
    assert answer(mother, number_on(walker)).url == f"{PAGE}?fait=accord"
    assert walker.stands_at() == "mot-de-passe"
    assert walker.send("mot-de-passe", password=NEW).url == f"{PUPIL_PASSWORD}/fait/"
    assert visit.get("/compte/").status_code == 302
    assert sign_in(Client(), family.ines.username, NEW, profile="eleve").status_code == 302


def test_the_journal_names_the_guardian_by_key(family: Household) -> None:
    walker = asking(family)
    answer(signed_in(family.samira), number_on(walker))
    walker.send("mot-de-passe", password=NEW)
    approved = Event.objects.get(name=Events.RECOVERY_APPROVED)
    assert (approved.by, approved.on) == (family.samira.key, family.ines.key)
    recovered = Event.objects.get(name=Events.PASSWORD_RECOVERED)
    assert recovered.on == family.ines.key
    assert recovered.facts == {"proofs": ["guardian"], "guardian": family.samira.key}


def test_guardians_are_told_of_the_asking_and_of_the_end_never_by_whom(family: Household) -> None:
    karim = _second_guardian(family)
    walker = asking(family)
    for address in (ADDRESS, "karim@example.org"):
        (told,) = family.mailed(address)
        assert "Inès demande un nouveau mot de passe" in told and PAGE in told
        assert number_on(walker) not in re.sub(r"\d{4}|\d+ h \d+", "", told.replace("\u202f", " "))
    answer(signed_in(family.samira), number_on(walker))
    walker.send("mot-de-passe", password=NEW)
    assert "avec l’aide d’un responsable" in family.mailed("karim@example.org")[-1]
    assert "Samira" not in family.mailed("karim@example.org")[-1] and karim.pk
    assert "Ton mot de passe oublié" in family.mailed(INES)[-1]


def test_each_guardian_is_told_once_however_often_the_worker_comes(family: Household) -> None:
    asking(family)
    family.work()
    family.clock.forward(minutes=2)
    family.work()
    assert len(mail.outbox) == 1


def test_a_wrong_number_three_times_cancels(family: Household) -> None:
    walker, mother = asking(family), signed_in(family.samira)
    number = number_on(walker)
    for _ in range(2):
        page = answer(mother, another(number))
        assert page.status_code == 422 and "Faites-le relire" in words(page)
    page = answer(mother, another(number))
    assert page.status_code == 422 and "Aucune demande" in words(page)
    assert answer(mother, number).url == f"{PAGE}?fait=fini"
    assert walker.stands_at() == "attente"  # her screen says nothing of it
    assert Event.objects.filter(name=Events.RECOVERY_REFUSED).count() == 1


def test_a_guardian_may_refuse(family: Household) -> None:
    walker, mother = asking(family), signed_in(family.samira)
    number = number_on(walker)
    assert answer(mother, "", refuse="1").url == f"{PAGE}?fait=refus"
    assert "Aucune demande" in words(mother.get(PAGE))
    assert answer(mother, number).url == f"{PAGE}?fait=fini"
    assert walker.stands_at() == "attente"


def test_no_button_alone_is_enough(family: Household) -> None:
    walker, mother = asking(family), signed_in(family.samira)
    assert answer(mother, "").status_code == 422
    assert walker.stands_at() == "attente"


def test_an_open_visit_is_not_enough_the_guardian_proves_themselves_again(family: Household) -> None:
    """A child at the family's computer, where a guardian's visit lasts, cannot approve for themselves."""
    walker, mother = asking(family), signed_in(family.samira)
    number = number_on(walker)
    family.clock.forward(minutes=11)
    assert mother.get(PAGE).status_code == 302 and mother.get(PAGE)["Location"].startswith("/connexion/confirmer/")
    answered: Any = mother.post(PAGE, {"ref": Approval.objects.get().ref, "number": number})
    assert answered.url.startswith("/connexion/confirmer/") and walker.stands_at() == "attente"


def test_the_screen_goes_on_by_itself_once_the_number_is_typed_or_over(family: Household) -> None:
    asked, waiting = f"{PUPIL_PASSWORD}/accord/", asking(family)
    assert waiting.client.get(asked).status_code == 204
    assert answer(signed_in(family.samira), number_on(waiting)).url == f"{PAGE}?fait=accord"
    assert waiting.client.get(asked)["HX-Redirect"] == f"{PUPIL_PASSWORD}/suite/"
    assert Client().get(asked)["HX-Redirect"] == f"{PUPIL_PASSWORD}/suite/"
    another_screen = asking(family)
    family.clock.forward(minutes=31)
    assert another_screen.client.get(asked)["HX-Redirect"] == f"{PUPIL_PASSWORD}/suite/"


def test_a_request_lasts_half_an_hour(family: Household) -> None:
    walker = asking(family)
    number = number_on(walker)
    family.clock.forward(minutes=31)
    assert "ne compte plus" in walker.see("attente")
    assert answer(signed_in(family.samira), number).url == f"{PAGE}?fait=fini"


def test_an_approval_serves_once_and_in_one_browser(family: Household) -> None:
    walker = asking(family)
    thief = _walk(family.ines.username, "guardian")
    answer(signed_in(family.samira), number_on(walker))
    assert thief.stands_at() == "attente"
    assert thief.send("mot-de-passe", password=NEW).url.endswith("/attente/")
    walker.send("mot-de-passe", password=NEW)
    again = Walker(PUPIL_PASSWORD, walker.client).begin()
    again.send("identifiant", username=family.ines.username)
    assert again.stands_at() == "moyen"
    with pytest.raises(approvals.NotGiven):
        approvals.use(Approval.objects.order_by("pk")[0], at=family.clock.now())


def test_an_approval_for_one_pupil_opens_no_other(family: Household) -> None:
    (hugo,) = lifecycle.open_for_pupils([family.people.hugo], by="system:import", at=family.clock.now())
    people.active(hugo, at=family.clock.now(), email="")
    walker = asking(family)
    answer(signed_in(family.samira), number_on(walker))
    walker.send("identifiant", username=hugo.username)
    assert walker.stands_at() == "attente"
    assert walker.send("mot-de-passe", password=NEW).status_code == 302
    assert sign_in(Client(), hugo.username, NEW, profile="eleve").status_code == 422


def test_a_classmate_who_asks_first_does_not_push_out_the_pupils_own_device(family: Household) -> None:
    own = signed_in(family.ines, "eleve")  # her phone knows her
    _walk(family.ines.username, "guardian")
    walker = asking(family, own)
    assert answer(signed_in(family.samira), number_on(walker)).url == f"{PAGE}?fait=accord"
    assert walker.stands_at() == "mot-de-passe"


def test_a_classmate_who_asks_second_is_born_dead(family: Household) -> None:
    walker = asking(family)
    classmate = _walk(family.ines.username, "guardian")
    assert len(family.mailed(ADDRESS)) == 1
    mother = signed_in(family.samira)
    number = number_on(classmate)
    if number != number_on(walker):
        assert answer(mother, number).status_code == 422
    assert answer(mother, number_on(walker)).url == f"{PAGE}?fait=accord"
    assert classmate.stands_at() == "attente"


def test_asking_again_from_the_same_device_takes_the_place(family: Household) -> None:
    client = Client()
    asking(family, client)
    family.clock.forward(minutes=2)
    walker = asking(family, client)
    assert Approval.objects.standing(family.clock.now()).count() == 1
    assert answer(signed_in(family.samira), number_on(walker)).url == f"{PAGE}?fait=accord"


def test_the_silent_cap_keeps_guardians_from_being_flooded(family: Household) -> None:
    for number in range(9):
        walker = _walk(family.ines.username, "guardian", Client(REMOTE_ADDR=f"192.0.2.{number}"))
        assert number_on(walker)  # nothing is said
        family.clock.forward(minutes=31)
    assert len(family.mailed(ADDRESS)) <= 5


def test_a_classmate_who_asks_all_day_does_not_silence_the_pupil_s_own_device(family: Household) -> None:
    hers = signed_in(family.ines, "eleve")
    for number in range(9):
        _walk(family.ines.username, "guardian", Client(REMOTE_ADDR=f"192.0.2.{number}"))
        family.clock.forward(minutes=31)
    walker = _walk(family.ines.username, "guardian", hers)
    assert "fait=accord" in answer(signed_in(family.samira), number_on(walker)).url
    assert walker.stands_at() == "mot-de-passe"


def test_an_unknown_username_sees_the_same_and_costs_the_same(family: Household) -> None:
    _walk("q.quelqu", "guardian")  # the counters of the network exist from now on
    pages, costs, made = [], [], []
    for username in (family.ines.username, "n.existe"):
        before, walker = rows(), Walker(PUPIL_PASSWORD).begin()
        steps: list[Any] = []

        def go(walker: Walker = walker, username: str = username, steps: list[Any] = steps) -> None:
            steps.append(walker.send("identifiant", username=username))
            steps.append(walker.send("moyen", way="guardian"))
            steps.append(walker.client.get(f"{PUPIL_PASSWORD}/attente/"))
            steps.append(walker.client.get(f"{PUPIL_PASSWORD}/suite/"))
            steps.append(walker.client.get(f"{PUPIL_PASSWORD}/accord/"))
            steps.append(walker.send("attente"))

        costs.append(statements(go))
        made.append({table: count - before[table] for table, count in rows().items()})
        pages.append([_neutral(words(one), walker) for one in steps])
    assert pages[0] == pages[1] and costs[0] == costs[1] and made[0] == made[1]
    assert made[0]["recovery_approval"] == 1 and made[0]["messaging_outgoing"] == 1


def _neutral(page: str, walker: Walker) -> str:
    page = page.replace(walker.draft.ref, "")
    page = re.sub(r'(csrfmiddlewaretoken" value=")[^"]*|nonce="[^"]*', r"\1", page)
    return re.sub(r'(<p class="code" dir="ltr">)\d{3}', r"\1", page)


def _make_adult(family: Household) -> None:
    Pupil.objects.filter(pk=family.people.ines.pk).update(birth_on=date(2008, 11, 1))


def _protect(family: Household) -> None:
    Pupil.objects.filter(pk=family.people.ines.pk).update(protected_at=family.clock.now())


def _dispute(family: Household) -> None:
    Guardianship.objects.update(disputed_at=family.clock.now())


def _end_link(family: Household) -> None:
    Guardianship.objects.update(ended_at=family.clock.now())


def _add_lately(family: Household) -> None:
    Guardian.objects.update(alone_from_at=family.clock.now() + timedelta(hours=40))


def _block_pupil(family: Household) -> None:
    lifecycle.block([family.ines], reason="essai", by="staff:1", at=family.clock.now())


def _not_legal(family: Household) -> None:
    Guardianship.objects.update(is_legal=False)


BARRED = [_make_adult, _protect, _dispute, _end_link, _add_lately, _block_pupil, _not_legal]


@pytest.mark.parametrize("bar", BARRED, ids=lambda one: one.__name__)
def test_nobody_may_vouch_and_nobody_is_told(family: Household, bar: Any) -> None:
    bar(family)
    walker = asking(family)
    assert number_on(walker)  # the same page
    family.work()
    assert not [one for one in mail.outbox if one.to == [ADDRESS]]
    mother = Client()
    people.sign_in(mother, family.samira.username, PASSWORD)
    page = mother.get(PAGE)
    assert page.status_code == 302 or "Aucune demande" in words(page)
    found = approvals.answer(
        family.samira, ref=Approval.objects.get().ref, typed=number_on(walker), by="x:1", at=family.clock.now()
    )
    assert found == approvals.Answered()


@pytest.mark.parametrize("bar", BARRED, ids=lambda one: one.__name__)
def test_what_ends_after_the_yes_takes_it_back(family: Household, bar: Any) -> None:
    walker = asking(family)
    answer(signed_in(family.samira), number_on(walker))
    bar(family)
    assert walker.send("mot-de-passe", password=NEW).status_code in (302, 422)
    assert not Event.objects.filter(name=Events.PASSWORD_RECOVERED).exists()


def test_a_guardian_of_another_child_sees_and_answers_nothing(family: Household) -> None:
    walker = asking(family)
    number = number_on(walker)
    stranger = _second_guardian(family, of_ines=False)
    client = signed_in(stranger)
    assert "Aucune demande" in words(client.get(PAGE))
    assert client.post(PAGE, {"ref": Approval.objects.get().ref, "number": number})["Location"].endswith("fini")
    assert walker.stands_at() == "attente"


def test_a_pupil_cannot_answer_for_themselves(family: Household) -> None:
    walker = asking(family)
    own = signed_in(family.ines, "eleve")
    assert "Aucune demande" in words(own.get(PAGE))
    own.post(PAGE, {"ref": Approval.objects.get().ref, "number": number_on(walker)})
    assert walker.stands_at() == "attente"


def test_the_number_is_kept_nowhere(family: Household) -> None:
    walker = asking(family)
    number = number_on(walker)
    row = Approval.objects.values().get()
    kept = {key: value for key, value in row.items() if key not in {"asked_at", "until_at", "subject", "device"}}
    assert number not in [str(value) for value in kept.values()]
    assert not [value for value in walker.draft.answers.values() if number in value.values()]


def test_a_code_at_ones_own_address(family: Household) -> None:
    walker = lost_password(family.ines.username, "email", PUPIL_PASSWORD)
    assert "Tape-le ici" in walker.see("code")
    assert "Il te reste 2 essais" in words(walker.send("code", code=another_code(family.code(INES))))
    assert walker.send("code", code=family.code(INES)).url.endswith("/mot-de-passe/")
    walker.send("mot-de-passe", password=NEW)
    assert sign_in(Client(), family.ines.username, NEW, profile="eleve").status_code == 302
    assert "Ton mot de passe oublié" in family.mailed(INES)[-1] and not family.mailed(ADDRESS)


def test_a_guardians_address_given_as_ones_own_is_not_enough(family: Household) -> None:
    Account.objects.filter(pk=family.ines.pk).update(email=ADDRESS)
    walker = lost_password(family.ines.username, "email", PUPIL_PASSWORD)
    assert walker.send("code", code=family.code(ADDRESS)).url.endswith("/etablissement/")
    page = walker.see("etablissement")
    assert "Demander à mon responsable" in page and "01 99 00 12 34" in page
    walker.send("moyen", way="guardian")
    assert walker.stands_at() == "attente"


def test_a_pupil_without_an_address_is_answered_the_same(family: Household) -> None:
    Account.objects.filter(pk=family.ines.pk).update(email="", email_confirmed_at=None)
    walker = lost_password(family.ines.username, "email", PUPIL_PASSWORD)
    assert "un code vient de partir" in walker.see("code")
    family.work()
    assert not mail.outbox


def test_own_words_are_refused(family: Household) -> None:
    walker = asking(family)
    answer(signed_in(family.samira), number_on(walker))
    assert walker.send("mot-de-passe", password="Inès-14032014!").status_code == 422
    assert walker.stands_at() == "mot-de-passe"


def test_a_guardian_finds_the_page_from_the_account(family: Household) -> None:
    assert f'href="{PAGE}"' in words(signed_in(family.samira).get("/compte/"))
    assert f'href="{PAGE}"' not in words(signed_in(family.ines, "eleve").get("/compte/"))
    assert Client().get(PAGE)["Location"].startswith("/connexion/")


def test_two_children_have_each_their_request(family: Household) -> None:
    (hugo,) = lifecycle.open_for_pupils([family.people.hugo], by="system:import", at=family.clock.now())
    people.active(hugo, at=family.clock.now(), email="")
    walker, other = asking(family), _walk(hugo.username, "guardian")
    mother = signed_in(family.samira)
    page = words(mother.get(PAGE))
    assert "Inès demande" in page and "Hugo demande" in page
    second = re.findall(r'name="ref" value="(\w+)"', page)[1]
    assert mother.post(PAGE, {"ref": second, "number": number_on(other)})["Location"].endswith("accord")
    assert other.stands_at() == "mot-de-passe" and walker.stands_at() == "attente"


def test_who_may_vouch_is_the_same_from_both_sides(family: Household) -> None:
    day, at = date(2026, 11, 24), family.clock.now()
    assert vouching.pupils_of(family.samira, day=day, at=at) == [family.ines]
    assert vouching.guardians_of(family.ines, day=day, at=at) == [family.samira]


def test_old_requests_are_forgotten(family: Household) -> None:
    asking(family)
    assert forget_approvals(at=family.clock.now()) == 0
    assert forget_approvals(at=family.clock.now() + KEPT + timedelta(minutes=1)) == 1


def _second_guardian(family: Household, *, of_ines: bool = True) -> Account:
    where = family.people.school
    child = family.people.ines if of_ines else people.pupil(where, "77", "Théo", "MARTIN", date(2014, 1, 2))
    karim = people.guardian(where, "11", "Karim", "BELKACEM", child)
    (account,) = lifecycle.open_for_guardians([karim], by="system:import", at=family.clock.now(), uai=where.uai)
    return people.active(account, at=family.clock.now(), email="karim@example.org")
