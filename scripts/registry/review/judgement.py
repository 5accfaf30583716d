"""The verdict on a change: what the base's own rules say of the files that it brings."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Literal

from registry.registration.frontmatter import Document, FrontMatterError, parse
from registry.registration.load import load_registrations
from registry.registration.model import Registration
from registry.review.change import MAX_READ_BYTES, Change, ChangedFile, Status
from registry.review.faults.broken_references import crossing_faults, problem
from registry.review.faults.naming import naming_faults
from registry.review.faults.pictures import picture_faults
from registry.review.staging import Staged, is_fit, is_registration, stage
from registry.text.problems import Problem
from registry.validation.validator import Validator

ReviewCode = Literal[
    "not-markdown",
    "not-a-file",
    "file-name",
    "too-large",
    "too-much",
    "too-many-files",
    "registration-removed",
    "still-named",
    "address-lost",
    "address-taken",
    "image-type",
    "image-svg",
    "image-broken",
    "image-extension",
    "image-pixels",
    "image-large",
    "image-too-large",
    "image-trailing",
    "image-place",
    "image-unused",
    "image-in-use",
    "case-clash",
]
"""Every code of this module's own; `docs/pull-requests.md` tells the cure of each (tested)."""

MAX_NAMED = 20
"""Files that a note names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """A registration that the change adds or modifies."""

    path: str
    """`_plugins/<slug>.md`."""
    new: bool
    document: Document | None
    """None: it cannot be read."""
    registration: Registration | None
    """None: it cannot be published."""
    left_out: str = ""
    """Why it cannot be published, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What is wrong with a change, and what it brings."""

    problems: tuple[Problem, ...]
    """By file and line; paths as in the repository."""
    registrations: dict[str, Reviewed]
    """File name without `.md` -> registration."""
    notes: tuple[str, ...]
    """Sentences for reviewers."""
    removed: tuple[str, ...] = ()
    """File names without `.md` of the registrations that the change deletes."""
    others: tuple[str, ...] = ()
    """Paths, to show, of changed files that are neither registration, image nor hand-written data."""
    images: tuple[str, ...] = ()
    """Paths of added or modified images in which nothing is wrong."""
    counts: dict[str, int] = field(default_factory=dict)
    """Files by kind."""

    @property
    def is_valid(self) -> bool:
        """Tell whether there is no error."""
        return not any(problem.level == "error" for problem in self.problems)


def judge(change: Change, today: date, server_url: str) -> Judgement:
    """Return the verdict. Nothing of the change is run, and nothing written outside a temporary folder.

    The folders of a registry that takes pull requests have their usual names, whatever its settings say.
    Raises ChangeError when git cannot answer.
    """
    with TemporaryDirectory(prefix="almanac-review-") as folder:
        return _judge(change, Path(folder).resolve(), today, server_url)


def _judge(change: Change, folder: Path, today: date, server_url: str) -> Judgement:
    fit, too_much = _readable(change.files)
    staged = stage(change, fit, folder)
    problems = [
        problem(file, "error", code, message)
        for file in change.files
        for code, message in naming_faults(file, staged.modes)
    ]
    message = "the change has more text than is read at once; bring the rest in another change"
    problems += [problem(file, "error", "too-much", message) for file in too_much]
    named_wrong = {file.raw_path for file in change.files if any(naming_faults(file, staged.modes))}
    found = list(picture_faults(change, named_wrong))
    problems += [problem(file, level, code, message) for file, level, code, message in found]
    problems += _validated(staged, fit, today, server_url)
    problems += crossing_faults(change, staged)
    bad = {fault.file for fault in problems if fault.level == "error"}
    return Judgement(
        problems=tuple(sorted(problems, key=lambda fault: (fault.file, fault.line, fault.key, fault.code))),
        registrations=_registrations(staged, fit, server_url),
        notes=tuple(_notes(change)),
        removed=tuple(_slug(file) for file in _of(change, "deleted") if is_registration(file.raw_path)),
        others=tuple(file.path for file in change.files if file.kind == "other"),
        images=tuple(
            file.raw_path.decode()
            for file in change.files
            if file.kind == "image" and file.status != "deleted" and file.path not in bad
        ),
        counts={
            kind: sum(file.kind == kind for file in change.files)
            for kind in ("registration", "image", "data", "other")
        },
    )


def _readable(files: Sequence[ChangedFile]) -> tuple[list[ChangedFile], list[ChangedFile]]:
    """Return the registrations and data files to read, and those that would be too much together."""
    fit: list[ChangedFile] = []
    too_much: list[ChangedFile] = []
    total = 0
    for file in files:
        if is_fit(file):
            total += file.size or 0
            (fit if total <= MAX_READ_BYTES else too_much).append(file)
    return fit, too_much


def _validated(staged: Staged, fit: Sequence[ChangedFile], today: date, server_url: str) -> Iterator[Problem]:
    """Yield what the validator says of the files, with their paths as in the repository."""
    validator = Validator(today=today, server_url=server_url, base=staged)
    paths = [staged.folder / file.raw_path.decode() for file in fit]
    yield from map(staged.shown, validator.validate(paths))


def _registrations(staged: Staged, fit: Sequence[ChangedFile], server_url: str) -> dict[str, Reviewed]:
    changed = {_slug(file): file for file in fit if file.kind == "registration"}
    published: dict[str, Registration] = {}
    left_out: dict[str, str] = {}
    if changed:
        # In a folder of their own: the whole one was judged already, and is larger.
        own = staged.folder / "changed" / "_plugins"
        own.mkdir(parents=True)
        for slug in changed:
            (own / f"{slug}.md").hardlink_to(staged.folder / "_plugins" / f"{slug}.md")
        loaded = load_registrations(own, server_url)
        published = {registration.slug: registration for registration in loaded.registrations}
        left_out = loaded.left_out
    return {
        slug: Reviewed(
            path=file.path,
            new=file.status == "added",
            document=_document(staged.after[file.path], file.path),
            registration=replace(published[slug], path=file.path) if slug in published else None,
            left_out=left_out.get(f"{slug}.md", ""),
        )
        for slug, file in sorted(changed.items())
    }


def _document(raw: bytes, path: str) -> Document | None:
    try:
        return parse(raw, path, patient=True)
    except FrontMatterError:
        return None


def _notes(change: Change) -> Iterator[str]:
    others = [file.path for file in change.files if file.kind == "other"]
    if others:
        what = "The change reaches into the repository itself and needs a maintainer's reading"
        yield f"{what}: {_list(others)}."
    if images := [file.path for file in _of(change, "deleted") if file.kind == "image"]:
        yield f"Images are deleted: {_list(images)}."
    if data := [file.path for file in change.files if file.kind == "data"]:
        yield f"The change steers installations in the field, within hours: {_list(data)}."


def _list(names: Sequence[str]) -> str:
    more = len(names) - MAX_NAMED
    return ", ".join(names[:MAX_NAMED]) + (f" and {more:,} more" if more > 0 else "")


def _of(change: Change, status: Status) -> Iterator[ChangedFile]:
    return (file for file in change.files if file.status == status)


def _slug(file: ChangedFile) -> str:
    return PurePosixPath(file.raw_path.decode()).stem
