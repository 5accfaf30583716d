"""Suggested changes, each proven: offered only when with it the fault is gone and no other has come.

Pure but for `check`, which the caller brings to judge the file once more. Cures are cheap guesses
(`registry.review.suggestions.cures`); the proof makes them right.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from registry.registration.frontmatter import Document, FrontMatterError, parse
from registry.review.suggestions.cures import CURES, Case, Edit, Known
from registry.review.suggestions.hunks import hull, hunks, texts
from registry.text.problems import Problem

__all__ = ["Check", "Suggestion", "apply", "suggest"]

Check = Callable[[bytes], Sequence[Problem]]
"""Judges the file with other content, everything around it unchanged."""

MAX_PROOFS = 250
"""Judgements of one file."""
MAX_PROVEN_PROBLEMS = 20_000
"""Problems of all judgements of one file: one that finds a thousand takes as long as a hundred others."""
MAX_PROVEN_BYTES = 5_000_000
"""Of all judgements of one file: a file of a megabyte is judged as slowly as a hundred others."""
MAX_GUESSES = 8
MAX_FATAL = 12
"""Faults that hide all others, cured one after the other."""
MAX_LINES = 60
"""Lines that one suggestion may replace: a longer one helps nobody."""
LONGEST = 1_000
"""Characters of a line or value that is mended: cures look through them by patterns, some of which take the
square of the length, and a body has room for a line of a million."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """Other lines for some lines of a file, and what that cures."""

    path: str
    first_line: int
    """1-based, in the file as the pull request has it."""
    last_line: int
    old_lines: tuple[str, ...]
    new_lines: tuple[str, ...]
    """Without line ends; none: the lines go."""
    problems: tuple[Problem, ...]
    """What is gone with it, at least one."""
    hides: bool = False
    """Whether the fault hid others, which show only now."""


class _Spent(Exception):
    """The proofs of one file are used up."""


def suggest(
    raw: bytes, path: str, problems: Sequence[Problem], check: Check, known: Known
) -> tuple[Suggestion, ...]:
    """Return proven suggestions for a file's `problems`, by line; no two touch the same line."""
    bench = _Bench(check)
    if _document(raw) is None:
        return _readable(raw, path, problems, bench, known)
    current = raw
    allowed: set[str] = set()
    for problem in problems:
        try:
            found = _cure(current, problem, bench, known)
        except _Spent:
            break
        if found:
            current, more = found
            allowed |= more
    found_all = [*hunks(raw, current)]
    kept: list[Suggestion] = []
    try:
        for hunk in found_all:
            kept += _proven(raw, path, hunk, bench, allowed)
        return tuple(_together(raw, kept, bench, allowed))
    except _Spent:
        return ()


def apply(raw: bytes, edits: Iterable[Edit | Suggestion]) -> bytes:
    """Return the file with lines replaced; each new line ends as the one that it replaces."""
    lines = raw.split(b"\n")
    places = [
        (edit.first, edit.last, edit.lines)
        if isinstance(edit, Edit)
        else (edit.first_line, edit.last_line, edit.new_lines)
        for edit in edits
    ]
    for first, last, new in sorted(places, reverse=True):
        end = b"\r" if lines[first - 1].endswith(b"\r") else b""
        lines[first - 1 : last] = [line.encode(errors="surrogateescape") + end for line in new]
    return b"\n".join(lines)


@dataclass(slots=True)
class _Bench:
    """Judges, remembers, and counts."""

    check: Check
    left: int = MAX_PROOFS
    left_bytes: int = MAX_PROVEN_BYTES
    left_problems: int = MAX_PROVEN_PROBLEMS
    last: tuple[bytes, Sequence[Problem]] | None = None

    def judge(self, raw: bytes) -> Sequence[Problem]:
        if self.last and self.last[0] == raw:
            return self.last[1]
        if not self.left or self.left_bytes < len(raw) or self.left_problems <= 0:
            raise _Spent
        self.left -= 1
        self.left_bytes -= len(raw)
        problems = self.check(raw)
        self.left_problems -= len(problems)
        self.last = raw, problems
        return problems

    def gone(self, before: bytes, after: bytes, allowed: Iterable[str] = ()) -> list[Problem] | None:
        """Return the problems that are gone, None when another has come."""
        first = self.judge(before)
        second = Counter(map(_identity, self.judge(after)))
        new = second - Counter(map(_identity, first))
        if any(identity[1] not in allowed for identity in new):
            return None
        gone = []
        for problem in first:
            if second[_identity(problem)]:
                second[_identity(problem)] -= 1
            else:
                gone.append(problem)
        return gone


def _identity(problem: Problem) -> tuple[str, str, str]:
    """Return what stays the same when lines and list entries around a fault come and go."""
    return (re.sub(r"\[\d+\]", "[]", problem.key), problem.code, problem.message)


