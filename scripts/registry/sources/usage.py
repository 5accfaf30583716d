"""Usage figures: the week and month exports of the anonymous, opt-in tracking.

An export is JSON: `{_since, _generated, plugins: {id in lower case: {instances, install_events,
uninstall_events, versions: {version: {instances}}}}}`, at an http(s) address or in a file.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from registry.facts.model import Fact, Found, Kind, Missing, SourceRun, parse_time
from registry.facts.state import State
from registry.net.http import Unavailable
from registry.text.outside_json import JsonError, parse_cost, parse_json

COUNTS = ("instances", "install_events", "uninstall_events")
MAX_EXPORT_BYTES = 16 * 1024 * 1024
"""An export of 10,000 plugins takes two."""
MAX_PARSED_BYTES = 64 * 1024 * 1024
"""Memory that an export may take when it is read."""
MAX_VERSIONS = 100
"""Versions of one plugin that are kept, the most used first: ids and versions come from anybody."""
COLLAPSE_FLOOR = 20
"""Plugins with users from which on an export that knows less than half of them is not believed."""


class UsageFormatError(ValueError):
    """An export that is no export, or that cannot be true."""


def collect(
    kind: Kind,
    address: str | None,
    ids: Collection[str],
    known: State,
    now: datetime,
    fetch: Callable[[str], bytes],
) -> SourceRun:
    """Return the usage of each of the plugins `ids` in one export.

    `fetch` returns the bytes at an http(s) address or raises Unavailable; other addresses are file paths.
    A plugin that the export does not list has zeros: nobody who takes part uses it. An export that cannot
    be read, is older than what we know, or has lost half of the plugins at once gives nothing.
    """
    if not address:
        return SourceRun(kind=kind, found={}, trouble="no export is set", asked=False)
    try:
        raw = fetch(address) if address.startswith(("http://", "https://")) else _read(Path(address))
        as_of, plugins = parse_export(raw, now)
        _believe(kind, as_of, plugins, known)
    except (Unavailable, UsageFormatError, OSError) as error:
        words = error.strerror if isinstance(error, OSError) else str(error)
        return SourceRun(kind=kind, found={}, trouble=f"{address}: {words}")
    found = {plugin_id: _fact(plugins.get(plugin_id.lower(), {}), as_of, now) for plugin_id in ids}
    odd = [plugin_id for plugin_id, fact in found.items() if isinstance(fact, Missing)]
    trouble = f"{address}: unreadable figures of {', '.join(sorted(odd)[:10])}" if odd else ""
    return SourceRun(kind=kind, found=found, trouble=trouble)


def parse_export(raw: bytes, now: datetime) -> tuple[datetime, Mapping[str, Any]]:
    """Return when the export `raw` was made (UTC, at most `now`) and its entries by lower-case plugin id.

    Raises UsageFormatError.
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


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**53:
        raise UsageFormatError(f"{str(value)[:40]!r} is no count")
    return value


def _time(value: Any, now: datetime) -> datetime:
    """Return the time that an export tells of itself; one that tells none, or a future one, is of now."""
    try:
        if isinstance(value, str):
            return min(parse_time(value), now)
        if isinstance(value, int | float) and not isinstance(value, bool):
            seconds = value / 1000 if value > 1e11 else value  # JavaScript counts milliseconds
            return min(datetime.fromtimestamp(seconds, UTC), now)
    except (ValueError, OverflowError, OSError):
        pass
    return now


def _believe(kind: Kind, as_of: datetime, plugins: Mapping[str, Any], known: State) -> None:
    """Raise UsageFormatError when the export cannot be newer truth than what is known."""
    facts: Found = {key: facts[kind] for key, facts in known.plugins.items() if kind in facts}
    newest = max((fact.as_of for fact in facts.values() if isinstance(fact, Fact)), default=None)
    if newest is not None and as_of < newest - timedelta(minutes=1):
        raise UsageFormatError(f"is of {as_of:%Y-%m-%d %H:%M} UTC, older than the figures known already")
    used = [
        key.lower()
        for key, fact in facts.items()
        if isinstance(fact, Fact) and key in known.listed and fact.data.get("instances")
    ]
    if used and not plugins:
        raise UsageFormatError("lists no plugin at all")
    left = sum(1 for key in used if key in plugins)
    if len(used) >= COLLAPSE_FLOOR and left * 2 < len(used):
        raise UsageFormatError(f"lists {left} of {len(used)} plugins that had users: not believed")


def _read(path: Path) -> bytes:
    if path.stat().st_size > MAX_EXPORT_BYTES:
        raise UsageFormatError(f"is larger than {MAX_EXPORT_BYTES >> 20} MB")
    return path.read_bytes()
