"""Walking with a browser: back, two tabs, double submit, changed answers, time."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client, override_settings

from preau.journeys.models import Draft
from tests.rooms.journeys import breakfast

PAGE = (
    "{{ step.name }}|{{ back }}|"
    "{% for step in steps %}{% if step.is_current %}{{ forloop.counter }}{% endif %}{% endfor %}"
    "/{{ steps|length }}"
    "|{{ form.errors.as_text }}{{ form.non_field_errors }}|{{ begun_elsewhere }}|{{ form }}"
)
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {"loaders": [("django.template.loaders.locmem.Loader", {"page.html": PAGE})]},
    }
]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def toy_site() -> Iterator[None]:
    breakfast.SERVED.clear()
    with override_settings(
        ROOT_URLCONF=breakfast,
        TEMPLATES=TEMPLATES,
        FORM_RENDERER="django.forms.renderers.DjangoTemplates",
        MIDDLEWARE=["preau.identity.middleware.clock_at_the_edge"],
    ):
        yield


@pytest.fixture
def walker(client: Client) -> Client:
    client.get("/debut/")
    return client


def post(client: Client, page: str, **answers: Any) -> Any:
    ref = answers.pop("ref", None) or Draft.objects.latest("id").ref
    return client.post(f"/dejeuner/{page}/", {"parcours": ref, **answers})


def shown(response: Any) -> str:
    return response.content.decode().split("|")[0]


def test_one_page_leads_to_the_next(walker: Client) -> None:
    assert shown(walker.get("/dejeuner/boisson/")) == "boisson"
    assert post(walker, "boisson", drink="milk").url == "/dejeuner/secret/"
    assert post(walker, "secret", wish="bread", word="abc").url == "/dejeuner/servir/"
    assert post(walker, "servir").url == "/fini/"
    assert breakfast.SERVED == [{"boisson": {"drink": "milk"}, "secret": {"wish": "bread"}}]


def test_a_page_not_reached_leads_to_the_first_one_not_done(walker: Client) -> None:
    assert walker.get("/dejeuner/servir/").url == "/dejeuner/boisson/"
    assert walker.get("/dejeuner/nulle-part/").url == "/dejeuner/boisson/"
    assert post(walker, "servir").url == "/dejeuner/boisson/"
    assert breakfast.SERVED == []


def test_going_back_shows_what_was_answered(walker: Client) -> None:
    post(walker, "boisson", drink="cocoa")
    response = walker.get("/dejeuner/chaleur/")
    assert response.content.decode().split("|")[1:3] == ["/dejeuner/boisson/", "2/4"]
    assert '<option value="cocoa" selected>' in walker.get("/dejeuner/boisson/").content.decode()


def test_a_wrong_answer_is_shown_again_and_nothing_is_kept(walker: Client) -> None:
    post(walker, "boisson", drink="cocoa")
    response = post(walker, "chaleur", heat="120")
    assert response.status_code == 422 and shown(response) == "chaleur"
    assert Draft.objects.get().answers == {"boisson": {"drink": "cocoa"}}


def test_answering_again_drops_the_pages_no_longer_reachable(walker: Client) -> None:
    post(walker, "boisson", drink="cocoa")
    post(walker, "chaleur", heat="60")
    assert post(walker, "boisson", drink="milk").url == "/dejeuner/secret/"
    assert Draft.objects.get().answers == {"boisson": {"drink": "milk"}}


def test_answering_again_keeps_the_pages_still_reachable(walker: Client) -> None:
    post(walker, "boisson", drink="milk")
    post(walker, "secret", wish="bread", word="abc")
    post(walker, "boisson", drink="milk")
    assert set(Draft.objects.get().answers) == {"boisson", "secret"}


def test_a_password_never_enters_the_draft(walker: Client) -> None:
    post(walker, "boisson", drink="milk")
    post(walker, "secret", wish="bread", word="open-sesame")
    assert "open-sesame" not in str(Draft.objects.values_list("answers", "facts"))


def test_a_double_submit_acts_once_and_lands_in_the_same_place(walker: Client) -> None:
    post(walker, "boisson", drink="milk")
    post(walker, "secret", wish="bread", word="abc")
    assert [post(walker, "servir").url, post(walker, "servir").url] == ["/fini/", "/fini/"]
    assert len(breakfast.SERVED) == 1
    assert Draft.objects.get().answers == {}


def test_a_refusal_in_the_last_act_keeps_the_draft(walker: Client) -> None:
    post(walker, "boisson", drink="milk")
    post(walker, "secret", wish="salt", word="abc")
    response = post(walker, "servir")
    assert response.status_code == 422 and "Pas de sel." in response.content.decode()
    assert set(Draft.objects.get().answers) == {"boisson", "secret"}


def test_two_tabs_of_one_walk_share_what_was_answered(walker: Client) -> None:
    post(walker, "boisson", drink="milk")  # the first tab goes on
    post(walker, "secret", wish="bread", word="abc")
    assert post(walker, "boisson", drink="cocoa").url == "/dejeuner/chaleur/"  # the second one was still on page one
    assert walker.get("/dejeuner/servir/").url == "/dejeuner/chaleur/"


def test_a_tab_left_from_an_older_walk_changes_nothing_in_the_new_one(walker: Client) -> None:
    old = Draft.objects.get().ref
    walker.get("/debut/")
    response = post(walker, "boisson", drink="milk", ref=old)
    assert response.status_code == 409 and response.content.decode().split("|")[4] == "True"
    assert Draft.objects.latest("id").answers == {}


def test_another_browser_finds_nothing(walker: Client) -> None:
    post(walker, "boisson", drink="milk")
    assert Client().get("/dejeuner/secret/").url == "/"


def test_the_cookie_is_not_the_row(walker: Client) -> None:
    cookie = walker.cookies["parcours-dejeuner"]
    assert cookie["httponly"] and cookie["samesite"] == "Lax"
    assert cookie.value not in str(Draft.objects.values())


def test_an_expired_draft_opens_nothing_and_is_purged(walker: Client) -> None:
    draft = Draft.objects.get()
    Draft.objects.update(expires_at=draft.started_at - timedelta(seconds=1))
    assert walker.get("/dejeuner/boisson/").url == "/"
    assert Draft.objects.purge(at=draft.started_at) == 1


def test_facts_that_close_the_journey_lead_to_its_beginning(client: Client) -> None:
    client.get("/debut/?gone")
    assert client.get("/dejeuner/boisson/").url == "/"


def test_a_terminal_page_takes_the_place_of_the_others(client: Client) -> None:
    client.get("/debut/?closed")
    response = client.get("/dejeuner/boisson/")
    assert response.url == "/dejeuner/ferme/"
    assert client.get(response.url).status_code == 200
