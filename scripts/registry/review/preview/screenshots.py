"""Photographs of pages that strangers wrote, and what their pages tried: run as a program of its own.

    python -m registry.review.preview.screenshots < task.json > findings.json

A task is `{"site": folder, "out": folder, "slugs": [...], "chromium": path}`, with `baseurl` where the site
lies below a path of the folder; the findings are by slug.
Nothing leaves this machine: the browser finds no other host, and a request to anywhere but the site is
answered here, by nothing.
"""

import json
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from time import monotonic
from typing import Any
from urllib.parse import quote, urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Error,
    Page,
    Playwright,
    Route,
    WebSocketRoute,
    sync_playwright,
)

VIEWS = {"phone": 390, "desktop": 1280}
"""Width of each view in pixels."""
ADDRESS = "http://preview.test"
"""Of the site, as the browser sees it. No other name or number leads anywhere, not even to this machine."""
VIEW_HEIGHT = 800
MAX_HEIGHT = 8_000
MAX_BYTES = 1_500_000
"""Of one picture; a larger one is taken again with less height."""
TIMEOUT_MS = 5_000
PATIENCE_S = 60.0
"""After which no further page is opened."""
MAX_FINDINGS = 20
LONGEST = 300

_ARGUMENTS = (
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-extensions", "--disable-default-apps",
    "--dns-prefetch-disable", "--hide-scrollbars",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
)  # fmt: skip
_NOTHING = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="320" height="180">'
    '<rect width="320" height="180" fill="#bbb"/></svg>'
)
"""Stands where a picture of another site would be."""
_GIVEN_UP = {
    "requests": [],
    "errors": ["not photographed: the pages before took too long"],
    "screenshots": [],
}
_EAGER = """() => {
    const images = [...document.images];
    for (const image of images) image.loading = 'eager';
    const all = Promise.all(images.map(image => image.decode().catch(() => null)));
    return Promise.race([all, new Promise(end => setTimeout(end, 5000))]).then(() => null);
}"""


