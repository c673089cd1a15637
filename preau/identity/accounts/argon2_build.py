"""Which build of Argon2 this process hashes with: the plain wheel, or one for this processor (``make fast-argon2``).

Both give the same hashes; the second takes half the time. The build writes its name in its own metadata.
"""

import logging
from importlib.metadata import distribution
from pathlib import Path

import argon2

PLAIN = "plain"
# Name of a build → the flag /proc/cpuinfo must show, then what the compiler is told. The best first.
VECTORS = {"avx512": ("avx512f", "-O3 -mavx512f"), "avx2": ("avx2", "-O3 -mavx2")}
# Argon2id, two passes, 19 MiB, of the password and salt below: as the reference implementation gives it.
_PASSWORD, _SALT = b"une tortue sous la pluie", b"sel de la mesure"
_KNOWN = "$argon2id$v=19$m=19456,t=2,p=1$c2VsIGRlIGxhIG1lc3VyZQ$Le+W3wjzzCXgjUW7A7w7vosbnLHnQn4pFaJ+69jm5PM"

_log = logging.getLogger(__name__)


class WrongBuild(RuntimeError):
    """This build of Argon2 must hash no password: it is wrong, or another processor's."""


def installed() -> str:
    """The name of the build in place."""
    wheel = distribution("argon2-cffi-bindings").read_text("WHEEL") or ""
    tags = [line.partition(":")[2].strip() for line in wheel.splitlines() if line.startswith("Build:")]
    return next((name for name in VECTORS if tags and tags[0].endswith(name)), PLAIN)


def flags() -> frozenset[str]:
    """What this processor can do; nothing known elsewhere than on Linux."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return frozenset()
    return frozenset(next((line.partition(":")[2] for line in lines if line.startswith("flags")), "").split())


def best(present: frozenset[str]) -> str:
    """The fastest build for a processor with these flags."""
    return next((name for name, (flag, _) in VECTORS.items() if flag in present), PLAIN)


def check(name: str, present: frozenset[str]) -> None:
    """Compare with a known hash. Raises `WrongBuild`, before the first hash where the processor could not finish it."""
    if name in VECTORS and VECTORS[name][0] not in present:
        raise WrongBuild(
            f"Argon2 was built here for {name}, which this processor has not. Type `make fast-argon2` again."
        )
    made = argon2.low_level.hash_secret(
        _PASSWORD, _SALT, time_cost=2, memory_cost=19456, parallelism=1, hash_len=32, type=argon2.Type.ID
    )
    if made.decode("ascii") != _KNOWN:
        raise WrongBuild("Argon2 gives a wrong hash. Reinstall argon2-cffi-bindings, or type `make fast-argon2` again.")


def announce() -> None:
    """At start-up: check, and say which build hashes."""
    name, present = installed(), flags()
    check(name, present)
    faster = best(present)
    advice = "" if faster in (PLAIN, name) else f"; `make fast-argon2` builds {faster}, twice as fast"
    _log.info("Argon2: %s build, self-test passed%s", name, advice)
