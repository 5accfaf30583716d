"""Cures of keys: missing, unknown, empty, computed, of the wrong kind, left from the template."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from registry.review.suggestions.edits import (
    Case,
    Cure,
    Edit,
    one,
    with_value,
    without_block,
    without_flow_item,
)
from registry.review.suggestions.guesses import double_quoted, python_specifiers, yaml_text
from registry.text.scalars import scalar_text

_TRUE = frozenset({"true", "yes", "on", "1"})
_FALSE = frozenset({"false", "no", "off", "0"})


def _missing(case: Case) -> Iterator[Edit]:
    """What is known from elsewhere stands in its line if it is empty, else before the closing fence."""
    known, key = case.known, case.path[-1] if len(case.path) == 1 else ""
    value = {
        "layout": "plugin",
        "id": known.slug,
        "license": known.license,
        "date": known.today.isoformat(),
        "source": known.repository or _address(case, "homepage"),
        "homepage": known.repository or _address(case, "source"),
        "archive": known.archive,
    }.get(str(key), "")
    if not value:
        return
    line = f"{key}: {value if key == 'date' else yaml_text(value)}"
    for number in case.in_front_matter:
        if re.fullmatch(rf"{key}\s*:\s*(?:null|~|\"\"|'')?\s*(?:#.*)?", case.lines[number - 1]):
            yield Edit(number, number, (line,))
    if case.end:
        yield Edit(case.end, case.end, (line, case.lines[case.end - 1]))


def _address(case: Case, key: str) -> str:
    value = case.data.get(key)
    return value if isinstance(value, str) and value.startswith(("https://", "http://")) else ""


def _unknown(case: Case) -> Iterator[Edit]:
    """The key that the message names, else nothing: a value is not thrown away by guess."""
    key = case.path[-1] if case.path else None
    if not isinstance(key, str):
        return
    meant = re.search(r"did you mean '(\w+)'\?$", case.problem.message)
    if meant:
        yield one(
            case,
            re.sub(
                rf"(^|[\s{{,\"'-]){re.escape(key)}(?=[\"']?\s*:)", rf"\g<1>{meant[1]}", case.line, count=1
            ),
        )
    else:
        yield from without_block(case)


def _wrong_type(case: Case) -> Iterator[Edit]:
    value, key = case.value, case.path[-1] if case.path else None
    message = case.problem.message
    if case.path == ("compatibility", "python") and not isinstance(value, list | dict):
        for guess in python_specifiers(case.text):
            yield from with_value(case, double_quoted(guess))
    if isinstance(value, list) and len(value) == 1 and not isinstance(value[0], list | dict):
        yield from _scalar_for_list(case, value[0])
    if key in ("tags", "authors") or "must be a list" in message:
        yield from _listed(case)
    if isinstance(value, str) and value.strip().lower() in _TRUE | _FALSE:
        yield from with_value(case, "true" if value.strip().lower() in _TRUE else "false")
    if value is not None and not isinstance(value, list | dict | bool):
        yield from with_value(case, double_quoted(case.text))
    if isinstance(value, bool):
        yield from with_value(case, double_quoted(_written(case) or scalar_text(value)))
    if case.path[:1] == ("screenshots",) and isinstance(value, str):
        yield from with_value(case, f"{{url: {yaml_text(value)}}}")


def _written(case: Case) -> str:
    """Return the value as it was written, without quotes."""
    match = re.search(r"(?::|-)\s+([^\s#][^#]*?)\s*(?:#.*)?$", case.line)
    return match[1].strip("'\"") if match else ""


def _scalar_for_list(case: Case, value: Any) -> Iterator[Edit]:
    """Yield edits that put a list's only entry in the list's place."""
    match = re.match(r"(\s*[\w-]+\s*:)", case.line)
    if not match:
        return
    edits = list(without_block(case))
    yield Edit(edits[0].first, edits[0].last, (f"{match[1]} {yaml_text(scalar_text(value))}",))


def _listed(case: Case) -> Iterator[Edit]:
    """Yield edits that put a text's words on lines of their own."""
    match = re.match(r"(\s*)([\w-]+)\s*:\s+\S", case.line)
    if not match or not case.text.strip():
        return
    separator = r"\s*[,;|]\s*" if re.search(r"[,;|]", case.text) else r"\s+&\s+|\s+and\s+"
    items = [item.strip(" '\"#[]") for item in re.split(separator, case.text)]
    if case.path[-1] == "octoprint":  # `>=1.4,<2` is one requirement
        yield _list_of(case, match, [case.text])
    yield _list_of(case, match, [item for item in items if item])
    yield _list_of(case, match, [case.text])


