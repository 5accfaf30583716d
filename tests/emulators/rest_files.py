"""Files, branches and commits behind the REST emulator: those of a real bare repository, or made up."""

import hashlib
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Protocol

from tests.emulators.rest_world import RestWorld

ZERO = "0" * 40


class Conflict(Exception):
    """The repository is not what the request takes it for."""


class Store(Protocol):
    """What the endpoints of contents and refs stand on. Refs are named like `heads/main`."""

    def ref(self, name: str) -> str | None: ...
    def exists(self, sha: str) -> bool: ...
    def set_ref(self, name: str, sha: str | None) -> None: ...
    def is_ancestor(self, old: str, new: str) -> bool: ...
    def resolve(self, revision: str) -> str | None: ...
    def read(self, commit: str, path: str) -> bytes | None: ...
    def listing(self, commit: str, path: str) -> list[tuple[str, bool, str, int]]: ...
    def write(self, branch: str, path: str, data: bytes, message: str, author: tuple[str, str]) -> str: ...


def store_of(world: RestWorld) -> Store:
    return GitStore(world.git_dir) if world.git_dir else PlainStore(world)


def blob_sha(data: bytes) -> str:
    """Return the SHA that git gives a file."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


class GitStore:
    """A real bare repository, read and written by git's plumbing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def git(self, *arguments: str, data: bytes | None = None, **environment: str) -> bytes:
        """Run git. Raises CalledProcessError."""
        settings = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "LC_ALL": "C"}
        return subprocess.run(
            ["git", "--git-dir", str(self.folder), *arguments],
            input=data if data is not None else b"",
            env=os.environ | settings | environment,
            capture_output=True,
            check=True,
        ).stdout

    def resolve(self, revision: str) -> str | None:
        for name in (f"refs/heads/{revision}", f"refs/tags/{revision}", revision):
            try:
                found = self.git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
            except subprocess.CalledProcessError:
                continue
            return found.decode().strip()
        return None

    def ref(self, name: str) -> str | None:
        try:
            found = self.git("rev-parse", "--verify", "--quiet", "--end-of-options", f"refs/{name}")
        except subprocess.CalledProcessError:
            return None
        return found.decode().strip()

    def exists(self, sha: str) -> bool:
        try:
            self.git("cat-file", "-e", sha)
        except subprocess.CalledProcessError:
            return False
        return True

    def set_ref(self, name: str, sha: str | None) -> None:
        try:
            self.git("check-ref-format", f"refs/{name}")
        except subprocess.CalledProcessError:
            raise Conflict(f"refs/{name} is not a valid ref name.") from None
        if sha is None:
            self.git("update-ref", "-d", f"refs/{name}")
        else:
            self.git("update-ref", f"refs/{name}", sha)

    def is_ancestor(self, old: str, new: str) -> bool:
        try:
            self.git("merge-base", "--is-ancestor", old, new)
        except subprocess.CalledProcessError:
            return False
        return True

    def read(self, commit: str, path: str) -> bytes | None:
        try:
            if self.git("cat-file", "-t", f"{commit}:{path}").strip() != b"blob":
                return None
            return self.git("cat-file", "blob", f"{commit}:{path}")
        except subprocess.CalledProcessError:
            return None

    def listing(self, commit: str, path: str) -> list[tuple[str, bool, str, int]]:
        try:
            rows = self.git("ls-tree", "-z", "-l", f"{commit}:{path}").decode().split("\0")
        except subprocess.CalledProcessError:
            return []
        found = []
        for row in filter(None, rows):
            about, _, name = row.partition("\t")
            _, kind, sha, size = about.split()
            found.append((name, kind == "tree", sha, 0 if size == "-" else int(size)))
        return found

    def write(self, branch: str, path: str, data: bytes, message: str, author: tuple[str, str]) -> str:
        parent = self.ref(f"heads/{branch}")
        blob = self.git("hash-object", "-w", "--stdin", data=data).decode().strip()
        mode = "100644"
        if parent:
            row = self.git("ls-tree", parent, "--", path).decode()
            mode = row.partition(" ")[0] or mode
        with tempfile.TemporaryDirectory() as folder:
            index = str(Path(folder, "index"))
            if parent:
                self.git("read-tree", parent, GIT_INDEX_FILE=index)
            self.git("update-index", "--add", "--cacheinfo", f"{mode},{blob},{path}", GIT_INDEX_FILE=index)
            tree = self.git("write-tree", GIT_INDEX_FILE=index).decode().strip()
        name, address = author
        commit = self.git(
            "commit-tree",
            tree,
            *(["-p", parent] if parent else []),
            data=message.encode(),
            GIT_AUTHOR_NAME=name,
            GIT_AUTHOR_EMAIL=address,
            GIT_COMMITTER_NAME=name,
            GIT_COMMITTER_EMAIL=address,
        )
        sha = commit.decode().strip()
        self.git("update-ref", f"refs/heads/{branch}", sha, parent or ZERO)
        return sha


class PlainStore:
    """Branches of `RestWorld.contents`; a branch's SHA is made of its files until something sets it."""

    def __init__(self, world: RestWorld) -> None:
        self.world = world
        for branch, files in world.contents.items():
            world.refs.setdefault(f"heads/{branch}", self._digest(branch, files))

    @staticmethod
    def _digest(salt: str, files: dict[str, bytes]) -> str:
        known = [f"{path}:{blob_sha(data)}" for path, data in sorted(files.items())]
        return hashlib.sha1("\n".join([salt, *known]).encode()).hexdigest()

    def resolve(self, revision: str) -> str | None:
        return self.ref(f"heads/{revision}") or (revision if self.exists(revision) else None)

    def ref(self, name: str) -> str | None:
        return self.world.refs.get(name)

    def exists(self, sha: str) -> bool:
        return sha in self.world.refs.values()

    def set_ref(self, name: str, sha: str | None) -> None:
        branch = name.removeprefix("heads/")
        if sha is None:
            self.world.refs.pop(name, None)
            self.world.contents.pop(branch, None)
        else:
            self.world.contents[branch] = dict(self._files(sha))
            self.world.refs[name] = sha

    def is_ancestor(self, old: str, new: str) -> bool:
        return True  # it keeps no history

    def read(self, commit: str, path: str) -> bytes | None:
        return self._files(commit).get(path)

    def listing(self, commit: str, path: str) -> list[tuple[str, bool, str, int]]:
        start = f"{path}/" if path else ""
        found: dict[str, tuple[str, bool, str, int]] = {}
        for name, data in sorted(self._files(commit).items()):
            if name.startswith(start):
                first, _, rest = name[len(start) :].partition("/")
                sha = hashlib.sha1(f"tree:{start}{first}".encode()).hexdigest() if rest else blob_sha(data)
                found[first] = (first, bool(rest), sha, 0 if rest else len(data))
        return list(found.values())

    def write(self, branch: str, path: str, data: bytes, message: str, author: tuple[str, str]) -> str:
        files = self.world.contents.setdefault(branch, {})
        files[path] = data
        sha = self._digest(f"{message}{self.ref(f'heads/{branch}')}", files)
        self.world.refs[f"heads/{branch}"] = sha
        return sha

    def _files(self, sha: str) -> dict[str, bytes]:
        for name, known in self.world.refs.items():
            if known == sha:
                return self.world.contents.get(name.removeprefix("heads/"), {})
        return {}
