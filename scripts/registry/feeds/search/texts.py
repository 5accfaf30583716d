"""What a plugin can be found by: its words, each with the best place where it stands. Pure functions."""

import re
from collections.abc import Iterable
from itertools import islice

from registry.feeds.search.words import joined, parts, words
from registry.registration.frontmatter import Document
from registry.text.feed_text import plain
from registry.text.prose import without_code

WHOLE_TITLE, SHORT_TITLE, TITLE, ID, TAG, AUTHOR, DESCRIPTION, BODY = range(8)
"""Places, the best first; `WEIGHTS` in assets/js/engine.js says how much each counts."""

FEW_WORDS = 3
"""Of a title that is short: a word of it says more than one of a long title."""
MOST_CHARACTERS = {"title": 300, "id": 100, "tag": 100, "author": 200, "description": 2_000, "body": 20_000}
MOST_ITEMS = 50
"""Tags, and authors, that are read."""
MOST_BODY_WORDS = 400
"""Different words of a body that are kept, the first ones."""


def places(document: Document, slug: str) -> dict[str, int]:
    """Return `{word: its best place}` for a registration; a wrong type is read as feeds read it."""
    data = document.data
    found: dict[str, int] = {}
    _title(_cut(data.get("title"), "title") or slug, found)
    for name in dict.fromkeys((_cut(data.get("id"), "id"), slug)):
        pieces = words(name)
        _put(found, ["".join(pieces)], TITLE)
        _put(found, [*pieces, *parts(name), *joined(pieces)], ID)
    for tag in _items(data.get("tags"), "tag"):
        pieces = words(tag)
        _put(found, [*pieces, *joined(pieces)], TAG)
    for author in _items(data.get("authors") or data.get("author"), "author"):
        _put(found, words(author), AUTHOR)
    _put(found, words(_cut(data.get("description"), "description")), DESCRIPTION)
    body = dict.fromkeys(word for word in words(prose(document.body)) if len(word) > 1 or not word.isascii())
    _put(found, islice(body, MOST_BODY_WORDS), BODY)
    found.pop("", None)
    return found


def _title(title: str, found: dict[str, int]) -> None:
    pieces = words(title)
    _put(found, ["".join(pieces)[:40]], WHOLE_TITLE)
    _put(found, pieces, SHORT_TITLE if len(pieces) <= FEW_WORDS else TITLE)
    _put(found, [*parts(title), *joined(pieces)], ID)


def _put(found: dict[str, int], names: Iterable[str], place: int) -> None:
    for name in names:
        if found.get(name, BODY + 1) > place:
            found[name] = place


def _items(value: object, kind: str) -> list[str]:
    items = value if isinstance(value, list) else [value]
    return [_cut(item, kind) for item in items[:MOST_ITEMS]]


def _cut(value: object, kind: str) -> str:
    return plain(value)[: MOST_CHARACTERS[kind]]


_COMMENT_OR_TAG = re.compile(r"<!--.*?(?:-->|\Z)|</?[A-Za-z][^<>]{0,1000}>", re.DOTALL)
_LIQUID = re.compile(r"\{\{[^{}]{0,500}\}\}|\{%[^{}]{0,500}%\}")
_TARGET = re.compile(r"\]\([^()\s]{0,2000}(?:\s[^()]{0,500})?\)|^ {0,3}\[[^\]\n]{1,200}\]:.*$", re.MULTILINE)
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+")
_MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,100}\.[\w.-]{1,100}")
_ENTITY = re.compile(r"&#?[A-Za-z0-9]{1,30};")
_FENCED = re.compile(r"^ {0,3}(?:```|~~~)| {4}|\t", re.MULTILINE)


def prose(body: str) -> str:
    """Return a Markdown body without blocks of code, markup and addresses; what a link is called stays.

    What stands between backticks stays too: the name of a command or a setting is what people look for.
    """
    text = body[: MOST_CHARACTERS["body"]]
    if "<" in text:
        text = _COMMENT_OR_TAG.sub(" ", text)
    if "{" in text:
        text = _LIQUID.sub(" ", text)
    if _FENCED.search(text):
        text = without_code(text.replace("`" * 3, "~" * 3).replace("`", " "))
    if "](" in text or "]:" in text:
        text = _TARGET.sub("] ", text)
    if "://" in text or "www." in text:
        text = _ADDRESS.sub(" ", text)
    if "@" in text:
        text = _MAIL.sub(" ", text)
    return _ENTITY.sub(" ", text) if "&" in text else text
