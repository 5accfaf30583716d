"""Where two states of a file differ, by lines. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher

from registry.review.suggestions.edits import Edit

MAX_COMPARED = 1_000
"""Lines between the first and the last cure of a file: comparing them takes the square of their number."""


def hunks(before: bytes, after: bytes) -> Iterator[Edit]:
    """Yield what differs, as edits; what is only put in takes the line after it along."""
    old, new = before.split(b"\n"), after.split(b"\n")
    start, end = _shared(old, new)
    one, other = old[start : len(old) - end], new[start : len(new) - end]
    if len(one) > MAX_COMPARED or len(other) > MAX_COMPARED:
        return
    for kind, *places in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        i1, i2, j1, j2 = (start + place for place in places)
        before_it = i1 == i2 == len(old)
        after_it = i1 == i2 and not before_it
        yield Edit(i1 + 1 - before_it, i2 + after_it, texts(new[j1 - before_it : j2 + after_it]))


def hull(before: bytes, after: bytes) -> tuple[int, int, tuple[str, ...]]:
    """Return the one range of lines (first, last) that differs, and its new lines."""
    old, new = before.split(b"\n"), after.split(b"\n")
    start, end = _shared(old, new)
    if len(old) - end == start:  # only put in: take a line along
        start, end = (start, end - 1) if end else (start - 1, end)
    return start + 1, len(old) - end, texts(new[start : len(new) - end])


def _shared(old: Sequence[bytes], new: Sequence[bytes]) -> tuple[int, int]:
    """Return how many lines are the same at the beginning and at the end."""
    start = end = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    return start, end


def texts(lines: Iterable[bytes]) -> tuple[str, ...]:
    """Return lines as text, without their ends."""
    return tuple(line.removesuffix(b"\r").decode(errors="surrogateescape") for line in lines)
