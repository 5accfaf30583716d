"""What the list of all plugins can be narrowed by: for each filter its options, and who has which. Pure.

A filter is `{"options": […], "sets": [[…], …], "of": […]}`: plugin number n has the options
`sets[of[n]]`, written as places in `options`. Few plugins say anything of their own, so few sets serve all.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from registry.enrich.licence_family import FAMILIES, family
from registry.enrich.verdicts import PYTHONS, maintained, pythons, runs_on_3
from registry.feeds.all_plugins import Plugin
from registry.feeds.published import Published
from registry.host import plugin_list_rules

PLATFORMS = {
    "windows": "win32",
    "linux": "linux",
    "macos": "darwin",
    "freebsd": "freebsd",
    "android": "linux",
}
"""Operating systems that an installation may name, to how its `sys.platform` begins."""
ALWAYS = ("windows", "linux", "macos", "freebsd")
"""Offered even where no plugin names them."""
MOST_HOSTS = 20
LONGEST_TAG = 80
"""Characters."""

_NUMBERS = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,6}){1,2}")


def facets(plugins: Sequence[Plugin], published: Published) -> dict[str, Any]:
    """Return every filter by the name of its parameter."""
    default = published.site.default_python
    current = published.settings.host.version if published.settings else None
    hosts = host_versions([plugin.compatibility["octoprint"] for plugin in plugins], current)
    systems = [*ALWAYS, *_other_systems(plugins)]

    def python(plugin: Plugin) -> tuple[str, ...]:
        minors = pythons(plugin.compatibility["python"])
        return ("3", *minors) if runs_on_3(plugin.python, default) else minors

    def host(plugin: Plugin) -> list[str]:
        if "compatibility.octoprint" in plugin.unclear:
            return []
        given = tuple(plugin.compatibility["octoprint"])
        return [version for version in hosts if runs_on_host(given, version)]

    def system(plugin: Plugin) -> list[str]:
        if "compatibility.os" in plugin.unclear:
            return []
        given = tuple(plugin.compatibility["os"])
        return [name for name in systems if runs_on_system(given, name)]

    def yes(answer: Callable[[Plugin], bool | None]) -> dict[str, Any]:
        return _facet(plugins, ["1"], lambda plugin: ["1"] if answer(plugin) else [])

    return {
        "python": _facet(plugins, ["3", *reversed(PYTHONS)], python),
        "host": _facet(plugins, hosts, host),
        "os": _facet(plugins, systems, system),
        "licence": _facet(plugins, list(FAMILIES), lambda plugin: [family(plugin.licence)]),
        "maintained": yes(lambda plugin: maintained(plugin.data, published.now)),
        "alive": yes(lambda plugin: not plugin.abandoned),
        "tag": tags(plugins),
    }


def tags(plugins: Sequence[Plugin]) -> dict[str, Any]:
    """Return the filter of tags, the most used first; spellings of one tag are one, as on the tags' pages."""
    spellings: defaultdict[str, Counter[str]] = defaultdict(Counter)
    of: list[list[str]] = []
    for plugin in plugins:
        keys: dict[str, None] = {}
        for tag in plugin.tags:
            name = tag[:LONGEST_TAG]
            if key := tag_key(name):
                spellings[key][name] += 1
                keys[key] = None
        of.append(list(keys))
    used = Counter(key for keys in of for key in keys)
    order = sorted(used, key=lambda key: (-used[key], key))
    names = {key: min(found, key=lambda name: (-found[name], name)) for key, found in spellings.items()}
    places = {key: place for place, key in enumerate(order)}
    return {
        "options": [names[key] for key in order],
        "sets": None,
        "of": [sorted(places[key] for key in keys) for keys in of],
    }


@lru_cache(maxsize=65536)
def tag_key(name: str) -> str:
    """Return what is the same for all spellings of a tag: `Power saving`, `power-saving`."""
    return "-".join(part for part in re.split(r"[\s_-]+", unicodedata.normalize("NFC", name).lower()) if part)


def host_versions(given: Iterable[Sequence[str]], current: str | None) -> list[str]:
    """Return the host's versions on offer: the current one, then those that plugins name, newest first."""
    top = _version(current)
    if top is None:
        return []
    named = {number for number in _named(given) if number < top}
    newest = sorted(named, reverse=True)[: MOST_HOSTS - 1]
    return [str(current), *(str(number) for number in newest)]


def _named(given: Iterable[Sequence[str]]) -> set[Version]:
    texts = {text for items in given for item in items for text in _NUMBERS.findall(item)}
    # 1.4 and 1.4.0 are one version: the longer one is what installations say.
    return {Version(text if text.count(".") == 2 else f"{text}.0") for text in texts}


def _version(text: str | None) -> Version | None:
    try:
        return Version(text) if text else None
    except InvalidVersion:
        return None


@lru_cache(maxsize=65536)
def runs_on_host(given: tuple[str, ...], version: str) -> bool:
    """Tell whether an installation of that version takes the plugin: one item that fits is enough."""
    return not given or any(_admits(item, version) for item in given)


@lru_cache(maxsize=65536)
def _admits(item: str, version: str) -> bool:
    try:
        specifier = SpecifierSet(item if item.startswith(plugin_list_rules.OPERATORS) else f">={item}")
    except InvalidSpecifier:
        return False
    return specifier.contains(version, prereleases=True)


@lru_cache(maxsize=4096)
def runs_on_system(given: tuple[str, ...], name: str) -> bool:
    """Tell whether an installation on that system takes the plugin; `!windows` refuses it."""

    def fits(item: str) -> bool:
        return item == name or PLATFORMS.get(name, name).startswith(item)

    refused = any(fits(item[1:]) for item in given if item.startswith("!"))
    wanted = [item for item in given if not item.startswith("!")]
    return not refused and (not wanted or any(map(fits, wanted)))


def _other_systems(plugins: Sequence[Plugin]) -> list[str]:
    named = {item.removeprefix("!") for plugin in plugins for item in plugin.compatibility["os"]}
    return [name for name in PLATFORMS if name in named and name not in ALWAYS]


def _facet(
    plugins: Sequence[Plugin], options: Sequence[str], having: Callable[[Plugin], Iterable[str]]
) -> dict[str, Any]:
    places = {option: place for place, option in enumerate(options)}
    sets: dict[tuple[int, ...], int] = {}
    of = []
    for plugin in plugins:
        found = tuple(sorted(places[option] for option in having(plugin)))
        of.append(sets.setdefault(found, len(sets)))
    return {"options": list(options), "sets": list(map(list, sets)), "of": of}
