"""What can be read of a repository: the protocol of `github_repository` and `cloned_repository`."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from registry.registration.model import RepoRef
from registry.sources.base import Blob, Files, Tree


class RepositoryError(Exception):
    """A repository cannot be read; the message says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What the repository's host says of it; "" and () where it says nothing."""

    full_name: str
    """`owner/name`, after renames."""
    branch: str = ""
    """The default branch; "" where there is no commit."""
    description: str = ""
    homepage: str = ""
    owner: str = ""
    """The owner's name as people write it."""
    license: str = ""
    """SPDX identifier, as the host recognised it."""
    topics: tuple[str, ...] = ()
    archived: bool = False


class Repository(Protocol):
    """One repository at its default branch."""

    origin: str
    """How people are told where a value came from: `GitHub`, …"""

    def about(self) -> About:
        """Return what its host says of it. Raises RepositoryError."""
        ...

    def files(self, paths: Iterable[str]) -> Files:
        """Return what is at `paths`, `""` being the root. Raises RepositoryError."""
        ...


class Reading:
    """A repository that is asked for each path once."""

    def __init__(self, repository: Repository) -> None:
        self.repository = repository
        self.seen: dict[str, Blob | Tree | None] = {}

    def files(self, paths: Iterable[str]) -> Files:
        """Return what is at `paths`. Raises RepositoryError."""
        wanted = tuple(dict.fromkeys(paths))
        if new := [path for path in wanted if path not in self.seen]:
            found = self.repository.files(new)
            self.seen.update({path: found.get(path) for path in new})
        return {path: self.seen[path] for path in wanted}

    def text(self, path: str) -> str | None:
        """Return a file's text; None where there is none that can be read whole."""
        blob = self.files((path,))[path]
        return blob.text if isinstance(blob, Blob) and not blob.truncated else None

    def tree(self, path: str) -> Tree | None:
        """Return a folder."""
        found = self.files((path,))[path]
        return found if isinstance(found, Tree) else None


def canonical(site: str, repo: RepoRef) -> str:
    """Return the repository's address at `site` (`https://github.com`), without a folder."""
    return f"{site.rstrip('/')}/{repo.full_name}"
