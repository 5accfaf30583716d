"""What a page shows of a value: the Python side of `_jekyll/read/values.rb`, which prints it."""

import re

from registry.text.scalars import scalar_text

_UNSEEN = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\u180e\ufeff]")
_SPACES = re.compile("[\x00-\x20\x7f-\x9f\u2028\u2029]+")


def visible(text: str) -> str:
    """Return the text as one line: controls and runs of spaces are one space, what nobody sees is gone."""
    return _SPACES.sub(" ", _UNSEEN.sub("", text)).strip(" ")


def line(value: object) -> str:
    """Return the line of text that stands for a scalar; "" where there is none."""
    if value is None or isinstance(value, list | dict | tuple):
        return ""
    return visible(scalar_text(value))


def lines(value: object, most: int = 100) -> list[str]:
    """Return the lines of a list, or of the one value that stands in its place, each once."""
    items = value[:most] if isinstance(value, list) else [value]
    return list(dict.fromkeys(text for item in items if (text := line(item))))
