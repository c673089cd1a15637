"""What the rules of the house read: the files of the checkout, as text and as trees."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HOUSES = ("preau", "tests", "benchmarks", "tooling")


def python_files(*folders: str) -> list[Path]:
    """The Python files under `folders` (of preau when none is named), migrations left out."""
    found = (path for folder in folders or ("preau",) for path in (ROOT / folder).rglob("*.py"))
    return sorted(path for path in found if "migrations" not in path.parts and "__pycache__" not in path.parts)


def templates() -> list[Path]:
    """Every template of every room."""
    return sorted(path for path in (ROOT / "preau").rglob("templates/**/*") if path.is_file() and path.suffix != ".pyc")


@cache
def text(path: Path) -> str:
    """The content of a file."""
    return path.read_text(encoding="utf-8")


@cache
def tree(path: Path) -> ast.Module:
    """The syntax tree of a Python file."""
    return ast.parse(text(path), filename=str(path))


def here(path: Path) -> str:
    """The path as people say it, from the top of the checkout."""
    return path.relative_to(ROOT).as_posix()


def committed() -> list[Path]:
    """Every file that git keeps or would keep: tracked, or new and not ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT, capture_output=True, check=True,
    ).stdout.decode()  # fmt: skip
    return sorted(ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file())


def functions(module: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method."""
    return (node for node in ast.walk(module) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def strings(module: ast.AST) -> Iterator[str]:
    """Every literal string, the fixed parts of f-strings included."""
    return (node.value for node in ast.walk(module) if isinstance(node, ast.Constant) and isinstance(node.value, str))


def called(node: ast.AST) -> str:
    """The last word of what a call calls: ``save`` for ``account.save()``."""
    if not isinstance(node, ast.Call):
        return ""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def report(problems: list[str]) -> str:
    """A readable list, for the message of a failed assertion."""
    return "\n  " + "\n  ".join(problems)
