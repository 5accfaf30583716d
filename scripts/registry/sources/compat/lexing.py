"""The lexical side of Python source: strings, comments, brackets, and what `ast` may safely be given.

All patterns are possessive or without nested repetition, so each takes time in proportion to the text.
"""

import ast
import re

MAX_STATEMENT = 32_000
MAX_BRACKETS = 40
MAX_INDENTS = 40
MAX_CHAIN = 1_500
"""Characters of one expression, strings aside, from comma to comma: bounds operators, attributes, calls."""
MAX_WORDS = {"lambda": 40, "elif": 40, "else": 200, "for": 100, "not": 200, "await": 40}
"""Words that nest without a bracket."""
_TOO_SHORT_TO_NEST = 240
"""Characters in which, brackets aside, none of the bounds below can be passed."""

# `(?>…*)` and not `…*+`: CPython before 3.11.5 mismatches a possessive repeat whose inside has choices
# (https://github.com/python/cpython/issues/106052), and Debian 12 has 3.11.2.
STRING = (
    r'(?:"""(?>(?:[^"\\]++|\\[\s\S]|"(?!""))*)(?:"""|\\?\Z)'
    r"|'''(?>(?:[^'\\]++|\\[\s\S]|'(?!''))*)(?:'''|\\?\Z)"
    r'|"(?>(?:[^"\\\n]++|\\[\s\S])*)"?'
    r"|'(?>(?:[^'\\\n]++|\\[\s\S])*)'?)"
)
STRING_OR_COMMENT = re.compile(STRING + r"|\#[^\n]*+")
_TOKEN = re.compile(r"(?P<f>\b[rR]?[fFtT][rR]?)?" + STRING + r"|\#[^\n]*+")
_FORM_FEED = re.compile(r"^[ \t\f]*\f", re.MULTILINE)
_OPENING = re.compile(r"[(\[{]")
BRACKET = re.compile(r"[()\[\]{}]")
_BLANK = re.compile(r"\\\n|[ \t]+")
_PIECE = re.compile(r"[()\[\]{},\n]|[^()\[\]{},\n]+")
_INDENT = re.compile(r"^[ \t]+(?=[^ \t\n#])", re.MULTILINE)
_WORDS = {word: re.compile(rf"\b{word}\b") for word in MAX_WORDS}
BRACKETS = (("(", ")"), ("[", "]"), ("{", "}"))
SCOPE = re.compile(r"(?:async[ \t]+def|def|class)[ \t]+(\w+)")
OPENER = re.compile(r"(?:if|for|while|try|with|match|async|elif|else|except|finally|case)\b")
NEVER_IN_BRACKETS = re.compile(r"(?:def|class|import|from|with|try|return|while|@)(?:[ \t]+\w|:)")
NAME = re.compile(r"[A-Za-z_]\w*")


def normalise(text: str) -> str:
    """Return `text` with the lines that Python sees: no BOM, one kind of line end, no form feeds."""
    text = text.removeprefix("\ufeff")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\f" in text:
        text = _FORM_FEED.sub("", text).replace("\f", " ")
    return text


def code_of(text: str) -> str:
    """Return `text` with strings emptied and comments gone; f-strings stay, for they hold code."""
    return _TOKEN.sub(
        lambda m: m.group() if m.group("f") else "" if m.group().startswith("#") else '""', text
    )


def is_bounded(text: str) -> bool:
    """Whether `ast` may be given `text`: its size, nesting and chains cannot exhaust the C stack."""
    if len(text) > MAX_STATEMENT or "\0" in text:
        return False
    if len(text) <= _TOO_SHORT_TO_NEST and len(_OPENING.findall(text)) <= MAX_BRACKETS:
        return True
    code = code_of(text)
    if any(word in code and len(_WORDS[word].findall(code)) > most for word, most in MAX_WORDS.items()):
        return False
    return len(set(_INDENT.findall(code))) <= MAX_INDENTS and not _is_deep(code)


def _is_deep(code: str) -> bool:
    """Whether brackets or chains nest too deep.

    A chain is what stands on the way from the outermost bracket inwards, without what a comma has ended:
    however an expression is made, it is no deeper than that has characters.
    """
    lengths, total = [0], 0
    for piece in _PIECE.findall(_BLANK.sub("", code)):
        if piece in "([{":
            lengths[-1] += 1
            lengths.append(0)
            total += 1
        elif piece in ")]}":
            if len(lengths) > 1:
                total -= lengths.pop()
        elif piece == "," or (piece == "\n" and len(lengths) == 1):
            total -= lengths[-1]
            lengths[-1] = 0
        else:
            lengths[-1] += len(piece)
            total += len(piece)
        if total > MAX_CHAIN or len(lengths) > MAX_BRACKETS:
            return True
    return False


def parse(text: str) -> list[ast.stmt] | None:
    """Return the statements of `text`, None where `ast` refuses. Only for text that is bounded."""
    try:
        return ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError):
        return None
