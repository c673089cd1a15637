"""What comes out of the press: read with poppler and zbar, as a school and its printer would."""

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import psutil
import pypdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from preau.design.paper.press import Press, PressFailed

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SITE = {"site": "compte.example.fr", "address": "https://compte.example.fr/"}
SCHOOL = {
    "name": "Collège Élise-Deroche",
    "address": ["12, rue du Préau", "99300 Le Pré-sous-Bois"],
    "phone": "01 99 00 12 34",
}
HOSTILE = [
    '#read("/etc/passwd")',
    "*gras* _x_ $y$",
    "@ref <label> [crochets] \\",
    "= titre // rien",
    "`code` ~ -- ...",
    "{1 + 1}",
]


@pytest.fixture(scope="module")
def press() -> Iterator[Press]:
    with Press(at=AT) as press:
        yield press


def sheets(*names: str, layout: str = "four", username: str = "i.belkacem", division: str = "5E B") -> dict[str, Any]:
    pupils = [{"name": name, "division": division, "username": username, "secret": "9KQ2WX5MTRB8"} for name in names]
    title = "Fiches des élèves, 5E B"
    return {
        "layout": layout,
        "title": title,
        "school": SCHOOL["name"],
        "phone": SCHOOL["phone"],
        "until": "23 février 2027",
        "pupils": pupils,
        **SITE,
    }


def letters(*, children: int = 2, lines: list[str] | None = None, username: str = "s.belkacem3") -> dict[str, Any]:
    letter = {
        "lines": lines or ["Madame Samira BELKACEM", "4, allée des Tilleuls", "99300 Le Pré-sous-Bois"],
        "greeting": "Madame,",
        "children": [{"name": f"Inès{number} Belkacem", "division": "5E B"} for number in range(children)],
        "username": username,
        "secret": "42V7ZJ7EXPC6",
    }
    return {
        "title": "Lettres",
        "day": "23 novembre 2026",
        "until": "23 février 2027",
        "school": SCHOOL,
        "letters": [letter],
        "ways": ["franceconnect", "mobile"],
        **SITE,
    }


def invitation() -> dict[str, Any]:
    data = letters()
    del data["until"], data["letters"][0]["username"], data["letters"][0]["secret"]
    return data


def roster(rows: int = 3, **more: Any) -> dict[str, Any]:
    columns = [
        {"label": "Élève", "share": 3},
        {"label": "Classe", "kind": "division"},
        {"label": "Identifiant", "kind": "code", "share": 2},
        {"label": "Mot de passe", "kind": "secret", "share": 2},
    ]
    return {
        "title": "Élèves de 5e B",
        "school": SCHOOL["name"],
        "day": "23 novembre 2026",
        "columns": columns,
        "rows": [[f"BELKACEM Inès {number}", "5E B", "i.belkacem", "9KQ2WX5MTRB8"] for number in range(rows)],
        **more,
    }


def slip() -> dict[str, Any]:
    return {
        "title": "Mot de passe réinitialisé",
        "school": SCHOOL["name"],
        "name": "Adama COULIBALY",
        "division": "5E B",
        "username": "a.coulibaly2",
        "secret": "7HN4YC4PDVA3",
        "until": "25 novembre 2026",
        "by": "Maïwenn Kervella",
        **SITE,
    }


PAPERS = {
    "sheets": sheets("Inès BELKACEM"),
    "letter": letters(),
    "invitation": invitation(),
    "roster": roster(),
    "slip": slip(),
}


def words(pdf: bytes, *options: str) -> str:
    found = subprocess.run(
        ["pdftotext", *options, "-", "-"], input=pdf, capture_output=True, check=True
    ).stdout.decode()
    return found.replace("\u00a0", " ")


def facts(pdf: bytes) -> dict[str, str]:
    lines = subprocess.run(["pdfinfo", "-"], input=pdf, capture_output=True, check=True).stdout.decode().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def squares(pdf: bytes, *, dpi: int, reduced: float = 1.0) -> list[str]:
    """What a phone reads on the first page, printed at `dpi` and reduced by the printer."""
    resolution = str(round(dpi * reduced))
    picture = subprocess.run(
        ["pdftoppm", "-gray", "-r", resolution, "-f", "1", "-l", "1", "-png"],
        input=pdf,
        capture_output=True,
        check=True,
    ).stdout
    found = subprocess.run(
        ["zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", "-"],
        input=picture,
        capture_output=True,
        check=False,
    )
    return found.stdout.decode().split()


def sizes(pdf: bytes) -> dict[str, float]:
    """The size of type of each piece of text of the first page."""
    found: dict[str, float] = {}

    def keep(text: str, _cm: Any, matrix: list[float], _font: Any, size: float) -> None:
        if text.strip():
            found[text.strip()] = abs(matrix[0] or 1) * size

    pypdf.PdfReader(BytesIO(pdf)).pages[0].extract_text(visitor_text=keep)
    return found


