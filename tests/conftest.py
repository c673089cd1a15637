"""What every test may ask for. The database is the one DATABASE_URL names: SQLite in memory when it names none."""

import os
import re
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import hypothesis
import pytest

# A machine busy with something else is no reason to fail.
hypothesis.settings.register_profile("house", deadline=None, database=None)
hypothesis.settings.load_profile("house")
DATABASE_FIXTURES = {"db", "transactional_db", "django_db_reset_sequences", "live_server", "django_db_setup"}
STARTS_SOMETHING = re.compile(r"\b(subprocess|multiprocessing|playwright|Popen|fork)\b")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what opens a database or starts a process, so that `make check` can play the rules alone."""
    for item in items:
        if opens_a_database(item) or starts_a_process(item.path):
            item.add_marker("outside")


def opens_a_database(item: pytest.Item) -> bool:
    """Whether a test asks for the database, or is marked as using it."""
    return bool(set(getattr(item, "fixturenames", ())) & DATABASE_FIXTURES or item.get_closest_marker("django_db"))


@cache
def starts_a_process(path: Path) -> bool:
    """Whether a test file starts a browser, a site, a worker."""
    return bool(STARTS_SOMETHING.search(path.read_text(encoding="utf-8")))


@pytest.fixture
def at() -> datetime:
    """The instant of most tests: a Tuesday morning of November, school is on (10:00 in Paris)."""
    return datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def var() -> Path:
    """The folder where this run may write."""
    return Path(os.environ["PREAU_VAR"])


@pytest.fixture(scope="session")
def engine() -> str:
    """The engine under test: ``sqlite`` or ``postgresql``."""
    from django.db import connection  # settings are read by then

    return connection.vendor


def samples_folder() -> Path | None:
    """Where real, anonymised exports are (PREAU_SAMPLES, else beside the checkout), or None on most machines."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "samples"
    folder = Path(os.environ.get("PREAU_SAMPLES") or beside)
    return folder if folder.is_dir() else None


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder of real exports. Only for files named ``test_…_samples.py``, read where the exports are."""
    folder = samples_folder()
    assert folder, "tests that read the samples stand in a file named test_…_samples.py"
    return folder


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Without the exports, the files that read them do not exist: they only add to tests that make their own files."""
    return True if collection_path.name.endswith("_samples.py") and samples_folder() is None else None


def pytest_report_header() -> list[str]:
    """Say in what world we are."""
    where = os.environ.get("DATABASE_URL", "SQLite in memory").partition("@")[0]
    return [
        f"préau: {os.environ['DJANGO_SETTINGS_MODULE']}, {where}, samples {'read' if samples_folder() else 'absent'}"
    ]
