"""A whole build as `make site` does it: enrich, feeds, Jekyll, check."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from registry.quarantine.left_out import PAGELESS
from registry.site_check.short_page import is_short
from tests.emulators.github import TOKEN, GitHub
from tests.emulators.repositories import World
from tests.fuzz.broken import DATA, UNTOUCHED, Broken, together
from tests.site.builder import ROOT, jekyll_command, make_source

PATIENCE_S = 600
EXPORTED = "2026-11-01T00:00:00Z"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a build."""

    output: str
    trouble: tuple[str, ...] = ()
    """What is wrong with it, nothing when every plugin that nobody touched is published."""


class Workshop:
    """A folder in which one site after another is built."""

    def __init__(self, folder: Path, github: GitHub, *, baseurl: str = "") -> None:
        self.folder, self.github = folder, github
        make_source(folder)
        for name, text in DATA.items():
            (folder / "_data" / f"{name}.yml").write_text(text, encoding="utf-8")
        exports = {window: str(folder / "exports" / f"{window}.json") for window in ("week", "month")}
        registry = {"baseline": "baseline.json", "usage": {"exports": exports}}
        (folder / "over.yml").write_text(
            yaml.safe_dump({"baseurl": baseurl, "registry": registry}), encoding="utf-8"
        )

    def build(self, *inputs: Broken) -> Outcome:
        """Build the site of these inputs and of the untouched plugins."""
        whole = together(inputs)
        self._clear()
        self._write(whole)
        self.github.world = World({"repositories": dict(whole.repositories)})
        output, trouble = self._run()
        if not trouble:
            trouble = [*self._missed(), *self._unreported(whole)]
        return Outcome(output=output, trouble=tuple(trouble))

    def keep_state(self) -> bytes:
        """Keep the last build's state as the baseline, which stands in for one that cannot be read."""
        raw = (self.folder / "build" / "state.json").read_bytes()
        (self.folder / "baseline.json").write_bytes(raw)
        return raw

    def _clear(self) -> None:
        for name in ("registrations", "exports", "build", "_site"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
        (self.folder / "build").mkdir()

    def culprits(self, inputs: list[Broken]) -> list[Broken]:
        """Return a smallest part of the inputs, found by halving, with which the build still goes wrong."""
        while len(inputs) > 1:
            half = len(inputs) // 2
            for part in (inputs[:half], inputs[half:]):
                if self.build(*part).trouble:
                    inputs = part
                    break
            else:
                return inputs  # only together do they break it
        return inputs

    def _write(self, whole: Broken) -> None:
        plugins, exports = self.folder / "registrations" / "_plugins", self.folder / "exports"
        plugins.mkdir(parents=True)
        exports.mkdir()
        for name, content in whole.registrations.items():
            (plugins / name).write_bytes(content)
        for window in ("week", "month"):
            export = {"_generated": EXPORTED, "plugins": dict(whole.usage)}
            raw = whole.exports.get(window, json.dumps(export).encode())
            (exports / f"{window}.json").write_bytes(raw)
        if whole.state is not None:
            (self.folder / "build" / "state.json").write_bytes(whole.state)

    def _run(self) -> tuple[str, list[str]]:
        """Run the steps as the Makefile does; return what they said, and what went wrong."""
        said: list[str] = []

        def run(name: str, *arguments: str) -> None:
            command = [sys.executable, str(ROOT / "scripts" / name), *arguments]
            done = self._call(command if name.endswith(".py") else [*jekyll_command(), *arguments])
            said.append(done.stdout + done.stderr)
            if done.returncode != 0:
                raise _Wrong(f"{name} ended with {done.returncode}: {said[-1][-3_000:]}")
            if "Traceback (most recent call last)" in said[-1]:
                raise _Wrong(f"{name} wrote a traceback: {said[-1][-3_000:]}")

        config = ("--config", "_config.yml,over.yml")
        report = ("--report", "build/report.json")
        try:
            run("enrich.py", "--plugins", "registrations/_plugins", *config, *report)
            run("build_api.py", "--state", "build/state.json", *config, *report)
            overlay = {"collections_dir": "build", "registry_feeds": "build/feeds"}
            overlay |= {"registry_left_out": "build/left_out"}
            (self.folder / "build" / "_jekyll.yml").write_text(yaml.safe_dump(overlay), encoding="utf-8")
            run("jekyll", "build", "--quiet", "--config", f"{config[1]},build/_jekyll.yml")
            run("check_site.py", "_site", "--build", "build", *config, *report)
        except (_Wrong, subprocess.TimeoutExpired) as error:
            return "".join(said), [str(error)]
        return "".join(said), []

    def _call(self, command: list[str]) -> "subprocess.CompletedProcess[str]":
        environment = {**os.environ, "JEKYLL_NO_BUNDLER_REQUIRE": "true", "LANG": "C.UTF-8"}
        environment |= {"GITHUB_TOKEN": TOKEN, "GITHUB_GRAPHQL_URL": self.github.graphql_url}
        environment.pop("GITHUB_ACTIONS", None)
        return subprocess.run(
            command,
            cwd=self.folder,
            env=environment,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
            timeout=PATIENCE_S,
        )

    def _missed(self) -> list[str]:
        """Return what is not there of the plugins that nobody touched."""
        site = self.folder / "_site"
        listed = {entry["id"]: entry for entry in _json(site / "plugins.json")}
        errors = _json(site / "api" / "v1" / "errors.json")
        missed = []
        for slug in UNTOUCHED:
            page = site / "plugins" / slug / "index.html"
            if not page.is_file():
                missed.append(f"{slug} has no page")
            elif f"The body of {slug}." not in page.read_text(encoding="utf-8"):
                missed.append(f"{slug} has a page without its body")
            if listed.get(slug, {}).get("title") != f"The {slug}":
                missed.append(f"{slug} is not in plugins.json as it should be: {listed.get(slug)}")
            missed += [f"{slug} is left out: {row}" for row in errors if row["plugin"] == slug]
        return missed

    def _unreported(self, whole: Broken) -> Iterator[str]:
        """Yield what is neither published nor reported."""
        site = self.folder / "_site"
        pages = {entry["page"].rstrip("/").rpartition("/")[2] for entry in _json(site / "plugins.json")}
        errors = _json(self.folder / "build" / "report.json")["errors"]
        for name in whole.registrations:
            slug = name.removesuffix(".md")
            stages = {
                row["stage"] for row in errors if row["slug"] == slug or row["file"].endswith(f"/{name}")
            }
            page = site / "plugins" / slug / "index.html"
            own = page.is_file() and not is_short(page.read_text(encoding="utf-8"))
            if not own and not stages & PAGELESS:
                yield f"{name} has no page of its own, and nothing is reported of that"
            if slug not in pages and not stages & {"registration", "feed"}:
                yield f"{name} is not in plugins.json, and nothing is reported of that"


class _Wrong(Exception):
    """A step that did not end as it should."""


def _json(path: Path) -> Any:
    return json.loads(path.read_bytes())
