"""An Apache of its own, as nobody: a module under test, and behind it an application that says what it was told."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from string import Template

from tests.interop.processes import NOBODY, give_away, running

_PAGE = "#!/bin/sh\nprintf 'Content-Type: text/plain; charset=utf-8\\n\\n'\nenv\n"
_CONFIGURATION = Template("""
ServerRoot $folder
DefaultRuntimeDir $folder
PidFile $folder/apache.pid
Mutex file:$folder default
ErrorLog $folder/apache.log
ServerName 127.0.0.1
Listen 127.0.0.1:$port
LoadModule mpm_prefork_module /usr/lib/apache2/modules/mod_mpm_prefork.so
LoadModule authn_core_module /usr/lib/apache2/modules/mod_authn_core.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule authz_user_module /usr/lib/apache2/modules/mod_authz_user.so
LoadModule alias_module /usr/lib/apache2/modules/mod_alias.so
LoadModule cgi_module /usr/lib/apache2/modules/mod_cgi.so
StartServers 3
MaxRequestWorkers 10
DocumentRoot $folder/public
ScriptAlias /secure $folder/application.sh
""")


@contextmanager
def running_apache(folder: Path, port: int, configuration: str) -> Iterator[None]:
    """Apache with `configuration` beside what every one needs. The application answers at /secure."""
    (folder / "public").mkdir()
    (folder / "public" / "index.txt").write_text("public\n", encoding="ascii")
    page_file = folder / "application.sh"
    page_file.write_text(_PAGE, encoding="ascii")
    page_file.chmod(0o755)
    written = _CONFIGURATION.substitute(folder=folder, port=port) + configuration
    (folder / "apache.conf").write_text(written, encoding="utf-8")
    give_away(folder)
    command = ["apache2", "-f", str(folder / "apache.conf"), "-D", "FOREGROUND"]
    ready = f"http://127.0.0.1:{port}/index.txt"
    with running(command, log=folder / "apache.log", ready=ready, folder=folder, user=NOBODY):
        yield


def said(page: str) -> dict[str, str]:
    """What the application was told: its environment."""
    return dict(line.split("=", 1) for line in page.splitlines() if "=" in line)
