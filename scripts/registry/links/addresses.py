"""What a registration links to: each address with its key and its line."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal
from urllib.parse import urldefrag

from registry.registration.frontmatter import Document
from registry.registration.model import Registration
from registry.registration.values import image_fault, url_fault
from registry.text.prose import without_code

Use = Literal["homepage", "source", "archive", "privacypolicy", "image", "body"]
"""What an address is for; the cure depends on it."""

MOST_IN_BODY = 40
"""Addresses of one body that are looked at; the longest body of the reference has fewer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an address stands."""

    slug: str
    id: str
    file: str
    line: int
    key: str
    """As people write it: `screenshots[0].url`; "body" for the text below."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One address in one place."""

    url: str
    """Without its fragment, which no server sees. An image of this site is a path: `/assets/…`."""
    use: Use
    place: Place

    @property
    def is_local(self) -> bool:
        """Whether this is a file of the site itself."""
        return self.url.startswith("/")


def links_of(registration: Registration, document: Document) -> Iterator[Link]:
    """Yield the links of a registration; what is no address is the validator's matter."""
    seen: set[tuple[str, Use, str]] = set()
    for url, use, key, line in (*_front_matter(document), *_body(document)):
        address = (
            urldefrag(url.strip().replace(" ", "%20")).url if use == "image" else urldefrag(url.strip()).url
        )
        fault = image_fault(address) if use == "image" else url_fault(address)
        if not fault and (address, use, key) not in seen:
            seen.add((address, use, key))
            place = Place(
                slug=registration.slug, id=registration.id, file=registration.path, line=line, key=key
            )
            yield Link(url=address, use=use, place=place)


_Found = tuple[str, Use, str, int]


def _front_matter(document: Document) -> Iterator[_Found]:
    data = document.data
    uses: tuple[Use, ...] = ("homepage", "source", "archive", "privacypolicy")
    for use in uses:
        if isinstance(url := data.get(use), str):
            yield url, use, use, document.line_of(use)
    for index, screenshot in enumerate(_list(data.get("screenshots"))):
        if isinstance(screenshot, dict) and isinstance(url := screenshot.get("url"), str):
            yield url, "image", f"screenshots[{index}].url", document.line_of("screenshots", index, "url")
    if isinstance(url := data.get("featuredimage"), str):
        yield url, "image", "featuredimage", document.line_of("featuredimage")


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


_LINK = re.compile(
    r"""
    (?P<bang>!?)\[(?P<text>[^\[\]\n]{0,500})\]\([ \t]{0,9}<?
        (?P<inline>(?:[^()<>\s]|\([^()<>\s]{0,200}\)){1,2000})
    | ^[ ]{0,3}\[[^\]\n]{1,200}\]:[ \t]{0,9}<?(?P<reference>https?://[^\s<>]{1,2000})
    | <(?P<bare>https?://[^\s<>]{1,2000})>
    | <(?P<tag>img|a)\b(?:[^<>"']|"[^"<]{0,2000}"|'[^'<]{0,2000}'){0,200}?
        \s(?:src|href)\s{0,9}=\s{0,9}["']?(?P<attribute>[^\s"'<>]{1,2000})
    """,
    re.VERBOSE | re.MULTILINE | re.IGNORECASE,
)
_IMAGE_IN_LINK = re.compile(
    r"(?<!\!)\[!\[[^\[\]\n]{0,500}\]\([^()\n]{0,2000}\)\]\([ \t]{0,9}<?([^()<>\s]{1,2000})"
)
"""A linked image, `[![…](image)](page)`: `_LINK` finds the image in it, this the page."""


def _body(document: Document) -> Iterator[_Found]:
    prose = without_code(document.body)
    found = [(match.start(), *_address(match)) for match in islice(_LINK.finditer(prose), MOST_IN_BODY)]
    found += [
        (match.start(), match[1], False) for match in islice(_IMAGE_IN_LINK.finditer(prose), MOST_IN_BODY)
    ]
    for index, address, is_image in sorted(found)[:MOST_IN_BODY]:
        # Liquid in an address is translated by the build, or shown; anchors and paths of pages are its own.
        remote = address.startswith(("http://", "https://"))
        local_image = is_image and address.startswith("/") and not address.startswith("//")
        if "{{" not in address and "{%" not in address and (remote or local_image):
            line = document.body_line + prose.count("\n", 0, index)
            yield address, "image" if is_image else "body", "body", line


def _address(match: re.Match[str]) -> tuple[str, bool]:
    """Return the address of a match, and whether it is an image's."""
    if match["attribute"]:
        return html.unescape(match["attribute"]), match["tag"].lower() == "img"
    return html.unescape(match["inline"] or match["reference"] or match["bare"]), match["bang"] == "!"
