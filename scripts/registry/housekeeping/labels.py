"""The repository's labels as `.github/labels.yml` lists them, and which of them a pull request's paths earn.

    - name: plugin
      color: 1d76db
      description: Adds or changes a registration
      paths: ["_plugins/**"]

A pattern of `paths` fits a whole path from the repository's root: `*` and `?` stay within a folder, `**` as
a segment of its own stands for any number of folders, and at the end for everything below. So `*.md` is a
file at the root and `**/*.md` one anywhere. A leading dot is like any other character.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

MAX_NAME = 50
"""Characters of a label's name at GitHub."""
MAX_DESCRIPTION = 100
MAX_LABELS = 1_000


class LabelsError(ValueError):
    """A file of labels that cannot be used; the message names file, line and key, one fault a line."""


def _name(text: str) -> str:
    if not text.strip() or text != text.strip() or not text.isprintable():
        raise ValueError("a name has words on one line, without spaces around them")
    if len(text) > MAX_NAME:
        raise ValueError(f"GitHub takes {MAX_NAME} characters; shorten it by {len(text) - MAX_NAME}")
    return text


def _color(text: str) -> str:
    if not re.fullmatch(r"[0-9a-fA-F]{6}", text):
        raise ValueError(f"{text[:20]!r} is no colour; write six hexadecimal digits without '#', e.g. 1d76db")
    return text.lower()


def _description(text: str) -> str:
    if not text.isprintable():
        raise ValueError("a description is one line of text")
    if len(text) > MAX_DESCRIPTION:
        raise ValueError(
            f"GitHub takes {MAX_DESCRIPTION} characters; shorten it by {len(text) - MAX_DESCRIPTION}"
        )
    return text


def _pattern(text: str) -> str:
    segments = text.split("/")
    if {"", ".", ".."} & set(segments):
        raise ValueError(f"{text!r} is not a path from the repository's root; write e.g. 'docs/**'")
    if any("**" in segment and segment != "**" for segment in segments):
        raise ValueError(f"{text!r}: '**' stands for whole folders; write e.g. 'docs/**/*.md'")
    if found := re.search(r"[\[\]{}!\\]", text):
        raise ValueError(f"{text!r}: {found[0]!r} is not understood; use '*', '**' and '?', or more patterns")
    return text


class Label(BaseModel):
    """One label; `paths` are the patterns of files whose change earns it."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    name: Annotated[str, AfterValidator(_name)]
    color: Annotated[str, AfterValidator(_color)]
    description: Annotated[str, AfterValidator(_description)] = ""
    paths: tuple[Annotated[str, AfterValidator(_pattern)], ...] = ()


class Change(BaseModel):
    """What makes the repository's labels as the file says: `label` is new, or takes the place of `known`."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["create", "update"]
    label: Label
    known: str = ""


def read_labels(path: Path) -> tuple[Label, ...]:
    """Return the labels of a file, in its order. Raises OSError, and LabelsError with every fault."""
    raw = path.read_bytes()
    try:
        # Scalars as they are written: a colour such as 000000 is no number.
        root = yaml.compose(raw, Loader=yaml.CBaseLoader)
        values = yaml.load(raw, Loader=yaml.CBaseLoader)  # noqa: S506 - makes strings, lists and dicts alone
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        what = getattr(error, "problem", None) or "it is not text"
        raise LabelsError(
            f"{path}:{line}: not YAML: {what}; put patterns that begin with '*' in quotes"
        ) from None
    if not isinstance(values, list) or not isinstance(root, yaml.SequenceNode):
        raise LabelsError(f"{path}:1: not a list; begin each label with '- name: …'")
    labels: list[Label] = []
    faults: list[str] = []
    lines: dict[str, int] = {}
    for value, node in zip(values, root.value, strict=True):
        line = node.start_mark.line + 1
        try:
            label = _label(value)
        except ValidationError as error:
            faults += [f"{path}:{_line(node, fault['loc'])}: {_words(fault)}" for fault in error.errors()]
            continue
        if label.name.lower() in lines:
            first = lines[label.name.lower()]
            faults.append(
                f"{path}:{line}: name: {label.name!r} stands in line {first} already (GitHub ignores case); "
                "take one of them out"
            )
        lines.setdefault(label.name.lower(), line)
        labels.append(label)
    if len(labels) > MAX_LABELS:
        faults.append(f"{path}:1: more than {MAX_LABELS} labels; take some out")
    if faults:
        raise LabelsError("\n".join(faults))
    return tuple(labels)


def _label(value: Any) -> Label:
    if isinstance(value, dict) and isinstance(value.get("paths"), list):
        value = {**value, "paths": tuple(value["paths"])}
    return Label.model_validate(value)


def _line(node: yaml.Node, place: tuple[int | str, ...]) -> int:
    """Return the line of a fault in a label: that of its key where the label has it."""
    line: int = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, _ in node.value:
            if place and key.value == place[0]:
                line = key.start_mark.line + 1
    return line


def _words(fault: Mapping[str, Any]) -> str:
    key = str(fault["loc"][0]) if fault["loc"] else "label"
    match fault["type"]:
        case "value_error":
            return f"{key}: {fault['ctx']['error']}"
        case "missing":
            return f"{key}: is missing; a label has name and color, and may have description and paths"
        case "extra_forbidden":
            return f"{key}: no such key; a label has name, color, description and paths"
        case "tuple_type":
            return f'{key}: not a list; write e.g. ["docs/**"]'
        case _:
            return f"{key}: {fault['msg']}; a label has name, color, description and paths"


def labels_for(paths: Iterable[str], labels: Iterable[Label]) -> frozenset[str]:
    """Return the names of the labels that a change of `paths` (from the repository's root) earns."""
    changed = list(paths)
    return frozenset(
        label.name
        for label in labels
        if any(_compiled(pattern).fullmatch(path) for pattern in label.paths for path in changed)
    )


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    made = ""
    segments = pattern.split("/")
    for number, segment in enumerate(segments, 1):
        last = number == len(segments)
        if segment == "**":
            made += ".+" if last else "(?:[^/]+/)*"
        else:
            made += "".join({"*": "[^/]*", "?": "[^/]"}.get(one, re.escape(one)) for one in segment)
            made += "" if last else "/"
    return re.compile(made, re.DOTALL)


def changes(wanted: Sequence[Label], known: Iterable[Mapping[str, Any]]) -> list[Change]:
    """Return what to do to the labels `known` (as GitHub's API gives them); none is ever deleted.

    Names are compared as GitHub does, without case; the file says how they are written.
    """
    by_name = {str(label["name"]).lower(): label for label in known}
    found: list[Change] = []
    for label in wanted:
        have = by_name.get(label.name.lower())
        if have is None:
            found.append(Change(kind="create", label=label))
            continue
        is_same = (have["name"], str(have["color"]).lower(), have.get("description") or "") == (
            label.name,
            label.color,
            label.description,
        )
        if not is_same:
            found.append(Change(kind="update", label=label, known=have["name"]))
    return found
