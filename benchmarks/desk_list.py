"""The list page of the desk, in a school of 2,000 pupils, whatever the filter: queries and server CPU.

The whole page: session, permission, quota, journal, list, template, through the site's own WSGI application. CPU is the
application's plus, on PostgreSQL, that of the backend it talks to; SQLite works inside the application.
"""

import io
import json
import os
import random
import statistics
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from benchmarks import Figure, report
from benchmarks.import_school import PUPILS, _write_files
from tests.postgresql import ephemeral_postgresql

MOST_QUERIES, MOST_MS, TIMES = 12, 30.0, 9


def main() -> None:
    """Measure on both engines, report."""
    import subprocess

    with tempfile.TemporaryDirectory(prefix="preau-bench-") as var, ephemeral_postgresql() as postgresql:
        for engine, url in (("SQLite", f"sqlite:///{var}/bench.sqlite3"), ("PostgreSQL", postgresql)):
            environment = {**os.environ, "DATABASE_URL": url, "PREAU_VAR": var, "PREAU_DEVELOPMENT": "1"}
            environment |= {"PREAU_LOG_LEVEL": "ERROR", "DJANGO_SETTINGS_MODULE": "preau.identity.settings"}
            child = [sys.executable, "-m", "benchmarks.desk_list", "--child", var]
            said = subprocess.run(child, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout
            _report(engine, json.loads(said.splitlines()[-1]))


def _report(engine: str, pages: list[dict[str, Any]]) -> None:
    slowest, most = max(pages, key=lambda one: one["ms"]), max(pages, key=lambda one: one["queries"])
    middle = statistics.median(one["ms"] for one in pages)
    report(
        Figure(
            f"list page of the desk, {PUPILS} pupils, {len(pages)} filters, {engine}: CPU",
            f"≤ {MOST_MS:g} ms",
            f"{slowest['ms']:.1f} ms at worst ({slowest['page']}), {middle:.1f} ms in the middle",
            slowest["ms"] <= MOST_MS,
        ),
        Figure(
            f"list page of the desk, {PUPILS} pupils, {len(pages)} filters, {engine}: queries",
            f"≤ {MOST_QUERIES}",
            f"{most['queries']} at most ({most['page']})",
            most["queries"] <= MOST_QUERIES,
        ),
    )


def child(var: Path) -> list[dict[str, Any]]:
    """One engine: import, spread the accounts over the states, visit every filter."""
    import django  # the settings are in the environment

    django.setup()
    from django.core.management import call_command

    from preau import clock
    from preau.identity.imports import runs

    _write_files(var / "files")
    call_command("migrate", verbosity=0)
    call_command("school", "add", "0991234D", stdout=io.StringIO())
    contents = [(path.name, path.read_bytes()) for path in sorted((var / "files").iterdir())]
    at = clock.now()
    runs.apply_now(contents, by="bench:1", at=at, confirms_shrinking=False)
    _live(at)
    cookie = _head(at)
    for page in _pages()[:4]:
        _visit(page, cookie)  # templates are compiled, words drawn once
    return [_measure(page, cookie) for page in _pages()]


def _live(at: datetime) -> None:
    """A school in November: some in, some written to, some letters dead, some shut."""
    from preau.identity.accounts import lifecycle
    from preau.identity.accounts.models import Account, Channel
    from preau.identity.accounts.origins import Origin

    accounts = list(Account.objects.order_by("pk"))
    random.Random(7).shuffle(accounts)
    tenth = len(accounts) // 10
    dead, waiting, active = accounts[:tenth], accounts[tenth : 3 * tenth], accounts[3 * tenth : 7 * tenth]
    letter = {"channel": Channel.LETTER, "by": "bench:1", "at": at - timedelta(days=100)}
    lifecycle.notify(dead, expires_at=at - timedelta(days=9), **letter)
    lifecycle.notify(waiting, expires_at=at + timedelta(days=60), **letter)
    origins = [one for one in Origin if one is not Origin.UNSET]
    for rank, account in enumerate(active):
        account.state, account.activated_at, account.last_signed_in_at = "active", at, at
        account.origin = origins[rank % len(origins)]
        account.pending_email = f"{account.username}@example.org" if rank % 5 == 0 else ""
        account.email_confirmed_at = at if rank % 5 > 1 else None
        account.email = f"{account.username}@example.org" if rank % 5 > 1 else ""
    fields = ["state", "activated_at", "last_signed_in_at", "origin", "pending_email", "email_confirmed_at", "email"]
    Account.objects.bulk_update(active, fields, batch_size=500)
    lifecycle.block(accounts[7 * tenth : 7 * tenth + 20], reason="essai", by="bench:1", at=at)


def _head(at: datetime) -> str:
    """The head at work: the value of their cookie."""
    from preau.identity import keys
    from preau.identity.staff import sessions
    from preau.identity.staff.models import Grant, Role, Source, StaffMember, StaffSession

    member = StaffMember.objects.create(
        issuer="bench", subject="head", surname="VASSEUR", first_name="Claire", seen_at=at
    )
    grant = Grant.objects.create(
        member=member, role=Role.HEAD, school_id="0991234D", source=Source.OPERATOR, asked_at=at, confirmed_at=at
    )
    digest = keys.digest(sessions._PURPOSE, "bench")
    StaffSession.objects.create(
        digest=digest, member=member, grant=grant, started_at=at, seen_at=at, portal_factor="otp", portal_factor_at=at
    )
    return f"{sessions.COOKIE}=bench"


def _pages() -> list[str]:
    from preau.identity.accounts.origins import Origin
    from preau.identity.accounts.standing import Standing
    from preau.identity.console.filters import Email, ListFilters
    from preau.identity.directory.models import Division

    division = Division.objects.order_by("code").first()
    asked: list[dict[str, Any]] = [
        {},
        {"page": 9},
        {"q": "martin"},
        {"q": "léa mar"},
        {"q": "zzzz"},
        {"division": division.pk},
    ]  # type: ignore[union-attr]
    asked += [{"etat": one.value} for one in Standing]
    asked += [{"origine": one.value} for one in Origin]
    asked += [{"courriel": one} for one in Email.LABELS]
    asked += [{"tri": one} for one in ListFilters.orders]
    asked += [
        {
            "q": "a",
            "etat": "active",
            "courriel": "partage",
            "origine": "school",
            "division": division.pk,
            "tri": "-connexion",
        }
    ]  # type: ignore[union-attr]
    return [
        f"/gestion/{kind}/?{urlencode(query)}".rstrip("?") for kind in ("responsables", "eleves") for query in asked
    ]


def _measure(page: str, cookie: str) -> dict[str, Any]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from preau.identity.audit.models import Event
    from preau.identity.staff.models import StaffSession

    # Nobody reads so many pages in an hour: the quota would rightly stop this head.
    Event.objects.filter(name="console.page_read").delete()
    _visit(page, cookie)
    with CaptureQueriesContext(connection) as seen:
        StaffSession.objects.update(seen_at=_minutes_ago(2))
        before = len(seen)
        _visit(page, cookie)
        queries = len(seen) - before
    return {"page": page, "queries": queries, "ms": statistics.median(_cost(page, cookie) for _ in range(TIMES))}


def _cost(page: str, cookie: str) -> float:
    """Milliseconds of CPU of one visit."""
    start = _cpu()
    _visit(page, cookie)
    return 1000 * (_cpu() - start)


def _minutes_ago(minutes: int) -> datetime:
    from preau import clock

    return clock.now() - timedelta(minutes=minutes)


def _visit(page: str, cookie: str) -> None:
    """One request through the site's WSGI application; anything but 200 is a defect of the benchmark."""
    from preau.identity.wsgi import application

    path, _, query = page.partition("?")
    environ = {
        "REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": query,
        "HTTP_COOKIE": cookie, "HTTP_HOST": "localhost:8000",
        "SERVER_NAME": "localhost", "SERVER_PORT": "8000", "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(), "wsgi.errors": sys.stderr, "wsgi.version": (1, 0), "wsgi.multithread": False,
        "wsgi.multiprocess": True, "wsgi.run_once": False,
    }  # fmt: skip
    status: list[str] = []
    answer = application(environ, lambda said, headers, *rest: status.append(said))
    page_bytes = b"".join(answer)
    answer.close()
    assert status[0].startswith("200") and b"<main" in page_bytes, status


def _cpu() -> float:
    """Seconds of CPU of this process and of the PostgreSQL backend it talks to."""
    from django.db import connection

    own = time.process_time()
    if connection.vendor != "postgresql":
        return own
    connection.ensure_connection()
    fields = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat").read_text(encoding="ascii").split()
    return own + int(fields[0]) / 1e9


if __name__ == "__main__":
    if "--child" in sys.argv:
        print(json.dumps(child(Path(sys.argv[-1]))))
        sys.exit(0)
    main()
