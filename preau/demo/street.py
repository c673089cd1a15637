"""The street of one town: where it writes, which ports its houses have, and what each process is told of it."""

import os
import socket
from dataclasses import dataclass
from pathlib import Path

FIRST_PORT = 8_000
# What a developer may say from outside; the rest of the environment must not leak into the town.
CONVENIENCES = {"PREAU_DEBUG", "PREAU_LOG_LEVEL", "PREAU_ARGON2_TIME_COST", "PREAU_ARGON2_MEMORY_KIB"}


class PortTaken(Exception):
    """A port of the street is already in use. The sentence names it and says what to do."""


@dataclass(frozen=True)
class Street:
    """A town's folder and ports. Two towns with other folders and other ports live side by side."""

    var: Path
    ports_from: int = FIRST_PORT

    @property
    def ports(self) -> dict[str, int]:
        """Each house's port: identity first, the others at fixed distances."""
        start = self.ports_from
        return {"identity": start, "eservices": start + 1, "simulators": start + 10, "smtp": start + 25}

    @property
    def identity_url(self) -> str:
        """`localhost`, not an address: browsers refuse passkeys on bare addresses."""
        return f"http://localhost:{self.ports['identity']}"

    @property
    def eservices_url(self) -> str:
        """Another site than identity, so that SameSite is truly exercised."""
        return f"http://127.0.0.1:{self.ports['eservices']}"

    @property
    def simulators_url(self) -> str:
        """The start page: who one can be."""
        return f"http://127.0.0.1:{self.ports['simulators']}"

    @property
    def demo(self) -> Path:
        """What the demo itself writes: files of the school, secrets in clear, the cast of the start page."""
        return self.var / "demo"

    @property
    def logs(self) -> Path:
        """One file per process."""
        return self.var / "log"

    @property
    def cast_file(self) -> Path:
        """What the simulators read (preau/simulators/cast.py says its shape)."""
        return self.demo / "cast.json"

    @property
    def client_secret_file(self) -> Path:
        """The secret that identity and the e-services share."""
        return self.demo / "eservices-client-secret"

    def environment(self) -> dict[str, str]:
        """What every process of the town reads from its environment. Production values in ours are left out."""
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PREAU_", "DJANGO_")) or name in CONVENIENCES
        }
        smtp = f"127.0.0.1:{self.ports['smtp']}"
        client_secret = (
            self.client_secret_file.read_text("ascii") if self.client_secret_file.exists() else "development"
        )
        return inherited | {
            "PREAU_DEVELOPMENT": "1",
            "PREAU_VAR": str(self.var),
            "PREAU_PUBLIC_URL": self.identity_url,
            "PREAU_ESERVICES_URL": self.eservices_url,
            "PREAU_ESERVICES_ISSUER": self.identity_url,
            "PREAU_ESERVICES_CLIENT_SECRET": client_secret,
            "PREAU_ESERVICES_DATABASE_URL": f"sqlite:///{self.var / 'eservices.sqlite3'}",
            "PREAU_SIMULATORS_URL": self.simulators_url,
            "PREAU_SIMULATORS_CAST": str(self.cast_file),
            "PREAU_SIMULATORS_SMTP": smtp,
            "PREAU_SMTP_URL": f"smtp://{smtp}",
            "PREAU_SMS_URL": f"{self.simulators_url}/sms",
            "PREAU_STAFF_PORTAL_ISSUER": f"{self.simulators_url}/portail",
            "PREAU_FRANCECONNECT_ISSUER": f"{self.simulators_url}/franceconnect/api/v2",
            "PREAU_CLOCK_FILE": str(self.var / "clock"),
            "PYTHONUNBUFFERED": "1",
        }

    def beside(self) -> str:
        """The line to type for a second town: other ports, and a folder that `make clean` empties with the rest."""
        start = self.ports_from + 100
        return f".venv/bin/preau demo run --ports-from {start} --var {self.var / f'town-{start}'}"

    def check_ports(self) -> None:
        """Raises `PortTaken` when a house could not open its door."""
        for port in self.ports.values():
            with socket.socket() as door:
                door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    door.bind(("127.0.0.1", port))
                except OSError as trouble:
                    raise PortTaken(
                        f"Le port {port} est déjà pris par un autre programme : "
                        f"« ss -ltnp sport = :{port} » dit lequel.\n"
                        f"Arrêtez-le, ou ouvrez une autre ville à côté : {self.beside()}"
                    ) from trouble
