"""A service's own key: made for the run, self-signed."""

import subprocess
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


def make_pair(folder: Path, name: str = "service") -> Pair:
    """RSA, 2048 bits, ten days."""
    pair = Pair(folder / f"{name}.key", folder / f"{name}.crt")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(pair.key), "-out",
         str(pair.certificate), "-days", "10", "-subj", f"/CN={name}"],
        check=True, capture_output=True,
    )  # fmt: skip
    return pair
