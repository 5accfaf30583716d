"""What a registration's source says on GitHub, now: read by the build's own modules, never run.

One batch of GraphQL for all registrations of a change, like the build's; then one query for the branches that
their archives name.
"""

import asyncio
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import unquote, urlsplit

from registry.access import Access
from registry.facts import Missing
from registry.http import Http, Traffic, Unavailable, origin
from registry.model import Registration, RepoRef, parse_repo
from registry.rest import USER_AGENT
from registry.settings import Settings
from registry.sources.base import Blob, Files
from registry.sources.compat import Evidence, NoFlag, Outcome, locate
from registry.sources.compat.packaging_files import (
    Candidate,
    from_pyproject,
    from_setup_cfg,
    from_setup_py,
)
from registry.sources.github import Answer, LimitSpentError, Wanted, build_payload, parse_answer

MAX_INSPECTED = 5
"""Registrations of one change whose source is read; more are named."""
ROUNDS = 6

_READERS = (
    ("setup.py", from_setup_py),
    ("pyproject.toml", from_pyproject),
    ("setup.cfg", from_setup_cfg),
)
_ARCHIVE = re.compile(r"/[^/]+/[^/]+/archive/(.+?)(?:\.zip|\.tar\.gz|\.tgz)")
_BRANCH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+@/-]{0,200}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What was found of one registration's source."""

    slug: str
    path: str
    """The registration's file, `_plugins/<slug>.md`."""
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


def inspect(
    registrations: Sequence[Registration], settings: Settings, access: Access
) -> tuple[list[Source], str]:
    """Return what is found of each registration's source, and the login that the token acts as ("" unknown).

    Never raises for GitHub's sake: what could not be read says why.
    """
    return asyncio.run(_inspect(registrations[:MAX_INSPECTED], settings, access))


async def _inspect(
    registrations: Sequence[Registration], settings: Settings, access: Access
) -> tuple[list[Source], str]:
    sources = {
        registration.slug: Source(slug=registration.slug, path=registration.path, repo=registration.repo)
        for registration in registrations
    }
    if not access.token:
        return [replace(source, unread="no token was given") for source in sources.values()], ""
    limits = settings.limits
    async with Http(
        user_agent=USER_AGENT,
        timeout_s=limits.timeout_s,
        patience_s=limits.patience_s,
        concurrency=1,
        tokens={origin(access.graphql_url): access.token},
        traffic=Traffic(),
    ) as http:
        asked = _Asked(http, access.graphql_url)
        login = await asked.login()
        wanted = [registration for registration in registrations if registration.repo]
        for slug, source in (await _sources(wanted, settings, asked)).items():
            sources[slug] = replace(source, path=sources[slug].path)
        await _branches(sources, wanted, asked, access.server_url)
    return list(sources.values()), login


@dataclass(slots=True)
class _Asked:
    """GitHub's GraphQL API, asked patiently."""

    http: Http
    url: str

    async def batch(self, batch: Sequence[Wanted], *, facts: bool) -> list[Answer | Missing]:
        """Return the answers; a batch that fails is asked for one by one."""
        try:
            content, _ = await self.http.post_json(self.url, build_payload(batch, facts=facts))
            return parse_answer(content, batch, facts=facts)[0]
        except LimitSpentError:
            return [Missing(reason="GitHub's rate limit is spent")] * len(batch)
        except Unavailable as error:
            if len(batch) > 1:
                return [answer for one in batch for answer in await self.batch([one], facts=facts)]
            return [Missing(reason=f"GitHub could not be read ({error})")]

    async def query(self, query: str, variables: Mapping[str, str]) -> Mapping[str, Any]:
        """Return `data` of an answer, nothing where there is none."""
        payload = json.dumps({"query": query, "variables": dict(variables)}).encode()
        try:
            content, _ = await self.http.post_json(self.url, payload)
        except Unavailable:
            return {}
        data = content.get("data") if isinstance(content, dict) else None
        return data if isinstance(data, dict) else {}

    async def login(self) -> str:
        """Return who the token acts as, "" where that is not told."""
        viewer = (await self.query("query { viewer { login } }", {})).get("viewer")
        login = viewer.get("login") if isinstance(viewer, dict) else None
        return login if isinstance(login, str) and re.fullmatch(r"[\w.-]+(?:\[bot\])?", login) else ""


@dataclass(slots=True)
class _Search:
    """One plugin's search for its flag, round by round, and the packaging files met on the way."""

    registration: Registration
    repo: RepoRef
    steps: Any
    paths: tuple[str, ...]
    files: dict[str, Any] = field(default_factory=dict)
    outcome: Outcome | None = None
    unread: bool = False

    def take(self, files: Files) -> None:
        """Hand over what was asked for; learn what is asked next, nothing when it is done."""
        self.files.update(files)
        try:
            self.paths = self.steps.send(files)
        except StopIteration as done:
            self.outcome, self.paths = done.value, ()
        except Exception as error:  # noqa: BLE001 - one plugin's hostile source must not end the run
            self.outcome, self.paths = NoFlag(reason=f"it could not be read: {type(error).__name__}"), ()


