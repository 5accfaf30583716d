"""The licence: what is registered, against what GitHub recognises in the source. Pure."""

import re
from collections.abc import Iterator

from registry.review.inspection.comparison import Advice, Both, capital
from registry.review.suggestions.guesses import yaml_text
from registry.text.github_markdown import code

_FAMILIES = (
    ("agpl", r"affero|agpl"),
    ("lgpl", r"lesser|library general|lgpl"),
    ("gpl", r"\bgnu\b|gpl"),
    ("apache", r"apache"),
    ("mpl", r"mozilla|mpl"),
    ("mit", r"\bmit\b|expat"),
    ("bsd", r"bsd"),
    ("unlicense", r"unlicen[cs]e"),
    ("cc0", r"cc0"),
    ("isc", r"\bisc\b"),
    ("wtfpl", r"wtfpl|what the f"),
)


def same_licence(one: str, other: str) -> bool:
    """Tell whether two names mean the same licence; where one names no version, the family decides."""
    first, second = _licence_of(one), _licence_of(other)
    return first[0] == second[0] and (first[1] == second[1] or "" in (first[1], second[1]))


def _licence_of(name: str) -> tuple[str, str]:
    text = name[:200].lower()
    family = next((key for key, pattern in _FAMILIES if re.search(pattern, text)), "")
    if not family:
        return re.sub(r"[^a-z0-9]|licen[cs]e", "", text), ""
    number = re.search(r"(?<![a-z0-9])v?(\d+(?:\.\d+)?)|(?<=[a-z])v?(\d(?:\.\d)?)", text.replace("cc0", ""))
    version = (number[1] or number[2]) if number else ""
    return family, version.removesuffix(".0")


def licence_advice(both: Both) -> Iterator[Advice]:
    """Yield what is to be done where the registered licence is not the one that GitHub recognises."""
    registered, found = both.registration.data.get("license"), both.source.facts.get("license")
    if not isinstance(registered, str) or not registered.strip():
        return
    if not found:
        yield Advice(
            title="No licence recognised",
            text=f"{capital(both.line('license'))} says {code(registered)}, but GitHub recognises no "
            f"licence in {code(both.name)}. If there is none, add a file `LICENSE` with the text of "
            f"{code(registered)} to the repository.",
        )
    elif not same_licence(registered, str(found)):
        where = both.line("license")
        yield Advice(
            title="The licence",
            text=f"{capital(where)} says {code(registered)}, but GitHub recognises {code(str(found))} in "
            f"{code(both.name)}. If the repository is right, change {where} to "
            f"{code('license: ' + yaml_text(str(found)))}. If the registration is right, replace the "
            f"`LICENSE` of the repository by the text of {code(registered)}.",
        )
