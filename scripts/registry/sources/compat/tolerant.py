"""Read statements that `ast` refuses: Python 2 syntax, tabs mixed with spaces, half a file.

Each statement is read for itself: one that cannot be read becomes unknown, and the others still count.
Indentation, not error recovery, tells what is nested, so nothing inside a function can pass for module level.
"""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from registry.sources.compat.lexing import (
    BRACKETS,
    MAX_INDENTS,
    MAX_WORDS,
    NAME,
    NEVER_IN_BRACKETS,
    OPENER,
    SCOPE,
    STRING,
    code_of,
    is_bounded,
    parse,
)

UNREADABLE = "__unreadable__"
"""Name that stands for an expression which could not be read."""

_LINE = re.compile(r"""(?>(?:[^'"#\\\n]++|""" + STRING + r"""|\#[^\n]*+|\\[\s\S]?)+)|\n""")
_COMMENT = re.compile(STRING + r"|(?P<comment>\#[^\n]*+)")
_SEMICOLON = re.compile(STRING + r"|\#[^\n]*+|(?P<semicolon>;)|(?P<bracket>[()\[\]{}])")
_COLON = re.compile(STRING + r"|\#[^\n]*+|(?P<colon>:)(?!=)|(?P<bracket>[()\[\]{}])|(?P<lambda>\blambda\b)")
_BOUND = re.compile(
    r"^[ \t]*(?:(?:if|elif|else|try|except)\b[^\n:]*:[ \t]*)?([A-Za-z_]\w*)[ \t]*(?:[-+%,:|]|=(?!=))", re.M
)
_PRINT = re.compile(r"(?:print|exec)\b[ \t]*(?![ \t]*[=.])")
_OLD_NUMBER = re.compile(r"(?<![\w.])0+([1-7][0-7]*)\b|(?<![\w.])(\d+)[lL]\b")
_OLD_STRING = re.compile(r"\b[uU][rR](?=['\"])")
_EXCEPT = re.compile(r"except\b[^:]*")


@dataclass(slots=True)
class _Line:
    """A logical line: one or more lines of the file."""

    text: str
    line: int
    indent: int


@dataclass(slots=True)
class TolerantReader:
    """Reads statements one by one, and notes those that it cannot read."""

    unread: list[tuple[int, str]] = field(default_factory=list)

    def statements(self, text: str, line: int) -> list[ast.stmt]:
        """Read one chunk that begins on `line`."""
        whole = parse(text) if is_bounded(text) else None
        if whole is not None:
            return _moved(whole, line - 1)
        lines = list(_logical_lines(text, line))
        body: list[ast.stmt] = []
        position = 0
        while position < len(lines):
            position = self._block(lines, position, len(lines), 0, body)
        return body

    def _block(self, lines: Sequence[_Line], start: int, end: int, level: int, body: list[ast.stmt]) -> int:
        """Read the lines from `start` that are indented as it is into `body`; return where the block ends."""
        indent = lines[start].indent
        position = start
        while position < end and lines[position].indent >= indent:
            line = lines[position]
            nested = position + 1
            while nested < end and lines[nested].indent > line.indent:
                nested += 1
            if level < MAX_INDENTS and SCOPE.match(line.text):
                body.extend(self._scope(lines, position, nested, level))
            elif level < MAX_INDENTS and OPENER.match(line.text):
                self._compound(lines, position, nested, level, body)
            elif nested > position + 1:
                self._give_up(line)
            else:
                body.extend(self._leaf(line.text, line.line))
            position = nested
        return position

    def _scope(self, lines: Sequence[_Line], position: int, nested: int, level: int) -> list[ast.stmt]:
        """Read a class for its attributes; of a function only the name counts."""
        line = lines[position]
        match = SCOPE.match(line.text)
        name = match.group(1) if match else UNREADABLE
        if line.text.startswith("class") and nested > position + 1 and name.isidentifier():
            body: list[ast.stmt] = []
            self._block(lines, position + 1, nested, level + 1, body)
            made = parse(f"class {name}: pass")
            if made and isinstance(made[0], ast.ClassDef):
                made[0].body = body or made[0].body
                return _moved(made, line.line - 1)
        made = parse(f"{name} = {UNREADABLE}")
        return _moved(made, line.line - 1) if made else []

    def _compound(
        self, lines: Sequence[_Line], position: int, nested: int, level: int, body: list[ast.stmt]
    ) -> None:
        """Read `if`, `try` and their like, or add a clause to the one that ends `body`."""
        line = lines[position]
        header, inline = _split_header(line.text)
        if not is_bounded(header):
            self._give_up(line)
            return
        inner = self._leaf(inline, line.line) if inline else []
        if nested > position + 1:
            self._block(lines, position + 1, nested, level + 1, inner)
        word = NAME.match(header)
        clause = word.group() if word else ""
        before = body[-1] if body else None
        if clause in ("elif", "else", "except", "finally", "case"):
            if not self._add_clause(before, clause, header, inner, line.line):
                self._give_up(line)
            return
        made = parse(f"{header}:\n pass" + ("\nfinally: pass" if clause == "try" else ""))
        made = made or parse(f"{_modern(header)}:\n pass")
        if made is None or not hasattr(made[0], "body"):
            # A loop or a context whose head is unreadable: what is in it may or may not run.
            made = parse(f"if {UNREADABLE}: pass")
        if made and isinstance(made[0], ast.If | ast.For | ast.While | ast.With | ast.Try):
            _moved(made, line.line - 1)
            made[0].body = inner
            if isinstance(made[0], ast.Try):
                made[0].finalbody = []
            body.append(made[0])
        else:
            self._give_up(line)

    def _add_clause(
        self, before: ast.stmt | None, clause: str, header: str, inner: list[ast.stmt], line: int
    ) -> bool:
        if clause == "except" and isinstance(before, ast.Try):
            old = _EXCEPT.match(header)
            made = (
                parse(f"try: pass\n{header}: pass")
                or parse(f"try: pass\n{old.group().split(',')[0] if old else 'except'}: pass")
                or parse("try: pass\nexcept Exception: pass")
            )
            if made and isinstance(made[0], ast.Try):
                _moved(made, line - 2)
                made[0].handlers[0].body = inner
                before.handlers.append(made[0].handlers[0])
                return True
        if clause == "finally" and isinstance(before, ast.Try):
            before.finalbody = inner
            return True
        last: ast.stmt | None = before
        hops = 0
        while isinstance(last, ast.If) and len(last.orelse) == 1 and _is_elif(last.orelse[0]):
            last = last.orelse[0]
            hops += 1
        if hops >= MAX_WORDS["elif"]:
            return False
        if clause == "elif" and isinstance(last, ast.If):
            made = parse(f"if {header[4:]}: pass") or parse(f"if {UNREADABLE}: pass")
            if made and isinstance(made[0], ast.If):
                _moved(made, line - 1)
                made[0].body = inner
                made[0]._is_elif = True  # type: ignore[attr-defined]
                last.orelse = [made[0]]
                return True
        if clause == "else" and isinstance(last, ast.If | ast.Try | ast.For | ast.While):
            last.orelse = inner
            return True
        return False

    def _leaf(self, text: str, line: int) -> list[ast.stmt]:
        """Read a line without a block, by its semicolons and with Python 2's spellings mended if need be."""
        bounded = is_bounded(text)
        whole = parse(text) if bounded else None
        if whole is not None:
            return _moved(whole, line - 1)
        parts = _split(text) if bounded else [text]
        body: list[ast.stmt] = []
        for part in parts:
            mended = parse(part) if len(parts) > 1 else None
            if mended is None and bounded:
                mended = parse(_modern(part))
            if mended is not None:
                body.extend(_moved(mended, line - 1))
            elif not _PRINT.match(part):
                self._give_up(_Line(part, line, 0))
                bound = _BOUND.match(part)
                unknown = parse(f"{bound.group(1)} = {UNREADABLE}") if bound else None
                body.extend(_moved(unknown, line - 1) if unknown else [])
        return body

    def _give_up(self, line: _Line) -> None:
        self.unread.append((line.line, line.text))


