"""The values that a plugin's module level can compute without being run, and the operations on them.

Known: text, whole numbers, true and false, None, tuples, lists, dictionaries. Everything else is `Unknown`.
Every operation is bounded: no text longer than MAX_LENGTH, no collection of more than MAX_ITEMS values.
"""

import ast
import operator
import re
import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MAX_LENGTH = 4_000
MAX_ITEMS = 500
"""Values in a collection, those inside its members counted too."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that cannot be told."""

    needs: frozenset[str] = frozenset()
    """Modules of the plugin that, once read, may tell it."""


@dataclass(frozen=True, slots=True)
class Hosts:
    """A value that differs between hosts: what it is on the oldest and on the newest Python 3 of a host."""

    oldest: Any
    newest: Any


@dataclass(frozen=True, slots=True)
class Ref:
    """Something imported, by its dotted name."""

    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Namespace:
    """A class: its attributes."""

    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """A function of the file itself."""

    node: ast.FunctionDef


UNKNOWN = Unknown()
OPAQUE = (Unknown, Hosts, Ref, Namespace, Function)

_OLDEST, _NEWEST = (3, 7, 0, "final", 0), (3, 99, 0, "final", 0)
KNOWN: dict[str, Any] = {
    "sys.version_info": Hosts(_OLDEST, _NEWEST),
    "sys.hexversion": Hosts(0x030700F0, 0x036300F0),
    "sys.version": Hosts("3.7.0", "3.99.0"),
    "six.PY2": False,
    "six.PY3": True,
    "future.utils.PY2": False,
    "future.utils.PY3": True,
    "past.utils.PY2": False,
    "typing.TYPE_CHECKING": False,
    "typing_extensions.TYPE_CHECKING": False,
    "os.sep": "/",
    "os.linesep": "\n",
}
"""Names whose value is told by the host being Python 3."""
KNOWN_CALLS: dict[str, Any] = {
    "platform.python_version": Hosts("3.7.0", "3.99.0"),
    "platform.python_version_tuple": Hosts(("3", "7", "0"), ("3", "99", "0")),
    "platform.python_implementation": "CPython",
}
VERSION_FIELDS = ("major", "minor", "micro", "releaselevel", "serial")

_PERCENT = re.compile(r"%(?:\((\w+)\))?([sdr%])")
_FORMAT_SPEC = re.compile(r"[<>^]?[0-9]{0,2}[sd]?")


def bounded(value: Any) -> Any:
    """Return `value`, or Unknown where it has grown past the bounds."""
    if isinstance(value, str | bytes):
        return value if len(value) <= MAX_LENGTH else UNKNOWN
    if isinstance(value, tuple | list | dict):
        return value if size(value) <= MAX_ITEMS else UNKNOWN
    if isinstance(value, int):
        return value if abs(value) < 1 << 64 else UNKNOWN
    return value


def size(value: Any) -> int:
    """Return how many values `value` holds, counted to just past MAX_ITEMS: shared parts count each time."""
    count, waiting = 0, [value]
    while waiting and count <= MAX_ITEMS:
        item = waiting.pop()
        count += 1
        if isinstance(item, tuple | list):
            waiting.extend(item[: MAX_ITEMS + 1])
        elif isinstance(item, dict):
            waiting.extend(list(item.values())[: MAX_ITEMS + 1])
    return count


def unknown_of(*values: Any) -> Unknown:
    """Return an Unknown that needs what any of `values` needs."""
    return Unknown(frozenset().union(*(value.needs for value in values if isinstance(value, Unknown))))


def needs(value: Any) -> frozenset[str]:
    """Return the modules that may tell a value."""
    return value.needs if isinstance(value, Unknown) else frozenset()


