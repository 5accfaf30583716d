"""Debian's Chromium, driven by Playwright, and a page that reports what must not happen."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Dialog, Page, Playwright, Request, sync_playwright

from registry.review.preview import job

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
    # Nothing but this machine can be reached, whatever a page asks for.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]  # fmt: skip


def chromium_path() -> str:
    """Return the browser's path, as the preview finds it. Raises BuildError when there is none."""
    return job.chromium_path(os.environ)


@contextmanager
def open_chromium() -> Iterator[Browser]:
    """Run a headless Chromium until the block ends."""
    with _driver() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


_drivers: list[Playwright] = []
"""The one driver of this process, once for each block that uses it: Playwright refuses a second one."""


@contextmanager
def _driver() -> Iterator[Playwright]:
    """Give the driver; the last block to end stops it, whichever began first."""
    _drivers.append(_drivers[0] if _drivers else sync_playwright().start())
    try:
        yield _drivers[0]
    finally:
        driver = _drivers.pop()
        if not _drivers:
            driver.stop()


class Watched:
    """A page that reports dialogs, errors and requests to other hosts."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.told: list[str] = []
        page.on("dialog", self._dismiss)
        page.on("console", lambda message: self.told.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: self.told.append(f"error: {error}"))
        page.on("request", self._request)

    def _dismiss(self, dialog: Dialog) -> None:
        self.told.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _request(self, request: Request) -> None:
        if not request.url.startswith(f"{self.address}/"):
            self.told.append(f"request: {request.url}")

    def visit(self, path: str) -> None:
        self.page.goto(f"{self.address}{path}")
        assert self.told == [], path
        assert self.page.url.startswith(f"{self.address}/")