def _list_of(case: Case, match: re.Match[str], items: list[str]) -> Edit:
    lines = (f"{match[1]}{match[2]}:", *(f"{match[1]}- {yaml_text(item)}" for item in items))
    return Edit(case.problem.line, case.problem.line, lines)


def _misread(case: Case) -> Iterator[Edit]:
    """A number or word that YAML takes for something else, in quotes: alone, or in a list in brackets."""
    written = _written(case)
    if isinstance(case.value, bool):
        if case.line.lstrip().startswith("- ") and written:
            yield from with_value(case, double_quoted(written))
    elif case.text:
        yield from with_value(case, double_quoted(case.text))
    if match := re.match(r"(\s*[\w-]+:\s*\[)(.*)(\].*)$", case.line):
        parts = [part.strip() for part in match[2].split(",")]
        index = case.path[-1] if case.path else 0
        if isinstance(index, int) and index < len(parts):
            parts[index] = double_quoted(parts[index].strip("'\""))
            yield one(case, f"{match[1]}{', '.join(parts)}{match[3]}")


def _template_left(case: Case) -> Iterator[Edit]:
    """The template's comments, all at once; its values only their author can replace."""
    if case.path:
        return
    comments = [number for number in case.in_front_matter if case.lines[number - 1].lstrip().startswith("#")]
    if comments:
        first, last = comments[0], comments[-1]
        if (
            last + 1 < case.end
            and not case.lines[last].strip()
            and first > 2
            and not case.lines[first - 2].strip()
        ):
            last += 1  # of two blank lines around a comment, one stays
        kept = tuple(line for line in case.lines[first - 1 : last] if not line.lstrip().startswith("#"))
        if kept and not any(line.strip() for line in kept):
            kept = ()
        yield Edit(first, last, kept)
    if "#" in case.line and not case.line.lstrip().startswith("#"):
        yield one(case, re.sub(r"\s+#.*$", "", case.line))


def _author_form(case: Case) -> Iterator[Edit]:
    key = case.path[0] if case.path else ""
    other = {"author": "authors", "authors": "author"}.get(str(key), "")
    author, authors = case.data.get("author"), case.data.get("authors")
    if author is not None and authors is not None:
        names = authors if isinstance(authors, list) else [authors]
        if author in names or author == authors or names == [author]:
            yield from without_block(case)
        return
    if other:
        yield one(case, re.sub(rf"^{key}(?=\s*:)", other, case.line))
    if isinstance(authors, str):
        yield from _listed(case)


def _several_authors(case: Case) -> Iterator[Edit]:
    names = [
        name.strip() for name in re.split(r"\s*[,;]\s*|\s+(?:and|und|et|&)\s+", case.text) if name.strip()
    ]
    if len(names) > 1 and case.line.startswith("author"):
        lines = ("authors:", *(f"- {yaml_text(name)}" for name in names))
        yield Edit(case.problem.line, case.problem.line, lines)


def _gone(case: Case) -> Iterator[Edit]:
    yield from without_flow_item(case)
    yield from without_block(case)


def _layout(case: Case) -> Iterator[Edit]:
    yield from with_value(case, "plugin")


def _own_id(case: Case) -> Iterator[Edit]:
    """Where the source says that the file's name is right, the id follows it."""
    if case.known.entry_point == case.known.slug:
        yield from with_value(case, yaml_text(case.known.slug))


KEYS: Mapping[str, Cure] = {
    "missing-key": _missing,
    "unknown-key": _unknown,
    "computed-key": without_block,
    "wrong-type": _wrong_type,
    "empty-key": without_block,
    "misread": _misread,
    "template-left": _template_left,
    "author-form": _author_form,
    "several-authors": _several_authors,
    "tag": _gone,
    "dependency-links": without_block,
    "layout": _layout,
    "id": _own_id,
    "id-file-name": _own_id,
}
