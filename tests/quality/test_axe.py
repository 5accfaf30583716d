"""No page has what axe-core finds fault with: all kinds of pages, phone and desktop, light and dark."""

import pytest
from playwright.sync_api import Browser, Page

from tests.quality.axe import violations
from tests.quality.photographs import photograph
from tests.quality.visiting import DESKTOP, THEMES, VIEWPORTS, visiting
from tests.site.rich import PAGES, Served

OPENED = ("list", "plugin-rich", "statistics", "authors")
"""Pages with more on them than they show at first."""


@pytest.mark.parametrize("size", VIEWPORTS)
@pytest.mark.parametrize("name", PAGES)
def test_page_has_no_barrier_in_light_and_in_dark(
    chromium: Browser, site: Served, name: str, size: str
) -> None:
    found = []
    with visiting(chromium, site, name, VIEWPORTS[size], bypass_csp=True) as page:
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
            photograph(page, f"{name}-{size}-{theme}")
            found += violations(page, f"{PAGES[name]} ({size}, {theme})")
    assert not found, "\n".join(found)


@pytest.mark.parametrize("size", VIEWPORTS)
@pytest.mark.parametrize("name", OPENED)
def test_page_has_no_barrier_when_all_that_opens_is_open(
    chromium: Browser, site: Served, name: str, size: str
) -> None:
    found = []
    with visiting(chromium, site, name, VIEWPORTS[size], bypass_csp=True) as page:
        open_details(page)
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
            photograph(page, f"{name}-open-{size}-{theme}")
            found += violations(page, f"{PAGES[name]} (all open, {size}, {theme})")
    assert not found, "\n".join(found)


def open_details(page: Page) -> None:
    """Open all that opens by a summary."""
    page.evaluate("() => document.querySelectorAll('details').forEach(details => { details.open = true })")


@pytest.mark.parametrize("theme", THEMES)
def test_enlarged_screenshot_has_no_barrier(chromium: Browser, site: Served, theme: str) -> None:
    with visiting(chromium, site, "plugin-rich", DESKTOP, bypass_csp=True, color_scheme=theme) as page:
        page.locator(".shots a").first.click()
        page.locator("dialog[open]").wait_for()
        photograph(page, f"plugin-lightbox-desktop-{theme}", whole=False)
        found = violations(page, f"the enlarged screenshot ({theme})")
    assert not found, "\n".join(found)
