"""PEP 440 versions and specifiers, as yes or no; asked for again and again, so the answers are kept."""

from functools import lru_cache

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version


@lru_cache(maxsize=4096)
def is_specifier(text: str) -> bool:
    """Tell whether `packaging` reads `text` as a set of specifiers; it takes the empty text for "any"."""
    try:
        SpecifierSet(text)
    except InvalidSpecifier:
        return False
    return True


@lru_cache(maxsize=4096)
def is_version(text: str) -> bool:
    """Tell whether `text` is one version."""
    try:
        Version(text)
    except InvalidVersion:
        return False
    return True
