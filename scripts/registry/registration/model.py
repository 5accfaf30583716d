"""The nouns of the registry: a registration as the build uses it, and the repository it points to."""

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import unquote, urlsplit

from registry.text.problems import Problem

__all__ = ["Problem", "Registration", "RepoRef", "is_slug", "parse_repo"]

_SLUG = re.compile(r"(?=.{1,100}\Z)[A-Za-z0-9_][A-Za-z0-9_+-]*(?:\.[A-Za-z0-9_+-]+)*")

_OF_ALL = frozenset(("index", "index.html", "all"))

_OWNER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,38}")
"""GitHub's grammar with what stands from before it: names that end in a hyphen, and the `_` of companies."""
_NAME = re.compile(r"[A-Za-z0-9._-]{1,100}")
_FOLDER = re.compile(r"[A-Za-z0-9 ._+@-]{1,100}")


def is_slug(text: str) -> bool:
    """Tell whether the text may be an id or a file name without `.md`.

    Nothing in it leaves a folder, and no dot stands at its end, where Windows drops it. The list itself has
    some names: `/plugins/index.html`, `/api/v1/plugins/index.json`, `all.json`. `Values.slug?` of
    _jekyll/read/values.rb says the same.
    """
    return _SLUG.fullmatch(text) is not None and text.lower() not in _OF_ALL


@dataclass(frozen=True, slots=True, order=True)
class RepoRef:
    """A repository on GitHub, and the folder in it that holds the plugin."""

    owner: str
    name: str
    subpath: str = ""
    """Folder below the root, without slashes at its ends; "" is the root."""

    @property
    def full_name(self) -> str:
        """`owner/name`, as GitHub writes it."""
        return f"{self.owner}/{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """A file of `_plugins` that can be published: its keys unchanged, and what the build needs of them."""

    slug: str
    """File name without `.md`; the page's address."""
    path: str
    id: str
    """Identifier in the host, case-sensitive; facts and feeds go by it."""
    title: str
    description: str
    authors: tuple[str, ...]
    date: date | None
    """Day of registration; None where the key is missing."""
    homepage: str
    source: str
    archive: str
    """The three addresses are http(s) URLs, or "" where the key is missing."""
    repo: RepoRef | None
    """None when the source is not on GitHub."""
    python: str | None
    """The registered range, a valid PEP 440 specifier; None when absent or invalid."""
    pypi: str | None
    """Name of the project on the Python package index."""
    data: dict[str, Any] = field(repr=False)
    """The whole front matter as it stands."""
    body: str = field(repr=False)


def parse_repo(url: str, server_url: str) -> RepoRef | None:
    """Return the repository that an address names, or None when it names none on GitHub.

    `server_url` is GITHUB_SERVER_URL; its host and github.com count as GitHub, with or without `www.`.
    `.git`, a query, a fragment and `/tree/<branch>` are taken off; the folder after the branch is kept, and
    of `/blob/<branch>/<file>` the folder that holds the file. Owner and name fit GitHub's grammar, so they
    can be put into a request.
    """
    try:
        parts = urlsplit(url.strip())
        hosts = {"github.com", (urlsplit(server_url).hostname or "").removeprefix("www.")}
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host or host not in hosts:
        return None
    segments = [segment for segment in parts.path.split("/") if segment]
    if len(segments) < 2:
        return None
    owner, name = segments[0], segments[1].removesuffix(".git")
    if not _OWNER.fullmatch(owner) or not _NAME.fullmatch(name) or name in (".", ".."):
        return None
    return RepoRef(owner, name, _subpath(segments[2:]))


def _subpath(segments: list[str]) -> str:
    """Return the folder that `tree/<branch>/<folder>` or `blob/<branch>/<file>` names, or ""."""
    if not segments or segments[0] not in ("tree", "blob"):
        return ""
    folders = [unquote(segment) for segment in segments[2:]]
    if segments[0] == "blob":
        folders = folders[:-1]
    if all(_FOLDER.fullmatch(folder) and folder not in (".", "..") for folder in folders):
        return "/".join(folders)
    return ""
