"""``preau demo deploy``: its options, one town per level, and the table it leaves.

A level is played in a process of its own, which owns one Django; without ``--level`` the three are played one after
another. Figures are kept as JSON beside the town, so that a table may join levels played on different days.
"""

import argparse
import os
import platform
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

from preau import clock
from preau.demo.deploy import report
from preau.demo.deploy.deployment import BEGINS_AT, Deployment, DeployStreet
from preau.demo.deploy.families import TooManyFamilies, town
from preau.demo.deploy.rates import Level
from preau.demo.deploy.report import Result
from preau.demo.street import FIRST_PORT
from preau.identity.directory import school_year

PORTS_FROM = FIRST_PORT + 300


def add_options(command: argparse.ArgumentParser, *, var: Path) -> None:
    """The options of the command."""
    command.add_argument("--seed", type=int, default=7, help="même graine, mêmes familles (%(default)s)")
    command.add_argument("--families", type=_families, default=200, help="familles par niveau (%(default)s)")
    command.add_argument(
        "--level", type=Level, choices=list(Level), metavar="NIVEAU",
        help="low, middle ou high\u00a0: un seul niveau de saleté, au lieu des trois",
    )  # fmt: skip
    command.add_argument(
        "--table", type=Path, metavar="FICHIER", help="y écrire le tableau des niveaux joués jusqu’ici"
    )
    command.add_argument(
        "--var",
        type=Path,
        default=var / "deploy",
        help="dossier\u00a0; la ville de chaque niveau y est refaite à neuf (%(default)s)",
    )
    command.add_argument("--ports-from", type=int, default=PORTS_FROM, help="premier port (%(default)s)")


def deploy(options: argparse.Namespace) -> int:
    """Exit 1 when a stranger got in. The aim missed is said and is no error: it is what was to be measured."""
    on = clock.today(clock.now())  # before a level played here moves this process's clock
    folder: Path = options.var.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    levels = [options.level] if options.level else list(Level)
    codes = [_play(options, folder, level) if options.level else _apart(options, level) for level in levels]
    if options.table:
        options.table.write_text(_table(options, folder, on=on), encoding="utf-8")
    return max(codes)


def _play(options: argparse.Namespace, folder: Path, level: Level) -> int:
    """One level, in this process: its town is made anew, its figures are kept."""
    street = DeployStreet(folder / level.value, options.ports_from)
    shutil.rmtree(street.var, ignore_errors=True)
    street.var.mkdir(parents=True)
    on = clock.today(BEGINS_AT)
    try:
        made = town(families=options.families, seed=options.seed, level=level, on=on, year=school_year.of(on))
    except TooManyFamilies:
        print("Il n’y a pas assez de mobiles de fiction pour tant de familles\u00a0: donnez-en moins.", file=sys.stderr)
        return 1
    played = Deployment(street, made, say=lambda words: print(f"      {words}", flush=True))
    played.play()
    result = report.of(played, level)
    report.keep(result, _kept(folder, level))
    for name, lines in (("families", report.told(played)), ("strangers", report.tried(played))):
        (street.var / f"{name}.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    print(report.in_words(result), flush=True)
    return 1 if result.strangers_in else 0


def _apart(options: argparse.Namespace, level: Level) -> int:
    """One level, in a process of its own."""
    same = ("--seed", options.seed, "--families", options.families, "--var", options.var)
    line = (
        sys.executable,
        "-m",
        "preau",
        "demo",
        "deploy",
        "--level",
        level,
        *same,
        "--ports-from",
        options.ports_from,
    )
    return subprocess.run([str(word) for word in line], check=False).returncode


def _kept(folder: Path, level: Level) -> Path:
    return folder / f"{level.value}.json"


def _table(options: argparse.Namespace, folder: Path, *, on: date) -> str:
    results: list[Result] = [report.kept(_kept(folder, level)) for level in Level if _kept(folder, level).exists()]
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, SQLite"
    return report.table(results, seed=options.seed, on=on, machine=machine)


def _families(text: str) -> int:
    number = int(text)
    if not 10 <= number <= 5_000:
        raise argparse.ArgumentTypeError(
            "de 10 à 5\u202f000 familles\u00a0: il n’y a que 10\u202f000 mobiles de fiction"
        )
    return number
