"""The page of the Form Post plan in a real browser: it sends itself under its own policy, and waits without scripts."""

import threading
from urllib.parse import parse_qs

from playwright.sync_api import Request, Route

from tests.interop.openid_foundation.relying_party import CALLBACK, Browser, RelyingParty
from tests.stories.browser import Witness, chromium


def test_the_page_sends_itself_and_has_a_button_without_scripts(static_party: RelyingParty, browser: Browser) -> None:
    static_party.tokens(browser)
    cookies = [{"name": one.name, "value": one.value or "", "url": browser.provider} for one in browser.jar.cookies]
    address = static_party.address(static_party.question(response_mode="form_post", state="« été »"))
    received: list[Request] = []
    witness = Witness()

    def callback(route: Route) -> None:
        received.append(route.request)
        route.fulfill(body="merci", content_type="text/plain")

    with chromium() as running:
        for has_scripts in (True, False):
            context = running.new_context(java_script_enabled=has_scripts)
            context.add_cookies(cookies)  # type: ignore[arg-type]
            page = context.new_page()
            witness.watch(page)
            page.route(f"{CALLBACK}*", callback)
            page.goto(address)
            if not has_scripts:
                page.get_by_role("button", name="Continuer").click()
            page.wait_for_url(CALLBACK)
            context.close()
    # The browser opens sockets ahead of need: the server's threads behind them end when it has closed them.
    for thread in threading.enumerate():
        if "process_request_thread" in thread.name:
            thread.join(timeout=10)
    assert [request.method for request in received] == ["POST", "POST"] and not witness.complaints
    for request in received:
        told = parse_qs(request.post_data or "")
        assert told["state"] == ["« été »"] and told["iss"] == [browser.provider] and told["code"]
