"""What the registry as a whole looks like: `/api/v1/statistics.json`. Pure functions.

Counted are the plugins that have a page. Unknown is counted as unknown, and never as none.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from registry.feeds.history_files import registry_history
from registry.feeds.listing_facets import ALWAYS, runs_on_system, tag_key
from registry.feeds.plugins import make_entry
from registry.feeds.published import Published
from registry.feeds.text import iso_moment, json_bytes, moment, plain
from registry.history import LARGEST
from registry.judged import PYTHONS, is_stated, maintained, pythons, runs_on_3
from registry.licences import family
from registry.merge import same_pythons
from registry.totals import python_of

SCHEMA_VERSION = 1
PATH = "api/v1/statistics.json"
TAGS = 20
"""Most used tags that are told."""
RELEASE_MONTHS = 12
OLDEST = 2000 * 12
"""January 2000, in months."""

Enriched = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A plugin, as it is counted."""

    data: Enriched
    """Its enriched front matter."""
    python: str
    """The range that an installation sees: the host's default where nobody said one."""
    systems: tuple[str, ...]
    """As an installation sees them; none means all."""


def files(published: Published) -> dict[str, bytes]:
    """Return path below the site's root, without a leading slash -> content."""
    return {PATH: json_bytes(statistics(published))}


def statistics(published: Published) -> dict[str, Any]:
    """Return the document; `docs/schemas/statistics.schema.json` tells its shape.

    It is of the time when a source last answered, so that a build which learned nothing changes nothing.
    """
    plugins = _counted(published)
    everything = [plugin.data for plugin in plugins]
    now = published.now
    made = published.state.generated_at if published.state else None
    usage = [_figure(data, "stats", "month", "instances") for data in everything]
    tags = _tags(everything)
    return {
        "schema_version": SCHEMA_VERSION,
        "generated_at": iso_moment(made or now),
        "as_of": {name: _as_of(everything, name) for name in ("usage", "github")},
        "totals": {
            "plugins": len(plugins),
            "authors": len({name for data in everything for name in _authors(data)}),
            "tags": len(tags),
            "instances": _total(usage),
            "installs_week": _total(_figure(data, "stats", "week", "install_events") for data in everything),
            "stars": _total(_figure(data, "github", "stars") for data in everything),
        },
        "registered": {"months": _cumulative((moment(data.get("date")) for data in everything), now)},
        "python": _python(everything, published.site.default_python),
        "python_minors": _minors(plugins),
        "maintenance": _maintenance(everything, now),
        "licences": _most(Counter(family(_licence(data)) for data in everything)),
        "tags": tags[:TAGS],
        "systems": [
            [name, sum(runs_on_system(plugin.systems, name) for plugin in plugins)] for name in ALWAYS
        ],
        "installs": _distribution([count for count in usage if count is not None]),
        "unknown_usage": usage.count(None),
        "releases": {"months": _releases(everything, now)},
        "history": _history(published),
    }


def _counted(published: Published) -> list[Counted]:
    listed = {item.slug: item.entry for item in published.listed}
    found = []
    for slug, document in published.documents.items():
        entry = listed.get(slug) or make_entry(document.data, slug, published.site)[0]
        compatibility = entry["compatibility"]
        found.append(
            Counted(data=document.data, python=compatibility["python"], systems=tuple(compatibility["os"]))
        )
    return found


def _python(plugins: Sequence[Enriched], default: str) -> dict[str, int]:
    """Count by what an installation would see; unknown is where nobody said, which it takes for Python 2."""
    verdicts = [runs_on_3(python_of(data), default) for data in plugins]
    return {
        "with_3": verdicts.count(True),
        "without_3": verdicts.count(False),
        "unknown": verdicts.count(None),
        "contradicted": sum(map(_is_contradicted, plugins)),
    }


def _is_contradicted(data: Enriched) -> bool:
    evidence = _part(data, "compatibility_evidence")
    registered, found = evidence.get("registered"), evidence.get("python")
    return isinstance(registered, str) and isinstance(found, str) and not same_pythons(registered, found)


def _minors(plugins: Sequence[Counted]) -> list[list[Any]]:
    counted = Counter(minor for plugin in plugins for minor in pythons(plugin.python))
    return [[minor, counted[minor]] for minor in PYTHONS]


def _maintenance(plugins: Sequence[Enriched], now: datetime) -> dict[str, int]:
    """Count each plugin once among the first six, which make the whole; some are up for adoption beside."""
    counted = Counter(_standing(data, now) for data in plugins)
    names = ("within_year", "older", "unknown", "archived", "gone", "abandoned")
    adoption = (plain(data.get("up_for_adoption")).lower() for data in plugins)
    return {
        **{name: counted[name] for name in names},
        "up_for_adoption": sum(stated not in ("", "false", "no") for stated in adoption),
    }


def _standing(data: Enriched, now: datetime) -> str:
    github = _part(data, "github")
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


def _releases(plugins: Sequence[Enriched], now: datetime) -> list[list[Any]]:
    """Return `[month, plugins whose latest release falls into it]` of the last months, this one included."""
    moments = (moment(_part(data, "github").get("latest_release_date")) for data in plugins)
    counted = Counter(_month(when) for when in moments if when)
    last = _month(now)
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


def _as_of(plugins: Sequence[Enriched], source: str) -> str | None:
    """Return the time of the newest figures of a source."""
    told = [moment(_part(_part(data, "freshness"), source).get("as_of")) for data in plugins]
    newest = max((when for when in told if when), default=None)
    return iso_moment(newest) if newest else None


def _total(counts: Iterable[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


def _most(counted: Mapping[str, int]) -> list[list[Any]]:
    return [[name, count] for name, count in sorted(counted.items(), key=lambda item: (-item[1], item[0]))]


def _tags(plugins: Sequence[Enriched]) -> list[list[Any]]:
    """Return `[tag, plugins]`, the most used first; the spellings of one tag are one, by the commonest."""
    spellings: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for data in plugins:
        by_key = {key: name for name in sorted(_texts(data.get("tags"))) if (key := tag_key(name))}
        for key, name in by_key.items():
            spellings[key][name] += 1
    return _most(
        {min(found, key=lambda name: (-found[name], name)): found.total() for found in spellings.values()}
    )


def _authors(data: Enriched) -> set[str]:
    return _texts(data.get("authors") or data.get("author"))


def _licence(data: Enriched) -> str:
    """Return the registered licence; what GitHub recognised, where nothing is registered."""
    return plain(data.get("license")) or plain(_part(data, "github").get("license"))


def _texts(value: object) -> set[str]:
    return {text for item in (value if isinstance(value, list) else [value]) if (text := plain(item))}


def _figure(data: Enriched, *keys: str) -> int | None:
    for key in keys[:-1]:
        data = _part(data, key)
    value = data.get(keys[-1])
    known = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST
    return value if known else None


def _part(data: Enriched, key: str) -> Enriched:
    value = data.get(key)
    return value if isinstance(value, Mapping) else {}
