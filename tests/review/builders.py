"""Pull requests as git has them: a bare origin, a checkout of its base branch, the merge as objects alone."""

import os
import struct
import subprocess
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from registry.review.change import Change, read_change

FILE, PROGRAM, LINK, SUBMODULE = 0o100644, 0o100755, 0o120000, 0o160000
ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": os.devnull,
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Maker",
    "GIT_AUTHOR_EMAIL": "maker@example.org",
    "GIT_COMMITTER_NAME": "Maker",
    "GIT_COMMITTER_EMAIL": "maker@example.org",
    "LC_ALL": "C",
}


def png(width: int = 1, height: int = 1, trailing: bytes = b"") -> bytes:
    """Return a PNG that says it has this size; it is whole when it is small."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = (b"\0" + b"\x20\x90\x60" * width) * height if width * height < 10**6 else b""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts + trailing


PNG = png()


@dataclass(frozen=True, slots=True)
class Blob:
    """A file of a commit that is more than its bytes."""

    content: bytes = b""
    mode: int = FILE
    name: str = ""
    """Id of an object that is there already, or of a submodule's commit."""


Files = Mapping[str | bytes, bytes | str | Blob | None]
"""Path -> content; None deletes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pull:
    """A pull request's commits."""

    base: str
    head: str
    merge: str


def registration(slug: str, body: str = "It does what it says.\n", **keys: str) -> str:
    """Return a registration in which nothing is wrong; `keys` are YAML, "" leaves a key out."""
    address = f"https://github.com/maker/OctoPrint-{slug}"
    known = {
        "layout": "plugin",
        "id": slug,
        "title": f"The {slug}",
        "description": f"Does what {slug} says.",
        "author": "Ada Maker",
        "license": "MIT",
        "date": "2024-10-07",
        "homepage": address,
        "source": address,
        "archive": f"{address}/archive/main.zip",
    } | keys
    lines = "".join(f"{key}: {value}\n" for key, value in known.items() if value)
    return f"---\n{lines}---\n\n{body}"


def standing(count: int = 3) -> dict[str | bytes, bytes | str | Blob | None]:
    """Return a registry of `count` plugins, `plugin0` and so on; the first has an image."""
    files: dict[str | bytes, bytes | str | Blob | None] = {
        f"_plugins/plugin{number}.md": registration(f"plugin{number}") for number in range(count)
    }
    image = "/assets/img/plugins/plugin0/main.png"
    shot = f"\n- url: {image}\n  alt: The main view"
    files["_plugins/plugin0.md"] = registration("plugin0", screenshots=shot, featuredimage=image)
    files[image[1:]] = PNG
    return files


@dataclass(slots=True)
class Origin:
    """The registry's repository at the forge, bare, in the folder `origin.git` of `folder`."""

    folder: Path
    files: Files = field(default_factory=standing)
    main: str = ""

    def __post_init__(self) -> None:
        self.bare.mkdir(parents=True)
        self.git("init", "--quiet", "--bare", "--initial-branch=main")
        for key in ("uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant"):
            self.git("config", key, "true")
        self.git("config", "core.looseCompression", "1")
        self.main = self.commit(self.files)
        self.git("update-ref", "refs/heads/main", self.main)

    @property
    def bare(self) -> Path:
        return self.folder / "origin.git"

    def git(self, *arguments: str, given: bytes = b"", **environment: str) -> str:
        return git(self.bare, *arguments, given=given, **environment).decode().strip()

    def commit(self, files: Files, *parents: str, message: str = "Change") -> str:
        """Return a commit that lays `files` over the tree of the first of `parents`."""
        index = {"GIT_INDEX_FILE": str(self.folder / "index")}
        self.git("read-tree", *(parents[:1] or ("--empty",)), **index)
        lines = b"".join(self._line(path, content) for path, content in files.items())
        self.git("update-index", "-z", "--index-info", given=lines, **index)
        return self.commit_tree(self.git("write-tree", **index), *parents, message=message)

    def commit_tree(self, tree: str, *parents: str, message: str = "Change") -> str:
        named = [word for parent in parents for word in ("-p", parent)]
        return self.git("commit-tree", tree, *named, "-m", message)

    def propose(self, files: Files) -> Pull:
        """Return a pull request that changes `files` of the main branch."""
        head = self.commit(files, self.main)
        return self.merged(head, f"{head}^{{tree}}")

    def merged(self, head: str, tree: str) -> Pull:
        """Return the pull request of `head` whose merge has this tree: its parents are base and head."""
        merge = self.commit_tree(tree, self.main, head, message=f"Merge {head}")
        self.git("update-ref", "refs/pull/1/head", head)
        self.git("update-ref", "refs/pull/1/merge", merge)
        return Pull(base=self.main, head=head, merge=merge)

    def checkout(self, pull: Pull, name: str = "checkout") -> Path:
        """Return a checkout of the base branch, and in it the merge as objects: as *validate* has it."""
        folder = self.folder / name
        folder.mkdir()
        git(folder, "init", "--quiet", "--initial-branch=main")
        git(folder, "remote", "add", "origin", self.bare.resolve().as_uri())
        git(folder, "fetch", "--quiet", "--no-tags", "--depth=1", "origin", pull.base)
        git(folder, "checkout", "--quiet", "--detach", pull.base)
        limited = ("--depth=2", "--filter=blob:limit=8m")
        git(folder, "fetch", "--quiet", "--no-tags", *limited, "origin", pull.merge)
        return folder

    def change(self, files: Files) -> Change:
        """Return the change of a pull request with these files, read as *validate* reads it."""
        pull = self.propose(files)
        return read_change(self.checkout(pull), pull.merge)

    def _line(self, path: str | bytes, content: bytes | str | Blob | None) -> bytes:
        raw = path if isinstance(path, bytes) else path.encode()
        if content is None:
            return b"0 " + b"0" * 40 + b"\t" + raw + b"\0"
        blob = content if isinstance(content, Blob) else Blob(_bytes(content))
        name = blob.name or self.git("hash-object", "-w", "--stdin", given=blob.content)
        return f"{blob.mode:06o} {name}\t".encode() + raw + b"\0"


def git(folder: Path, *arguments: str, given: bytes = b"", **environment: str) -> bytes:
    """Run git in a folder, without anybody's own settings; return what it printed."""
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments],
        input=given,
        capture_output=True,
        check=False,
        env=ENVIRONMENT | environment,
    )
    assert done.returncode == 0, (arguments, done.stderr.decode(errors="replace"))
    return done.stdout


def _bytes(content: bytes | str) -> bytes:
    return content.encode() if isinstance(content, str) else content
