"""The document that a state is: JSON by one codec, of a version, checked by `docs/schemas/state.schema.json`.

What is written and what is read go through the same functions, so that nothing is written that is not read.
"""

import json
import re
from typing import Any

from registry.text.json_schemas import validator
from registry.text.outside_json import JsonError, parse_json

SCHEMA_VERSION = 2
"""The newest that is read."""
MAX_STATE_BYTES = 256 * 1024 * 1024
SHOWN = 200
"""Characters of a place or a fault that a message shows."""

Document = dict[str, Any]


class StateError(ValueError):
    """A state file that cannot be used; the message names the file, the place in it and what is wrong."""


class NewerStateError(StateError):
    """A state that a newer Almanac wrote; the message says which version it is of, and what reads it."""


def decode(raw: bytes, name: str) -> Document:
    """Return the document in the bytes `raw`, called `name` in messages. Raises StateError."""
    try:
        content = parse_json(raw, strict=True)
    except JsonError as error:
        raise StateError(f"{name}: {error}") from None
    version = content.get("schema_version") if isinstance(content, dict) else None
    if isinstance(version, int) and version > SCHEMA_VERSION:
        raise NewerStateError(
            f"{name}: is of schema_version {version}, and this Almanac reads {SCHEMA_VERSION}: a newer one "
            "wrote it; update the checkout (git pull)"
        )
    # The validator looks at some texts no further than that they are texts.
    if fault := fault_of(content) if _HALF.search(raw) else schema_fault(content):
        raise StateError(f"{name}: {fault}")
    checked: Document = content
    return checked


def encode(content: Any) -> bytes:
    """Return `content` as JSON, the same bytes for the same values.

    Raises ValueError, TypeError or RecursionError for what is not JSON or not Unicode.
    """
    return _ENCODER.encode(content).encode()


def fault_of(content: Any, most: int = MAX_STATE_BYTES) -> str:
    """Return why `content` could not be read again as a state of at most `most` bytes; "" when it could."""
    try:
        if len(encode(content)) > most:
            return f"the whole: is larger than {most >> 20} MB"
    except UnicodeEncodeError:
        return _NOT_UNICODE
    except (ValueError, TypeError, RecursionError) as error:
        return f"the whole: is not JSON: {error}"
    return schema_fault(content)


def schema_fault(content: Any) -> str:
    """Return what the schema says against `content`, with the place; "" when it fits."""
    try:
        fault = next(validator("state").iter_errors(content), None)
    except UnicodeEncodeError:
        return _NOT_UNICODE
    except (ValueError, RecursionError) as error:  # the validator's own limit of nesting is a ValueError
        deep = "ecursion" in f"{type(error).__name__} {error}"
        return f"the whole: is {'nested too deeply' if deep else f'not JSON: {error}'}"
    if fault is None:
        return ""
    place = "/".join(map(str, fault.instance_path)) or "the whole"
    return f"{_shortened(place)}: {_shortened(fault.message)}"


_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, allow_nan=False, separators=(",", ":"))
_HALF = re.compile(rb"\\u[dD][89a-fA-F]")
"""An escape that stands for half of a character; two of them make a whole one."""
_NOT_UNICODE = "the whole: holds half of a character (a lone surrogate), which UTF-8 cannot"


def _shortened(text: str) -> str:
    """Return a text without its middle: a message begins with the value and ends with the rule."""
    return text if len(text) <= SHOWN else f"{text[: SHOWN // 3]}…{text[-SHOWN // 2 :]}"
