#!/usr/bin/env python3
"""Check registrations and hand-written data: every fault, with its file, line and key, and how to mend it."""

import argparse
import os
import sys
from datetime import UTC, datetime
from io import TextIOWrapper
from pathlib import Path

from registry.git.base_revision import Base, GitError
from registry.settings import SettingsError, load_settings
from registry.text.problems import Problem, as_annotation, as_json, as_text, counted, level_counts
from registry.validation.validator import DATA_FOLDER, Validator

INVALID, USAGE = 1, 2


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code: 0 valid (warnings allowed), 1 invalid, 2 wrong usage."""
    options = _parser().parse_args(arguments)
    try:
        plugins, data = _folders(options.config)
        problems = Validator(
            today=datetime.now(UTC).date(),
            server_url=os.environ.get("GITHUB_SERVER_URL") or "https://github.com",
            base=Base(options.base) if options.base else None,
            plugins=plugins,
            data=data,
        ).validate(options.paths or [plugins, *([data] if data.is_dir() else [])])
    except OSError as error:
        print(f"validate: {error.filename}: {error.strerror}", file=sys.stderr)
        return USAGE
    except (GitError, SettingsError) as error:
        print(f"validate: {error}", file=sys.stderr)
        return USAGE
    if isinstance(sys.stdout, TextIOWrapper):
        # A terminal that knows no UTF-8 still gets the words.
        sys.stdout.reconfigure(errors="backslashreplace")
    _print(problems, options.format, options.level)
    return INVALID if any(problem.level == "error" for problem in problems) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="validate.py", description=__doc__)
    parser.add_argument(
        "paths",
        nargs="*",
        type=Path,
        metavar="PATH",
        help="file or folder; default: _plugins, or what the settings name, and _data",
    )
    parser.add_argument("--format", choices=("text", "github", "json"), default="text", help="default: text")
    parser.add_argument(
        "--level",
        choices=("warning", "error"),
        default="warning",
        help="the least to print; default: warning, which is everything",
    )
    parser.add_argument(
        "--base",
        metavar="GITREF",
        help="hold what is new since this revision to every rule; without it, everything counts as old",
    )
    parser.add_argument(
        "--config",
        metavar="FILES",
        default="",
        help="settings, parted by commas; default: _config.yml if it is there",
    )
    return parser


def _folders(config: str) -> tuple[Path, Path]:
    """Return the folders of registrations and of hand-written data."""
    if config or Path("_config.yml").is_file():
        settings = load_settings(config or "_config.yml")
        return settings.root / settings.plugins_dir, settings.root / DATA_FOLDER
    return Path("_plugins"), Path(DATA_FOLDER)


def _print(problems: list[Problem], form: str, least: str) -> None:
    """Print the problems of the `least` level and above to stdout, and a summary of all to stderr."""
    told = [problem for problem in problems if problem.level == "error" or least == "warning"]
    if form == "json":
        print(as_json(told))
    for problem in told:
        if form != "json":
            print(as_annotation(problem) if form == "github" else as_text(problem))
    errors, warnings = level_counts(problems)
    print(f"{counted(errors, 'error')}, {counted(warnings, 'warning')}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
