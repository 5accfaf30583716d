"""The registry's repository at the forge: a bare git repository and its pull requests."""

import os
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
AUTHOR = {
    "GIT_AUTHOR_NAME": "Maker",
    "GIT_AUTHOR_EMAIL": "maker@example.org",
    "GIT_COMMITTER_NAME": "Maker",
    "GIT_COMMITTER_EMAIL": "maker@example.org",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}
FILE, SCRIPT, LINK = "100644", "100755", "120000"

Content = bytes | str | Path | None
Changes = Mapping[str | bytes, Content]
"""Path, or `mode path` -> a file of a commit: bytes or text, the file to take it from, None to delete it."""


@dataclass(slots=True, kw_only=True)
class PullRequest:
    """A pull request's commits. `merge` is what GitHub makes of base and head: what its workflows run on."""

    number: int
    base: str
    head: str
    merge: str
    branch: str = "change"
    owner: str = "newcomer"
    """Whose fork it comes from."""


@dataclass(slots=True)
class Origin:
    """A bare repository in a folder."""

    folder: Path
    pulls: dict[int, PullRequest] = field(default_factory=dict)

    def __post_init__(self) -> None:
        subprocess.run(["git", "init", "--quiet", "--bare", "-b", "main", str(self.folder)], check=True)
        # As at GitHub: partial clones, and any commit by its name.
        for key in ("uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant"):
            self.git("config", key, "true")
        self.git("config", "core.looseCompression", "1")

    @property
    def url(self) -> str:
        return self.folder.resolve().as_uri()

    def git(self, *arguments: str, stdin: bytes = b"", **environment: str) -> str:
        """Run git here; return what it printed."""
        done = subprocess.run(
            ["git", "-C", str(self.folder), *arguments],
            input=stdin,
            capture_output=True,
            check=False,
            env={**os.environ, **AUTHOR, **environment},
        )
        assert done.returncode == 0, (arguments, done.stderr.decode())
        return os.fsdecode(done.stdout).strip()

    def read(self, commit: str, path: str) -> bytes:
        """Return a file of a commit."""
        command = ["git", "-C", str(self.folder), "cat-file", "blob", f"{commit}:{path}"]
        return subprocess.run(command, capture_output=True, check=True).stdout

    def head(self, branch: str = "main") -> str:
        return self.git("rev-parse", f"refs/heads/{branch}")

    def changed(self, commit: str) -> list[str]:
        """Return the paths that a commit changed against its first parent."""
        listed = self.git(
            "diff-tree", "-r", "-z", "--root", "--name-only", "--no-commit-id", "-m", "--first-parent", commit
        )
        return [path for path in listed.split("\0") if path]

    def commit(self, parents: Iterable[str], changes: Changes, message: str = "Change") -> str:
        """Make a commit that lays `changes` (a key `path` or `mode path`) over its first parent's tree."""
        parents = list(parents)
        index = {"GIT_INDEX_FILE": str(self.folder / "index.tmp")}
        self.git("read-tree", *(parents[:1] or ["--empty"]), **index)
        lines = b"".join(self._line(path, content) for path, content in changes.items())
        self.git("update-index", "-z", "--index-info", stdin=lines, **index)
        tree = self.git("write-tree", **index)
        return self._commit(tree, parents, message)

    def _commit(self, tree: str, parents: Iterable[str], message: str) -> str:
        named = [word for parent in parents for word in ("-p", parent)]
        return self.git("commit-tree", tree, *named, "-m", message)

    def _line(self, path: str | bytes, content: Content) -> bytes:
        raw = path if isinstance(path, bytes) else path.encode()
        mode, _, name = raw.partition(b" ")
        if mode.decode(errors="replace") not in {FILE, SCRIPT, LINK}:
            mode, name = FILE.encode(), raw
        if content is None:
            return b"0 " + b"0" * 40 + b"\t" + name + b"\0"
        if isinstance(content, Path):
            blob = self.git("hash-object", "-w", "--no-filters", str(content))
        else:
            data = content.encode() if isinstance(content, str) else content
            blob = self.git("hash-object", "-w", "--stdin", stdin=data)
        return mode + b" " + blob.encode() + b"\t" + name + b"\0"

    def push(self, changes: Changes, message: str = "Change", branch: str = "main") -> str:
        """Commit changes to a branch; return the commit."""
        parents = self.git("for-each-ref", "--format=%(objectname)", f"refs/heads/{branch}").split()
        commit = self.commit(parents, changes, message)
        self.git("update-ref", f"refs/heads/{branch}", commit)
        return commit

    def propose(self, changes: Changes, number: int = 0, base: str = "main") -> PullRequest:
        """Open a pull request from a fork, or push more to the open one with this number."""
        known = self.pulls.get(number)
        number = number or max(self.pulls, default=0) + 1
        onto = self.head(base)
        head = self.commit([known.head if known else onto], changes)
        # GitHub's test merge: base first, head second.
        tree = self.git("merge-tree", "--write-tree", onto, head).split()[0]
        merge = self._commit(tree, [onto, head], f"Merge {head} into {onto}")
        for kind, commit in (("head", head), ("merge", merge)):
            self.git("update-ref", f"refs/pull/{number}/{kind}", commit)
        self.pulls[number] = PullRequest(number=number, base=onto, head=head, merge=merge)
        return self.pulls[number]


def working_tree(root: Path = ROOT) -> dict[str | bytes, Content]:
    """Return the files of a checkout as they stand, committed or not, but for those that git ignores."""
    listed = subprocess.run(
        ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True,
        check=True,
    )
    files: dict[str | bytes, Content] = {}
    for name in filter(None, listed.stdout.split(b"\0")):
        path = root / os.fsdecode(name)
        if path.is_symlink():
            files[LINK.encode() + b" " + name] = str(path.readlink())
        elif path.is_file():
            mode = SCRIPT if os.access(path, os.X_OK) else FILE
            files[mode.encode() + b" " + name] = path.read_bytes()
    return files
