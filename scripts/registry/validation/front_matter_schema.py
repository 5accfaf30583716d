"""The schema of a registration: which keys there are, and what each may hold.

A value that breaks it is an error however long the registration stands. What pages and readers can live with
is the matter of `registry.validation.rules`.
"""

from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from typing import Annotated, Any, LiteralString

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, PlainValidator, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from registry.registration.values import (
    COMPUTED_KEYS,
    control_fault,
    day_of,
    host_version_fault,
    id_fault,
    image_fault,
    os_fault,
    pypi_fault,
    python_fault,
    redirect_fault,
    url_fault,
)
from registry.registration.yaml_reader import KeyPath, kind_of
from registry.text.problems import Finding, quoted
from registry.text.scalars import scalar_text


def _must(code: LiteralString, fault_of: Callable[[Any], str | None]) -> AfterValidator:
    """Return a validator under which a value with a fault is refused."""

    def check(value: Any) -> Any:
        if fault := fault_of(value):
            raise PydanticCustomError(code, "{fault}", {"fault": fault})
        return value

    return AfterValidator(check)


def _as_text(value: Any) -> Any:
    """Take a number or date for the text that was meant; `registry.validation.rules` warns of it."""
    return value if isinstance(value, list | dict) or value is None else scalar_text(value)


