"""The report of an enrichment run: for programs as JSON, for people as the job's Markdown summary."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from registry import __version__
from registry.enrich.merge import contradictions
from registry.facts.model import KINDS, Fact, Facts, Missing, SourceRun, iso_text
from registry.facts.state import State
from registry.quarantine.build_report import errors_of
from registry.registration.model import Registration
from registry.sources.collect import Collected
from registry.text.github_markdown import plain
from registry.text.problems import Problem

Report = dict[str, Any]
NAMED = 10
"""Errors that are said on stderr."""
TOLD = 50
"""Rows of a list that the summary shows; the JSON report has them all."""


def build_report(
    registrations: Sequence[Registration],
    problems: Sequence[Problem],
    left_out: Mapping[str, str],
    collected: Collected,
    before: State,
    after: State,
    now: datetime,
    refused: str,
) -> Report:
    """Return the report as JSON values. `refused` tells why nothing is published, "" when all is well."""
    known = after.plugins
    return {
        "version": __version__,
        "generated_at": iso_text(now),
        "refused": refused,
        "counts": {
            "registrations": len(registrations) + len(left_out),
            "published": 0 if refused else len(registrations),
            "left_out": len(left_out),
            "on_github": sum(registration.repo is not None for registration in registrations),
            **{kind: sum(kind in known.get(reg.id, {}) for reg in registrations) for kind in KINDS},
            "flags_in_source": sum(
                str(fact.data.get("rule")).endswith("+flag")
                for reg in registrations
                if (fact := known.get(reg.id, {}).get("compatibility"))
            ),
        },
        "sources": {run.kind: _source(run, registrations, known, collected) for run in collected.runs},
        "traffic": {**asdict(collected.traffic), "rate_limit_points": collected.points},
        "changes": _changes(registrations, before, after),
        "contradictions": [asdict(contradiction) for contradiction in contradictions(registrations, known)],
        "compatibility_problems": [
            {"id": reg.id, "reason": fact.data.get("reason", ""), "path": fact.data.get("path", "")}
            for reg in registrations
            if (fact := known.get(reg.id, {}).get("compatibility")) and fact.data.get("problem")
        ],
        "source_errors": [line for run in collected.runs for line in run.errors],
        "notes": dict(sorted(collected.notes.items())),
        "skipped": [
            {"kind": run.kind, "id": plugin_id, "reason": found.reason}
            for run in collected.runs
            for plugin_id, found in sorted(run.found.items())
            if isinstance(found, Missing)
        ],
        "left_out": dict(sorted(left_out.items())),
        "problems": [asdict(problem) for problem in problems],
    }


def summary(report: Report) -> str:
    """Return the report as Markdown for a job's summary. Whatever plugins say is escaped."""
    counts, traffic = report["counts"], report["traffic"]
    lines = [f"## Enrichment of {report['generated_at']}", ""]
    if report["refused"]:
        lines += [f"**Nothing is published:** {plain(report['refused'])}", ""]
    lines += [
        f"{counts['published']} plugins published, {counts['left_out']} left out, {counts['on_github']} on "
        f"GitHub, {counts['flags_in_source']} with a flag in the source.",
        "",
        f"{traffic['requests']} requests, {traffic['bytes_received']} bytes, {traffic['retries']} retries, "
        f"{traffic['rate_limit_points']} rate-limit points.",
        "",
        "| source | answered for | known | oldest figures | seconds | trouble |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {kind} | {source['found']} | {source['known']} | {source['oldest_as_of'] or 'none'} | "
        f"{source['seconds']:.2f} | {plain(source['trouble'])} |"
        for kind, source in report["sources"].items()
    ]
    for title, rows in (
        ("Left out", _left_out(report)),
        ("Errors of sources", report["source_errors"]),
        ("Changes", [f"{name}: {item}" for name, items in report["changes"].items() for item in items]),
        (
            "Registered Python compatibility that the source contradicts",
            [
                f"{row['id']}: registered {row['registered']}, "
                + (
                    f"but {row['found']} counts: {row['reason']}"
                    if row["reason"]
                    else f"{row['path']} line {row['line']} says {row['found']}"
                )
                for row in report["contradictions"]
            ],
        ),
        (
            "Python compatibility that the host does not read",
            [f"{row['id']}: {row['reason']}" for row in report["compatibility_problems"]],
        ),
        ("Notes", [f"{key}: {note}" for key, note in report["notes"].items()]),
        (
            "No new facts",
            [f"{row['id']} ({row['kind']}): {row['reason']}" for row in report["skipped"]],
        ),
        (
            "Faults of registrations",
            [f"{row['file']}:{row['line']}: {row['key']} {row['message']}" for row in report["problems"]],
        ),
    ):
        if rows:
            lines += ["", f"### {title} ({len(rows)})", "", *(f"- {plain(row)}" for row in rows[:TOLD])]
            if len(rows) > TOLD:
                lines.append(f"- and {len(rows) - TOLD} more, in the report")
    return "\n".join(lines) + "\n"


