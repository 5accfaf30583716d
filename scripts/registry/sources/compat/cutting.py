"""Cut a file into the statements of its module level and choose those that count.

Parsing all of a file is slow and only module level decides, so the text is cut first: one regular expression
finds the lines that begin a statement in column 0, outside of strings; then brackets are counted where they
could matter. What does not speak of a wanted name, nor of a name that those speak of, is left out.
"""

import keyword
import re
from collections.abc import Iterable
from dataclasses import dataclass

from registry.sources.compat.lexing import (
    BRACKET,
    BRACKETS,
    NAME,
    NEVER_IN_BRACKETS,
    OPENER,
    SCOPE,
    STRING,
    STRING_OR_COMMENT,
    is_bounded,
)

MAX_KEPT = 128_000
"""Characters of module level that `ast` is given; about 25 ms."""
MAX_STATEMENTS = 2_000
"""Statements of module level that `ast` is given."""
MAX_CHUNKS = 200_000
"""Statements of module level that a file may have."""
MAX_CHASES = 20
"""Steps back from a name to the names that it is made of."""

_CHUNK = re.compile(r"""(?>(?:[^'"#\\\n]++|""" + STRING + r"""|\#[^\n]*+|\\[\s\S]?|\n(?=[ \t\n\#]|\Z))+)""")
_SCOPE_LETTERS = frozenset("adc")
_CLAUSE = re.compile(r"(?:else|elif|except|finally|case)\b(?![ \t]*=)")
_BINDS_ANYTHING = re.compile(r"\bimport[\s\\(]*\*|\b(?:globals|locals|vars)\b")


class TooMuch(Exception):
    """More module level than is looked at. `args[0]` says which bound."""


@dataclass(slots=True)
class Chunk:
    """One statement of module level with everything that is indented under it."""

    text: str
    line: int
    scope: str = ""
    """Name of the function or class that this is."""
    decorated: bool = False

    @property
    def readable(self) -> bool:
        """Whether `ast` may see it."""
        return is_bounded(self.text)


def chunks_of(text: str) -> list[Chunk]:
    """Return the statements of a file's module level. `text` is normalised. Raises TooMuch."""
    chunks: list[Chunk] = []
    start = depth = 0
    line = 1
    for match in _CHUNK.finditer(text):
        first, end = match.span()
        letter = text[first]
        # A closing bracket never begins a statement, and `else` never a statement of its own.
        joined = (
            letter in ")]}"
            or (depth > 0 and not NEVER_IN_BRACKETS.match(text, first))
            or (letter in "ecf" and _CLAUSE.match(text, first) and OPENER.match(text, start))
        )
        if not joined and first:
            _add_chunk(chunks, text[start:first], line)
            line += text.count("\n", start, first)
            start, depth = first, 0
        if BRACKET.search(text, first, end):
            depth = _depth_after(text, start, first, end, depth)
    _add_chunk(chunks, text[start:], line)
    return chunks


def _add_chunk(chunks: list[Chunk], text: str, line: int) -> None:
    if len(chunks) >= MAX_CHUNKS:
        raise TooMuch(f"more than {MAX_CHUNKS:,} statements")
    chunk = Chunk(text.rstrip("\n"), line)
    if text[:1] in _SCOPE_LETTERS and (scope := SCOPE.match(text)):
        chunk.scope = scope.group(1)
        chunk.decorated = bool(chunks) and chunks[-1].text.startswith("@")
    chunks.append(chunk)


def _depth_after(text: str, start: int, first: int, end: int, depth: int) -> int:
    """Return how many brackets the statement at `start` leaves open after its part text[first:end].

    Counting without strings and comments is the slow part, so it is done only where it could matter: brackets
    differ in number, or the last line of code ends so that an argument `name = value` could follow. Inside of
    a function or class only the latter could pass for module level.
    """
    part = text[first:end]
    if not _may_be_open(text, first, end):
        if text[start] in _SCOPE_LETTERS and SCOPE.match(text, start):
            return 0
        if _is_even(part):
            return depth
    code = STRING_OR_COMMENT.sub("", part)
    return max(0, depth + sum(code.count(a) - code.count(b) for a, b in BRACKETS))


