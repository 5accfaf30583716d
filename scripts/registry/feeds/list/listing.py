"""What the list of all plugins filters, sorts and shows: `/list/…`. Pure functions.

Plugins are numbered by popularity, so a column is a list in that order and `null` is unknown. `index.json`
holds what the list is sorted and filtered by, `cards/<k>.json` the words of the plugins 25k to 25k+24. All
carry one `version`: files of two builds are never mixed. The search numbers the plugins alike (`order`).
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any

from registry.enrich.rank import growth
from registry.enrich.verdicts import is_stated, runs_on_3
from registry.feeds.all_plugins import Plugin, all_plugins
from registry.feeds.list.facets import facets
from registry.feeds.order import count, mapping, name_key, order_of, use
from registry.feeds.published import Published
from registry.registration.visible import line
from registry.text.feed_text import json_bytes, moment
from registry.text.scalars import scalar_text

BLOCK = 25
"""Cards in a file."""
LONGEST_TITLE, LONGEST_DESCRIPTION, LONGEST_AUTHOR = 120, 240, 60
"""Characters, as in _includes/card.html."""

_EPOCH = date(1970, 1, 1)


def files(published: Published) -> dict[str, bytes]:
    """Return path below the site's root, without a leading slash -> content."""
    plugins = all_plugins(published)
    index = {
        "order": order_of(plugin.slug for plugin in plugins),
        "count": len(plugins),
        "block": BLOCK,
        "columns": columns(plugins),
        "facets": facets(plugins, published),
    }
    cards = [card(plugin, published.site.default_python) for plugin in plugins]
    version = sha256(json_bytes([index, cards])).hexdigest()[:16]
    made = {"list/index.json": json_bytes({"schema_version": 1, "version": version, **index})}
    for number, first in enumerate(range(0, len(cards), BLOCK)):
        content = {"schema_version": 1, "version": version, "cards": cards[first : first + BLOCK]}
        made[f"list/cards/{number}.json"] = json_bytes(content)
    return made


def columns(plugins: Sequence[Plugin]) -> dict[str, list[Any]]:
    """Return what the list is sorted by: figures, days since 1970, growth in per cent, places by name."""
    by_name = {
        plugin.slug: place
        for place, plugin in enumerate(sorted(plugins, key=lambda one: name_key(one.data, one.slug)))
    }
    return {
        "instances": [use(plugin.data, "month", "instances") for plugin in plugins],
        "installs": [use(plugin.data, "week", "install_events") for plugin in plugins],
        "growth": [_growth(plugin) for plugin in plugins],
        "stars": [count(_github(plugin).get("stars")) for plugin in plugins],
        "released": [_day(_github(plugin).get("latest_release_date")) for plugin in plugins],
        "pushed": [_day(_last_commit(_github(plugin))) for plugin in plugins],
        "registered": [_day(plugin.data.get("date")) for plugin in plugins],
        "name": [by_name[plugin.slug] for plugin in plugins],
    }


def _last_commit(github: Mapping[str, Any]) -> object:
    """Return when the default branch last changed; None where only a push to some branch is known."""
    return None if github.get("last_push_any_branch") else github.get("last_push")


def card(plugin: Plugin, default_python: str) -> dict[str, Any]:
    """Return the words of a plugin's card; its figures stand in the columns."""
    data = plugin.data
    description = line(data.get("description"))
    return {
        "slug": plugin.slug,
        "title": shortened(plugin.title, LONGEST_TITLE),
        "description": shortened(description, LONGEST_DESCRIPTION) if description else None,
        "author": shortened(plugin.authors[0], LONGEST_AUTHOR) if plugin.authors else None,
        "more_authors": len(plugin.authors) > 1,
        "badges": _badges(plugin, default_python),
    }


def _badges(plugin: Plugin, default_python: str) -> list[str]:
    data, found = plugin.data, []
    if is_stated(data.get("disabled")):
        found.append("disabled")
    if is_stated(data.get("up_for_adoption")):
        found.append("adoption")
    elif plugin.abandoned:
        found.append("abandoned")
    if _github(plugin).get("archived") is True:
        found.append("archived")
    match runs_on_3(plugin.python, default_python):
        case True:
            found.append("python3")
        case False:
            found.append("python2")
    return found


def shortened(text: str, longest: int) -> str:
    """Return the text in at most `longest` characters, as Liquid's `truncate` cuts it."""
    return text if len(text) <= longest else f"{text[: longest - 3]}..."


def _growth(plugin: Plugin) -> float | None:
    """Return by how many per cent this week's installs exceed the month's average."""
    if None in (use(plugin.data, "week", "install_events"), use(plugin.data, "month", "install_events")):
        return None
    share = growth(plugin.data)
    return None if share is None else round((share - 1) * 100, 1)


def _github(plugin: Plugin) -> Mapping[str, Any]:
    """Return the figures of the repository; without its name, nothing is shown of it."""
    github = mapping(plugin.data.get("github"))
    return github if line(github.get("repo")) else {}


def _day(value: object) -> int | None:
    when = moment(scalar_text(value) if isinstance(value, str | date | datetime) else None)
    return (when.astimezone(UTC).date() - _EPOCH).days if when else None
