"""The YAML of front matter: YAML 1.1 as Jekyll reads it, without what one file can use against a build.

`read` is a filter over the events of libyaml's parser. It meets a duplicate key, an alias or a nesting that
is too deep while it reads, before any of them costs memory, and refuses each at its place. `write` is its
inverse: one top-level key a line, values in flow style, every text quoted.
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import yaml
from yaml._yaml import CParser

from registry.registration.yaml_errors import explain
from registry.text.problems import Code, quoted
from registry.text.scalars import FloatText, write_float

KeyPath = tuple[str | int, ...]
"""Keys and list positions that lead to a value."""


class YamlFault(ValueError):
    """What is wrong with a YAML text, and the character where it is."""

    def __init__(self, code: Code, index: int, message: str) -> None:
        super().__init__(message)
        self.code: Code = code
        self.index = index
        self.message = message


class Reader:
    """Reads one text; `read` may be called once."""

    def __init__(
        self, text: str, *, values: int, depth: int, places: dict[KeyPath, int] | None = None
    ) -> None:
        """At most `values` events are read and `depth` levels; `places` is filled with each path's index."""
        self.faults: list[YamlFault] = []
        """Duplicate keys: told, and read as Jekyll does (the last one counts)."""
        self._text = text
        self._values_left = self._values = values
        self._depth = depth
        self._places = places
        self._parser: Any = None

    def read(self) -> Any:
        """Return the value of the text's one document, None when it is empty. Raises YamlFault."""
        if control := _CONTROL.search(self._text):
            message = f"{control[0]!a} is a control character; delete it"
            raise YamlFault("control-character", control.start(), message)
        try:
            self._parser = CParser(self._text)
            self._next()  # the stream begins
            event = self._next()
            if isinstance(event, yaml.StreamEndEvent):
                return None
            value = self._value(self._next(), ())
            self._next()  # the document ends
            event = self._next()
        except yaml.YAMLError as error:
            raise YamlFault(*explain(error, self._text)) from None
        if not isinstance(event, yaml.StreamEndEvent):
            message = "a second YAML document begins; keep one block of keys between the two '---'"
            raise YamlFault("several-documents", event.start_mark.index, message)
        return value

    def _next(self) -> Any:
        return self._parser.get_event()

    def _value(self, event: Any, path: KeyPath) -> Any:
        self._values_left -= 1
        index = event.start_mark.index
        if self._values_left < 0:
            message = f"more than {self._values:,} values; a registration needs a tenth of it"
            raise YamlFault("too-many-values", index, message)
        if len(path) > self._depth:
            message = f"nested more than {self._depth} levels deep; no key needs more than three"
            raise YamlFault("too-deep", index, message)
        if self._places is not None:
            self._places.setdefault(path, index)
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            message = (
                "anchors (&name) and aliases (*name) are not read; write the value out, or quote the text"
            )
            raise YamlFault("alias", index, message)
        if event.tag is not None:
            message = f"the tag {quoted(event.tag)} is not read; write the plain value, or quote the text"
            raise YamlFault("yaml-tag", index, message)
        if isinstance(event, yaml.ScalarEvent):
            return _scalar(event.value, index) if event.implicit[0] else event.value
        if isinstance(event, yaml.SequenceStartEvent):
            items: list[Any] = []
            while not isinstance(event := self._next(), yaml.SequenceEndEvent):
                items.append(self._value(event, (*path, len(items))))
            return items
        return self._mapping(path)

    def _mapping(self, path: KeyPath) -> dict[str, Any]:
        items: dict[str, Any] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            index = event.start_mark.index
            key = self._key(event, path)
            if key in items:
                message = f"{quoted(key)} stands here a second time; keep one of the two"
                self.faults.append(YamlFault("duplicate-key", index, message))
            below = (*path, key)
            if self._places is not None:
                self._places[below] = index
            items[key] = self._value(self._next(), below)
        return items

    def _key(self, event: Any, path: KeyPath) -> str:
        index = event.start_mark.index
        if isinstance(event, yaml.CollectionStartEvent):
            raise YamlFault(
                "key-not-text", index, "a list or mapping cannot be a key; put the text in quotes"
            )
        key = self._value(event, path)
        if key == "<<" and event.implicit[0]:
            raise YamlFault("merge-key", index, "the merge key '<<' is not read; write the keys out")
        if not isinstance(key, str):
            message = f"YAML reads the key {quoted(event.value)} as {kind_of(key)}; put it in quotes"
            raise YamlFault("key-not-text", index, message)
        return key


