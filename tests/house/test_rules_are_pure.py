"""Rule files import no Django and touch nothing outside; each is checked by mypy at its strictest."""

import ast
import tomllib
from pathlib import Path

from tests.house.source import ROOT, here, python_files, report, tree

# A room's shelves that are not rules, and modules that are data.
SHELVES = {"__init__", "apps", "urls", "models", "views", "forms", "settings", "wsgi", "middleware", "__main__"}
OUTSIDE = (
    "django", "requests", "lxml", "authlib", "joserfc", "cryptography", "argon2", "typst", "segno", "environ",
    "structlog", "csp", "pyotp", "phonenumbers", "os", "io", "socket", "subprocess", "sqlite3", "pathlib",
    "zipfile", "importlib", "threading", "concurrent", "secrets", "tempfile", "multiprocessing", "csv",
    "logging",
)  # fmt: skip


def strict_modules() -> list[str]:
    """The rule files that pyproject.toml lists."""
    overrides = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mypy"]["overrides"]
    return next(override["module"] for override in overrides if override.get("disallow_any_generics"))


def imported(module: ast.AST) -> set[str]:
    """Every module that a file imports."""
    names: set[str] = set()
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def is_pure(module: ast.AST, pure: set[str]) -> bool:
    """Whether a file imports nothing from outside, and nothing of ours that is not itself pure."""
    ours = {name for name in imported(module) if name.startswith("preau.")}
    packages = {name.rpartition(".")[0] for name in ours}
    foreign = any(name.split(".")[0] in OUTSIDE for name in imported(module))
    return not foreign and all(name in pure or name.rpartition(".")[0] in pure or name in packages for name in ours)


def module_name(path: Path) -> str:
    """The dotted name of a file."""
    return here(path).removesuffix(".py").replace("/", ".")


def pure_modules() -> set[str]:
    """The rule files there are: those of the rooms that import nothing from outside, taken to the fixed point."""
    files = {
        module_name(path): tree(path)
        for path in python_files("preau/identity", "preau/eservices")
        if path.stem not in SHELVES
    }
    files = {name: module for name, module in files.items() if len(name.split(".")) == 4 and module.body[1:]}
    pure = set(files)
    while smaller := {name for name in pure if not is_pure(files[name], pure)}:
        pure -= smaller
    return pure


def test_every_rule_file_is_checked_strictly() -> None:
    assert not is_pure(ast.parse("from django.db import models"), set()) and is_pure(ast.parse("import re"), set())
    listed = set(strict_modules())
    missing = sorted(pure_modules() - listed)
    assert not missing, f"add to the strict list of pyproject.toml:{report(missing)}"


def test_every_module_listed_as_a_rule_is_one() -> None:
    paths = {name: ROOT / f"{name.replace('.', '/')}.py" for name in strict_modules()}
    gone = [name for name, path in paths.items() if not path.exists()]
    assert not gone, report(gone)
    impure = [
        name for name, path in paths.items() if any(word.split(".")[0] == "django" for word in imported(tree(path)))
    ]
    assert not impure, report(impure)
