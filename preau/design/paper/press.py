"""Prints papers in a child process of their own: secrets go there through a pipe, PDF come back the same way.

    with Press(at=request.at) as press:
        pdf = press.render("sheets", data)

One press serves one response, whatever the number of documents: fonts and templates are read once. It stays
empty-handed: no argument, no variable of environment, no file ever carries what is printed.
"""

import datetime
import json
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from preau.design.text import displayable

PRINTER = Path(__file__).resolve().parent / "printer.py"
TEMPLATES = frozenset(path.stem for path in (PRINTER.parent / "typst").glob("*.typ")) - {"common", "letterhead"}
PATIENCE = 120.0  # seconds for one document; a school of 2,000 in one piece takes four


class PressFailed(Exception):
    """A document could not be printed. `reason` is for the operator: it may quote the data, never log it."""

    def __init__(self, template: str, reason: str) -> None:
        super().__init__(f"The paper {template!r} could not be printed.")
        self.template = template
        self.reason = reason


class Press:
    """A printing child process, started at the first document and ended with the block.

    `at` dates the documents (their metadata only); without it they carry the hour of the machine.
    """

    def __init__(self, *, at: datetime.datetime | None = None, patience: float = PATIENCE) -> None:
        self.timestamp = int(at.timestamp()) if at else None
        self.patience = patience
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def render(self, template: str, data: Mapping[str, Any]) -> bytes:
        """The PDF of `data` in `template` (a file of `typst/`; `documents.py` says what each needs).

        Raises `PressFailed` when the data lack something, when the template is unknown or when the child was killed;
        the press can go on with the next document.
        """
        if template not in TEMPLATES:
            raise PressFailed(template, f"unknown template, choose among {', '.join(sorted(TEMPLATES))}")
        request = {"template": template, "data": legible(data), "timestamp": self.timestamp}
        kind, body = self._ask(template, json.dumps(request, ensure_ascii=False).encode())
        if kind != b"P":
            raise PressFailed(template, body.decode(errors="replace"))
        return body

    def _ask(self, template: str, request: bytes) -> tuple[bytes, bytes]:
        child = self._running()
        assert child.stdin and child.stdout
        watch = threading.Timer(self.patience, child.kill)
        watch.start()
        try:
            child.stdin.write(len(request).to_bytes(4, "big") + request)
            child.stdin.flush()
            head = child.stdout.read(5)
            size = int.from_bytes(head[1:], "big")
            body = child.stdout.read(size) if len(head) == 5 else b""
            if len(head) < 5 or len(body) < size:
                raise PressFailed(template, "the printing process ended before its answer")
        except (OSError, PressFailed) as error:
            self.close()
            raise PressFailed(template, str(getattr(error, "reason", error))) from None
        finally:
            watch.cancel()
        return head[:1], body

    # One thread: documents are too small to be worth two, which cost a tenth more of processor (70 documents).
    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is None:
            self._child = subprocess.Popen(  # noqa: S603  (our own file, no argument from outside)
                [sys.executable, "-I", str(PRINTER)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={"RAYON_NUM_THREADS": "1", "LANG": "C.UTF-8"},
                cwd="/",
            )
        return self._child

    def close(self) -> None:
        """End the child, whatever it is doing."""
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe:
                try:
                    pipe.close()
                except OSError:  # what was left to write has nobody to read it
                    continue


def legible(value: Any) -> Any:
    """`value` with every string free of control characters and of anything that reverses its reading."""
    if isinstance(value, str):
        return value if value.isascii() and value.isprintable() else displayable(value)
    if isinstance(value, Mapping):
        return {key: legible(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [legible(inner) for inner in value]
    return value
