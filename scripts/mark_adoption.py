#!/usr/bin/env python3
"""Mark a plugin as up for adoption, or take the mark away: one key, every other byte as it was."""

import sys

from registry.housekeeping.mark import run


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code: 0 done or nothing to do, 1 impossible, 2 wrong usage."""
    return run(
        arguments,
        command="mark_adoption",
        description=__doc__,
        key="up_for_adoption",
        state="marked as up for adoption",
        value_name="URL",
        value_help="address where the maintainer declared it; without one, the mark alone",
        default=True,
    )


if __name__ == "__main__":
    sys.exit(main())
