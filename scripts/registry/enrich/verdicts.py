"""What is concluded of a plugin: whether it is maintained, and on which Pythons it runs. Pure functions.

List, statistics and history judge by these, so that they never say different things of one plugin.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from packaging.specifiers import SpecifierSet

from registry.registration.visible import line
from registry.text.pep440 import is_specifier

PYTHONS = ("2.7", *(f"3.{minor}" for minor in range(6, 16)))
"""The minor releases of Python that people may ask for, oldest first."""
ACTIVE = timedelta(days=365)
"""A plugin is maintained that has a commit or a release within this time."""
OLD_NEWS = timedelta(days=30)
"""Figures older than this may have missed a commit: they tell who is maintained, and not who is not."""

_NO = frozenset(("", "false", "no"))
_PATCHES = 41
"""No minor release has had more patches than `3.x.40`; a range may begin or end between two of them."""
_OLDEST_3 = ("3.0", "3.1", "3.2", "3.3", "3.4", "3.5")


def maintained(data: Mapping[str, Any], now: datetime) -> bool | None:
    """Tell whether the plugin of the enriched front matter `data` is maintained; None: unknown.

    It is when its last commit or latest release is at most a year old, unless it is archived, gone or
    declared abandoned. Unknown is what neither is known of, and what was last looked at too long ago to say
    no. A push to any branch (`last_push_any_branch`) is no earlier than the last commit: it never says yes.
    """
    github = _mapping(data.get("github"))
    if github.get("archived") is True or github.get("gone_since") or is_stated(data.get("abandoned")):
        return False
    released, pushed = utc_moment(github.get("latest_release_date")), utc_moment(github.get("last_push"))
    if released and now - released <= ACTIVE:
        return True
    if pushed and now - pushed <= ACTIVE:
        return None if github.get("last_push_any_branch") is True else True
    if not (released or pushed):
        return None
    seen = utc_moment(_mapping(_mapping(data.get("freshness")).get("github")).get("as_of"))
    return None if seen is None or now - seen > OLD_NEWS else False


def is_stated(value: object) -> bool:
    """Tell whether `disabled`, `abandoned` or `up_for_adoption` is stated: by true, an address or a reason.

    As `statement` of `_jekyll/read/values.rb` reads it.
    """
    return line(value).lower() not in _NO


@lru_cache(maxsize=8192)
def pythons(spec: str | None) -> tuple[str, ...]:
    """Return those of PYTHONS of which the PEP 440 specifier admits a release, oldest first.

    What is no specifier, or None, admits none.
    """
    return _admitted(spec, PYTHONS)


@lru_cache(maxsize=8192)
def runs_on_3(spec: str | None, default: str) -> bool | None:
    """Tell whether the range that an installation would see admits any Python 3.

    `spec` is the plugin's range, None where nobody said one; `default` is what the host then assumes. None:
    nobody said one that can be read, and the host takes it for a plugin of Python 2 alone.
    """
    if spec is None or not spec.strip() or not is_specifier(spec):
        return True if default and runs_on_3(default, "") else None
    return bool(_admitted(spec, (*reversed(PYTHONS[1:]), *_OLDEST_3), first=True))


def _admitted(spec: str | None, minors: tuple[str, ...], *, first: bool = False) -> tuple[str, ...]:
    if spec is None or not spec.strip() or not is_specifier(spec):
        return ()
    accepts = SpecifierSet(spec)
    found = []
    for minor in minors:
        if any(accepts.contains(f"{minor}.{patch}", prereleases=True) for patch in range(_PATCHES)):
            found.append(minor)
            if first:
                break
    return tuple(found)


def utc_moment(value: object) -> datetime | None:
    """Return the moment that enriched front matter tells (`YYYY-MM-DD HH:MM:SS +0000`), None: it is none."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip().replace(" +0000", "+00:00"))
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    try:
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    except OverflowError:
        return None


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
