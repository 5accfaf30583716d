"""What `new.py` was given: a repository on GitHub, or a project of the package index."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from registry.authoring.package_index import project_of
from registry.github.access import SERVER_URL
from registry.registration.model import RepoRef, parse_repo
from registry.registration.values import pypi_fault
from registry.text.problems import printable, quoted

MARK = "pypi:"


class AddressError(ValueError):
    """An address that leads to no plugin; the message says what to write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A plugin's repository, its project on the package index, or both."""

    repo: RepoRef | None = None
    site: str = ""
    """Address of the GitHub that the repository is on, without a slash at its end."""
    project: str = ""


def parse_target(text: str, server_url: str, index: str) -> Target:
    """Return what an address means. Raises AddressError."""
    address = text.strip()
    project = address[len(MARK) :].strip() if address.lower().startswith(MARK) else project_of(address, index)
    if project:
        if fault := pypi_fault(project):
            raise AddressError(printable(fault))
        return Target(project=project)
    if target := repository_at(address, server_url):
        return target
    message = f"{quoted(address)} is neither a repository on GitHub nor a project of the package index"
    raise AddressError(printable(f"{message}; write https://github.com/<owner>/<name> or pypi:<name>"))


def repository_at(address: str, server_url: str) -> Target | None:
    """Return the repository on GitHub that an address names, or None."""
    repo = parse_repo(address, server_url)
    if repo is None:
        return None
    host = (urlsplit(address.strip()).hostname or "").removeprefix("www.")
    server = (urlsplit(server_url).hostname or "").removeprefix("www.")
    return Target(repo=repo, site=(server_url if host == server else SERVER_URL).rstrip("/"))
