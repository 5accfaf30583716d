#!/usr/bin/env python3
"""Look where the addresses of the registrations lead, and tell what is dead, moved or vanished.

Reads registrations and state, asks each address once, writes OUT/links.json and OUT/links.md. Exit status: 0
whatever the links are, 1 when the report could not be posted, 2 for options that make no sense.
"""

import argparse
import os
import sys
from datetime import UTC, datetime
from io import TextIOWrapper
from pathlib import Path

from registry.links.job import Network, Options, PostingError, UsageError, check
from registry.settings import SettingsError, load_settings


def main(arguments: list[str] | None = None, *, network: Network | None = None) -> int:
    """Run the command; return its exit status. By `network`, tests stand in for the world."""
    parser = argparse.ArgumentParser(
        prog="check_links.py", description=__doc__.splitlines()[0] if __doc__ else None
    )
    add = parser.add_argument
    add("--plugins", type=Path, metavar="DIR", help="registrations (default: the settings' folder)")
    add("--state", type=Path, default=Path("build/state.json"), metavar="FILE", help="facts (%(default)s)")
    add("--config", default="_config.yml", metavar="FILES", help="settings, comma-separated (%(default)s)")
    add("--out", type=Path, default=Path("build/links"), metavar="DIR", help="report (%(default)s)")
    add("--post", action="store_true", help="bring the report to its issue")
    add("--only", action="append", default=[], metavar="ID", help="look at this plugin alone")
    options = vars(parser.parse_args(arguments))
    if isinstance(sys.stdout, TextIOWrapper):
        # A terminal that knows no UTF-8 still gets the words.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        settings = load_settings(options.pop("config"))
        options["plugins"] = options["plugins"] or settings.root / settings.plugins_dir
        now = datetime.now(UTC).replace(microsecond=0)
        check(Options(**options), settings, os.environ, now, network)
    except (SettingsError, UsageError) as error:
        print(f"check_links: {error}", file=sys.stderr)
        return 2
    except PostingError as error:
        print(f"check_links: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
