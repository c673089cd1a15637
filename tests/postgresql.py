"""An ephemeral PostgreSQL: a cluster of its own in a temporary folder, a unix socket, gone at the end.

``python -m tests.postgresql COMMAND…`` runs a command with DATABASE_URL set to it, for example
``.venv/bin/python -m tests.postgresql .venv/bin/pytest tests/rooms/identity``. The system's own clusters are left
alone. PostgreSQL refuses root: there it runs as the user ``postgres``, or ``nobody``.
"""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# A crash of this cluster loses nothing anybody wants.
FAST = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c listen_addresses= -c max_connections=50"


def binaries() -> Path:
    """The folder of the newest PostgreSQL's binaries: Debian's place, else the PATH's."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    found = installed[-1] if installed else shutil.which("initdb")
    if not found:
        raise FileNotFoundError("No PostgreSQL here. Type: apt-get install --no-install-recommends postgresql")
    return Path(found).parent


def unprivileged_user() -> str | None:
    """Whom to run it as: None when we are not root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


@contextmanager
def ephemeral_postgresql() -> Iterator[str]:
    """Start a cluster, give its DATABASE_URL, stop it and remove it."""
    user = unprivileged_user()
    with tempfile.TemporaryDirectory(prefix="preau-pg-", ignore_cleanup_errors=True) as name:
        if user:
            shutil.chown(name, user)

        def run(command: str, *options: str) -> None:
            subprocess.run([binaries() / command, *options], check=True, user=user, cwd=name, stdout=subprocess.DEVNULL)

        run("initdb", "-D", f"{name}/data", "-U", "preau", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")
        run("pg_ctl", "-D", f"{name}/data", "-l", f"{name}/log", "-w", "-o", f"{FAST} -k {name}", "start")
        try:
            yield f"postgres://preau@/{name}/postgres"  # an empty host, then a path: django-environ's unix socket
        finally:
            run("pg_ctl", "-D", f"{name}/data", "-m", "immediate", "-w", "stop")


if __name__ == "__main__":
    with ephemeral_postgresql() as url:
        sys.exit(subprocess.run(sys.argv[1:], env={**os.environ, "DATABASE_URL": url}).returncode)
