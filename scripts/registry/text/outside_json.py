"""JSON from outside: exports, answers of APIs, states. One reading, and what it costs before it is done."""

import json
from typing import Any

BASE_BYTES = 4_096
CONTAINER_BYTES = 190
"""Memory that an object or a list takes, its first value included."""
VALUE_BYTES = 160
"""Memory that each further value takes, with a key of its own and a place in an object that grows."""


class JsonError(ValueError):
    """What is not JSON, or not to be read as such; the message says why."""


def parse_json(raw: bytes | bytearray, *, strict: bool = False) -> Any:
    """Return the JSON value that `raw` holds. Raises JsonError.

    `strict` refuses NaN and Infinity, which Python reads although JSON has none.
    """
    try:
        # Decoded here: Python lets halves of characters through, and takes UTF-16 for JSON.
        text = raw.decode("utf-8" if strict else "utf-8-sig")
        return json.loads(text, parse_constant=_refuse if strict else None)
    except UnicodeDecodeError:
        raise JsonError("is not JSON: it is not UTF-8") from None
    except RecursionError:
        raise JsonError("is not JSON that can be read: it is nested too deeply") from None
    except ValueError as error:  # numbers of thousands of digits among them
        raise JsonError(f"is not JSON: {str(error)[:200]}") from None


def parse_cost(raw: bytes | bytearray) -> int:
    """Return how many bytes of memory `parse_json` takes for `raw` beside `raw` itself, at most.

    `[],[],[]` takes 25 times its length. Counting is a hundred times as quick as reading.
    """
    # One character beyond ASCII may make Python keep a whole text with four bytes a character.
    width = 1 if raw.isascii() and b"\\u" not in raw else 4
    containers = raw.count(b"[") + raw.count(b"{")
    return BASE_BYTES + 2 * width * len(raw) + CONTAINER_BYTES * containers + VALUE_BYTES * raw.count(b",")


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is not a number of JSON")
