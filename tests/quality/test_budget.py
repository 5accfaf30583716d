"""What pages may weigh, and that they ask nobody else."""

import pytest
from playwright.sync_api import Browser, Page, Route

from tests.quality.transfer import transfer
from tests.quality.visiting import go, visiting
from tests.site.rich import PAGES, Served

KB = 1_000
SCRIPT = 30 * KB
"""Bytes of script, uncompressed, before the search is used."""


@pytest.mark.parametrize(
    ("name", "most"), [("home", 60 * KB), ("plugin-rich", 60 * KB), ("plugin-bare", 60 * KB)]
)
def test_page_is_light(chromium: Browser, site: Served, name: str, most: int) -> None:
    fetched = transfer(chromium, site, name)
    assert fetched.total <= most, fetched.table()


@pytest.mark.parametrize("name", ["home", "list", "list-filtered-by-tag"])
def test_page_of_a_registry_of_400_plugins_is_light(chromium: Browser, large: Served, name: str) -> None:
    most = 60 * KB if name == "home" else 150 * KB
    fetched = transfer(chromium, large, name)
    assert fetched.total <= most, fetched.table()


def test_list_does_not_grow_with_the_registry(chromium: Browser, site: Served, large: Served) -> None:
    few, many = (transfer(chromium, place, "list").total for place in (site, large))
    assert many < few * 1.25


@pytest.mark.parametrize("name", [name for name in PAGES if not PAGES[name].count("?q=")])
def test_scripts_are_small_before_the_search_is_used(chromium: Browser, site: Served, name: str) -> None:
    fetched = transfer(chromium, site, name)
    assert fetched.script <= SCRIPT, fetched.scripts


@pytest.mark.parametrize("name", PAGES)
def test_page_asks_nobody_else_and_has_no_error(chromium: Browser, site: Served, name: str) -> None:
    with visiting(chromium, site, "help") as page:
        told = watch(page, site)
        go(page, site, name)
        # Pictures are fetched late, as one comes near them.
        height = page.evaluate("() => document.documentElement.scrollHeight")
        for place in range(0, min(height, 20_000), 800):
            page.mouse.wheel(0, place)
        page.wait_for_load_state("networkidle")
    expected = ["error: Failed to load resource: the server responded with a status of 404 (Not Found)"]
    assert told == (expected if name == "not-found" else [])


def watch(page: Page, site: Served) -> list[str]:
    """Return a list that grows with each request to another host, and each error."""
    told: list[str] = []

    def route(asked: Route) -> None:
        if asked.request.url.startswith(f"{site.origin}/"):
            asked.continue_()
        else:
            told.append(f"request: {asked.request.url}")
            asked.abort()

    page.route("**/*", route)
    page.on("console", lambda message: told.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: told.append(f"exception: {error}"))
    page.on("dialog", lambda dialog: (told.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    return told
