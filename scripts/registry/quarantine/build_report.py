"""The build's report, a JSON file that each step adds to: what was left out stands in it, under `errors`."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from registry.quarantine.left_out import STAGES, LeftOut, Stage, in_order
from registry.system.files import write_bytes

ERRORS = "errors"


def read_report(path: Path) -> dict[str, Any]:
    """Return the report, empty when there is none that can be read: each build writes it anew."""
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def errors_of(report: Mapping[str, Any]) -> list[LeftOut]:
    """Return what the report says was left out; what is not of that form is passed over."""
    entries = report.get(ERRORS)
    found = []
    for entry in entries if isinstance(entries, list) else []:
        try:
            read = LeftOut(**entry)
        except TypeError:
            continue
        if read.stage in STAGES and all(isinstance(value, str) for value in read.published.values()):
            found.append(read)
    return found


def add_errors(
    report: Mapping[str, Any], stages: Iterable[Stage], entries: Iterable[LeftOut]
) -> dict[str, Any]:
    """Return the report with what these steps left out now.

    It stands for what the same steps left out before, and what later steps did: they have yet to run again.
    """
    first = min(map(STAGES.index, stages))
    kept = [entry for entry in errors_of(report) if STAGES.index(entry.stage) < first]
    return {**report, ERRORS: [asdict(entry) for entry in in_order([*kept, *entries])]}


def write_report(path: Path, report: Mapping[str, Any]) -> None:
    """Write the report. Characters that UTF-8 cannot hold become question marks."""
    text = json.dumps(report, ensure_ascii=False, indent=1) + "\n"
    write_bytes(path, text.encode("utf-8", "replace"))