def parts_unknown(value: Any) -> Unknown | None:
    """Return an Unknown if `value` is opaque or holds something opaque (one level deep), else None."""
    members: Sequence[Any] = (
        value
        if isinstance(value, list | tuple)
        else [*value.values()]
        if isinstance(value, dict)
        else [value]
    )
    opaque = [member for member in members if isinstance(member, OPAQUE)]
    return unknown_of(*opaque) if opaque else None


def lift(operation: Callable[..., Any], *values: Any) -> Any:
    """Apply `operation`; over a value that differs between hosts, to each, and agree if both agree."""
    for value in values:
        if not isinstance(value, Hosts) and isinstance(value, OPAQUE):
            return unknown_of(*values)
    if not any(isinstance(value, Hosts) for value in values):
        return _safely(operation, values)
    oldest = _safely(operation, [v.oldest if isinstance(v, Hosts) else v for v in values])
    newest = _safely(operation, [v.newest if isinstance(v, Hosts) else v for v in values])
    if isinstance(oldest, Unknown) or isinstance(newest, Unknown):
        return UNKNOWN
    return oldest if type(oldest) is type(newest) and oldest == newest else Hosts(oldest, newest)


def _safely(operation: Callable[..., Any], values: Sequence[Any]) -> Any:
    try:
        return bounded(operation(*values))
    except (TypeError, ValueError, KeyError, IndexError, AttributeError, OverflowError, RecursionError):
        return UNKNOWN


COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: lambda a, b: a is b if None in (a, b) else a == b,
    ast.IsNot: lambda a, b: a is not b if None in (a, b) else a != b,
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
}


def truth(value: Any) -> bool | None:
    """Return whether `value` counts as true, None where that cannot be told."""
    if isinstance(value, Hosts):
        return bool(value.oldest) if bool(value.oldest) == bool(value.newest) else None
    if isinstance(value, Ref | Namespace | Function):
        return None
    return None if isinstance(value, Unknown) else bool(value)


def binary(op: ast.operator, left: Any, right: Any) -> Any:
    """Return `left op right` for the operations that build text, lists and small numbers."""
    if isinstance(op, ast.Add):
        return lift(operator.add, left, right)
    if isinstance(op, ast.Sub):
        return lift(operator.sub, left, right)
    if isinstance(op, ast.Mod) and isinstance(left, str):
        return percent(left, right)
    if isinstance(op, ast.Mult) and isinstance(left, int | str) and isinstance(right, int | str):
        return lift(operator.mul, left, right) if _small(left) and _small(right) else UNKNOWN
    if isinstance(op, ast.Div) and isinstance(left, str | Ref):
        return UNKNOWN
    if isinstance(op, ast.BitOr) and isinstance(left, dict) and isinstance(right, dict):
        return bounded(left | right)
    return unknown_of(left, right)


def _small(value: Any) -> bool:
    return len(value) <= 200 if isinstance(value, str) else abs(value) <= 200


def percent(template: str, values: Any) -> Any:
    """Return `template % values` for plain %s, %d, %r, %(name)s and %%; anything else is Unknown."""
    if unknown := parts_unknown(values):
        # A tuple with an unknown part cannot be told; of a dictionary only the keys that are named count.
        if not isinstance(values, dict):
            return unknown
        wanted = {match.group(1) for match in _PERCENT.finditer(template)}
        values = {key: value for key, value in values.items() if key in wanted}
        if unknown := parts_unknown(values):
            return unknown
    if _PERCENT.sub("", template).count("%"):
        return UNKNOWN
    return lift(operator.mod, template, tuple(values) if isinstance(values, tuple) else values)


