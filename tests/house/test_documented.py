"""What exists is written down: settings, events, messages, dependencies, decisions, drawings."""

import ast
import re
from pathlib import Path

from tests.house.source import ROOT, called, here, python_files, report, strings, templates, text, tree
from tooling.docs import MARK, redrawn

DOCS = ROOT / "docs"
SETTINGS_PAGE = DOCS / "operations" / "settings.md"
VARIABLE = re.compile(r"`((?:PREAU|DATABASE)_[A-Z0-9_]+|CHROMIUM)`")


def variables_read(module: ast.AST) -> set[str]:
    """The variables of environment that a module reads."""
    readers = {
        "str",
        "bool",
        "int",
        "list",
        "db",
        "email",
        "path",
        "url",
        "float",
        "json",
        "get",
        "getenv",
        "setdefault",
        "env",
    }
    return {
        node.args[0].value
        for node in ast.walk(module)
        if called(node) in readers and isinstance(node, ast.Call) and node.args
        if isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str)
        if node.args[0].value.startswith(("PREAU_", "DATABASE_URL", "CHROMIUM"))
    }


def test_every_setting_is_documented_and_every_documented_setting_exists() -> None:
    assert variables_read(ast.parse("env.str('PREAU_X', default=1); os.environ.get('PREAU_Y')")) == {
        "PREAU_X",
        "PREAU_Y",
    }
    read = {
        name for path in python_files("preau", "tests", "tooling", "benchmarks") for name in variables_read(tree(path))
    }
    read |= {word for path in python_files() for word in strings(tree(path)) if re.fullmatch(r"PREAU_[A-Z0-9_]+", word)}
    written = set(VARIABLE.findall(text(SETTINGS_PAGE)))
    internal = {"PREAU_X", "PREAU_Y"}
    missing, stale = sorted(read - written - internal), sorted(written - read)
    assert not missing, f"{here(SETTINGS_PAGE)} lacks:{report(missing)}"
    assert not stale, f"{here(SETTINGS_PAGE)} tells of what nobody reads:{report(stale)}"


def recorded(module: ast.AST) -> set[str]:
    """The events a module names: ``Events.ACCOUNT_NOTIFIED`` gives ACCOUNT_NOTIFIED."""
    return {
        node.attr
        for node in ast.walk(module)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id in {"Events", "events"}
    }


def test_every_event_of_the_catalogue_happens() -> None:
    from preau.identity.audit.events import Events

    assert recorded(ast.parse("record(Events.SIGNED_IN, by=x)")) == {"SIGNED_IN"}
    used = {
        name for path in python_files("preau/identity") if path.name != "events.py" for name in recorded(tree(path))
    }
    never = sorted(set(Events.names) - used)
    assert not never, f"events that no verb records:{report(never)}"


def test_events_are_named_after_their_room() -> None:
    from preau.identity.audit.events import Events

    rooms = {path.name for path in (ROOT / "preau" / "identity").iterdir() if path.is_dir()}
    problems = [event.value for event in Events if event.value.partition(".")[0] not in rooms]
    assert not problems, report(problems)


def test_a_message_is_a_folder_and_a_line_of_the_catalogue() -> None:
    from preau.identity.messaging.catalogue import MESSAGES

    folders = {
        here(path.parent).partition("templates/messages/")[2] for path in templates() if "messages" in path.parts
    }
    folders = {folder for folder in folders if folder}
    assert folders == set(MESSAGES), (
        f"folders without a line or lines without a folder:{report(sorted(folders ^ set(MESSAGES)))}"
    )
    for folder in folders:
        parts = {path.name for path in templates() if here(path.parent).endswith(f"templates/messages/{folder}")}
        assert "subject.txt" in parts or "sms.txt" in parts, f"{folder} has no subject"


def test_what_the_docs_draw_is_what_the_code_says() -> None:
    pages = redrawn()
    stale = [here(path) for path, drawn in pages.items() if not path.exists() or text(path) != drawn]
    assert MARK.search(text(DOCS / "accounts.md")), "the drawing of the table of moves has gone"
    assert not stale, f"make docs would change:{report(stale)}"


def packages(lock: str) -> dict[str, str]:
    """Each package of a lock with its version."""
    return dict(re.findall(r"^([\w.-]+)==([^ ;\\]+)", lock, re.M))


