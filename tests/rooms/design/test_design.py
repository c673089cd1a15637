"""The tags and filters, the frame, the refusals."""

import datetime
import re
from pathlib import Path

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.core.paginator import Paginator
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import Client, RequestFactory, override_settings
from django.utils import translation

ROOM = Path(__file__).resolve().parents[3] / "preau" / "design"


def draw(source: str, **context: object) -> str:
    return Template("{% load design %}" + source).render(Context(context))


def test_names_from_outside_are_escaped_and_isolated() -> None:
    person = {"used_name": "<b>\u202eX", "first_name": "Léa"}
    assert draw("{{ p|desk_name }}", p=person) == "<bdi>&lt;B&gt;X Léa</bdi>"


def test_a_division_raises_its_letter_and_escapes_the_rest() -> None:
    assert draw("{{ d|division }}", d="5E B") == '<span class="nowrap">5<sup>e</sup> B</span>'
    assert draw("{{ d|division }}", d="5E <B>") == '<span class="nowrap">5<sup>e</sup> &lt;B&gt;</span>'
    assert draw("{{ d|division }}", d="<601>") == "&lt;601&gt;"


def test_dates_are_written_in_the_language_of_the_page() -> None:
    date = datetime.date(2026, 9, 1)
    assert "1<sup>er</sup>" in draw("{{ d|day }}", d=date)
    with translation.override("en"):
        assert draw("{{ d|day }}", d=date) == "Sept. 1, 2026"


def test_today_and_yesterday_are_said_in_paris() -> None:
    at = datetime.datetime(2026, 11, 23, 23, 30, tzinfo=datetime.UTC)  # already the 24th in Paris
    seen = datetime.datetime(2026, 11, 23, 17, 42, tzinfo=datetime.UTC)
    assert draw("{{ d|moment:at }}", d=seen, at=at).replace("\u00a0", " ") == "hier, 18 h 42"
    assert draw("{{ d|until:at }}", d=at, at=at).replace("\u00a0", " ") == "jusqu’à aujourd’hui, 0 h 30"


def test_until_contracts_with_the_article_of_a_date() -> None:
    at = datetime.datetime(2026, 11, 23, 8, 15, tzinfo=datetime.UTC)
    later = at + datetime.timedelta(days=8)
    assert draw("{{ d|until:at }}", d=later, at=at).replace("\u00a0", " ").startswith("jusqu’au <span")
    later += datetime.timedelta(days=1)
    assert draw("{{ d|until:at }}", d=later, at=at).replace("\u00a0", " ") == "jusqu’au 2 décembre 2026, 9 h 15"


@pytest.mark.parametrize("state", ["unnotified", "NOTIFIED", "active", "unheard-of"])
def test_a_state_always_has_its_word(state: str) -> None:
    assert ">Le mot</span>" in draw("{% tag s 'Le mot' %}", s=state)


def test_an_empty_cell_says_so_and_hides_on_a_phone() -> None:
    assert draw('{% cell "Portable" %}{% endcell %}') == '<td role="cell" class="is-empty" data-label="Portable">—</td>'


def test_pagination_keeps_the_filters() -> None:
    request = RequestFactory().get("/", {"q": "Éric & fils", "page": "3"})
    html = draw("{% pages page %}", page=Paginator(range(1043), 50).page(3), request=request)
    assert "?q=%C3%89ric+%26amp%3B+fils" not in html
    assert 'href="?q=%C3%89ric+%26+fils&amp;page=4"' in html
    assert "101 à 150 sur 1\u202f043" in html


def test_a_secret_comes_in_groups_of_four_left_to_right() -> None:
    assert (
        draw("{% code '42V7ZJ7EXPC6' %}")
        == '<bdi class="code groups" dir="ltr"><span>42V7</span><span>ZJ7E</span><span>XPC6</span></bdi>'
    )


def test_a_page_takes_the_direction_of_its_language() -> None:
    with translation.override("ar"):
        assert '<html lang="ar" dir="rtl">' in render_to_string("design/page.html")
    assert '<html lang="fr" dir="ltr">' in render_to_string("design/desk.html")


@override_settings(
    DESIGN_FOOTER=[{"label": "Aide", "url": "nowhere"}, {"label": "Mentions légales", "url": "/mentions"}]
)
def test_a_footer_that_leads_nowhere_is_said_at_start_and_breaks_no_page() -> None:
    assert [message.id for message in run_checks() if message.id == "design.W001"] == ["design.W001"]
    html = render_to_string("design/page.html")
    assert "Mentions légales" in html
    assert "Aide" not in html


