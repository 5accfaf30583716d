"""A repository read from a bare clone of its newest commit: for somebody without a token.

Git fetches objects into a temporary folder; nothing is checked out, no hook and no setting of the user's
takes part, and what is read is read object by object.
"""

import os
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from registry.authoring.repository import About, RepositoryError
from registry.sources.base import Blob, EntryType, Files, Tree
from registry.system import processes
from registry.text.problems import printable

MAX_BLOB_BYTES = 1_000_000
"""A larger file is not fetched where the server can leave it out, and never read."""
MAX_OUTPUT_BYTES = 64_000_000
"""Of one answer of git's: a list of objects, for the most part."""
MAX_ENTRIES = 5_000
"""Entries of a folder that are looked at."""
CLONE_TIMEOUT_S = 120.0
READ_TIMEOUT_S = 20.0
PROTOCOLS = "https:http"
"""By which a clone may be fetched, as GIT_ALLOW_PROTOCOL takes them."""

_KEPT = frozenset(
    [
        "PATH",
        "TMPDIR",
        "LD_LIBRARY_PATH",
        "GIT_EXEC_PATH",
        "GIT_SSL_CAINFO",
        "GIT_SSL_CAPATH",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
        "http_proxy",
        "https_proxy",
        "all_proxy",
        "no_proxy",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "NO_PROXY",
    ]
)
"""Where git itself, certificates and the way out are. Not the token: git has no use for it."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_KINDS: dict[str, EntryType] = {"blob": "blob", "tree": "tree", "commit": "commit"}


def git_environment(
    environment: Mapping[str, str], folder: Path, protocols: str = PROTOCOLS
) -> dict[str, str]:
    """Return what git runs with: no settings but our own, no token, no questions, only `protocols`."""
    kept = {name: value for name, value in environment.items() if name in _KEPT}
    return kept | {
        "HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "true",  # the command that succeeds and says nothing
        "GIT_ALLOW_PROTOCOL": protocols,
        "GIT_OPTIONAL_LOCKS": "0",
        "LC_ALL": "C",
    }


class ClonedRepository:
    """A repository that git can fetch from `url`; its objects are kept below `folder`."""

    origin = "the repository"

    def __init__(
        self,
        url: str,
        full_name: str,
        folder: Path,
        *,
        environment: Mapping[str, str] = os.environ,
        protocols: str = PROTOCOLS,
        timeout_s: float = CLONE_TIMEOUT_S,
    ) -> None:
        self._url = url
        self._full_name = full_name
        self._environment = git_environment(environment, folder, protocols)
        self._folder = folder / "objects.git"
        self._timeout_s = timeout_s
        self._missing: frozenset[str] | None = None

    def about(self) -> About:
        """Return the branch, and the owner as the address names it. Raises RepositoryError."""
        self._clone()
        head = self._git("symbolic-ref", "HEAD").decode(errors="replace").strip()
        empty = not self._git("for-each-ref", "--count=1")
        return About(
            full_name=self._full_name,
            branch="" if empty else head.removeprefix("refs/heads/"),
            owner=self._full_name.partition("/")[0],
        )

    def files(self, paths: Iterable[str]) -> Files:
        """Return what is at `paths` of the default branch. Raises RepositoryError."""
        self._clone()
        return {path: self._at(path) for path in paths}

    def _clone(self) -> None:
        if self._missing is not None:
            return
        options = ("--quiet", "--bare", "--depth=1", "--no-tags", "--template=", "--no-recurse-submodules")
        command = [*options, f"--filter=blob:limit={MAX_BLOB_BYTES}", "--", self._url, str(self._folder)]
        settings = ("-c", f"core.hooksPath={os.devnull}", "-c", "credential.helper=")
        self._run([*settings, "clone", *command], self._timeout_s)
        # Without its origin, git cannot fetch what the filter left out behind our back.
        for words in (("--unset-all", "extensions.partialClone"), ("--remove-section", "remote.origin")):
            with suppress(RepositoryError):  # neither need be there
                self._git("config", *words)
        listed = self._git("rev-list", "--objects", "--missing=print", "--all").decode(errors="replace")
        self._missing = frozenset(line[1:] for line in listed.splitlines() if line.startswith("?"))

    def _at(self, path: str) -> Blob | Tree | None:
        if _CONTROL.search(path):
            return None
        place, _, name = path.rpartition("/")
        if not path:
            return self._tree("HEAD^{tree}")
        entry = next((entry for entry in self._entries(f"HEAD:{place}") if entry[0] == name), None)
        if entry is None:
            return None
        _, kind, oid = entry
        return self._tree(oid) if kind == "tree" else self._blob(oid) if kind == "blob" else None

    def _tree(self, name: str) -> Tree | None:
        entries = self._entries(name)
        if not entries:
            return None
        return Tree(entries=tuple((entry, kind) for entry, kind, _ in entries))

    def _entries(self, name: str) -> list[tuple[str, EntryType, str]]:
        """Return (name, type, object) of a folder; nothing where there is none."""
        try:
            listing = self._git("ls-tree", "-z", "--full-tree", name)
        except RepositoryError:
            return []
        entries = []
        for line in listing.split(b"\0")[:MAX_ENTRIES]:
            head, tab, entry = line.decode(errors="surrogateescape").partition("\t")
            words = head.split(" ")
            if tab and len(words) == 3 and words[1] in _KINDS:
                entries.append((entry, _KINDS[words[1]], words[2]))
        return entries

    def _blob(self, oid: str) -> Blob:
        if oid in (self._missing or ()):
            return Blob(text=None, byte_size=MAX_BLOB_BYTES, truncated=True)
        size = int(self._git("cat-file", "-s", oid))
        if size > MAX_BLOB_BYTES:
            return Blob(text=None, byte_size=size, truncated=True)
        raw = self._git("cat-file", "blob", oid)
        binary = b"\0" in raw
        return Blob(text=None if binary else raw.decode(errors="replace"), byte_size=size, binary=binary)

    def _git(self, *arguments: str) -> bytes:
        return self._run(["--git-dir", str(self._folder), *arguments], READ_TIMEOUT_S)

    def _run(self, arguments: list[str], timeout_s: float) -> bytes:
        """Return what git prints. Raises RepositoryError."""
        try:
            ended = processes.run(
                ["git", *arguments], self._environment, timeout_s=timeout_s, limit_bytes=MAX_OUTPUT_BYTES
            )
        except OSError as error:
            raise RepositoryError(f"git cannot be run: {error.strerror}; install git") from None
        except processes.TookTooLong:
            raise RepositoryError(
                f"{self._url} was not fetched within {timeout_s:g} s; try again, or set GITHUB_TOKEN"
            ) from None
        if len(ended.output) > MAX_OUTPUT_BYTES:
            raise RepositoryError(f"{self._url} has more files than are read; write the file by hand")
        if ended.status:
            raise RepositoryError(f"git cannot read {self._url}: {_words(ended.words)}")
        return ended.output


def _words(errors: bytes) -> str:
    """Return the first line by which git gave up, safe to print."""
    lines = [line for line in errors[:4_000].decode(errors="replace").splitlines() if line.strip()]
    said = next((line for line in lines if line.startswith("fatal:")), lines[-1] if lines else "no reason")
    said = printable(said)[:200]
    if "could not read Username" in said or "Authentication failed" in said:
        return "there is no such public repository; check the address"
    return said.removeprefix("fatal: ")