def test_both_locks_agree_and_are_hashed() -> None:
    run, test = ((ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8") for name in ("run", "test"))
    assert packages("a==1 \\\n  --hash=sha256:x") == {"a": "1"}
    apart = [
        f"{name}: {version} ≠ {packages(test).get(name)}"
        for name, version in packages(run).items()
        if packages(test).get(name) != version
    ]
    assert not apart, report(apart)
    for lock in (run, test):
        assert lock.count("==") and len(re.findall(r"==[^\n]*\\\n    --hash=sha256:", lock)) == len(packages(lock))
        assert "://" not in lock, "a lock names no registry"


def test_every_dependency_has_its_reason() -> None:
    decision = text(DOCS / "decisions" / "0002-dependencies.md").lower()
    asked = [
        re.split(r"[\[~=>;\s]", line)[0].lower()
        for name in ("run", "test")
        for line in (ROOT / "requirements" / f"{name}.in").read_text(encoding="utf-8").splitlines()
        if line and not line.startswith(("#", "-"))
    ]
    problems = [name for name in asked if name not in decision]
    assert asked and not problems, f"no reason written for:{report(problems)}"


def long_decisions(pages: dict[str, str]) -> list[str]:
    """Decisions over forty lines, or without the three parts."""
    return [
        name
        for name, words in pages.items()
        if len(words.splitlines()) > 40
        or any(f"## {part}" not in words for part in ("Context", "Decision", "Consequences"))
    ]


def test_a_decision_is_short_and_says_why() -> None:
    assert long_decisions({"x": "## Context\n## Decision\n## Consequences\n" + "\n" * 40})
    assert long_decisions({"x": "## Decision"})
    pages = {path.name: text(path) for path in sorted((DOCS / "decisions").glob("*.md"))}
    assert pages and not long_decisions(pages), report(long_decisions(pages))
    numbers = [name[:4] for name in pages]
    assert len(numbers) == len(set(numbers)), "two decisions of the same number"


def dead_links(page: Path, words: str) -> list[str]:
    """The links of a page to files that do not exist, and the paths it names that have gone."""
    linked = [link.partition("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", words) if "://" not in link]
    named = re.findall(r"`((?:preau|tests|docs|tooling|deploy|benchmarks|requirements)/[\w./-]*\w/?)`", words)
    missing = [link for link in linked if link and not (page.parent / link).exists()]
    return missing + [name for name in named if not (ROOT / name).exists()]


def test_the_docs_point_at_what_exists() -> None:
    assert dead_links(ROOT / "README.md", "[x](docs/nowhere.md) `preau/nowhere.py`") == [
        "docs/nowhere.md",
        "preau/nowhere.py",
    ]
    pages = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "THIRD-PARTY.md")]
    pages += [*sorted(DOCS.rglob("*.md")), *sorted((ROOT / "deploy").rglob("*.md"))]
    problems = [f"{here(page)}: {link}" for page in pages for link in dead_links(page, text(page))]
    assert not problems, report(problems)


def test_every_room_says_what_it_is() -> None:
    problems = [here(path) for path in python_files() if path.name == "__init__.py" and "management" not in path.parts
                and text(path).strip() and not ast.get_docstring(tree(path))]  # fmt: skip
    rooms = [
        path
        for path in python_files("preau/identity")
        if path.name == "__init__.py" and path.parent.parent.name == "identity"
    ]
    problems += [here(path) for path in rooms if not ast.get_docstring(tree(path))]
    assert rooms and not problems, report(sorted(set(problems)))


ATTACKS_PAGE = DOCS / "protocols" / "attacks.md"


def named_in(page: str) -> list[tuple[str, str]]:
    """File and function of each test that a page names, a file standing for the functions after it."""
    found, file = [], ""
    for word in re.findall(r"`([\w/]+\.py|test_\w+)`", page):
        if word.endswith(".py"):
            file = word
        else:
            found.append((file, word))
    return found


def test_every_test_that_the_page_of_attacks_names_exists() -> None:
    assert named_in("`a/b.py` `test_x`, `test_y`; `c.py` `test_z`") == [
        ("a/b.py", "test_x"), ("a/b.py", "test_y"), ("c.py", "test_z"),
    ]  # fmt: skip
    named = named_in(text(ATTACKS_PAGE))
    room = ROOT / "tests" / "rooms" / "identity" / "federation"
    missing = [
        f"{file} {name}"
        for file, name in named
        if f"def {name}(" not in text(ROOT / file if file.startswith("tests/") else room / file)
    ]
    assert len(named) > 60 and not missing, f"{here(ATTACKS_PAGE)} names what is not there:{report(missing)}"
