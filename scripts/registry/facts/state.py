"""The state: every fact with its time and source, as it travels with the site.

`build/state.json`, the committed baseline and what a build restores from the live site are one format,
checked by `docs/schemas/state.schema.json`. A file that does not fit is refused whole: it is input like any
other.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from registry.facts import history_update
from registry.facts.history import History, history_json, parse_history
from registry.facts.model import KINDS, Fact, Facts, Kind, Missing, SourceRun, iso_text, parse_time
from registry.facts.state_document import (
    MAX_STATE_BYTES,
    Document,
    NewerStateError,
    StateError,
    decode,
    encode,
)
from registry.system.files import write_bytes

__all__ = [
    "MAX_STATE_BYTES",
    "NewerStateError",
    "State",
    "StateError",
    "document_of",
    "dump_state",
    "expected",
    "fact_of",
    "learn",
    "over",
    "parse_state",
    "publish",
    "read_state",
    "state_of",
    "write_state",
]

ELSEWHERE = 4
"""Other folders of which the state remembers what they published."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """All that is known, by plugin id."""

    plugins: Mapping[str, Facts] = field(default_factory=dict)
    listed: tuple[str, ...] = ()
    """Ids that the last build published, sorted."""
    registrations: str = ""
    """The folder that `listed` was read from, as it was named."""
    elsewhere: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What builds from other folders published last, by folder: two registries may share a state."""
    unlisted_since: Mapping[str, datetime] = field(default_factory=dict)
    """Ids whose facts outlive their registration, and since when."""
    doubted_since: Mapping[Kind, datetime] = field(default_factory=dict)
    """Kinds whose source says what cannot be true, and since when."""
    generated_at: datetime | None = None
    """When a source last answered."""
    history: History = field(default_factory=History)
    """What was known on former days."""


def read_state(path: Path) -> State:
    """Return the state in the file at `path`. Raises StateError, FileNotFoundError when there is none."""
    try:
        if path.stat().st_size > MAX_STATE_BYTES:
            raise StateError(f"{path}: is larger than {MAX_STATE_BYTES >> 20} MB")
        raw = path.read_bytes()
    except FileNotFoundError:
        raise
    except OSError as error:
        raise StateError(f"{path}: cannot be read: {error.strerror}") from None
    return parse_state(raw, str(path))


def parse_state(raw: bytes, name: str) -> State:
    """Return the state in the JSON text `raw`, called `name` in messages. Raises StateError."""
    content = decode(raw, name)
    try:
        return state_of(content)
    except ValueError as error:
        raise StateError(f"{name}: {error}") from None


def state_of(content: Document) -> State:
    """Return the state of a document that fits the schema. Raises ValueError for what is no day or time."""
    return State(
        plugins={
            plugin_id: {kind: _fact(entry[kind]) for kind in KINDS if kind in entry}
            for plugin_id, entry in content["plugins"].items()
        },
        listed=tuple(sorted(content["listed"])),
        registrations=content.get("registrations", ""),
        elsewhere={folder: tuple(ids) for folder, ids in content.get("elsewhere", {}).items()},
        unlisted_since={
            plugin_id: parse_time(text) for plugin_id, text in content.get("unlisted_since", {}).items()
        },
        doubted_since={
            kind: parse_time(content["doubted_since"][kind])
            for kind in KINDS
            if kind in content.get("doubted_since", {})
        },
        generated_at=parse_time(content["generated_at"]) if content.get("generated_at") else None,
        history=parse_history(content["history"]) if "history" in content else History(),
    )


def dump_state(state: State) -> bytes:
    """Return `state` as JSON, the same bytes for the same state."""
    return encode(document_of(state)) + b"\n"


def document_of(state: State) -> Document:
    """Return the document of `state`."""
    content: Document = {
        # Of the second version only where it holds what came with it: the last release reads all others.
        "schema_version": 2 if state.doubted_since else 1,
        "generated_at": iso_text(state.generated_at) if state.generated_at else None,
        "registrations": state.registrations,
        "listed": list(state.listed),
        "elsewhere": {folder: list(ids) for folder, ids in state.elsewhere.items()},
        "unlisted_since": {key: iso_text(moment) for key, moment in state.unlisted_since.items()},
        "plugins": {
            plugin_id: {kind: _fact_json(fact) for kind, fact in facts.items()}
            for plugin_id, facts in state.plugins.items()
            if facts
        },
    }
    if state.doubted_since:
        content["doubted_since"] = {kind: iso_text(moment) for kind, moment in state.doubted_since.items()}
    if state.history:
        content["history"] = history_json(state.history)
    return content


def write_state(path: Path, state: State) -> bool:
    """Write `state` to `path` in one step; tell whether it changed."""
    return write_bytes(path, dump_state(state))


