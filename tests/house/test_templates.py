"""Templates: each is used, none breaks the content policy, what people read is translated and well set."""

import ast
import re
from html.parser import HTMLParser
from pathlib import Path

from tests.house.source import called, here, python_files, report, strings, templates, text, tree

DJANGO_LOOKS_FOR = {"400.html", "403.html", "403_csrf.html", "404.html", "500.html"}
MESSAGE_PARTS = {"subject.txt", "body.txt", "body.html", "text.txt", "html.html", "sms.txt"}
# onclick and its kin: the policy (script-src 'self', no unsafe-inline) drops them.
SCRIPT_ATTRIBUTE = re.compile(r"^on[a-z]+$")


class Inline(HTMLParser):
    """Collects what the content policy would refuse."""

    def __init__(self) -> None:
        super().__init__()
        self.problems: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at one tag."""
        names = {name for name, _ in attrs}
        line = self.getpos()[0]
        if "style" in names or tag == "style":
            self.problems.append(f"{line}: a style inside <{tag}>")
        if any(SCRIPT_ATTRIBUTE.match(name) for name in names):
            self.problems.append(f"{line}: a script inside <{tag}>")
        if tag == "script" and "src" not in names and dict(attrs).get("type") != "application/json":
            self.problems.append(f"{line}: an inline <script>")
        if any((value or "").strip().lower().startswith("javascript:") for _, value in attrs):
            self.problems.append(f"{line}: a javascript: address")


def inline(source: str) -> list[str]:
    """What the content policy would refuse in a template."""
    parser = Inline()
    parser.feed(re.sub(r"{[%#].*?[%#]}", lambda found: "\n" * found[0].count("\n"), source, flags=re.S))
    return parser.problems


def is_mail(path: Path) -> bool:
    """Mail readers know no style sheet: there, styles stand in the tags, and no policy of ours applies."""
    return "messages" in path.parts or path.name.startswith("mail")


def test_no_page_carries_an_inline_script_or_style() -> None:
    assert len(inline('<p style="x" onclick="y"><script>1</script><a href="javascript:z">')) == 4
    problems = [
        f"{here(path)}:{problem}"
        for path in templates()
        if path.suffix == ".html" and not is_mail(path)
        for problem in inline(text(path))
    ]
    assert not problems, report(problems)


def chosen_as_it_runs(module: ast.AST) -> list[re.Pattern[str]]:
    """The templates whose name is made from a kind: ``f"signin/{kind}.html"`` may mean any word in its hole."""
    return [
        re.compile(
            "".join(re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"[\w-]+" for part in node.values)
        )
        for node in ast.walk(module)
        if isinstance(node, ast.JoinedStr) and ast.unparse(node).endswith((".html'", ".txt'", '.html"', '.txt"'))
    ]


def unused(names: list[str], mentions: set[str]) -> list[str]:
    """The templates that nobody mentions: by name, by folder for a message, by tag for a component."""
    left = []
    for name in names:
        folder, _, file = name.rpartition("/")
        kind = folder.partition("/")[0]
        is_message = kind == "messages" and file in MESSAGE_PARTS and folder.removeprefix("messages/") in mentions
        is_component = folder.endswith("components") and file.removesuffix(".html") in mentions
        if name not in mentions and name not in DJANGO_LOOKS_FOR and not is_message and not is_component:
            left.append(name)
    return left


def mentions() -> set[str]:
    """Every string of the code and every quoted string of the templates."""
    found = {word for path in python_files() for word in strings(tree(path))}
    for path in templates():
        found |= set(re.findall(r"[\"']([^\"'\n]+)[\"']", text(path)))
    return found


def name_of(path: Path) -> str:
    """The name by which Django finds a template."""
    parts = path.parts
    return "/".join(parts[len(parts) - 1 - parts[::-1].index("templates") + 1 :])


def test_every_template_is_used() -> None:
    assert unused(["signin/old.html"], {"signin/new.html"}) == ["signin/old.html"]
    (hole,) = chosen_as_it_runs(ast.parse("render(f'signin/{kind}.html')"))
    assert hole.fullmatch("signin/pupil.html") and not hole.fullmatch("signin/a/b.html")
    assert not unused(["messages/signin/code/subject.txt", "design/components/tag.html"], {"signin/code", "tag"})
    holes = [hole for path in python_files() for hole in chosen_as_it_runs(tree(path)) if hole.pattern.count("+") < 2]
    problems = [
        name
        for name in unused([name_of(path) for path in templates()], mentions())
        if not any(hole.fullmatch(name) for hole in holes)
    ]
    assert not problems, report(problems)


def test_two_rooms_never_have_a_template_of_the_same_name() -> None:
    """Django would serve the first it finds. Between sites it does not matter: they are apart."""
    for site in ("identity", "eservices", "simulators"):
        seen: dict[str, str] = {}
        for path in templates():
            if here(path).startswith((f"preau/{site}/", "preau/design/", "preau/journeys/")):
                assert name_of(path) not in seen, f"{here(path)} hides {seen[name_of(path)]}"
                seen[name_of(path)] = here(path)


def test_rooms_have_only_the_shelves_of_the_house() -> None:
    """A room's templates stand in templates/<room>/ (a message's in templates/messages/)."""
    problems = []
    for path in templates():
        room = path.parts[len(path.parts) - 2 - path.parts[::-1].index("templates")]
        folder = name_of(path).partition("/")[0]
        if "/" in name_of(path) and folder not in {room, "messages", "paper"}:
            problems.append(here(path))
    assert not problems, report(problems)


def posted_by_sms(module: ast.AST) -> set[str]:
    """The messages that may leave by SMS: posted by a way that is not the e-mail, or told on every proved channel."""
    names = {
        node.targets[0].id: node.value.value
        for node in ast.walk(module)
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    }
    found = set()
    for node in ast.walk(module):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        way = next((ast.unparse(one.value) for one in node.keywords if one.arg == "way"), "Way.EMAIL")
        is_post = called(node) == "post" and way != "Way.EMAIL"
        if is_post or called(node) == "tell":
            said = next((one for one in node.args if isinstance(one, ast.Constant | ast.Name)), node.args[0])
            found.add(str(said.value) if isinstance(said, ast.Constant) else names.get(ast.unparse(said), ""))
    return found - {""}


def test_a_message_that_may_leave_by_sms_has_the_words_of_an_sms() -> None:
    example = 'A = "a"\noutbox.post(A, way=way)\noutbox.post("b", way=Way.EMAIL)\nchannels.tell("c", account, at=at)'
    assert posted_by_sms(ast.parse(example)) == {"a", "c"}
    written = {here(path) for path in templates()}
    found = {name for path in python_files("preau") for name in posted_by_sms(tree(path))}
    folder = "preau/identity/messaging/templates/messages"
    problems = [name for name in sorted(found) if f"{folder}/{name}/sms.txt" not in written]
    assert len(found) > 5 and not problems, report(problems)
