"""A page of Chromium that tells of everything that an attack could cause."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Request

INTACT = (Path(__file__).parent / "intact.js").read_text(encoding="utf-8")
OURS = [
    "html lang", "meta http-equiv", "input autofocus", "html dir", "button popovertarget", "div popover",
]  # fmt: skip
"""Attributes that our own pages have, by element: an attack cannot choose them."""


@dataclass(slots=True)
class Watch:
    """A page, and what it did that it must not do."""

    page: Page
    root: str
    """The site's address, without a slash at the end."""
    told: list[str] = field(default_factory=list)
    requests: int = 0

    def visit(self, path: str, *, wait: str = "load") -> list[str]:
        """Open the page at `path` and return what it did, and what is wrong with it."""
        self.told.clear()
        self.page.goto(f"{self.root}{path}", wait_until=wait)  # type: ignore[arg-type]
        return [*self.told, *self.intact()]

    def intact(self, **expected: Any) -> list[str]:
        """Return what is wrong with the page as it is now."""
        given = {"attributes": OURS, "redirect": False, "background": None, **expected}
        found: list[str] = self.page.evaluate(INTACT, given)
        return found


def watch(browser: Browser, root: str, **context: Any) -> Watch:
    """Open a page in a context of its own, which asks nobody but `root`."""
    made = browser.new_context(viewport={"width": 1280, "height": 800}, **context)
    watched = Watch(made.new_page(), root)
    page = watched.page

    def asked(request: Request) -> None:
        watched.requests += 1
        if not request.url.startswith(f"{root}/"):
            watched.told.append(f"asks for {request.url[:200]}")

    # Listened to, not routed: a route switches the browser's cache off and costs each request a detour.
    # Nothing but this machine can be reached (see ARGUMENTS in tests/chromium.py).
    page.on("request", asked)
    page.on("dialog", lambda dialog: (watched.told.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    page.on("console", lambda line: _console(watched, line))
    page.on("pageerror", lambda error: watched.told.append(f"script error: {error}"))
    page.on("popup", lambda popup: watched.told.append(f"opens {popup.url}"))
    page.on("download", lambda download: watched.told.append(f"downloads {download.url}"))
    return watched


def _console(watched: Watch, line: Any) -> None:
    watched.told.append(f"console {line.type}: {line.text[:300]}")