def _as_list(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


def _flag_or_url(value: Any) -> Any:
    if isinstance(value, bool):
        return value
    fault = url_fault(value) if isinstance(value, str) else f"must not be {kind_of(value)}"
    if fault:
        cure = "write true, or the address of the issue where it was declared"
        raise PydanticCustomError("wrong-type", "{fault}", {"fault": f"{fault.partition(';')[0]}; {cure}"})
    return value


def _flag_or_text(value: Any) -> Any:
    if isinstance(value, bool | str):
        return value
    fault = f"must not be {kind_of(value)}; write true or a text that says why"
    raise PydanticCustomError("wrong-type", "{fault}", {"fault": fault})


def _empty_fault(text: str) -> str | None:
    return None if text.strip() else "must not be empty"


def _layout_fault(layout: str) -> str | None:
    return None if layout == "plugin" else f"{quoted(layout)} is another layout; write 'layout: plugin'"


def _day_fault(value: Any) -> str | None:
    shown = quoted(scalar_text(value))
    return (
        None if day_of(value) else f"{shown} is no day of the calendar; write e.g. 2024-10-07, without quotes"
    )


Text = Annotated[str, _must("control-character", control_fault)]
FilledText = Annotated[Text, _must("empty-text", _empty_fault)]
LooseText = Annotated[Text, BeforeValidator(_as_text)]
Names = Annotated[list[FilledText], BeforeValidator(_as_list)]
Url = Annotated[str, _must("url", url_fault)]
Image = Annotated[str, _must("image", image_fault)]
FlagOrUrl = Annotated[bool | str, PlainValidator(_flag_or_url)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Screenshot(_Strict):
    """An image of the plugin at work."""

    url: Image
    alt: Text = ""
    caption: Text = ""


class Compatibility(_Strict):
    """What the plugin runs on; an absent key sets no bound."""

    octoprint: list[Annotated[str, BeforeValidator(_as_text), _must("host-version", host_version_fault)]] = []
    os: list[Annotated[str, _must("os", os_fault)]] = []
    python: Annotated[str, _must("python-specifier", python_fault)] = ""


class FrontMatter(_Strict):
    """The keys of a registration, as docs/registering.md explains them."""

    layout: Annotated[str, _must("layout", _layout_fault)]
    id: Annotated[str, _must("id", id_fault)]
    title: FilledText
    description: Text
    author: Names = []
    authors: Names = []
    license: FilledText
    date: Annotated[Any, _must("date", _day_fault)]
    homepage: Url
    source: Url
    archive: Url
    tags: list[LooseText] = []
    screenshots: list[Screenshot] = []
    featuredimage: Image = ""
    compatibility: Compatibility = Compatibility()
    attributes: list[Text] = []
    privacypolicy: Url = ""
    follow_dependency_links: bool = False
    disabled: Annotated[bool | str, PlainValidator(_flag_or_text)] = False
    abandoned: FlagOrUrl = False
    up_for_adoption: FlagOrUrl = False
    note: Text = ""
    redirect_from: Annotated[
        list[Annotated[str, _must("redirect", redirect_fault)]], BeforeValidator(_as_list)
    ] = []
    pypi: Annotated[str, _must("pypi", pypi_fault)] = ""


_EXAMPLES = {
    "author": "author: Ada Lovelace",
    "authors": "- Ada Lovelace",
    "layout": "layout: plugin",
    "id": "id: my_plugin",
    "title": "title: My Plugin",
    "description": "description: Says in one sentence what it does",
    "license": "license: AGPL-3.0-or-later",
    "date": "date: 2024-10-07",
    "homepage": "homepage: https://github.com/me/my_plugin",
    "source": "source: https://github.com/me/my_plugin",
    "archive": "archive: https://github.com/me/my_plugin/archive/main.zip",
    "url": "url: /assets/img/plugins/my_plugin/tab.png",
}
_KEYS = {
    "": list(FrontMatter.model_fields),
    "compatibility": list(Compatibility.model_fields),
    "screenshots": list(Screenshot.model_fields),
}


def check_schema(data: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield an error for each value that breaks the schema. A key without a value counts as absent."""
    present = _without_nulls(data)
    try:
        FrontMatter.model_validate(present)
    except ValidationError as errors:
        found = errors.errors(include_url=False)
        # One slip is told once: a required key under another name is not missing as well.
        meant = {_near(error["loc"]) for error in found if error["type"] == "extra_forbidden"}
        for error in found:
            if error["type"] != "missing" or error["loc"] not in meant:
                yield _finding(error, present, data)
        if {("author",), ("authors",)} & meant:
            return
    if all(present.get(key) in (None, []) for key in ("author", "authors")):
        key = next((key for key in ("authors", "author") if key in data), "author")
        message = _absent(data, (key,), "'author: Ada Lovelace', or a list under 'authors'")
        yield Finding(path=(key,), code="missing-key", message=message, weight="error")


def _absent(data: Any, path: KeyPath, example: str) -> str:
    """Say of a key without a value whether it stands there at all, and what to write."""
    try:
        for part in path:
            data = data[part]
    except (KeyError, IndexError, TypeError):
        return f"this key is missing; write e.g. {example}"
    if data is None:
        return f"this key has no value; write e.g. {example} (a text that begins with # goes in quotes)"
    return f"this is empty; write e.g. {example}"


def _without_nulls(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value


def _finding(error: ErrorDetails, present: Any, data: Any) -> Finding:
    """Return what pydantic tells, in our words; `present` is `data` without keys that have no value."""
    path = error["loc"]
    kind, value = error["type"], error["input"]
    code: Any = kind
    match kind:
        case "missing":
            code, message = "missing-key", _absent(data, path, f"'{_EXAMPLES[str(path[-1])]}'")
        case "empty-text":
            name = next(part for part in reversed(path) if isinstance(part, str))
            message = f"must not be empty; write e.g. '{_EXAMPLES[name]}'"
        case "extra_forbidden":
            code, message = _unknown(path)
        case "string_type":
            code, message = "wrong-type", _no_text(value, path)
        case "bool_type":
            code, message = (
                "wrong-type",
                f"must be true or false, not {kind_of(value)}; write it without quotes",
            )
        case "list_type":
            cure = "write each entry on a line of its own after '- '"
            code, message = "wrong-type", f"must be a list, not {kind_of(value)}; {cure}"
        case "model_type" | "dict_type":
            keys = ", ".join(_KEYS[_parent((*path, ""))])
            message = f"must not be {kind_of(value)}; write one or more of {keys}, each as 'key: value'"
            code = "wrong-type"
        case _:
            message = error["ctx"]["fault"]
    if kind != "missing":
        path = _existing(path, present)
    return Finding(path=path, code=code, message=message, weight="error")


def _no_text(value: object, path: KeyPath) -> str:
    """Say what to write instead of what is no text."""
    match value:
        case None:
            return "is empty; write a text, or remove the line"
        case list():
            return "must be text, not a list; write one text"
        case dict():
            return "must be text, not a mapping; write one text, in quotes if it holds ': '"
        case int() | float() if path == ("compatibility", "python") and not isinstance(value, bool):
            text = scalar_text(value)
            return f"must be a specifier, not a number; write e.g. '>={text}' or '>={text},<4', in quotes"
    return f"must be text, not {kind_of(value)}; put it in quotes: '{scalar_text(value)}'"


def _near(path: KeyPath) -> KeyPath | None:
    """Return the path of the key that an unknown one is probably meant to be."""
    close = get_close_matches(str(path[-1]).strip().lower(), _KEYS[_parent(path)], n=1)
    return (*path[:-1], close[0]) if close else None


def _unknown(path: KeyPath) -> tuple[str, str]:
    key = str(path[-1])
    if len(path) == 1 and key in COMPUTED_KEYS:
        return "computed-key", "only the build writes this key, from what the world tells; remove it"
    for parent in ("compatibility", "screenshots"):
        if len(path) == 1 and key.strip() in _KEYS[parent]:
            message = f"this key stands in the wrong place; write it below '{parent}', after two plain spaces"
            return "unknown-key", message
    if near := _near(path):
        return "unknown-key", f"there is no such key; did you mean '{near[-1]}'?"
    return (
        "unknown-key",
        f"there is no such key; remove it, or write one of {', '.join(_KEYS[_parent(path)])}",
    )


def _parent(path: KeyPath) -> str:
    """Return the name of the key whose keys these are: "" for the front matter itself."""
    return next((part for part in reversed(path[:-1]) if isinstance(part, str)), "")


def _existing(path: KeyPath, data: Any) -> KeyPath:
    """Return the path without the list position that a single value was given for the check."""
    for depth, part in enumerate(path):
        if isinstance(part, int) and not isinstance(data, list):
            return path[:depth]
        data = data[part]
    return path
