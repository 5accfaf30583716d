"""Why an installation would choke on an entry of the plugin list: one small rule for each way.

Read and tried on OctoPrint 1.11.8 (pluginmanager: `map_repository_entry`, `pluginmanager.js` and its
template). One entry that breaks a rule takes the whole list away from every installation for a day, so an
entry is published only when `faults` finds none. Pure functions.
"""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from registry.registration.model import is_slug
from registry.text import pep440

Entry = Mapping[str, Any]
Rule = Callable[[Entry], str | None]

_RELEASE = r"v?([0-9]+!)?[0-9]+(\.[0-9]+)*"
_SUFFIX = (
    r"([-_.]?(alpha|beta|preview|pre|a|b|c|rc)[-_.]?[0-9]*)?(-[0-9]+|[-_.]?(post|rev|r)[-_.]?[0-9]*)?"
    r"([-_.]?dev[-_.]?[0-9]*)?"
)
_LOCAL = r"(\+[a-z0-9]+([-_.][a-z0-9]+)*)?"
_VERSION = _RELEASE + _SUFFIX
_CLAUSE = (
    rf"((<=|>=|<|>){_VERSION}|~=v?([0-9]+!)?[0-9]+(\.[0-9]+)+{_SUFFIX}"
    rf"|(==|!=)({_VERSION}{_LOCAL}|{_RELEASE}\.\*))"
)
SPECIFIER = re.compile(rf"^{_CLAUSE}(,{_CLAUSE})*$")
"""PEP 440 without spaces, in lower case, without `===`: the pattern of the feeds' schemas."""
HOST_VERSION = re.compile(rf"^({_CLAUSE}|{_VERSION})(,{_CLAUSE})*$")
OPERATORS = ("<", "!=", "==", ">", "~=")
_ATTRIBUTE = re.compile(r"[a-z0-9][a-z0-9-]*")
_OS = re.compile(r"!?[a-z0-9_]+")
_NUMERIC_MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+0000")
_PUBLISHED = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC")
_TEXTS = ("id", "published", "title", "description", "author", "homepage", "page", "archive", "license")


def faults(entry: Entry) -> list[str]:
    """Return why `entry` cannot be published, one sentence for each broken rule; empty: it can."""
    return [reason for rule in RULES if (reason := rule(entry))]


def compact(text: str) -> str:
    """Return a specifier as feeds hold it: without spaces, in lower case, without a comma at the end."""
    return "".join(text.split()).lower().rstrip(",")


@lru_cache(maxsize=4096)
def is_specifier(text: str) -> bool:
    """Tell whether `text` is a PEP 440 specifier as installations read it: `>=3.7,<4`, never `3` or ``."""
    return SPECIFIER.fullmatch(text) is not None and pep440.is_specifier(text)


@lru_cache(maxsize=4096)
def is_host_version(text: str) -> bool:
    """Tell whether `text` is a host version: a specifier, or a version that means "or later"."""
    return is_specifier(text if text.startswith(OPERATORS) else f">={text}")


def is_id(text: object) -> bool:
    """Tell whether `text` follows the grammar of identifiers."""
    return isinstance(text, str) and is_slug(text)


def is_os(text: object) -> bool:
    """Tell whether `text` can be an operating system: `linux`, `!windows`, a beginning of `sys.platform`."""
    return isinstance(text, str) and _OS.fullmatch(text) is not None


def is_attribute(text: object) -> bool:
    """Tell whether `text` can be an attribute: one word in lower case, with hyphens."""
    return isinstance(text, str) and _ATTRIBUTE.fullmatch(text) is not None


def _texts_are_there(entry: Entry) -> str | None:
    """The browser sorts, searches and cuts these; the server keys its list by `id`."""
    wrong = [key for key in _TEXTS if not isinstance(entry.get(key), str)]
    return f"{', '.join(wrong)}: must be text" if wrong else None


def _names_are_not_empty(entry: Entry) -> str | None:
    empty = [key for key in ("title", "description", "page", "archive") if not entry.get(key)]
    return f"{', '.join(empty)}: must not be empty" if empty else None


def _id_is_an_identifier(entry: Entry) -> str | None:
    return None if is_id(entry.get("id")) else f"id: {entry.get('id')!r} is no identifier"


def _published_sorts_as_text(entry: Entry) -> str | None:
    published = str(entry.get("published"))
    if _PUBLISHED.fullmatch(published) and _is_calendar(published[:19]):
        return None
    return f"published: {published!r} is not `YYYY-MM-DD HH:MM:SS UTC`"


def _compatibility_is_whole(entry: Entry) -> str | None:
    """Null here, or a value that is no object, stops the server's reading of the whole list."""
    compatibility = entry.get("compatibility")
    if not isinstance(compatibility, dict) or set(compatibility) != {"octoprint", "os", "python"}:
        return "compatibility: must be an object with octoprint, os and python"
    return None


