"""Builds Argon2 for this machine's processor, from its hashed source: passwords are hashed in half the time.

``make fast-argon2``, for production and for ``make bench``; nothing else needs it. Whatever fails, the wheel that is
installed stays in place, and works. docs/operations/passwords.md
"""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from preau.identity.accounts.argon2_build import PLAIN, VECTORS, best, flags, installed
from tooling.environment import ROOT, logged, python, say

PACKAGE = "argon2-cffi-bindings"
FOLDER = ROOT / "var" / "fast-argon2"
# The wheel as everybody has it, unpacked beside: benchmarks compare.
PLAIN_WHEEL = FOLDER / "plain"
_TOOLS = FOLDER / "tools"
_NEEDED = "apt-get install --no-install-recommends gcc libc6-dev python3-dev"


def main() -> int:
    """0 when the best build for this processor is in place."""
    name = best(flags())
    if name == PLAIN:
        say(
            "Ce processeur n’a pas AVX2 : le paquet ordinaire d’Argon2 reste en place.",
            "this processor has no AVX2: the plain wheel of Argon2 stays",
        )
        return 0
    if installed() == name and _is_right(os.environ.get("PYTHONPATH", "")):
        return 0
    failure = _what_is_missing() or _build(name)
    if failure:
        say(
            f"Argon2 n’a pas été construit : {failure[0]} Le paquet ordinaire reste en place, deux fois plus lent.",
            f"Argon2 was not built: {failure[1]} The plain wheel stays, half as fast",
        )
        return 1
    say(f"Argon2 construit pour {name} et vérifié.", f"Argon2 built for {name} and checked")
    return 0


def _what_is_missing() -> tuple[str, str] | None:
    has_headers = (Path(sysconfig.get_path("include")) / "Python.h").exists()
    if (shutil.which("cc") or shutil.which("gcc")) and has_headers:
        return None
    return f"il manque un compilateur, tapez {_NEEDED}.", f"no compiler, type {_NEEDED}."


def _build(name: str) -> tuple[str, str] | None:
    """Build, check apart, then install. Returns why not."""
    say(f"Construction d’Argon2 pour {name}…", f"building Argon2 for {name}")
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    source = FOLDER / "source.txt"
    source.write_text(_pinned(), encoding="utf-8")
    pip, its_pip = [str(python()), "-m", "pip"], [str(_TOOLS / "bin" / "python"), "-m", "pip"]
    exact = ["--quiet", "--disable-pip-version-check", "--require-hashes", "--no-deps"]
    options = ["--no-binary", PACKAGE, "--no-build-isolation", "--no-cache-dir"]
    wheels, apart = FOLDER / "wheels", FOLDER / "apart"
    # The tag is written in the wheel's metadata: what runs can be told later.
    compiler = {"CFLAGS": VECTORS[name][1], "SKBUILD_WHEEL_BUILD_TAG": f"1{name}"}
    compiler |= {"PATH": f"{_TOOLS / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    steps = (
        [*pip, "install", *exact, "--only-binary", PACKAGE, "--target", str(PLAIN_WHEEL), "-r", str(source)],
        [sys.executable, "-m", "venv", str(_TOOLS)],
        [*its_pip, "install", *exact, "-r", str(ROOT / "requirements" / "fast-argon2.txt")],
        ["env", *(f"{key}={value}" for key, value in compiler.items()), *its_pip, "wheel", *exact, *options,
         "-w", str(wheels), "-r", str(source)],
    )  # fmt: skip
    log = ("le détail est dans var/log/setup.log.", "details in var/log/setup.log.")
    if not all(logged(step) for step in steps):
        return log
    wheel = [str(next(wheels.glob("*.whl")))]
    bare = ["--quiet", "--disable-pip-version-check", "--no-deps", "--no-index"]
    if not logged([*pip, "install", *bare, "--target", str(apart), *wheel]):
        return log
    if not _is_right(str(apart)):
        return "son résultat est faux.", "its result is wrong."
    return None if logged([*pip, "install", *bare, "--force-reinstall", *wheel]) else log


def _pinned() -> str:
    """The lines of the lock that name the package, its version and its digests."""
    lines = (ROOT / "requirements" / "run.txt").read_text(encoding="utf-8").splitlines()
    begins = next(place for place, line in enumerate(lines) if line.startswith(f"{PACKAGE}=="))
    found = [lines[begins]]
    for line in lines[begins + 1 :]:
        if not line.lstrip().startswith("--hash"):
            break
        found.append(line)
    return "\n".join(found) + "\n"


def _is_right(where: str) -> bool:
    """Compare with the known hash in a process of its own: a build for another processor dies there."""
    code = "from preau.identity.accounts import argon2_build as it; it.check(it.installed(), it.flags())"
    command = [str(python()), "-c", code]
    run = subprocess.run(command, env={**os.environ, "PYTHONPATH": where}, cwd=ROOT, capture_output=True)
    return run.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
