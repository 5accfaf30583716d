"""A visit of a page of the rich site: size of the window, colours, with scripts or without."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize

from tests.site.rich import PAGES, Served
from tests.site.rich_plugins import NOW

PHONE: ViewportSize = {"width": 360, "height": 740}
DESKTOP: ViewportSize = {"width": 1280, "height": 900}
VIEWPORTS = {"phone": PHONE, "desktop": DESKTOP}
THEMES = ("light", "dark")
OPENED = ("list", "plugin-rich", "statistics", "authors")
"""Pages with more on them than they show at first."""


def each_page(asking: str, *names: str) -> list[Any]:
    """Return a parameter for each page of PAGES, or for those named; `asking` is the module that asks.

    One process asks all that a module asks of a page, so that one visit serves every test. There are two
    groups of pages, one for each of two processes, since each begins with a browser of its own.
    """
    group = {name: f"{asking}-{number % 2}" for number, name in enumerate(PAGES)}
    return [pytest.param(name, marks=pytest.mark.xdist_group(group[name])) for name in names or PAGES]


@contextmanager
def visiting(
    chromium: Browser,
    site: Served,
    name: str,
    viewport: ViewportSize = DESKTOP,
    *,
    looking: Path | None = None,
    **context: Any,
) -> Iterator[Page]:
    """Open the page `name` of PAGES and wait until its scripts are done.

    `looking` is a script of ours that each page runs, whatever its policy; `context` as Playwright names it.
    """
    visitor = chromium.new_context(viewport=viewport, timezone_id="UTC", locale="en-GB", **context)
    try:
        page = visitor.new_page()
        if looking:
            page.add_init_script(path=looking)
        if context.get("java_script_enabled", True):
            page.clock.set_fixed_time(NOW)
        go(page, site, name)
        yield page
    finally:
        visitor.close()


def go(page: Page, site: Served, name: str) -> None:
    """Go to the page `name` of PAGES and wait until it is quiet."""
    page.goto(site.address(PAGES[name]))
    settle(page, name)


def settle(page: Page, name: str) -> None:
    """Wait until what a page fetches by script is there; the redirect, until it has led on."""
    if name == "redirect":
        page.wait_for_url("**/plugins/everything/")
    if name.startswith("list-"):
        page.wait_for_load_state("networkidle")


def open_details(page: Page) -> None:
    """Open all that opens by a summary."""
    page.evaluate("() => document.querySelectorAll('details').forEach(details => { details.open = true })")