@pytest.mark.parametrize("template", PAPERS)
def test_every_paper_is_tagged_titled_and_carries_its_fonts(press: Press, template: str) -> None:
    pdf = press.render(template, PAPERS[template])
    assert facts(pdf)["Tagged"] == "yes"
    assert facts(pdf)["Title"] == PAPERS[template]["title"]
    assert b"pdfuaid" in pdf or b"pdfuaid" in b"".join(stream_of(pdf))
    fonts = (
        subprocess.run(["pdffonts", "-"], input=pdf, capture_output=True, check=True).stdout.decode().splitlines()[2:]
    )
    assert fonts
    assert all(re.search(r"\byes (yes|no)\s+yes\s", line) for line in fonts), fonts  # embedded, and mapped to Unicode


def stream_of(pdf: bytes) -> Iterator[bytes]:
    metadata = pypdf.PdfReader(BytesIO(pdf)).trailer["/Root"]["/Metadata"]
    yield metadata.get_data()


def test_a_sheet_can_be_selected_and_copied(press: Press) -> None:
    text = words(press.render("sheets", sheets("Inès BELKACEM", "Adama COULIBALY")))
    for piece in (
        "Inès BELKACEM",
        "Adama COULIBALY",
        "i.belkacem",
        "9KQ2 WX5M TRB8",
        "23 février 2027",
        "compte.example.fr",
    ):
        assert piece in text


def test_four_sheets_stand_on_an_a4_and_the_fifth_on_another(press: Press) -> None:
    assert facts(press.render("sheets", sheets(*["Inès BELKACEM"] * 5)))["Pages"] == "2"
    assert facts(press.render("sheets", sheets(*["Inès BELKACEM"] * 5, layout="one")))["Pages"] == "5"


@pytest.mark.parametrize(("layout", "least"), [("four", 9.0), ("one", 18.0)])
@pytest.mark.parametrize("username", ["i.belkacem", "a." + "delarochefoucauldmontmorency" * 3])
def test_credentials_are_still_readable_when_the_printer_puts_four_pages_on_one(
    press: Press, layout: str, least: float, username: str
) -> None:
    pdf = press.render("sheets", sheets("Inès BELKACEM", layout=layout, username=username))
    found = sizes(pdf)
    secrets = [size for piece, size in found.items() if "9KQ2" in piece or (len(piece) > 3 and piece in username)]
    assert len(secrets) >= 2
    assert min(secrets) >= least - 0.01


@pytest.mark.parametrize(
    ("template", "data"),
    [
        ("sheets", sheets(*["Inès"] * 4)),
        ("sheets", sheets("Inès", layout="one")),
        ("letter", letters()),
        ("slip", slip()),
    ],
)
def test_the_square_gives_the_address_of_the_site_and_nothing_else(
    press: Press, template: str, data: dict[str, Any]
) -> None:
    pdf = press.render(template, data)
    assert set(squares(pdf, dpi=200)) == {SITE["address"]}


def test_the_square_of_a_sheet_per_page_is_read_after_four_are_put_on_one(press: Press) -> None:
    pdf = press.render("sheets", sheets("Inès", layout="one"))
    assert squares(pdf, dpi=150, reduced=0.5) == [SITE["address"]]


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("template", ["sheets", "letter", "invitation", "roster", "slip"])
def test_a_name_is_never_read_as_markup(press: Press, template: str, name: str) -> None:
    data = {
        "sheets": sheets(name),
        "letter": letters(lines=[name]),
        "invitation": {**invitation()},
        "roster": roster(),
        "slip": {**slip(), "name": name},
    }[template]
    if template == "invitation":
        data["letters"][0]["lines"] = [name]
    if template == "roster":
        data["rows"] = [[name, name, name, ""]]
    assert name in " ".join(words(press.render(template, data), "-layout").split())


def test_a_name_cannot_turn_its_reading_round(press: Press) -> None:
    assert "Adama COULIBALY" in words(press.render("sheets", sheets("Ad\u202eama\u2066 COULIBALY")))


def test_names_of_elsewhere_are_printed_and_what_no_face_can_write_is_a_question_mark(press: Press) -> None:
    text = words(press.render("sheets", sheets("Łukasz ŞAHİN", "Яна Иванова", "محمد علي", "王小明 LI")), "-raw")
    for piece in ("Łukasz ŞAHİN", "Яна Иванова", "محمد", "??? LI"):
        assert piece in text


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60))
def test_any_name_at_all_gives_a_paper(press: Press, name: str) -> None:
    assert press.render("sheets", sheets(name)).startswith(b"%PDF")


