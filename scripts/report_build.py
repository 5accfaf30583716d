#!/usr/bin/env python3
"""Keep the one issue about builds that fail or leave plugins out: open, update or close it.

Reads what GitHub Actions sets (GITHUB_EVENT_NAME, _REPOSITORY, _RUN_ID, _SERVER_URL, _TOKEN, _WORKFLOW), how
the jobs ended (BUILD_RESULT, DEPLOY_RESULT) and, where REPORT names a file, the build's report.
"""

import argparse
import os
import re
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import cast, get_args

from registry.github.access import Access
from registry.github.rest import Rest, is_repository
from registry.housekeeping.build_issue import Result, Run, keep, read_report
from registry.net.http import Unavailable
from registry.quarantine.left_out import LeftOut
from registry.system.progress import say

FAILED, USAGE = 1, 2
MAX_REPORT_BYTES = 64 * 1024 * 1024


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code: 0 done or nothing to do, 1 GitHub could not be told, 2 usage."""
    parser = argparse.ArgumentParser(
        prog="report_build.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.parse_args(arguments)
    access = Access.from_environment(os.environ)
    try:
        run = read_run(os.environ, access, datetime.now(UTC))
    except ValueError as error:
        say(f"report_build: {error}")
        return USAGE
    try:
        done = keep(Rest(access), access.repository, run)
    except Unavailable as error:
        say(f"report_build: {error}")
        return FAILED
    if done:
        say(f"report_build: {done}")
    return 0


def read_run(environment: Mapping[str, str], access: Access, now: datetime) -> Run:
    """Return the run that the environment tells of. Raises ValueError with the variable to set."""
    results = {name: environment.get(name, "") for name in ("BUILD_RESULT", "DEPLOY_RESULT")}
    for name, result in results.items():
        if result not in get_args(Result):
            raise ValueError(f"{name} is {result[:40]!r}; set it to one of {', '.join(get_args(Result))}")
    if not is_repository(access.repository):
        raise ValueError("set GITHUB_REPOSITORY to the repository's owner/name")
    run_id = environment.get("GITHUB_RUN_ID", "")
    if not re.fullmatch(r"[0-9]{1,18}", run_id) or int(run_id) == 0:
        raise ValueError("set GITHUB_RUN_ID to the run's number")
    if not access.token:
        raise ValueError("set GITHUB_TOKEN to a token that may write issues")
    name = environment.get("REPORT", "")
    report = _report(Path(name)) if name else ((), ())
    if report is None:
        say(f"report_build: {name} is not JSON of at most {MAX_REPORT_BYTES >> 20} MB; the issue stays")
    trouble, left_out = report or ((), ())
    return Run(
        id=int(run_id),
        url=f"{access.server_url.rstrip('/')}/{access.repository}/actions/runs/{int(run_id)}",
        workflow=environment.get("GITHUB_WORKFLOW", "") or "build",
        event=environment.get("GITHUB_EVENT_NAME", ""),
        build=cast(Result, results["BUILD_RESULT"]),
        deploy=cast(Result, results["DEPLOY_RESULT"]),
        at=now.replace(microsecond=0),
        trouble=trouble,
        left_out=left_out,
        is_known=report is not None,
    )


def _report(path: Path) -> tuple[tuple[str, ...], tuple[LeftOut, ...]] | None:
    """Return what the report says, nothing where a build made none; None where it cannot be read."""
    if not path.is_file():
        return (), ()
    return read_report(path.read_bytes()) if path.stat().st_size <= MAX_REPORT_BYTES else None


if __name__ == "__main__":
    sys.exit(main())
