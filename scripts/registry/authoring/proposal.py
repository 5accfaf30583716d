"""What a registration may say: for each key the first value that the validator accepts, and its origin."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any
from urllib.parse import quote as percent_encoded

from registry.authoring import candidates
from registry.authoring.checking import Checker
from registry.authoring.gathering import Gathered
from registry.authoring.package_index import Project
from registry.authoring.readme import Home, first_paragraphs
from registry.authoring.repository import canonical
from registry.registration.model import RepoRef
from registry.settings import Settings
from registry.text.problems import printable, quoted

quote = partial(percent_encoded, errors="replace")
"""For paths; JSON from outside may hold half of a surrogate pair."""

ORDER = (
    *("layout", "id", "title", "description", "author", "authors", "license", "date"),
    *("homepage", "source", "archive", "pypi", "tags", "compatibility.octoprint", "compatibility.python"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A value for a key, and where it came from."""

    value: Any
    origin: str


@dataclass(slots=True)
class Draft:
    """A registration in the making; keys of mappings are joined by a dot."""

    values: dict[str, Found] = field(default_factory=dict)
    body: str = ""
    notes: list[str] = field(default_factory=list)
    """What people should know; safe to print."""
    refused: dict[str, Found] = field(default_factory=dict)
    """Required keys for which only values were found that the validator refuses."""

    def flat(self) -> dict[str, Any]:
        """Return the values alone, in the order in which they are told."""
        keys = [*(key for key in ORDER if key in self.values), *(k for k in self.values if k not in ORDER)]
        return {key: self.values[key].value for key in keys}

    def note(self, text: str) -> None:
        """Keep a note; of the same one, only the first."""
        if (shown := printable(text)) not in self.notes:
            self.notes.append(shown)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """All that was read of one plugin."""

    site: str = ""
    """Address of the repository's GitHub."""
    repo: RepoRef | None = None
    gathered: Gathered | None = None
    project: Project | None = None

    @property
    def home(self) -> str:
        """Address of the repository by its current name, "" where none was read."""
        if self.gathered is None or self.repo is None:
            return ""
        owner, _, name = self.gathered.about.full_name.partition("/")
        return canonical(self.site, RepoRef(owner, name))

    @property
    def source(self) -> str:
        """The same, with the folder that holds the plugin."""
        if not self.home or self.repo is None or self.gathered is None or not self.repo.subpath:
            return self.home
        return f"{self.home}/tree/{quote(self.gathered.about.branch)}/{quote(self.repo.subpath)}"


def propose(
    sources: Sources, given: Mapping[str, Any], settings: Settings, checker: Checker, today: date
) -> Draft:
    """Return the draft; `given` are values by key that a person chose, None: the key is left out."""
    draft = Draft()
    draft.values["layout"] = Found(value="plugin", origin="always so")
    for key, offers in _offers(sources, settings, checker.server_url, today):
        if not any(name in given for name in _alternatives(key)):
            _choose(draft, key, offers, checker)
    for key, value in given.items():
        if value is not None:
            _choose(draft, key, [Found(value=value, origin="--set")], checker)
    draft.body = _body(sources, draft, checker)
    _tell(draft, sources, settings)
    return draft


def _alternatives(key: str) -> tuple[str, ...]:
    return ("author", "authors") if key in ("author", "authors") else (key,)


def _choose(draft: Draft, key: str, offers: Iterable[Found], checker: Checker) -> None:
    """Take the first offer that the validator accepts; tell of those before it."""
    for offer in offers:
        name = "authors" if key == "author" and isinstance(offer.value, list) else key
        fault = checker.fault(name, offer.value)
        if fault is None:
            draft.values[name] = offer
            draft.refused.pop(key, None)
            return
        draft.refused.setdefault(key, offer)
        draft.note(f"{name}: from {offer.origin}: {fault}")


