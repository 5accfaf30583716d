"""What a single value of a registration may be: each check returns a sentence with the cure, or None.

The validator and the build judge by the same checks, so that what passed the gate is what is built.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from registry.registration.model import is_slug
from registry.text.pep440 import is_specifier, is_version
from registry.text.problems import quoted
from registry.text.scalars import scalar_text

COMPUTED_KEYS = frozenset(
    {"stats", "github", "compatibility_evidence", "package", "ranks", "freshness", "abandonment", "history"}
)
"""What only the build may write: nobody registers their own figures."""

RENDERER_KEYS = frozenset(
    {"categories", "category", "collection", "content", "excerpt", "excerpt_separator", "ext", "next",
     "output", "path", "permalink", "previous", "published", "relative_path", "render_with_liquid", "sitemap",
     "slug", "url"}
)  # fmt: skip
"""What Jekyll would obey: a page elsewhere, Liquid switched on, a page that is not written."""

URL_KEYS = ("homepage", "source", "archive")
"""The addresses that every registration has, and every page links to."""

IMAGE_FOLDER = "/assets/img/plugins/"

OS_NAMES = ("windows", "linux", "macos", "freebsd", "posix", "nix")
"""What a registration may name; the host itself knows `android` as well (facts of 1.11)."""

_LONGEST_URL = 2_000
_NOT_IN_URL = re.compile(r"[\s\x00-\x20\x7f-\x9f<>\"`\\]")
_HOST = re.compile(r"[\w-]+(?:\.[\w-]+)*\.?|[0-9a-f:.]+")


def _round_quoted(text: str) -> bool:
    """Tell whether a word processor made the quotes: to YAML they are letters like others."""
    return text[:1] in tuple("“”„‘’‚«»")


_NAME_RULE = (
    "has 1 to 100 letters, digits and _ . + -, begins with a letter, a digit or _, and has no dot at its end "
    "and no two in a row"
)
FILE_NAME_FAULT = f"a file name {_NAME_RULE}; name the file after the plugin's id"
"""What is said of a file whose name, without `.md`, is not `is_slug`."""


def id_fault(text: str) -> str | None:
    """Return why this can be no id: it is a part of paths and addresses."""
    if is_slug(text):
        return None
    return f"{quoted(text)} is no id; it {_NAME_RULE}"


def url_fault(url: str) -> str | None:
    """Return why this is no address to link to: only http(s), with a host, without credentials."""
    cure = "write the whole address, e.g. 'https://example.com/plugin'"
    if _round_quoted(url):
        return f"{quoted(url)} begins with a round quote; use straight quotes, or none"
    if len(url) > _LONGEST_URL:
        return f"the address has {len(url):,} characters, more than {_LONGEST_URL:,}; {cure}"
    if bad := _NOT_IN_URL.search(url):
        return f"{quoted(url)} holds {bad[0]!a}, which no address has; encode it or remove it"
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return f"{quoted(url)} is no valid address; {cure}"
    if parts.scheme not in ("http", "https"):
        return f"{quoted(url)} is no http or https address; {cure}"
    if not host or not _HOST.fullmatch(host):
        return f"{quoted(url)} has no valid host; {cure}"
    if parts.username is not None or parts.password is not None:
        return f"{quoted(url)} holds a user name or password; take it out of the address"
    return None


def image_fault(image: str) -> str | None:
    """Return why this can be no image of a page: a path on this site, or an http(s) address."""
    if image.startswith(("http://", "https://")):
        return url_fault(image.replace(" ", "%20"))
    if _round_quoted(image):
        return f"{quoted(image)} begins with a round quote; use straight quotes, or none"
    cure = f"write '{IMAGE_FOLDER}<id>/<file>' or an https address"
    path = unquote(image)
    if has_control(path) or re.match(r"[A-Za-z][A-Za-z0-9+.-]*:|//|.*[\\<>\"]", path):
        return f"{quoted(image)} is no path of an image; {cure}"
    if ".." in path.split("/"):
        return f"{quoted(image)} leads out of its folder; {cure}"
    return None


def redirect_fault(path: str) -> str | None:
    """Return why an old address cannot lead to this page: it must be a former page of a plugin."""
    if re.fullmatch(r"/plugins/[A-Za-z0-9_][A-Za-z0-9_+-]*(?:\.[A-Za-z0-9_+-]+)*/?", path):
        return None
    return f"{quoted(path)} is no former address of a plugin; write '/plugins/<old id>/'"


def redirects_of(data: Mapping[str, Any]) -> list[str]:
    """Return the former addresses of a registration; what is no text is told by `redirect_fault`, too."""
    redirects = data.get("redirect_from")
    if redirects is None:
        return []
    return [scalar_text(path) for path in (redirects if isinstance(redirects, list) else [redirects])]


def pypi_fault(name: str) -> str | None:
    """Return why this can be no project on the Python package index."""
    if re.fullmatch(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?", name):
        return None
    return f"{quoted(name)} is no name of a project; write the name alone, as `pip install` takes it"


def python_fault(specifier: str) -> str | None:
    """Return why this is no PEP 440 specifier. One bad one breaks the host's list of all plugins."""
    if is_specifier(specifier) and specifier.strip():
        return None
    if _round_quoted(specifier):
        return f"{quoted(specifier)} begins with a round quote; use straight quotes, e.g. '>=3.7,<4'"
    return f"{quoted(specifier)} is not a specifier; write e.g. '>=3.7,<4'"


def host_version_fault(requirement: str) -> str | None:
    """Return why this is neither a version (meaning: that and later) nor a specifier."""
    if requirement.strip() and (is_version(requirement) or is_specifier(requirement)):
        return None
    if _round_quoted(requirement):
        return f"{quoted(requirement)} begins with a round quote; use straight quotes, e.g. '>=1.4,<2'"
    return f"{quoted(requirement)} is neither a version nor a specifier; write e.g. '1.4.0' or '>=1.4,<2'"


def os_fault(name: str) -> str | None:
    """Return why this is no operating system; `!linux` means all but Linux."""
    if name.removeprefix("!") in OS_NAMES:
        return None
    return f"{quoted(name)} is not an operating system known here; write one of {', '.join(OS_NAMES)}"


_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)


def day_of(value: Any) -> date | None:
    """Return the day that a date, a time or a text such as 2019-6-3 means, or None.

    A time whose zone leads out of the calendar (9999-12-31 23:00 -05:00) means none: feeds hold times in UTC.
    """
    if isinstance(value, datetime):
        return value.date() if _is_in_calendar(value) else None
    if isinstance(value, date):
        return value
    match = _DAY.fullmatch(value) if isinstance(value, str) else None
    try:
        return date(int(match[1]), int(match[2]), int(match[3])) if match else None
    except ValueError:
        return None


def _is_in_calendar(value: datetime) -> bool:
    try:
        return value.tzinfo is None or bool(value.astimezone(UTC))
    except OverflowError:
        return False


_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]")
_INVISIBLE = re.compile(
    r"[\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]"
)
"""Directions, and what has no width; but not the joiners, which some scripts and emoji need."""


def has_control(text: str) -> bool:
    """Tell whether the text holds what neither XML nor a page can show; tabs and line ends are no fault."""
    return _CONTROL.search(text) is not None


def control_fault(text: str) -> str | None:
    """Return why this text cannot be shown."""
    match = _CONTROL.search(text)
    return f"the text holds {match[0]!a}, a control character; delete it" if match else None


def first_invisible(text: str) -> str | None:
    """Return the first character that reorders or hides text, as `U+202E`, or None."""
    match = _INVISIBLE.search(text)
    return f"U+{ord(match[0]):04X}" if match else None
