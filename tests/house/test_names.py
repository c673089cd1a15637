"""The words of docs/glossary.md, and no other, in the names we define."""

import ast
import re
from pathlib import Path

from tests.house.source import HOUSES, ROOT, here, python_files, report, templates, tree

FORBIDDEN = {
    "student": "pupil", "parent": "guardian", "establishment": "school", "etablissement": "school", "eleve": "pupil",
    "responsable": "guardian", "classe": "division", "principal": "head or form_tutor",
    "teacher": "form_tutor or staff",
    "agent": "staff_member", "application": "dossier", "info": "what it holds", "manager": "what it does",
    "helper": "what it does", "util": "what it does", "service": "relying_party or eservice",
    "handler": "what it does", "processor": "what it does",
}  # fmt: skip
PACKAGES = {"services", "core", "common", "utils", "helpers", "misc", "managers", "api"}
# Where a foreign tongue is the subject, and where Django or WSGI imposes a word.
FOREIGN = ("preau/identity/imports/", "preau/identity/federation/", "preau/demo/", "tests/rooms/identity/imports/",
           "tests/rooms/identity/federation/", "tests/rooms/demo/")  # fmt: skip
IMPOSED = {"application", "user_agent", "handler400", "handler403", "handler404", "handler500"}
SNAKE_OR_CAMEL = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def forbidden_words(name: str) -> list[str]:
    """The forbidden words in a name, whether snake_case or CamelCase, singular or plural."""
    if name in IMPOSED:
        return []
    words = [word.lower() for word in SNAKE_OR_CAMEL.findall(name)]
    found = [stem for word in words for stem in (word, word.removesuffix("s")) if stem in FORBIDDEN]
    return sorted(set(found)) + (["user_data"] if "user_data" in name.lower() else [])


def defined_names(module: ast.AST) -> list[tuple[int, str]]:
    """Each name that a module defines: functions, classes, arguments, variables, attributes of self."""
    names: list[tuple[int, str]] = []
    skipped: set[ast.expr] = set()  # what stands before a queryset is a manager, Django says
    for node in ast.walk(module):
        if isinstance(node, ast.Assign) and "from_queryset(" in ast.unparse(node.value):
            skipped |= set(node.targets)
        if isinstance(node, ast.ClassDef) and any("Manager" in ast.unparse(base) for base in node.bases):
            continue
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.append((node.lineno, node.name))
        elif isinstance(node, ast.arg):
            names.append((node.lineno, node.arg))
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node not in skipped:
            names.append((node.lineno, node.id))
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            names.append((node.lineno, node.attr))
    return names


def names_in(source: str) -> list[str]:
    """The forbidden words that a source defines."""
    return [word for _, name in defined_names(ast.parse(source)) for word in forbidden_words(name)]


def is_setting(path: Path, name: str) -> bool:
    """Django's own names in settings are Django's."""
    return path.name == "settings.py" and name.isupper()


def test_the_rule_sees_a_forbidden_word() -> None:
    assert names_in("def notify_parents(eleve, *, x): pass\nclass UserManager: student_id = 1")
    assert not names_in("def apparent(transparent): serviceable = informed = reagents = 1")
    assert forbidden_words("user_data") == ["user_data"]


def test_the_names_we_define_speak_the_glossary() -> None:
    problems = [
        f"{here(path)}:{line}: {name} → {FORBIDDEN.get(word, 'what it holds')}"
        for path in python_files(*HOUSES)
        if not here(path).startswith(FOREIGN)
        for line, name in defined_names(tree(path))
        for word in forbidden_words(name)
        if not is_setting(path, name)
    ]
    assert not problems, report(problems)


def test_files_folders_and_templates_speak_the_glossary() -> None:
    paths = [path for path in (*python_files(*HOUSES), *templates()) if not here(path).startswith(FOREIGN)]
    problems = {
        here(path)
        for path in paths
        for part in (path.stem, *path.parent.relative_to(ROOT).parts)
        if forbidden_words(part)
    }
    assert not problems, report(sorted(problems))


def test_no_package_is_a_cupboard() -> None:
    folders = {path.parent for path in python_files(*HOUSES)} | {path.with_suffix("") for path in python_files(*HOUSES)}
    problems = sorted(here(folder) for folder in folders if folder.name in PACKAGES)
    assert not problems, report(problems)
    assert "utils" in PACKAGES


def misnamed_moments(module: ast.AST) -> list[str]:
    """Datetimes end in _at and dates in _on: the fields of models that do not."""
    suffixes = {"DateTimeField": "_at", "DateField": "_on"}
    problems = []
    for node in ast.walk(module):
        target = (
            node.targets[0]
            if isinstance(node, ast.Assign)
            else node.target
            if isinstance(node, ast.AnnAssign)
            else None
        )
        if not isinstance(target, ast.Name) or not isinstance(node.value, ast.Call):
            continue
        call = node.value.func
        if isinstance(call, ast.Attribute) and isinstance(call.value, ast.Name) and call.value.id == "models":
            suffix = suffixes.get(call.attr, "")
            plain = suffix.removeprefix("_")
            if suffix and target.id != plain and not target.id.endswith(suffix):
                problems.append(f"{target.lineno}: {target.id} should end in {suffix}")
    return problems


def test_datetimes_end_in_at_and_dates_in_on() -> None:
    assert misnamed_moments(ast.parse("class A:\n  birth = models.DateField()\n  start_on = models.DateTimeField()"))
    problems = [
        f"{here(path)}:{problem}"
        for path in python_files()
        if path.name == "models.py"
        for problem in misnamed_moments(tree(path))
    ]
    assert not problems, report(problems)