def _left_out(report: Report) -> list[str]:
    """Return a line for each plugin of which something is left out."""
    reasons: dict[str, list[str]] = {}
    for entry in errors_of(report):
        reasons.setdefault(entry.plugin or "the state", []).append(f"{entry.message} [{entry.code}]")
    return [f"{plugin}: {'; '.join(messages)}" for plugin, messages in reasons.items()]


def error_lines(runs: Sequence[SourceRun]) -> list[str]:
    """Return the first few of what an operator has to look at, and how many more there are."""
    lines = [line for run in runs for line in run.errors]
    more = [f"and {len(lines) - NAMED} more, in the report"] if len(lines) > NAMED else []
    return lines[:NAMED] + more


def stale_lines(
    runs: Sequence[SourceRun], registrations: Sequence[Registration], known: Mapping[str, Facts]
) -> list[str]:
    """Return a line for each source that gave nothing or not all, telling how old its last figures are."""
    lines: dict[str, list[str]] = {}
    for run in runs:
        if run.trouble:
            lines.setdefault(run.trouble, []).append(run.kind)
    told = []
    for trouble, kinds in lines.items():
        times = [
            fact.as_of
            for reg in registrations
            for kind, fact in known.get(reg.id, {}).items()
            if kind in kinds
        ]
        age = f"the last known figures stand, of {_span(times)}" if times else "nothing is known yet"
        told.append(f"{', '.join(kinds)}: {trouble}; {age}")
    return told


def _span(times: Sequence[datetime]) -> str:
    first, last = f"{min(times):%Y-%m-%d}", f"{max(times):%Y-%m-%d}"
    return first if first == last else f"{first} to {last}"


def _source(
    run: SourceRun,
    registrations: Sequence[Registration],
    known: Mapping[str, Facts],
    collected: Collected,
) -> dict[str, Any]:
    times = [fact.as_of for reg in registrations if (fact := known.get(reg.id, {}).get(run.kind))]
    return {
        "asked": run.asked,
        "trouble": run.trouble,
        "found": sum(isinstance(found, Fact) for found in run.found.values()),
        "missing": sum(isinstance(found, Missing) for found in run.found.values()),
        "known": len(times),
        "oldest_as_of": iso_text(min(times)) if times else None,
        "seconds": round(collected.seconds.get(run.kind, 0.0), 3),
    }


def _changes(registrations: Sequence[Registration], before: State, after: State) -> dict[str, list[str]]:
    """Return what is new since the last state, as sentences by sort."""
    ids = {registration.id for registration in registrations}
    changes: dict[str, list[str]] = {
        "new": sorted(ids.difference(before.listed)) if before.listed else [],
        "removed": sorted(set(before.listed).difference(ids))
        if before.registrations == after.registrations
        else [],
        "released": [],
        "moved": [],
        "archived": [],
        "gone": [],
        "back": [],
        "compatibility": [],
    }
    for plugin_id in sorted(ids):
        old, new = before.plugins.get(plugin_id, {}), after.plugins.get(plugin_id, {})
        if (was := old.get("github")) and (now := new.get("github")):
            if now.gone_since and not was.gone_since:
                changes["gone"].append(plugin_id)
            if was.gone_since and not now.gone_since:
                changes["back"].append(plugin_id)
            tag = now.data.get("latest_release_tag")
            if tag and tag != was.data.get("latest_release_tag"):
                changes["released"].append(f"{plugin_id} {tag}")
            if was.data.get("repo") and now.data.get("repo") != was.data["repo"]:
                changes["moved"].append(f"{plugin_id} from {was.data['repo']} to {now.data.get('repo')}")
            if now.data.get("archived") and was.data.get("archived") is False:
                changes["archived"].append(plugin_id)
        if (was := old.get("compatibility")) and (now := new.get("compatibility")):
            first, second = was.data.get("python"), now.data.get("python")
            if first != second:
                changes["compatibility"].append(f"{plugin_id} from {first or 'none'} to {second or 'none'}")
    return changes
