"""What a pull request changes: files by name, mode and blob, read from git's objects alone."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from registry.git.objects import FILE_MODES, ChangeError, Objects
from registry.text.problems import printable

__all__ = [
    "MAX_FILES",
    "MAX_FILE_BYTES",
    "MAX_READ_BYTES",
    "Change",
    "ChangeError",
    "ChangedFile",
    "Kind",
    "Status",
    "TooLarge",
    "added_lines",
    "read_change",
]

Status = Literal["added", "modified", "deleted"]
Kind = Literal["registration", "image", "data", "other"]

MAX_FILES = 3_000
"""Files of a change that are looked at: as many as GitHub shows of a pull request."""
MAX_FILE_BYTES = 8_000_000
"""Of a file that is read: what the workflow fetches (`--filter=blob:limit=8m`)."""
MAX_READ_BYTES = 64_000_000
"""Of all files that are read."""
LONGEST_PATH = 200
"""Characters that are shown of a path; git knows no end."""

DATA_FILES = frozenset(
    f"_data/{name}.yml"
    for name in ("notices", "blocklist", "update_check_overlays", "update_check_overlays_py2")
)
"""What people write by hand and installations obey."""

_STATUS: dict[str, Status] = {"A": "added", "D": "deleted"}
_TEXT = re.compile(rb"_(?:plugins|data)/[A-Za-z0-9_][A-Za-z0-9_.+-]*")
_HUNK = re.compile(rb"^@@ -[0-9,]+ \+([0-9]+)(?:,([0-9]+))? @@", re.MULTILINE)


class TooLarge(ChangeError):
    """A file with more bytes than anything here may have; it is not read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedFile:
    """A file that the change adds, modifies or deletes."""

    path: str
    """To show: control characters as `\\x1b`, cut to a length that a line can bear."""
    raw_path: bytes
    """As git has it: any bytes but NUL."""
    status: Status
    mode: int
    """After the change, 0 when it is deleted: 0o100644, 0o100755, 0o120000 (link), 0o160000 (submodule)."""
    size: int | None
    """Bytes after the change; None: too large to be fetched, or no blob at all."""
    blob: str
    """Its id after the change; of a deleted file, that before."""
    kind: Kind

    @property
    def is_file(self) -> bool:
        """Tell whether it is a file after the change, be it executable."""
        return self.mode in FILE_MODES

    @property
    def is_plain(self) -> bool:
        """Tell whether it is a file and nothing else: not executable, no link, no submodule."""
        return self.mode == 0o100644


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What one commit changes against its first parent."""

    repository: Path
    commit: str
    """Full id: the merge commit that GitHub makes of a pull request."""
    base: str
    """Its first parent: what stands."""
    head: str
    """Its second parent: the pull request's last commit; "" when the commit is no merge."""
    files: tuple[ChangedFile, ...]
    """By path, at most MAX_FILES."""
    total: int = 0
    """Files that the change has in truth."""

    def read(self, file: ChangedFile) -> bytes:
        """Return the content of one of `files`. Raises TooLarge, ChangeError."""
        return self.read_all([file])[file.blob]

    def read_all(self, files: list[ChangedFile]) -> dict[str, bytes]:
        """Return {blob: content} of several files by one call of git. Raises TooLarge, ChangeError."""
        for file in files:
            if file.size is None or file.size > MAX_FILE_BYTES:
                raise TooLarge(f"{file.path} is larger than {MAX_FILE_BYTES:,} bytes, so it is not read")
        total = sum(file.size or 0 for file in files)
        if total > MAX_READ_BYTES:
            raise TooLarge(f"{len(files)} files have {total:,} bytes, more than {MAX_READ_BYTES:,}")
        content = Objects(self.repository).read((file.blob for file in files), limit_bytes=total)
        if missing := [file.path for file in files if file.blob not in content]:
            raise ChangeError(f"{missing[0]}: its content is not there; fetch the commit again")
        return content


def read_change(repository: Path, commit: str) -> Change:
    """Return what `commit`, a full id or a ref, changes against its first parent. Raises ChangeError."""
    objects = Objects(repository)
    commit, parents = objects.commit(commit)
    if not 1 <= len(parents) <= 2:
        what = "has no parent here" if not parents else f"has {len(parents)} parents"
        raise ChangeError(
            f"commit {commit} {what}; name a pull request's merge commit, fetched with --depth=2"
        )
    # Renames are told as what they are to the site: one file gone, another one new.
    listing = objects.run(
        "diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-abbrev", "--no-ext-diff", "--no-textconv",
        "--ignore-submodules=none", "--end-of-options", parents[0], commit,
    )  # fmt: skip
    found = list(_entries(listing))
    sizes = objects.sizes(blob for _, status, mode, blob in found[:MAX_FILES] if mode not in (0, 0o160000))
    files = tuple(
        ChangedFile(
            path=shown(path),
            raw_path=path,
            status=status,
            mode=mode,
            size=sizes.get(blob) if mode else None,
            blob=blob,
            kind=_kind(path),
        )
        for path, status, mode, blob in found[:MAX_FILES]
    )
    head = parents[1] if len(parents) == 2 else ""
    return Change(
        repository=repository, commit=commit, base=parents[0], head=head, files=files, total=len(found)
    )


def added_lines(change: Change, file: ChangedFile) -> frozenset[int]:
    """Return the lines on which GitHub accepts a suggestion: those that its view of the change shows.

    Only registrations and hand-written data take any. A suggestion is made to the pull request's last commit:
    where the merge holds another file than that commit does, the lines have moved, and there is none.
    """
    if file.status == "deleted" or not file.is_plain or not _TEXT.fullmatch(file.raw_path):
        return frozenset()
    if file.size is None or file.size > MAX_FILE_BYTES:
        return frozenset()
    objects = Objects(change.repository)
    name = file.raw_path.decode(errors="surrogateescape")
    if change.head:
        at_head = {entry.path: entry.blob for entry in objects.tree(change.head, name)}
        if at_head.get(file.raw_path) != file.blob:
            return frozenset()
    # `--text`, because whether a file is text is not for its own repository's attributes to say.
    patch = objects.run(
        "diff-tree", "-p", "--unified=3", "--text", "--no-renames", "--no-ext-diff", "--no-textconv",
        "--no-color", "--end-of-options", change.base, change.commit, "--", name,
    )  # fmt: skip
    lines: set[int] = set()
    for match in _HUNK.finditer(patch):
        start, count = int(match[1]), int(match[2] or 1)
        lines.update(range(start, start + count))
    return frozenset(lines)


def shown(path: bytes) -> str:
    """Return a path as it can be shown: what is no UTF-8 or not printable as an escape, and not endless."""
    text = printable(path.decode(errors="backslashreplace"))
    return text if len(text) <= LONGEST_PATH else text[: LONGEST_PATH - 1] + "…"


def _entries(listing: bytes) -> Iterator[tuple[bytes, Status, int, str]]:
    """Yield (path, status, mode after, blob) of `:mode mode blob blob status NUL path NUL`."""
    parts = iter(listing.split(b"\0"))
    for about in parts:
        if not about:
            continue
        _, after_mode, before, after, letter = about.decode().removeprefix(":").split(" ")
        status = _STATUS.get(letter[0], "modified")
        yield next(parts), status, int(after_mode, 8), before if status == "deleted" else after


def _kind(path: bytes) -> Kind:
    folder, _, name = path.rpartition(b"/")
    if folder == b"_plugins" and name:
        return "registration"
    if path.startswith(b"assets/img/plugins/"):
        return "image"
    return "data" if path.decode(errors="replace") in DATA_FILES else "other"
