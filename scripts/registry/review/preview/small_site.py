"""A small site made of the checkout's own parts and of the plugins that a change brings.

Layouts, Ruby and settings are the checkout's; from the change come registrations and images alone, each under
a name that was checked, and read from git's objects.
"""

import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

import yaml

from registry.enrich.job import Options, enrich
from registry.feeds.build import BuildFailed, build_feeds
from registry.feeds.site import from_settings
from registry.feeds.writing import publish
from registry.git.objects import Objects
from registry.review.change import DATA_FILES, MAX_READ_BYTES, Change
from registry.review.faults.image_headers import MAX_PIXELS, NoImage, read_image
from registry.review.faults.naming import MAX_IMAGE_BYTES
from registry.review.judgement import Judgement, Reviewed
from registry.review.staging import IMAGES, image_path
from registry.settings import Settings

PARTS = ("_includes", "_jekyll", "_layouts", "pages")
"""Folders of the checkout that make a site; `assets` beside them, without the plugins' images."""
MAX_IMAGES = 100
"""Of all built plugins together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A folder that Jekyll can build."""

    folder: Path
    configs: tuple[str, ...]
    """Settings in Jekyll's order, absolute."""
    notes: tuple[str, ...] = ()
    """What could not be had; the pages are built all the same."""


def make_source(
    folder: Path,
    change: Change,
    judgement: Judgement,
    plugins: Sequence[Reviewed],
    settings: Settings,
    configs: Sequence[str],
    now: datetime,
    server_url: str,
) -> Source:
    """Return the source of a site with the `plugins` in the empty `folder`.

    Raises ChangeError, OSError, and enrichment's RefusedError.
    """
    source = folder.resolve() / "source"
    _copy_parts(settings.root.resolve(), source)
    raw = _write_registrations(folder / "registrations" / "_plugins", change, plugins)
    notes = _write_images(source, change, judgement, b"\0".join(raw))
    _enrich(folder, source, settings, now, server_url)
    notes += _write_feeds(source, settings, now)
    over = folder / "preview.yml"
    overlay = {"collections_dir": "build", "registry_feeds": "build/feeds", "baseurl": ""}
    over.write_text(yaml.safe_dump(overlay), encoding="utf-8")
    names = tuple(str(Path(name.strip()).resolve()) for name in configs)
    return Source(folder=source, configs=(*names, str(over.resolve())), notes=tuple(notes))


def _copy_parts(root: Path, source: Path) -> None:
    source.mkdir(parents=True)
    for part in PARTS:
        if (root / part).is_dir():
            shutil.copytree(root / part, source / part)
    images = root / IMAGES
    shutil.copytree(
        root / "assets",
        source / "assets",
        ignore=lambda folder, names: [name for name in names if Path(folder, name) == images],
    )
    (source / "_data").mkdir()
    for name in sorted(DATA_FILES):
        if (root / name).is_file():
            shutil.copy(root / name, source / name)


def _write_registrations(folder: Path, change: Change, plugins: Iterable[Reviewed]) -> list[bytes]:
    """Write the registrations as the change has them; return their bytes."""
    paths = {reviewed.path for reviewed in plugins}
    files = [file for file in change.files if file.kind == "registration" and file.path in paths]
    contents = change.read_all(files)
    folder.mkdir(parents=True)
    for file in files:
        (folder / Path(file.path).name).write_bytes(contents[file.blob])
    return [contents[file.blob] for file in files]


def _write_images(source: Path, change: Change, judgement: Judgement, text: bytes) -> list[str]:
    """Write the images that the registrations name and in which nothing is wrong; return notes."""
    touched = {file.raw_path for file in change.files if file.kind == "image"}
    objects = Objects(change.repository)
    wanted: dict[str, str] = {}
    for entry in objects.tree(change.commit, IMAGES):
        path = image_path(entry.path)
        if path is None or not entry.is_file:
            continue
        if entry.path in touched and path not in judgement.images:
            continue
        if path.encode() in text or quote(path).encode() in text:
            wanted[path] = entry.blob
    notes = []
    if len(wanted) > MAX_IMAGES:
        notes.append(f"{len(wanted) - MAX_IMAGES} images are left out, for {MAX_IMAGES} are enough to see")
        wanted = dict(sorted(wanted.items())[:MAX_IMAGES])
    sizes = objects.sizes(wanted.values())
    total = 0
    chosen: dict[str, str] = {}
    for path, blob in wanted.items():
        size = sizes.get(blob, MAX_IMAGE_BYTES + 1)
        if size <= MAX_IMAGE_BYTES and total + size <= MAX_READ_BYTES:
            total += size
            chosen[path] = blob
    contents = objects.read(chosen.values(), limit_bytes=total)
    for path, blob in chosen.items():
        if _is_harmless(contents.get(blob, b"")):
            (source / path).parent.mkdir(parents=True, exist_ok=True)
            (source / path).write_bytes(contents[blob])
    return notes


def _is_harmless(raw: bytes) -> bool:
    """Tell whether a browser may be handed this: what stands was judged by older rules, or by none."""
    try:
        facts = read_image(raw)
    except NoImage:
        return False
    return facts.width * facts.height <= MAX_PIXELS


def _enrich(folder: Path, source: Path, settings: Settings, now: datetime, server_url: str) -> None:
    """Write the enriched copies with the last known facts: nothing is asked of the world."""
    options = Options(
        plugins=folder / "registrations" / "_plugins",
        out=source / "build" / "_plugins",
        state=folder / "state.json",
        offline=True,
        accept_loss=True,
    )
    enrich(options, settings, {"GITHUB_SERVER_URL": server_url}, now)


def _write_feeds(source: Path, settings: Settings, now: datetime) -> list[str]:
    try:
        feeds = build_feeds(source / "build" / "_plugins", source / "_data", from_settings(settings), now=now)
    except BuildFailed as error:
        return [f"the plugins are in no feed: {problem.message}" for problem in error.problems[:10]]
    publish(feeds, source / "build" / "feeds")
    return [f"{slug} is in no feed: {reason}" for slug, reason in sorted(feeds.left_out.items())]
