#!/usr/bin/env python3
"""Restore the state from the live site, so that a build begins with what the last one knew.

Takes the newer of what the live site publishes and of the local state, and falls back to the settings'
baseline, which scripts/enrich.py lays under. Exit status: 0 when something sound stands in, or when the site
publishes no state yet; 1 when nothing does, so that a build should stop here; 2 for options or settings that
make no sense.
"""

import argparse
import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from registry import user_agent
from registry.facts.restore import ADDRESS, MAX_PACKED_BYTES, RestoreError, ask, restore
from registry.net.http import Traffic, get_bytes
from registry.registration.values import url_fault
from registry.settings import Settings, SettingsError, load_settings
from registry.system.progress import say

FAILED, USAGE = 1, 2


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    add = parser.add_argument
    add("--state", type=Path, default=Path("build/state.json"), metavar="FILE", help="facts (%(default)s)")
    add("--config", default="_config.yml", metavar="FILES", help="settings, comma-separated (%(default)s)")
    add("--from", dest="source", metavar="URL", help=f"address of the state (the settings' site, {ADDRESS})")
    add("--no-baseline", action="store_true", help="fail rather than build on the baseline's old figures")
    options = parser.parse_args(arguments)
    try:
        settings = load_settings(options.config)
    except SettingsError as error:
        return _end(str(error), USAGE)
    url = options.source or settings.address(ADDRESS)
    if fault := url_fault(url):
        return _end(f"restore: {'--from' if options.source else 'url'}: {fault}", USAGE)
    now = datetime.now(UTC)
    live = ask(url, partial(_fetch, settings), now)
    try:
        words = restore(
            live,
            url,
            options.state,
            baseline=settings.root / settings.baseline if settings.baseline else None,
            baseline_suffices=not options.no_baseline,
            now=now,
            tell=_tell,
        )
    except RestoreError as error:
        cure = " (run without --no-baseline to build on the baseline)" if options.no_baseline else ""
        return _end(f"restore: nothing stands in for the state: {error}{cure}", FAILED)
    except OSError as error:
        return _end(f"restore: {error.filename or options.state}: {error.strerror}", FAILED)
    _tell(words)
    return 0


def _fetch(settings: Settings, url: str) -> bytes:
    return get_bytes(
        url,
        user_agent=user_agent(settings.url),
        timeout_s=settings.limits.timeout_s,
        patience_s=settings.limits.patience_s,
        traffic=Traffic(),
        limit_bytes=MAX_PACKED_BYTES,
        unpack=False,
    )


def _tell(line: str) -> None:
    say(f"restore: {line}")


def _end(message: str, status: int) -> int:
    print(message, file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