_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff]")
"""What libyaml does not take for text."""

_RESOLVERS: dict[str, list[tuple[str, re.Pattern[str]]]] = yaml.SafeLoader.yaml_implicit_resolvers
_CONSTRUCTOR = yaml.constructor.SafeConstructor()
_NUMBER_LENGTH = 100


def _tag_of(text: str) -> str:
    """Return the kind that YAML 1.1 gives an unquoted text: `int`, `float`, `timestamp`, … or `str`."""
    for tag, pattern in _RESOLVERS.get(text[:1], ()):
        if pattern.match(text):
            return tag.removeprefix("tag:yaml.org,2002:")
    return "str"


def _scalar(text: str, index: int) -> Any:
    """Return the value of an unquoted text. `=` and `<<` are texts, as Ruby has it."""
    kind = _tag_of(text)
    if kind in ("str", "value", "merge"):
        return text
    node = yaml.ScalarNode(f"tag:yaml.org,2002:{kind}", text)
    try:
        if kind == "null":
            return None
        if kind == "bool":
            return _CONSTRUCTOR.construct_yaml_bool(node)
        if kind == "timestamp":
            return _CONSTRUCTOR.construct_yaml_timestamp(node)
        if len(text) > _NUMBER_LENGTH:
            raise ValueError(text)
        if kind == "int":
            return _CONSTRUCTOR.construct_yaml_int(node)
        return FloatText(_CONSTRUCTOR.construct_yaml_float(node), text)
    except (ValueError, OverflowError):
        what = "day of the calendar" if kind == "timestamp" else "number that can be read"
        message = f"{text[:40]!r} is no {what}; correct it, or put it in quotes"
        raise YamlFault("unreadable-value", index, message) from None


def kind_of(value: object) -> str:
    """Return a word for people: what YAML took a value for."""
    match value:
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case date():
            return "a date"
        case list():
            return "a list"
        case dict():
            return "a mapping"
        case str():
            return "text"
    return "nothing"


def write(data: Mapping[str, Any]) -> str:
    """Return YAML that PyYAML and Ruby's Psych read back to the same data, one top-level key a line."""
    if not data:
        return "{}\n"
    return "".join(f"{_write_key(key)}{_write(value)}\n" for key, value in data.items())


_PLAIN_KEY = re.compile(r"[a-z][a-z_]+")
_LONGEST_SIMPLE_KEY = 1_000
"""YAML takes a longer key (1,024 characters) only after a `? `."""
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]+")


def _write_key(key: str, *, bare: bool = True) -> str:
    if not isinstance(key, str):
        raise TypeError(f"front matter keys are text, not {key!r}")
    quoted = key if bare and _PLAIN_KEY.fullmatch(key) and _tag_of(key) == "str" else _quote(key)
    return f"? {quoted}\n: " if len(quoted) > _LONGEST_SIMPLE_KEY else f"{quoted}: "


def _write(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, str):
        return _quote(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(int(value))
    if isinstance(value, float):
        text = value.text if isinstance(value, FloatText) else ""
        return text if _DECIMAL.fullmatch(text) else write_float(float(value))
    if isinstance(value, datetime):
        return _write_datetime(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        # Every key in quotes, so that the line is JSON as well: Ruby reads it four times as fast as YAML.
        return (
            "{" + ", ".join(_write_key(key, bare=False) + _write(item) for key, item in value.items()) + "}"
        )
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_write, value)) + "]"
    raise TypeError(f"front matter cannot hold {value!r}")


def _write_datetime(value: datetime) -> str:
    offset = value.utcoffset()
    if offset is not None and offset.total_seconds() % 60:
        value = value.astimezone(UTC)  # YAML knows no seconds in an offset
    return value.isoformat()


_ESCAPED = re.compile(r"[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")


def _quote(text: str) -> str:
    """Return a double-quoted YAML text: JSON's, with what libyaml refuses or folds escaped as well.

    YAML cannot write half of a surrogate pair, which JSON from outside may hold; U+FFFD stands for it.
    """
    return _ESCAPED.sub(_escape, json.dumps(text, ensure_ascii=False))


def _escape(match: re.Match[str]) -> str:
    point = ord(match[0])
    return "\ufffd" if 0xD800 <= point <= 0xDFFF else f"\\u{point:04x}"