def _is_even(text: str) -> bool:
    return (
        text.count("(") == text.count(")")
        and text.count("[") == text.count("]")
        and text.count("{") == text.count("}")
    )


def _may_be_open(text: str, start: int, end: int) -> bool:
    """Whether the last line of code may end inside brackets, where an argument could follow."""
    while end > start:
        last = text.rfind("\n", start, end)
        bare = text[max(last, start) : end].strip()
        if "#" in bare:
            # A line without a quote is in no string and holds none: what follows the sign is a comment.
            if '"' in bare or "'" in bare:
                return True
            bare = bare.partition("#")[0].rstrip()
        if bare:
            return bare[-1] in "(,[{"
        end = last
    return False


def choose(chunks: list[Chunk], seeds: frozenset[str], everything: bool) -> list[Chunk]:
    """Return the chunks on which `seeds` can depend, or all of module level; within the bounds."""
    plain = sum(len(chunk.text) for chunk in chunks if not chunk.scope)
    if everything and plain <= MAX_KEPT and len(chunks) <= MAX_STATEMENTS:
        kept = {index for index, chunk in enumerate(chunks) if not chunk.scope}
        if any(chunk.scope for chunk in chunks):
            _add_dependencies(chunks, kept, _names(chunks[index].text for index in kept), scopes_only=True)
    else:
        kept = {index for index, chunk in enumerate(chunks) if _concerns(chunk, seeds)}
        # What names the seeds themselves is there already.
        _add_dependencies(chunks, kept, _names(chunks[index].text for index in kept) - seeds)
    found = [chunks[index] for index in sorted(kept) if not chunks[index].text.startswith("@")]
    if len(found) > MAX_STATEMENTS:
        raise TooMuch(f"{len(found):,} statements, {MAX_STATEMENTS:,} are looked at")
    if (size := sum(len(chunk.text) for chunk in found)) > MAX_KEPT:
        raise TooMuch(f"{size:,} characters of statements, {MAX_KEPT:,} are looked at")
    return found


def _concerns(chunk: Chunk, seeds: frozenset[str]) -> bool:
    """Whether a chunk may bind one of `seeds`: it names it, or may bind any name at all."""
    if chunk.scope:
        return chunk.scope in seeds
    if any(seed in chunk.text for seed in seeds):
        return True
    return _BINDS_ANYTHING.search(chunk.text) is not None


def _add_dependencies(
    chunks: list[Chunk], kept: set[int], wanted: set[str], *, scopes_only: bool = False
) -> None:
    """Add to `kept` what speaks of a name that the kept ones speak of, and so on: more than what counts."""
    new = wanted
    for _ in range(MAX_CHASES):
        if not new:
            return
        found = []
        for index, chunk in enumerate(chunks):
            if index in kept:
                continue
            if chunk.scope:
                if chunk.scope in new and not chunk.decorated:
                    found.append(index)
            elif not scopes_only and not new.isdisjoint(NAME.findall(chunk.text)):
                found.append(index)
        kept.update(found)
        new = _names(chunks[index].text for index in found) - wanted
        wanted |= new


def _names(texts: Iterable[str]) -> set[str]:
    return {name for text in texts for name in NAME.findall(text)}.difference(keyword.kwlist)


def laid_out(chunks: list[Chunk]) -> str:
    """Return the chunks as one text in which each stands on its own line of the file."""
    parts, line = [], 1
    for chunk in chunks:
        parts.append("\n" * (chunk.line - line))
        parts.append(chunk.text + "\n")
        line = chunk.line + chunk.text.count("\n") + 1
    return "".join(parts)
