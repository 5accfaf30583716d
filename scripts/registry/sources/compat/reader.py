"""From the text of a Python file to the statements of its module level, whatever state the file is in.

`ast` reads what it can, `tolerant` the rest. `ast` only ever sees statements whose size, nesting and chains
are bounded, because its C code recurses.
"""

import ast
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

from registry.sources.compat.cutting import TooMuch, choose, chunks_of, laid_out
from registry.sources.compat.lexing import parse
from registry.sources.compat.tolerant import TolerantReader

MAX_TEXT = 1_000_000
"""Characters of a file that are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The statements of module level, in order."""

    body: Sequence[ast.stmt]
    tolerant: bool
    """`ast` refused the module level as a whole."""
    unread: tuple[tuple[int, str], ...]
    """(line, text) of statements that nobody could read."""


def read(text: str, seeds: frozenset[str], *, everything: bool) -> Source:
    """Return the statements of a file's module level, or those on which the names `seeds` may depend.

    `text` is normalised. Raises TooMuch.
    """
    if len(text) > MAX_TEXT:
        raise TooMuch(f"{len(text):,} characters, {MAX_TEXT:,} are looked at")
    kept = choose(chunks_of(text), seeds, everything)
    reader = TolerantReader()
    with warnings.catch_warnings():
        # An invalid escape in somebody's string is no concern of ours.
        warnings.simplefilter("ignore")
        if all(chunk.readable for chunk in kept):
            whole = parse(laid_out(kept))
            if whole is not None:
                return Source(body=whole, tolerant=False, unread=())
        body = [statement for chunk in kept for statement in reader.statements(chunk.text, chunk.line)]
    return Source(body=body, tolerant=True, unread=tuple(reader.unread))
