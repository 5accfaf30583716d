"""Pages in the hands of people: narrow and wide windows, keyboard alone, scripts off, large text, paper."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect
from selectolax.lexbor import LexborHTMLParser

from tests.quality.visiting import DESKTOP, PHONE, VIEWPORTS, go, visiting
from tests.site.builder import Built
from tests.site.rich import BASE, PAGES, Served

LOOKING = Path(__file__).with_name("looking.js")
WIDTHS = (320, 360, 768, 1280)
MOST_STOPS = 400
"""Elements that the keyboard is led through on one page."""
KEYBOARD = ("home", "list", "plugin-rich", "tag", "authors", "statistics", "notices", "help", "not-found")


NOT_ON_PAPER = (
    ".elsewhere, .ranking .all, .jump, .neighbours, .plugin-reports, .plugin-shields, "
    "[aria-labelledby=report], .pager, .button, summary, details"
)
"""What only leads on to other pages, or opens; and the sections of a plugin's page for its maintainer."""


def look(page: Page, question: str, *arguments: str) -> Any:
    """Ask the page one of the questions of looking.js."""
    return page.evaluate(f"given => looking.{question}(...given)", list(arguments))


@pytest.fixture
def visit(chromium: Browser, site: Served) -> Iterator[Any]:
    """Return a function that opens a page of PAGES; further arguments as `visiting` takes them."""
    opened = []

    def start(name: str, viewport: Any = DESKTOP, **context: Any) -> Page:
        manager = visiting(chromium, site, name, viewport, looking=LOOKING, **context)
        opened.append(manager)
        return manager.__enter__()

    yield start
    for manager in opened:
        manager.__exit__(None, None, None)


# Windows and text of any size


@pytest.mark.parametrize("name", PAGES)
def test_page_fits_windows_of_any_width(visit: Any, name: str) -> None:
    page = visit(name)
    beyond = {}
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        if found := look(page, "overflowing"):
            beyond[width] = found
    assert beyond == {}


@pytest.mark.parametrize("name", PAGES)
def test_page_fits_with_text_of_twice_the_size(visit: Any, name: str) -> None:
    page = visit(name)
    size = "() => parseFloat(getComputedStyle(document.querySelector('main')).fontSize)"
    before = page.evaluate(size)
    page.evaluate("() => { document.documentElement.style.fontSize = '200%' }")
    assert page.evaluate(size) >= before * 1.9
    beyond = {}
    for viewport in VIEWPORTS.values():
        page.set_viewport_size(viewport)
        if found := look(page, "overflowing"):
            beyond[viewport["width"]] = found
    assert beyond == {}


# The keyboard alone


def stops(page: Page) -> list[dict[str, Any]]:
    """Press Tab from the page's beginning to its end; return the elements that had the focus."""
    found: list[dict[str, Any]] = []
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        stop = look(page, "focused")
        if stop is None or (found and stop["place"] == found[0]["place"]):
            return found
        found.append(stop)
    return found


@pytest.mark.parametrize("size", VIEWPORTS)
@pytest.mark.parametrize("name", KEYBOARD)
def test_keyboard_reaches_everything_in_order_and_shows_where_it_is(visit: Any, name: str, size: str) -> None:
    page = visit(name, VIEWPORTS[size])
    found = stops(page)
    assert [stop["name"] for stop in found if not stop["visible"]] == []
    assert [stop["name"] for stop in found if not stop["inside"]] == []
    places = [stop["place"] for stop in found]
    assert places == sorted(set(places))
    assert found[0]["class"] == "skip"
    kinds = {stop["id"] or stop["class"] for stop in found}
    assert "theme" in " ".join(kinds)
    assert any(stop["kind"] == "input" for stop in found)
    reached = page.evaluate(
        "() => [...document.querySelectorAll('.menu a, main a[href], main summary')]"
        ".filter(one => one.checkVisibility({visibilityProperty: true})).length"
    )
    assert reached <= len(found) or len(found) == MOST_STOPS


