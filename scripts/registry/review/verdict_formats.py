"""A verdict as others read it: JSON for the artefact, annotations for the lines, a summary for the run."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from registry.review.change import Change
from registry.review.judgement import Judgement
from registry.text.github_markdown import code, plain
from registry.text.problems import (
    Problem,
    as_annotation,
    as_text,
    counted,
    errors_first,
    level_counts,
    printable,
)

VERSION = 1
"""Of review.json and preview.json; it moves when a key changes its meaning."""
MAX_ANNOTATIONS = 50
"""GitHub keeps 50 of a run, and shows ten of a step and level."""
MAX_PROBLEMS = 500
MAX_NAMES = 200
"""Problems and names that the files hold; `counts` tells how many there are."""
LONGEST_MESSAGE = 1_000


def review_document(change: Change, judgement: Judgement) -> dict[str, Any]:
    """Return review.json, as docs/schemas/review.schema.json has it."""
    errors, warnings = level_counts(judgement.problems)
    return {
        "version": VERSION,
        "commit": change.commit,
        "base": change.base,
        "head": change.head,
        "valid": judgement.is_valid,
        "counts": {"errors": errors, "warnings": warnings, "files": change.total, **judgement.counts},
        "registrations": list(_registrations(judgement))[:MAX_NAMES],
        "problems": [
            asdict(problem) | {"message": problem.message[:LONGEST_MESSAGE], "key": problem.key[:200]}
            for problem in errors_first(judgement.problems)[:MAX_PROBLEMS]
        ],
        "notes": list(judgement.notes),
        "others": list(judgement.others[:MAX_NAMES]),
    }


def annotations(judgement: Judgement) -> Iterator[str]:
    """Yield GitHub's workflow commands: the first problems, errors first, and one line for the rest."""
    problems = errors_first(judgement.problems)
    yield from map(as_annotation, problems[:MAX_ANNOTATIONS])
    rest = len(problems) - MAX_ANNOTATIONS
    if rest > 0:
        yield f"::notice title=review::{rest:,} more problems are in the summary and in review.json"


def lines(judgement: Judgement) -> Iterator[str]:
    """Yield one line for people for each problem and note."""
    yield from (as_text(problem) for problem in judgement.problems)
    yield from (printable(f"note: {note}") for note in judgement.notes)


def last_line(change: Change, judgement: Judgement) -> str:
    """Return the verdict in one line."""
    errors, warnings = level_counts(judgement.problems)
    words = [counted(change.total, "file"), counted(errors, "error"), counted(warnings, "warning")]
    return f"review: {words[0]} changed, {words[1]}, {words[2]}"


def summary(change: Change, judgement: Judgement) -> str:
    """Return the verdict as Markdown for a run's summary. Whatever the change brings is escaped."""
    errors, warnings = level_counts(judgement.problems)
    verdict = "can be merged" if judgement.is_valid else "has to be mended"
    text = [
        f"### The change {verdict}: {counted(errors, 'error')}, {counted(warnings, 'warning')}",
        "",
        f"{counted(change.total, 'file')} changed; judged by the rules of `{change.base[:12]}`.",
    ]
    text += _table(errors_first(judgement.problems), "review.json")
    if judgement.notes:
        text += ["", *(f"- {plain(note, 5_000)}" for note in judgement.notes)]
    return "\n".join([*text, "", ""])


def build_summary(problems: Sequence[Problem]) -> str:
    """Return what the build would leave out as Markdown for a run's summary, "" when that is nothing."""
    if not problems:
        return ""
    head = f"### The build would not take it as it is: {counted(len(problems), 'error')}"
    return "\n".join([head, *_table(problems, "preview.json"), "", ""])


def _table(problems: Sequence[Problem], rest: str) -> Iterator[str]:
    """Yield the rows of a table; `rest` is the file that holds those that are too many."""
    if not problems:
        return
    yield from ("", "| where | level | what, and the cure |", "|---|---|---|")
    for problem in problems[:MAX_ANNOTATIONS]:
        where = code(f"{problem.file}:{problem.line}").replace("|", "\\|")
        key = f"{problem.key}: " if problem.key else ""
        yield f"| {where} | {problem.level} | {plain(key + problem.message, LONGEST_MESSAGE)} |"
    if len(problems) > MAX_ANNOTATIONS:
        yield from ("", f"{len(problems) - MAX_ANNOTATIONS:,} more are in {rest}.")


def _registrations(judgement: Judgement) -> Iterator[dict[str, str]]:
    for slug, reviewed in judgement.registrations.items():
        registration = reviewed.registration
        yield {
            "slug": slug,
            "path": reviewed.path,
            "status": "added" if reviewed.new else "modified",
            "id": registration.id if registration else "",
            "title": registration.title[:300] if registration else "",
        }
    for slug in judgement.removed:
        yield {"slug": slug, "path": f"_plugins/{slug}.md", "status": "deleted", "id": "", "title": ""}