def test_a_letter_names_every_child_however_many(press: Press) -> None:
    for many in (0, 1, 2, 4, 5, 40):
        text = words(press.render("letter", letters(children=many)))
        assert all(f"Inès{number} Belkacem" in " ".join(text.split()) for number in range(many))
    assert "votre enfant" in words(press.render("letter", letters(children=0)))


def test_the_address_stands_in_the_window_of_the_envelope_however_long(press: Press) -> None:
    lines = [
        "Monsieur Jean-Christophe-Alexandre de LA ROCHEFOUCAULD-MONTMORENCY",
        "Résidence des Tilleuls",
        "Bâtiment C",
        "4, allée des Tilleuls",
        "BP 1234",
        "99300 LE PRÉ-SOUS-BOIS CEDEX",
    ]
    for one in (letters(), letters(lines=lines)):
        boxes = words(press.render("letter", one), "-bbox", "-f", "1", "-l", "1")
        first, last = one["letters"][0]["lines"][0].split()[0], one["letters"][0]["lines"][-1].split()[-1]
        places = re.findall(
            r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">(.+?)</word>', boxes
        )
        inside = [
            place for place in places if float(place[0]) > 105 * 72 / 25.4 and 45 < float(place[1]) * 25.4 / 72 < 84
        ]
        millimetres = [[float(value) * 25.4 / 72 for value in place[:4]] for place in inside]
        assert inside[0][4] == first
        assert inside[-1][4] == last
        assert min(place[0] for place in millimetres) >= 107
        assert max(place[2] for place in millimetres) <= 192
        assert max(place[3] for place in millimetres) <= 86


def test_an_invitation_holds_no_secret_and_names_the_ways_in(press: Press) -> None:
    text = words(press.render("invitation", invitation()))
    assert "FranceConnect" in text
    assert "téléphone portable" in text
    assert "ne contient aucun secret" in text
    alone = words(press.render("invitation", {**invitation(), "ways": ["mobile"]}))
    assert "FranceConnect" not in alone


def test_a_long_roster_repeats_its_head_and_numbers_its_pages(press: Press) -> None:
    pdf = press.render("roster", roster(200, is_secret=True))
    pages = int(facts(pdf)["Pages"])
    assert pages > 3
    for page in (1, pages):
        text = words(pdf, "-f", str(page), "-l", str(page))
        assert "Identifiant" in text
        assert "à garder sous clé" in text
        assert f"{page}/{pages}" in text.replace(" ", "")


def test_bad_data_is_said_and_the_next_paper_is_printed(press: Press) -> None:
    with pytest.raises(PressFailed, match="'sheets'") as refused:
        press.render("sheets", {"title": "x"})
    assert refused.value.reason
    with pytest.raises(PressFailed):
        press.render("../../../etc/passwd", {})
    assert press.render("slip", slip()).startswith(b"%PDF")


def test_a_killed_child_is_said_and_the_next_paper_is_printed() -> None:
    with Press() as press:
        press.render("slip", slip())
        assert press._child
        os.kill(press._child.pid, signal.SIGKILL)
        with pytest.raises(PressFailed):
            press.render("slip", slip())
        assert press.render("slip", slip()).startswith(b"%PDF")


def test_a_paper_that_takes_too_long_is_given_up() -> None:
    with Press(patience=0.01) as press, pytest.raises(PressFailed):
        press.render("sheets", sheets(*["Inès"] * 3000))


def test_the_child_ends_with_the_block_and_was_told_nothing_but_through_the_pipe() -> None:
    with Press() as press:
        press.render("slip", slip())
        assert press._child
        child = psutil.Process(press._child.pid)
        said = " ".join(child.cmdline())
        assert "7HN4" not in said
        assert child.cmdline()[1] == "-I"
        assert {line.partition("=")[0] for line in environment(child.pid)} <= {"LANG", "RAYON_NUM_THREADS", "LC_CTYPE"}
    assert not psutil.pid_exists(child.pid)


def environment(pid: int) -> list[str]:
    """The variables of the child; a process that hides its memory hides them too."""
    try:
        return Path(f"/proc/{pid}/environ").read_text().strip("\0").split("\0")
    except PermissionError:
        return []


def test_two_thousand_sheets_by_division_stay_small() -> None:
    with Press() as press:
        for number in range(70):
            press.render("sheets", sheets(*[f"Inès {number} {place}" for place in range(29)]))
        assert press._child
        status = Path(f"/proc/{press._child.pid}/status").read_text()
    peak = int(status.split("VmHWM:")[1].split()[0])  # in KiB, the most it ever held
    assert peak < 300 * 1024, f"{peak // 1024} MiB"
