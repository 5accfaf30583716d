"""Renew the golden pages: `PYTHONPATH=scripts:. .venv/bin/python -m tests.site.renew`."""

import sys
import tempfile
from pathlib import Path

from tests.site.builder import renew_golden, small


def main() -> int:
    """Build the three plugins and keep the pages."""
    with tempfile.TemporaryDirectory() as folder:
        renew_golden(small(Path(folder)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
