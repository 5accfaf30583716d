#!/usr/bin/env python3
"""Check a built site before it is published, and leave out of it what one plugin spoiled."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from registry.quarantine.build_report import add_errors, errors_of, read_report, write_report
from registry.settings import SettingsError, load_settings
from registry.site_check.check import check_site
from registry.site_check.leaving_out import from_jekyll, in_words, leave_out, write_errors
from registry.site_check.page import Site
from registry.site_check.telling import problems, refused, summary
from registry.site_check.verdict import judge, refusals
from registry.text.problems import Problem, as_annotation, as_json, as_text

REFUSED, USAGE = 1, 2


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return 0 when the site may be published, 1 when it may not, 2 for wrong usage."""
    options = _options(arguments)
    plugins = options.build / "_plugins"
    for folder in (options.site, plugins):
        if not folder.is_dir():
            return _usage(f"there is no folder {folder}")
    try:
        settings = load_settings(options.config)
    except SettingsError as error:
        return _usage(str(error))
    baseurl = settings.baseurl if options.baseurl is None else options.baseurl
    site = Site(url=settings.url.rstrip("/"), baseurl=baseurl.rstrip("/"))
    slugs = frozenset(path.stem for path in plugins.glob("*.md"))
    jekyll = from_jekyll(options.build / "left_out")
    report = read_report(options.report) if options.report else {}
    before = errors_of(report)
    write_errors(options.site, before)

    verdict = judge(check_site(options.site, plugins, site), slugs)
    entries = in_words(verdict, plugins, jekyll, before, settings)
    why = refusals(verdict, slugs, settings.limits, accept_loss=options.accept_loss)
    report = add_errors(report, ("page", "check"), entries) | {"check": {"refused": why}}
    if options.report:
        write_report(options.report, report)
    _tell(problems(verdict, entries), summary(entries, why), options.format)
    if why:
        print(f"check_site: the site must not be published: {refused(why)}", file=sys.stderr)
        return REFUSED
    leave_out(options.site, verdict, plugins, jekyll, errors_of(report), settings)
    write_errors(options.site, errors_of(report))
    return 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="check_site.py", description=__doc__)
    add = parser.add_argument
    add("site", type=Path, metavar="SITE", help="folder that Jekyll wrote")
    add(
        "--config",
        default="_config.yml",
        metavar="FILES",
        help="settings, later files over earlier ones (%(default)s)",
    )
    add("--build", type=Path, default=Path("build"), metavar="DIR",
        help="folder with the _plugins that were built, and what Jekyll left out (%(default)s)")  # fmt: skip
    add("--report", type=Path, metavar="FILE", help="the build's report, to which is added what is left out")
    add("--baseurl", metavar="/PATH", help="where the site will live; default: of the settings")
    add("--accept-loss", action="store_true", help="publish although many plugins are left out")
    add(
        "--format",
        choices=("text", "json"),
        default="text",
        help="json: all that is found, on stdout (%(default)s)",
    )
    return parser.parse_args(arguments)


def _tell(told: Sequence[Problem], markdown: str, form: str) -> None:
    if form == "json":
        print(as_json(told))
    shown = as_annotation if os.environ.get("GITHUB_ACTIONS") == "true" else as_text
    for problem in told:
        print(shown(problem), file=sys.stderr)
    if markdown and (file := os.environ.get("GITHUB_STEP_SUMMARY")):
        with open(file, "a", encoding="utf-8", errors="replace") as summary_file:
            summary_file.write(markdown)


def _usage(message: str) -> int:
    print(f"check_site: {message}", file=sys.stderr)
    return USAGE


if __name__ == "__main__":
    sys.exit(main())
