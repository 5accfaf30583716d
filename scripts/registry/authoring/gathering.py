"""Reading a plugin's repository: its packaging files, README, licence and compatibility flag."""

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from registry.authoring.packaging_metadata import Field, Told, describe, describe_module
from registry.authoring.readme import NAMES, is_readme
from registry.authoring.repository import About, Reading, Repository, RepositoryError
from registry.registration.model import RepoRef, is_slug
from registry.settings import Settings
from registry.sources.base import Blob, Tree
from registry.sources.compat import Outcome, Question, Rules, Unread, advance, first_paths
from registry.sources.compat.packaging_files import MAX_PACKAGING
from registry.system.workers import Failed, Workers

PACKAGING = ("setup.py", "pyproject.toml", "setup.cfg")
LICENCES = ("LICENSE", "LICENSE.txt", "LICENSE.md", "COPYING")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,60}")

_MODULE_NAMES: dict[str, Field] = {
    "__plugin_name__": "name",
    "__plugin_identifier__": "identifier",
    "__plugin_description__": "summary",
    "__plugin_author__": "author",
    "__plugin_license__": "license",
    "__plugin_url__": "url",
}
"""What OctoPrint reads of a plugin's module, beside the flag."""


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A text of the repository."""

    path: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What a repository tells of a plugin."""

    about: About
    origin: str
    """The repository's host, as people know it."""
    told: tuple[Told, ...] = ()
    """The plugin's module first, for it is what the host shows, then the packaging files."""
    flag: Outcome = field(default_factory=lambda: Unread(reason="nothing was read"))
    readme: File | None = None
    license: File | None = None
    notes: tuple[str, ...] = ()
    """What people should know of the reading."""


def gather(repository: Repository, repo: RepoRef, settings: Settings, plugin_id: str = "") -> Gathered:
    """Read a repository; `plugin_id` is the plugin's identifier, "" while unknown. Raises RepositoryError."""
    with Workers(processes=1) as workers:
        return _gather(repository, repo, settings, plugin_id, workers)


def _gather(
    repository: Repository, repo: RepoRef, settings: Settings, plugin_id: str, workers: Workers
) -> Gathered:
    about = repository.about()
    reading = Reading(repository)
    base = repo.subpath
    packaging = [_under(base, name) for name in PACKAGING]
    reading.files([base, *packaging, _under(base, NAMES[0]), _under(base, LICENCES[0])])
    tree = reading.tree(base)
    if tree is None:
        what = f"no folder {base!a}" if base else "no files"
        raise RepositoryError(f"{about.full_name} has {what}; check the address")
    told: list[Told] = []
    notes: list[str] = []
    for name, path in zip(PACKAGING, packaging, strict=True):
        blob = reading.seen.get(path)
        if not isinstance(blob, Blob):
            continue
        found = _describe(name, blob, settings, workers)
        if not found:
            large = blob.truncated or blob.byte_size > MAX_PACKAGING
            why = f"is too large ({blob.byte_size:,} bytes)" if large else "tells nothing that can be read"
            notes.append(f"{path} {why}")
        told += found
    identifier = plugin_id or next((t.value for t in told if t.field == "identifier"), "")
    flag = _flag(reading, identifier or _guess(repo, settings), base, settings, workers)
    return Gathered(
        about=about,
        origin=repository.origin,
        told=(*_module(reading, flag, workers), *told),
        flag=flag,
        readme=_file(reading, base, NAMES, is_readme),
        license=_file(reading, base, LICENCES, _is_licence),
        notes=tuple(notes),
    )


Item = TypeVar("Item")
Answer = TypeVar("Answer")


def _ask(workers: Workers, function: Callable[[Item], Answer], item: Item) -> Answer | Failed:
    """Return what a worker makes of something that strangers wrote."""
    return asyncio.run(workers.map(function, [item]))[0]


def _describe(name: str, blob: Blob, settings: Settings, workers: Workers) -> tuple[Told, ...]:
    if blob.text is None or blob.truncated:
        return ()
    told = _ask(workers, partial(describe, name, settings.entry_point_group), blob.text)
    return () if isinstance(told, Failed) else told


def _guess(repo: RepoRef, settings: Settings) -> str:
    """Return the identifier that a repository's name suggests, only to look for the plugin's module."""
    stem = settings.packages.prefix.rstrip("_")
    bare = re.sub(rf"^{re.escape(stem)}[-_.]+", "", repo.name, flags=re.IGNORECASE)
    guess = bare.replace("-", "_").lower()
    return guess if is_slug(guess) else "plugin"


def _flag(reading: Reading, identifier: str, base: str, settings: Settings, workers: Workers) -> Outcome:
    if not settings.sources.compatibility:
        return Unread(reason="the host reads no flag")
    if not is_slug(identifier):
        return Unread(reason="the identifier is none that a module could be looked for by", problem=True)
    question = Question(plugin_id=identifier, rules=Rules.of(settings), subpath=base)
    wanted = first_paths(question)
    files: dict[str, Blob | Tree | None] = {}
    while True:
        files.update(reading.files(wanted))
        step = _ask(workers, advance, (question, files))
        if isinstance(step, Failed):
            return Unread(reason=f"its source {step.reason}", problem=True)
        if not isinstance(step, tuple):
            return step
        wanted = step


def _module(reading: Reading, flag: Outcome, workers: Workers) -> tuple[Told, ...]:
    """Return what the plugin's module, read for its flag, says beside it."""
    blob = reading.seen.get(flag.path) if flag.path else None
    if not isinstance(blob, Blob) or blob.text is None or blob.truncated:
        return ()
    told = _ask(workers, partial(describe_module, flag.path, _MODULE_NAMES), blob)
    return () if isinstance(told, Failed) else told


def _file(reading: Reading, base: str, usual: Sequence[str], fits: Callable[[str], bool]) -> File | None:
    """Return the file of a folder, or else of the root, whose name fits; the usual names first."""
    for place in dict.fromkeys((base, "")):
        tree = reading.tree(place)
        names = [name for name, kind in tree.entries if kind == "blob"] if tree else []
        names = [name for name in names if _PLAIN_NAME.fullmatch(name) and fits(name)]
        names.sort(key=lambda name: (usual.index(name) if name in usual else len(usual), name))
        for name in names[:2]:
            if text := reading.text(_under(place, name)):
                return File(path=_under(place, name), text=text)
    return None


def _is_licence(name: str) -> bool:
    return name.upper().startswith(("LICENSE", "LICENCE", "COPYING"))


def _under(base: str, name: str) -> str:
    return f"{base}/{name}" if base else name