def _cure(raw: bytes, problem: Problem, bench: _Bench, known: Known) -> tuple[bytes, frozenset[str]] | None:
    """Return the file without this fault, and what is allowed to come in its place."""
    wanted = _identity(problem)
    same = [found for found in bench.judge(raw) if _identity(found) == wanted]
    if not same:
        return None
    now = min(same, key=lambda found: abs(found.line - problem.line))
    for edit in _edits(raw, now, known):
        cured = apply(raw, [edit])
        gone = bench.gone(raw, cured, edit.allows)
        if gone and any(_identity(found) == wanted for found in gone):
            return cured, edit.allows
    return None


def _edits(raw: bytes, problem: Problem, known: Known) -> Iterator[Edit]:
    lines = tuple(line.removesuffix("\r") for line in raw.decode(errors="surrogateescape").split("\n"))
    if not 1 <= problem.line <= len(lines) or problem.code not in CURES:
        return
    document = _document(raw)
    case = Case(lines=lines, problem=problem, known=known, data=document.data if document else {})
    if len(case.line) > LONGEST or len(case.text) > LONGEST:
        return
    for edit in islice(CURES[problem.code](case), MAX_GUESSES):
        fits = 1 <= edit.first <= edit.last <= len(lines) and edit.last - edit.first < MAX_LINES
        if fits and lines[edit.first - 1 : edit.last] != edit.lines:
            yield edit


def _readable(
    raw: bytes, path: str, problems: Sequence[Problem], bench: _Bench, known: Known
) -> tuple[Suggestion, ...]:
    """Return the one suggestion that lets a file be read: its first fault hides all others."""
    current = raw
    try:
        for _ in range(MAX_FATAL):
            problem = next((found for found in bench.judge(current) if found.code in CURES), None)
            step = _step(current, problem, bench, known) if problem else None
            if step is None:
                return ()
            current = step
            if _document(current) is not None:
                break
        else:
            return ()
        now = {_identity(found) for found in bench.judge(current)}
    except _Spent:
        return ()
    first, last, new = hull(raw, current)
    if last - first >= MAX_LINES:
        return ()
    cured = tuple(found for found in problems if _identity(found) not in now)
    return (_suggestion(raw, path, Edit(first, last, new), cured, hides=True),) if cured else ()


def _step(raw: bytes, problem: Problem, bench: _Bench, known: Known) -> bytes | None:
    """Return the file with its first fault cured: it can be read, or fails further down."""
    for edit in _edits(raw, problem, known):
        cured = apply(raw, [edit])
        if _document(cured) is not None:
            if _identity(problem) not in map(_identity, bench.judge(cured)):
                return cured
        elif (fault := _fault(cured)) and fault.line > problem.line:
            return cured
    return None


def _proven(raw: bytes, path: str, edit: Edit, bench: _Bench, allowed: set[str]) -> list[Suggestion]:
    """Return the edit as one suggestion, or line by line where each line stands the proof alone."""
    count = edit.last - edit.first + 1
    if count > 1 and count == len(edit.lines):
        each = []
        for number, line in enumerate(edit.lines, edit.first):
            single = Edit(number, number, (line,))
            gone = bench.gone(raw, apply(raw, [single]), allowed)
            if not gone:
                break
            each.append(_suggestion(raw, path, single, tuple(gone)))
        else:
            return each
    gone = bench.gone(raw, apply(raw, [edit]), allowed) if count <= MAX_LINES else None
    return [_suggestion(raw, path, edit, tuple(gone))] if gone else []


def _together(
    raw: bytes, found: Sequence[Suggestion], bench: _Bench, allowed: set[str]
) -> Iterator[Suggestion]:
    """Yield those that hold together as well, in case all of them are taken."""
    kept: list[Suggestion] = []
    for suggestion in found:
        if bench.gone(raw, apply(raw, [*kept, suggestion]), allowed) is not None:
            kept.append(suggestion)
            yield suggestion


def _suggestion(
    raw: bytes, path: str, edit: Edit, problems: tuple[Problem, ...], *, hides: bool = False
) -> Suggestion:
    return Suggestion(
        path=path,
        first_line=edit.first,
        last_line=edit.last,
        old_lines=texts(raw.split(b"\n")[edit.first - 1 : edit.last]),
        new_lines=edit.lines,
        problems=problems,
        hides=hides,
    )


def _document(raw: bytes) -> Document | None:
    try:
        return parse(raw, "", patient=True)
    except FrontMatterError:
        return None


def _fault(raw: bytes) -> FrontMatterError | None:
    try:
        parse(raw, "", patient=True)
    except FrontMatterError as error:
        return error
    return None
