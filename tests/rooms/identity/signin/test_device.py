"""The browser, remembered."""

from django.http import HttpResponse
from django.test import RequestFactory

from preau.identity.signin import device
from tests.rooms.identity.signin.people import Family


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
