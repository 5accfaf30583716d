#!/usr/bin/env python3
"""Judge a pull request's merge commit by the rules of this checkout; nothing of the commit is run."""

import argparse
import json
import os
import sys
from datetime import UTC, datetime
from io import TextIOWrapper
from pathlib import Path

from registry.github.access import Access
from registry.review import verdict_formats
from registry.review.change import ChangeError, read_change
from registry.review.judgement import judge
from registry.system.files import write_bytes
from registry.system.progress import say

INVALID, USAGE = 1, 2


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code: 0 valid (warnings allowed), 1 invalid, 2 wrong usage."""
    options = _parser().parse_args(arguments)
    try:
        change = read_change(options.repository, options.commit)
        server_url = Access.from_environment(os.environ).server_url
        judgement = judge(change, datetime.now(UTC).date(), server_url)
        document = verdict_formats.review_document(change, judgement)
        text = json.dumps(document, ensure_ascii=True, indent=1) + "\n"
        write_bytes(options.out / "review.json", text.encode())
        if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
            with Path(summary).open("a", encoding="utf-8") as file:
                file.write(verdict_formats.summary(change, judgement))
    except OSError as error:
        say(f"review: {error.filename}: {error.strerror}")
        return USAGE
    except ChangeError as error:
        say(f"review: {error}")
        return USAGE
    if isinstance(sys.stdout, TextIOWrapper):
        # A terminal that knows no UTF-8 still gets the words.
        sys.stdout.reconfigure(errors="backslashreplace")
    tell = verdict_formats.annotations if options.format == "github" else verdict_formats.lines
    for line in tell(judgement):
        print(line)
    say(verdict_formats.last_line(change, judgement))
    return 0 if judgement.is_valid else INVALID


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="review.py", description=__doc__)
    parser.add_argument("commit", metavar="COMMIT", help="merge commit, already fetched: full id or ref")
    parser.add_argument("--repository", type=Path, default=Path(), metavar="DIR",
                        help="repository that holds the commit's objects (default: %(default)s)")  # fmt: skip
    parser.add_argument("--out", type=Path, default=Path("build/review"), metavar="DIR",
                        help="folder for review.json (default: %(default)s)")  # fmt: skip
    parser.add_argument("--format", choices=("text", "github"), default="text", help="default: %(default)s")
    return parser


if __name__ == "__main__":
    sys.exit(main())
