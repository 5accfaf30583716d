"""The forge as a run meets it: repository, API, caches, artefacts, secrets, and the published site."""

import mimetypes
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex
from typing import Any

from tests.emulators.github import GitHub
from tests.emulators.rest_world import RestWorld
from tests.emulators.server import Request, Response, Server
from tests.workflows.expressions import Evaluator
from tests.workflows.origin import ROOT, Changes, Origin

REPOSITORY = "almanac/registry"


class LiveSite(Server):
    """What is published: a folder's files on 127.0.0.1, or 503 while it is `down`."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        self.down = False

    async def answer(self, request: Request) -> Response:
        if self.down:
            return Response(status=503)
        path = (self.folder / request.path.lstrip("/")).resolve()
        if path.is_dir():
            path /= "index.html"
        if not path.is_relative_to(self.folder.resolve()) or not path.is_file():
            return Response(status=404)
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        return Response(headers={"Content-Type": kind}, body=path.read_bytes(), zip=False)


@dataclass(slots=True)
class Caches:
    """What actions/cache keeps: a folder for each scope (a ref) and key, the newest last.

    `prepared` names paths that are always found: in their place stands a link to the real checkout's, so that
    setting up a fresh clone downloads nothing.
    """

    folder: Path
    prepared: Mapping[str, Path] = field(default_factory=dict)
    entries: dict[tuple[str, str, str], Path] = field(default_factory=dict)

    def restore(self, workspace: Path, paths: str, keys: list[str], scopes: list[str]) -> str:
        """Put what is kept into the workspace: the first key's entry, else the newest that begins with one.

        Return the key of what was found, "" for nothing. `scopes`: the refs whose entries are seen.
        """
        names = paths.split()
        if names and all(name in self.prepared for name in names):
            for name in names:
                if not (workspace / name).exists():
                    (workspace / name).symlink_to(self.prepared[name])
            return keys[0]
        for scope in scopes:
            for key in keys:
                for (kept_scope, kept_paths, kept_key), kept in reversed(self.entries.items()):
                    exact = kept_key == key if key is keys[0] else kept_key.startswith(key)
                    if (kept_scope, kept_paths) == (scope, paths) and exact:
                        shutil.copytree(kept, workspace, dirs_exist_ok=True, symlinks=True)
                        return kept_key
        return ""

    def save(self, workspace: Path, paths: str, key: str, scope: str) -> None:
        """Keep the paths that are there; an entry is never replaced."""
        if (scope, paths, key) in self.entries:
            return
        kept = self.folder / token_hex(8)
        for name in paths.split():
            source, target = workspace / name, kept / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, target, symlinks=True)
            elif source.exists():
                shutil.copy2(source, target)
        if kept.exists() and any(kept.rglob("*")):
            self.entries[scope, paths, key] = kept


@dataclass(slots=True)
class Forge:
    """One GitHub with one registry in it."""

    folder: Path
    origin: Origin
    github: GitHub
    rest: RestWorld
    live: LiveSite
    evaluator: Evaluator
    caches: Caches
    secrets: dict[str, str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    """Laid over every step's environment: what this machine needs to be a runner."""
    runs: int = 0

    def artifacts(self, run_id: int) -> list[dict[str, Any]]:
        """Return a run's artefacts: {id, name, size, zip, expired}."""
        return self.rest.artifacts.setdefault(run_id, [])


PREPARED = {name: ROOT / name for name in (".venv", ".cache", "node_modules")}


@contextmanager
def open_forge(folder: Path, *, files: Changes, world: Mapping[str, Any] | None = None) -> Iterator[Forge]:
    """Serve a forge below a folder until the block ends: `files` are its default branch; no site is there.

    `world` are the other repositories, see tests/emulators/repositories.py.
    """
    origin = Origin(folder / "origin.git")
    origin.push(files, "Start")
    rest = RestWorld(repository=REPOSITORY, git_dir=origin.folder, tokens={"nobody's": {}})
    (folder / "live").mkdir()
    with (
        GitHub(dict(world or {}), rest=rest) as github,
        LiveSite(folder / "live") as live,
        Evaluator() as evaluator,
    ):
        caches = Caches(folder / "caches", PREPARED)
        yield Forge(
            folder=folder,
            origin=origin,
            github=github,
            rest=rest,
            live=live,
            evaluator=evaluator,
            caches=caches,
        )
