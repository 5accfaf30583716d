"""What the search for a flag ends with, and the check that a flag's value has to pass."""

import re
from dataclasses import dataclass

from packaging.specifiers import InvalidSpecifier, SpecifierSet

MAX_SPECIFIER = 100
"""Characters. The longest specifier in use has fewer than thirty."""

_SANE = re.compile(r"[A-Za-z0-9.,<>=!~*+_ -]*")
_NAMEABLE = re.compile(r"(?:[0-9.,=!~*+ xX-]|[<>](?=[=0-9 ]|\Z))*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A flag that the host would read, and where it stands."""

    python: str
    """A valid PEP 440 specifier set, as written."""
    rule: str
    """How it was found; the vocabulary is in the package's docstring."""
    path: str
    """File that holds the live assignment, from the repository's root."""
    line: int
    """1-based line on which the live assignment begins."""
    module: str = ""
    """Dotted name of the plugin's module, as far as known."""
    entry_point: str = ""
    """The plugin's id as the packaging files tell it; empty where the module was found by looking."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoFlag:
    """Why there is no flag. A `problem` is to be told to people; otherwise the flag is simply absent."""

    reason: str
    path: str = ""
    line: int = 0
    problem: bool = False


Outcome = Evidence | NoFlag


def check_specifier(value: str) -> str | None:
    """Return what is wrong with `value` as a specifier set, as the end of a sentence, or None.

    The words are safe to print anywhere: no character of a hostile value is repeated.
    """
    if len(value) > MAX_SPECIFIER:
        return f"is no specifier: it has {len(value)} characters, {MAX_SPECIFIER} are allowed"
    if _SANE.fullmatch(value):
        try:
            SpecifierSet(value)
        except InvalidSpecifier:
            pass
        else:
            return None
    return f"is no valid specifier: {_named(value)}; write e.g. '>=3.7,<4'"


def _named(value: str) -> str:
    shown = _NAMEABLE.match(value)
    text = shown.group() if shown else ""
    if text == value:
        return f"'{text}'"
    odd = f"U+{ord(value[len(text)]):04X}"
    return f"'{text}' and then {odd}" if text else f"it begins with {odd}"
