"""``make fix`` sets the French sentences as a printer would: no-break spaces, curly apostrophes, one ellipsis.

Only what is handed to the translator is touched: the arguments of gettext, {% translate %} and {% blocktranslate %}.
"""

import ast
import re
from pathlib import Path

from tooling.steps import ROOT, show

GETTEXT = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}
NO_BREAK, NARROW = "\u00a0", "\u202f"
TAG = re.compile(r"({{.*?}}|{%.*?%}|<[^>]*>|%\(\w+\)[sd])", re.S)
RULES = [
    (re.compile(r"(?<=\w)'(?=\w)"), "’"),
    (re.compile(r"\.\.\."), "…"),
    (re.compile("« "), f"«{NO_BREAK}"),
    (re.compile(" »"), f"{NO_BREAK}»"),
    (re.compile(r" :(?![^\s\"'])"), f"{NO_BREAK}:"),
    (re.compile(r" ([;!?])(?!\w)"), rf"{NARROW}\1"),
    (re.compile(r"(?<=\d) %(?![(\w])"), f"{NARROW}%"),
    (re.compile(r"(?<=\d) (?=(?:ans|mois|jours?|heures?|minutes?|secondes?)\b)"), NO_BREAK),
]
BLOCK = re.compile(r"({%\s*blocktrans(?:late)?\b[^%]*%})(.*?)({%\s*endblocktrans(?:late)?\s*%})", re.S)
TRANSLATE = re.compile(r"""({%\s*trans(?:late)?\s+")([^"]*)(")""")


def well_set(sentence: str) -> str:
    """The sentence, well set. Tags and variables are left as they are."""
    parts = TAG.split(sentence)
    for place in range(0, len(parts), 2):
        for pattern, right in RULES:
            parts[place] = pattern.sub(right, parts[place])
    return "".join(parts)


def in_template(source: str) -> str:
    """A template, its sentences well set."""
    for pattern in (BLOCK, TRANSLATE):
        source = pattern.sub(lambda found: found[1] + well_set(found[2]) + found[3], source)
    return source


def in_module(source: str) -> str:
    """A module, its sentences well set. Positions of the syntax tree count bytes."""
    lines = [line.encode() for line in source.splitlines(keepends=True)]
    constants = [
        word
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in GETTEXT
        for word in node.args
        if isinstance(word, ast.Constant) and isinstance(word.value, str)
    ]
    for word in sorted(constants, key=lambda one: (-one.lineno, -one.col_offset)):
        first, last = word.lineno - 1, (word.end_lineno or word.lineno) - 1
        for number in range(first, last + 1):
            start = word.col_offset if number == first else 0
            end = (word.end_col_offset if number == last else None) or len(lines[number])
            line = lines[number]
            lines[number] = line[:start] + well_set(line[start:end].decode()).encode() + line[end:]
    return b"".join(lines).decode()


def main() -> None:
    """Set every template and module of preau/."""
    for path in sorted((ROOT / "preau").rglob("*")):
        set_ = in_module if path.suffix == ".py" else in_template if is_template(path) else None
        if set_ and (before := path.read_text(encoding="utf-8")) != (after := set_(before)):
            path.write_text(after, encoding="utf-8")
            show(f"set: {path.relative_to(ROOT)}")


def is_template(path: Path) -> bool:
    """Whether a file is a page or a message."""
    return "templates" in path.parts and path.suffix in {".html", ".txt"}


if __name__ == "__main__":
    main()
