"""What the screens of an import show: numbers in words, lines by section, points to look at with their people."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from preau.identity.directory.models import Enrolment, Guardian
from preau.identity.imports import sentences
from preau.identity.imports.causes import Doubt
from preau.identity.imports.models import Anomaly, ImportRun, Stage
from preau.identity.staff.models import StaffMember, StaffRecord

# What a row of points says besides the name; the other facts are keys of the base.
_TOLD = ("schools", "divisions", "division", "number")
# Sections of the preview, in the order people read them; the rest follows.
_FIRST = ("pupil", "guardian", "link", "tutor", "staff", "division")
_COUNTS = (
    "pupils_in_file", "pupils_active", "divisions", "persons_in_file", "legal_guardians", "guardians_with_account",
    "staff_in_file", "form_tutors", "corrections_reported",
)  # fmt: skip
ACCOUNTS = {
    "pupils_opened": _("Comptes d’élèves ouverts"),
    "guardians_opened": _("Comptes de responsables ouverts"),
    "guardians_gathered": _("Fiches rassemblées avec un compte d’un autre établissement"),
    "disabled": _("Comptes désactivés"),
    "enabled": _("Comptes rétablis"),
    "closed": _("Comptes fermés"),
}


HOME = _("Imports")
TITLES = {
    Stage.READY: _("Ce que cet import ferait"),
    Stage.ASKED: _("Import en cours"),
    Stage.APPLIED: _("Import appliqué"),
    Stage.REFUSED: _("Import refusé"),
    Stage.ABANDONED: _("Import abandonné"),
}


def title(run: ImportRun) -> Any:
    """What the page of an import is called, wherever it stands."""
    return TITLES[Stage(run.stage)]


def summary(run: ImportRun) -> dict[str, Any]:
    """The numbers of an import, in words."""
    return {
        "heading": title(run),
        "counts": [(sentences.COUNTS[name], run.counts[name]) for name in _COUNTS if run.counts.get(name)],
        "accounts": [(words, run.counts[name]) for name, words in ACCOUNTS.items() if run.counts.get(name)],
        "sections": sections(run),
        "points": [_point(Doubt(doubt), number) for doubt, number in run.doubts.items()],
        "why": sentences.of_cause(run.cause, run.facts, file=run.facts.get("file", "")) if run.cause else "",
        "shrinking": sentences.shrinking(run.shrinking) if run.shrinking else "",
        "author": author(run.by),
        "approver": author(run.approved_by) if run.approved_by else "",
    }


def sections(run: ImportRun) -> list[dict[str, Any]]:
    """What changes, by kind of row and of change."""
    return [
        {"name": f"{of}-{deed}", "words": sentences.DEEDS[of, deed], "number": number}
        for of in _FIRST
        for deed, number in run.totals.get(of, {}).items()
    ]


def lines(run: ImportRun, section: str) -> list[dict[str, Any]]:
    """The lines of one section of the preview."""
    found = [line for line in run.shown_lines() if line["section"] == section]
    for line in found:
        line["changes"] = [
            {"column": sentences.COLUMNS.get(name, name), "before": before, "after": after}
            for name, before, after in line.get("columns", ())
        ]
    return found


def heading(section: str) -> Any:
    """The words of a section; None when there is no such section."""
    of, _, deed = section.partition("-")
    return sentences.DEEDS.get((of, deed))


def watched(run: ImportRun) -> list[dict[str, Any]]:
    """The changes that could smuggle somebody in."""
    found = [line for line in run.shown_lines() if line["section"] == "watched"]
    for line in found:
        line["words"] = sentences.WATCHED[line["why"]]
        line["channels"] = [str(sentences.COLUMNS[name]) for name in line["channels"]]
    return found


def _point(doubt: Doubt, number: int) -> dict[str, Any]:
    advice = sentences.ADVICE[doubt]
    return {"doubt": doubt.value, "seen": advice.seen, "do": advice.do, "number": number}


def points(run: ImportRun, doubt: Doubt) -> list[dict[str, Any]]:
    """The rows of one sort of doubt, each with the person's name: from the preview, else from the directory."""
    rows = list(run.anomalies.filter(doubt=doubt))
    shown = [line["name"] for line in run.shown_lines() if line["section"] == f"doubt-{doubt}"]
    names = shown if len(shown) == len(rows) else _names(run, rows)
    found = [
        {
            "name": name,
            "key": row.source_key,
            "detail": ", ".join(row.facts[fact] for fact in _TOLD if fact in row.facts),
            "group": row.facts.get("others", ""),
        }
        for row, name in zip(rows, names, strict=True)
    ]
    return sorted(found, key=lambda one: (one["group"], one["name"]))


def _names(run: ImportRun, rows: Sequence[Anomaly]) -> list[str]:
    keys: dict[str, set[str]] = {"pupil": set(), "guardian": set(), "staff": set()}
    for row in rows:
        guardian, _, pupil = row.source_key.partition(">")
        if row.of == "link":
            keys["guardian"].add(guardian)
            keys["pupil"].add(pupil)
        elif row.of in keys:
            keys[row.of].add(row.source_key.rpartition(":")[2])
    pupils = Enrolment.objects.filter(school=run.school_id, source_key__in=keys["pupil"]).select_related("pupil")
    guardians = Guardian.objects.filter(school=run.school_id, source_key__in=keys["guardian"])
    staff = StaffRecord.objects.filter(school=run.school_id, source_key__in=keys["staff"])
    named = {("pupil", one.source_key): str(one.pupil) for one in pupils}
    named |= {("guardian", one.source_key): str(one) for one in guardians}
    named |= {("staff", f"{one.source_type}:{one.source_key}"): str(one) for one in staff}
    return [_name(row, named) for row in rows]


def _name(row: Anomaly, named: dict[tuple[str, str], str]) -> str:
    if row.of != "link":
        return named.get((row.of, row.source_key), row.source_key)
    guardian, _, pupil = row.source_key.partition(">")
    return f"{named.get(('guardian', guardian), guardian)} → {named.get(('pupil', pupil), pupil)}"


def history_columns() -> dict[str, list[Any]]:
    """The heads of the table of imports."""
    heads = [gettext("Import"), gettext("Année scolaire"), gettext("État")]
    numbers = [{"label": label, "css": "end"} for label in (gettext("Élèves actifs"), gettext("À vérifier"))]
    return {"columns": [*heads, *numbers]}


def author(key: str) -> str:
    """Who is behind a key of the journal."""
    kind, _, pk = key.partition(":")
    member = StaffMember.objects.filter(pk=pk).first() if kind == "staff" and pk.isdigit() else None
    return member.name if member else gettext("la ligne de commande")
