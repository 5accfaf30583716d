#!/usr/bin/env python3
"""Mark a plugin as abandoned, or take the mark away: one key, every other byte as it was."""

import sys

from registry.housekeeping.mark import run


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code: 0 done or nothing to do, 1 impossible, 2 wrong usage."""
    return run(
        arguments,
        command="mark_abandoned",
        description=__doc__,
        key="abandoned",
        state="marked as abandoned",
        value_name="ISSUE-URL",
        value_help="address of the issue where it was declared",
    )


if __name__ == "__main__":
    sys.exit(main())
