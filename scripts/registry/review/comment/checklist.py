"""What reviewers look at, by what a change brings. Pure."""

from collections.abc import Iterator, Mapping

from registry.review.change import Change
from registry.review.inspection.source import Source
from registry.review.judgement import Judgement
from registry.text.github_markdown import code

MAX_NAMED = 10


def checklist(judgement: Judgement, change: Change, sources: Mapping[str, Source]) -> Iterator[str]:
    """Yield tasks as Markdown, on one line each."""
    reviewed = judgement.registrations
    if others := [file.path for file in change.files if file.kind == "other"]:
        yield f"The change reaches into the repository itself: read every line of {_named(others)}"
    if data := [file.path for file in change.files if file.kind == "data"]:
        yield (
            f"{_named(data)} steers every installation in the field within hours: each entry is meant, and "
            "each link leads where it says"
        )
    if new := [slug for slug, item in reviewed.items() if item.new]:
        yield f"{_named(new)}: the plugin does what its description says, and is no copy of a listed one"
        yield f"{_named(new)}: its author wants it listed (the pull request is theirs, or they agreed)"
        yield f"{_named(new)}: nothing in its source looks harmful or phones home without saying so"
    if changed := [slug for slug, item in reviewed.items() if not item.new]:
        yield f"{_named(changed)}: who changes it may (maintainer, or a correction that anybody can check)"
    for slug in reviewed:
        source = sources.get(slug)
        if source and (source.repo is None or source.unread):
            yield f"{code(slug)}: its source was not read here, so look at licence and compatibility by hand"
    if images := [file.path for file in change.files if file.kind == "image" and file.status != "deleted"]:
        yield f"{_named(images)}: shows the plugin, and nobody's private data"
    if gone := [file.path for file in change.files if file.status == "deleted" and file.kind != "other"]:
        yield f"{_named(gone)}: may go; a page that goes leaves a dead address behind"
    if change.total > len(change.files):
        yield f"The change has {change.total:,} files, more than are looked at here: ask for smaller ones"


def _named(names: list[str]) -> str:
    more = len(names) - MAX_NAMED
    tail = f" and {more:,} more" if more > 0 else ""
    return ", ".join(code(name, 100) for name in names[:MAX_NAMED]) + tail
