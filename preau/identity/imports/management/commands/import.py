"""``preau identity import FILES… [--year 2009] [--on 2009-11-02] [--dry-run] [--json]``."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from preau import clock
from preau.identity.imports import runs, sentences
from preau.identity.imports.causes import Cause, Doubt, Refused
from preau.identity.imports.models import ImportRun
from preau.identity.imports.plan import Plan

BY = "system:command"
_ACCOUNTS = {
    "pupils_opened": "comptes d’élèves ouverts",
    "guardians_opened": "comptes de responsables ouverts",
    "guardians_gathered": "fiches rassemblées avec un compte d’un autre établissement",
    "disabled": "comptes désactivés",
    "enabled": "comptes rétablis",
    "closed": "comptes fermés",
}


class Command(BaseCommand):
    """Read a school's files and apply them whole, or say why not and write nothing."""

    help = "Importer les fichiers d’un établissement (SIECLE, STS-Web)."

    def add_arguments(self, parser: CommandParser) -> None:
        """The files, and what the clock can't say."""
        parser.add_argument("files", nargs="+", type=Path, metavar="FICHIER")
        parser.add_argument(
            "--year", type=int, help="année scolaire attendue (celle de la rentrée), sinon l’année en cours"
        )
        parser.add_argument(
            "--on", type=date.fromisoformat, help="date qui dit qui est actif (AAAA-MM-JJ), sinon aujourd’hui"
        )
        parser.add_argument("--dry-run", action="store_true", help="dire ce qui serait fait, ne rien écrire")
        parser.add_argument("--json", action="store_true", help="répondre en JSON")
        parser.add_argument(
            "--confirm-shrinking", action="store_true", help="accepter une base qui rétrécit de plus de 20 %%"
        )

    def handle(self, *args: Any, files: list[Path], **options: Any) -> None:
        """Exit 0 when applied or nothing to do, 1 when refused."""
        at = clock.now()
        try:
            answer = self._import(self._contents(files), at, options)
        except Refused as refused:
            self._refuse(refused, options)
        else:
            text = json.dumps(answer, ensure_ascii=False, indent=2) if options["json"] else "\n".join(_words(answer))
            self.stdout.write(text)

    def _contents(self, files: list[Path]) -> list[tuple[str, bytes]]:
        try:
            return [(file.name, file.read_bytes()) for file in files]
        except OSError as trouble:
            raise CommandError(f"« {trouble.filename} » ne peut pas être lu : {trouble.strerror}.") from trouble

    def _import(self, contents: list[tuple[str, bytes]], at: datetime, options: dict[str, Any]) -> dict[str, Any]:
        asked = {"at": at, "day": options["on"], "year": options["year"]}
        if options["dry_run"]:
            return _answer(runs.read(contents, **asked).plan, None, is_trial=True)
        try:
            reading, run = runs.apply_now(contents, by=BY, confirms_shrinking=options["confirm_shrinking"], **asked)
        except Refused as refused:
            if refused.cause is Cause.NEEDS_SECOND_PERSON:
                reading = runs.read(contents, **asked)
                runs.prepare(contents, uai=reading.school.pk, by=BY, **asked)
            raise
        return _answer(reading.plan, run, is_trial=False)

    def _refuse(self, refused: Refused, options: dict[str, Any]) -> None:
        words = sentences.refusal(refused)
        if options["json"]:
            self.stdout.write(json.dumps({"refused": refused.cause, "words": words}, ensure_ascii=False, indent=2))
        raise CommandError(words)


def _answer(plan: Plan, run: ImportRun | None, *, is_trial: bool) -> dict[str, Any]:
    """What happened, in numbers."""
    return {
        "school": plan.uai,
        "year": plan.year,
        "on": plan.day.isoformat(),
        "exported_at": plan.exported_at.isoformat() if plan.exported_at else None,
        "is_trial": is_trial,
        "is_applied": run is not None,
        "counts": plan.counts,
        "changes": plan.totals(),
        "doubts": plan.doubts(),
        "watched": len(plan.watched),
        "needs_second_person": plan.needs_second_person,
        "shrinking": plan.shrinking,
        "accounts": {name: run.counts[name] for name in _ACCOUNTS} if run else {},
    }


def _words(answer: dict[str, Any]) -> list[str]:
    """The same, as one says it."""
    said = [f"Établissement {answer['school']}, au {date.fromisoformat(answer['on']):%d/%m/%Y} :"]
    said += [f"  {number:>6} {sentences.COUNTS[name]}" for name, number in answer["counts"].items()]
    if answer["changes"]:
        said.append("Ce qui serait changé :" if answer["is_trial"] else "Ce qui a changé :")
        said += [
            f"  {number:>6} {_small(sentences.DEEDS[of, deed])}"
            for of, deeds in answer["changes"].items()
            for deed, number in deeds.items()
            if of != "school"
        ]
    said += [f"  {number:>6} {_ACCOUNTS[name]}" for name, number in answer["accounts"].items() if number]
    if answer["doubts"]:
        said.append("À vérifier par l’établissement :")
        for doubt, number in answer["doubts"].items():
            said.append(f"  {number:>6} {_small(sentences.ADVICE[Doubt(doubt)].seen)}")
    if answer["shrinking"]:
        said.append(f"Attention : cet import fait passer {sentences.shrinking(answer['shrinking'])}.")
    if answer["watched"]:
        said.append(
            f"{answer['watched']} changements touchent une famille qui a déjà un compte actif : elle en est avertie."
        )
    if answer["is_trial"]:
        return [*said, "Essai : rien n’a été écrit."]
    return [*said, "Import appliqué." if answer["is_applied"] else "Rien à changer : la base dit déjà la même chose."]


def _small(words: object) -> str:
    """Without the capital of a sentence's beginning; « INE » keeps its own."""
    text = str(words)
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]
