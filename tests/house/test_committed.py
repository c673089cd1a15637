"""What must never be committed, and the sizes."""

import ast
import re
from pathlib import Path

from tests.house.source import HOUSES, committed, functions, here, python_files, report, text, tree

BINARY = {".png", ".jpg", ".woff2", ".woff", ".ttf", ".otf", ".pdf", ".zip", ".ico", ".mo"}
# Written in two halves: this file is committed too.
SECRETS = re.compile("-----BEGIN " + "[A-Z ]*PRIVATE KEY|" + "AKIA" + "[0-9A-Z]{16}|" + "ghp_" + "[0-9A-Za-z]{36}")
PLACES = re.compile(
    r"(?<![\w./-])/(?:home|root|Users|mnt|work)/\w"
    r"|pypi\."
    + "org|python"
    + r"hosted\.org|registry\.npm"
    + r"js|deb\.debian"
    + r"\.org|index-"
    + "url|--find-"
    + "links"
)
REAL_PEOPLE = re.compile(r"\b0[1-9](?:[ .]?\d{2}){4}\b")
# Numbers that the regulator keeps for fiction, and the cast's: 01 99 00, 06 39 98 (ARCEP, décision 2018-0881).
# Then what schools type when they have no number: the crowd's dirt.
FICTION = re.compile(
    r"\b0(?:1[ .]?99[ .]?00|2[ .]?61[ .]?91|3[ .]?53[ .]?01|4[ .]?65[ .]?71|5[ .]?36[ .]?49|6[ .]?39[ .]?98"
    r"|600000000|102030405)"
)
MEGABYTE = 1024 * 1024
PICTURE = 150 * 1024


def unspeakable(words: str) -> list[str]:
    """The lines that give away a machine, a registry or a key."""
    return [
        f"{number}: {line.strip()[:90]}"
        for number, line in enumerate(words.splitlines(), start=1)
        if SECRETS.search(line) or PLACES.search(line)
    ]


def read(path: Path) -> str:
    """The text of a committed file, empty for a binary one."""
    return "" if path.suffix in BINARY else path.read_text(encoding="utf-8", errors="replace")


def test_nothing_of_a_machine_or_a_registry_is_committed() -> None:
    assert unspeakable("open('/ho" + "me/me/x')") and unspeakable("-----BEGIN " + "PRIVATE KEY-----")
    assert not unspeakable("https://example.org/homes and ../work and preau/home/views.py")
    problems = [f"{here(path)}:{problem}" for path in committed() for problem in unspeakable(read(path))]
    assert not problems, report(problems)


def test_no_one_real_is_called() -> None:
    """Phone numbers in the code and the tests are those the regulator keeps for fiction."""
    assert (
        not FICTION.match("06 1" + "2 34 56 78") and FICTION.match("06 39 98 00 12") and FICTION.match("01 99 00 12 34")
    )
    problems = [
        f"{here(path)}: {number}"
        for path in committed()
        if path.suffix in {".py", ".html", ".txt", ".md", ".csv", ".xml", ".typ"}
        if "requirements" not in path.parts and "docs" not in path.parts[-3:]
        for number in REAL_PEOPLE.findall(read(path))
        if not FICTION.match(number)
        if "tests/rooms/identity/directory" not in here(path)  # the reader of numbers must meet every kind
    ]
    assert not problems, report(problems)


def test_what_is_committed_stays_light() -> None:
    heavy = [
        f"{here(path)}: {path.stat().st_size // 1024} kB" for path in committed() if path.stat().st_size > MEGABYTE
    ]
    assert not heavy, report(heavy)
    assert sum(path.stat().st_size for path in committed()) < 40 * MEGABYTE