def _offers(
    sources: Sources, settings: Settings, server_url: str, today: date
) -> Iterator[tuple[str, Iterator[Found]]]:
    """Yield each key with what is offered for it, likeliest first."""
    told = candidates.all_told(sources.gathered, sources.project)
    about = sources.gathered.about if sources.gathered else None
    origin = sources.gathered.origin if sources.gathered else ""
    pairs: dict[str, Iterator[tuple[Any, str]]] = {
        "id": candidates.identifiers(told),
        "title": candidates.titles(told, sources.repo, settings),
        "description": candidates.descriptions(told, about, origin),
        "author": candidates.authors(told, about, origin),
        "license": candidates.licences(told, sources.gathered),
        "date": iter([(today, "today's date")]),
        "homepage": candidates.homepages(told, about, origin, sources.source, server_url),
        "source": iter([(sources.source, "the address")] if sources.source else []),
        "archive": iter(_archive(sources)),
        "pypi": iter([(sources.project.name, "the package index")] if sources.project else []),
        "tags": candidates.tags(told, about, origin, settings),
        "compatibility.octoprint": candidates.host_versions(told, settings),
        "compatibility.python": candidates.pythons(told, sources.gathered, settings),
    }
    for key, offered in pairs.items():
        yield key, (Found(value=value, origin=where) for value, where in offered)


def _archive(sources: Sources) -> list[tuple[str, str]]:
    """Return the archive of the default branch.

    A registration is written once, so it names no release: the branch's archive is what OctoPrint's plugins
    register, and updates are the plugin's own business.
    """
    if (
        sources.gathered is None
        or not sources.gathered.about.branch
        or (sources.repo and sources.repo.subpath)
    ):
        return []
    branch = sources.gathered.about.branch
    return [
        (f"{sources.home}/archive/{quote(branch)}.zip", f"{sources.gathered.origin}, the branch {branch}")
    ]


def _body(sources: Sources, draft: Draft, checker: Checker) -> str:
    """Return the README's first paragraphs with a link to it, else the description."""
    gathered, project = sources.gathered, sources.project
    page = sources.source or (project.repository if project else "")
    link = draft.values["homepage"].value if "homepage" in draft.values else ""
    attempts: list[str] = []
    if gathered and gathered.readme:
        branch = quote(gathered.about.branch)
        folder, _, filename = gathered.readme.path.rpartition("/")
        inside = f"{quote(folder)}/" if folder else ""
        at = Home(folder=f"{sources.home}/blob/{branch}/{inside}", page=page)
        readme = f"{sources.home}/blob/{branch}/{inside}{quote(filename)}"
        attempts.append(_attributed(first_paragraphs(gathered.readme.text, filename, at), readme))
    elif project and project.readme:
        at = Home(folder=f"{page}/blob/HEAD/" if page else link, page=page or link)
        attempts.append(_attributed(first_paragraphs(project.readme, project.readme_name, at), page or link))
    if "description" in draft.values:
        words = draft.values["description"].value
        attempts.append(first_paragraphs(words, "", Home(folder=page or link, page=page or link)))
    for body in filter(None, attempts):
        fault = checker.body_fault(body)
        if fault is None:
            return body
        draft.note(f"the README cannot be used: {fault}")
    return ""


def _attributed(text: str, address: str) -> str:
    if not text or not address:
        return text
    return f"{text}\n\nFrom the [README]({address}), where there is more."


def _tell(draft: Draft, sources: Sources, settings: Settings) -> None:
    """Add what people should know: what disagrees, what was moved, what cannot be used."""
    gathered = sources.gathered
    if gathered is None:
        return
    for note in gathered.notes:
        draft.note(note)
    about, repo = gathered.about, sources.repo
    if repo and about.full_name.lower() != repo.full_name.lower():
        draft.note(f"{repo.full_name} is now {about.full_name}")
    if about.archived:
        draft.note(f"{about.full_name} is archived: nobody maintains it")
    if repo and repo.subpath and "archive" not in draft.values:
        draft.note("the plugin lies in a folder, and the repository's archive cannot be installed")
    for note in candidates.contradictions(draft.flat(), gathered, sources.project, settings):
        draft.note(note)
    if sources.project and sources.project.name:
        names = {t.value for t in gathered.told if t.field == "name" and "__" not in t.where}
        if names and not any(candidates.same_project(name, sources.project.name) for name in names):
            name, index = quoted(min(names)), quoted(sources.project.name)
            draft.note(f"the repository calls the project {name}, the index {index}")
