"""What is wrong with a built site's styles, scripts and drawings. Pure functions over bytes.

Each returns what is wrong and the addresses that the file loads.
"""

import re
from typing import Any
from xml.parsers.expat import ExpatError, ParserCreate

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_CSS_ADDRESS = re.compile(
    r"""url\(\s*(?:"([^"]*)"|'([^']*)'|([^)\s"']*))|@import\s+(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE
)
_IMAGE_SET = re.compile(r"image-set\(", re.IGNORECASE)
_IMPORT = re.compile(r"""(?:\bfrom|\bimport)\s*\(?\s*["'`]([^"'`\n]+)["'`]""")
_DRAWN_ADDRESS = re.compile(r"url\(\s*[\"']?\s*(?!#)", re.IGNORECASE)
_ACTIVE = frozenset({"script", "foreignobject", "iframe", "embed", "object", "audio", "video", "handler"})


def css_faults(content: bytes) -> tuple[list[str], list[str]]:
    """Read a style sheet."""
    text = _COMMENT.sub("", content.decode("utf-8", "replace"))
    faults = ["uses image-set(), whose addresses are not checked"] if _IMAGE_SET.search(text) else []
    if "\\" in re.sub(r"""content\s*:\s*(["']).*?\1""", "", text, flags=re.IGNORECASE):
        faults.append("holds an escape, which could hide an address")
    return faults, ["".join(found).strip() for found in _CSS_ADDRESS.findall(text)]


def js_faults(content: bytes) -> tuple[list[str], list[str]]:
    """Read a script: the modules that it imports by name."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return ["is not UTF-8"], []
    return [], [name for name in _IMPORT.findall(text) if name.startswith((".", "/", "http"))]


def svg_faults(content: bytes) -> list[str]:
    """Return what a drawing could do beside being looked at, opened alone or in a page."""
    faults: dict[str, None] = {}

    def start(name: str, attributes: dict[str, str]) -> None:
        element = name.rpartition(":")[2].lower()
        if element in _ACTIVE:
            faults[f"<{name}> may not stand in a drawing"] = None
        for key, value in attributes.items():
            local = key.rpartition(":")[2].lower()
            address = "".join(value.split()).lower()
            if local.startswith("on"):
                faults[f"<{name}> has the event handler {key}"] = None
            elif local in {"href", "src"} and not address.startswith(("#", "data:image/")) and element != "a":
                faults[f"<{name} {key}> loads {value[:100]!r}"] = None
            elif local == "href" and address.startswith(("javascript:", "data:")) and element == "a":
                faults[f"<{name} {key}> has an address of the kind {address.partition(':')[0]}:"] = None
            elif _DRAWN_ADDRESS.search(value):
                faults[f"<{name} {key}> loads {value[:100]!r}"] = None

    def text(data: str) -> None:
        if _DRAWN_ADDRESS.search(data) or "@import" in data.lower():
            faults["its styles load something"] = None

    parser: Any = ParserCreate()
    parser.StartElementHandler = start
    parser.CharacterDataHandler = text
    parser.buffer_text = True
    try:
        parser.Parse(content, True)
    except ExpatError as error:
        return [f"is no XML: {error}"]
    return list(faults)
