"""Enrich the registrations with what the world knows of them.

Reads registrations, asks the sources, writes the enriched copies, the new state and a report. Exit status:
0 also when single plugins or sources failed (they are told on stderr and in the report), 1 when publishing
would be wrong, 2 for options or settings that make no sense.
"""

import argparse
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from registry.enrich.job import Options, RefusedError, UsageError, enrich
from registry.settings import SettingsError, load_settings
from registry.text.problems import printable


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    add = parser.add_argument
    add("--plugins", type=Path, default=Path("_plugins"), metavar="DIR", help="registrations (%(default)s)")
    add(
        "--out",
        type=Path,
        default=Path("build/_plugins"),
        metavar="DIR",
        help="enriched copies (%(default)s)",
    )
    add("--state", type=Path, default=Path("build/state.json"), metavar="FILE", help="facts (%(default)s)")
    add("--config", default="_config.yml", metavar="FILES", help="settings, comma-separated (%(default)s)")
    add("--only", action="append", default=[], metavar="ID", help="ask the sources for this plugin alone")
    add("--offline", action="store_true", help="ask no source; use the last known facts")
    add("--report", type=Path, metavar="FILE", help="write a machine-readable report")
    add("--accept-loss", action="store_true", help="publish although many known plugins are missing")
    add("--accept-usage", action="store_true", help="believe the usage exports whatever they count")
    add(
        "--accept-repository",
        action="append",
        default=[],
        metavar="ID",
        help="take this plugin's repository over although it is another one than before",
    )
    options = vars(parser.parse_args(arguments))
    try:
        settings = load_settings(options.pop("config"))
        enrich(Options(**options), settings, os.environ, datetime.now(UTC).replace(microsecond=0))
    except SettingsError as error:
        for fault in str(error).split("\n"):
            print(printable(fault), file=sys.stderr)
        return 2
    except UsageError as error:
        print(printable(str(error)), file=sys.stderr)
        return 2
    except RefusedError as error:
        print(printable(f"enrich: nothing is published: {error}"), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
