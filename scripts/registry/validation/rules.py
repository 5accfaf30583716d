"""The rules beyond the schema: what is possible, and yet wrong, risky or unkind to readers.

Each rule is a generator of findings over the front matter. A rule that meets a value of the wrong kind says
nothing, for the schema has said it.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from registry.registration.frontmatter import Document
from registry.registration.model import parse_repo
from registry.registration.values import (
    IMAGE_FOLDER,
    day_of,
    first_invisible,
    id_fault,
    image_fault,
    url_fault,
)
from registry.registration.yaml_reader import kind_of
from registry.text.problems import Code, Finding, quoted
from registry.text.scalars import scalar_text

ATTRIBUTES = ("abandoned", "cloud", "commercial", "free-tier")
"""What the host's plugin manager shows."""
LONGEST_TITLE = 80
LONGEST_DESCRIPTION = 300
"""Characters that a list of plugins has room for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a registration is judged by, besides itself."""

    slug: str
    """File name without `.md`."""
    today: date
    server_url: str
    """GITHUB_SERVER_URL."""
    site: Path | None = None
    """Folder that holds `assets`; None: images cannot be looked up."""
    before: Mapping[str, Any] | None = None
    """The front matter at the base revision."""


REQUIRED = frozenset(
    {"layout", "id", "title", "description", "license", "date", "homepage", "source", "archive"}
)

Rule = Callable[[Mapping[str, Any], Surroundings], Iterator[Finding]]


def check_rules(document: Document, around: Surroundings) -> Iterator[Finding]:
    """Yield what the rules find in the front matter."""
    for rule in RULES:
        yield from rule(document.data, around)
    yield from _comments(document)


def _found(code: Code, message: str, *path: str | int) -> Finding:
    """A fault that stands as long as the registration does, but comes in with none."""
    return Finding(path=path, code=code, message=message, weight="deviation")


def _hint(code: Code, message: str, *path: str | int) -> Finding:
    return Finding(path=path, code=code, message=message, weight="warning")


def _error(code: Code, message: str, *path: str | int) -> Finding:
    return Finding(path=path, code=code, message=message, weight="error")


def _items(data: Mapping[str, Any], key: str) -> Iterator[tuple[int, Any]]:
    value = data.get(key)
    return iter(enumerate(value if isinstance(value, list) else []))


def _empty_keys(data: Mapping[str, Any], _: Surroundings) -> Iterator[Finding]:
    nobody = not data.get("author") and not data.get("authors")
    for key, value in data.items():
        if key in REQUIRED or (nobody and key in ("author", "authors")):
            continue  # told as missing
        inner = value.items() if isinstance(value, dict) else ()
        for path in [(key,)] * (value is None) + [(key, name) for name, item in inner if item is None]:
            yield _hint("empty-key", "this key has no value; give it one or remove the line", *path)


def _identity(data: Mapping[str, Any], around: Surroundings) -> Iterator[Finding]:
    identifier = data.get("id")
    if not isinstance(identifier, str):
        return
    if identifier != around.slug and not id_fault(identifier):
        message = f"{quoted(identifier)} is not the file's name; name the file {identifier}.md"
        # A file keeps its name once it stands: its address is known.
        yield (_hint if around.before is not None else _found)("id-file-name", message, "id")
    before = around.before.get("id") if around.before else None
    if before is not None and before != identifier:
        message = (
            f"the id was {quoted(scalar_text(before))}; usage is counted by it, so change it only to mend it"
        )
        yield _hint("id-changed", message, "id")


def _dates(data: Mapping[str, Any], around: Surroundings) -> Iterator[Finding]:
    value = data.get("date")
    day = day_of(value)
    if day is None:
        return
    if isinstance(value, datetime) or (isinstance(value, str) and value != day.isoformat()):
        yield _found("date-form", f"write the day alone: {day.isoformat()}", "date")
    if day > around.today + timedelta(days=1):
        yield _found(
            "date-future", f"{day.isoformat()} is yet to come; write the day of registration", "date"
        )
    before = day_of(around.before.get("date")) if around.before else None
    if before is not None and before != day:
        message = f"the day of registration was {before.isoformat()} and never changes; write it again"
        yield _error("date-changed", message, "date")


