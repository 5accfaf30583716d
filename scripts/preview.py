#!/usr/bin/env python3
"""Build what a pull request's merge commit adds or changes as the main job would; photograph the pages."""

import argparse
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from registry.github.access import Access
from registry.review.change import ChangeError, read_change
from registry.review.judgement import judge
from registry.review.preview.job import OutError, prepare_out, preview
from registry.review.verdict_formats import MAX_ANNOTATIONS, build_summary
from registry.settings import SettingsError, load_settings
from registry.system.files import write_bytes
from registry.system.progress import say
from registry.text.problems import Problem, as_annotation, as_text

FAILED, USAGE = 1, 2


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code.

    0: all went well, or nothing is to do; 1: the build failed or would leave something out; 2: wrong usage.
    """
    options = _parser().parse_args(arguments)
    now = datetime.now(UTC).replace(microsecond=0)
    server_url = Access.from_environment(os.environ).server_url
    try:
        settings = load_settings(options.config)
        change = read_change(options.repository, options.commit)
        prepare_out(options.out)
        judgement = judge(change, now.date(), server_url)
        document = preview(
            change,
            judgement,
            settings,
            options.config.split(","),
            options.out,
            os.environ,
            now,
            server_url=server_url,
            screenshots=options.screenshots,
        )
        write_bytes(
            options.out / "preview.json", (json.dumps(document, ensure_ascii=True, indent=1) + "\n").encode()
        )
    except OSError as error:
        say(f"preview: {error.filename}: {error.strerror}")
        return USAGE
    except (ChangeError, OutError, SettingsError) as error:
        say(f"preview: {error}")
        return USAGE
    problems = [Problem(**problem) for problem in document["problems"]]
    for line in map(as_annotation if options.format == "github" else as_text, problems[:MAX_ANNOTATIONS]):
        print(line)
    if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
        with Path(summary).open("a", encoding="utf-8") as file:
            file.write(build_summary(problems))
    for line in _lines(document):
        say(f"preview: {line}")
    return FAILED if document["message"] or problems else 0


def _lines(document: dict[str, object]) -> list[str]:
    plugins: list[dict[str, object]] = document["plugins"]  # type: ignore[assignment]
    lines = [f"{plugin['path']}: not built: {plugin['reason']}" for plugin in plugins if plugin["reason"]]
    for plugin in plugins:
        lines += [f"{plugin['path']}: {what}" for what in [*plugin["faults"], *plugin["errors"]]]  # type: ignore[misc]
    lines += str(document["message"]).splitlines()
    built = sum(bool(plugin["built"]) for plugin in plugins)
    return [*lines, f"{built} of {len(plugins)} changed plugins built"]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="preview.py", description=__doc__)
    parser.add_argument("commit", metavar="COMMIT", help="merge commit, already fetched: full id or ref")
    parser.add_argument("--repository", type=Path, default=Path(), metavar="DIR",
                        help="repository that holds the commit's objects (default: %(default)s)")  # fmt: skip
    parser.add_argument("--out", type=Path, default=Path("build/review"), metavar="DIR",
                        help="folder for what is made (default: %(default)s)")  # fmt: skip
    parser.add_argument("--config", default="_config.yml", metavar="FILES",
                        help="settings, later files over earlier ones (default: %(default)s)")  # fmt: skip
    parser.add_argument("--format", choices=("text", "github"), default="text", help="default: %(default)s")
    parser.add_argument("--no-screenshots", dest="screenshots", action="store_false",
                        help="build the pages alone; no browser is needed")  # fmt: skip
    return parser


if __name__ == "__main__":
    sys.exit(main())
