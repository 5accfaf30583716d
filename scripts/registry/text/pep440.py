"""PEP 440 versions and specifiers, as yes or no; asked for again and again, so the answers are kept."""

from functools import lru_cache

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

LONGEST = 500
"""Characters of a version or a set of specifiers. Python reads no number of more than 4,300 digits."""


@lru_cache(maxsize=4096)
def is_specifier(text: str) -> bool:
    """Tell whether `packaging` reads `text` as a set of specifiers; it takes the empty text for "any"."""
    if len(text) > LONGEST:
        return False
    try:
        SpecifierSet(text)
    except InvalidSpecifier:
        return False
    return True


@lru_cache(maxsize=4096)
def is_version(text: str) -> bool:
    """Tell whether `text` is one version."""
    if len(text) > LONGEST:
        return False
    try:
        Version(text)
    except InvalidVersion:
        return False
    return True
