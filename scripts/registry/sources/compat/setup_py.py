"""A setup.py read as data: what it gives to setup(), and the names of OctoPrint's template. It is never run.

A name stands for the last of what is assigned to it anywhere in the file; a text may be put together by `%`,
`.format`, an f-string, `+`. No loop, no arithmetic, no format specification: no work grows beyond bounds.
"""

import ast
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

MAX_TEXT = 10_000
"""Characters of a text that is put together."""
MAX_STEPS = 20_000
MAX_PASSED_OVER = 20
"""Lines."""
MAX_DEPTH = 30
"""Names behind names."""

_PERCENT = re.compile(r"%(?:\((\w+)\))?([sdr%])")
_BRACES = re.compile(r"\{\{|\}\}|\{(\w*)\}")
_METHODS: Mapping[str, Callable[[str], str]] = {
    "lower": str.lower,
    "upper": str.upper,
    "strip": str.strip,
    "title": str.title,
    "capitalize": str.capitalize,
}


class TooMuch(Exception):
    """The file asks for more steps than any setup.py has reason to."""


class SetupPy:
    """What a setup.py says. Lines that Python 3 cannot parse are passed over, such as Python 2's `print`."""

    def __init__(self, text: str) -> None:
        self._steps = 0
        self._busy: dict[str, int] = {}
        self._names: dict[str, list[ast.expr]] = {}
        self._functions: dict[str, ast.FunctionDef] = {}
        self._calls: dict[str, list[ast.Call]] = {"setup": [], "create_plugin_setup_parameters": []}
        for node in ast.walk(_parsed(text)):
            match node:
                case ast.Assign(targets=targets, value=value):
                    for target in targets:
                        self._assign(target, value)
                case ast.AnnAssign(target=ast.Name() as target, value=ast.expr() as value):
                    self._assign(target, value)
                case ast.FunctionDef():
                    self._functions[node.name] = node
                case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name in self._calls:
                    self._calls[name].append(node)

    def value(self, name: str) -> Any:
        """Return what is last assigned to `name`: a text, a list or a dictionary; None for anything else."""
        try:
            return self._value(ast.Name(name), 0)
        except TooMuch:
            return None

    def is_formatted(self, name: str) -> bool:
        """Whether what is last assigned to `name` is put together."""
        given = self._names.get(name)
        return given is not None and not isinstance(given[-1], ast.Constant | ast.Name)

    def created(self) -> list[dict[str, Any]]:
        """Return what each call of create_plugin_setup_parameters is given."""
        return self._all(self._calls["create_plugin_setup_parameters"])

    def setups(self) -> list[dict[str, Any]]:
        """Return what each call of setup() is given, by whatever way, then `additional_setup_parameters`."""
        return self._all([*self._calls["setup"], ast.Name("additional_setup_parameters")])

    def _all(self, nodes: Sequence[ast.expr]) -> list[dict[str, Any]]:
        found = []
        with suppress(TooMuch):
            for node in nodes:
                found.append(self._values(self._mapping(node, 0, frozenset())))
        return found

    def _assign(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Name):
            self._names.setdefault(target.id, []).append(value)
        elif isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
            # parameters["entry_points"] = …
            self._assign(target.value, ast.Dict(keys=[target.slice], values=[value]))

    def _step(self, depth: int) -> None:
        self._steps += 1
        if self._steps > MAX_STEPS or depth > MAX_DEPTH:
            raise TooMuch

    # --- values ------------------------------------------------------------------------------------------

    def _value(self, node: ast.expr | None, depth: int) -> Any:
        """Return a text, a list or a dictionary of them; None for anything else."""
        self._step(depth)
        match node:
            case ast.Constant(value=str() as constant):
                return constant[:MAX_TEXT]
            case ast.List(elts=parts) | ast.Tuple(elts=parts):
                return [self._value(part, depth + 1) for part in parts]
            case ast.Name(id=name):
                return self._last(name, depth)
            case ast.Subscript(value=owner, slice=ast.Constant(value=str() as key)):
                return self._value(self._mapping(owner, depth + 1, frozenset()).get(key), depth + 1)
            case ast.Dict() | ast.Call(func=ast.Name(id="dict")):
                return self._values(self._mapping(node, depth + 1, frozenset()))
            case ast.BinOp(op=ast.Add(), left=left, right=right):
                return self._sum(self._value(left, depth + 1), self._value(right, depth + 1))
            case ast.BinOp() | ast.JoinedStr() | ast.Call():
                text = self._text(node, depth)
                return None if text is None or len(text) > MAX_TEXT else text
        return None

    def _last(self, name: str, depth: int) -> Any:
        """Return the last value of a name; in that value, the name stands for the value before it."""
        given = self._names.get(name, [])
        place = self._busy.get(name, len(given)) - 1
        if place < 0:
            return None
        before = self._busy.get(name)
        self._busy[name] = place
        try:
            return self._value(given[place], depth + 1)
        finally:
            if before is None:
                del self._busy[name]
            else:
                self._busy[name] = before

    def _values(self, parts: Mapping[str, ast.expr]) -> dict[str, Any]:
        return {key: self._value(part, 1) for key, part in parts.items()}

    def _sum(self, left: Any, right: Any) -> Any:
        if isinstance(left, str) and isinstance(right, str):
            return left + right if len(left) + len(right) <= MAX_TEXT else None
        lists = isinstance(left, list) and isinstance(right, list)
        return left + right if lists and len(left) + len(right) <= MAX_TEXT else None

    def _text(self, node: ast.expr, depth: int) -> str | None:
        match node:
            case ast.JoinedStr(values=parts):
                texts = [
                    self._value(part.value, depth + 1)
                    if isinstance(part, ast.FormattedValue) and part.format_spec is None
                    else self._value(part, depth + 1)
                    for part in parts
                ]
                known = [text for text in texts if isinstance(text, str)]
                fits = len(known) == len(texts) and sum(map(len, known)) <= MAX_TEXT
                return "".join(known) if fits else None
            case ast.BinOp(op=ast.Mod(), left=left, right=right):
                return self._filled(_PERCENT, self._value(left, depth + 1), *self._given(right), depth)
            case ast.Call(func=ast.Attribute(value=owner, attr="format"), args=args, keywords=keywords):
                named = self._mapping(ast.Call(owner, [], keywords), depth + 1, frozenset())
                everything = any(keyword.arg is None for keyword in keywords)
                return self._filled(_BRACES, self._value(owner, depth + 1), args, named, everything, depth)
            case ast.Call(func=ast.Attribute(value=owner, attr="replace"), args=[old, new]):
                return self._replaced(*(self._value(part, depth + 1) for part in (owner, old, new)))
            case ast.Call(func=ast.Attribute(value=owner, attr=name), args=[]) if name in _METHODS:
                text = self._value(owner, depth + 1)
                return _METHODS[name](text) if isinstance(text, str) else None
            case ast.Call(func=ast.Name(id="str"), args=[inner]):
                text = self._value(inner, depth + 1)
                return text if isinstance(text, str) else None
        return None

    def _replaced(self, text: Any, old: Any, new: Any) -> str | None:
        if not (isinstance(text, str) and isinstance(old, str) and isinstance(new, str)):
            return None
        return text.replace(old, new) if max(map(len, (text, old, new))) < 200 else None

    def _given(self, node: ast.expr) -> tuple[list[ast.expr], Mapping[str, ast.expr], bool]:
        """Return what the right side of `%` gives by place and by name, and whether every name counts."""
        if isinstance(node, ast.Tuple):
            return node.elts, {}, False
        return [node], self._mapping(node, 1, frozenset()), _is_scope(node)

    def _filled(
        self,
        pattern: re.Pattern[str],
        template: Any,
        args: list[ast.expr],
        named: Mapping[str, ast.expr],
        everything: bool,
        depth: int,
    ) -> str | None:
        """Return a template with its fields filled in; None where one is not known, or is not that plain."""
        if not isinstance(template, str):
            return None
        places = iter(range(len(args)))
        parts: list[str] = []
        end = length = 0
        for field in pattern.finditer(template):
            between, end = template[end : field.start()], field.end()
            name = field[1]
            if field[0] in ("%%", "{{", "}}"):
                value: Any = field[0][0]
            elif not name or name.isdecimal():
                place = int(name) if name else next(places, len(args))
                value = self._value(args[place], depth + 1) if place < len(args) else None
            elif name in named:
                value = self._value(named[name], depth + 1)
            else:
                value = self._value(ast.Name(name), depth + 1) if everything else None
            if not isinstance(value, str) or set(between) & set("%" if pattern is _PERCENT else "{}"):
                return None
            parts += [between, value]
            length += len(between) + len(value)
            if length > MAX_TEXT:
                return None
        return "".join([*parts, template[end:]])

    # --- dictionaries ------------------------------------------------------------------------------------

    def _mapping(self, node: ast.expr | None, depth: int, seen: frozenset[str]) -> dict[str, ast.expr]:
        """Return the keys that an expression has as a dictionary: those of all that goes into it."""
        self._step(depth)
        found: dict[str, ast.expr] = {}
        match node:
            case ast.Dict(keys=keys, values=values):
                for key, value in zip(keys, values, strict=True):
                    if key is None:
                        found |= self._mapping(value, depth + 1, seen)
                    elif isinstance(text := self._value(key, depth + 1), str):
                        found[text] = value
            case ast.Name(id=name) if name not in seen:
                for value in self._names.get(name, ())[:MAX_DEPTH]:
                    found |= self._mapping(value, depth + 1, seen | {name})
            case ast.Call(func=func, args=args, keywords=keywords):
                if isinstance(func, ast.Name) and func.id in self._functions and func.id not in seen:
                    found |= self._returned(self._functions[func.id], depth, seen | {func.id})
                for argument in args[:MAX_DEPTH]:
                    found |= self._mapping(argument, depth + 1, seen)
                for keyword in keywords:
                    if keyword.arg is None:
                        found |= self._mapping(keyword.value, depth + 1, seen)
                    else:
                        found[keyword.arg] = keyword.value
            case ast.BinOp(op=ast.BitOr(), left=left, right=right):
                found = self._mapping(left, depth + 1, seen) | self._mapping(right, depth + 1, seen)
        return found

    def _returned(self, function: ast.FunctionDef, depth: int, seen: frozenset[str]) -> dict[str, ast.expr]:
        """Return what a function of the file gives back: a dictionary, or its own `locals()`."""
        found: dict[str, ast.expr] = {}
        for node in ast.walk(function):
            if isinstance(node, ast.Return) and node.value is not None:
                if _is_scope(node.value):
                    assigned = (inner for inner in ast.walk(function) if isinstance(inner, ast.Assign))
                    pairs = ((target, inner.value) for inner in assigned for target in inner.targets)
                    found |= {target.id: value for target, value in pairs if isinstance(target, ast.Name)}
                else:
                    found |= self._mapping(node.value, depth + 1, seen)
        return found


def _parsed(text: str) -> ast.Module:
    """Return the file, without the first few lines that are not Python 3."""
    lines = re.split(r"\r\n|\r|\n", text.removeprefix("\ufeff").replace("\0", ""))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(MAX_PASSED_OVER):
            try:
                return ast.parse("\n".join(lines))
            except SyntaxError as error:
                at = (error.lineno or 0) - 1
                if not 0 <= at < len(lines) or lines[at].strip() in ("", "pass"):
                    break
                lines[at] = lines[at][: len(lines[at]) - len(lines[at].lstrip())] + "pass"
    return ast.Module([], [])


def _is_scope(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("locals", "globals", "vars")
    )
