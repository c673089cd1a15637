"""The street and the browsers of stories. A story knows people, pages and papers; it never imports a site."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.stories.browser import DESKTOP, PHONE, chromium, person
from tests.stories.clock import Clock
from tests.stories.street import Street, open_street

NewPerson = Callable[..., Page]


@pytest.fixture(scope="session")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    """The demo town, small, its houses running: three sites, the worker and the inbox."""
    with open_street(Path(tmp_path_factory.mktemp("street"))) as running:
        yield running


@pytest.fixture
def clock(street: Street) -> Iterator[Clock]:
    """The street's clock, brought back to today afterwards."""
    yield Clock(street)
    street.move_clock()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the run."""
    with chromium() as running:
        yield running


@pytest.fixture
def new_person(browser: Browser) -> Iterator[NewPerson]:
    """Open a browser for one more person: ``samira = new_person()``, ``adama = new_person(PHONE)``."""
    with ExitStack() as stack:
        yield lambda width=DESKTOP, **options: stack.enter_context(person(browser, width, **options))


@pytest.fixture
def browser_page(new_person: NewPerson) -> Page:
    """Somebody at a desk, 1280 px wide."""
    return new_person(DESKTOP)


@pytest.fixture
def phone_page(new_person: NewPerson) -> Page:
    """Somebody with a phone, 360 px wide."""
    return new_person(PHONE)
