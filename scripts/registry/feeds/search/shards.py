"""The search's files: sorted words and where they stand, cut into shards of a few kB. Pure functions.

A list of plugins is text: `0`-`7` opens the plugins that have the word in that place (search/texts.py), then
come their numbers, rising, each as the distance from the one before. A distance is written in the characters
of `DIGITS`: 56 that end a number, 28 that do not. It is text since hosts compress JSON, but not what they do
not know.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

LAST, MORE = 56, 28
DIGITS = "".join(chr(code) for code in range(33, 127) if chr(code) not in '"\\01234567')
SHARD_CHARACTERS = 14_000
"""At which a shard is closed; compressed it is about half of that."""
TYPO_CHARACTERS = 12_000
SHORTEST_TYPO = 3
ANY = "*"
"""Ends a word that stands for all that begin so, where there are too many to read: `s*`, `sp*`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shard:
    """Words of one stretch of the alphabet, and a text for each."""

    first: str
    """Not after any key of its own, and after all keys of the shard before."""
    words: tuple[str, ...]
    texts: tuple[str, ...]


def collate(text: str) -> bytes:
    """Return what text sorts by as JavaScript compares it: by units of UTF-16."""
    return text.encode("utf-16-be")


def encode(postings: Mapping[int, Sequence[int]]) -> str:
    """Return `{place: rising numbers of plugins}` as text."""
    pieces = []
    for place in sorted(postings):
        pieces.append(str(place))
        before = -1
        for number in postings[place]:
            distance, before = number - before - 1, number
            digits = DIGITS[distance % LAST]
            distance //= LAST
            while distance:
                distance -= 1
                digits = DIGITS[LAST + distance % MORE] + digits
                distance //= MORE
            pieces.append(digits)
    return "".join(pieces)


def word_shards(postings: Mapping[str, Mapping[int, Sequence[int]]]) -> list[Shard]:
    """Return the shards of all words, in the alphabet's order."""
    ordered = sorted(postings, key=collate)
    entries = [(word, word, encode(postings[word])) for word in ordered]
    return _cut(entries, SHARD_CHARACTERS)


def typo_shards(weights: Mapping[str, int], *, end: bool) -> list[Shard]:
    """Return the words that a misspelled one may have been meant for, by first letter and length.

    With `end` they are by last letter: for a word whose first one is wrong. `weights` are 0 to 9.
    """
    keyed = sorted((collate(typo_key(word, end=end)), collate(word), word) for word in weights)
    entries = [(typo_key(word, end=end), word, str(weights[word])) for _, _, word in keyed]
    return _cut(entries, TYPO_CHARACTERS)


def typo_key(word: str, *, end: bool) -> str:
    """Return the first or last letter of a word, and its length as one digit."""
    return word[-1 if end else 0] + "0123456789abcdefghijklmnopqrstuvwxyz"[min(len(word), 35)]


def _cut(entries: Iterable[tuple[str, str, str]], most: int) -> list[Shard]:
    """Cut (key, word, text), sorted by key, into shards; entries of one key stay together."""
    shards: list[Shard] = []
    batch: list[tuple[str, str]] = []
    first, before, size = "", "", 0
    for key, word, text in entries:
        length = len(word) + len(text) + 2
        if batch and size + length > most and key != before:
            shards.append(_shard(first, batch))
            first, batch, size = _boundary(before, key), [], 0
        batch.append((word, text))
        before = key
        size += length
    return [*shards, _shard(first, batch)]


def _shard(first: str, batch: Sequence[tuple[str, str]]) -> Shard:
    return Shard(first=first, words=tuple(word for word, _ in batch), texts=tuple(text for _, text in batch))


def _boundary(before: str, key: str) -> str:
    """Return the shortest beginning of `key` that still sorts after `before`."""
    for length in range(1, len(key)):
        if collate(key[:length]) > collate(before):
            return key[:length]
    return key
