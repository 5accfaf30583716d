"""Count the calls that it takes to read files of one kind and two sizes; fail where they grow faster.

A program of its own, run by the tests in a child process: it profiles.
"""

import sys
from types import FrameType
from typing import Any

from registry.sources.compat import find_flag

# fmt: off
UNITS = [
    "a\n", "(\n", "@a\n", "a=1\n", "if a:\n x=1\n", "elif a:\n x=1\n", "def f():\n a\n", "x+=x\n",
    "'''a'''\n",
    "# a\n", "a = (1,\n2)\n", "print a\n", "\\\n",
]
# fmt: on


def calls(text: str) -> int:
    """Return how many functions are called to read `text`, those of C included."""
    count = 0

    def note(_frame: FrameType, event: str, _arg: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    find_flag(text, "a.py", "FLAG")
    sys.setprofile(None)
    return count


for unit in UNITS:
    small, large = (calls(unit * times + "\nFLAG = a + x\n") for times in (2_000, 8_000))
    print(repr(unit), small, large)
    if large > 4.5 * small + 20_000:
        raise SystemExit(f"{unit!r} takes {small} calls, and {large} for four times as much")
