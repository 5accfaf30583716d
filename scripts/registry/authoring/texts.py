"""Texts from outside made fit for one line of a registration: no mark-up, no control characters, bounded."""

import html
import re

from registry.registration.values import first_invisible, has_control

MAX_READ = 4_000
"""Characters of a text that are looked at."""

_BADGE = re.compile(r"\[!\[[^\[\]]{0,300}\]\([^()\s]{0,1000}\)\]\([^()\s]{0,1000}\)")
_IMAGE = re.compile(r"!\[[^\[\]]{0,300}\](?:\([^()]{0,1000}\)|\[[^\[\]]{0,100}\])")
_LINK = re.compile(
    r"\[([^\[\]]{1,300})\](?:\([^()]{0,1000}(?:\([^()]{0,200}\)[^()]{0,200})?\)|\[[^\[\]]{0,100}\])"
)
_TAG = re.compile(r"<(?:[A-Za-z/!?])[^<>]{0,1000}>")
_EMPHASIS = re.compile(r"(?<!\w)(\*\*|__|[*_`])(?=\S)([^*_`\n]{1,300})(?<=\S)\1(?!\w)")


def plain_line(text: str, longest: int) -> str:
    """Return the words of a text on one line, cut at a word to at most `longest` characters."""
    text = text[:MAX_READ]
    for pattern in (_BADGE, _IMAGE):
        text = pattern.sub(" ", text)
    text = _LINK.sub(r"\1", text)
    # Unescaping may bring a tag to light: once more, as often as anybody may write it in good faith.
    for _ in range(3):
        text = html.unescape(_TAG.sub(" ", text))
    text = _EMPHASIS.sub(r"\2", _TAG.sub(" ", text))
    text = " ".join(visible(text).split())
    if len(text) <= longest:
        return text
    words = text[:longest].rsplit(" ", 1)[0][: longest - 1]
    return words.rstrip(" ,;:.-") + "…"


def visible(text: str) -> str:
    """Return the text without characters that nobody can see, line ends and tabs as they are."""
    return "".join(
        character
        for character in text.replace("\r\n", "\n").replace("\r", "\n")
        if character in "\n\t" or not (has_control(character) or first_invisible(character))
    )


def humanised(name: str, prefixes: tuple[str, ...]) -> str:
    """Return a project's name as a title: `octoprint_bed-level` is `Bed Level`.

    What somebody wrote with spaces is left alone, but for the prefix.
    """
    bare = name.strip()
    for prefix in prefixes:
        stem = prefix.rstrip("_- ")
        if stem and (match := re.match(rf"{re.escape(stem)}[-_ .]+(?=\S)", bare, re.IGNORECASE)):
            bare = bare[match.end() :]
            break
    if " " in name.strip():
        return bare
    words = re.split(r"[-_.]+", bare)
    if len(words) == 1:
        words = re.sub(r"(?<=[a-z0-9])(?=[A-Z][a-z])", " ", bare).split(" ")
    return " ".join(word[:1].upper() + word[1:] if word.islower() else word for word in words if word)


_PEOPLE = re.compile(r"\s*(?:,(?=\s)|;|\s&\s|\s(?:and|und|et)\s)\s*")
_ONE_AFTER_ALL = re.compile(r"inc|llc|ltd|gmbh|ag|corp|co|jr|sr|ph\.?d|s\.?r\.?o|b\.?v", re.IGNORECASE)


def people(text: str) -> list[str]:
    """Return the names in a text such as `Ada, Bob & Cleo`; `Widgets, Inc.` is one."""
    names: list[str] = []
    for part in _PEOPLE.split(text):
        name = part.strip()
        if names and _ONE_AFTER_ALL.fullmatch(name.rstrip(".")):
            names[-1] += f", {name}"
        elif name:
            names.append(name)
    return names
