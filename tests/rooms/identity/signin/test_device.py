"""The browser, remembered."""

from datetime import timedelta

from django.http import HttpResponse
from django.test import Client, RequestFactory

from preau.identity.accounts.models import Account
from preau.identity.signin import device
from tests.rooms.identity.signin import people
from tests.rooms.identity.signin.people import OTHER_PASSWORD, PASSWORD, Clock, Family


def with_cookie(rf: RequestFactory, response: HttpResponse):  # type: ignore[no-untyped-def]
    request = rf.get("/")
    request.COOKIES[device.COOKIE] = response.cookies[device.COOKIE].value
    return request


def test_a_new_browser_gets_a_number_and_keeps_it(rf: RequestFactory) -> None:
    response = HttpResponse()
    device.greet(rf.get("/"), response)
    request = with_cookie(rf, response)
    number = device.of(request).number
    again = HttpResponse()
    device.greet(request, again)
    assert len(number) == 24 and device.COOKIE not in again.cookies


def test_a_browser_knows_the_accounts_that_signed_in_from_it(rf: RequestFactory, family: Family) -> None:
    response = HttpResponse()
    device.remember(rf.get("/"), response, family.account)
    request = with_cookie(rf, response)
    known = device.of(request)
    assert known.is_familiar(family.account)
    assert not known.is_familiar(family.ines_account) and not known.is_familiar(None)
    both = HttpResponse()
    device.remember(request, both, family.ines_account)
    assert device.of(with_cookie(rf, both)).is_familiar(family.account)
    assert device.of(with_cookie(rf, both)).number == known.number


def test_the_cookie_names_nobody(rf: RequestFactory, family: Family) -> None:
    response = HttpResponse()
    device.remember(rf.get("/"), response, family.account)
    value = response.cookies[device.COOKIE].value
    assert family.account.username not in value and f'"{family.account.pk}"' not in value


def test_a_forged_cookie_is_no_cookie(rf: RequestFactory) -> None:
    request = rf.get("/")
    for forged in ("", "x", "WyJhYmMiXQ:1abc:forged", "bnVsbA:1:2"):
        request.COOKIES[device.COOKIE] = forged
        assert device.of(request) == device.Device()


def test_the_kind_of_device_is_what_its_holder_would_say(rf: RequestFactory) -> None:
    phone = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/126 Mobile Safari/537.36"
    tablet = "Mozilla/5.0 (Linux; Android 14; SM-X210) AppleWebKit/537.36 Chrome/126 Safari/537.36"
    computer = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
    kinds = [device.kind(rf.get("/", HTTP_USER_AGENT=browser)) for browser in (phone, tablet, computer, "")]
    assert kinds == ["téléphone", "tablette", "ordinateur", "ordinateur"]


def test_a_new_password_makes_every_other_browser_a_stranger(family: Family, clock: Clock) -> None:
    """Whoever knew the old password had a browser that is known: it loses its tries."""
    account = people.active(family.account, at=clock.now())
    here, elsewhere = Client(), Client()
    for browser in (elsewhere, here):
        people.sign_in(browser, account.username, PASSWORD)
    assert is_known(here, account) and is_known(elsewhere, account)
    clock.forward(seconds=1)
    chosen = {"current": PASSWORD, "password": OTHER_PASSWORD}
    assert here.post("/compte/mot-de-passe/", chosen).status_code == 302
    assert is_known(here, account) and not is_known(elsewhere, account)
    people.sign_in(elsewhere, account.username, OTHER_PASSWORD)
    assert is_known(elsewhere, account), "the holder has signed in there again"


def test_so_does_the_school_that_gives_another_and_the_one_chosen_at_the_door_is_known(
    family: Family, clock: Clock
) -> None:
    account = people.active(family.ines_account, at=clock.now(), email="")
    at_school, at_home = Client(), Client()
    people.sign_in(at_school, account.username, PASSWORD, profile="eleve")
    clock.forward(seconds=1)
    temporary = people.reset(account, at=clock.now())
    assert not is_known(at_school, account)
    people.sign_in(at_home, account.username, temporary, profile="eleve")
    clock.forward(seconds=1)
    at_home.post("/connexion/a-faire/mot-de-passe/", {"password": OTHER_PASSWORD})
    assert is_known(at_home, account) and not is_known(at_school, account)


def test_a_family_computer_keeps_one_mark_for_each_of_its_people(rf: RequestFactory, family: Family) -> None:
    request, account = rf.get("/"), family.account
    for day in range(5):
        response = HttpResponse()
        account.credentials_changed_at += timedelta(days=day)
        device.remember(request, response, account)
        request = with_cookie(rf, response)
    assert len(device.of(request).accounts) == 1 and device.of(request).is_familiar(account)


def is_known(browser: Client, account: Account) -> bool:
    request = RequestFactory().get("/")
    request.COOKIES[device.COOKIE] = browser.cookies[device.COOKIE].value
    return device.of(request).is_familiar(Account.objects.get(pk=account.pk))