class _Quiet(SimpleHTTPRequestHandler):
    """Serves files, and says nothing of it."""

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@dataclass  # without slots: Playwright keeps notes on what it calls
class Watch:
    """What one page tried."""

    requests: list[dict[str, str]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def error(self, text: str) -> None:
        """Keep what happened, once, cut to a length that can be told."""
        told = text[:LONGEST]
        if told not in self.errors and len(self.errors) < MAX_FINDINGS:
            self.errors.append(told)

    def request(self, url: str, kind: str) -> None:
        """Keep what was asked for, once."""
        found = {"url": url[:LONGEST], "type": kind[:30]}
        if found not in self.requests and len(self.requests) < MAX_FINDINGS:
            self.requests.append(found)

    def web_socket(self, socket: WebSocketRoute) -> None:
        """Close a line to elsewhere before it is open."""
        self.request(socket.url, "websocket")
        socket.close()

    def route(self, route: Route) -> None:
        """Let requests to the site pass; answer all others by nothing."""
        request = route.request
        if request.url.startswith(f"{ADDRESS}/"):
            route.continue_()
            return
        self.request(request.url, request.resource_type)
        if request.is_navigation_request():
            self.error(f"leads to another page: {request.url}")
            route.abort("blockedbyclient")
        elif request.resource_type == "image":
            route.fulfill(body=_NOTHING, content_type="image/svg+xml")
        else:
            route.fulfill(status=204)

    def attach(self, page: Page) -> None:
        """Listen to a page."""
        page.on("dialog", self._dialog)
        page.on("pageerror", lambda error: self.error(f"script fails: {error}"))
        page.on("popup", self._popup)
        page.on("download", lambda download: self.error(f"starts a download: {download.url}"))
        page.on("crash", lambda _: self.error("the page crashes the browser"))
        page.on("console", self._console)

    def _dialog(self, dialog: Dialog) -> None:
        self.error(f"opens a dialog: {dialog.message}")
        dialog.dismiss()

    def _popup(self, page: Page) -> None:
        self.error(f"opens a window: {page.url}")
        page.close()

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.error(f"console: {message.text}")


def photograph(task: dict[str, Any]) -> dict[str, Any]:
    """Return slug -> `{"requests", "errors", "screenshots"}`; pictures lie in the task's folder."""
    found: dict[str, Any] = {}
    out = Path(task["out"])
    out.mkdir(parents=True, exist_ok=True)
    with _served(Path(task["site"])) as port, sync_playwright() as playwright:
        browser = _launch(playwright, task["chromium"], port, out)
        try:
            end = monotonic() + PATIENCE_S
            for slug in task["slugs"]:
                url = f"{ADDRESS}{quote(task.get('baseurl', ''))}/plugins/{quote(slug)}/"
                found[slug] = _photograph(browser, slug, url, out) if monotonic() < end else _GIVEN_UP
        finally:
            browser.close()
    return found


def _photograph(browser: Browser, slug: str, url: str, out: Path) -> dict[str, Any]:
    watch = Watch()
    pictures: list[dict[str, Any]] = []
    for view, width in VIEWS.items():
        context = browser.new_context(
            viewport={"width": width, "height": VIEW_HEIGHT},
            accept_downloads=False,
            service_workers="block",
            reduced_motion="reduce",
            locale="en-GB",
            timezone_id="UTC",
        )
        try:
            pictures += _view(context, watch, slug, url, view, width, out)
        except Error as error:
            watch.error(f"cannot be photographed ({view}): {error.message.splitlines()[0]}")
        finally:
            context.close()
    return {"requests": watch.requests, "errors": watch.errors, "screenshots": pictures}


def _view(
    context: BrowserContext, watch: Watch, slug: str, url: str, view: str, width: int, out: Path
) -> Iterator[dict[str, Any]]:
    """Yield what is to be told of the picture of one view."""
    context.set_default_timeout(TIMEOUT_MS)
    context.route("**/*", watch.route)
    context.route_web_socket(re.compile(""), watch.web_socket)
    page = context.new_page()
    watch.attach(page)
    answer = page.goto(url)
    if answer is None or answer.status != 200:
        watch.error(f"there is no page (status {answer.status if answer else 'unknown'})")
        return
    page.evaluate(_EAGER)
    whole = _number(page.evaluate("() => document.documentElement.scrollHeight"))
    if page.url != url:
        watch.error(f"leads to another page: {page.url}")
        return
    height = max(1, min(whole, MAX_HEIGHT))
    name = f"{slug}.{view}.png"
    picture = _shoot(page, width, height)
    while len(picture) > MAX_BYTES and height > VIEW_HEIGHT:
        height = max(VIEW_HEIGHT, height // 2)
        picture = _shoot(page, width, height)
    (out / name).write_bytes(picture)
    yield {
        "file": f"screenshots/{name}",
        "view": view,
        "width": width,
        "height": height,
        "bytes": len(picture),
        "cut": height < whole,
    }


def _shoot(page: Page, width: int, height: int) -> bytes:
    box = {"x": 0, "y": 0, "width": width, "height": height}
    return page.screenshot(full_page=True, clip=box, animations="disabled", caret="hide")  # type: ignore[arg-type]


def _number(value: Any) -> int:
    """Return what a page says of its height, if it is one."""
    return int(value) if isinstance(value, int | float) and 0 < value < 1e7 else VIEW_HEIGHT


def _launch(playwright: Playwright, path: str, port: int, out: Path) -> Browser:
    """Start the browser in its sandbox; without, where there can be none (as root, or in a container)."""
    home = out.parent / "build" / "home"
    home.mkdir(parents=True, exist_ok=True)
    variables = {name: os.environ[name] for name in ("PATH", "TMPDIR", "LANG") if name in os.environ}
    rules = f"MAP {urlsplit(ADDRESS).hostname} 127.0.0.1:{port}, MAP * ~NOTFOUND"
    start = partial(
        playwright.chromium.launch,
        executable_path=path,
        args=[*_ARGUMENTS, f"--host-resolver-rules={rules}"],
        env={**variables, "HOME": str(home)},
        timeout=30_000,
    )
    if os.geteuid() != 0:
        try:
            return start(chromium_sandbox=True)
        except Error:
            print("preview: the browser has no sandbox here", file=sys.stderr)
    return start(chromium_sandbox=False)


@contextmanager
def _served(site: Path) -> Iterator[int]:
    """Serve the folder to this machine alone, until the block ends; yield the port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(site)))
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()


if __name__ == "__main__":
    json.dump(photograph(json.load(sys.stdin)), sys.stdout)
