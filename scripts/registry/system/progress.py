"""Progress on stderr: a bar on a terminal, plain lines elsewhere."""

import sys
from types import TracebackType

from tqdm import tqdm

from registry.text.problems import printable


def say(text: str) -> None:
    """Write progress, above a bar that may be shown; nothing in it is obeyed by a terminal or a runner."""
    tqdm.write("\n".join(map(printable, text.split("\n"))), file=sys.stderr)


class Progress:
    """How much of a countable job is done, for use as `with`."""

    def __init__(self, label: str, total: int, unit: str) -> None:
        self._label, self._total, self._unit = label, total, unit
        self._done = 0
        self._told = 0
        on_terminal = sys.stderr.isatty()
        self._bar = tqdm(
            total=total, desc=label, unit=f" {unit}", file=sys.stderr, disable=not on_terminal, leave=False
        )
        self._plain = not on_terminal

    def __enter__(self) -> "Progress":
        """Show the start."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take the bar away."""
        self._bar.close()

    def add(self, count: int) -> None:
        """Tell that `count` more are done; as plain lines, each quarter is told."""
        self._done += count
        self._bar.update(count)
        quarter = self._done * 4 // max(1, self._total)
        if self._plain and quarter > self._told:
            self._told = quarter
            say(f"{self._label}: {self._done} of {self._total} {self._unit}")
