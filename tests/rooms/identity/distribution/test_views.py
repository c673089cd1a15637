"""The screens of sending, as the head, the form tutor and others meet them."""

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.urls import reverse

from preau.identity.accounts.models import Account, TemporaryPassword
from preau.identity.audit.events import Events
from preau.identity.audit.models import Event
from preau.identity.directory.models import Division
from preau.identity.distribution.models import Batch
from preau.identity.messaging import outbox
from preau.identity.messaging.models import Outgoing
from tests.rooms.identity.console.world import World
from tests.rooms.identity.distribution.conftest import opens


@pytest.fixture(autouse=True)
def _in_memory(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def chosen(world: World, *names: str) -> dict[str, str]:
    return {"accounts": ",".join(str(world.accounts[name].pk) for name in names)}


def words(response: Any) -> str:
    return " ".join(response.content.decode().replace("\u00a0", " ").replace("\u202f", " ").split())


def send(browser: Any, world: World, wish: str, *names: str, once: str = "1", **more: str) -> Any:
    return browser.post(reverse("distribution:send"), {"wish": wish, "once": once, **chosen(world, *names), **more})


def test_the_page_says_who_gets_what_by_which_way_and_what_dies(world: World) -> None:
    browser = world.browser("head")
    page = browser.post(reverse("distribution:choose"), chosen(world, "Samira", "Karim", "Odette"))
    assert page.status_code == 200 and "no-store" in page.headers["Cache-Control"]
    assert "2 : invitation par courriel" in words(page) and "1 : invitation sur papier" in words(page)
    assert "1 : identifiant et mot de passe provisoire par courriel" in words(page) and "2 : lettre" in words(page)
    assert words(page).index("Inviter à entrer seul") < words(page).index("Envoyer un identifiant")
    assert "cesser" not in words(page) and "samira@example.org" not in words(page)
    printing = send(browser, world, "letters", "Odette")
    browser.post(reverse("distribution:download", args=[Batch.objects.get().pk])).getvalue()
    again = browser.post(reverse("distribution:choose"), chosen(world, "Odette"))
    assert printing.status_code == 302 and "Un mot de passe provisoire déjà donné" in words(again)


def test_ticked_boxes_and_a_link_both_bring_a_selection(world: World) -> None:
    ids = [world.accounts["Samira"].pk, world.accounts["Odette"].pk]
    browser = world.browser("head")
    for page in (
        browser.post(reverse("distribution:choose"), {"account": ids}),
        browser.get(reverse("distribution:choose"), {"account": ids}),
    ):
        assert ">2</strong> personnes reçoivent" in words(page)


def test_accounts_of_another_school_do_not_exist(world: World) -> None:
    browser = world.browser("head")
    page = browser.post(reverse("distribution:choose"), chosen(world, "Lucie", "Théo"))
    assert "Personne à qui envoyer" in words(page) and "AILLEURS" not in words(page)
    assert send(browser, world, "credentials", "Lucie", "Samira").status_code == 302
    assert [notice.account_id for notice in Batch.objects.get().notices.all()] == [world.accounts["Samira"].pk]
    batch = Batch.objects.get()
    for name in ("batch", "download", "stop"):
        other = world.browser("other_head", own_factor=True)
        call = other.get if name == "batch" else other.post
        assert call(reverse(f"distribution:{name}", args=[batch.pk])).status_code == 404


@pytest.mark.parametrize("who", ["tutor", "support"])
def test_who_may_not_notify_is_told_so(world: World, who: str) -> None:
    assert world.browser(who).get(reverse("distribution:home")).status_code == 403
    assert send(world.browser(who), world, "invite", "Samira").status_code == 403
    assert not Batch.objects.exists()


def test_two_clicks_make_one_batch_and_one_message(world: World) -> None:
    browser = world.browser("head")
    first, second = (send(browser, world, "credentials", "Samira") for _ in range(2))
    assert first.url == second.url and Outgoing.objects.filter(message="distribution/credentials").count() == 1


def many(world: World) -> list[str]:
    names = []
    for number in range(51):
        name = f"Élève {number}"
        world.pupil(name, "NOMBREUX", "ours", "6E A")
        names.append(name)
    return names


def test_above_fifty_people_a_human_types_the_number(world: World) -> None:
    names, browser = many(world), world.browser("head")
    asked = browser.post(reverse("distribution:choose"), chosen(world, *names))
    assert "Recopiez le nombre" in words(asked)
    refused = send(browser, world, "sheets", *names, number="50")
    assert refused.status_code == 400 and "Le nombre ne correspond pas" in words(refused) and not Batch.objects.exists()
    assert send(browser, world, "sheets", *names, number="51").status_code == 302


def test_a_mailing_shows_how_far_it_is_without_script_and_ends(world: World) -> None:
    browser = world.browser("head")
    url = send(browser, world, "credentials", "Samira", "Odette").url
    waiting = browser.get(url)
    assert '<noscript><meta http-equiv="refresh" content="2">' in waiting.content.decode()
    outbox.send_due(at=world.at)
    over = browser.get(url)
    assert "http-equiv" not in over.content.decode() and "courriels partis sur 1" in words(over)
    assert "Télécharger pour imprimer" in words(over) and len(mail.outbox) == 1
    assert "1 sur 1" in words(browser.get(reverse("distribution:home")))


def test_the_download_is_nobodys_name_and_kept_by_no_cache(world: World, made: list[str]) -> None:
    browser = world.browser("head")
    send(browser, world, "sheets", "Inès", "Hugo", layout="one")
    url = reverse("distribution:download", args=[Batch.objects.get().pk])
    response = browser.post(url)
    with zipfile.ZipFile(io.BytesIO(response.getvalue())) as archive:
        assert len(archive.namelist()) == 2
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Content-Disposition"].startswith('attachment; filename="fiches-0991234D-')
    assert "belkacem" not in str(response.headers).lower()
    second = browser.post(url)
    assert second.status_code == 409 and "déjà été imprimé" in words(second) and len(made) == 2
    assert browser.post(url, {"again": "yes"}).status_code == 200


def test_a_list_asks_our_own_factor_and_is_an_event(world: World) -> None:
    url = reverse("distribution:roster")
    assert world.browser("head").post(url, {**chosen(world, "Inès"), "form": "csv"}).status_code == 302
    browser = world.browser("head", own_factor=True)
    response = browser.post(url, {**chosen(world, "Inès", "Théo"), "form": "csv"})
    assert response.content.decode("utf-8-sig").splitlines()[1:] == [
        f"5E B;BELKACEM;Inès;{world.accounts['Inès'].username};Non notifié"
    ]
    assert browser.post(url, {**chosen(world, "Inès"), "form": "pdf"}).content.startswith(b"%PDF")
    assert Event.objects.filter(name=Events.ROSTER_EXPORTED, on="school:0991234D").count() == 2
    assert not TemporaryPassword.objects.exists()


def test_the_form_tutor_shows_a_password_once(
    world: World, made: list[str], everything_kept: Callable[[], str]
) -> None:
    browser, url = world.browser("tutor"), reverse("distribution:reset", args=[world.accounts["Inès"].pk])
    assert "48 heures" in words(browser.get(url)) and not made
    page = browser.post(url, {"form": "screen"})
    (secret,) = made
    assert all(part in words(page) for part in (secret[:4], secret[4:8], secret[8:]))
    assert page.headers["Cache-Control"] == "no-store" and opens(secret, world.accounts["Inès"])
    assert secret not in everything_kept() and secret not in words(browser.get(url))


def test_the_form_tutor_prints_a_slip(world: World, made: list[str]) -> None:
    response = world.browser("tutor").post(
        reverse("distribution:reset", args=[world.accounts["Inès"].pk]), {"form": "slip"}
    )
    assert response.content.startswith(b"%PDF") and len(made) == 1
    assert response.headers["Content-Disposition"] == 'attachment; filename="billet.pdf"'


@pytest.mark.parametrize("name", ["Hugo", "Théo", "Samira"])
def test_the_form_tutor_reaches_nobody_else(world: World, name: str) -> None:
    url = reverse("distribution:reset", args=[world.accounts[name].pk])
    assert world.browser("tutor").get(url).status_code == 404
    assert world.browser("tutor").post(url).status_code == 404
    assert not TemporaryPassword.objects.exists()


def test_academy_support_helps_a_pupil_of_any_of_its_schools(world: World, made: list[str]) -> None:
    url = reverse("distribution:reset", args=[world.accounts["Théo"].pk])
    assert world.browser("support").post(url, {"form": "screen"}).status_code == 200
    assert opens(made[0], world.accounts["Théo"])


def test_the_pages_ask_few_queries_whatever_the_number(world: World, django_assert_max_num_queries: Any) -> None:
    names, browser = many(world), world.browser("head")
    with django_assert_max_num_queries(30):
        browser.post(reverse("distribution:choose"), chosen(world, *names))
    send(browser, world, "sheets", *names, number="51")
    with django_assert_max_num_queries(30):
        browser.get(reverse("distribution:batch", args=[Batch.objects.get().pk]))
    with django_assert_max_num_queries(12):
        browser.get(reverse("distribution:home"))


def test_a_hostile_name_is_text_on_every_page(world: World) -> None:
    pupil = world.accounts["Inès"].pupil
    assert pupil is not None
    pupil.first_name = "<script>alert(1)</script>"
    pupil.save()
    Division.objects.filter(code="5E B").update(code='"><img src=x>')
    browser = world.browser("head")
    account = Account.objects.get(pk=world.accounts["Inès"].pk)
    pages = [
        browser.post(reverse("distribution:choose"), chosen(world, "Inès")),
        browser.get(reverse("distribution:reset", args=[account.pk])),
        browser.post(reverse("distribution:reset", args=[account.pk]), {"form": "screen"}),
    ]
    for page in pages:
        assert "<script>alert" not in page.content.decode() and "<img src=x" not in page.content.decode()
