#!/usr/bin/env python3
"""Disable a plugin, or enable it again: one key, every other byte as it was."""

import sys

from registry.housekeeping.mark import run


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code: 0 done or nothing to do, 1 impossible, 2 wrong usage."""
    return run(
        arguments,
        command="mark_disabled",
        description=__doc__,
        key="disabled",
        state="disabled",
        value_name="REASON",
        value_help="why the plugin cannot be installed, in one sentence",
    )


if __name__ == "__main__":
    sys.exit(main())
