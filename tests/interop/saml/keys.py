"""A service's own key: made for the run, self-signed."""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Pair:
    """The files, in PEM."""

    key: Path
    certificate: Path

    def body(self) -> str:
        """The certificate without its armour."""
        lines = self.certificate.read_text("ascii").splitlines()
        return "".join(line for line in lines if not line.startswith("-----"))


RSA, CURVE = ["rsa:2048"], ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]


def make_pair(folder: Path, name: str = "service", kind: Sequence[str] = RSA) -> Pair:
    """RSA of 2048 bits, or a curve; ten days."""
    pair = Pair(folder / f"{name}.key", folder / f"{name}.crt")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", *kind, "-nodes", "-keyout", str(pair.key), "-out",
         str(pair.certificate), "-days", "10", "-subj", f"/CN={name}"],
        check=True, capture_output=True,
    )  # fmt: skip
    return pair