def _is_elif(statement: ast.stmt) -> bool:
    return getattr(statement, "_is_elif", False)


def _moved(body: list[ast.stmt], lines: int) -> list[ast.stmt]:
    if lines:
        for statement in body:
            ast.increment_lineno(statement, lines)
    return body


def _logical_lines(text: str, line: int) -> Iterator[_Line]:
    """Yield the logical lines that hold code. Tabs reach to the next multiple of eight, as in Python 2."""
    parts: list[str] = []
    depth, first = 0, line
    for match in _LINE.finditer(text):
        piece = match.group()
        if piece != "\n":
            if depth > 0 and NEVER_IN_BRACKETS.match(piece):
                yield from _logical_line("".join(parts), first)
                parts, depth, first = [], 0, line
            if not parts:
                first = line
            parts.append(piece)
            code = code_of(piece)
            depth = max(0, depth + sum(code.count(a) - code.count(b) for a, b in BRACKETS))
            line += piece.count("\n")
            continue
        line += 1
        if depth > 0:
            parts.append(piece)
        elif parts:
            yield from _logical_line("".join(parts), first)
            parts = []
    if parts:
        yield from _logical_line("".join(parts), first)


def _logical_line(text: str, line: int) -> Iterator[_Line]:
    bare = text.lstrip(" \t")
    if bare and not bare.startswith("#"):
        indent = len(text[: len(text) - len(bare)].expandtabs(8))
        yield _Line(bare.replace("\0", " "), line, indent)


def _split_header(text: str) -> tuple[str, str]:
    """Split `if x: y` into `if x` and `y`, at the colon outside of brackets, strings and lambdas."""
    depth = lambdas = 0
    for match in _COLON.finditer(text):
        if bracket := match.group("bracket"):
            depth += 1 if bracket in "([{" else -1
        elif match.group("lambda") and depth <= 0:
            lambdas += 1
        elif match.group("colon") and depth <= 0:
            if not lambdas:
                inline = text[match.end() :].strip()
                return text[: match.start()].rstrip(), "" if inline.startswith("#") else inline
            lambdas -= 1
    return text.rstrip(), ""


def _split(text: str) -> list[str]:
    parts, start, depth = [], 0, 0
    for match in _SEMICOLON.finditer(text):
        if bracket := match.group("bracket"):
            depth += 1 if bracket in "([{" else -1
        elif match.group("semicolon") and depth <= 0:
            parts.append(text[start : match.start()].strip())
            start = match.end()
    parts.append(text[start:].strip())
    return [part for part in parts if part]


def _modern(text: str) -> str:
    """Return `text` with the spellings that only Python 2 knows replaced, outside of strings."""
    text = _OLD_STRING.sub("r", text)
    parts, start = [], 0
    for match in _COMMENT.finditer(text):
        parts += [_modern_code(text[start : match.start()]), match.group()]
        start = match.end()
    return "".join([*parts, _modern_code(text[start:])])


def _modern_code(code: str) -> str:
    code = code.replace("<>", "!=").replace("`", "")
    return _OLD_NUMBER.sub(lambda m: f"0o{m.group(1)}" if m.group(1) else m.group(2), code)
