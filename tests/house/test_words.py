"""What people read: French through Django's translation, set as a printer would."""

import ast
import re
from html.parser import HTMLParser
from pathlib import Path

from tests.house.source import called, here, python_files, report, templates, text, tree

TRANSLATE = re.compile(r"""{%\s*trans(?:late)?\s+(?:"([^"]*)"|'([^']*)')""")
BLOCK = re.compile(r"{%\s*blocktrans(?:late)?\b[^%]*%}(.*?){%\s*endblocktrans(?:late)?\s*%}", re.S)
GETTEXT = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}
FAULTS = [
    (re.compile(r"\w'\w"), "a straight apostrophe: ’"),
    (re.compile(r"\.\.\."), "three dots: …"),
    (re.compile(r"« | »"), "a plain space inside « »: U+00A0"),
    (re.compile(r"\w :(?!\S)"), "a plain space before « : »: U+00A0"),
    (re.compile(r"[\w»)%] [;!?](?!\S)"), "a plain space before ; ! or ?: U+202F"),
    (re.compile(r"\d %(?![(\w])"), "a plain space before %: U+202F"),
    (re.compile(r"\d (?:ans|mois|jours?|heures?|minutes?|secondes?)\b"), "a plain space before a unit: U+00A0"),
    (re.compile(r"(?<![\w(])[ÉEe]l[eè]ve [Mm]ajeur\(e\)"), "« majeur(e) »: write both or turn the sentence"),
]


def faults(sentence: str) -> list[str]:
    """What a printer would correct in a French sentence. Variables and tags are set aside."""
    bare = re.sub(r"%\(\w+\)[sd]|{{.*?}}|{%.*?%}|<[^>]*>", "x", sentence, flags=re.S)
    return [fault for pattern, fault in FAULTS if pattern.search(bare)]


def sentences_of_template(source: str) -> list[str]:
    """The sentences a template hands to the translator."""
    return [one or other for one, other in TRANSLATE.findall(source)] + BLOCK.findall(source)


def sentences_of_module(module: ast.AST) -> list[tuple[int, str]]:
    """The sentences a module hands to the translator, and the labels of its choices."""
    found = []
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and called(node) in GETTEXT:
            found += [
                (node.lineno, word.value)
                for word in node.args
                if isinstance(word, ast.Constant) and isinstance(word.value, str)
            ]
    return found


def test_sentences_are_well_set() -> None:
    assert faults("L'eleve") and faults("Vraiment ?") and faults("Attendez...") and faults("« ici »") and faults("10 %")
    assert faults("dans 24 heures")
    assert not faults("L’élève «\u00a0Inès\u00a0»\u00a0: vraiment\u202f?…")
    problems = [
        f"{here(path)}: {' '.join(sentence.split())[:70]!r}: {fault}"
        for path in templates()
        for sentence in sentences_of_template(text(path))
        for fault in faults(sentence)
    ]
    problems += [
        f"{here(path)}:{line}: {sentence[:70]!r}: {fault}"
        for path in python_files()
        for line, sentence in sentences_of_module(tree(path))
        for fault in faults(sentence)
    ]
    assert not problems, report(problems)


class Spoken(HTMLParser):
    """Collects the words of a page that no translator will see."""

    def __init__(self) -> None:
        super().__init__()
        self.silent = 0
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Titles, placeholders and labels are read too."""
        self.silent += tag in {"script", "style", "svg"}
        for name, value in attrs:
            if name in {"title", "placeholder", "aria-label", "alt"} and value:
                self.handle_data(value)

    def handle_endtag(self, tag: str) -> None:
        """Leave a silent tag."""
        self.silent -= tag in {"script", "style", "svg"}

    def handle_data(self, data: str) -> None:
        """Keep text that holds a word of three letters."""
        if not self.silent and (found := re.findall(r"[A-Za-zÀ-ÿ]{3,}", data)):
            self.words.append(" ".join(found))


def untranslated(source: str) -> list[str]:
    """The words of a template that stand outside {% translate %} and {% blocktranslate %}."""
    bare = re.sub(r"{#.*?#}|{%\s*comment\b.*?endcomment\s*%}", "", source, flags=re.S)
    bare = CODE_BLOCK.sub("", bare)
    bare = re.sub(r"{{.*?}}|{%.*?%}", "", BLOCK.sub("", bare), flags=re.S)
    spoken = Spoken()
    spoken.feed(bare)
    return [words for words in spoken.words if words not in PROPER_NOUNS]


# A block that fills an attribute (a class, a density) holds a word of code.
CODE_BLOCK = re.compile(r"{%\s*block\s+\w*(?:density|class|theme|room)\s*%}.*?{%\s*endblock.*?%}", re.S)
PROPER_NOUNS = {"Préau", "PDF", "CSV", "SIECLE", "FranceConnect", "EduConnect"}


def is_read_by_families_or_staff(path: Path) -> bool:
    """The simulators and the gallery of components are the developer's."""
    return path.suffix == ".html" and not here(path).startswith("preau/simulators/") and "gallery" not in here(path)


def test_what_people_read_can_be_translated() -> None:
    assert untranslated("<p>Bonjour</p>{% translate 'Au revoir' %}<input placeholder='Votre nom'>") == [
        "Bonjour",
        "Votre nom",
    ]
    problems = [
        f"{here(path)}: {words[:80]!r}"
        for path in templates()
        if is_read_by_families_or_staff(path)
        for words in untranslated(text(path))
    ]
    assert not problems, report(problems)
