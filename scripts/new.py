#!/usr/bin/env python3
"""Make a registration from a repository on GitHub or a project of the package index.

Reads the packaging files, the README, the licence and the compatibility flag, asks on a terminal for what is
missing, and writes a file that validates. Exit status: 0 made, 1 not made (the reason is on stderr), 2 for
options or settings that make no sense.
"""

import argparse
import os
import sys
from datetime import UTC, datetime
from io import TextIOWrapper
from pathlib import Path

from registry.authoring.address import AddressError
from registry.authoring.package_index import DEFAULT_INDEX
from registry.authoring.session import Options, Undone, UsageError, make, parse_given
from registry.settings import SettingsError, load_settings

NOT_MADE, USAGE = 1, 2


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    options = _parser().parse_args(arguments)
    try:
        settings = load_settings(options.config)
        told = Options(
            address=options.address,
            out=options.out or settings.root / settings.plugins_dir,
            given=parse_given(options.set, options.id),
            index=options.index,
            stdout=options.stdout,
            ask=not options.no_input and sys.stdin.isatty() and sys.stderr.isatty(),
        )
        text = make(told, settings, os.environ, datetime.now(UTC).date(), sys.stdin)
    except (SettingsError, UsageError, AddressError) as error:
        print(f"new: {error}", file=sys.stderr)
        return USAGE
    except Undone as error:
        print(f"new: {error}", file=sys.stderr)
        return NOT_MADE
    except KeyboardInterrupt:
        print("\nnew: broken off; nothing was written", file=sys.stderr)
        return NOT_MADE
    if isinstance(sys.stdout, TextIOWrapper):
        # The registration is UTF-8, whatever the terminal is set to.
        sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    sys.stdout.write(text)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="new.py", description=__doc__.splitlines()[0] if __doc__ else None)
    add = parser.add_argument
    add("address", metavar="URL", help="the repository, the project's page on the index, or pypi:NAME")
    add("--id", metavar="ID", help="the plugin's identifier in the host")
    add(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="a key's value; lists by commas",
    )
    add("--out", type=Path, metavar="DIR", help="folder of the registrations; default: that of the settings")
    add("--stdout", action="store_true", help="print the registration instead of writing it")
    add("--no-input", action="store_true", help="ask nothing; what is missing ends the run")
    add("--index", default=DEFAULT_INDEX, metavar="URL", help="simple API of another package index")
    add("--config", default="_config.yml", metavar="FILES", help="settings, comma-separated (%(default)s)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
