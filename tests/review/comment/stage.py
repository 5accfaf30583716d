"""A pull request whole: a bare origin with its merge commit, a checkout of main, GitHub's APIs."""

import atexit
import json
import os
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import yaml

import comment
from tests.emulators.github import GitHub
from tests.emulators.rest_world import BOT, RestWorld

ROOT = Path(__file__).resolve().parents[3]
TOKEN = "comment-token"
NUMBER = 7
RUN = 4_711
PERMISSIONS = {"actions": "read", "contents": "read", "pull_requests": "write", "metadata": "read"}
"""What the workflow grants."""
STANDING = (ROOT / "tests/data/registrations/_plugins/snowfall.md").read_bytes()
SETUP = 'plugin_identifier = "lamp"\nplugin_package = "octoprint_lamp"\n'
GOOD = """\
---
layout: plugin
id: lamp
title: Lamp
description: Lights the bed while a print runs.
author: Ada Lovelace
license: AGPL-3.0-or-later
date: 2024-10-07

homepage: https://github.com/ada/Lamp
source: https://github.com/ada/Lamp
archive: https://github.com/ada/Lamp/archive/main.zip

tags:
- lamp

compatibility:
  octoprint:
  - 1.4.0
  python: ">=3.7,<4"
---

Lights the bed.
"""
SOURCE: dict[str, Any] = {
    "license": "AGPL-3.0",
    "pushed_at": "2026-03-04T10:00:00Z",
    "head": "a" * 40,
    "releases": [{"name": "Lamp 1.2", "tag": "1.2.0", "published_at": "2026-02-01T08:00:00Z"}],
    "files": {
        "setup.py": SETUP,
        "octoprint_lamp/__init__.py": '# a lamp\n__plugin_pythoncompat__ = ">=3.7,<4"\n',
    },
}


@dataclass(slots=True, kw_only=True)
class Stage:
    """A pull request on its stage; `run()` does what the workflow *comment* does."""

    folder: Path
    rest: RestWorld
    github: GitHub
    monkeypatch: pytest.MonkeyPatch
    conclusion: str = "success"
    event: dict[str, Any] = field(default_factory=dict)
    head: str = ""
    """The pull request's last commit."""

    @property
    def checkout(self) -> Path:
        return self.folder / "checkout"

    @property
    def origin(self) -> Path:
        return self.folder / "origin.git"

    def push(self, files: Mapping[str, str | bytes | None], *, number: int = NUMBER) -> None:
        """Let the pull request hold these files over main (None: deleted), and GitHub merge it."""
        work = self.folder / "work"
        git(work, "checkout", "--quiet", "-B", "patch", "main")
        write(work, files)
        git(work, "add", "--all")
        git(work, "commit", "--quiet", "--allow-empty", "--message", "Change")
        self.head = git(work, "rev-parse", "HEAD")
        git(work, "checkout", "--quiet", "-B", "merged", "main")
        git(work, "merge", "--quiet", "--no-ff", "--message", "Merge", "patch")
        git(work, "push", "--quiet", "--force", str(self.origin), f"merged:refs/pull/{number}/merge")
        lines = {
            path: set(range(1, content.count(b"\n" if isinstance(content, bytes) else "\n") + 1))  # type: ignore[arg-type]
            for path, content in files.items()
            if content is not None
        }
        if number in self.rest.pulls:
            pull = self.rest.pulls[number]
            pull["head"]["sha"], pull["lines"] = self.head, lines
        else:
            self.rest.add_pull(
                "Add",
                head="patch",
                head_sha=self.head,
                head_repository="ada/registry",
                files=lines,
                number=number,
            )
        self.event = event(self.head, self.conclusion)
        self.rest.runs.clear()
        self.rest.add_run(RUN, head_sha=self.head, head_branch="patch", head_repository="ada/registry")

    def upload(self, members: Mapping[str, bytes | Any] | None = None, *, raw: bytes | None = None) -> None:
        """Let *validate* have uploaded an archive."""
        self.rest.artifacts.clear()
        self.rest.add_artifact(RUN, "review", archive(members or {}) if raw is None else raw)

    def run(self) -> int:
        """Run the command; assert that nothing was asked of GitHub that it would refuse."""
        path = self.folder / "event.json"
        path.write_text(json.dumps(self.event))
        self.monkeypatch.setenv("GITHUB_EVENT_PATH", str(path))
        status = comment.main([])
        assert self.rest.faults == [], self.rest.faults
        return status

    @property
    def body(self) -> str:
        """The one comment that we wrote."""
        bodies = [item["body"] for item in self.rest.comments_of(NUMBER) if item["user"] == BOT]
        assert len(bodies) == 1
        return str(bodies[0])