_HTML = re.compile(
    r"</?(?:a|b|br|center|code|div|em|font|h[1-6]|i|img|li|ol|p|script|small|span|strong|u|ul)(?:\s[^<>]*)?/?>"
    r"|&(?:[a-z]{2,8}|#\d{1,6});",
    re.IGNORECASE,
)


def _texts(data: Mapping[str, Any], _: Surroundings) -> Iterator[Finding]:
    for key, longest in (("title", LONGEST_TITLE), ("description", LONGEST_DESCRIPTION)):
        text = data.get(key)
        if not isinstance(text, str):
            continue
        if key == "description" and not text.strip():
            yield _found("empty-text", "say in one sentence what the plugin does", key)
        if len(text) > longest:
            yield _hint(
                "long-text", f"{len(text)} characters; lists show about {longest}, so shorten it", key
            )
        if html := _HTML.search(text):
            yield _hint("html-in-text", f"{quoted(html[0])} is shown as it stands; write plain text", key)
    for path, text in _single_lines(data):
        if (character := first_invisible(text)) is not None:
            message = f"holds {character}, which hides or reorders text; delete it"
            yield _found("bidi", message, *path)
        if re.match(r"TODO\b", text):
            yield _found("template-left", f"{quoted(text)} is the template's; write your own", *path)


