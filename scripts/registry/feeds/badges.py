"""Badges that maintainers put into their README: `/badges/<id>/…`. Pure functions.

Each plugin that is listed has two, its usage and its Python, each as a drawing and as the JSON that the
endpoint of shields takes. What is not known is said to be unknown.
"""

import html
import json
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from registry.enrich.verdicts import runs_on_3, utc_moment
from registry.feeds.all_plugins import declared_python
from registry.feeds.plugins import Listed
from registry.feeds.published import Published
from registry.text.feed_text import plain

FOLDER = "badges"
CACHE_SECONDS = 6 * 3600
"""How long a badge may be kept. Shields takes no less than 300."""
RECENT = timedelta(days=60)
"""Older figures are told with their month, as on the pages."""
LONGEST_LABEL, LONGEST_MESSAGE = 40, 60
"""In characters; what is longer is cut."""

LABEL, GOOD, WARN, BAD, UNKNOWN = "#1c2327", "#0d6354", "#744700", "#8f1d1d", "#556068"
"""Colours of the site's light theme; white text has a contrast of more than 5 on each."""

# Advance widths of DejaVu Sans in thousandths of its size, from U+0020 on; Verdana is like it. Where another
# font is taken, `textLength` makes it fit.
# fmt: off
_WIDTHS = (
    318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337, 636, 636, 636, 636,
    636, 636, 636, 636, 636, 636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770, 632, 575, 775,
    752, 295, 295, 656, 557, 863, 748, 787, 603, 787, 695, 635, 611, 732, 684, 989, 685, 611, 685, 390,
    337, 390, 838, 500, 500, 613, 635, 550, 635, 615, 352, 635, 634, 278, 278, 579, 278, 974, 634, 612,
    635, 635, 411, 521, 392, 634, 592, 818, 592, 592, 525, 636, 337, 636, 838,
)
# fmt: on
_OTHER, _WIDE = 700, 1_000
_SIZE, _PADDING, _HEIGHT = 11, 7, 20
"""In pixels."""
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip
_TURNING = re.compile("[\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069]")
"""Characters without a shape of their own, which could turn a text around."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Badge:
    """What a badge says."""

    label: str
    message: str
    color: str
    """`#` and six digits."""


def files(published: Published) -> dict[str, bytes]:
    """Return path below the site's root, without a leading slash -> content."""
    host = published.settings.host.name if published.settings else ""
    label = text(published.site.title.lower() or host, LONGEST_LABEL) or "plugin"
    found: dict[str, bytes] = {}
    for plugin_id, listed in published.by_id():
        for name, badge in (
            ("usage", usage(listed, label, published.now)),
            ("python", python(listed, label, published.site.default_python)),
        ):
            found[f"{FOLDER}/{plugin_id}/{name}.svg"] = drawing(badge)
            found[f"{FOLDER}/{plugin_id}/{name}.json"] = endpoint(badge)
    return found


def usage(listed: Listed, label: str, now: datetime) -> Badge:
    """Return the badge of the installations seen in the last month; an old figure says of when it is."""
    stats = listed.entry.get("stats")
    if not stats:
        return _badge(listed, label, "unknown", UNKNOWN)
    known = f"{stats['instances_month']:,} in use"
    seen = _seen(listed)
    if seen is None or now - seen <= RECENT:
        return _badge(listed, label, known, GOOD)
    return _badge(listed, label, f"{known} in {_MONTHS[seen.month - 1]} {seen.year}", UNKNOWN)


def _seen(listed: Listed) -> datetime | None:
    freshness = listed.document.data.get("freshness")
    of = freshness.get("usage") if isinstance(freshness, dict) else None
    return utc_moment(of.get("as_of")) if isinstance(of, dict) else None


def python(listed: Listed, label: str, default: str) -> Badge:
    """Return the badge of the Pythons that the plugin runs on; `default` is what the host assumes."""
    specifier = declared_python(listed.document.data)
    if specifier is None:
        return _badge(listed, label, "python unknown", UNKNOWN)
    color = GOOD if runs_on_3(specifier, default) else WARN
    return _badge(listed, label, f"python {specifier}", color)


def _badge(listed: Listed, label: str, message: str, color: str) -> Badge:
    """A plugin that nobody can install or that nobody maintains says so, whatever the badge is about."""
    if "disabled" in listed.entry:
        message, color = "disabled", BAD
    elif listed.entry["abandoned"]:
        message, color = f"abandoned, {message}", WARN
    return Badge(label=label, message=text(message, LONGEST_MESSAGE), color=color)


def text(value: str, longest: int) -> str:
    """Return `value` as one line of at most `longest` characters, each of which can be seen."""
    line = _TURNING.sub("", plain(value)).strip()
    return line if len(line) <= longest else f"{line[: longest - 1].rstrip()}…"


def endpoint(badge: Badge) -> bytes:
    """Return the badge as shields reads it."""
    content = {
        "schemaVersion": 1,
        "label": badge.label,
        "message": badge.message,
        "color": badge.color,
        "cacheSeconds": CACHE_SECONDS,
    }
    return f"{json.dumps(content, ensure_ascii=False, separators=(',', ':'))}\n".encode()


def drawing(badge: Badge) -> bytes:
    """Return the badge as SVG: text on two panes, and nothing that loads, links or moves."""
    left, right = width(badge.label), width(badge.message)
    edge, end = left + 2 * _PADDING, left + right + 4 * _PADDING
    label, message = html.escape(badge.label), html.escape(badge.message)
    font = f'font-family="Verdana,DejaVu Sans,sans-serif" font-size="{_SIZE}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{end}" height="{_HEIGHT}" '
        f'viewBox="0 0 {end} {_HEIGHT}" role="img"><title>{label}: {message}</title>'
        f'<path fill="{LABEL}" d="M4 0h{edge - 4}v20H4a4 4 0 0 1-4-4V4a4 4 0 0 1 4-4z"/>'
        f'<path fill="{badge.color}" d="M{edge} 0H{end - 4}a4 4 0 0 1 4 4v12a4 4 0 0 1-4 4H{edge}z"/>'
        f'<g fill="#fff" {font}>{_words(_PADDING, left, label)}{_words(edge + _PADDING, right, message)}</g>'
        "</svg>\n"
    ).encode()


def _words(x: int, length: int, escaped: str) -> str:
    return f'<text x="{x}" y="14" textLength="{length}" lengthAdjust="spacingAndGlyphs">{escaped}</text>'


@lru_cache(maxsize=4096)
def width(line: str) -> int:
    """Return the width of a text in pixels, rounded up."""
    return -(-sum(map(_advance, line)) * _SIZE // 1_000)


def _advance(char: str) -> int:
    place = ord(char) - 0x20
    if 0 <= place < len(_WIDTHS):
        return _WIDTHS[place]
    if unicodedata.category(char) in {"Mn", "Me", "Cf"}:
        return 0
    return _WIDE if unicodedata.east_asian_width(char) in "WFA" else _OTHER
