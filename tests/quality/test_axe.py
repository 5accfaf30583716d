"""No page has what axe-core finds fault with: all kinds of pages, phone and desktop, light and dark."""

from collections.abc import Callable, Mapping
from functools import cache

import pytest
from playwright.sync_api import Browser

from tests.quality.axe import violations
from tests.quality.visiting import DESKTOP, OPENED, THEMES, VIEWPORTS, each_page, open_details, visiting
from tests.site.rich import PAGES, Served

Barriers = Callable[[str], Mapping[tuple[str, str], list[str]]]


@pytest.fixture(scope="module")
def barriers(chromium: Browser, site: Served) -> Barriers:
    """Return a function that returns what axe finds on a page of PAGES, which is visited once.

    By size of the window, and "shut" or "open": as the page comes, and with all that opens open.
    """

    @cache
    def of(name: str) -> Mapping[tuple[str, str], list[str]]:
        found: dict[tuple[str, str], list[str]] = {}
        # Colours that change over time would be judged on their way.
        with visiting(chromium, site, name, bypass_csp=True, reduced_motion="reduce") as page:
            for state in ("shut", "open") if name in OPENED else ("shut",):
                if state == "open":
                    open_details(page)
                for size, viewport in VIEWPORTS.items():
                    page.set_viewport_size(viewport)
                    found[size, state] = []
                    for theme in THEMES:
                        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
                        found[size, state] += violations(page, f"{PAGES[name]} ({state}, {size}, {theme})")
        return found

    return of


@pytest.mark.parametrize("size", VIEWPORTS)
@pytest.mark.parametrize("name", each_page("axe"))
def test_page_has_no_barrier_in_light_and_in_dark(barriers: Barriers, name: str, size: str) -> None:
    found = barriers(name)[size, "shut"]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("size", VIEWPORTS)
@pytest.mark.parametrize("name", each_page("axe", *OPENED))
def test_page_has_no_barrier_when_all_that_opens_is_open(barriers: Barriers, name: str, size: str) -> None:
    found = barriers(name)[size, "open"]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("theme", THEMES)
def test_enlarged_screenshot_has_no_barrier(chromium: Browser, site: Served, theme: str) -> None:
    with visiting(chromium, site, "plugin-rich", DESKTOP, bypass_csp=True, color_scheme=theme) as page:
        page.locator(".shots a").first.click()
        page.locator("dialog[open]").wait_for()
        found = violations(page, f"the enlarged screenshot ({theme})")
    assert not found, "\n".join(found)
