"""What the tests of both protocols share: the town, a browser, a folder for a program's configuration."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.interop.browser import Browser
from tests.interop.town import Town, open_town


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """The site under test, once for the run: tests share its people, never a browser nor a service's state."""
    with open_town(tmp_path_factory.mktemp("town")) as found:
        yield found


@pytest.fixture
def browser() -> Browser:
    """Nobody yet."""
    return Browser()


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """For the configuration of a program that runs as nobody: pytest's own folders are closed to it."""
    path = Path(tempfile.mkdtemp(prefix="preau-interop-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)
