"""Words as the search compares them: without case, accents and joints. Pure functions.

`assets/js/engine.js` folds what readers type by the same rules; `tests/vectors/search_folding.json` holds
both to them. What Unicode calls a letter grows from year to year; a script younger than either is not found.
"""

import re
import unicodedata
from collections.abc import Iterator

LONGEST = 40
"""Characters of a word that count; the rest of a longer one is cut off on both sides."""

_ODD = {
    "ß": "ss",
    "æ": "ae",
    "œ": "oe",
    "ø": "o",
    "đ": "d",
    "ð": "d",
    "ł": "l",
    "þ": "th",
    "ı": "i",
    "ς": "σ",
}
"""Letters that Unicode does not take apart, as people without them on their keyboard write them."""

_DENSE = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3041-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\U00020000-\U0003ffff"
)
"""Scripts that put no space between words: Thai to Khmer, kana, Han."""
_RUN = re.compile(f"[{_DENSE}]+|[^ {_DENSE}]+")
_IS_DENSE = re.compile(f"[{_DENSE}]")
_ASCII_RUN = re.compile("[a-z0-9]+")
_JOINT = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


class _Folding(dict[int, str]):
    """A table for str.translate that is filled as letters turn up."""

    def __missing__(self, code: int) -> str:
        lower = unicodedata.normalize("NFKD", chr(code)).lower()
        folded = "".join(map(_fold_part, unicodedata.normalize("NFKD", lower)))
        self[code] = folded
        return folded


def _fold_part(char: str) -> str:
    category = unicodedata.category(char)
    if category[0] in "LN" or category == "Mc":
        return _ODD.get(char, char)
    # Accents, and characters without width (a soft hyphen, an override of direction), end no word.
    return "" if category in ("Mn", "Me", "Cf") else " "


_FOLDING = _Folding()


def fold(text: str) -> str:
    """Return text in lower case, without accents; whatever is neither letter nor digit is a space."""
    return text.translate(_FOLDING)


def words(text: str) -> list[str]:
    """Return the words to be found, in order, repeated as in the text.

    A script without spaces gives each two characters that stand side by side, and the last one alone.
    """
    if text.isascii():
        return [word[:LONGEST] for word in _ASCII_RUN.findall(text.lower())]
    return list(_words(fold(text)))


def _words(folded: str) -> Iterator[str]:
    for run in _RUN.findall(folded):
        if _IS_DENSE.match(run):
            yield from (run[index : index + 2] for index in range(len(run)))
        else:
            yield run[:LONGEST]


def is_dense(word: str) -> bool:
    """Tell whether a word is a piece of a script without spaces."""
    return _IS_DENSE.match(word) is not None


def parts(text: str) -> list[str]:
    """Return the words within words that capitals show: SpoolManager holds spool and manager."""
    return words(_JOINT.sub(" ", text))


def joined(sequence: list[str]) -> Iterator[str]:
    """Yield each two neighbours as one word, and all as one: for who writes Octo Lapse as octolapse."""
    plain = [word for word in sequence if not is_dense(word)]
    for index in range(len(plain) - 1):
        yield (plain[index] + plain[index + 1])[:LONGEST]
    if len(plain) > 2:
        yield "".join(plain)[:LONGEST]
