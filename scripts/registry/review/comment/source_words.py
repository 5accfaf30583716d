"""The comment's parts about what the plugins' sources say. Pure."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from registry.facts.model import parse_time
from registry.review.comment.findings import Findings
from registry.review.inspection.read_sources import MAX_INSPECTED
from registry.review.inspection.source import Source
from registry.sources.compat import Unread
from registry.text.github_markdown import Part, cell_code, code, link, plain


def advice_parts(found: Findings) -> Iterator[Part]:
    """Yield the list of disagreements."""
    several = len(found.judgement.registrations) > 1
    items = [
        f"- **{advice.title}**{f' ({code(slug)})' if several else ''}. {advice.text}"
        for slug, all_of_it in found.advice.items()
        for advice in all_of_it
    ]
    if items:
        yield Part("### Where registration and source disagree", items, more="- … and {} more")


def source_parts(found: Findings) -> Iterator[Part]:
    """Yield a table for each source that was read, a sentence for each that was not."""
    for slug, source in found.sources.items():
        if source.repo is None:
            text = f"The source of {code(slug)} is not on GitHub, so nothing was read there."
            yield Part(f"### Found in the source\n\n{text}")
        elif source.unread:
            text = f"The source of {code(slug)} was not read: {plain(source.unread)}."
            yield Part(f"### Found in the source\n\n{text}")
        else:
            rows = [f"| {name} | {value} |" for name, value in _rows(found, source)]
            yield Part(f"### Found in the source of {code(slug)}\n\n| | |\n|---|---|\n" + "\n".join(rows))
    if found.uninspected:
        names = ", ".join(code(slug, 60) for slug in found.uninspected[:20])
        more = len(found.uninspected) - 20
        tail = f" and {more} more" if more > 0 else ""
        yield Part(f"The sources of {MAX_INSPECTED} plugins at a time are read; not those of {names}{tail}.")


def _rows(found: Findings, source: Source) -> Iterator[tuple[str, str]]:
    """Yield (name, value as Markdown) of what a repository tells."""
    facts = source.facts
    home = f"{found.server_url.rstrip('/')}/{quote(source.name)}"
    archived = ", **archived**" if facts.get("archived") else ""
    at = link(cell_code(source.commit[:10]), f"{home}/tree/{source.commit}") if source.commit else "no commit"
    yield "repository", f"{link(cell_code(source.name), home)} at {at}{archived}"
    if source.declared:
        yield "package", f"{cell_code(source.declared.module)}, named by {cell_code(source.packaging)}"
        if source.declared.entry_point:
            yield "identifier", cell_code(source.declared.entry_point)
    yield "Python", _flag(found, source, home)
    licence = facts.get("license")
    yield "licence", cell_code(str(licence)) if licence else "none that GitHub recognises"
    tag = facts.get("latest_release_tag")
    released = _day(facts.get("latest_release_date"))
    yield "latest release", f"{cell_code(str(tag))}{released}" if tag else "none"
    if facts.get("last_push"):
        yield "last change", _day(facts["last_push"]).removeprefix(", ")


def _flag(found: Findings, source: Source, home: str) -> str:
    outcome, host = source.outcome, found.settings.host.name
    if outcome is None:
        return "not all files could be read"
    if isinstance(outcome, Unread):
        return "unknown: no plugin could be read in the source"
    at = f"{cell_code(outcome.path)}{f' line {outcome.line}' if outcome.line else ''}"
    anchor = f"#L{outcome.line}" if outcome.line else ""
    there = link(at, f"{home}/blob/{source.commit}/{quote(outcome.path)}{anchor}")
    if outcome.kind == "flag":
        return f"{cell_code(outcome.python)} in {there}"
    why = "cannot be parsed" if outcome.kind == "syntax" else "has no flag that is read"
    return f"{there} {why}: {host} assumes {cell_code(outcome.python)}"


def _day(text: Any) -> str:
    """Return `, 2024-05-01` of a time, "" of what is none."""
    try:
        return f", {parse_time(str(text).replace(' +0000', '+00:00')):%Y-%m-%d}"
    except ValueError:
        return ""
