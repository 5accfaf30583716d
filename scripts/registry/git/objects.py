"""A repository's objects, read by git's plumbing: no working tree, no hook, no filter, nothing fetched.

What is read here comes from strangers. So git is handed object ids and checked names only, its answers are
bounded in bytes and seconds, and an object that is not there is missing, never fetched.
"""

import atexit
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from registry.system import processes

TIMEOUT_S = 60.0
"""Seconds that one call of git may take."""
FILE_MODES = (0o100644, 0o100755)
"""Of files: no link, no submodule. The second one is executable."""
MAX_LISTING_BYTES = 64_000_000
"""Of a list of files; 400 plugins with their images need a two-hundredth."""

_ENVIRONMENT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "LC_ALL": "C",
}
_REVISION = re.compile(r"(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9._/-]{0,249}")
"""A full id or the name of a ref: nothing that git could take for an option, a range or a path."""
_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


class ChangeError(ValueError):
    """git cannot answer: no repository, no such commit, an object that is not there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A file of a commit's tree."""

    path: bytes
    """From the repository's root, as git has it."""
    mode: int
    """0o100644, 0o100755 (executable), 0o120000 (symbolic link) or 0o160000 (submodule)."""
    blob: str

    @property
    def is_file(self) -> bool:
        """Tell whether this is a file, be it executable: no link, no submodule."""
        return self.mode in FILE_MODES


@dataclass(frozen=True, slots=True)
class Objects:
    """The objects of one repository."""

    repository: Path

    def commit(self, revision: str) -> tuple[str, tuple[str, ...]]:
        """Return the full id of a commit and those of its parents. Raises ChangeError."""
        if not _REVISION.fullmatch(revision):
            raise ChangeError(f"{revision[:80]!a} is no commit; name one by its full id, or by a branch")
        verify = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        try:
            commit = _run(["-C", str(self.repository), *verify], _outside(os.environ)).decode().strip()
        except ChangeError as error:
            if "repository" in str(error) or "cannot be run" in str(error):
                raise
            raise ChangeError(f"there is no commit {revision!a}; fetch it first, with its parents") from None
        line = self.run("rev-list", "--no-walk", "--parents", "--end-of-options", commit).decode()
        return commit, tuple(line.split()[1:])

    def tree(self, commit: str, *folders: str) -> Iterator[Entry]:
        """Yield the files below `folders` of a commit. Raises ChangeError."""
        listing = self.run("ls-tree", "-r", "-z", "--full-tree", _checked(commit), "--", *folders)
        for line in filter(None, listing.split(b"\0")):
            about, path = line.split(b"\t", 1)
            mode, _, blob = about.split(b" ")
            yield Entry(path=path, mode=int(mode, 8), blob=blob.decode())

    def sizes(self, blobs: Iterable[str]) -> dict[str, int]:
        """Return the bytes of each blob; one that was not fetched is not in it. Raises ChangeError."""
        wanted = "".join(f"{_checked(blob)}\n" for blob in dict.fromkeys(blobs))
        if not wanted:
            return {}
        answer = self.run("cat-file", "--batch-check", "--buffer", given=wanted.encode()).decode()
        found = (line.split() for line in answer.splitlines())
        return {words[0]: int(words[2]) for words in found if len(words) == 3 and words[1] == "blob"}

    def read(self, blobs: Iterable[str], *, limit_bytes: int) -> dict[str, bytes]:
        """Return the content of each blob that is there; those that must be known to fit come from `sizes`.

        Raises ChangeError, also when all together have more than `limit_bytes`.
        """
        names = list(dict.fromkeys(map(_checked, blobs)))
        if not names:
            return {}
        given = "".join(f"{name}\n" for name in names).encode()
        # git's own words about each blob take a line of less than a hundred bytes.
        answer = self.run(
            "cat-file", "--batch", "--buffer", given=given, limit_bytes=limit_bytes + 100 * len(names)
        )
        found: dict[str, bytes] = {}
        at = 0
        for name in names:
            end = answer.index(b"\n", at)
            words = answer[at:end].split()
            at = end + 1
            if len(words) == 3:
                size = int(words[2])
                if words[1] == b"blob":
                    found[name] = answer[at : at + size]
                at += size + 1
        return found

    def run(self, *arguments: str, given: bytes = b"", limit_bytes: int = MAX_LISTING_BYTES) -> bytes:
        """Return what git prints. Raises ChangeError when it fails, takes too long or prints too much."""
        quarantine = _quarantine(self.repository.resolve())
        return _run(arguments, quarantine, given=given, limit_bytes=limit_bytes)


