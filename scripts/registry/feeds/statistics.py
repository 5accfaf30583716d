"""What the registry as a whole looks like: `/api/v1/statistics.json`. Pure functions.

Counted are the plugins that have a page. Unknown is counted as unknown, and never as none.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from registry.enrich.licence_family import family
from registry.enrich.merge import same_pythons
from registry.enrich.verdicts import PYTHONS, is_stated, maintained, pythons, runs_on_3
from registry.facts.history import is_count
from registry.feeds.all_plugins import Plugin, all_plugins
from registry.feeds.history_files import registry_history
from registry.feeds.list.facets import ALWAYS, runs_on_system, tag_key, tags
from registry.feeds.order import count, mapping, use
from registry.feeds.published import Published
from registry.text.feed_text import iso_moment, json_bytes, moment

SCHEMA_VERSION = 1
PATH = "api/v1/statistics.json"
TAGS = 20
"""Most used tags that are told."""
RELEASE_MONTHS = 12
OLDEST = 2000 * 12
"""January 2000, in months."""

Enriched = Mapping[str, Any]


def files(published: Published) -> dict[str, bytes]:
    """Return path below the site's root, without a leading slash -> content."""
    return {PATH: json_bytes(statistics(published))}


def statistics(published: Published) -> dict[str, Any]:
    """Return the document; `docs/schemas/statistics.schema.json` tells its shape.

    It is of the time when a source last answered, so that a build which learned nothing changes nothing.
    """
    plugins = all_plugins(published)
    everything = [plugin.data for plugin in plugins]
    now = published.now
    made = published.state.generated_at if published.state else None
    as_of = {name: _as_of(everything, name) for name in ("usage", "github")}
    usage = [use(data, "month", "instances") for data in everything]
    named = _tags(plugins)
    return {
        "schema_version": SCHEMA_VERSION,
        "generated_at": iso_moment(made or now),
        "as_of": {name: iso_moment(when) if when else None for name, when in as_of.items()},
        "totals": {
            "plugins": len(plugins),
            "authors": len({key for plugin in plugins for name in plugin.authors if (key := tag_key(name))}),
            "tags": len(named),
            "instances": _total(usage),
            "installs_week": _total(use(data, "week", "install_events") for data in everything),
            "stars": _total(count(mapping(data.get("github")).get("stars")) for data in everything),
        },
        "registered": {"months": _cumulative((moment(data.get("date")) for data in everything), now)},
        "python": _python(plugins, published.site.default_python),
        "python_minors": _minors(plugins),
        "maintenance": _maintenance(everything, now),
        "licences": _most(Counter(family(plugin.licence) for plugin in plugins)),
        "tags": named[:TAGS],
        "systems": [[name, sum(_runs_on(plugin, name) for plugin in plugins)] for name in ALWAYS],
        "installs": _distribution([count for count in usage if count is not None]),
        "unknown_usage": usage.count(None),
        "releases": {"months": _releases(everything, min(now, as_of["github"])) if as_of["github"] else []},
        "history": _history(published),
    }


def _python(plugins: Sequence[Plugin], default: str) -> dict[str, int]:
    """Count by what an installation would see; unknown is where nobody said, which it takes for Python 2."""
    verdicts = [runs_on_3(plugin.python, default) for plugin in plugins]
    return {
        "with_3": verdicts.count(True),
        "without_3": verdicts.count(False),
        "unknown": verdicts.count(None),
        "contradicted": sum(_is_contradicted(plugin.data) for plugin in plugins),
    }


def _is_contradicted(data: Enriched) -> bool:
    evidence = mapping(data.get("compatibility_evidence"))
    registered, found = evidence.get("registered"), evidence.get("python")
    return isinstance(registered, str) and isinstance(found, str) and not same_pythons(registered, found)


def _minors(plugins: Sequence[Plugin]) -> list[list[Any]]:
    counted = Counter(minor for plugin in plugins for minor in pythons(plugin.compatibility["python"]))
    return [[minor, counted[minor]] for minor in PYTHONS]