def test_skip_link_leads_past_the_menu(visit: Any) -> None:
    page = visit("plugin-rich")
    page.keyboard.press("Tab")
    expect(page.locator("a.skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.closest('main') !== null")


def test_search_is_used_by_keyboard_alone(visit: Any) -> None:
    page = visit("home")
    for _ in range(40):
        page.keyboard.press("Tab")
        if (look(page, "focused") or {}).get("kind") == "input":
            break
    page.keyboard.type("everything")
    page.keyboard.press("Enter")
    page.wait_for_url("**/plugins/?q=everything*")
    expect(page.locator("#results")).to_contain_text("Everything at Once")


def test_screenshots_open_and_close_by_keyboard_and_give_the_focus_back(visit: Any) -> None:
    page = visit("plugin-rich")
    opener = page.locator(".shots a").first
    opener.focus()
    page.keyboard.press("Enter")
    expect(page.locator("dialog[open]")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(opener).to_be_focused()


# Scripts off


@pytest.mark.parametrize("name", PAGES)
def test_page_is_readable_without_scripts_and_shows_no_dead_control(visit: Any, name: str) -> None:
    page = visit(name, java_script_enabled=False)
    for viewport in VIEWPORTS.values():
        page.set_viewport_size(viewport)
        expect(page.locator("h1")).to_be_visible()
        assert len(page.locator("main").inner_text().split()) >= 5
        # The page's scripts are off; those that ask it here are not the page's.
        assert look(page, "dead") == []


def test_every_plugin_is_reached_by_links_alone(rich: Built) -> None:
    reached, waiting = set(), [f"{BASE}/"]
    while waiting:
        path = waiting.pop()
        if path in reached or not path.startswith(f"{BASE}/"):
            continue
        reached.add(path)
        file = rich.site / path.removeprefix(f"{BASE}/")
        file = file / "index.html" if path.endswith("/") else file
        if file.suffix == ".html" and file.is_file():
            links = LexborHTMLParser(file.read_bytes()).css("a[href]")
            found = (link.attributes["href"] or "" for link in links)
            waiting += [urlsplit(urljoin(f"http://x{path}", link)).path for link in found]
    plugins = {path.stem for path in (rich.source / "build" / "_plugins").glob("*.md")}
    assert plugins
    assert {slug for slug in plugins if f"{BASE}/plugins/{slug}/" not in reached} == set()


# Colours


def test_switch_changes_the_colours_and_is_remembered(visit: Any, site: Served) -> None:
    page = visit("home", color_scheme="light")

    def background() -> str:
        return str(page.evaluate("() => getComputedStyle(document.body).backgroundColor"))

    light = background()
    page.locator("button.theme").click()
    dark = background()
    assert dark != light
    go(page, site, "help")
    assert background() == dark
    page.locator("button.theme").click()
    assert background() == light


@pytest.mark.parametrize("name", PAGES)
def test_forced_colours_hide_nothing(visit: Any, name: str) -> None:
    page = visit(name)
    expected = look(page, "readable")
    page.emulate_media(forced_colors="active")
    assert look(page, "readable") == expected


# Paper and motion


@pytest.mark.parametrize("name", PAGES)
def test_paper_shows_what_the_page_says(visit: Any, name: str) -> None:
    page = visit(name)
    expected = look(page, "readable", NOT_ON_PAPER)
    page.emulate_media(media="print", color_scheme="dark")
    printed = look(page, "readable", NOT_ON_PAPER)
    assert [line for line in expected if line not in printed] == []
    colour, paper = page.evaluate(
        "() => [getComputedStyle(document.querySelector('h1')).color,"
        " getComputedStyle(document.body).backgroundColor]"
    )
    assert brightness(colour) < 0.4
    assert brightness(paper) > 0.9


def brightness(colour: str) -> float:
    """Return how bright a computed colour is, 0 to 1; what is transparent is paper."""
    numbers = [float(part) for part in re.findall(r"[0-9.]+", colour)]
    if len(numbers) == 4 and numbers[3] == 0:
        return 1.0
    return sum(numbers[:3]) / 3 / 255


@pytest.mark.parametrize("name", PAGES)
def test_nothing_moves_for_those_who_want_it_still(visit: Any, name: str) -> None:
    page = visit(name, PHONE, reduced_motion="reduce")
    assert look(page, "moving") == []