@override_settings(DESIGN_STYLESHEETS=["state/dsfr.css"], DESIGN_NAME="ÉduCompte")
def test_another_theme_is_laid_over_ours_by_one_setting() -> None:
    html = render_to_string("design/page.html")
    assert "/static/state/dsfr.css" in html
    assert "design/preau.css" not in html
    assert "ÉduCompte" in html


@pytest.mark.parametrize("status", [400, 403, 404, 500, 503])
def test_every_refusal_says_what_to_do_next(status: int) -> None:
    html = render_to_string(f"{status}.html")
    assert "<h1>" in html
    assert "Revenir à l’accueil" in html


def test_a_message_says_the_same_in_html_and_in_text() -> None:
    context = {
        "school_name": "Collège d’<Élise>",
        "school_phone": "+33199001234",
        "action_url": "https://x.example/?a=1&b=2",
        "action_label": "Ouvrir",
    }
    html, words = render_to_string("design/mail.html", context), render_to_string("design/mail.txt", context)
    assert "Collège d’&lt;Élise&gt;" in html
    assert "Collège d’<Élise>" in words
    assert "https://x.example/?a=1&b=2" in words
    assert "01\u00a099\u00a000\u00a012\u00a034" in words
    assert "\n-- \n" in words


def test_the_gallery_answers() -> None:
    client = Client()
    for path in ("", "bureau", "message", "refus/404", "?langue=ar"):
        assert client.get(f"/design/{path}").status_code == 200


def test_no_page_of_ours_writes_a_style_or_a_script_inside_itself() -> None:
    client = Client()
    for path in ("", "bureau", "refus/500"):
        html = client.get(f"/design/{path}").content.decode()
        assert not re.search(r"\sstyle=|<style|\son\w+=|javascript:", html)
        assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", html))


def test_colours_are_written_in_one_file() -> None:
    css = (ROOM / "static" / "design" / "preau.css").read_text()
    outside_print = css.split("@media print")[0]
    assert not re.search(r"#[0-9A-Fa-f]{3,8}\b(?![^{]*\{)", outside_print)


def test_production_finds_every_file_that_a_style_sheet_names(tmp_path: Path) -> None:
    storages = {"staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}}
    with override_settings(STATIC_ROOT=tmp_path, STORAGES=storages, DEBUG=False):
        call_command("collectstatic", "--noinput", verbosity=0)
        assert re.search(r"design/preau\.[0-9a-f]{12}\.css", render_to_string("design/page.html"))
    hashed = next(tmp_path.glob("design/tokens.*.css")).read_text()
    faces = re.findall(r'url\("(.+?)"\)', hashed)
    assert len(faces) >= 5
    assert all((tmp_path / "design" / face).is_file() for face in faces)


def test_the_sheet_serves_both_directions() -> None:
    css = (ROOM / "static" / "design" / "preau.css").read_text()
    sided = r"[{;]\s*(?:(?:margin|padding|border)-(?:left|right)|(?:float|text-align): (?:left|right)|left|right|width|height)\b"  # noqa: E501
    assert re.findall(sided, css) == []


def test_every_colour_keeps_its_contrast() -> None:
    css = (ROOM / "static" / "design" / "tokens.css").read_text()
    day, night = css.split("By night")[0], css.split(':root[data-theme="dark"]')[1]
    pairs = [
        ("ink", "ground", 7),
        ("ink", "paper", 7),
        ("ink", "sunken", 7),
        ("ink-soft", "ground", 7),
        ("ink-soft", "paper", 7),
        ("ink-soft", "sunken", 4.5),
        ("line-firm", "ground", 3),
        ("action", "ground", 7),
        ("on-action", "action", 7),
        ("danger", "paper", 7),
        ("danger", "danger-soft", 4.5),
        ("warning", "warning-soft", 4.5),
        ("info", "info-soft", 4.5),
        ("success", "success-soft", 4.5),
        ("on-danger", "danger", 7),
    ]
    for theme in (day, night):
        colours = dict(re.findall(r"--([\w-]+):\s*(#[0-9A-F]{6})", theme))
        for ink, ground, least in pairs:
            assert contrast(colours[ink], colours[ground]) >= least, (ink, ground)


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, contrast ratio."""

    def luminance(colour: str) -> float:
        parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)
