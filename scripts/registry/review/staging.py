"""The base's registrations and data with a change laid over, in a folder of its own.

Only plain files whose names were checked are ever written, and only below that folder.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from registry.git.objects import Entry, Objects
from registry.registration.model import is_slug
from registry.review.change import DATA_FILES, Change, ChangedFile
from registry.text.problems import Problem

IMAGES = "assets/img/plugins/"
MAX_STANDING_BYTES = 1_000_000_000
"""Of all registrations at the base, which maintainers have let in."""
MAX_TEXT_BYTES = 2_000_000
"""Of a registration or data file: more than either may have, so that its own reader tells how much."""
MAX_IMAGES = 50_000

_IMAGE_PART = re.compile(r"\w[\w ._,()+@&~'=-]{0,99}")
"""A folder or file among the images: what the pages can show (`_jekyll/read/values.rb`), but no `%`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """A folder with what the registry will hold after the change."""

    folder: Path
    before: Mapping[str, bytes]
    """Path -> content of what stands: registrations and hand-written data."""
    after: Mapping[str, bytes]
    """The same after the change."""
    modes: Mapping[bytes, int] = field(default_factory=dict)
    """Path -> mode of what stands in `_plugins` and `_data`."""
    images: frozenset[str] = frozenset()
    """Paths of the images after the change."""
    images_before: frozenset[str] = frozenset()

    def read(self, path: Path, now: bytes) -> bytes | None:
        """Return the file as it stands, None when it is new: what the validator asks of a base."""
        before = self.before.get(path.relative_to(self.folder).as_posix())
        return now if before == now else before

    def shown(self, problem: Problem) -> Problem:
        """Return a problem that the validator found here, with its path as in the repository."""
        path = Path(problem.file)
        inside = path.is_absolute() and path.is_relative_to(self.folder)
        name = path.relative_to(self.folder).as_posix() if inside else problem.file
        return replace(problem, file=name, message=problem.message.replace(f"{self.folder}/", ""))


def stage(change: Change, fit: Collection[ChangedFile], folder: Path) -> Staged:
    """Write what the change makes of the base below the empty `folder`. Raises ChangeError.

    `fit` are the changed registrations and data files that `is_fit` and that are not too much to read.
    """
    objects = Objects(change.repository)
    standing = list(objects.tree(change.base, "_plugins/", "_data/"))
    before = _contents(objects, standing)
    after = dict(before)
    contents = change.read_all(list(fit))
    for file in change.files:
        if file.kind in ("registration", "data"):
            after.pop(file.raw_path.decode(errors="surrogateescape"), None)
    after |= {file.raw_path.decode(): contents[file.blob] for file in fit}
    images = _images(objects, change.commit)
    touched = any(file.kind == "image" for file in change.files)
    staged = Staged(
        folder=folder,
        before=before,
        after=after,
        modes={entry.path: entry.mode for entry in standing},
        images=images,
        images_before=_images(objects, change.base) if touched else images,
    )
    _write(folder, after, images)
    return staged


def is_fit(file: ChangedFile) -> bool:
    """Tell whether a changed file can be laid over the base: its kind, name, mode and size."""
    if not file.is_file:
        return False
    if file.size is None or file.size > MAX_TEXT_BYTES:
        return False
    return file.kind == "data" or (file.kind == "registration" and is_registration(file.raw_path))


def is_registration(path: bytes) -> bool:
    """Tell whether the path is one that a registration can have."""
    folder, _, name = path.decode(errors="surrogateescape").rpartition("/")
    return folder == "_plugins" and name.endswith(".md") and is_slug(name.removesuffix(".md"))


def image_path(path: bytes) -> str | None:
    """Return the path of an image as text, None for one that the pages could not show."""
    try:
        text = path.decode()
    except UnicodeDecodeError:
        return None
    if not text.startswith(IMAGES) or len(text) > 250:
        return None
    parts = text.removeprefix(IMAGES).split("/")
    return text if all(_IMAGE_PART.fullmatch(part) and ".." not in part for part in parts) else None


def _contents(objects: Objects, entries: Iterable[Entry]) -> dict[str, bytes]:
    """Return path -> content of the registrations and hand-written data among the entries."""
    wanted = {
        entry.path.decode(): entry.blob
        for entry in entries
        if entry.is_file
        and (is_registration(entry.path) or entry.path.decode(errors="replace") in DATA_FILES)
    }
    contents = objects.read(wanted.values(), limit_bytes=MAX_STANDING_BYTES)
    return {path: contents[blob] for path, blob in wanted.items() if blob in contents}


def _images(objects: Objects, commit: str) -> frozenset[str]:
    """Return the paths of a commit's images that pages can show."""
    found: set[str] = set()
    for entry in objects.tree(commit, IMAGES):
        path = image_path(entry.path)
        if path and entry.is_file and len(found) < MAX_IMAGES:
            found.add(path)
    return frozenset(found)


def _write(folder: Path, files: Mapping[str, bytes], images: Iterable[str]) -> None:
    """Write the files, and an empty one for each image: that it is there is all that is asked of it."""
    root = str(folder)
    # OSError: where a file system takes two names for one, which is told as a clash of names.
    for part in ("_plugins", "_data", "assets/img/plugins"):
        (folder / part).mkdir(parents=True)
    for name, content in files.items():
        with suppress(OSError), open(f"{root}/{name}", "xb") as file:
            file.write(content)
    for parent in {image.rpartition("/")[0] for image in images}:
        with suppress(OSError):
            (folder / parent).mkdir(parents=True, exist_ok=True)
    for image in images:
        with suppress(OSError):
            open(f"{root}/{image}", "xb").close()
