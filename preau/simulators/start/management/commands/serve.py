"""``preau simulators serve``: the web pages and the SMTP server, in one process, on this machine only."""

import signal
import sys
import threading
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser, call_command
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application

from preau.simulators.inbox.smtp import Postbox


class QuietRequest(WSGIRequestHandler):
    """Says nothing of requests that went well."""

    def log_message(self, format: str, *args: Any) -> None:
        if len(args) > 1 and str(args[1]).startswith("5"):
            super().log_message(format, *args)


class Command(BaseCommand):
    """Prepare the little database, open the two doors, stay until told to stop."""

    help = "Sert les simulateurs : portail, boîte aux lettres (SMTP compris), horloge, codes."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--address", default="127.0.0.1:8010", help="adresse des pages (défaut : %(default)s)")
        parser.add_argument("--smtp", default="", help="adresse du serveur SMTP (défaut : PREAU_SIMULATORS_SMTP)")

    def handle(self, *, address: str, smtp: str, **options: Any) -> None:
        call_command("migrate", verbosity=0, interactive=False)
        postbox = Postbox(smtp)
        try:
            server = ThreadedWSGIServer(_host_and_port(address), QuietRequest)
        except OSError as error:
            raise CommandError(f"{address} est déjà occupé : fermez ce qui l’occupe, ou donnez --address.") from error
        server.daemon_threads = True
        server.set_app(get_wsgi_application())
        try:
            postbox.open()
        except OSError as error:
            server.server_close()
            raise CommandError(
                f"{postbox.address} est déjà occupé : fermez ce qui l’occupe, ou donnez --smtp."
            ) from error

        def stop(*_: Any) -> None:
            threading.Thread(target=server.shutdown).start()  # shutdown waits for the loop that this signal interrupted

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        self.stdout.write(f"Simulateurs : http://{address} · SMTP : {postbox.address}")
        sys.stdout.flush()
        try:
            server.serve_forever(poll_interval=0.2)
        finally:
            postbox.close()
            server.server_close()


def _host_and_port(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    if host not in ("127.0.0.1", "localhost", "[::1]") or not port.isdecimal():
        raise CommandError("Les simulateurs n’écoutent que sur cette machine, par exemple 127.0.0.1:8010.")
    return host.strip("[]"), int(port)
