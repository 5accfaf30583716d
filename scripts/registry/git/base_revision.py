"""What stood at a git revision: the files of a folder as they were, to tell what a pull request adds."""

import hashlib
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

_COMMIT = "^{commit}"
"""Asks git for the commit behind a name."""


class GitError(ValueError):
    """git cannot answer: no repository, no such revision, no git."""


@dataclass(frozen=True, slots=True)
class Base:
    """The revision that a change is based on. Folders are read once."""

    revision: str
    """Anything that git takes for a commit: a branch, a tag, a hash."""
    _folders: dict[Path, dict[str, str]] = field(default_factory=dict, init=False, repr=False)

    def read(self, path: Path, now: bytes) -> bytes | None:
        """Return the file as it was, None when it was not there. `now` spares git a file that did not change.

        Raises GitError.
        """
        folder = path.parent
        if folder not in self._folders:
            self._folders[folder] = self._list(folder)
        blob = self._folders[folder].get(path.name)
        if blob is None:
            return None
        if blob == _blob_name(now, len(blob)):
            return now
        return _git(folder, "cat-file", "blob", blob)

    def _list(self, folder: Path) -> dict[str, str]:
        """Return {file name: blob} of the folder at the revision."""
        commit = _git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", self.revision + _COMMIT)
        listing = _git(folder, "ls-tree", "-z", commit.decode().strip(), "./").decode(
            errors="surrogateescape"
        )
        entries = (entry.split("\t", 1) for entry in listing.split("\0") if entry)
        return {name: kind.split(" ")[2] for kind, name in entries if kind.split(" ")[1] == "blob"}


def _blob_name(raw: bytes, length: int) -> str:
    """Return git's name for a file's content, by the hash that the repository uses."""
    algorithm = "sha256" if length == 64 else "sha1"
    return hashlib.new(algorithm, b"blob %d\0" % len(raw) + raw, usedforsecurity=False).hexdigest()


def _git(folder: Path, *arguments: str) -> bytes:
    try:
        done = subprocess.run(  # noqa: S603
            ["git", "-C", str(folder), *arguments],  # noqa: S607
            capture_output=True,
            check=True,
            stdin=subprocess.DEVNULL,
        )
    except OSError as error:
        raise GitError(f"git cannot be run: {error.strerror}") from None
    except subprocess.CalledProcessError as error:
        words = error.stderr.decode(errors="replace").strip()
        raise GitError(words or f"there is no commit {arguments[-1].removesuffix(_COMMIT)!r}") from None
    return done.stdout
