"""The site as production serves it, for benchmarks: granian, two workers, an ephemeral PostgreSQL, a school."""

import base64
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from tests.postgresql import ephemeral_postgresql

USERS = 200
CALLBACK = "https://bench.example/callback"
PASSWORD, SECRET = "Un-bon-mot-de-passe-7", secrets.token_urlsafe(24)
REAL_HASH, FREE_HASH = (2, 19456), (1, 8)
THREADS = 16  # as in deploy/systemd

PREPARE = """
from preau import clock
from django.contrib.auth.hashers import make_password
from preau.identity.accounts.models import Account
from preau.identity.directory.models import *
from preau.identity.accounts import lifecycle
from preau.identity.accounts.origins import Origin
from preau.identity.federation.registration import register
import os, datetime
at = clock.now() - datetime.timedelta(minutes=1)
school = School.objects.create(uai="0991234D", name="Collège")
division = Division.objects.create(school=school, code="5E B")
people = [Pupil(birth_name=f"NOM{n}", first_name="Ada") for n in range(int(os.environ["USERS"]))]
pupils = Pupil.objects.bulk_create(people)
Enrolment.objects.bulk_create(
    [Enrolment(pupil=one, school=school, source_key=str(one.pk), division=division) for one in pupils]
)
accounts = lifecycle.open_for_pupils(pupils, by="bench:1", at=at)
encoded = make_password(os.environ["BENCH_PASSWORD"])
parents = Guardian.objects.bulk_create(
    [Guardian(school=school, source_key=f"P{n}", birth_name=f"PARENT{n}", first_name="Awa") for n in range(50)]
)
children = list(Enrolment.objects.order_by("pk")[:100])
Guardianship.objects.bulk_create(
    [Guardianship(guardian=parents[n // 2], enrolment=one, level=1, is_legal=True) for n, one in enumerate(children)]
)
guardians = lifecycle.open_for_guardians(parents, by="bench:1", at=at)
accounts += guardians
for account in accounts:
    lifecycle.choose_password(account, encoded=encoded, by="bench:1", at=at)
    lifecycle.activate(account, origin=Origin.SCHOOL, by="bench:1", at=at)
for account in guardians:  # otherwise their first page is a reminder
    Account.objects.filter(pk=account.pk).update(email=f"{account.pk}@example.org", email_confirmed_at=at)
addresses = [os.environ["CALLBACK"]]
register(client_id="bench", name="Bench", redirect_uris=addresses, secret=os.environ["SECRET"], by="bench:1", at=at)

from preau.identity.federation.models import Protocol, RelyingParty, SamlProfile
post = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
for name in ("clear", "sealed"):
    party = RelyingParty.objects.create(
        client_id=f"saml-{name}", protocol=Protocol.SAML, name=name, audience=["guardian", "pupil"],
        scopes=["ent", "pupil"], sector="bench.example", registered_at=at,
    )
    SamlProfile.objects.create(
        party=party, entity_id=f"https://bench.example/{name}", metadata="", metadata_read_at=at,
        metadata_expires_at=at + datetime.timedelta(days=30), is_clear_accepted=name == "clear",
        consumers=[{"binding": post, "location": os.environ["CALLBACK"], "index": 1, "is_default": True}],
        encryption_certificates=[os.environ["CERTIFICATE"]] if name == "sealed" else [],
    )
print("\\n".join(f"{account.kind} {account.username}" for account in accounts))
"""


@dataclass(frozen=True)
class Site:
    """A server that answers, and what it and its database have used."""

    address: str
    processes: tuple[int, ...]

    def cpu(self) -> float:
        """Seconds of CPU since they started."""
        return _cpu_seconds(*self.processes)

    def memory(self) -> float:
        """MB held (PSS), shared pages counted once; 0 where the kernel does not say."""
        return sum(_pss(process.pid) for process in _all(*self.processes)) / 1024


@contextmanager
def school() -> Iterator[tuple[dict[str, str], dict[str, list[str]], str]]:
    """A database with a school in it: its environment, the usernames of each kind, the folder of the cluster."""
    with ephemeral_postgresql() as url, tempfile.TemporaryDirectory(prefix="preau-bench-") as var:
        environment = {
            **os.environ, "DATABASE_URL": url, "PREAU_VAR": var, "PREAU_DEVELOPMENT": "1", "USERS": str(USERS),
            "PREAU_LOG_LEVEL": "ERROR", "BENCH_PASSWORD": PASSWORD, "CALLBACK": CALLBACK, "SECRET": SECRET,
            "CERTIFICATE": _certificate(), **costing(FREE_HASH),
        }  # fmt: skip
        manage = [sys.executable, "-m", "preau", "identity"]
        subprocess.run([*manage, "migrate", "-v0"], env=environment, check=True)
        command = [*manage, "shell", "--no-imports", "-c", PREPARE]
        made = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
        people: dict[str, list[str]] = {"pupil": [], "guardian": []}
        for line in made.stdout.splitlines():
            kind, _, username = line.partition(" ")
            people[kind].append(username)
        yield environment, people, url.split("@/", 1)[1].rsplit("/", 1)[0]


def costing(hash_cost: tuple[int, int]) -> dict[str, str]:
    """The settings of a hash of so many passes and KiB."""
    return {"PREAU_ARGON2_TIME_COST": str(hash_cost[0]), "PREAU_ARGON2_MEMORY_KIB": str(hash_cost[1])}


@contextmanager
def serving(
    environment: dict[str, str], *, cluster: str, program: tuple[str, ...] = ("preau", "identity", "serve")
) -> Iterator[Site]:
    """The production server with two workers, as deploy/ starts it, or another `program` behind the same granian."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://localhost:{port}"
    command = [
        sys.executable, "-m", *program, "--workers", "2", "--blocking-threads", str(THREADS),
        "--host", "127.0.0.1", "--port", str(port), "--no-access-log", "--log-level", "warning",
    ]  # fmt: skip
    server = subprocess.Popen(command, env={**environment, "PREAU_PUBLIC_URL": address})
    try:
        wait_for(f"{address}/readyz")
        yield Site(address, (server.pid, _postmaster(cluster)))
    finally:
        server.terminate()
        server.wait(20)


def wait_for(address: str) -> None:
    """Until it answers, 30 s at most."""
    for _ in range(300):
        try:
            if requests.get(address, timeout=2).ok:
                return
        except requests.RequestException:
            pass
        time.sleep(0.1)
    raise TimeoutError(address)


def _postmaster(cluster: str) -> int:
    """The process that answers in this folder: others may run on the machine."""
    folder = cluster if cluster.startswith("/") else f"/{cluster}"
    return int((Path(folder) / "data" / "postmaster.pid").read_text(encoding="ascii").splitlines()[0])


def _cpu_seconds(*roots: int) -> float:
    total = 0.0
    for process in _all(*roots):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        # Those that have ended are in the account of whoever waited for them.
        total += times.user + times.system + times.children_user + times.children_system
    return total


def _all(*roots: int) -> list[psutil.Process]:
    return [one for pid in roots for one in (psutil.Process(pid), *psutil.Process(pid).children(recursive=True))]


def _pss(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def _certificate() -> str:
    """Of a service that reads encrypted assertions (DER, base64)."""
    key, now = rsa.generate_private_key(public_exponent=65537, key_size=2048), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "bench.example")])
    built = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    dated = built.serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=2))
    signed = dated.sign(key, hashes.SHA256())
    return base64.b64encode(signed.public_bytes(serialization.Encoding.DER)).decode("ascii")
