#!/usr/bin/env python3
"""Answer a pull request after *validate*: one comment, suggested changes on the lines, labels."""

import argparse
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from registry import user_agent
from registry.github.access import Access
from registry.github.rest import Rest
from registry.housekeeping.labels import LabelsError, read_labels
from registry.net.http import Unavailable
from registry.review.change import ChangeError
from registry.review.comment.answer import Answerer
from registry.review.comment.pull_request import EventError, FetchError, checked_repository, parse_event
from registry.settings import SettingsError, load_settings
from registry.system.progress import say
from registry.text.problems import printable

FAILED, USAGE = 1, 2
MAX_EVENT_BYTES = 32_000_000


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return 0 when all is done, 1 when GitHub or git refused, 2 for wrong usage."""
    options = _parser().parse_args(arguments)
    access = Access.from_environment(os.environ)
    try:
        run = parse_event(_event(os.environ.get("GITHUB_EVENT_PATH", "")))
        if run is None:
            say("comment: the run was for no pull request; nothing to do")
            return 0
        settings = load_settings(options.config)
        answerer = Answerer(
            rest=Rest(access, user_agent=user_agent(settings.url)),
            access=access,
            repository=checked_repository(access.repository),
            checkout=options.checkout,
            settings=settings,
            labels=read_labels(options.labels) if options.labels.is_file() else (),
            today=datetime.now(UTC).date(),
        )
    except OSError as error:
        return _fail(f"{error.filename}: {error.strerror}", USAGE)
    except (EventError, LabelsError, SettingsError) as error:
        return _fail(str(error), USAGE)
    try:
        answered = answerer.answer(run)
    except (ChangeError, FetchError, Unavailable) as error:
        return _fail(str(error).replace(access.token or "\0", "***"), FAILED)
    if not answered:
        say("comment: no open pull request ends in the commit that was checked; nothing to do")
    return 0


def _event(path: str) -> Any:
    """Return the event's JSON. Raises OSError, EventError."""
    if not path:
        raise EventError("GITHUB_EVENT_PATH is not set; GitHub Actions sets it")
    with Path(path).open("rb") as file:
        raw = file.read(MAX_EVENT_BYTES + 1)
    try:
        return json.loads(raw[:MAX_EVENT_BYTES])
    except (ValueError, RecursionError):
        raise EventError(
            "the event is no JSON; run this in the workflow that answers to *validate*"
        ) from None


def _fail(words: str, status: int) -> int:
    say("\n".join(f"comment: {printable(line)}" for line in words.splitlines()))
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="comment.py", description=__doc__)
    parser.add_argument("--checkout", type=Path, default=Path(), metavar="DIR",
                        help="checkout of the default branch (default: %(default)s)")  # fmt: skip
    parser.add_argument("--config", default="_config.yml", metavar="FILES",
                        help="settings, later files over earlier ones (default: %(default)s)")  # fmt: skip
    parser.add_argument("--labels", type=Path, default=Path(".github/labels.yml"), metavar="FILE",
                        help="which paths earn which labels (default: %(default)s)")  # fmt: skip
    return parser


if __name__ == "__main__":
    sys.exit(main())
