"""What OctoPrint concludes of a plugin's module, before it imports it.

`octoprint.plugin.core.parse_plugin_metadata` of 1.11 parses the file's bytes with `ast` and looks, for each
property in turn, at the last plain assignment of module level that has the name among its targets. A constant
counts when it is true, and so does the first argument of `gettext("…")`. All else counts as nothing, and the
default is assumed. What nobody would guess: a call of anything but a plain name, as in
`__plugin_version__ = pkg.version()`, makes the host give up, so that the flag, the last that it looks for, is
never read.
"""

import ast
import codecs
import re
import sys
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from registry.sources.base import Blob
from registry.sources.compat.outcome import MAX_SPECIFIER, Rules, specifier

NEWEST_PYTHON = (3, 13)
"""The newest Python that the host supports (OctoPrint 1.11): its grammar decides what is no syntax."""
MAX_TEXT = 1_000_000
"""Characters of a file that is read."""
READ_BEFORE = (
    "__plugin_name__",
    "__plugin_version__",
    "__plugin_author__",
    "__plugin_description__",
    "__plugin_url__",
    "__plugin_license__",
)
"""Properties that the host reads before the flag."""

_NEWER_SYNTAX = re.compile(
    r"\b(?:[fF][rR]?|[rR][fF])[\"']|^\s*type\s+\w+\s*[\[=]|\b(?:def|class)\s+\w+\s*\[", re.MULTILINE
)
"""What a file may hold that only 3.12 and 3.13 can parse: f-strings in f-strings, parameters of types."""
_LINE_END = re.compile(r"\r\n|\r|\n")
_COOKIE = re.compile(r"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)", re.ASCII)
_BLANK = re.compile(r"^[ \t\f]*(?:#.*)?$")
_BLOCKS: tuple[tuple[type[ast.AST] | tuple[type[ast.AST], ...], str], ...] = (
    (ast.If, "if"),
    ((ast.Try, ast.TryStar), "try"),
    ((ast.With, ast.AsyncWith), "with"),
    ((ast.For, ast.AsyncFor), "for"),
    (ast.While, "while"),
    (ast.Match, "match"),
    ((ast.FunctionDef, ast.AsyncFunctionDef), "def"),
    (ast.ClassDef, "class"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclusion:
    """What the host makes of one module."""

    kind: str
    """`flag`, `default` or `syntax`; "" where this Python cannot tell."""
    python: str = ""
    """The flag."""
    line: int | None = None
    reason: str = ""
    """Why there is no flag that counts, as one sentence with its cure."""
    problem: bool = False


class GaveUpError(Exception):
    """The host stops reading at a property that is called from something other than a plain name."""

    def __init__(self, name: str, line: int, found: dict[str, tuple[Any, int]]) -> None:
        super().__init__(name)
        self.name = name
        self.line = line
        self.found = found


def parse(blob: Blob) -> ast.Module:
    """Return the module as the host parses it.

    Raises SyntaxError, UnclearError, and what hostile text makes `ast` raise: RecursionError, MemoryError.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an invalid escape in somebody's string is not our concern
        return ast.parse(_source(blob))


def constants(module: ast.Module, names: Sequence[str]) -> dict[str, tuple[Any, int]]:
    """Return what the host reads of each property, which it does in their order: {name: (value, line)}.

    Raises GaveUpError where the host stops.
    """
    found: dict[str, tuple[Any, int]] = {}
    for name in names:
        last = _last(module, name)
        if last is None:
            continue
        value = last.value
        if isinstance(value, ast.Call):
            if not isinstance(value.func, ast.Name):
                raise GaveUpError(name, last.lineno, found)
            value = value.args[0] if value.func.id == "gettext" and value.args else value
        if isinstance(value, ast.Constant) and value.value:
            found[name] = (value.value, last.lineno)
    return found


def conclude(path: str, blob: Blob, rules: Rules) -> Conclusion:
    """Return what the host concludes of the file. Raises RecursionError or MemoryError for a hostile one."""
    name = rules.control_property
    try:
        module = parse(blob)
    except SyntaxError as error:
        return _not_python(path, blob, error, rules)
    except UnclearError as error:
        return Conclusion(kind="", reason=str(error))
    plain = f'{rules.host} reads only a plain `{name} = "…"` at module level'
    try:
        value, line = constants(module, (*READ_BEFORE, name)).get(name, (None, 0))
    except GaveUpError as at:
        reason = (
            f"{rules.host} stops reading `{path}` at line {at.line}, where `{at.name}` is the call of an "
            "attribute; write a plain text there"
        )
        return Conclusion(kind="default", reason=reason, problem=True)
    if value is not None:
        return _judged(value, line, path, rules)
    if hidden := _hidden(module, name, blob.text or ""):
        how, at_line = hidden
        reason = f"{plain}; yours {how}, line {at_line} of `{path}`"
        return Conclusion(kind="default", reason=reason, problem=True)
    return Conclusion(kind="default", reason=f"{plain}, and `{path}` has none; add it there")


def _judged(value: object, line: int, path: str, rules: Rules) -> Conclusion:
    """Return the flag, or why the host cannot use it: then it does not load the plugin on any Python."""
    name = rules.control_property
    python = specifier(value) if isinstance(value, str) else None
    if python is None:
        what = "is not a PEP 440 specifier" if isinstance(value, str) else "is not a text"
        reason = f'`{name}` in line {line} of `{path}` {what}; write e.g. `{name} = ">=3.7,<4"`'
        return Conclusion(kind="default", reason=reason, problem=True)
    if len(python) > MAX_SPECIFIER:
        reason = f"`{name}` in line {line} of `{path}` has more than {MAX_SPECIFIER} characters; shorten it"
        return Conclusion(kind="", reason=reason, problem=True)
    return Conclusion(kind="flag", python=python, line=line)


def _not_python(path: str, blob: Blob, error: SyntaxError, rules: Rules) -> Conclusion:
    if sys.version_info[:2] < NEWEST_PYTHON and _NEWER_SYNTAX.search(blob.text or ""):
        version = ".".join(map(str, sys.version_info[:2]))
        newest = ".".join(map(str, NEWEST_PYTHON))
        reason = (
            f"does not parse on Python {version}, and may on {newest}; build with Python {newest} to know"
        )
        return Conclusion(kind="", reason=reason)
    line = error.lineno if error.lineno and 0 < error.lineno <= (blob.text or "").count("\n") + 1 else None
    where = f"line {line} of `{path}`" if line else f"`{path}`"
    reason = f"{rules.host} on Python 3 cannot parse {where} and refuses the plugin; correct it there"
    return Conclusion(kind="syntax", line=line, reason=reason)


def _last(module: ast.Module, name: str) -> ast.Assign | None:
    for node in reversed(module.body):
        if isinstance(node, ast.Assign) and any(_is(target, name) for target in node.targets):
            return node
    return None


def _is(node: ast.AST | None, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


# --- an assignment that the host does not see ------------------------------------------------------------


def _hidden(module: ast.Module, name: str, text: str) -> tuple[str, int] | None:
    """Return how the last assignment that the host does not see is written, and its line.

    Only what spans a line with the name is looked into: most modules, however large, have one or none.
    """
    lines = [number for number, line in enumerate(_LINE_END.split(text), 1) if name in line]
    found: list[tuple[int, str]] = []
    waiting: list[tuple[ast.AST, str]] = [(node, "") for node in module.body]
    while waiting:
        node, block = waiting.pop()
        first, last = getattr(node, "lineno", 0), getattr(node, "end_lineno", sys.maxsize)
        if not any(first <= line <= last for line in lines):
            continue
        if isinstance(node, ast.stmt | ast.NamedExpr) and (how := _assigns(node, name)):
            found.append((node.lineno, f"stands inside `{block}`" if block else how))
        inside = next((word for kind, word in _BLOCKS if isinstance(node, kind)), block)
        waiting += [(child, inside) for child in ast.iter_child_nodes(node)]
    return max(((how, line) for line, how in found), key=lambda pair: pair[1], default=None)


def _assigns(node: ast.AST, name: str) -> str:
    """Return how a statement gives `name` a value that the host does not see, "" where it does not."""
    match node:
        case ast.Assign(targets=targets, value=value):
            if any(_is(target, name) for target in targets):
                return "is empty" if isinstance(value, ast.Constant) else "is not a constant"
            inner = (part for target in targets for part in _parts(target))
            return "is unpacked" if any(_is(part, name) for part in inner) else ""
        case ast.AnnAssign(target=target, value=value) if _is(target, name) and value:
            return "is annotated"
        case ast.AugAssign(target=target) if _is(target, name):
            return "is put together"
        case ast.NamedExpr(target=target) if _is(target, name):
            return "stands inside an expression"
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            return "is imported" if any((each.asname or each.name) == name for each in names) else ""
    return ""


def _parts(target: ast.expr) -> Iterator[ast.AST]:
    return ast.walk(target) if isinstance(target, ast.Tuple | ast.List) else iter(())


# --- bytes -----------------------------------------------------------------------------------------------


class UnclearError(Exception):
    """A file whose bytes the text that GitHub shows does not reveal; the message is the end of a sentence."""


def _source(blob: Blob) -> bytes | str:
    """Return the file as the host reads it: its bytes, as far as GitHub's text shows them.

    GitHub shows text in UTF-8 alone. Where the file's size shows that it is in another encoding, the one that
    the file names decides, and where it names none, that is a fault of syntax. Raises that, and UnclearError.
    """
    text = blob.text or ""
    if "\0" in text:
        raise SyntaxError("null bytes")  # a ValueError to the oldest Pythons
    raw = text.encode("utf-8", "surrogatepass")
    if text.isascii() or blob.byte_size in (len(raw), len(raw) + len(codecs.BOM_UTF8)):
        return raw
    try:
        if codecs.lookup(_named_encoding(text) or "utf-8").name != "utf-8":
            return text  # decoded by GitHub; `ast` asks a `str` for no encoding
    except LookupError:
        return raw
    if "\ufffd" in text or blob.byte_size == len(text):
        raise SyntaxError("not UTF-8")
    raise UnclearError("is in an encoding that is not clear")


def _named_encoding(text: str) -> str:
    """Return the encoding that a comment of the first two lines names (PEP 263), "" where there is none."""
    for line in text.removeprefix("\ufeff").splitlines()[:2]:
        if cookie := _COOKIE.match(line):
            return cookie[1]
        if not _BLANK.match(line):
            break
    return ""
