"""Usage figures: the week and month exports of the anonymous, opt-in tracking.

An export is JSON: `{_since, _generated, plugins: {id in lower case: {instances, install_events,
uninstall_events, versions: {version: {instances}}}}}`, at an http(s) address or in a file.
"""

import threading
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from registry.facts.model import Fact, Kind, Missing, SourceRun, parse_time
from registry.facts.state import State
from registry.net.clock import AHEAD
from registry.net.http import Unavailable
from registry.sources.base import mistake
from registry.sources.usage_belief import Belief, believed, doubt, instances, strays
from registry.text.outside_json import JsonError, parse_cost, parse_json

COUNTS = ("instances", "install_events", "uninstall_events")
MAX_EXPORT_BYTES = 16 * 1024 * 1024
"""An export of 10,000 plugins takes two."""
MAX_PARSED_BYTES = 64 * 1024 * 1024
"""Memory that an export may take when it is read."""
MAX_VERSIONS = 100
"""Versions of one plugin that are kept, the most used first: ids and versions come from anybody."""
_READING = threading.Lock()
"""One export is read at a time: both at once would take twice the memory."""


class UsageFormatError(ValueError):
    """An export that is no export, or that cannot be true."""


def collect(
    kind: Kind,
    address: str | None,
    ids: Collection[str],
    known: State,
    now: datetime,
    fetch: Callable[[str], bytes],
    *,
    belief: Belief = Belief(),  # noqa: B008 - it cannot change
    everyone: Collection[str] = (),
) -> SourceRun:
    """Return the usage of each of the plugins `ids` in one export.

    `fetch` returns the bytes at an http(s) address or raises Unavailable; other addresses are file paths.
    A plugin that the export does not list has zeros: nobody who takes part uses it. An export that cannot
    be read, or is older than what is known, gives nothing. So does one that is doubted (`usage_belief`) by
    the figures of all plugins, `everyone`; where it is empty, by those of `ids` and of what was listed last.
    """
    if not address:
        return SourceRun(kind=kind, found={}, trouble="no export is set", asked=False)
    try:
        raw = fetch(address) if address.startswith(("http://", "https://")) else _read(Path(address))
        with _READING:
            return _read_export(
                kind, address, raw, ids, known, now, belief, everyone or (*ids, *known.listed)
            )
    except (Unavailable, UsageFormatError, OSError) as error:
        words = error.strerror if isinstance(error, OSError) else str(error)
        return SourceRun(kind=kind, found={}, trouble=f"{address}: {words}")


def _read_export(
    kind: Kind,
    address: str,
    raw: bytes,
    ids: Collection[str],
    known: State,
    now: datetime,
    belief: Belief,
    everyone: Collection[str],
) -> SourceRun:
    as_of, plugins = parse_export(raw, now)
    _check_age(kind, as_of, known, now)
    last = believed(kind, known, everyone, now)
    if not belief.accept and not last and not any(map(instances, plugins.values())):
        raise UsageFormatError("counts no installation of any plugin")
    errors: tuple[str, ...] = ()
    odd_ones: dict[str, str] = {}
    if not belief.accept and doubt(plugins, last, belief.factor):
        odd_ones = _doubted(kind, plugins, last, known, now, belief)
        errors = tuple(f"{kind}: {address}: {words}" for words in odd_ones.values())
    held = frozenset(key for key in odd_ones if _is_held(kind, key, known, now, belief))
    agreed = {plugin_id: count for plugin_id, count in last.items() if plugin_id not in odd_ones}
    if not belief.accept and (why := doubt(plugins, agreed, belief.factor)):
        since = min(known.doubted_since.get(kind, now), now)
        if now - since < timedelta(days=belief.days):
            until = since + timedelta(days=belief.days)
            trouble = (
                f"{address}: {why}: not believed before {until:%Y-%m-%d} unless it agrees again; "
                "--accept-usage believes it at once"
            )
            return SourceRun(kind=kind, found={}, trouble=trouble, doubted=True)
        errors = (f"{kind}: {address}: {why}; it has been so since {since:%Y-%m-%d}, so it is believed now",)
    found = {plugin_id: _fact(plugins.get(plugin_id.lower(), {}), as_of, now) for plugin_id in ids}
    odd = [plugin_id for plugin_id, fact in found.items() if isinstance(fact, Missing)]
    trouble = f"{address}: unreadable figures of {', '.join(sorted(odd)[:10])}" if odd else ""
    found |= {key: Missing(reason=f"usage export: {odd_ones[key]}") for key in held.intersection(ids)}
    return SourceRun(kind=kind, found=found, trouble=trouble, errors=errors, held=held)


def _doubted(
    kind: Kind,
    plugins: Mapping[str, Any],
    last: Mapping[str, int],
    known: State,
    now: datetime,
    belief: Belief,
) -> dict[str, str]:
    """Return the few plugins that alone make an export doubtful, and what comes of each, in words."""
    found = {}
    for plugin_id in sorted(strays(plugins, last, belief.factor)):
        count = instances(plugins.get(plugin_id.lower()))
        fate = f"they stood for {belief.days:g} days, so it is believed now"
        if _is_held(kind, plugin_id, known, now, belief):
            until = known.plugins[plugin_id][kind].fetched_at + timedelta(days=belief.days)
            fate = (
                f"that is not believed before {until:%Y-%m-%d} unless it agrees again; "
                "--accept-usage believes it at once"
            )
        found[plugin_id] = (
            f"counts {count:,} installations of {plugin_id}, {last[plugin_id]:,} were believed last: {fate}"
        )
    return found


