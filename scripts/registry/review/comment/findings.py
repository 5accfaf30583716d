"""Everything that one comment tells, before it is words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from registry.review.change import Change
from registry.review.comment.artefact import Artefact
from registry.review.comment.pull_request import Run
from registry.review.inspection.comparison import Advice
from registry.review.inspection.source import Source
from registry.review.judgement import Judgement
from registry.review.suggestions.suggesting import Suggestion
from registry.settings import Settings
from registry.text.problems import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """Everything that one comment tells."""

    run: Run
    change: Change
    judgement: Judgement
    settings: Settings
    repository: str
    """`owner/name` of the registry."""
    server_url: str
    sources: Mapping[str, Source] = field(default_factory=dict)
    """By file name without `.md`."""
    advice: Mapping[str, Sequence[Advice]] = field(default_factory=dict)
    suggestions: Sequence[Suggestion] = ()
    artefact: Artefact | None = None
    artefact_fault: str = ""
    """Why there is no artefact."""
    uninspected: Sequence[str] = ()
    """Registrations whose source was not read, because there are too many."""

    @property
    def home(self) -> str:
        """The repository's address."""
        return f"{self.server_url.rstrip('/')}/{self.repository}"

    @property
    def claimed(self) -> Mapping[str, Any]:
        """What the check claims in preview.json of this very change; nothing if it speaks of another."""
        preview = self.artefact.preview if self.artefact else {}
        return preview if preview.get("head") == self.change.head else {}

    @property
    def build_errors(self) -> list[Problem]:
        """What the build would leave out, as the check claims."""
        return [Problem(**problem) for problem in self.claimed.get("problems", ())]

    @property
    def run_url(self) -> str:
        """The page of the check that ran."""
        return f"{self.home}/actions/runs/{self.run.id:d}"
