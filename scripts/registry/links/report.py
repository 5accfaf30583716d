"""The report of a link check: Markdown for people, JSON for programs and for the next run. Pure."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any
from urllib.parse import quote

from registry.facts.model import iso_text
from registry.links.addresses import Place
from registry.links.history import SECOND_LOOK, as_json
from registry.links.verdict import Finding, Verdict
from registry.text.github_markdown import code, plain, with_addresses

SCHEMA_VERSION = 1
LIMIT_BYTES = 64_000
"""Of a report: GitHub takes 65,536 characters, and the marker stands before it."""
LONGEST_MESSAGE = 4_000
"""Of a message, whose addresses are whole so that they can be copied."""

_SECTIONS: Sequence[tuple[str, str, Callable[[Finding], bool]]] = (
    (
        "To mend",
        "",
        lambda finding: finding.confirmed and finding.kind not in ("moved", "archived"),
    ),
    ("Moved", "These addresses lead on for good.", lambda finding: finding.kind == "moved"),
    (
        "Archived repositories",
        "Their owners have closed them for changes.",
        lambda finding: finding.kind == "archived",
    ),
    (
        "Failed once",
        f"Nothing is said of these until they fail again, at least {SECOND_LOOK.days} days later.",
        lambda finding: not finding.confirmed,
    ),
)


def told(verdict: Verdict) -> tuple[Finding, ...]:
    """Return what the report is kept open for: all but what failed once."""
    return tuple(finding for finding in verdict.findings if finding.confirmed)


def markdown(verdict: Verdict, plugins: int, now: datetime, files_url: str, limit: int = LIMIT_BYTES) -> str:
    """Return the report, at most `limit` bytes: what does not fit is counted.

    `files_url` is the address below which the registry's files are shown, "" when they are not.
    """
    head = [f"The links of {plugins} plugins, checked on {now:%Y-%m-%d}. {_counts(verdict)}"]
    lines = [line for section in _SECTIONS for line in _section(section, verdict.findings, files_url)]
    if not lines:
        head += ["", "Nothing is to be mended."]
    return _cut(head + lines, limit)


def as_report(verdict: Verdict, carried: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Return the report as JSON values; `carried` are failures of plugins that were not looked at."""
    return {
        "schema_version": SCHEMA_VERSION,
        "checked_at": iso_text(now),
        "counts": dict(verdict.counts),
        "findings": [
            {
                "identity": finding.identity,
                "plugin": finding.link.place.id,
                "file": finding.link.place.file,
                "line": finding.link.place.line,
                "key": finding.link.place.key,
                "url": finding.link.url,
                "kind": finding.kind,
                "message": finding.message,
                "since": iso_text(finding.since) if finding.since else None,
                "confirmed": finding.confirmed,
            }
            for finding in verdict.findings
        ],
        "failures": {**carried, **as_json(verdict.history)},
    }


def line_of(finding: Finding) -> str:
    """Return one finding on one line, as plain text."""
    place = finding.link.place
    since = f" (since {finding.since:%Y-%m-%d})" if finding.since else ""
    return f"{place.file}:{place.line}: {place.key}: {finding.link.url} {finding.message}{since}"


_WORDS = {
    "ok": "well",
    "no-image": "no images",
    "missing": "missing files",
    "refused": "not judged",
}


def _counts(verdict: Verdict) -> str:
    total = sum(verdict.counts.values())
    parts = ", ".join(f"{count:,} {_WORDS.get(kind, kind)}" for kind, count in verdict.counts.items())
    return f"{total:,} addresses: {parts}." if parts else "No address was found."


def _section(
    section: tuple[str, str, Callable[[Finding], bool]], findings: Iterable[Finding], files_url: str
) -> list[str]:
    title, words, belongs = section
    rows = [finding for finding in findings if belongs(finding)]
    if not rows:
        return []
    lines = ["", f"## {title} ({len(rows)})", *(["", words] if words else [])]
    for slug, group in groupby(rows, key=lambda finding: finding.link.place.slug):
        lines += ["", f"**{plain(slug)}**", ""]
        lines += [_row(finding, files_url) for finding in group]
    return lines


def _row(finding: Finding, files_url: str) -> str:
    place = finding.link.place
    since = f" (since {finding.since:%Y-%m-%d})" if finding.since else ""
    what = f"{code(finding.link.url, 400)} {with_addresses(finding.message, LONGEST_MESSAGE)}"
    return f"- {_place(place, files_url)} {plain(place.key)}: {what}{since}"


def _place(place: Place, files_url: str) -> str:
    name = f"{plain(place.file)}:{place.line}"
    if not files_url or place.file.startswith("/") or ".." in place.file:
        return name
    return f"[{name}]({files_url}/{quote(place.file)}?plain=1#L{place.line})"


def _cut(lines: list[str], limit: int) -> str:
    """Return the lines that fit, and how many findings do not."""
    room = limit - 200
    for end, line in enumerate(lines):
        room -= len(line.encode()) + 1
        if room < 0:
            left = sum(line.startswith("- ") for line in lines[end:])
            return "\n".join([*lines[:end], "", f"And {left:,} more, in links.json of this run."]) + "\n"
    return "\n".join(lines) + "\n"
