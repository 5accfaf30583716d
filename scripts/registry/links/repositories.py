"""What the state knows of a repository: gone, renamed, archived. Told without a request."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from registry.facts.state import State
from registry.registration.model import Registration, RepoRef, parse_repo


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What became of one repository."""

    name: str
    """`owner/name` of today; the registered one when nothing newer is known."""
    gone_since: datetime | None = None
    archived: bool = False


Fates = Mapping[str, Fate]
"""Fates by registered `owner/name` in lower case."""


def fates_of(registrations: Iterable[Registration], state: State) -> Fates:
    """Return the fate of each repository that the state knows."""
    fates: dict[str, Fate] = {}
    for registration in registrations:
        fact = state.plugins.get(registration.id, {}).get("github")
        if registration.repo is None or fact is None:
            continue
        name = fact.data.get("repo")
        named = parse_repo(f"https://github.com/{name}", "https://github.com")
        fates[registration.repo.full_name.lower()] = Fate(
            name=named.full_name if named and named.full_name == name else registration.repo.full_name,
            gone_since=fact.gone_since,
            archived=fact.data.get("archived") is True,
        )
    return fates


def fate_of(url: str, fates: Fates, server_url: str) -> Fate | None:
    """Return what is known of the repository that an address is in."""
    repo = parse_repo(url, server_url)
    return fates.get(repo.full_name.lower()) if repo else None


def is_settled(url: str, fates: Fates, server_url: str) -> bool:
    """Tell whether the facts say all that a visit could: the repository is gone, or is the address itself."""
    fate = fate_of(url, fates, server_url)
    return fate is not None and (fate.gone_since is not None or _is_root(url))


def renamed(url: str, fates: Fates, server_url: str) -> str:
    """Return the address of a repository by its name of today, "" when it has kept its name."""
    repo, fate = parse_repo(url, server_url), fate_of(url, fates, server_url)
    if repo is None or fate is None or not _is_root(url) or _same(repo, fate.name):
        return ""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/{fate.name}"


def _same(repo: RepoRef, name: str) -> bool:
    return repo.full_name.lower() == name.lower()


def _is_root(url: str) -> bool:
    return len([segment for segment in urlsplit(url).path.split("/") if segment]) == 2
