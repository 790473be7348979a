"""Reports in a real browser: silent, self-contained, drawn, foldable, and usable with the keyboard alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.browser.conftest import CASES, Browser, Start
from tests.report.test_render import HOSTILE, normal
from verifier.report.text import visible

FIGURES = dict(zip(CASES, (4, 3, 4, 3, 3, 0), strict=True))  # at least
each_case = pytest.mark.parametrize("case", CASES)


def page_of(pages: Path, case: str) -> Path:
    return pages / case / "report.html"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@each_case
def test_a_page_is_silent_and_asks_for_nothing(browser: Browser, pages: Path, case: str, scheme: str) -> None:
    browser.resize(1000)
    browser.prefer(scheme)
    browser.complaints(), browser.requests()
    browser.open(page_of(pages, case))
    picture = browser.screenshot(f"{case.replace('/', '-').removesuffix('.toml')}-{scheme}")
    assert picture.stat().st_size > 10_000
    assert browser.complaints() == []
    assert browser.requests() <= {page_of(pages, case).as_uri(), "data:,"}


@each_case
def test_figures_are_there_and_say_what_they_show(browser: Browser, pages: Path, case: str) -> None:
    browser.open(page_of(pages, case))
    boxes = browser.run(
        "return Array.from(document.querySelectorAll('figure svg'), s => { const b = s.getBoundingClientRect();"
        " return [b.width, b.height, s.querySelectorAll('path').length, s.querySelector('title').textContent,"
        " s.querySelector('desc').textContent, s.getAttribute('role')] })"
    )
    assert len(boxes) >= FIGURES[case]
    for width, height, paths, title, text, role in boxes:
        assert width > 400
        assert height > 200
        assert paths > 3
        assert len(title) > 5
        assert len(text) > 30
        assert role == "img"


@each_case
def test_names_within_a_page_are_unique_and_links_lead_somewhere(browser: Browser, pages: Path, case: str) -> None:
    browser.open(page_of(pages, case))
    names = browser.run("return Array.from(document.querySelectorAll('[id]'), e => e.id)")
    assert len(names) == len(set(names))
    targets = browser.run("return Array.from(document.querySelectorAll('a[href]'), e => e.getAttribute('href'))")
    assert {target.removeprefix("#") for target in targets} <= set(names)
    used = browser.run(
        "return Array.from(document.querySelectorAll('svg *'), e => (e.getAttribute('xlink:href') || '') + ' ' +"
        " (e.getAttribute('clip-path') || '') + ' ' + (e.getAttribute('style') || ''))"
    )
    referred = {name for words in used for name in re.findall(r"#([\w-]+)", words)}
    assert referred <= set(names)


@pytest.mark.parametrize("width", [1000, 360])
@each_case
def test_nothing_sticks_out(browser: Browser, pages: Path, case: str, width: int) -> None:
    browser.resize(width)
    browser.open(page_of(pages, case))
    browser.run("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert browser.run("return document.documentElement.scrollWidth") <= width
    if width < 500:
        browser.screenshot(f"{case.replace('/', '-').removesuffix('.toml')}-narrow")


def test_folding_by_mouse_and_by_keyboard(browser: Browser, pages: Path) -> None:
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    browser.resize(1000)
    browser.open(page_of(pages, "docs/example.toml"))
    fold = browser.driver.find_element(By.CSS_SELECTOR, "#case details")
    inside = fold.find_element(By.CSS_SELECTOR, "li")
    summary = fold.find_element(By.CSS_SELECTOR, "summary")
    assert not inside.is_displayed()
    summary.click()
    assert inside.is_displayed()
    summary.send_keys(Keys.ENTER)
    assert not inside.is_displayed()


def test_everything_is_reached_by_the_keyboard(browser: Browser, pages: Path) -> None:
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    browser.open(page_of(pages, "docs/example.toml"))
    wanted = browser.run(
        "return Array.from(document.querySelectorAll('a[href], summary, [tabindex=\"0\"]'))"
        ".filter(e => e.checkVisibility()).map((e, k) => (e.dataset.stop = k, k))"
    )
    reached = []
    for _ in wanted:
        browser.driver.switch_to.active_element.send_keys(Keys.TAB)
        reached.append(browser.run("return Number(document.activeElement.dataset.stop)"))
        assert browser.run("return getComputedStyle(document.activeElement).outlineStyle") == "solid"
    assert reached == wanted
    assert browser.driver.find_element(By.CSS_SELECTOR, ".skip").get_attribute("href").endswith("#proof")


def test_a_page_reads_the_same_without_javascript(start: Start, pages: Path, browser: Browser) -> None:
    """There is no script at all, so this is about the index."""
    assert "<script" not in page_of(pages, "docs/example.toml").read_text(encoding="utf-8")
    plain = start(javascript=False)
    plain.open(pages / "index.html")
    from selenium.webdriver.common.by import By

    cases = plain.driver.find_elements(By.CSS_SELECTOR, ".case")
    assert len(cases) == len(CASES) + len(HOSTILE)
    assert all(case.is_displayed() for case in cases)
    assert not plain.driver.find_element(By.ID, "filters").is_displayed()


def test_filters_of_the_index(browser: Browser, pages: Path) -> None:
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.select import Select

    browser.resize(1000)
    browser.complaints(), browser.requests()
    browser.open(pages / "index.html")
    browser.screenshot("index")
    total = len(CASES) + len(HOSTILE)

    def shown() -> list[str]:
        found = browser.driver.find_elements(By.CSS_SELECTOR, ".case")
        return [case.find_element(By.TAG_NAME, "h2").text for case in found if case.is_displayed()]

    def count() -> str:
        return browser.driver.find_element(By.ID, "shown").text

    assert count() == f"{total} of {total} cases"
    labels = browser.driver.find_elements(By.CSS_SELECTOR, "#filters label")
    controls = {label.text.split("\n")[0]: label for label in labels}
    assert set(controls) == {"Activation", "Loss", "Architecture", "Rule", "Verdict", "Words"}
    rules = Select(controls["Rule"].find_element(By.TAG_NAME, "select"))
    rules.select_by_visible_text("sharp (1)")
    assert (len(shown()), count()) == (1, f"1 of {total} cases")
    rules.select_by_index(0)
    controls["Words"].find_element(By.TAG_NAME, "input").send_keys("DEAD relu")
    assert shown() == ["A dead ReLU unit on separable data"]
    assert browser.complaints() == []
    assert browser.requests() <= {(pages / "index.html").as_uri(), "data:,"}


def test_links_of_the_index_lead_to_pages(browser: Browser, pages: Path) -> None:
    browser.open(pages / "index.html")
    links = browser.run("return Array.from(document.querySelectorAll('.case a'), a => a.href)")
    for link in links:
        browser.driver.get(link)
        assert browser.run("return document.querySelector('h1') !== null")


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_hostile_words_are_shown_as_text(browser: Browser, pages: Path, number: int) -> None:
    browser.resize(1000)
    browser.complaints(), browser.requests()
    page = pages / "hostile" / str(number) / "report.html"
    browser.open(page)
    browser.screenshot(f"hostile-{number}")
    assert browser.run("return document.scripts.length + document.images.length") == 0
    title = browser.run("return document.querySelector('h1').textContent")
    words = normal(visible(HOSTILE[number]))
    assert normal(title).rstrip("…").rstrip() in words
    assert browser.run("return document.documentElement.scrollWidth") <= 1000
    assert browser.complaints() == []
    assert browser.requests() <= {page.as_uri(), "data:,"}
