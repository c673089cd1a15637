"""What `make test` installed to judge us is there and starts: a client that is missing fails, none is passed over."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tooling import environment

HERE = Path(__file__).parent
LOCKS = sorted(HERE.glob("*/package-lock.json"))
PATH = {**os.environ, "PATH": f"{os.environ['PATH']}:/usr/sbin"}
PROGRAMS = {
    "Apache": ["apache2", "-v"],
    "Shibboleth": ["shibd", "-v"],
    "PHP and what SimpleSAMLphp asks of it": [
        "php", "-r", 'require "/usr/share/simplesamlphp/lib/_autoload.php"; new PDO("sqlite::memory:"); '
        'new DOMDocument; curl_init(); mb_strlen("é"); echo SimpleSAML\\Configuration::VERSION;',
    ],
    "xmlsec1": ["xmlsec1", "--version"],
    "pysaml2": [sys.executable, "-W", "error", "-c", "import saml2.client, saml2; print(saml2.__version__)"],
    "pronotepy": [sys.executable, "-W", "error", "-c", "import pronotepy.ent; print(pronotepy.__version__)"],
}  # fmt: skip


@pytest.mark.parametrize("name", PROGRAMS)
def test_each_program_starts(name: str) -> None:
    done = subprocess.run(PROGRAMS[name], capture_output=True, text=True, timeout=60, env=PATH)
    assert done.returncode == 0 and done.stdout + done.stderr, f"{name}: type `make test`.\n{done.stdout}{done.stderr}"


@pytest.mark.parametrize("package", sorted(environment.SYSTEM.values()))
def test_each_package_of_the_distribution_is_installed(package: str) -> None:
    proofs = [proof for proof, name in environment.SYSTEM.items() if name == package]
    assert all(environment.has_command(proof) for proof in proofs), f"{package} is missing: type `make test`."
    assert not environment.has_command("/usr/lib/nowhere/*.so") and not environment.has_command("no-such-command")


@pytest.mark.parametrize("lock", LOCKS, ids=[lock.parent.name for lock in LOCKS])
def test_a_lock_of_npm_names_no_registry_and_has_a_digest_for_each_package(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    packages = re.findall(r'^    "node_modules/', text, re.M)
    assert packages and '"resolved"' not in text and len(packages) == text.count('"integrity": "sha512-')
    assert environment.is_node_ready(lock.parent), "Node's packages are not installed: type `make test`."
