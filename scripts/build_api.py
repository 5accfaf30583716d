"""Write a registry's machine-readable feeds: plugins, notices, blocklist, overlays, news, API."""

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from registry.facts.state import NewerStateError, State, StateError
from registry.feeds.build import BuildFailed, build_feeds, known_state
from registry.feeds.completeness import check_loss, missing_copies
from registry.feeds.enriched_copies import problem
from registry.feeds.site import from_settings
from registry.feeds.writing import NotOurs, publish
from registry.quarantine import showing
from registry.quarantine.build_report import add_errors, errors_of, read_report, write_report
from registry.quarantine.left_out import LeftOut
from registry.settings import SettingsError, load_settings
from registry.text.problems import as_text


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return 0 when the feeds are written, 1 when they cannot be, 2 for wrong usage."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plugins", type=Path, default=Path("build/_plugins"), metavar="DIR",
                        help="folder of enriched registrations (default: %(default)s)")  # fmt: skip
    parser.add_argument("--out", type=Path, default=Path("build/feeds"), metavar="DIR",
                        help="folder to write, replaced as a whole (default: %(default)s)")  # fmt: skip
    parser.add_argument("--config", default="_config.yml", metavar="FILES",
                        help="settings, later files over earlier ones (default: %(default)s)")  # fmt: skip
    parser.add_argument("--data", type=Path, default=Path("_data"), metavar="DIR",
                        help="folder of notices, blocklist and overlays (default: %(default)s)")  # fmt: skip
    parser.add_argument("--state", type=Path, metavar="FILE", help="facts to publish for the next build")
    parser.add_argument("--accept-loss", action="store_true",
                        help="publish although copies are missing or many plugins are left out")  # fmt: skip
    parser.add_argument("--report", type=Path, metavar="FILE",
                        help="JSON report to read, and to add to, as `feeds` and `errors`")  # fmt: skip
    parser.add_argument("--registrations", type=Path, metavar="DIR",
                        help="folder that the enriched ones were made of, to name its lines")  # fmt: skip
    options = parser.parse_args(arguments)
    if not options.plugins.is_dir():
        parser.error(f"--plugins: there is no folder {options.plugins}")
    # What later steps said of an earlier build is no matter of this one.
    report = add_errors(read_report(options.report) if options.report else {}, ["feed"], [])
    report.pop("check", None)
    try:
        settings = load_settings(options.config)
        site = from_settings(settings)
        state = options.state.read_bytes() if options.state and options.state.is_file() else None
        missing = missing_copies(options.plugins, _known(state, options.state))
        feeds = build_feeds(
            options.plugins,
            options.data,
            site,
            now=_now(),
            state=state,
            settings=settings,
            errors=[*errors_of(report), *missing],
            registrations=options.registrations,
        )
        if not options.accept_loss:
            check_loss(options.plugins, feeds, missing, settings)
        changed = publish(feeds, options.out)
    except BuildFailed as error:
        if options.report:
            write_report(options.report, report | {"feeds": error.report()})
        for reason in error.problems:
            print(as_text(reason), file=sys.stderr)
        return _fail("nothing is published; the last feeds stay")
    except (SettingsError, NotOurs, OSError) as error:
        return _fail(str(error))
    for fault in feeds.problems:
        print(as_text(fault), file=sys.stderr)
    if options.report:
        errors = [*feeds.errors, *missing]
        write_report(options.report, add_errors(report | {"feeds": feeds.report()}, ["feed"], errors))
    for entry in missing:
        print(f"feeds: {entry.plugin}: {entry.message}", file=sys.stderr)
    _show([*feeds.errors, *missing])
    counts = ", ".join(f"{count} {name}" for name, count in feeds.counts.items())
    left_out = f"; {len(feeds.left_out)} left out" if feeds.left_out else ""
    print(f"feeds: {counts}{left_out}{'' if changed else '; nothing changed'}", file=sys.stderr)
    return 0


def _known(state: bytes | None, path: Path) -> State | None:
    """Return the state in the file at `path`. Raises BuildFailed when it cannot be read."""
    try:
        return known_state(state)
    except StateError as error:
        cure = "" if isinstance(error, NewerStateError) else "; write it anew (make enrich)"
        raise BuildFailed([problem(path.as_posix(), "state", f"{error}{cure}")]) from None


def _show(errors: Sequence[LeftOut]) -> None:
    """Show GitHub Actions what is left out, where it runs this."""
    if os.environ.get("GITHUB_ACTIONS") == "true":
        for line in showing.annotations(errors):
            print(line)
    if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
        with Path(summary).open("a", encoding="utf-8") as file:
            file.write(showing.summary(errors))


def _fail(message: str) -> int:
    print(f"build_api: {message}", file=sys.stderr)
    return 1


def _now() -> datetime:
    """Return the time of this build; SOURCE_DATE_EPOCH (seconds) sets it for builds that can be repeated."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    return datetime.fromtimestamp(int(epoch), tz=UTC) if epoch else datetime.now(tz=UTC)


if __name__ == "__main__":
    sys.exit(main())
