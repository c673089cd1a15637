"""Who may write, and where: predicates never, one file writes the state, views only call, time is an argument."""

import ast

from tests.house.source import called, functions, here, python_files, report, strings, text, tree

WRITES = {
    "save", "create", "delete", "bulk_create", "bulk_update", "get_or_create", "update_or_create", "update",
    "record", "record_many", "set_password", "write_text", "write_bytes", "unlink", "adelete", "asave",
}  # fmt: skip
NOT_WRITES = {"hash", "digest", "hmac", "context", "mac"}  # h.update() feeds a digest
STATE_WRITER = "preau/identity/accounts/lifecycle.py"
STATE_TABLE = "preau/identity/accounts/states.py"  # its exception tells the state it refused

# A job and a run of import have states of their own, which are other stories.
OTHER_STATES = ("preau/identity/jobs/", "preau/identity/imports/runs.py")


def writing_predicates(module: ast.AST) -> list[str]:
    """The predicates (is_, has_, can_) that write."""
    problems = []
    for function in functions(module):
        if not function.name.lstrip("_").startswith(("is_", "has_", "can_")):
            continue
        for node in ast.walk(function):
            owner = node.func.value if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else None
            fed = isinstance(owner, ast.Name) and owner.id in NOT_WRITES
            stored = isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
            if (called(node) in WRITES and not fed) or stored:
                problems.append(f"{node.lineno}: {function.name} writes")
    return problems


def test_a_predicate_never_writes() -> None:
    assert writing_predicates(ast.parse("def is_valid(self):\n  self.used_at = 1\n  self.save()\n  return True"))
    problems = [f"{here(path)}:{problem}" for path in python_files() for problem in writing_predicates(tree(path))]
    assert not problems, report(problems)


def written_states(module: ast.AST) -> list[int]:
    """The lines that give an account a state: ``x.state = …``, ``.update(state=…)``, ``update_fields`` apart."""
    lines = [
        node.lineno
        for node in ast.walk(module)
        if isinstance(node, ast.Attribute) and node.attr == "state" and isinstance(node.ctx, ast.Store)
    ]
    lines += [
        node.lineno
        for node in ast.walk(module)
        if called(node) in {"update", "update_or_create", "bulk_update"} and isinstance(node, ast.Call)
        for word in node.keywords
        if word.arg == "state"
    ]
    return lines


def test_only_the_lifecycle_writes_the_state_of_an_account() -> None:
    assert written_states(ast.parse("account.state = 'active'")) and written_states(ast.parse("rows.update(state=1)"))
    problems = [
        f"{here(path)}:{line}"
        for path in python_files("preau/identity")
        if here(path) not in {STATE_WRITER, STATE_TABLE} and not here(path).startswith(OTHER_STATES)
        for line in written_states(tree(path))
    ]
    assert not problems, report(problems)
    assert written_states(tree_of_the_writer()), "the writer of states has moved: say where in this test"


def tree_of_the_writer() -> ast.Module:
    """The file that writes states."""
    return tree(next(path for path in python_files("preau/identity") if here(path) == STATE_WRITER))


def misplaced_in_view(module: ast.AST) -> list[str]:
    """SQL and sentences in a view."""
    problems = []
    for node in ast.walk(module):
        if called(node) in {"raw", "cursor", "extra", "RawSQL"}:
            problems.append(f"{getattr(node, 'lineno', 0)}: SQL in a view")
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("django.utils.translation"):
            problems.append(f"{node.lineno}: a sentence in a view belongs to a template or a form")
    return problems


def test_a_view_holds_no_sql_and_no_sentence() -> None:
    assert misplaced_in_view(ast.parse("from django.utils.translation import gettext"))
    assert misplaced_in_view(ast.parse("connection.cursor().execute('select 1')"))
    problems = [
        f"{here(path)}:{problem}"
        for path in python_files()
        if path.name == "views.py" or path.parent.name == "views"
        for problem in misplaced_in_view(tree(path))
    ]
    assert not problems, report(problems)


def clocks_read(module: ast.AST) -> list[int]:
    """The lines that ask what time it is."""
    return [
        node.lineno
        for node in ast.walk(module)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and (
            (
                node.func.attr in {"now", "utcnow"}
                and ast.unparse(node.func.value) in {"datetime", "timezone", "datetime.datetime"}
            )
            or (node.func.attr == "today" and ast.unparse(node.func.value) in {"date", "datetime.date", "datetime"})
        )
    ]


def test_only_the_clock_asks_the_time() -> None:
    assert clocks_read(ast.parse("datetime.now(UTC)")) and clocks_read(ast.parse("date.today()"))
    problems = [
        f"{here(path)}:{line}" for path in python_files() if path.name != "clock.py" for line in clocks_read(tree(path))
    ]
    assert not problems, report(problems)


EDGES = {"views.py", "middleware.py", "worker.py", "__main__.py"}


def test_the_clock_is_read_at_the_edge_only() -> None:
    """Rules, verbs, models and forms receive `at`; views read request.at, set by the middleware."""
    problems = [
        here(path)
        for path in python_files("preau/identity", "preau/eservices", "preau/journeys", "preau/design")
        if path.name in {"models.py", "forms.py", "lifecycle.py", "expiry.py", "permissions.py"}
        and "clock.now" in text(path)
    ]
    assert not problems, report(problems)
    assert any("clock.now" in text(path) for path in python_files("preau/identity") if path.name in EDGES)


def unexplained_imports(source: str) -> list[str]:
    """Imports inside a function that do not say why on their line."""
    lines, problems = source.splitlines(), []
    for function in functions(ast.parse(source)):
        for node in ast.walk(function):
            if isinstance(node, ast.Import | ast.ImportFrom) and "#" not in "".join(
                lines[node.lineno - 1 : node.end_lineno]
            ):
                problems.append(f"{node.lineno}: {ast.unparse(node)}")
    return problems


def test_an_import_inside_a_function_says_why() -> None:
    assert unexplained_imports("def f():\n  import os")
    assert not unexplained_imports("def f():\n  import typst  # heavy: 50 ms")
    problems = [f"{here(path)}:{problem}" for path in python_files() for problem in unexplained_imports(text(path))]
    assert not problems, report(problems)


def test_no_signal_crosses_a_room() -> None:
    problems = [
        here(path)
        for path in python_files()
        if "django.db.models.signals" in text(path) or "django.dispatch" in text(path)
    ]
    assert not problems, report(problems)


def test_the_apps_django_would_bring_stay_out() -> None:
    """Accounts, sessions and the desk are ours."""
    refused = ("django.contrib.auth", "django.contrib.sessions", "django.contrib.admin", "django.contrib.contenttypes")
    settings = [path for path in python_files() if path.name == "settings.py"]
    problems = [f"{here(path)}: {word}" for path in settings for word in strings(tree(path)) if word in refused]
    assert settings and not problems, report(problems)