def event(head: str, conclusion: str = "success") -> dict[str, Any]:
    """Return what GitHub sends when a run of *validate* is complete."""
    return {
        "action": "completed",
        "workflow_run": {
            "id": RUN,
            "name": "validate",
            "event": "pull_request",
            "status": "completed",
            "conclusion": conclusion,
            "head_sha": head,
            "head_branch": "patch",
            "head_repository": {"full_name": "ada/registry", "owner": {"login": "ada"}},
            "pull_requests": [],
        },
    }


def archive(members: Mapping[str, bytes | Any]) -> bytes:
    """Return a zip archive; a value that is no bytes is written as JSON."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name, content if isinstance(content, bytes) else json.dumps(content))
    return out.getvalue()


def preview(head: str, **plugin: Any) -> dict[str, Any]:
    """Return a preview.json of one plugin."""
    return {
        "version": 1,
        "commit": "c" * 40,
        "base": "b" * 40,
        "head": head,
        "built": True,
        "message": "",
        "notes": [],
        "not_listed": 0,
        "plugins": [
            {
                "slug": "lamp",
                "path": "_plugins/lamp.md",
                "status": "added",
                "built": True,
                "reason": "",
                "title": "Lamp",
                "headings": ["Lamp", "Install", "Facts"],
                "page": "pages/lamp.html",
                "faults": [],
                "requests": [],
                "errors": [],
                "screenshots": [],
                **plugin,
            }
        ],
    }


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "core.autocrlf=false")
    done = subprocess.run(
        ["git", "-C", str(folder), *identity, *arguments], check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def write(folder: Path, files: Mapping[str, str | bytes | None]) -> None:
    for name, content in files.items():
        path = folder / name
        if content is None:
            path.unlink()
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


def settings_file() -> str:
    """Return the registry's own settings, which are OctoPrint's."""
    known = yaml.safe_load((ROOT / "_config.yml").read_text())
    known["registry"]["baseline"] = None
    known["url"], known["baseurl"] = "https://plugins.example", ""
    return yaml.safe_dump(known)


@cache
def _repositories() -> Path:
    """Make the registry's repository, a clone to work in and a checkout, once; return their folder."""
    made = tempfile.TemporaryDirectory()
    atexit.register(made.cleanup)
    folder = Path(made.name).resolve()
    work, origin = folder / "work", folder / "origin.git"
    git(folder, "init", "--quiet", "--template=", "--bare", "--initial-branch=main", str(origin))
    git(origin, "config", "uploadpack.allowFilter", "true")
    git(folder, "init", "--quiet", "--template=", "--initial-branch=main", str(work))
    write(
        work,
        {
            "_plugins/snowfall.md": STANDING,
            "_config.yml": settings_file(),
            ".github/labels.yml": (ROOT / ".github/labels.yml").read_text(),
            "assets/img/plugins/snowfall/tab.png": b"\x89PNG",
        },
    )
    git(work, "add", "--all")
    git(work, "commit", "--quiet", "--message", "Begin")
    git(work, "push", "--quiet", str(origin), "main")
    git(folder, "clone", "--quiet", "--template=", "--depth=1", origin.as_uri(), str(folder / "checkout"))
    return folder


@contextmanager
def staged(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    sources: Mapping[str, Any] | None = None,
    *,
    renames: Mapping[str, str] | None = None,
    **github: Any,
) -> Iterator[Stage]:
    """Set the stage: a registry with one standing plugin, and the plugins' sources at GitHub."""
    for name in [name for name in os.environ if name.startswith(("GIT_", "GITHUB_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    pattern = _repositories()
    shutil.copytree(pattern, folder, dirs_exist_ok=True, symlinks=True)
    config = folder / "checkout" / ".git" / "config"
    config.write_text(config.read_text().replace(pattern.as_uri(), folder.as_uri()))
    labels = (ROOT / ".github/labels.yml").read_text()
    rest = RestWorld(repository="almanac/registry", tokens={TOKEN: PERMISSIONS})
    for label in yaml.safe_load(labels):
        rest.add_label(label["name"], label["color"], label["description"])
    world = {"repositories": dict(sources or {"ada/Lamp": SOURCE}), "renames": dict(renames or {})}
    with GitHub(world, token=TOKEN, rest=rest, **github) as emulated:
        for name, value in {
            "GITHUB_TOKEN": TOKEN,
            "GITHUB_API_URL": emulated.url,
            "GITHUB_GRAPHQL_URL": emulated.graphql_url,
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_REPOSITORY": "almanac/registry",
        }.items():
            monkeypatch.setenv(name, value)
        monkeypatch.chdir(folder / "checkout")
        yield Stage(folder=folder, rest=rest, github=emulated, monkeypatch=monkeypatch)
