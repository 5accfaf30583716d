"""A visit of a page of the rich site: size of the window, colours, with scripts or without."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, ViewportSize

from tests.site.rich import PAGES, Served
from tests.site.rich_plugins import NOW

PHONE: ViewportSize = {"width": 360, "height": 740}
DESKTOP: ViewportSize = {"width": 1280, "height": 900}
VIEWPORTS = {"phone": PHONE, "desktop": DESKTOP}
THEMES = ("light", "dark")


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
