"""Pages in the hands of people: narrow and wide windows, keyboard alone, scripts off, large text, paper."""

from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect
from selectolax.lexbor import LexborHTMLParser

from tests.quality.survey import LOOKING, Survey, look, survey
from tests.quality.visiting import DESKTOP, VIEWPORTS, each_page, go, visiting
from tests.site.builder import Built
from tests.site.rich import BASE, Served

Seen = Callable[[str], Survey]

MOST_STOPS = 400
"""Elements that the keyboard is led through on one page."""
KEYBOARD = ("home", "list", "plugin-rich", "tag", "authors", "statistics", "notices", "help", "not-found")


@pytest.fixture(scope="module")
def seen(chromium: Browser, site: Served) -> Callable[[str], Survey]:
    """Return a function that returns what was seen of a page of PAGES, which is visited once."""
    return cache(partial(survey, chromium, site))


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


@pytest.mark.parametrize("name", each_page("pages"))
def test_page_fits_windows_of_any_width(seen: Seen, name: str) -> None:
    assert seen(name).overflowing == {}


@pytest.mark.parametrize("name", each_page("pages"))
def test_page_fits_with_text_of_twice_the_size(seen: Seen, name: str) -> None:
    assert seen(name).enlarged >= 1.9
    assert seen(name).overflowing_enlarged == {}


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


@pytest.mark.parametrize("name", each_page("pages"))
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


@pytest.mark.parametrize("name", each_page("pages"))
def test_forced_colours_hide_nothing(seen: Seen, name: str) -> None:
    assert seen(name).readable
    assert seen(name).readable_forced == seen(name).readable


# Paper and motion


@pytest.mark.parametrize("name", each_page("pages"))
def test_paper_shows_what_the_page_says(seen: Seen, name: str) -> None:
    assert [line for line in seen(name).meant_for_paper if line not in seen(name).printed] == []
    assert seen(name).ink < 0.4
    assert seen(name).paper > 0.9


@pytest.mark.parametrize("name", each_page("pages"))
def test_nothing_moves_for_those_who_want_it_still(seen: Seen, name: str) -> None:
    assert seen(name).moving == []
