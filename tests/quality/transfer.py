"""What a visit of one page transfers, as Chromium counts it, and what the page complains of."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Dialog, Page, Request

from tests.quality.visiting import DESKTOP, go
from tests.site.rich import BASE, Served

SCREENSHOTS = f"{BASE}/assets/img/plugins/"


@dataclass(slots=True, kw_only=True)
class Transfer:
    """The answers that a page caused, by address."""

    wire: dict[str, int] = field(default_factory=dict)
    """Bytes on the wire: heads, and bodies compressed (gzip -6)."""
    scripts: dict[str, int] = field(default_factory=dict)
    """Bytes of scripts, uncompressed."""
    told: list[str] = field(default_factory=list)
    """Each request to another host, error, message and dialog."""

    @property
    def total(self) -> int:
        """Return all bytes but those of plugins' screenshots."""
        return sum(size for url, size in self.wire.items() if not urlsplit(url).path.startswith(SCREENSHOTS))

    @property
    def script(self) -> int:
        """Return the bytes of all scripts, uncompressed."""
        return sum(self.scripts.values())

    def table(self) -> str:
        """Return a line for each answer, the largest first."""
        return "\n".join(
            f"{size:>9,} {url}" for url, size in sorted(self.wire.items(), key=lambda one: -one[1])
        )


def transfer(chromium: Browser, site: Served, name: str) -> Transfer:
    """Visit the page `name` of PAGES with an empty cache; return what it fetched.

    `told` goes on to the end of the page, where the pictures are that are fetched as one comes near them;
    the bytes are those of its beginning.
    """
    counted = Transfer()
    answers: dict[str, dict[str, Any]] = {}
    context = chromium.new_context(viewport=DESKTOP)
    try:
        page = context.new_page()
        client = context.new_cdp_session(page)
        client.send("Network.enable")
        client.on("Network.responseReceived", lambda event: answers.update({event["requestId"]: event}))

        def finished(event: dict[str, Any]) -> None:
            if answer := answers.get(event["requestId"]):
                url = answer["response"]["url"]
                counted.wire[url] = counted.wire.get(url, 0) + int(event["encodedDataLength"])

        client.on("Network.loadingFinished", finished)
        _listen(page, site, counted.told)
        go(page, site, name)
        page.wait_for_load_state("networkidle")
        for request, answer in list(answers.items()):
            if answer["type"] == "Script":
                body = client.send("Network.getResponseBody", {"requestId": request})["body"]
                counted.scripts[answer["response"]["url"]] = len(body.encode())
        client.remove_listener("Network.loadingFinished", finished)
        height = page.evaluate("() => document.documentElement.scrollHeight")
        for place in range(0, min(height, 20_000), 800):
            page.mouse.wheel(0, place)
        page.wait_for_load_state("networkidle")
    finally:
        context.close()
    return counted


def _listen(page: Page, site: Served, told: list[str]) -> None:
    def asked(request: Request) -> None:
        if not request.url.startswith(f"{site.origin}/"):
            told.append(f"request: {request.url}")

    def dismiss(dialog: Dialog) -> None:
        told.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    page.on("request", asked)
    page.on("console", lambda message: told.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: told.append(f"exception: {error}"))
    page.on("dialog", dismiss)
