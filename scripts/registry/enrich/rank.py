"""Rankings: a plugin's place among those listed, by what is known of it."""

from collections.abc import Callable, Mapping
from typing import Any

INSTALLS_FLOOR = 10
"""Installs of a week below which there is no growth to speak of: three installs are no trend."""
WEEKS_A_MONTH = 30 / 7

Enriched = Mapping[str, Any]


def growth(plugin: Enriched) -> float | None:
    """Return this week's installs over the month's weekly average (1.0: as always), None when unknown."""
    week, month = _figure(plugin, "week", "install_events"), _figure(plugin, "month", "install_events")
    if week is None or not month or week < INSTALLS_FLOOR:
        return None
    return week * WEEKS_A_MONTH / month


MEASURES: Mapping[str, Callable[[Enriched], Any]] = {
    "instances_month": lambda plugin: _figure(plugin, "month", "instances"),
    "install_events_week": lambda plugin: _figure(plugin, "week", "install_events"),
    "growth": growth,
    "stars": lambda plugin: plugin.get("github", {}).get("stars"),
    "latest_release": lambda plugin: plugin.get("github", {}).get("latest_release_date"),
}
"""Name of a ranking to the value that it sorts by, the largest first; None: not ranked."""


def ranks(plugins: Mapping[str, Enriched]) -> dict[str, dict[str, int]]:
    """Return `{plugin id: {measure: place}}`, places from 1, for enriched front matter by plugin id.

    Equal values are placed by id, so that the same figures always give the same places.
    """
    places: dict[str, dict[str, int]] = {plugin_id: {} for plugin_id in plugins}
    for name, measure in MEASURES.items():
        known = [
            (value, plugin_id)
            for plugin_id, plugin in plugins.items()
            if (value := measure(plugin)) is not None
        ]
        known.sort(key=lambda pair: pair[1])
        known.sort(key=lambda pair: pair[0], reverse=True)
        for place, (_, plugin_id) in enumerate(known, 1):
            places[plugin_id][name] = place
    return places


def _figure(plugin: Enriched, window: str, name: str) -> int | None:
    value = plugin.get("stats", {}).get(window, {}).get(name)
    return value if isinstance(value, int) else None
