"""The evening the reports come out: more people sign in than a slow machine can hash. Mathieu waits, and is in."""

import math
import re
import socket
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from threading import Event

import pytest
import requests
from argon2 import PasswordHasher
from playwright.sync_api import Page, expect

from tests.stories.browser import PHONE, look
from tests.stories.conftest import NewPerson
from tests.stories.street import Street, started_process, wait_for
from tests.stories.walks import heading, type_credentials

DOOR = "/connexion/responsable/"
# One hash at a time, and twelve who may wait for it: of so many who come again and again, most are refused.
OTHERS, HASH_SECONDS = 36, 0.4
CROWD = "Beaucoup de personnes se connectent"


@pytest.fixture
def slow_identity(street: Street) -> Iterator[Street]:
    """The same town through a second house of identity, on a machine where each hash is long."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port = door.getsockname()[1]
    slow = replace(street, identity=f"http://localhost:{port}", environment=street.environment | settings(port))
    command = [
        sys.executable, "-m", "preau", "identity", "serve", "--host", "127.0.0.1", "--port", str(port),
        "--workers", "1", "--blocking-threads", str(OTHERS + 4),
    ]  # fmt: skip
    with started_process(slow, "identity-slow", command) as process:
        wait_for(slow, f"{slow.identity}/healthz", process)
        yield slow


def settings(port: int) -> dict[str, str]:
    """As many passes as the hash needs to be long here. Behind a proxy: the others come from all over France."""
    begun = time.perf_counter()
    PasswordHasher(time_cost=8, memory_cost=19456, parallelism=1).hash("mesure")
    passes = math.ceil(8 * HASH_SECONDS / (time.perf_counter() - begun))
    return {
        "PREAU_PUBLIC_URL": f"http://localhost:{port}",
        "PREAU_ARGON2_TIME_COST": str(max(2, passes)),
        "PREAU_ARGON2_MEMORY_KIB": "19456",
        "PREAU_TRUSTED_PROXIES": "1",
    }


@contextmanager
def crowd_at_the_door(street: Street) -> Iterator[list[int]]:
    """People who come without pause, for as long as this lasts: the answers that they got."""
    answers: list[int] = []
    ranks, is_over = count(), Event()

    def keep_coming() -> None:
        while not is_over.is_set():
            answers.append(come(street, next(ranks)))

    with ThreadPoolExecutor(OTHERS) as others:
        coming = [others.submit(keep_coming) for _ in range(OTHERS)]
        try:
            yield answers
        finally:
            is_over.set()
    for one in coming:
        one.result()


def come(street: Street, rank: int) -> int:
    """Somebody nobody knows, at home: their try costs what everybody's does."""
    with requests.Session() as browser:
        browser.headers["X-Forwarded-For"] = f"198.18.{rank // 200}.{rank % 200 + 1}"
        page = browser.get(street.identity + DOOR, timeout=60).text
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        assert token, page
        typed = {"csrfmiddlewaretoken": token[1], "username": f"z.inconnu{rank}", "password": "un mot de passe"}
        return browser.post(street.identity + DOOR, typed, timeout=120).status_code


def wait_as_told(page: Page) -> None:
    """The seconds the page says, spent."""
    told = re.search(r"Attendez (\d+) seconde", page.get_by_role("main").inner_text())
    assert told
    page.wait_for_timeout(int(told[1]) * 1000)


def test_he_reads_how_long_to_wait_tries_again_and_is_in(slow_identity: Street, new_person: NewPerson) -> None:
    mathieu, page = slow_identity.who("Mathieu Renard"), new_person(PHONE, forgives=503)
    typed = {"username": mathieu["username"], "password": mathieu["password"]}
    with crowd_at_the_door(slow_identity) as answers:
        deadline = time.monotonic() + 120
        while 503 not in answers:
            assert time.monotonic() < deadline, answers
            time.sleep(0.05)
        for _ in range(OTHERS):  # now and then one is lucky, and comes when a place is free
            page.context.clear_cookies()
            page.goto(slow_identity.identity + DOOR)
            with page.expect_response(lambda answer: answer.request.method == "POST", timeout=90_000) as answered:
                type_credentials(page, **typed)
            if answered.value.status == 503:
                break
        heading(page, CROWD)
        expect(page.get_by_text("cet essai n’est pas compté")).to_be_visible()
        assert f"Attendez {answered.value.headers['retry-after']} secondes" in page.get_by_role("main").inner_text()
        # Whoever only reads a page is served meanwhile.
        assert requests.get(f"{slow_identity.identity}/assistance/", timeout=60).ok
    look(page, "signin-crowded")
    # Nobody's try was lost without a word: each was judged, or told to come back.
    assert set(answers) <= {422, 503}

    # What he is told to do is enough: wait that long, press the button, type again; another time if need be.
    for _ in range(OTHERS):
        wait_as_told(page)
        page.get_by_role("link", name="Réessayer").click()
        heading(page, "Connexion responsable")
        type_credentials(page, **typed)
        if page.get_by_role("heading", name=CROWD).count() == 0:
            break
    heading(page, "Bonjour Mathieu")
