"""``preau demo town``: the demo town, prepared or resumed. Everything is written under the town's `var/`.

The school reaches Préau as in life: files are written, then imported by the operator's own commands. What a run finds
done it leaves alone, and a run stopped half-way is resumed by the next.
"""

import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from preau import clock
from preau.demo import bases
from preau.demo.cast import OTHER_SCHOOL, SCHOOL, cast_on
from preau.demo.keepsakes import Keepsakes, write_privately
from preau.demo.school_files import write_files
from preau.demo.street import Street
from preau.identity.directory import school_year

PUPILS, SEED = 600, 7


class TownTrouble(Exception):
    """A step failed; the sentence says which and shows what it said."""


def prepare(street: Street, *, pupils: int = PUPILS, seed: int = SEED) -> None:
    """Make the town, or resume it. Prints each step as it is done. Raises `TownTrouble`."""
    street.demo.mkdir(parents=True, exist_ok=True)
    if not street.client_secret_file.exists():
        write_privately(street.client_secret_file, secrets.token_urlsafe(32))
    environment = street.environment()
    born_at = _birth(street, pupils, seed)
    with step("Bases de données"):
        for site in ("identity", "eservices", "simulators"):
            preau(environment, site, "migrate", "--no-input", "-v", "0")
        wake_django(environment)
    from preau.demo import stage  # Django is ready from here on

    if not stage.has_base():
        folder = street.demo / "base"
        with step(f"Fichiers d’un collège de {pupils} élèves, dans {folder}"):
            _write_school(street, born_at, pupils, seed)
        with step("Établissements"):
            for school in (SCHOOL, OTHER_SCHOOL):
                preau(environment, "identity", "school", "add", school.uai, "--name", f"Collège {school.name.title()}")
        with step("Import de la base, comme le ferait le collège"):
            files = [str(path) for path in sorted(folder.iterdir())]
            day = clock.today(born_at)
            said = preau(
                environment, "identity", "import", *files, "--year", str(school_year.of(day)), "--on", day.isoformat()
            )
        print("\n".join(f"      {line}" for line in said.strip().splitlines()), flush=True)
    with step("Personnels, lettres, comptes"):
        _play(street, born_at)
    if not stage.is_connected("ent"):
        with step("ENT Les Rives, raccordé par ses métadonnées"):
            # As text now, for nobody is open yet; the worker then reads them again each day at their address.
            xml = preau(environment, "simulators", "ent-metadata")
            stage.connect_ent(xml.encode(), metadata_url=f"{street.simulators_url}/ent/metadata", at=clock.now())


def wake_django(environment: dict[str, str]) -> None:
    """From here on this process is one of identity's: what the cast did goes through its verbs."""
    os.environ.clear()  # what the street leaves out of the sites' environment is left out of ours: one secret for all
    os.environ.update(environment, DJANGO_SETTINGS_MODULE="preau.identity.settings")
    import django  # the settings module and the environment are known only now

    django.setup()


def _birth(street: Street, pupils: int, seed: int) -> datetime:
    """When this town was made: its people keep the ages and the exits of that day, however late it is resumed."""
    path = street.demo / "town.json"
    if path.exists():
        known = json.loads(path.read_text("utf-8"))
        if known["ports_from"] != street.ports_from:
            raise TownTrouble(
                f"La ville de {street.var} a été faite avec les ports {known['ports_from']} et suivants, que ses "
                f"comptes et ses services connaissent. Rouvrez-la avec eux, ou ouvrez-en une autre : {street.beside()}"
            )
        return datetime.fromisoformat(known["born_at"])
    born_at = clock.now()
    facts = {"born_at": born_at.isoformat(), "pupils": pupils, "seed": seed, "ports_from": street.ports_from}
    write_privately(path, json.dumps(facts))
    return born_at


def _write_school(street: Street, born_at: datetime, pupils: int, seed: int) -> None:
    """The base of yesterday, which is imported, and the one of today, for whoever plays the head."""
    day = clock.today(born_at)
    local = born_at.astimezone(clock.PARIS).replace(tzinfo=None, microsecond=0)
    versions = (("base", False, local - timedelta(days=1)), ("base-plus-recente", True, local - timedelta(minutes=10)))
    for name, is_later, exported_at in versions:
        folder = street.demo / name
        if folder.exists():
            continue
        base = bases.base(pupils=pupils, seed=seed, on=day, year=school_year.of(day), is_later=is_later)
        beside = street.demo / f"{name}.part"
        write_files(base, beside, exported_at=exported_at)
        beside.replace(folder)


def _play(street: Street, born_at: datetime) -> None:
    from preau.demo import guide, stage  # Django is ready from here on

    at, cast, kept = clock.now(), cast_on(clock.today(born_at)), Keepsakes(street.demo / "keepsakes.json")
    stage.play(cast, kept, at=at)
    stage.bring_old_accounts(cast, kept, street.demo, at=at)
    stage.connect_eservices(street.client_secret_file.read_text("ascii"), at=at)
    write_privately(street.cast_file, guide.written(cast, kept, street, street.demo / "base-plus-recente"))


def preau(environment: dict[str, str], *arguments: str) -> str:
    """Run ``preau SITE COMMAND …`` as an operator would; returns what it said. Raises `TownTrouble` with it."""
    command = [sys.executable, "-m", "preau", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        said = "\n".join((done.stdout + done.stderr).strip().splitlines()[-15:])
        raise TownTrouble(f"« preau {' '.join(arguments[:3])} … » a échoué (code {done.returncode}) :\n{said}")
    return done.stdout


@contextmanager
def step(words: str) -> Iterator[None]:
    """Say what is being done, then how long it took."""
    print(f"  · {words}…", end="", flush=True)
    start = time.monotonic()
    try:
        yield
    except BaseException:
        print(" arrêté.", flush=True)
        raise
    print(f" fait ({time.monotonic() - start:.1f} s)".replace(".", ","), flush=True)


def default_var() -> Path:
    """`var/` of the current folder, or PREAU_VAR."""
    return Path(os.environ.get("PREAU_VAR", "var")).resolve()
