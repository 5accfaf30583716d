"""The published history: `/api/v1/history/<id>.json` of each plugin, `/api/v1/history.json` of all. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from registry.facts.history import MEASURES, TOTALS, History, Series, decode
from registry.facts.history_update import day_of
from registry.feeds.published import Published
from registry.text.feed_text import json_bytes

SCHEMA_VERSION = 1
FOLDER = "api/v1/history"


def files(published: Published) -> dict[str, bytes]:
    """Return path below the site's root, without a leading slash -> content.

    Each listed plugin has a file, though its history may be empty: links to it never fail.
    """
    history = history_of(published)
    today = day_of(published.now)
    found = {f"{FOLDER}.json": json_bytes(registry_history(published))}
    for plugin_id, item in published.by_id():
        content = {
            "schema_version": SCHEMA_VERSION,
            "id": plugin_id,
            "page": published.site.page(item.slug),
            **document(history, history.plugins.get(plugin_id, {}), tuple(MEASURES), today),
        }
        found[f"{FOLDER}/{plugin_id}.json"] = json_bytes(content)
    return found


def history_of(published: Published) -> History:
    """Return the history that is published, an empty one where there is no state."""
    return published.state.history if published.state else History()


def registry_history(published: Published) -> dict[str, Any]:
    """Return `/api/v1/history.json`: the series of the registry that the last build published."""
    history = history_of(published)
    folder = published.state.registrations if published.state else ""
    series = history.registries.get(folder, {})
    return {
        "schema_version": SCHEMA_VERSION,
        **document(history, series, TOTALS, day_of(published.now)),
    }


def document(
    history: History, series: Mapping[str, Series], measures: Sequence[str], today: date
) -> dict[str, Any]:
    """Return `{daily: {dates, <measure>: values}, weekly: {…}}` up to `today`; None is unknown.

    Both begin with the first day of which any of the measures is known.
    """
    return {
        "daily": _along(history.days, {name: each.days for name, each in series.items()}, measures, today),
        "weekly": _along(history.weeks, {name: each.weeks for name, each in series.items()}, measures, today),
    }


def _along(
    axis: Sequence[date], texts: Mapping[str, str], measures: Sequence[str], today: date
) -> dict[str, Any]:
    values = {name: decode(texts.get(name, ""), len(axis)) for name in measures}
    end = len(axis)
    while end and axis[end - 1] > today:  # of a clock that was ahead
        end -= 1
    known = [place for place in range(end) if any(each[place] is not None for each in values.values())]
    start, end = (known[0], end) if known else (0, 0)
    return {
        "dates": [day.isoformat() for day in axis[start:end]],
        **{name: each[start:end] for name, each in values.items()},
    }
