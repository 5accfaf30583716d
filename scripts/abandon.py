#!/usr/bin/env python3
"""Open the pull request that an approved issue of the form "Abandoned plugin" asks for.

Run by the workflow *abandon* on `issues: labeled`; reads the event at GITHUB_EVENT_PATH. Exit status: 0 done,
or nothing to do (told on stderr), 1 when GitHub did not let it be done, 2 when it was called wrongly.
"""

import argparse
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from registry import user_agent
from registry.github.access import Access
from registry.github.rest import Rest
from registry.housekeeping.abandon_pull import Marker, PullError
from registry.housekeeping.abandon_request import FORM, EventError, approval_in, field_labels, read_event
from registry.net.http import Unavailable
from registry.settings import SettingsError, load_settings
from registry.system.progress import say


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = argparse.ArgumentParser(
        prog="abandon.py", description=__doc__.splitlines()[0] if __doc__ else None
    )
    add = parser.add_argument
    add("--config", default="_config.yml", metavar="FILES", help="settings, comma-separated (%(default)s)")
    options = parser.parse_args(arguments)
    access = Access.from_environment(os.environ)
    try:
        settings = load_settings(options.config)
        if not (access.token and access.repository and os.environ.get("GITHUB_EVENT_PATH")):
            raise EventError("set GITHUB_TOKEN, GITHUB_REPOSITORY and GITHUB_EVENT_PATH")
        approval = approval_in(read_event(Path(os.environ["GITHUB_EVENT_PATH"])))
        if isinstance(approval, str):
            say(f"abandon: nothing to do: {approval}")
            return 0
        labels = field_labels(settings.root / FORM)
    except (EventError, SettingsError) as error:
        print(f"abandon: {error}", file=sys.stderr)
        return 2
    today = datetime.now(UTC).date()
    marker = Marker(Rest(access, user_agent=user_agent(settings.url)), access, settings, labels, today)
    try:
        say(f"abandon: {marker.run(approval)}")
    except (PullError, Unavailable) as error:
        print(f"abandon: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
