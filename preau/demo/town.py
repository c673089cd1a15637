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
    with _step("Bases de données"):
        for site in ("identity", "eservices", "simulators"):
            _preau(environment, site, "migrate", "--no-input", "-v", "0")
    folder = street.demo / "base"
    with _step(f"Fichiers du collège ({pupils} élèves) : {folder}"):
        _write_school(street, born_at, pupils, seed)
    with _step("Établissements"):
        for school in (SCHOOL, OTHER_SCHOOL):
            name = f"Collège {school.name.title()}"
            _preau(environment, "identity", "school", "add", school.uai, "--name", name)
    with _step("Import de la base"):
        # Dated like its files: the importers are asked for the day of the export, as an operator would.
        files = [str(path) for path in sorted(folder.iterdir())]
        _preau(environment, "identity", "import", *files, "--year", str(school_year.of(clock.today(born_at))))
    with _step("Personnels, lettres, comptes"):
        _play(street, environment, born_at)


def _birth(street: Street, pupils: int, seed: int) -> datetime:
    """When this town was made: its people keep the ages and the exits of that day, however late it is resumed."""
    path = street.demo / "town.json"
    if path.exists():
        known = json.loads(path.read_text("utf-8"))
        if known["ports_from"] != street.ports_from:
            raise TownTrouble(
                f"La ville de {street.var} a été faite avec les ports {known['ports_from']} et suivants, que ses "
                f"comptes et ses services connaissent. Rouvrez-la avec eux, ou ouvrez-en une autre : {street.beside()}"
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


def _play(street: Street, environment: dict[str, str], born_at: datetime) -> None:
    os.environ.update(environment, DJANGO_SETTINGS_MODULE="preau.identity.settings")
    import django  # the settings module and the environment are known from here on

    django.setup()
    from preau.demo import guide, stage  # Django is ready from here on

    at, cast, kept = clock.now(), cast_on(clock.today(born_at)), Keepsakes(street.demo / "keepsakes.json")
    stage.play(cast, kept, at=at)
    stage.connect_eservices(street.client_secret_file.read_text("ascii"), at=at)
    text = guide.written(cast, kept, street, street.demo / "base-plus-recente")
    write_privately(street.cast_file, text)


def _preau(environment: dict[str, str], *arguments: str) -> None:
    """Run ``preau SITE COMMAND …`` as an operator would. Raises `TownTrouble` with what it said."""
    command = [sys.executable, "-m", "preau", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        said = "\n".join((done.stdout + done.stderr).strip().splitlines()[-15:])
        raise TownTrouble(f"« preau {' '.join(arguments[:3])} … » a échoué (code {done.returncode}) :\n{said}")


@contextmanager
def _step(words: str) -> Iterator[None]:
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