async def _sources(
    registrations: Sequence[Registration], settings: Settings, asked: _Asked
) -> dict[str, Source]:
    searches = [_begin(registration, settings) for registration in registrations]
    found: dict[str, Source] = {}
    if not searches:
        return found
    wanted = [Wanted(search.registration.id, search.repo, search.paths) for search in searches]
    for search, answer in zip(searches, await asked.batch(wanted, facts=True), strict=True):
        slug = search.registration.slug
        found[slug] = Source(slug=slug, path="", repo=search.repo)
        if isinstance(answer, Missing):
            found[slug] = replace(found[slug], unread=answer.reason, gone=answer.gone)
            search.paths = ()
            continue
        found[slug] = replace(found[slug], facts=answer.facts or {}, commit=answer.head)
        search.unread |= answer.unread
        if search.paths:
            search.take(answer.files)
    for _ in range(ROUNDS):
        going = [search for search in searches if search.paths]
        if not going:
            break
        wanted = [Wanted(search.registration.id, search.repo, search.paths) for search in going]
        for search, answer in zip(going, await asked.batch(wanted, facts=False), strict=True):
            if isinstance(answer, Missing):
                search.paths, search.unread = (), True
                continue
            search.unread |= answer.unread
            search.take(answer.files)
    for search in searches:
        slug = search.registration.slug
        if not found[slug].unread:
            declared, packaging = _declared(search, settings)
            whole = isinstance(search.outcome, Evidence) or not search.unread
            found[slug] = replace(
                found[slug],
                outcome=search.outcome if whole else None,
                declared=declared,
                packaging=packaging,
            )
    return found


def _begin(registration: Registration, settings: Settings) -> _Search:
    assert registration.repo is not None  # noqa: S101 - the caller chose those
    steps = locate(
        registration.id,
        subpath=registration.repo.subpath,
        prefix=settings.packages.prefix,
        entry_point_group=settings.entry_point_group,
        control_property=settings.compatibility.control_property,
    )
    search = _Search(registration, registration.repo, steps, ())
    try:
        search.paths = next(steps)
    except StopIteration as done:
        search.outcome = done.value
    return search


def _declared(search: _Search, settings: Settings) -> tuple[Candidate | None, str]:
    """Return the module that a packaging file names, and that file's path; the plugin's own folder first."""
    base = search.repo.subpath.strip("/")
    for folder in dict.fromkeys((f"{base}/" if base else "", "")):
        for name, reader in _READERS:
            blob = search.files.get(folder + name)
            if not isinstance(blob, Blob) or blob.text is None:
                continue
            try:
                told = reader(
                    blob.text, search.registration.id, settings.packages.prefix, settings.entry_point_group
                )
            except Exception:  # noqa: BLE001, S112 - one plugin's hostile source must not end the run
                continue
            if told.candidates:
                # The first that names an entry point says more than one that names a module alone.
                first = next((each for each in told.candidates if each.entry_point), told.candidates[0])
                return first, folder + name
    return None, ""


async def _branches(
    sources: dict[str, Source], registrations: Sequence[Registration], asked: _Asked, server_url: str
) -> None:
    """Learn the name of each default branch, and whether what the archive names is there."""
    known = [reg for reg in registrations if sources[reg.slug].facts]
    fields: list[str] = []
    declared: list[str] = []
    variables: dict[str, str] = {}
    for number, registration in enumerate(known):
        assert registration.repo is not None  # noqa: S101 - as above
        ref = archive_ref(registration, server_url)
        sources[registration.slug] = replace(sources[registration.slug], archive_ref=ref)
        variables |= {f"o{number}": registration.repo.owner, f"n{number}": registration.repo.name}
        declared.append(f"$o{number}: String!, $n{number}: String!")
        there = ""
        if ref:
            variables[f"e{number}"] = f"{ref}^{{tree}}"
            declared.append(f"$e{number}: String!")
            there = f" object(expression: $e{number}) {{ __typename }}"
        inner = f"defaultBranchRef {{ name }}{there}"
        fields.append(f"r{number}: repository(owner: $o{number}, name: $n{number}) {{ {inner} }}")
    if not fields:
        return
    data = await asked.query(f"query({', '.join(declared)}) {{ {' '.join(fields)} }}", variables)
    for number, registration in enumerate(known):
        node = data.get(f"r{number}")
        if not isinstance(node, Mapping):
            continue
        source = sources[registration.slug]
        branch = (node.get("defaultBranchRef") or {}).get("name")
        sources[registration.slug] = replace(
            source,
            branch=branch if isinstance(branch, str) and _BRANCH.fullmatch(branch) else "",
            archive_missing=bool(source.archive_ref) and "object" in node and node["object"] is None,
        )


def archive_ref(registration: Registration, server_url: str) -> str:
    """Return the branch, tag or commit that the archive of the registration's own repository names, or ""."""
    repo = parse_repo(registration.archive, server_url)
    if repo is None or registration.repo is None:
        return ""
    if repo.full_name.lower() != registration.repo.full_name.lower():
        return ""
    match = _ARCHIVE.fullmatch(urlsplit(registration.archive).path)
    ref = unquote(match[1]) if match else ""
    ref = ref.removeprefix("refs/heads/").removeprefix("refs/tags/")
    return ref if _BRANCH.fullmatch(ref) and ".." not in ref and "@{" not in ref else ""
