"""What may enter the state: what the next build can read, judged by the codec and the schema that read it.

What does not fit is left out and reported, and what was known before stays. One fact that does not fit would
have the whole state refused, and no build would work until a person steps in.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from registry.facts.history import LARGEST, History, is_count
from registry.facts.history_update import Row
from registry.facts.model import Fact, Facts, Kind, Missing, SourceRun
from registry.facts.state import State, document_of, fact_of, state_of
from registry.facts.state_document import encode, fault_of
from registry.quarantine.left_out import LeftOut, left_out

CODE = "bad-fact"
MAX_FACTS_BYTES = 20 * 1024 * 1024
"""All facts as JSON. Those of 10,000 plugins take fourteen; and however badly these pack, `restore` takes
them back from the site, their history included."""

_Key = tuple[str, Kind]


def admit(
    known: State, runs: Sequence[SourceRun], now: datetime
) -> tuple[tuple[SourceRun, ...], list[LeftOut]]:
    """Return the `runs` with a `Missing` in the place of each fact that cannot enter, and what these were."""
    new: dict[str, dict[Kind, Fact]] = {}
    for run in runs:
        for plugin_id, found in run.found.items():
            if fact := fact_of(found, run.kind, known.plugins.get(plugin_id, {}), now):
                new.setdefault(plugin_id, {})[run.kind] = fact
    refused = _refused(new, known.plugins) if new else {}
    if not refused:
        return tuple(runs), []
    admitted = []
    for run in runs:
        reasons = {plugin_id: reason for (plugin_id, kind), reason in refused.items() if kind == run.kind}
        missing = {key: Missing(reason=f"does not fit: {reason}") for key, reason in reasons.items()}
        admitted.append(replace(run, found={**run.found, **missing}))
    return tuple(admitted), [_left_out(key, f"`{kind}`", why) for (key, kind), why in refused.items()]


def settle(state: State) -> tuple[State, list[LeftOut]]:
    """Return `state` without the ids, folders and times that cannot stand in it, and what these were.

    Its facts were admitted when they came, and its history takes in counts alone.
    """
    content = document_of(replace(state, plugins={}, history=History()))
    if not fault_of(content):
        return state, []
    empty = document_of(State())
    found: list[LeftOut] = []

    def fits(key: str, part: Any) -> bool:
        fault = fault_of({**empty, key: part})
        if fault:
            found.append(_left_out("", f"`{key}`", fault))
        return not fault

    def fitting(key: str, value: Any) -> Any:
        if not fault_of({**empty, key: value}):
            return value
        if isinstance(value, list):
            value = [entry for entry in value if fits(key, [entry])]
        elif isinstance(value, dict):
            value = {name: entry for name, entry in value.items() if fits(key, {name: entry})}
        return value if fits(key, value) else empty[key]

    sound = {key: fitting(key, value) for key, value in content.items()}
    return replace(state_of(sound), plugins=state.plugins, history=state.history), found


def admit_totals(whole: Row) -> tuple[Row, list[LeftOut]]:
    """Return the figures of a whole registry that its history can hold, and what the others were."""
    fitting = {name: value for name, value in whole.items() if value is None or is_count(value)}
    return fitting, [
        _left_out("", f"the sum of `{name}`", f"{value} is greater than {LARGEST}")
        for name, value in whole.items()
        if name not in fitting
    ]


def _refused(new: Mapping[str, Facts], old: Mapping[str, Facts]) -> dict[_Key, str]:
    """Return why each of the `new` facts cannot enter. One look at all suffices where nothing is wrong."""
    if not _fault(_laid_over(old, new)):
        return {}
    refused = {}
    for plugin_id, facts in new.items():
        if _fault({plugin_id: facts}):
            for kind, fact in facts.items():
                if fault := _fault({plugin_id: {kind: fact}}):
                    refused[plugin_id, kind] = fault.removeprefix(f"plugins/{plugin_id}/{kind}/")
    sound = {
        plugin_id: {kind: fact for kind, fact in facts.items() if (plugin_id, kind) not in refused}
        for plugin_id, facts in new.items()
    }
    if _fault(_laid_over(old, sound)):
        refused |= _too_much(sound, old)
    return refused


def _too_much(new: Mapping[str, Facts], old: Mapping[str, Facts]) -> dict[_Key, str]:
    """Return the largest of the new facts, as many as must stay out for all to be small enough together."""
    former, sizes = _sizes(old), _sizes(new)
    total = sum({**former, **sizes}.values())
    refused = {}
    for key in sorted(sizes, key=lambda key: (-sizes[key], key)):
        if total > MAX_FACTS_BYTES and sizes[key] > former.get(key, 0):
            total -= sizes[key] - former.get(key, 0)
            refused[key] = f"{sizes[key]:,} bytes, and all facts may have {MAX_FACTS_BYTES >> 20} MB together"
    return refused


def _sizes(plugins: Mapping[str, Facts]) -> dict[_Key, int]:
    return {
        (plugin_id, kind): len(encode(_document({plugin_id: {kind: fact}})))
        for plugin_id, facts in plugins.items()
        for kind, fact in facts.items()
    }


def _laid_over(old: Mapping[str, Facts], new: Mapping[str, Facts]) -> dict[str, Facts]:
    return {**old, **{key: {**old.get(key, {}), **facts} for key, facts in new.items()}}


def _fault(plugins: Mapping[str, Facts]) -> str:
    return fault_of(_document(plugins), MAX_FACTS_BYTES)


def _document(plugins: Mapping[str, Facts]) -> Any:
    return document_of(State(plugins=plugins))


def _left_out(plugin: str, what: str, fault: str) -> LeftOut:
    cure = "the last good fact stays; mend it where it was read" if plugin else "mend it where it came from"
    return left_out(plugin, "source", CODE, f"{what} does not fit and is dropped ({fault}); {cure}")
