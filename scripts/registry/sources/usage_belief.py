"""Whether a usage export can be true, held against the figures that were believed last. Pure.

What counts is installations: an export that lists every plugin with nothing is worth no more than an empty
one.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from registry.facts.model import Kind
from registry.facts.state import State

FLOOR = 20
"""Installations by which a sum may differ whatever its size: the few of a small registry jump by nature."""
COLLAPSE_FLOOR = 20
"""Plugins with users from which on an export is doubted in which less than half of them have any."""
STRAY_SHARE = 20
"""One in so many plugins may count what cannot be true without the whole export being doubted."""
MEASURE_DAYS = 30
"""Days after which figures are no measure any more: those of a baseline of years ago block none of today."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Belief:
    """How much an export may differ from the last one, and for how long it is doubted."""

    factor: float = 2.0
    days: float = 7.0
    accept: bool = False
    """Whether every export is believed in this run."""


def believed(kind: Kind, known: State, ids: Collection[str], now: datetime) -> dict[str, int]:
    """Return the installations that were believed last, by plugin id, of those of `ids` that have figures.

    Figures that speak of a time more than MEASURE_DAYS ago are left out.
    """
    found = {}
    for plugin_id in ids:
        fact = known.plugins.get(plugin_id, {}).get(kind)
        if fact and now - fact.as_of <= timedelta(days=MEASURE_DAYS) and "instances" in fact.data:
            found[plugin_id] = int(fact.data["instances"])
    return found


def doubt(plugins: Mapping[str, Any], last: Mapping[str, int], factor: float) -> str:
    """Return why an export cannot be true beside the `last` believed installations, "" when it can.

    `plugins` are its entries by lower-case id. Only plugins that are in `last` are compared, so that it makes
    no difference which plugins came or went.
    """
    counts = {plugin_id: instances(plugins.get(plugin_id.lower())) for plugin_id in last}
    before, after = sum(last.values()), sum(counts.values())
    used = [plugin_id for plugin_id, count in last.items() if count]
    if not used:
        return ""
    if not plugins:
        return "lists no plugin at all"
    if not after:
        return f"counts no installation of any plugin, {before:,} were believed last"
    left = sum(1 for plugin_id in used if counts[plugin_id])
    if len(used) >= COLLAPSE_FLOOR and left * 2 < len(used):
        return f"lists {left} of {len(used)} plugins that had users"
    if abs(after - before) > FLOOR and not before / factor <= after <= before * factor:
        return (
            f"counts {after:,} installations, {before:,} were believed last, and {1 / factor:.3g} to "
            f"{factor:.3g} times as many can be"
        )
    return ""


def strays(plugins: Mapping[str, Any], last: Mapping[str, int], factor: float) -> frozenset[str]:
    """Return the few plugins but for which a doubted export agrees with `last`; none where there are no such.

    Anybody can have one plugin counted a thousand million times: that must not hold back the figures of all.
    More than one in STRAY_SHARE of the plugins with users are not few, nor is all that there is.
    """
    used = sum(1 for count in last.values() if count)
    off = {
        plugin_id: abs(count - before)
        for plugin_id, before in last.items()
        if abs((count := instances(plugins.get(plugin_id.lower()))) - before) > FLOOR
        and not before / factor <= count <= before * factor
    }
    by_size = sorted(off, key=lambda plugin_id: (-off[plugin_id], plugin_id))
    for few in range(1, min(len(by_size), max(1, used // STRAY_SHARE)) + 1):
        found = frozenset(by_size[:few])
        rest = {plugin_id: count for plugin_id, count in last.items() if plugin_id not in found}
        if sum(1 for count in rest.values() if count) > few and not doubt(plugins, rest, factor):
            return found
    return frozenset()


def instances(entry: Any) -> int:
    """Return the installations of an entry, 0 where it has none that can be read."""
    count = entry.get("instances", 0) if isinstance(entry, Mapping) else 0
    return count if isinstance(count, int) and not isinstance(count, bool) and 0 <= count < 2**53 else 0
