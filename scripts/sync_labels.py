#!/usr/bin/env python3
"""Make the repository's labels as a file says: create the missing, correct the differing, delete none."""

import argparse
import os
import sys
from pathlib import Path

from registry.github.access import Access
from registry.github.rest import Rest, is_repository, quoted
from registry.housekeeping.labels import Change, LabelsError, changes, read_labels
from registry.net.http import Unavailable
from registry.system.progress import say

FAILED, USAGE = 1, 2


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code: 0 done, 1 faults in the file or no from GitHub, 2 usage."""
    options = _parser().parse_args(arguments)
    access = Access.from_environment(os.environ)
    if not is_repository(access.repository):
        say("sync_labels: set GITHUB_REPOSITORY to the repository's owner/name")
        return USAGE
    if not access.token and not options.dry_run:
        say("sync_labels: set GITHUB_TOKEN to a token that may write issues, or look on with --dry-run")
        return USAGE
    try:
        wanted = read_labels(options.file)
    except OSError as error:
        say(f"sync_labels: {error.filename}: {error.strerror}")
        return USAGE
    except LabelsError as error:
        say(f"sync_labels: {str(error).replace(chr(10), chr(10) + 'sync_labels: ')}")
        return FAILED
    try:
        rest = Rest(access)
        path = f"/repos/{access.repository}/labels"
        todo = changes(wanted, rest.pages(path))
        for change in todo:
            if not options.dry_run:
                _make(rest, path, change)
            print(f"{change.kind} {change.label.name}")
    except Unavailable as error:
        say(f"sync_labels: {error}")
        return FAILED
    say(f"{len(todo)} of {len(wanted)} labels {'would be ' if options.dry_run else ''}changed")
    return 0


def _make(rest: Rest, path: str, change: Change) -> None:
    """Create or correct one label."""
    label = change.label
    looks = {"color": label.color, "description": label.description}
    if change.kind == "create":
        rest.post(path, {"name": label.name, **looks})
    else:
        rest.patch(f"{path}/{quoted(change.known)}", {"new_name": label.name, **looks})


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="sync_labels.py", description=__doc__)
    parser.add_argument(
        "--file",
        type=Path,
        default=Path(".github/labels.yml"),
        help="the labels; default: .github/labels.yml",
    )
    parser.add_argument("--dry-run", action="store_true", help="print what would be done, and do nothing")
    return parser


if __name__ == "__main__":
    sys.exit(main())