def format_text(template: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """Return `template.format(*args, **kwargs)`, attribute-free and index-free; anything else is Unknown."""
    out: list[str] = []
    automatic = 0
    try:
        for literal, name, spec, conversion in string.Formatter().parse(template):
            out.append(literal)
            if name is None:
                continue
            key = name or str(automatic)
            automatic += not name
            value = args[int(key)] if key.isascii() and key.isdigit() and len(key) < 4 else kwargs[key]
            shown = format_field(value, conversion, spec or "")
            if isinstance(shown, Unknown):
                return shown
            out.append(shown)
    except (ValueError, KeyError, IndexError):
        return UNKNOWN
    return bounded("".join(out))


def format_field(value: Any, conversion: str | None, spec: str) -> str | Unknown:
    """Return one replacement field as text."""
    if unknown := parts_unknown(value):
        return unknown
    if (
        not isinstance(value, str | int)
        or not _FORMAT_SPEC.fullmatch(spec)
        or conversion not in (None, "s", "r")
    ):
        return UNKNOWN
    shown = lift(lambda: format({None: value, "s": str(value), "r": repr(value)}[conversion], spec))
    return shown if isinstance(shown, str) else UNKNOWN


_TEXT_METHODS: dict[str, int] = {
    "strip": 1,
    "lstrip": 1,
    "rstrip": 1,
    "lower": 0,
    "upper": 0,
    "title": 0,
    "capitalize": 0,
    "swapcase": 0,
    "replace": 3,
    "split": 2,
    "rsplit": 2,
    "splitlines": 0,
    "partition": 1,
    "rpartition": 1,
    "startswith": 1,
    "endswith": 1,
    "removeprefix": 1,
    "removesuffix": 1,
    "isdigit": 0,
    "count": 1,
    "find": 1,
    "index": 1,
}
"""Methods of text that cannot grow it much, with the most arguments they take here."""


def call_method(owner: Any, name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """Return `owner.name(*args, **kwargs)` for the harmless methods of text, lists and dictionaries."""
    if isinstance(owner, str) and name == "format":
        return format_text(owner, args, kwargs)
    if isinstance(owner, str) and name == "format_map" and len(args) == 1 and isinstance(args[0], dict):
        return format_text(owner, (), args[0])
    if isinstance(owner, str) and name == "join" and len(args) == 1:
        return _join(owner, args[0])
    if isinstance(owner, str) and name == "encode":
        return owner
    if isinstance(owner, bytes) and name == "decode":
        return lift(lambda: owner.decode("utf-8", "replace"))
    if isinstance(owner, dict) and name == "get" and 1 <= len(args) <= 2 and not kwargs:
        return _get(owner, args[0], args[1] if len(args) == 2 else None)
    if isinstance(owner, dict) and not args and name in ("keys", "values", "items", "copy"):
        return owner if name == "copy" else list(getattr(owner, name)())
    if isinstance(owner, list) and name == "copy":
        return owner
    if isinstance(owner, str | Hosts) and not kwargs and len(args) <= _TEXT_METHODS.get(name, -1):
        if name == "replace" and len(args) > 1 and isinstance(args[1], str) and len(args[1]) > 200:
            return UNKNOWN
        return lift(
            lambda text, *rest: getattr(text, name)(*rest) if isinstance(text, str) else UNKNOWN, owner, *args
        )
    return unknown_of(owner, *args)


def _join(separator: str, parts: Any) -> Any:
    if not isinstance(parts, list | tuple | str):
        return unknown_of(parts)
    if unknown := parts_unknown(parts):
        return unknown
    return lift(lambda: separator.join(parts)) if len(separator) <= 100 else UNKNOWN


def _get(owner: dict[Any, Any], key: Any, default: Any) -> Any:
    if isinstance(key, OPAQUE):
        return unknown_of(key)
    try:
        return owner.get(key, default)
    except TypeError:
        return UNKNOWN


def merged(first: Any, second: Any, depth: int = 0) -> Any:
    """Return two dictionaries merged recursively, the second winning (octoprint.util.dict_merge)."""
    if not isinstance(first, dict) or not isinstance(second, dict) or depth > 10:
        return second
    both = dict(first)
    for key, value in second.items():
        both[key] = merged(both[key], value, depth + 1) if key in both else value
    return bounded(both)
