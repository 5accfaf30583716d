"""Photographs of each kind of page, phone and desktop, light and dark: `make screenshots`.

They are kept in `build/screenshots` for people to look at; nothing compares them.
"""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.chromium import open_chromium
from tests.quality.visiting import OPENED, THEMES, VIEWPORTS, open_details, visiting
from tests.site.rich import PAGES, Served, make_rich, served

FOLDER = Path(__file__).resolve().parents[2] / "build" / "screenshots"
TALLEST = 4_000
"""Pixels of a page that are kept; further down it goes on in the same way."""


LOAD = """() => Promise.all([...document.images].map((image) => {
  image.loading = "eager";
  return image.decode().catch(() => null);
}))"""
"""Fetches the pictures that would wait until one scrolls to them."""


def photograph(page: Page, name: str, *, whole: bool = True) -> Path:
    """Keep a picture of the page as `name`: from its top, or only of what the window shows."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / f"{name}.png"
    if not whole:
        page.screenshot(path=path, animations="disabled")
        return path
    page.evaluate(LOAD)
    width = page.viewport_size["width"] if page.viewport_size else 0
    height = page.evaluate("() => document.documentElement.scrollHeight")
    page.screenshot(
        path=path,
        full_page=True,
        animations="disabled",
        clip={"x": 0, "y": 0, "width": width, "height": min(TALLEST, height)},
    )
    return path


def main() -> int:
    """Build the rich site and photograph all its kinds of pages."""
    with (
        tempfile.TemporaryDirectory() as folder,
        served(make_rich(Path(folder) / "rich")) as site,
        open_chromium() as chromium,
    ):
        for name in PAGES:
            with visiting(chromium, site, name, reduced_motion="reduce") as page:
                for size, viewport in VIEWPORTS.items():
                    page.set_viewport_size(viewport)
                    for theme in THEMES:
                        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
                        print(photograph(page, f"{name}-{size}-{theme}"), flush=True)
        _photograph_what_opens(chromium, site)
    return 0


def _photograph_what_opens(chromium: Browser, site: Served) -> None:
    for theme in THEMES:
        for name in OPENED:
            with visiting(chromium, site, name, color_scheme=theme) as page:
                open_details(page)
                print(photograph(page, f"{name}-open-desktop-{theme}"), flush=True)
        with visiting(chromium, site, "plugin-rich", color_scheme=theme) as page:
            page.locator(".shots a").first.click()
            page.locator("dialog[open]").wait_for()
            print(photograph(page, f"plugin-lightbox-desktop-{theme}", whole=False), flush=True)


if __name__ == "__main__":
    sys.exit(main())
