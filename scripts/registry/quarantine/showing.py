"""What was left out, for the run that left it out: annotations, and a section of the job's summary. Pure."""

from collections.abc import Collection, Iterable, Iterator

from registry.quarantine.left_out import LeftOut
from registry.text.github_markdown import code, plain
from registry.text.problems import Problem, as_annotation

MAX_ANNOTATIONS = 50
"""GitHub keeps 50 of a run."""
MAX_ROWS = 50


def as_problem(entry: LeftOut) -> Problem:
    """Return the entry as a problem of its file; where no file is known, of the page or of the site."""
    file = entry.file or (f"{entry.slug}.md" if entry.slug else "the site")
    message = f"{entry.plugin}: {entry.message}" if entry.plugin else entry.message
    return Problem(file=file, line=entry.line, key="", level="error", code=entry.code, message=message)


def annotations(entries: Collection[LeftOut]) -> Iterator[str]:
    """Yield GitHub's workflow commands: one for each entry, and one for those that are too many."""
    for entry in list(entries)[:MAX_ANNOTATIONS]:
        yield as_annotation(as_problem(entry))
    if len(entries) > MAX_ANNOTATIONS:
        yield f"::notice title=left out::{len(entries) - MAX_ANNOTATIONS:,} more are in the report"


def summary(entries: Collection[LeftOut]) -> str:
    """Return the section of a job's summary, "" when nothing was left out. Strangers' words are escaped."""
    if not entries:
        return ""
    lines = [f"### Left out ({len(entries)})", "", *_rows(list(entries)[:MAX_ROWS])]
    if len(entries) > MAX_ROWS:
        lines.append(f"- and {len(entries) - MAX_ROWS:,} more, in the report")
    return "\n".join([*lines, "", ""])


def _rows(entries: Iterable[LeftOut]) -> Iterator[str]:
    for entry in entries:
        name = code(entry.plugin, 100) if entry.plugin else "the site"
        yield f"- {name}, {entry.stage}: {plain(entry.message)}"
