"""What is wrong with a built site's JSON and XML files. Pure functions over bytes."""

import gzip
import json
import re
import zlib
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Never
from xml.parsers.expat import ExpatError, ParserCreate

from registry.text import json_schemas

REQUIRED = (*json_schemas.OF_FEED, "feed.xml", "sitemap.xml")
OF_FOLDER = (
    (re.compile(r"api/v1/history/[^/]+\.json"), "history"),
    (re.compile(r"badges/[^/]+/[a-z]+\.json"), "badge"),
    (re.compile(r"list/cards/[^/]+\.json"), "list-cards"),
    (re.compile(r"list/index\.json"), "list-index"),
)
"""Names of files that no program outside of the site needs, or that there are many of -> their schema."""
MOST_FAULTS = 20
"""Faults of one file that are told; one mistake in a writer makes as many as there are plugins."""
MAX_UNPACKED = 512 * 1024 * 1024


def json_faults(content: bytes, name: str, folder: Path = json_schemas.FOLDER) -> list[str]:
    """Return what is wrong with the JSON file `name` (path below the site's root)."""
    try:
        value = _parsed(_unpacked(content) if name.endswith(".gz") else content)
    except ValueError as error:
        return [str(error)]
    if value is None or (name == "plugins.json" and value == []):
        return ["is empty"]
    schema = schema_of(name)
    if schema is None or not (folder / f"{schema}.schema.json").is_file():
        return []
    validator = json_schemas.validator(schema, folder)
    if validator.is_valid(value):  # many times as quick as to ask what is wrong
        return []
    return [
        f"{'.'.join(map(str, error.instance_path)) or 'the whole'}: {error.message[:300]}"
        for error, _ in zip(validator.iter_errors(value), range(MOST_FAULTS), strict=False)
    ]


def schema_of(name: str) -> str | None:
    """Return the name of the schema of a JSON file; the folders hold a file for each plugin, or for many."""
    if name in json_schemas.OF_FEED:
        return json_schemas.OF_FEED[name]
    return next((schema for pattern, schema in OF_FOLDER if pattern.fullmatch(name)), None)


def _unpacked(content: bytes) -> bytes:
    try:
        unpacked = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16).decompress(content, MAX_UNPACKED)
        if len(unpacked) < MAX_UNPACKED:
            return gzip.decompress(content)  # once more, with its checksum
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"is no gzip file: {error}") from None
    raise ValueError("is too large when unpacked")


def _parsed(content: bytes) -> Any:
    if not content.strip():
        raise ValueError("is empty")
    if content.startswith(b"\xef\xbb\xbf"):
        raise ValueError("begins with a byte order mark, on which clients fail")
    try:
        return json.loads(content.decode("utf-8"), parse_constant=_no_constant)
    except UnicodeDecodeError:
        raise ValueError("is not UTF-8") from None
    except RecursionError:
        raise ValueError("is nested too deeply") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"is no JSON: {error}") from None


def _no_constant(name: str) -> Never:
    raise ValueError(f"is no JSON: {name} is no number")


def xml_faults(content: bytes, name: str) -> tuple[list[str], list[str]]:
    """Return what is wrong with an XML file, and the addresses that it names."""
    try:
        elements = list(_elements(content))
    except (ExpatError, ValueError) as error:
        return [f"is no XML: {error}"], []
    if name == "feed.xml":
        return _news_faults(elements)
    addresses = [text for path, text in elements if path.endswith("/loc")]
    return ([] if addresses else ["names no page"]), addresses


def _news_faults(elements: list[tuple[str, str]]) -> tuple[list[str], list[str]]:
    faults = []
    items: list[dict[str, str]] = []
    current: dict[str, str] = {}
    for path, text in elements:  # an element comes after what stands in it
        if path == "/rss/channel/item":
            items.append(current)
            current = {}
        elif path.startswith("/rss/channel/item/"):
            current[path.rpartition("/")[2]] = text
    for number, item in enumerate(items, start=1):
        faults += [f"item {number} has no {key}" for key in ("title", "link", "pubDate") if not item.get(key)]
        if item.get("pubDate") and not _is_date(item["pubDate"]):
            faults.append(f"item {number} has a date that clients cannot read: {item['pubDate']!r}")
    return faults if items else ["names no plugin"], [item["link"] for item in items if item.get("link")]


def _is_date(text: str) -> bool:
    try:
        parsedate_to_datetime(text)
    except ValueError:
        return False
    return re.match(r"[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} ", text) is not None


def _elements(content: bytes) -> Iterator[tuple[str, str]]:
    """Yield (path such as /rss/channel/item/link, text) at the end of each element."""
    found: list[tuple[str, str]] = []
    path: list[str] = []
    texts: list[list[str]] = []

    def start(name: str, _: Any) -> None:
        path.append(name)
        texts.append([])

    def end(_: str) -> None:
        found.append((f"/{'/'.join(path)}", "".join(texts.pop()).strip()))
        path.pop()

    def text(data: str) -> None:
        texts[-1].append(data)

    def refuse(*_: Any) -> None:
        raise ValueError("declares entities")

    parser = ParserCreate()
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.EntityDeclHandler = refuse
    parser.Parse(content, True)
    yield from found
