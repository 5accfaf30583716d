"""From a finished check to the answer at its pull request: the parts in their order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from registry.github.access import Access
from registry.github.own_comments import BOT
from registry.github.rest import Rest
from registry.housekeeping.labels import Label, labels_for
from registry.net.http import Stopped, Unavailable
from registry.registration.frontmatter import Document
from registry.registration.model import Registration, parse_repo
from registry.review.change import Change, ChangeError, added_lines
from registry.review.comment.artefact import Artefact, ArtefactError, fetch_artefact
from registry.review.comment.findings import Findings
from registry.review.comment.posting import Thread, post_comment, post_labels, post_suggestions
from registry.review.comment.pull_request import FetchError, Pull, Run, fetch_change, open_pulls
from registry.review.comment.wording import comment, refusal
from registry.review.inspection.comparison import Advice
from registry.review.inspection.disagreements import disagreements
from registry.review.inspection.read_sources import MAX_INSPECTED, inspect
from registry.review.inspection.source import Source
from registry.review.judgement import Judgement, Reviewed, judge
from registry.review.suggestions.cures import Known
from registry.review.suggestions.proving import Proving, proving
from registry.review.suggestions.suggesting import Suggestion, suggest
from registry.settings import Settings
from registry.system.progress import say
from registry.text.problems import printable

MAX_MENDED = 30
"""Files for which suggestions are looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answerer:
    """What an answer needs from outside."""

    rest: Rest
    access: Access
    repository: str
    checkout: Path
    settings: Settings
    labels: Sequence[Label]
    today: date

    def answer(self, run: Run) -> int:
        """Answer each open pull request that the run belongs to; return how many.

        Raises registry.net.http's Unavailable, FetchError, ChangeError.
        """
        answered = 0
        for pull in open_pulls(self.rest, self.repository, run):
            try:
                change = fetch_change(self.checkout, pull.number, run)
                if change is None:
                    say(f"comment: pull request {pull.number} has moved on; its next check is answered")
                    continue
                self._answer(run, pull, change)
            except Unavailable:
                raise
            except Exception as error:
                # Whatever a change makes this stumble over, what was said of an earlier push must not stand.
                is_told = isinstance(error, ChangeError | FetchError)
                self._refuse(run, pull, str(error) if is_told else f"{type(error).__name__} while judging it")
                raise
            answered += 1
        return answered

    def _refuse(self, run: Run, pull: Pull, reason: str) -> None:
        """Say that the pull request's last commit could not be judged."""
        _, login = inspect([], self.settings, self.access)
        thread = Thread(rest=self.rest, repository=self.repository, number=pull.number, login=login or BOT)
        post_comment(thread, refusal(run.head_sha, reason), run.head_sha)

    def _answer(self, run: Run, pull: Pull, change: Change) -> None:
        judgement = judge(change, self.today, self.access.server_url)
        inspected, uninspected = _inspectable(judgement, self.access.server_url)
        sources, login = inspect(list(inspected.values()), self.settings, self.access)
        by_slug = {source.slug: source for source in sources}
        suggestions = self._suggestions(change, judgement, by_slug)
        artefact, fault = self._artefact(run)
        found = Findings(
            run=run,
            change=change,
            judgement=judgement,
            settings=self.settings,
            repository=self.repository,
            server_url=self.access.server_url,
            sources=by_slug,
            advice=self._advice(judgement, inspected, by_slug),
            suggestions=suggestions,
            artefact=artefact,
            artefact_fault=fault,
            uninspected=uninspected,
        )
        thread = Thread(rest=self.rest, repository=self.repository, number=pull.number, login=login or BOT)
        done = post_comment(thread, comment(found), change.head)
        on_diff = [item for item in suggestions if _is_on_diff(change, item)]
        posted, deleted = post_suggestions(thread, on_diff, change.head)
        paths = [file.raw_path.decode(errors="replace") for file in change.files]
        added, removed = post_labels(
            thread,
            pull.labels,
            labels_for(paths, self.labels),
            [label.name for label in self.labels if label.paths],
        )
        say(
            f"comment: pull request {pull.number}: comment {done}, {posted} suggestions posted, {deleted} "
            f"deleted, {len(added)} labels added, {len(removed)} removed"
        )

    def _artefact(self, run: Run) -> tuple[Artefact | None, str]:
        """Return what the check uploaded, or why there is nothing to show."""
        try:
            return fetch_artefact(self.rest, self.repository, run.id), ""
        except ArtefactError as error:
            return None, str(error)
        except Stopped:
            raise
        except Unavailable:
            return None, "what the check uploaded could not be fetched now"

    def _suggestions(
        self, change: Change, judgement: Judgement, sources: Mapping[str, Source]
    ) -> list[Suggestion]:
        """Return proven suggestions for the registrations of a change, none where they cannot be proven."""
        faulty = {problem.file for problem in judgement.problems}
        wanted = [
            (slug, reviewed) for slug, reviewed in judgement.registrations.items() if reviewed.path in faulty
        ]
        if not wanted:
            return []
        found: list[Suggestion] = []
        try:
            with proving(change, self.today, self.access.server_url) as place:
                for slug, reviewed in wanted[:MAX_MENDED]:
                    found += self._mend(slug, reviewed, judgement, sources.get(slug), place)
        except (ChangeError, OSError) as error:
            say(f"comment: no suggestions: {printable(str(error))[:300]}")
        return found

    def _mend(
        self, slug: str, reviewed: Reviewed, judgement: Judgement, source: Source | None, place: Proving
    ) -> Sequence[Suggestion]:
        path = reviewed.path
        facts = source.facts if source else {}
        home = f"{self.access.server_url.rstrip('/')}/{facts['repo']}" if facts.get("repo") else ""
        known = Known(
            slug=slug,
            today=self.today,
            license=str(facts.get("license") or ""),
            entry_point=source.declared.entry_point if source and source.declared else "",
            archive=f"{home}/archive/refs/heads/{source.branch}.zip"
            if home and source and source.branch
            else "",
            repository=home,
            images=sorted(f"/{image}" for image in place.staged.images),
        )
        problems = [problem for problem in judgement.problems if problem.file == path]
        return suggest(place.raw(path), path, problems, lambda raw: place.check(path, raw), known)

    def _advice(
        self, judgement: Judgement, inspected: Mapping[str, Registration], sources: Mapping[str, Source]
    ) -> dict[str, list[Advice]]:
        advice = {}
        for slug, registration in inspected.items():
            reviewed, source = judgement.registrations[slug], sources.get(slug)
            if source and reviewed.document:
                advice[slug] = disagreements(
                    registration,
                    reviewed.document,
                    source,
                    self.settings,
                    self.access.server_url,
                    new=reviewed.new,
                )
        return advice


