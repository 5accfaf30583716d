"""Build a fully enriched site without a token: `make demo`.

The outside world is played by this folder's emulators, so the figures are made up, and each page says so. A
first enrichment gives the figures of today, to which a made-up history of a year then leads.
Everything is built under one folder of its own; the ordinary site and its state are left alone.
"""

import argparse
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import yaml

from tests.emulators.exports import Exports
from tests.emulators.github import TOKEN, GitHub
from tests.emulators.history import read_state, remember, write_state
from tests.emulators.world import exports_for, make_world, read_plugins

ROOT = Path(__file__).resolve().parents[2]
NOTICE = "Demonstration: all figures on these pages are made up."


def overlay(exports: Exports) -> dict[str, object]:
    """Return the settings that are laid over the registry's own."""
    return {
        "registry": {
            "notice": NOTICE,
            # Without the real baseline: beside made-up figures, real ones would be taken for made up.
            "baseline": None,
            "usage": {"exports": {"week": exports.week_url, "month": exports.month_url}},
        }
    }


def main(argv: list[str] | None = None) -> int:
    """Build the demonstration's site; return make's exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.emulators.demo", description=main.__doc__)
    parser.add_argument("--plugins", type=Path, default=ROOT / "_plugins", help="registrations (_plugins)")
    parser.add_argument("--build", type=Path, default=ROOT / "build" / "demo", help="build/demo")
    parser.add_argument("--site", type=Path, help="where the site goes (site, in the build folder)")
    parser.add_argument("--config", default="_config.yml", help="settings to lay the demonstration's over")
    parser.add_argument("--seed", type=int, default=1, help="another number makes other figures")
    parser.add_argument("--make-arg", action="append", default=[], metavar="ARG", help="handed on to make")
    options = parser.parse_args(argv)
    site = options.site or options.build / "site"
    if not options.build.resolve().is_relative_to(ROOT):
        parser.error(f"--build: {options.build} must lie in {ROOT}: Jekyll reads nothing outside of it")
    options.build.mkdir(parents=True, exist_ok=True)
    settings = options.build / "demo.yml"

    plugins = read_plugins(options.plugins)
    made = make_world(plugins, options.seed)
    # The usage is of today: a page that calls it stale would show the wrong thing.
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    usage = exports_for((plugin.id for plugin in plugins), options.seed, generated_at=today)
    with GitHub(made.world) as github, Exports(usage) as exports:
        settings.write_text(yaml.safe_dump(overlay(exports)), encoding="utf-8")
        variables = {
            "PLUGINS": relative(options.plugins),
            "CONFIG": f"{options.config},{relative(settings)}",
            "SITE": relative(site),
            "STATE": relative(options.build / "state.json"),
            "BUILD": relative(options.build),
        }
        # A state of an earlier demonstration would keep its figures: the world's dates never move.
        (options.build / "state.json").unlink(missing_ok=True)
        arguments = [f"{name}={value}" for name, value in variables.items()]
        environment = {name: value for name, value in os.environ.items() if name not in INHERITED}
        environment |= {
            "GITHUB_TOKEN": TOKEN,
            "GITHUB_API_URL": github.url,
            "GITHUB_GRAPHQL_URL": github.graphql_url,
            "GITHUB_SERVER_URL": "https://github.com",
        }
        state = options.build / "state.json"
        for target in ("enrich", "site"):
            command = ["make", "--no-print-directory", target, *arguments, *options.make_arg]
            done = subprocess.run(command, cwd=ROOT, env=environment, check=False)
            if done.returncode != 0:
                break
            if target == "enrich":
                write_state(state, remember(read_state(state), seed=options.seed))
    if done.returncode == 0:
        print(f"demo: {relative(site)} is built from made-up figures", file=sys.stderr)
        print(f"demo: to look at it, python3 -m http.server --directory {relative(site)}", file=sys.stderr)
    return done.returncode


# What make hands to its children: another make that took it over would follow its variables, not ours.
INHERITED = {"MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES"}


def relative(path: Path) -> str:
    """Write a path as seen from the root, where make runs; absolute when it lies elsewhere."""
    path = path.resolve()
    return str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path)


if __name__ == "__main__":
    sys.exit(main())
