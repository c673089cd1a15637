"""``preau demo …``: write a school's files, prepare the town, open the street. None of it needs Django to start."""

import argparse
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from preau import clock
from preau.demo import bases, run, town
from preau.demo.cast import OTHER_SCHOOL, SCHOOL
from preau.demo.deploy import command as deploy
from preau.demo.rows import SchoolRow, uai_with_key
from preau.demo.school_files import Dialect, write_files
from preau.demo.street import FIRST_PORT, PortTaken, Street
from preau.identity.directory import school_year


def main(argv: Sequence[str]) -> int:
    """Run one command. Exit code: 0 done, 1 a trouble told in a sentence, 2 a wrong call."""
    options = _parser().parse_args(argv)
    try:
        return int(options.deed(options))
    except (PortTaken, run.StreetTrouble, town.TownTrouble, OSError) as trouble:
        print(f"\n{trouble}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="preau demo", description="La ville de démonstration.")
    deeds = parser.add_subparsers(required=True, metavar="COMMANDE")
    files = deeds.add_parser("write-files", help="écrire les fichiers d’un établissement inventé (SIECLE et STS)")
    files.set_defaults(deed=_write_files)
    files.add_argument("--into", type=Path, required=True, help="dossier où écrire")
    files.add_argument(
        "--pupils", type=_count, default=town.PUPILS, help="élèves présents (les sortis viennent en plus)"
    )
    files.add_argument("--seed", type=int, default=town.SEED, help="même graine, mêmes personnes")
    files.add_argument("--uai", type=_uai, default=SCHOOL.uai)
    files.add_argument("--on", type=date.fromisoformat, help="jour de l’export, AAAA-MM-JJ (aujourd’hui sinon)")
    files.add_argument("--year", type=int, help="année de la rentrée (celle du jour sinon)")
    files.add_argument("--with-addresses", action="store_true", help="ElevesAvecAdresses au lieu de ElevesSansAdresses")
    files.add_argument("--before-2018", action="store_true", help="l’écriture d’avant 2018")
    files.add_argument("--without-cast", action="store_true", help="la foule seule, sans les personnages")
    for name, deed, words in (
        ("town", _town, "préparer la ville, ou la reprendre"),
        ("run", _run, "préparer la ville et l’ouvrir, jusqu’à Ctrl-C"),
    ):
        command = deeds.add_parser(name, help=words)
        command.set_defaults(deed=deed)
        command.add_argument("--var", type=Path, default=town.default_var(), help="dossier de la ville (%(default)s)")
        command.add_argument("--ports-from", type=int, default=FIRST_PORT, help="premier port (%(default)s)")
        command.add_argument("--pupils", type=_count, default=town.PUPILS)
        command.add_argument("--seed", type=int, default=town.SEED)
    deployment = deeds.add_parser(
        "deploy", help="mesurer un déploiement\u00a0: des familles entrent, des inconnus essaient"
    )
    deployment.set_defaults(deed=deploy.deploy)
    deploy.add_options(deployment, var=town.default_var())
    return parser


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("il faut au moins un élève")
    return number


def _uai(text: str) -> str:
    written = text.strip().upper()
    if len(written) != 8 or not written[:7].isdigit() or uai_with_key(written[:7]) != written:
        raise argparse.ArgumentTypeError(f"« {text} » n’est pas un code d’établissement (sept chiffres et leur clé)")
    return written


def _school(uai: str) -> SchoolRow:
    known = {school.uai: school for school in (SCHOOL, OTHER_SCHOOL)}
    return known.get(uai) or SchoolRow(uai=uai, name=f"N° {uai}", email=f"ce.{uai.lower()}@example.org")


def _write_files(options: argparse.Namespace) -> int:
    on = options.on or clock.today(clock.now())
    base = bases.base(
        pupils=options.pupils,
        seed=options.seed,
        on=on,
        year=options.year or school_year.of(on),
        school=_school(options.uai),
        with_cast=not options.without_cast and options.uai == SCHOOL.uai,
    )
    dialect = Dialect.BEFORE_2018 if options.before_2018 else Dialect.CURRENT
    for path in write_files(base, options.into, dialect=dialect, with_addresses=options.with_addresses):
        print(path)
    return 0


def _town(options: argparse.Namespace) -> int:
    town.prepare(_street(options), pupils=options.pupils, seed=options.seed)
    return 0


def _run(options: argparse.Namespace) -> int:
    return run.run(_street(options), pupils=options.pupils, seed=options.seed)


def _street(options: argparse.Namespace) -> Street:
    return Street(options.var.resolve(), options.ports_from)