def _runs_on(plugin: Plugin, name: str) -> bool:
    unclear = "compatibility.os" in plugin.unclear
    return not unclear and runs_on_system(tuple(plugin.compatibility["os"]), name)


def _maintenance(plugins: Sequence[Enriched], now: datetime) -> dict[str, int]:
    """Count each plugin once among the first six, which make the whole; some are up for adoption beside."""
    counted = Counter(_standing(data, now) for data in plugins)
    names = ("within_year", "older", "unknown", "archived", "gone", "abandoned")
    return {
        **{name: counted[name] for name in names},
        "up_for_adoption": sum(is_stated(data.get("up_for_adoption")) for data in plugins),
    }


def _standing(data: Enriched, now: datetime) -> str:
    github = mapping(data.get("github"))
    if github.get("gone_since"):
        return "gone"
    if github.get("archived") is True:
        return "archived"
    if is_stated(data.get("abandoned")):
        return "abandoned"
    return {True: "within_year", False: "older", None: "unknown"}[maintained(data, now)]


def _distribution(counts: Sequence[int]) -> list[dict[str, int]]:
    """Count plugins by their instances in powers of ten: 0, 1 to 9, 10 to 99, … up to the most used."""
    found: list[dict[str, int]] = []
    start, end = 0, 0
    while True:
        found.append({"from": start, "to": end, "plugins": sum(start <= count <= end for count in counts)})
        start, end = end + 1, end * 10 + 9
        if start > max(counts, default=0):
            return found


def _cumulative(moments: Iterable[datetime | None], now: datetime) -> list[list[Any]]:
    """Return `[month, plugins registered until its end]` from the first month with one to this month.

    Dates are what people wrote: those before OLDEST or yet to come count with its nearest month.
    """
    last = _month(now)
    counted = Counter(min(max(_month(when), OLDEST), last) for when in moments if when)
    total, months = 0, []
    for month in range(min(counted, default=last), last + 1):
        total += counted[month]
        months.append([_month_text(month), total])
    return months


def _releases(plugins: Sequence[Enriched], seen: datetime) -> list[list[Any]]:
    """Return `[month, plugins whose latest release falls into it]` of the last months until they were `seen`.

    Of months after that nobody knows, and none is no answer.
    """
    moments = (moment(mapping(data.get("github")).get("latest_release_date")) for data in plugins)
    counted = Counter(_month(when) for when in moments if when)
    last = _month(seen)
    return [[_month_text(month), counted[month]] for month in range(last - RELEASE_MONTHS + 1, last + 1)]


def _month(when: datetime) -> int:
    return when.year * 12 + when.month - 1


def _month_text(month: int) -> str:
    return f"{month // 12:04}-{month % 12 + 1:02}"


def _history(published: Published) -> dict[str, Any]:
    """Return the registry's history on one axis: weeks, then the days of which there is a point each."""
    content = registry_history(published)
    weekly, daily = content["weekly"], content["daily"]
    weeks = sum(not daily["dates"] or day < daily["dates"][0] for day in weekly["dates"])
    return {name: weekly[name][:weeks] + daily[name] for name in daily}


def _as_of(plugins: Sequence[Enriched], source: str) -> datetime | None:
    """Return the time of the newest figures of a source."""
    told = [moment(mapping(mapping(data.get("freshness")).get(source)).get("as_of")) for data in plugins]
    return max((when for when in told if when), default=None)


def _total(counts: Iterable[int | None]) -> int | None:
    """Return the sum of what is known; None where nothing is, or where no reader's number could hold it."""
    known = [count for count in counts if count is not None]
    total = sum(known)
    return total if known and is_count(total) else None


def _most(counted: Mapping[str, int]) -> list[list[Any]]:
    return [[name, count] for name, count in sorted(counted.items(), key=lambda item: (-item[1], item[0]))]


def _tags(plugins: Sequence[Plugin]) -> list[list[Any]]:
    """Return `[tag, plugins]`, the most used first, as the list offers them."""
    offered = tags(plugins)
    counted = Counter(place for places in offered["of"] for place in places)
    return [[name, counted[place]] for place, name in enumerate(offered["options"])]
