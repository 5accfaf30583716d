"""Since when an address fails: one bad hour makes no report.

Kept in `links.json` beside the report, which the workflow's cache carries from one week to the next. A file
that cannot be used costs the history and nothing else: every failure is a first one again.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from registry.facts.model import iso_text, parse_time

SECOND_LOOK = timedelta(days=3)
"""An address is called dead when it failed in two runs that are at least so far apart."""
MAX_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """How an address fails."""

    first: datetime
    """The run that first found it, since it last was well."""
    kind: str
    detail: str
    confirmed: bool = False
    """Whether it failed again `SECOND_LOOK` later."""


History = Mapping[str, Failure]
"""Failures by `key_of`."""


def key_of(url: str, *, is_image: bool) -> str:
    """Return the key of an address: as an image it must hold an image, else anything will do."""
    return f"image {url}" if is_image else url


def failed(before: Failure | None, kind: str, detail: str, now: datetime) -> Failure:
    """Return the failure of an address that failed `before`, or did not, and fails now."""
    if before is None:
        return Failure(first=now, kind=kind, detail=detail)
    confirmed = before.confirmed or now - before.first >= SECOND_LOOK
    return Failure(first=min(before.first, now), kind=kind, detail=detail, confirmed=confirmed)


def read_history(path: Path) -> tuple[History, frozenset[str], str]:
    """Return the last run's failures, what it told (by identity), and why it cannot be used, if so."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ValueError(f"larger than {MAX_BYTES >> 20} MB")
        content = json.loads(path.read_bytes())
        failures = {str(key): _failure(entry) for key, entry in content["failures"].items()}
        told = {str(entry["identity"]) for entry in content["findings"] if entry["confirmed"] is True}
        return failures, frozenset(told), ""
    except FileNotFoundError:
        return {}, frozenset(), ""
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        reason = f"{path}: cannot be used ({type(error).__name__}); every failure counts as a first one"
        return {}, frozenset(), reason


def as_json(history: History) -> dict[str, Any]:
    """Return the history as JSON values."""
    return {
        key: {
            "first": iso_text(failure.first),
            "kind": failure.kind,
            "detail": failure.detail,
            "confirmed": failure.confirmed,
        }
        for key, failure in sorted(history.items())
    }


def _failure(entry: Any) -> Failure:
    return Failure(
        first=parse_time(entry["first"]),
        kind=str(entry["kind"]),
        detail=str(entry["detail"])[:500],
        confirmed=entry["confirmed"] is True,
    )
