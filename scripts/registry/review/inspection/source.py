"""What was found of a plugin's source. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from registry.registration.model import RepoRef
from registry.sources.compat import Outcome
from registry.sources.compat.packaging_files import Candidate


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What was found of one registration's source."""

    slug: str
    repo: RepoRef | None
    """As registered; None when the source is not on GitHub."""
    unread: str = ""
    """Why nothing is known of it, as the end of a sentence; "" when it was read."""
    gone: bool = False
    facts: Mapping[str, Any] = field(default_factory=dict)
    """The `github` block of the build: repo (current name), archived, license, latest_release_tag …"""
    commit: str = ""
    """The head of the default branch, which was read."""
    branch: str = ""
    """Name of the default branch, "" where it is not known."""
    outcome: Outcome | None = None
    """The flag as the host would read it, or why there is none; None: the source was not read whole."""
    declared: Candidate | None = None
    """The module and entry point that the packaging files name first."""
    packaging: str = ""
    """Path of the packaging file that names them."""
    archive_ref: str = ""
    """The branch or tag that `archive` names in the same repository, "" where it names none."""
    archive_missing: bool = False
    """Whether the repository has neither branch nor tag nor commit of that name."""

    @property
    def name(self) -> str:
        """The repository's current name, "" when the source is not on GitHub."""
        return str(self.facts.get("repo") or (self.repo.full_name if self.repo else ""))
