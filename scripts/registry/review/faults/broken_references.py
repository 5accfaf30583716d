"""What a change does to files that it does not touch: names and addresses that stop leading anywhere."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote

from registry.host.handwritten_yaml import HandWrittenError, read_handwritten
from registry.registration.frontmatter import FrontMatterError, parse
from registry.registration.values import redirects_of
from registry.review.change import DATA_FILES, Change, ChangedFile
from registry.review.staging import IMAGES, Staged, image_path, is_registration
from registry.text.problems import Level, Problem, quoted
from registry.text.scalars import scalar_text

MAX_IMAGES_SOUGHT = 500
"""Images of one change that are looked for in every registration."""


def crossing_faults(change: Change, staged: Staged) -> Iterator[Problem]:
    """Yield a problem for each thing outside of a changed file that the change breaks."""
    world = _World(staged)
    registrations = [file for file in change.files if is_registration(file.raw_path)]
    for file in registrations:
        if file.status == "deleted":
            yield from _removed(file, world)
        elif file.status == "added":
            yield from _taken(file, world)
    images = [file for file in change.files if file.kind == "image" and image_path(file.raw_path)]
    for file in images[:MAX_IMAGES_SOUGHT]:
        yield from _image(file, world)
    if change.total > len(change.files):
        seen = f"{len(change.files):,} are looked at"
        message = f"the change has {change.total:,} files, and {seen}; split it into several"
        yield problem(change.files[-1], "error", "too-many-files", message)
    yield from _clashes(change, staged)


def problem(file: ChangedFile, level: Level, code: str, message: str) -> Problem:
    """Return a problem of a changed file as a whole."""
    return Problem(file=file.path, line=1, key="", level=level, code=code, message=message)


@dataclass(frozen=True)
class _World:
    """The registry after the change, asked in several ways; each is worked out once."""

    staged: Staged

    @cached_property
    def ids(self) -> dict[str, str]:
        """Id without regard to case -> path of its registration."""
        return {
            identifier.casefold(): path
            for path, raw in self.staged.after.items()
            if path.startswith("_plugins/") and (identifier := _id(raw))
        }

    @cached_property
    def redirects(self) -> dict[str, list[str]]:
        """Former file name without `.md`, in small letters -> paths of the registrations that claim it."""
        found: dict[str, list[str]] = {}
        for path, raw in self.staged.after.items():
            if path.startswith("_plugins/") and b"redirect_from" in raw:
                for redirect in redirects_of(_data(raw)):
                    slug = redirect.removeprefix("/plugins/").strip("/").casefold()
                    found.setdefault(slug, []).append(path)
        return found

    @cached_property
    def text(self) -> bytes:
        """All registrations in one, to look for the names of images."""
        registrations = (raw for path, raw in self.staged.after.items() if path.startswith("_plugins/"))
        return b"\0".join(registrations)

    @cached_property
    def names(self) -> frozenset[str]:
        """Ids and file names without `.md`, without regard to case."""
        slugs = (PurePosixPath(path).stem.casefold() for path in self.staged.after if path.endswith(".md"))
        return frozenset(slugs) | frozenset(self.ids)

    @cached_property
    def steering(self) -> list[tuple[str, int, str]]:
        """(path, line, id) of each plugin that hand-written data names."""
        return [entry for path in sorted(DATA_FILES) for entry in _steered(self.staged.folder, path)]

    def shows(self, image: str) -> list[str]:
        """Return the registrations that name an image."""
        spellings = {image.encode(), quote(image).encode()}
        if not any(spelling in self.text for spelling in spellings):
            return []
        # Not merely as the beginning of another name.
        whole = re.compile(b"|".join(re.escape(spelling) + rb"(?![\w.-])" for spelling in sorted(spellings)))
        return sorted(path for path, raw in self.staged.after.items() if whole.search(raw))


def _removed(file: ChangedFile, world: _World) -> Iterator[Problem]:
    path = file.raw_path.decode()
    slug = PurePosixPath(path).stem
    identifier = _id(world.staged.before.get(path, b"")) or slug
    moved = world.ids.get(identifier.casefold())
    if moved and slug.casefold() not in world.redirects:
        message = (
            f"the plugin moves to {quoted(moved)}, and its old address ends; add 'redirect_from: "
            f"/plugins/{slug}/' there"
        )
        yield problem(file, "warning", "address-lost", message)
    if moved:
        return
    message = (
        f"the plugin {quoted(identifier)} vanishes from every list, with its page; where it is only not "
        "maintained any more, write 'abandoned: true' instead"
    )
    yield problem(file, "warning", "registration-removed", message)
    for data, line, named in world.steering:
        if named.casefold() == identifier.casefold():
            message = (
                f"names {quoted(identifier)}, whose registration this change removes; keep the entry only "
                "where installations still need it"
            )
            yield Problem(file=data, line=line, key="", level="warning", code="still-named", message=message)


def _taken(file: ChangedFile, world: _World) -> Iterator[Problem]:
    path = file.raw_path.decode()
    slug = PurePosixPath(path).stem
    others = [other for other in world.redirects.get(slug.casefold(), []) if other != path]
    if others:
        message = (
            f"{quoted(others[0])} has '/plugins/{slug}/' as its former address, which leads to its page; "
            "name this file otherwise"
        )
        yield problem(file, "error", "address-taken", message)


def _image(file: ChangedFile, world: _World) -> Iterator[Problem]:
    path = file.raw_path.decode()
    users = world.shows(path)
    if file.status == "deleted":
        if users:
            message = f"{quoted(users[0])} still shows this image; keep it, or take it out there"
            yield problem(file, "error", "image-in-use", message)
        return
    folder, _, rest = path.removeprefix(IMAGES).partition("/")
    if rest and folder.casefold() not in world.names and not users:
        message = f"there is no plugin {quoted(folder)}; name the folder after the plugin's id"
        yield problem(file, "error" if file.status == "added" else "warning", "image-place", message)
    elif not users:
        message = "no registration shows this image; list it under 'screenshots', or leave it out"
        yield problem(file, "warning", "image-unused", message)


def _clashes(change: Change, staged: Staged) -> Iterator[Problem]:
    """Yield each image that differs by case from another one; registrations' names are the validator's."""
    folded: dict[str, set[str]] = {}
    if any(file.kind == "image" for file in change.files):
        for image in staged.images:
            folded.setdefault(image.casefold(), set()).add(image)
    for file in change.files:
        path = image_path(file.raw_path)
        if (
            path
            and file.status == "added"
            and (others := sorted(folded.get(path.casefold(), set()) - {path}))
        ):
            message = (
                f"{quoted(others[0])} differs by case only, which not every system can tell apart; rename it"
            )
            yield problem(file, "error", "case-clash", message)


def _steered(folder: Path, path: str) -> Sequence[tuple[str, int, str]]:
    """Return (path, line, id) of the entries of one file of hand-written data; nothing of a broken one."""
    try:
        file = read_handwritten(folder / path)
    except HandWrittenError:
        return []
    if isinstance(file.content, Mapping):
        keys: list[tuple[tuple[str | int, ...], str]] = [((name,), name) for name in file.content]
    else:
        entries = file.content if isinstance(file.content, list) else []
        keys = [
            ((index, "plugin"), scalar_text(entry["plugin"]))
            for index, entry in enumerate(entries)
            if isinstance(entry, Mapping) and isinstance(entry.get("plugin"), str)
        ]
    return [(path, file.text.count("\n", 0, file.places.get(key, 0)) + 1, named) for key, named in keys]


def _id(raw: bytes) -> str:
    identifier = _data(raw).get("id")
    return "" if identifier is None or isinstance(identifier, list | dict) else scalar_text(identifier)


def _data(raw: bytes) -> dict[str, Any]:
    """Return the front matter, nothing of what cannot be read."""
    try:
        return parse(raw, "", patient=True).data
    except FrontMatterError:
        return {}