@cache
def _quarantine(repository: Path) -> dict[str, str]:
    """Return the environment in which git sees the repository's objects, and nothing else of it.

    Its settings stay outside: filters, hooks, and above all the remote from which git would fetch what a
    partial fetch left out (git 2.39 does so whatever GIT_NO_LAZY_FETCH says). Raises ChangeError.
    """
    places = (
        "--path-format=absolute",
        "--git-path",
        "objects",
        "--git-path",
        "shallow",
        "--show-object-format",
    )
    command = ["-C", str(repository), "rev-parse", *places]
    answer = _run(command, _outside(os.environ)).decode(errors="surrogateescape")
    objects, shallow, form = answer.splitlines()
    folder = Path(mkdtemp(prefix="almanac-objects-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for name in ("objects", "refs"):
        (folder / name).mkdir()
    (folder / "HEAD").write_text("ref: refs/heads/none\n", encoding="utf-8")
    version = int(form != "sha1")
    config = f"[core]\n\trepositoryformatversion = {version}\n\tbare = true\n"
    if version:
        config += f"[extensions]\n\tobjectformat = {form}\n"
    (folder / "config").write_text(config, encoding="utf-8")
    inside = {"GIT_DIR": str(folder), "GIT_OBJECT_DIRECTORY": objects, "GIT_SHALLOW_FILE": shallow}
    return _environment(os.environ) | inside


def _run(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    *,
    given: bytes = b"",
    limit_bytes: int = MAX_LISTING_BYTES,
) -> bytes:
    """Return what git prints. Raises ChangeError."""
    verb = arguments[2] if arguments[0] == "-C" else arguments[0]
    try:
        ended = processes.run(
            ["git", *arguments],
            environment,
            folder=environment.get("GIT_DIR"),
            given=given,
            timeout_s=TIMEOUT_S,
            limit_bytes=limit_bytes,
        )
    except OSError as error:
        raise ChangeError(f"git cannot be run: {error.strerror}") from None
    except processes.TookTooLong:
        raise ChangeError(f"git {verb} took longer than {TIMEOUT_S:g} s; split the change") from None
    if len(ended.output) > limit_bytes:
        raise ChangeError(f"git {verb} has more to say than {limit_bytes:,} bytes; split the change")
    if ended.status:
        raise ChangeError(last_line(ended.words) or ("" if "--quiet" in arguments else f"git {verb} failed"))
    return ended.output


def last_line(words: bytes) -> str:
    """Return what git said last, without what a terminal would obey."""
    lines = words.decode(errors="backslashreplace").strip().splitlines()
    return ascii(lines[-1])[1:-1][:300] if lines else ""


def _environment(given: Mapping[str, str]) -> dict[str, str]:
    """Return what git needs to know: no token, and no other repository than the one that is named."""
    return {name: given[name] for name in ("PATH", "HOME", "TMPDIR") if name in given} | _ENVIRONMENT


def _outside(given: Mapping[str, str]) -> dict[str, str]:
    """Return the environment for the repository itself, where a person's settings say whom they trust."""
    known = {name: value for name, value in _environment(given).items() if not name.startswith("GIT_CONFIG")}
    return known | {name: given[name] for name in given if name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM")}


def _checked(name: str) -> str:
    if not _ID.fullmatch(name):
        raise ChangeError(f"{name[:80]!a} is no object id")
    return name