def _inspectable(judgement: Judgement, server_url: str) -> tuple[dict[str, Registration], list[str]]:
    """Return the registrations whose source is read, and the names of those that are too many."""
    found: dict[str, Registration] = {}
    for slug, reviewed in judgement.registrations.items():
        registration = reviewed.registration
        if registration is None and reviewed.document is not None:
            registration = _draft(slug, reviewed, reviewed.document, server_url)
        if registration is not None:
            found[slug] = registration
    # New ones first: what stands was read before.
    order = sorted(found, key=lambda slug: (not judgement.registrations[slug].new, slug))
    return {slug: found[slug] for slug in order[:MAX_INSPECTED]}, order[MAX_INSPECTED:]


def _draft(slug: str, reviewed: Reviewed, document: Document, server_url: str) -> Registration | None:
    """Return what there is of a registration that cannot be published yet, None without a repository."""
    texts = {key: value for key, value in document.data.items() if isinstance(value, str)}
    repo = parse_repo(texts.get("source", ""), server_url) or parse_repo(
        texts.get("homepage", ""), server_url
    )
    if repo is None:
        return None
    return Registration(
        slug=slug,
        path=reviewed.path,
        id=texts.get("id") or slug,
        title=texts.get("title", ""),
        description=texts.get("description", ""),
        authors=(),
        date=None,
        homepage=texts.get("homepage", ""),
        source=texts.get("source", ""),
        archive=texts.get("archive", ""),
        repo=repo,
        python=None,
        pypi=None,
        data=document.data,
        body=document.body,
    )


def _is_on_diff(change: Change, suggestion: Suggestion) -> bool:
    """Tell whether GitHub shows every line of it in the diff, and applies it as it is meant."""
    file = next((file for file in change.files if file.path == suggestion.path), None)
    if file is None:
        return False
    lines = range(suggestion.first_line, suggestion.last_line + 1)
    # In a file with CRLF, GitHub's suggestion would mix the line ends.
    return b"\r\n" not in change.read(file) and set(lines) <= added_lines(change, file)
