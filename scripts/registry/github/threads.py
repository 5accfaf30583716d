"""Issues, pull requests and discussions on GitHub, by their addresses. Pure."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from registry.registration.model import RepoRef, parse_repo

# A discussion of an organization (`/orgs/…`) belongs to no repository that its address tells.
_THREAD = re.compile(r"/(?!orgs/)[^/]+/[^/]+/(?:issues|pull|discussions)/[1-9][0-9]{0,8}/?")
_THING = {"issues": "issue", "pull": "pull request", "discussions": "discussion"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """An issue, pull request or discussion on GitHub."""

    repo: RepoRef
    section: str
    """Its part of the address: `issues`, `pull` or `discussions`."""
    number: int
    url: str
    """Its address, without query, fragment and closing slash."""

    @property
    def name(self) -> str:
        """The thread for people: `issue owner/name#7`."""
        return f"{_THING[self.section]} {self.repo.full_name}#{self.number}"


def thread_url(value: object) -> str | None:
    """Return the one spelling of the address of a thread, or None when `value` is no such address.

    Says nothing of the host: see `parse_thread`. Two values with the same result name the same thread.
    """
    if not isinstance(value, str):
        return None
    try:
        parts = urlsplit(value.strip())
        host = parts.netloc.lower().removeprefix("www.")
        path = _THREAD.fullmatch(parts.path)
        plain = parts.username is None and parts.password is None
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host or not plain or not path:
        return None
    scheme = "https" if host == "github.com" else parts.scheme
    return f"{scheme}://{host}{path[0].rstrip('/')}"


def parse_thread(value: object, server_url: str) -> Thread | None:
    """Return the thread that `value` names, or None when it names none on GitHub (see `parse_repo`)."""
    url = thread_url(value)
    repo = parse_repo(url, server_url) if url else None
    if url is None or repo is None:
        return None
    section, number = url.rsplit("/", 2)[1:]
    return Thread(repo=RepoRef(repo.owner, repo.name), section=section, number=int(number), url=url)