def _is_held(kind: Kind, plugin_id: str, known: State, now: datetime, belief: Belief) -> bool:
    """Tell whether a plugin's last figures, which are not renewed while it is doubted, are still young.

    Those of a time to come never grow old, so they are not.
    """
    return -AHEAD <= now - known.plugins[plugin_id][kind].fetched_at < timedelta(days=belief.days)


def together(week: SourceRun, month: SourceRun) -> tuple[SourceRun, SourceRun]:
    """Return both runs, neither with figures where one is doubted: one database made both exports.

    So no page shows a week of today with more users than the month before it.
    """
    for doubted, other in ((week, month), (month, week)):
        if doubted.doubted and not other.doubted and other.found:
            trouble = f"not taken over while the export of {doubted.kind} is not believed"
            held = replace(other, found={}, trouble=trouble, errors=())
            return (held, month) if other is week else (week, held)
    held_back = week.held | month.held
    return _without(week, held_back), _without(month, held_back)


def _without(run: SourceRun, held: frozenset[str]) -> SourceRun:
    """Return `run` without the figures of the plugins whose other window is not believed."""
    missing = {
        plugin_id: Missing(reason="usage export: not taken over while its other window is not believed")
        for plugin_id in held.difference(run.held).intersection(run.found)
    }
    return replace(run, found={**run.found, **missing}) if missing else run


def parse_export(raw: bytes, now: datetime) -> tuple[datetime, Mapping[str, Any]]:
    """Return when the export `raw` was made (UTC, at most `now`) and its entries by lower-case plugin id.

    Raises UsageFormatError, also for an export of a time to come.
    """
    if parse_cost(raw) > MAX_PARSED_BYTES:
        raise UsageFormatError(f"takes more than {MAX_PARSED_BYTES >> 20} MB of memory when it is read")
    try:
        content = parse_json(raw)
    except JsonError as error:
        raise UsageFormatError(str(error)) from None
    plugins = content.get("plugins") if isinstance(content, dict) else None
    if not isinstance(plugins, dict):
        raise UsageFormatError("has no object `plugins`")
    return _time(content.get("_generated"), now), {key.lower(): entry for key, entry in plugins.items()}


def parse_entry(entry: Any) -> dict[str, Any]:
    """Return `{instances, install_events, uninstall_events, versions: {version: instances}}` of one entry.

    A count that the entry does not give is 0, as the export leaves out what did not happen. Raises
    UsageFormatError.
    """
    if not isinstance(entry, dict):
        raise UsageFormatError("is no object")
    versions = entry.get("versions", {})
    if not isinstance(versions, dict):
        raise UsageFormatError("versions: is no object")
    counted = {
        version[:100]: _count(told.get("instances", 0) if isinstance(told, dict) else told)
        for version, told in versions.items()
    }
    most = sorted(counted.items(), key=lambda item: (-item[1], item[0]))[:MAX_VERSIONS]
    return {**{key: _count(entry.get(key, 0)) for key in COUNTS}, "versions": dict(sorted(most))}


def _fact(entry: Any, as_of: datetime, now: datetime) -> Fact | Missing:
    try:
        return Fact(fetched_at=now, as_of=as_of, source="export", data=parse_entry(entry))
    except UsageFormatError as error:
        return Missing(reason=f"usage export: {error}")
    except Exception as error:  # noqa: BLE001 - one entry must not cost the others theirs
        return Missing(reason=f"usage export: {mistake(error)}")


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**53:
        shown = repr(value)[:40] if isinstance(value, str | int | float) else f"a {type(value).__name__}"
        raise UsageFormatError(f"{shown} is no count")
    return value


def _time(value: Any, now: datetime) -> datetime:
    """Return the time that an export gives of itself, `now` where it gives none. Raises UsageFormatError."""
    moment = now
    with suppress(ValueError, OverflowError, OSError):
        if isinstance(value, str):
            moment = parse_time(value)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            seconds = value / 1000 if value > 1e11 else value  # JavaScript counts milliseconds
            moment = datetime.fromtimestamp(seconds, UTC)
    if moment > now + AHEAD:
        raise UsageFormatError(
            f"was made {moment:%Y-%m-%d %H:%M} UTC, which is yet to come; set the clock of its host, or ours"
        )
    return min(moment, now)


def _check_age(kind: Kind, as_of: datetime, known: State, now: datetime) -> None:
    """Raise UsageFormatError when an export is older than what is known and not of a time to come."""
    times = [
        fact.as_of for facts in known.plugins.values() if (fact := facts.get(kind)) and fact.as_of <= now
    ]
    if times and as_of < max(times) - timedelta(minutes=1):
        raise UsageFormatError(f"is of {as_of:%Y-%m-%d %H:%M} UTC, older than the figures known already")


def _read(path: Path) -> bytes:
    if path.stat().st_size > MAX_EXPORT_BYTES:
        raise UsageFormatError(f"is larger than {MAX_EXPORT_BYTES >> 20} MB")
    return path.read_bytes()