def over(baseline: State, state: State) -> State:
    """Return `state` with its gaps filled from `baseline`: of each fact the newer one, and all history."""
    plugins: dict[str, Facts] = dict(state.plugins)
    for plugin_id, older in baseline.plugins.items():
        facts = dict(plugins.get(plugin_id, {}))
        for kind, fact in older.items():
            if kind not in facts or facts[kind].as_of < fact.as_of:
                facts[kind] = fact
        plugins[plugin_id] = facts
    return replace(
        state,
        plugins=plugins,
        generated_at=state.generated_at or baseline.generated_at,
        history=history_update.united(state.history, baseline.history),
    )


def learn(state: State, runs: tuple[SourceRun, ...], now: datetime) -> State:
    """Return `state` with what the `runs` found.

    A `Missing` leaves the last good fact as it is; a `Missing` that is gone marks it with the time it was
    first missed. A source that is doubted is so since it was first.
    """
    doubted = dict(state.doubted_since)
    for run in runs:
        if run.doubted:
            doubted[run.kind] = min(doubted.get(run.kind, now), now)
        elif any(isinstance(found, Fact) for found in run.found.values()):
            doubted.pop(run.kind, None)
    plugins: dict[str, dict[Kind, Fact]] = {key: dict(facts) for key, facts in state.plugins.items()}
    for run in runs:
        for plugin_id, found in run.found.items():
            facts = plugins.setdefault(plugin_id, {})
            if fact := fact_of(found, run.kind, facts, now):
                facts[run.kind] = fact
    heard = any(isinstance(found, Fact) for run in runs for found in run.found.values())
    return replace(
        state,
        plugins=plugins,
        doubted_since=doubted,
        generated_at=now if heard else state.generated_at,
    )


def fact_of(found: Fact | Missing, kind: Kind, known: Facts, now: datetime) -> Fact | None:
    """Return the fact that `found` makes of what is `known` of a plugin, None where the last one stays."""
    if isinstance(found, Fact) or not found.gone:
        return found if isinstance(found, Fact) else None
    last = known.get(kind)
    if last is None:
        return Fact(fetched_at=now, as_of=now, source=kind, data={}, gone_since=now)
    return replace(last, fetched_at=now, gone_since=last.gone_since or now)


def publish(state: State, ids: tuple[str, ...], registrations: str, now: datetime, keep_days: int) -> State:
    """Return `state` as of a build that publishes the plugins `ids` from the folder `registrations`.

    Facts and history of other plugins stay for `keep_days`, so that a registration that is broken for a while
    comes back with its figures. A registry that moved to another folder takes its history along.
    """
    published = frozenset(ids)
    elsewhere = {folder: listed for folder, listed in state.elsewhere.items() if folder != registrations}
    if state.listed and state.registrations != registrations:
        elsewhere = {**dict(list(elsewhere.items())[: ELSEWHERE - 1]), state.registrations: state.listed}
    since = {key: state.unlisted_since.get(key, now) for key in state.plugins if key not in published}
    kept = {key for key, moment in since.items() if now - moment <= timedelta(days=keep_days)}
    plugins = {key: facts for key, facts in state.plugins.items() if key in published or key in kept}
    history = state.history
    if state.listed and expected(state, ids, registrations) == state.listed:
        history = history_update.moved(history, state.registrations, registrations)
    return replace(
        state,
        plugins=plugins,
        history=history_update.kept(history, plugins, {registrations, *elsewhere}),
        listed=tuple(sorted(published)),
        registrations=registrations,
        elsewhere=elsewhere,
        unlisted_since={key: since[key] for key in sorted(kept)},
    )


def expected(state: State, ids: tuple[str, ...], registrations: str) -> tuple[str, ...]:
    """Return the ids that a build of `ids` from the folder `registrations` should publish again.

    A folder is held against what it published itself. Registrations from a new folder, most of them never
    published before, are another registry: of them nothing is expected.
    """
    if state.registrations == registrations:
        return state.listed
    if registrations in state.elsewhere:
        return state.elsewhere[registrations]
    known = frozenset(state.listed)
    fresh = sum(plugin_id not in known for plugin_id in ids)
    return () if fresh * 2 > len(ids) else state.listed


def _fact(entry: Mapping[str, Any]) -> Fact:
    fetched_at = parse_time(entry["fetched_at"])
    return Fact(
        fetched_at=fetched_at,
        as_of=parse_time(entry["as_of"]) if "as_of" in entry else fetched_at,
        source=entry["source"],
        data=entry["data"],
        gone_since=parse_time(entry["gone_since"]) if "gone_since" in entry else None,
    )


def _fact_json(fact: Fact) -> Document:
    entry: Document = {
        "fetched_at": iso_text(fact.fetched_at),
        "source": fact.source,
        "data": fact.data,
    }
    if fact.as_of != fact.fetched_at:
        entry["as_of"] = iso_text(fact.as_of)
    if fact.gone_since:
        entry["gone_since"] = iso_text(fact.gone_since)
    return entry