def hollow(source: str) -> list[str]:
    """Tests and code that promise without doing. A reason on the line is no excuse: a skipped test is a defect."""
    words = [
        r"pytest\.mark\.skip",
        r"pytest\.skip\(",
        r"mark\.xfail",
        r"assert True\b",
        r"raise NotImplementedError",
        r"\b(?:TODO|FIXME|XXX)\b",
    ]
    return [
        f"{number}: {line.strip()[:90]}"
        for number, line in enumerate(source.splitlines(), 1)
        for word in words
        if re.search(word, line)
    ]


def test_nothing_is_hollow() -> None:
    assert hollow("@pytest.mark.skip") and hollow("assert True") and not hollow("assert TrueNorth")
    problems = [
        f"{here(path)}:{problem}"
        for path in python_files(*HOUSES)
        if path != Path(__file__)
        for problem in hollow(text(path))
    ]
    assert not problems, report(problems)


FUNCTION_LINES, FILE_LINES = 60, 450


def oversized(source: str) -> list[str]:
    """Functions past 60 lines and files past 450 that do not say why (a comment ``# size: …``)."""
    lines, problems = source.splitlines(), []
    for function in functions(ast.parse(source)):
        length = (function.end_lineno or 0) - function.lineno + 1
        around = lines[max(0, function.lineno - 2) : function.end_lineno]
        if length > FUNCTION_LINES and not any("# size:" in line for line in around):
            problems.append(f"{function.lineno}: {function.name} has {length} lines")
    if len(lines) > FILE_LINES and not any(line.startswith("# size:") for line in lines):
        problems.append(f"1: the file has {len(lines)} lines")
    return problems


def test_what_is_long_says_why() -> None:
    assert oversized("def f():\n" + "  x = 1\n" * 61) and oversized("x = 1\n" * 451)
    assert not oversized("def f():  # size: a table\n" + "  x = 1\n" * 61)
    problems = [f"{here(path)}:{problem}" for path in python_files(*HOUSES) for problem in oversized(text(path))]
    lengths = sorted(
        (node.end_lineno or 0) - node.lineno + 1 for path in python_files() for node in functions(tree(path))
    )
    print(f"\nfunctions: {len(lengths)}, median {lengths[len(lengths) // 2]} lines, longest {lengths[-1]}")
    assert not problems, report(problems)


def test_names_of_tests_are_sentences() -> None:
    """At least four words: a test that fails must tell what is broken without being opened. The OpenID Foundation's
    modules keep the names that the Foundation gave them."""
    short = [
        f"{here(path)}:{node.lineno}: {node.name}"
        for path in python_files("tests")
        if "openid_foundation" not in path.parts
        for node in functions(tree(path))
        if node.name.startswith("test_") and len(node.name.split("_")) < 4
    ]
    assert not short, report(short)


def test_rooms_of_tests_mirror_the_rooms() -> None:
    """tests/rooms/identity/signin/… speaks of preau/identity/signin."""
    root = Path(__file__).resolve().parents[2]
    problems = [
        here(path)
        for path in python_files("tests/rooms")
        if path.name.startswith("test_")
        and not (root / "preau" / path.parent.relative_to(root / "tests" / "rooms")).exists()
    ]
    assert not problems, report(problems)


def unwanted_pictures(weights: dict[str, int], shown: str) -> list[str]:
    """Those too heavy, and those that no page shows."""
    heavy = [f"{name}: {weight // 1024} kB" for name, weight in weights.items() if weight > PICTURE]
    lost = [f"{name}: no page of the docs shows it" for name in weights if f"screenshots/{name}" not in shown]
    return heavy + lost


def test_the_pictures_are_few_and_light_and_each_is_shown() -> None:
    assert len(unwanted_pictures({"a.png": 200_000, "b.png": 1}, "![](screenshots/a.png)")) == 2
    weights = {path.name: path.stat().st_size for path in committed() if path.parent.name == "screenshots"}
    shown = " ".join(text(path) for path in committed() if path.suffix == ".md")
    assert weights and not unwanted_pictures(weights, shown), report(unwanted_pictures(weights, shown))
    assert sum(weights.values()) < 2 * MEGABYTE
