"""What only a browser can say: accessibility, reflow, the scripts."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

PAGES = ["", "bureau", "refus/404"]


@pytest.mark.parametrize("page_name", PAGES)
@pytest.mark.parametrize("width", [1280, 360, 320])
@pytest.mark.parametrize(("scheme", "language"), [("light", "fr"), ("dark", "fr"), ("light", "ar")])
def test_every_component_is_accessible_and_fits(
    gallery: str, browser: Browser, page_name: str, width: int, scheme: str, language: str
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{gallery}{page_name}?langue={language}")
    violations = Axe().run(page).response["violations"]
    assert [(found["id"], found["nodes"][0]["html"]) for found in violations] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert complaints == []
    context.close()


def test_the_summary_of_errors_takes_the_focus(gallery: str, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(gallery)
    assert page.evaluate("document.activeElement.className").startswith("summary-errors")
    page.close()


def test_a_password_is_shown_and_hidden_and_its_rules_are_met_as_one_types(gallery: str, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(gallery)
    box = page.locator("#id_fresh")
    box.fill("Marelle-2")
    rules = page.locator("[data-rules=id_fresh] li")
    assert [("is-met" in (rule.get_attribute("class") or "")) for rule in rules.all()] == [False, True, True, False]
    button = page.locator("[data-reveal=id_fresh]")
    assert button.inner_text().startswith("Afficher")
    button.click()
    assert box.get_attribute("type") == "text"
    assert button.inner_text().startswith("Masquer")
    page.close()


def test_ticking_all_counts_the_rows(gallery: str, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(f"{gallery}bureau")
    count = page.locator("[data-count]")
    assert count.inner_text() == "3 lignes cochées"
    page.locator("[data-tick-all] input").check()
    assert count.inner_text() == "8 lignes cochées"
    page.locator("[data-tick-all] input").uncheck()
    assert count.inner_text() == "Aucune ligne cochée"
    page.close()


def test_without_script_nothing_is_offered_that_would_not_work(gallery: str, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(gallery)
    assert page.locator("[data-reveal]:visible, [data-print]:visible").count() == 0
    page.goto(f"{gallery}bureau")
    assert page.locator("[data-tick-all]:visible").count() == 0
    context.close()
