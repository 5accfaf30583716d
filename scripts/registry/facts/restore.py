"""Restoring the state: what the live site published last, or what lies here, whichever is newer.

A restored file is untrusted input: capped while it is read and while it is unpacked, checked by its schema,
and refused whole when it does not fit. Nothing is written unless it fits.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from registry.facts.model import iso_text
from registry.facts.state import MAX_STATE_BYTES, State, StateError, dump_state, parse_state, read_state
from registry.net.clock import AHEAD
from registry.net.http import Refused, Unavailable
from registry.system.files import write_bytes
from registry.text.problems import counted

ADDRESS = "/api/v1/state.json.gz"
"""Where a site publishes its state."""
MAX_PACKED_BYTES = 32 * 1024 * 1024
"""The state of 10,000 plugins takes four, packed, most of it for its history."""
LAYERS = 2
"""A server may pack the packed file once more for the way (`Content-Encoding: gzip`), or unpack it."""

_CHUNK = 64 * 1024
_GZIP = b"\x1f\x8b"
_SPACE = b" \t\r\n"


class RestoreError(Exception):
    """Nothing sound stands in for the state; the message says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A sound state, and how large it was."""

    state: State
    size: int
    """Bytes, unpacked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """What came of asking the live site."""

    outcome: Literal["found", "none yet", "failed"]
    """`none yet`: the site answers, and publishes no state (404, 410)."""
    found: Found | None = None
    trouble: str = ""
    """Why it failed, in words."""


def unpack(packed: bytes) -> bytes:
    """Return the JSON text in the gzip file `packed`, or `packed` itself where a server unpacked it already.

    Costs at most MAX_STATE_BYTES of memory, and next to none for what begins unlike JSON. Raises StateError
    for a file that is larger, cut short, damaged, or followed by anything else.
    """
    text = packed
    for _ in range(LAYERS):
        if not text.startswith(_GZIP):
            break
        text = _inflate(text)
    if not text.lstrip(_SPACE).startswith(b"{"):
        raise StateError("is neither a gzip file nor JSON")
    return text


def _inflate(packed: bytes) -> bytes:
    inflater = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    text = bytearray()
    try:
        for start in range(0, len(packed), _CHUNK):
            pending = packed[start : start + _CHUNK]
            while pending and not inflater.eof:
                text += inflater.decompress(pending, _CHUNK)
                pending = inflater.unconsumed_tail
                if len(text) <= 2 * _CHUNK:
                    _check_beginning(text)
                if len(text) > MAX_STATE_BYTES:
                    raise StateError(f"is larger than {MAX_STATE_BYTES >> 20} MB, unpacked")
            if inflater.eof:
                if inflater.unused_data or start + _CHUNK < len(packed):
                    raise StateError("has more behind its end; a state is one gzip file alone")
                return bytes(text)
        text += inflater.flush()
    except zlib.error:
        raise StateError("is damaged: its gzip cannot be unpacked") from None
    raise StateError("is cut short: its gzip does not end")


def _check_beginning(text: bytearray) -> None:
    """Raise StateError as soon as it is seen that this becomes no JSON object: a bomb is mostly zeros."""
    head = bytes(text[:_CHUNK])
    first = head.lstrip(_SPACE)[:1]
    if (len(head) == _CHUNK and not first) or (first and first != b"{" and not head.startswith(_GZIP[:1])):
        raise StateError("is neither a gzip file nor JSON")


def ask(url: str, fetch: Callable[[str], bytes], now: datetime) -> Live:
    """Return what the live site publishes at `url`. `fetch` returns the bytes there or raises Unavailable."""
    try:
        text = unpack(fetch(url))
        state = parse_state(text, "its state")
    except Refused as error:
        if error.status in (404, 410):
            return Live(outcome="none yet")
        return Live(outcome="failed", trouble=f"{url} could not be asked: {error}")
    except Unavailable as error:
        return Live(outcome="failed", trouble=f"{url} could not be asked: {error}")
    except StateError as error:
        return Live(outcome="failed", trouble=f"{url} is refused: {str(error).removeprefix('its state: ')}")
    if state.generated_at and state.generated_at > now + AHEAD:
        trouble = f"{url} is refused: it was made {iso_text(state.generated_at)}, which is yet to come"
        return Live(outcome="failed", trouble=trouble)
    return Live(outcome="found", found=Found(state=state, size=len(text)))


