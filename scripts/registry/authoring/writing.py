"""A registration's text as a person would write it: block style, quotes only where YAML needs them."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from registry.registration.frontmatter import FrontMatterError, join, parse
from registry.registration.yaml_reader import Reader, YamlFault, write

_GROUPS = (
    ("layout", "id", "title", "description", "author", "authors", "license", "date"),
    ("homepage", "source", "archive", "pypi"),
    ("tags",),
    ("compatibility",),
)
"""The keys in the order of docs/registering.md; the groups are parted by an empty line."""
_PLAIN = re.compile(r"[A-Za-z(](?:[^\x00-\x1f\x7f-\xa0\u2028\u2029\ufeff]*[^\s:])?")
_VERSION = re.compile(r"[0-9]{1,4}\.[0-9]{1,4}\.[0-9]{1,4}")


def nested(flat: Mapping[str, Any]) -> dict[str, Any]:
    """Return `{"compatibility.python": …}` as the front matter has it, in the order of writing."""
    data: dict[str, Any] = {}
    for key, value in flat.items():
        parent, dot, child = key.partition(".")
        if dot:
            data.setdefault(parent, {})[child] = value
        else:
            data[key] = value
    order = [key for group in _GROUPS for key in group]
    return {key: data[key] for key in (*order, *(key for key in data if key not in order)) if key in data}


def render(flat: Mapping[str, Any], body: str) -> str:
    """Return the whole text of a registration; `parse` reads it back to the same keys and body.

    Raises ValueError for a value that a registration cannot hold.
    """
    data = nested(flat)
    known = {key for group in _GROUPS for key in group}
    groups = [[key for key in group if key in data] for group in _GROUPS]
    groups[-1] += [key for key in data if key not in known]
    blocks = ["".join(_block(key, data[key]) for key in group) for group in groups if group]
    text = join("\n".join(blocks), f"\n{body.strip()}\n" if body.strip() else "")
    try:
        document = parse(text.encode(), "registration")
    except (FrontMatterError, UnicodeEncodeError) as error:
        raise ValueError(f"a value cannot be written: {error}") from None
    if document.data != data:
        raise ValueError("a value would not read back as it was")
    return text


def _block(key: str, value: Any, indent: str = "") -> str:
    if isinstance(value, Mapping):
        inner = "".join(_block(name, item, indent + "  ") for name, item in value.items())
        return f"{indent}{key}:\n{inner}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        items = "".join(f"{indent}- {_scalar(item)}\n" for item in value)
        return f"{indent}{key}:\n{items}"
    return f"{indent}{key}: {_scalar(value)}\n"


def _scalar(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str) and _is_plain(value):
        return value
    return write({"value": value}).removeprefix("value: ").removesuffix("\n")


def _is_plain(text: str) -> bool:
    """Tell whether a text may stand without quotes, here and for Ruby, as a value and in a list."""
    if not _PLAIN.fullmatch(text) and not _VERSION.fullmatch(text):
        return False
    if ": " in text or " #" in text:
        return False
    try:
        read = Reader(f"key: {text}\nlist:\n- {text}\n", values=10, depth=3).read()
    except YamlFault:
        return False
    return bool(read == {"key": text, "list": [text]})