def _single_lines(data: Mapping[str, Any]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield (path, text) of what is shown on one line."""
    for key in ("title", "description", "author", "license", "authors", "tags", "note"):
        value = data.get(key)
        if isinstance(value, str):
            yield (key,), value
        for index, item in _items(data, key):
            if isinstance(item, str):
                yield (key, index), item
    for index, screenshot in _items(data, "screenshots"):
        for key in ("alt", "caption"):
            if isinstance(screenshot, dict) and isinstance(text := screenshot.get(key), str):
                yield ("screenshots", index, key), text


_SEVERAL = re.compile(r",\s|\s&\s|\s(?:and|und|et)\s|;")
_ONE_AFTER_ALL = re.compile(
    r",\s*(?:inc|llc|ltd|gmbh|ag|corp|co|jr|sr|ph\.?d|s\.?r\.?o|b\.?v)\b", re.IGNORECASE
)


def _people(data: Mapping[str, Any], _: Surroundings) -> Iterator[Finding]:
    author, authors = data.get("author"), data.get("authors")
    if isinstance(author, str) and _SEVERAL.search(_ONE_AFTER_ALL.sub("", author)):
        message = "if these are several people, list each under 'authors'"
        yield _hint("several-authors", message, "author")
    if isinstance(author, list):
        yield _found("author-form", "'author' is one name; write 'authors' for a list", "author")
    if isinstance(authors, str):
        yield _found("author-form", "'authors' is a list; write 'author' for one name", "authors")
    if author is not None and authors is not None:
        yield _found("author-form", "'author' stands beside 'authors'; keep one of the two", "author")


def _tags(data: Mapping[str, Any], _: Surroundings) -> Iterator[Finding]:
    seen: set[str] = set()
    for index, tag in _items(data, "tags"):
        if isinstance(tag, list | dict) or tag is None:
            continue
        if not isinstance(tag, str):
            yield _misread(tag, "tags", index)
        text = scalar_text(tag).strip().casefold()
        if not text:
            yield _hint("tag", "this tag is empty; remove it", "tags", index)
        elif text in seen:
            yield _hint("tag", f"{quoted(text)} is listed twice; remove one", "tags", index)
        seen.add(text)


def _misread(value: object, *path: str | int) -> Finding:
    if isinstance(value, bool):
        return _hint("misread", "YAML reads this as true or false; put the word in quotes", *path)
    message = f"YAML reads this as {kind_of(value)}; put it in quotes: '{scalar_text(value)}'"
    return _hint("misread", message, *path)


def _compatibility(data: Mapping[str, Any], _: Surroundings) -> Iterator[Finding]:
    compatibility = data.get("compatibility")
    if isinstance(compatibility, dict):
        for index, version in _items(compatibility, "octoprint"):
            if isinstance(version, int | float):
                yield _misread(version, "compatibility", "octoprint", index)
    for index, attribute in _items(data, "attributes"):
        if isinstance(attribute, str) and attribute not in ATTRIBUTES:
            message = f"{quoted(attribute)} is not shown anywhere; known are {', '.join(ATTRIBUTES)}"
            yield _hint("attribute", message, "attributes", index)
    if data.get("follow_dependency_links") is True:
        message = "today's pip refuses dependency links: the plugin cannot be installed; remove it"
        yield _found("dependency-links", message, "follow_dependency_links")


def _source(data: Mapping[str, Any], around: Surroundings) -> Iterator[Finding]:
    source = data.get("source")
    if not isinstance(source, str) or parse_repo(source, around.server_url):
        return
    root = f"{source.partition('://')[0]}://{source.partition('://')[2].partition('/')[0]}"
    if parse_repo(f"{root}/owner/name", around.server_url):
        message = f"{quoted(source)} names no repository; write 'https://github.com/<owner>/<name>'"
        yield _found("source-repository", message, "source")


_PAGES = frozenset({"blob", "branches", "issues", "pulls", "releases", "tags", "tree", "wiki"})
"""Pages of a repository on GitHub; `releases/download/…` and `releases/latest/download/…` are files."""


def _archive(data: Mapping[str, Any], around: Surroundings) -> Iterator[Finding]:
    archive = data.get("archive")
    if not isinstance(archive, str) or url_fault(archive):
        return
    repo = parse_repo(archive, around.server_url)
    if repo is None:
        return
    rest = [part for part in urlsplit(archive).path.split("/") if part][2:]
    if not rest or (rest[0] in _PAGES and "download" not in rest):
        address = f"https://github.com/{repo.full_name}/archive/<branch>.zip"
        message = f"{quoted(archive)} is a page, not a file to install; write e.g. '{address}'"
        yield _found("url", message, "archive")


def _images(data: Mapping[str, Any], around: Surroundings) -> Iterator[Finding]:
    featured = data.get("featuredimage")
    if isinstance(featured, str):
        yield from _image(featured, around, "featuredimage")
        if not data.get("screenshots"):
            message = "there is no screenshot beside it; list it under 'screenshots', too"
            yield _hint("no-screenshots", message, "featuredimage")
    for index, screenshot in _items(data, "screenshots"):
        if not isinstance(screenshot, dict):
            continue
        if isinstance(url := screenshot.get("url"), str):
            yield from _image(url, around, "screenshots", index, "url")
        if not screenshot.get("alt"):
            message = "say in 'alt' what the image shows, for those who cannot see it"
            yield _hint("image-alt", message, "screenshots", index)


def _image(image: str, around: Surroundings, *path: str | int) -> Iterator[Finding]:
    if image_fault(image):
        return
    copy = f"put a copy under '{IMAGE_FOLDER}{around.slug}/'"
    if image.startswith("https://"):
        yield _hint("image-remote", f"the image is on another site, where it may vanish; {copy}", *path)
        if " " in image:
            yield _found("image", f"{quoted(image)} holds a space; write %20", *path)
    elif image.startswith("http://"):
        yield _found("image-insecure", f"browsers do not show an http image on an https page; {copy}", *path)
    elif not image.startswith(IMAGE_FOLDER):
        message = f"{quoted(image)} is not below '{IMAGE_FOLDER}'; {copy} and write its path from there"
        yield _found("image-folder", message, *path)
    elif around.site and not _is_file_below(around.site, unquote(urlsplit(image).path)):
        yield _found(
            "image-missing", f"there is no file '{image.lstrip('/')}'; add it, or correct the path", *path
        )


def _is_file_below(site: Path, path: str) -> bool:
    """Tell whether the site has this file, itself and not by a link that leads elsewhere."""
    file = site / path.lstrip("/")
    try:
        return file.is_file() and file.resolve().is_relative_to(site.resolve())
    except (OSError, ValueError):
        return False


def _comments(document: Document) -> Iterator[Finding]:
    comments = list(re.finditer(r"^[ \t]*#.*", document.front_matter, re.MULTILINE))
    left = [match for match in comments if "TODO" in match[0]] or comments[:1] * (len(comments) > 5)
    if left:
        line = document.line_at(left[0].start())
        message = "comments of the template are left; remove them"
        yield Finding(path=(), code="template-left", message=message, weight="warning", line=line)


RULES: tuple[Rule, ...] = (
    _empty_keys,
    _identity,
    _dates,
    _texts,
    _people,
    _tags,
    _compatibility,
    _source,
    _archive,
    _images,
)