def find_local(path: Path, tell: Callable[[str], None]) -> Found | None:
    """Return the state in the file `path`, None when there is none. A broken one is kept aside and told."""
    try:
        return Found(state=read_state(path), size=path.stat().st_size)
    except FileNotFoundError:
        return None
    except StateError as error:
        aside = path.with_name(f"{path.name}.refused")
        path.replace(aside)
        tell(f"{error}; kept as {aside}")
        return None


def restore(
    live: Live,
    url: str,
    path: Path,
    *,
    baseline: Path | None,
    baseline_suffices: bool,
    now: datetime,
    tell: Callable[[str], None],
) -> str:
    """Write the newest sound state to `path` and return in words what that is.

    `baseline` is the committed state file that `scripts/enrich.py` lays under, None where there is none.
    Unless `baseline_suffices`, it stands in only where the live site says that it publishes no state yet.
    Raises RestoreError when nothing stands in. `tell` is told what else happened.
    """
    local = find_local(path, tell)
    if live.found and (local is None or _newer(live.found.state, local.state) or _is_ahead(local, now)):
        write_bytes(path, dump_state(live.found.state))
        behind = ""
        if local:
            than = "made by a clock that is right, unlike" if _is_ahead(local, now) else "newer than"
            behind = f"; it is {than} the {path} of {_when(local.state)}"
        return f"{path} is that of {url}, {_about(live.found, now)}{behind}"
    if local:
        reason = live.trouble or (
            f"that of {url} is not newer" if live.found else f"{url} publishes no state yet"
        )
        return f"{path} stays, {_about(local, now)}: {reason}"
    reason = live.trouble or f"{url} publishes no state yet"
    if baseline is not None and (baseline_suffices or live.outcome == "none yet"):
        try:
            found = Found(state=read_state(baseline), size=baseline.stat().st_size)
            return f"the baseline {baseline} stands in, {_about(found, now)}: {reason}"
        except FileNotFoundError:
            reason += f"; the baseline {baseline} is not there"
        except StateError as error:
            reason += f"; the baseline cannot be used: {error}"
    if live.outcome == "none yet":
        return f"nothing to restore, the first build begins with nothing known: {reason}"
    raise RestoreError(reason)


def _is_ahead(found: Found, now: datetime) -> bool:
    """Return whether a state is of a time to come. A live one would have been refused for it already."""
    return bool(found.state.generated_at and found.state.generated_at > now + AHEAD)


def _newer(one: State, other: State) -> bool:
    if one.generated_at is None or other.generated_at is None:
        return one.generated_at is not None
    return one.generated_at > other.generated_at


def _about(found: Found, now: datetime) -> str:
    """Return age and size in words: `of 2026-05-01 06:10 UTC (7 hours old), 398 plugins, 512 kB`."""
    made = found.state.generated_at
    age = f" ({_age(now - made)})" if made else ""
    size = f"{found.size / 1e6:.1f} MB" if found.size >= 1_000_000 else f"{(found.size + 999) // 1000} kB"
    plugins = counted(len(found.state.plugins), "plugin")
    return f"of {_when(found.state)}{age}, {plugins}, {size}"


def _when(state: State) -> str:
    return f"{state.generated_at:%Y-%m-%d %H:%M} UTC" if state.generated_at else "an unknown time"


def _age(span: timedelta) -> str:
    minutes = max(0, int(span.total_seconds() // 60))
    for length, unit in ((24 * 60, "day"), (60, "hour"), (1, "minute")):
        if minutes >= 2 * length or length == 1:
            return f"{counted(minutes // length, unit)} old"
    return ""
