"""Pages as they were looked at, each once: the tests hold what was seen against what they ask."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from tests.quality.visiting import DESKTOP, PHONE, VIEWPORTS, visiting
from tests.site.rich import Served

LOOKING = Path(__file__).with_name("looking.js")
WIDTHS = (320, 360, 768, 1280)
NOT_ON_PAPER = (
    ".elsewhere, .ranking .all, .jump, .neighbours, .plugin-reports, .plugin-shields, "
    "[aria-labelledby=report], .pager, .button, summary, details"
)
"""What only leads on to other pages, or opens; and the sections of a plugin's page for its maintainer."""
FONT_SIZE = "() => parseFloat(getComputedStyle(document.querySelector('main')).fontSize)"
COLOURS = """() => [getComputedStyle(document.querySelector('h1')).color,
  getComputedStyle(document.body).backgroundColor]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What one page looked like in all the ways in which it may be looked at."""

    overflowing: Mapping[int, Sequence[str]]
    """Width of the window in pixels -> what reached beyond it, of those where anything did."""
    overflowing_enlarged: Mapping[int, Sequence[str]]
    """The same with text of twice the size."""
    enlarged: float
    """How much larger the text became."""
    readable: Sequence[str]
    """The lines of text that can be read."""
    readable_forced: Sequence[str]
    """The same in forced colours."""
    meant_for_paper: Sequence[str]
    printed: Sequence[str]
    """The lines of text that are on paper."""
    ink: float
    """Brightness of the heading on paper, 0 to 1."""
    paper: float
    moving: Sequence[str]
    """What moves although it is asked to be still."""


def survey(chromium: Browser, site: Served, name: str) -> Survey:
    """Look at the page `name` of PAGES in one visit."""
    with visiting(chromium, site, name, DESKTOP, looking=LOOKING) as page:
        overflowing = _overflowing(page, WIDTHS)
        page.set_viewport_size(DESKTOP)
        readable, meant_for_paper = look(page, "readable"), look(page, "readable", NOT_ON_PAPER)

        page.emulate_media(forced_colors="active")
        readable_forced = look(page, "readable")
        page.emulate_media(forced_colors="none")

        page.emulate_media(media="print", color_scheme="dark")
        printed = look(page, "readable", NOT_ON_PAPER)
        ink, paper = map(brightness, page.evaluate(COLOURS))
        page.emulate_media(media="screen", color_scheme="light")

        page.set_viewport_size(PHONE)
        page.emulate_media(reduced_motion="reduce")
        moving = look(page, "moving")
        page.emulate_media(reduced_motion="no-preference")

        before = page.evaluate(FONT_SIZE)
        page.evaluate("() => { document.documentElement.style.fontSize = '200%' }")
        return Survey(
            overflowing=overflowing,
            overflowing_enlarged=_overflowing(page, [one["width"] for one in VIEWPORTS.values()]),
            enlarged=page.evaluate(FONT_SIZE) / before,
            readable=readable,
            readable_forced=readable_forced,
            meant_for_paper=meant_for_paper,
            printed=printed,
            ink=ink,
            paper=paper,
            moving=moving,
        )


def look(page: Page, question: str, *arguments: str) -> Any:
    """Ask the page one of the questions of looking.js."""
    return page.evaluate(f"given => looking.{question}(...given)", list(arguments))


def _overflowing(page: Page, widths: Sequence[int]) -> dict[int, list[str]]:
    beyond = {}
    for width in widths:
        page.set_viewport_size({"width": width, "height": 800})
        if found := look(page, "overflowing"):
            beyond[width] = found
    return beyond


def brightness(colour: str) -> float:
    """Return how bright a computed colour is, 0 to 1; what is transparent is paper."""
    numbers = [float(part) for part in re.findall(r"[0-9.]+", colour)]
    if len(numbers) == 4 and numbers[3] == 0:
        return 1.0
    return sum(numbers[:3]) / 3 / 255