def _python_is_a_specifier(entry: Entry) -> str | None:
    python = _part(entry, "compatibility").get("python")
    if isinstance(python, str) and is_specifier(python):
        return None
    return f"compatibility.python: {python!r} is not a PEP 440 specifier; write e.g. '>=3.7,<4'"


def _host_versions_are_versions(entry: Entry) -> str | None:
    items = _part(entry, "compatibility").get("octoprint")
    if not isinstance(items, list):
        return "compatibility.octoprint: must be a list"
    wrong = [item for item in items if not isinstance(item, str) or not is_host_version(item)]
    return f"compatibility.octoprint: {wrong[0]!r} is no version" if wrong else None


def _systems_are_names(entry: Entry) -> str | None:
    items = _part(entry, "compatibility").get("os")
    if not isinstance(items, list):
        return "compatibility.os: must be a list"
    wrong = [item for item in items if not is_os(item)]
    return f"compatibility.os: {wrong[0]!r} is no operating system" if wrong else None


def _attributes_are_a_list(entry: Entry) -> str | None:
    """The server appends to it for an abandoned plugin; the browser asks what it includes."""
    attributes = entry.get("attributes")
    if isinstance(attributes, list) and all(map(is_attribute, attributes)):
        return None
    return "attributes: must be a list of words"


def _flags_are_flags(entry: Entry) -> str | None:
    """The text "false" is true for an installation."""
    if not isinstance(entry.get("abandoned"), bool):
        return "abandoned: must be true or false"
    if not isinstance(entry.get("follow_dependency_links", False), bool):
        return "follow_dependency_links: must be true or false"
    return None


def _addresses_are_web_addresses(entry: Entry) -> str | None:
    wrong = [
        key
        for key in ("archive", "homepage", "page", "privacypolicy", "image")
        if entry.get(key) and not str(entry[key]).startswith(("http://", "https://"))
    ]
    return f"{', '.join(wrong)}: must be an http or https address" if wrong else None


def _figures_are_figures(entry: Entry) -> str | None:
    """The browser formats `instances_month` and `stars` as numbers and fails on anything else."""
    if "stats" in entry:
        stats = entry["stats"]
        if not isinstance(stats, dict) or not all(is_count(figure) for figure in stats.values()):
            return "stats: must be an object of counts, or absent"
        if not {"instances_month", "install_events_month"} <= set(stats):
            return "stats: must tell the month, or be absent"
    if "github" in entry:
        github = entry["github"]
        if not isinstance(github, dict) or not is_count(github.get("stars")):
            return "github: must be an object with a count of stars, or absent"
        if not _is_numeric_moment(github.get("last_push")):
            return "github.last_push: must read `YYYY-MM-DD HH:MM:SS +0000`"
        if not all(is_count(github[key]) for key in ("releases",) if key in github):
            return "github.releases: must be a count"
    return None


def _release_is_whole(entry: Entry) -> str | None:
    """Null or a part that is missing stops the browser's sorting by release."""
    release = _part(entry, "github").get("latest_release", {})
    if release == {} and "latest_release" not in _part(entry, "github"):
        return None
    texts = isinstance(release, dict) and all(isinstance(release.get(key), str) for key in ("name", "tag"))
    if texts and _is_numeric_moment(release.get("date")):
        return None
    return "github.latest_release: must be an object with name, date and tag, or absent"


def _nothing_is_null_or_nan(entry: Entry) -> str | None:
    """NaN is no JSON, and where the client tests for a key, null counts as there."""
    for value in _leaves(entry):
        if value is None or (isinstance(value, float) and not math.isfinite(value)):
            return "entry: null and NaN cannot be published; leave the key out"
    return None


RULES: tuple[Rule, ...] = (
    _texts_are_there,
    _names_are_not_empty,
    _id_is_an_identifier,
    _published_sorts_as_text,
    _compatibility_is_whole,
    _python_is_a_specifier,
    _host_versions_are_versions,
    _systems_are_names,
    _attributes_are_a_list,
    _flags_are_flags,
    _addresses_are_web_addresses,
    _figures_are_figures,
    _release_is_whole,
    _nothing_is_null_or_nan,
)
"""Every rule, in the order of the entry's keys."""


def _part(entry: Entry, key: str) -> Mapping[str, Any]:
    part = entry.get(key)
    return part if isinstance(part, dict) else {}


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for item in value.values():
            yield from _leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item)
    else:
        yield value


def is_count(value: object) -> bool:
    """Tell whether `value` is a figure that a browser reads exactly."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 2**53


def _is_numeric_moment(value: object) -> bool:
    return (
        isinstance(value, str) and _NUMERIC_MOMENT.fullmatch(value) is not None and _is_calendar(value[:19])
    )


def _is_calendar(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
