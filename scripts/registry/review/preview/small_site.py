"""A small site made of the checkout's own parts, of the plugins that a change brings and of some that stand.

Layouts, Ruby and settings are the checkout's; from the change come registrations, images and hand-written
data alone, each under a name that was checked, and read from git's objects.
"""

import shutil
from collections.abc import Iterable, Mapping, Sequence
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
from registry.quarantine.build_report import errors_of, read_report
from registry.quarantine.left_out import LeftOut
from registry.review.change import DATA_FILES, MAX_READ_BYTES, Change
from registry.review.faults.image_headers import MAX_PIXELS, NoImage, read_image
from registry.review.faults.naming import MAX_IMAGE_BYTES
from registry.review.judgement import Judgement
from registry.review.staging import IMAGES, image_path
from registry.settings import Settings

PARTS = ("_includes", "_jekyll", "_layouts", "pages")
"""Folders of the checkout that make a site; `assets` beside them, without the plugins' images."""
MAX_IMAGES = 100
"""Of all built plugins together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingredients:
    """What a small site is made of, beside the registrations."""

    change: Change
    judgement: Judgement
    settings: Settings
    configs: Sequence[str]
    """Settings of the checkout, in Jekyll's order."""
    now: datetime
    server_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A folder that Jekyll can build."""

    folder: Path
    configs: tuple[str, ...]
    """Settings in Jekyll's order, absolute."""
    copies: Path
    """The enriched copies."""
    left_out: Path
    """What Jekyll hands to the check."""
    errors: tuple[LeftOut, ...] = ()
    """What enrichment and feeds left out."""
    notes: tuple[str, ...] = ()
    """What could not be had; the pages are built all the same."""


def make_source(
    folder: Path,
    registrations: Mapping[str, bytes],
    given: Ingredients,
    *,
    pictured: Iterable[str] = (),
    data: Mapping[str, bytes | None] | None = None,
) -> Source:
    """Return the source of a site in the empty `folder`; `registrations` are by file name without `.md`.

    Images are those of the `pictured` registrations. `data` replaces hand-written files by their path, None
    takes one away. Raises ChangeError, OSError, and enrichment's RefusedError.
    """
    source = folder.resolve() / "source"
    _copy_parts(given.settings.root.resolve(), source)
    written = folder / "registrations" / "_plugins"
    written.mkdir(parents=True)
    for slug, raw in registrations.items():
        (written / f"{slug}.md").write_bytes(raw)
    text = b"\0".join(registrations[slug] for slug in pictured)
    notes = _write_images(source, given.change, given.judgement, text)
    _enrich(folder, source, given)
    steering = _copy_data(folder / "data" / "_data", source / "_data", data or {})
    errors, more = _write_feeds(folder, source, steering, given)
    over = folder / "preview.yml"
    overlay = {
        "collections_dir": "build",
        "registry_feeds": "build/feeds",
        "registry_left_out": "build/left_out",
    }
    over.write_text(yaml.safe_dump(overlay), encoding="utf-8")
    names = tuple(str(Path(name.strip()).resolve()) for name in given.configs)
    return Source(
        folder=source,
        configs=(*names, str(over.resolve())),
        copies=source / "build" / "_plugins",
        left_out=source / "build" / "left_out",
        errors=tuple(errors),
        notes=tuple(notes + more),
    )


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


def _copy_data(folder: Path, standing: Path, changed: Mapping[str, bytes | None]) -> Path:
    """Return a folder of hand-written data for the feeds: Jekyll is handed none but what stands."""
    shutil.copytree(standing, folder)
    for name, raw in changed.items():
        if name in DATA_FILES:
            path = folder / Path(name).name
            path.unlink(missing_ok=True)
            if raw is not None:
                path.write_bytes(raw)
    return folder


def _enrich(folder: Path, source: Path, given: Ingredients) -> None:
    """Write the enriched copies with the last known facts: nothing is asked of the world."""
    options = Options(
        plugins=folder / "registrations" / "_plugins",
        out=source / "build" / "_plugins",
        state=folder / "state.json",
        offline=True,
        report=folder / "report.json",
        accept_loss=True,
    )
    enrich(options, given.settings, {"GITHUB_SERVER_URL": given.server_url}, given.now)


def _write_feeds(
    folder: Path, source: Path, data: Path, given: Ingredients
) -> tuple[list[LeftOut], list[str]]:
    """Write the feeds; return what they and the enrichment left out, and why there are none."""
    state = folder / "state.json"
    earlier = errors_of(read_report(folder / "report.json"))
    try:
        feeds = build_feeds(
            source / "build" / "_plugins",
            data,
            from_settings(given.settings),
            now=given.now,
            state=state.read_bytes() if state.is_file() else None,
            settings=given.settings,
            errors=earlier,
            registrations=folder / "registrations" / "_plugins",
        )
    except BuildFailed as error:
        notes = [f"the plugins are in no feed: {problem.message}" for problem in error.problems[:10]]
        return [*earlier, *error.errors], notes
    publish(feeds, source / "build" / "feeds")
    return [*earlier, *feeds.errors], []
