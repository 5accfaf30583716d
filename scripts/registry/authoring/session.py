"""One run of `new.py`: read, propose, ask, check, write."""

import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, TextIO

from registry import user_agent
from registry.authoring.address import Target, parse_target, repository_at
from registry.authoring.checking import REQUIRED, Checker, conflict, missing
from registry.authoring.cloned_repository import ClonedRepository
from registry.authoring.gathering import Gathered, gather
from registry.authoring.github_repository import AskedRepository
from registry.authoring.package_index import PackageIndex, PackageIndexError, Project
from registry.authoring.proposal import Draft, Sources, propose
from registry.authoring.repository import Repository, RepositoryError, canonical
from registry.authoring.terminal import LISTS, SETTABLE, Interrupted, Terminal, ask_for_missing, value_of
from registry.authoring.writing import render
from registry.github.access import Access
from registry.net.http import origin
from registry.registration.model import RepoRef
from registry.settings import Settings
from registry.system.progress import say
from registry.text.problems import as_text, printable, quoted


class UsageError(ValueError):
    """Options that make no sense; the message says which and what to do."""


class Undone(Exception):
    """No registration was made; the message says why and what to do, in one or more lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What `scripts/new.py` is told."""

    address: str
    out: Path
    given: Mapping[str, Any] = field(default_factory=dict)
    """By `--set` and `--id`; None: the key is left out."""
    index: str
    stdout: bool = False
    ask: bool = False


def parse_given(pairs: list[str], identifier: str | None) -> dict[str, Any]:
    """Return the values of `--set key=value`, `--id` before them. Raises UsageError."""
    given: dict[str, Any] = {} if identifier is None else {"id": identifier}
    for pair in pairs:
        key, sign, text = pair.partition("=")
        if not sign or key not in SETTABLE:
            message = f"--set {quoted(pair)}: write key=value, with a key of {', '.join(SETTABLE)}"
            raise UsageError(printable(message))
        value = value_of(key, text.strip())
        name = "authors" if key == "author" and isinstance(value, list) else key
        given[name] = value if value not in ("", []) else None
    if "author" in given and "authors" in given:
        raise UsageError("--set author and --set authors: give one of the two")
    return given


def make(
    options: Options, settings: Settings, environment: Mapping[str, str], today: date, answers: TextIO
) -> str:
    """Make the registration; return what belongs on stdout. Raises UsageError, AddressError, Undone."""
    access = Access.from_environment(environment)
    checker = Checker(today=today, server_url=access.server_url)
    target = parse_target(options.address, access.server_url, options.index)
    if not options.stdout and not options.out.is_dir():
        raise UsageError(f"--out {options.out}: there is no such folder; make it, or name another")
    sources = _read(target, options, settings, access, environment)
    draft = propose(sources, options.given, settings, checker, today)
    _report(draft)
    _check_given(options, draft)
    if "id" in draft.values:
        _check_id(options.out, draft.values["id"].value)
    if missing(draft.flat()):
        _complete(draft, options, checker, answers)
    flat = draft.flat()
    slug = str(flat["id"])
    text = render(flat, draft.body)
    _check_whole(checker, slug, text)
    if options.stdout:
        return text
    path = options.out / f"{slug}.md"
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        raise Undone(f"{path} is there already; change that file, or give another id by --id") from None
    except OSError as error:
        raise Undone(f"{path} cannot be written: {error.strerror}") from None
    say(f"new: wrote {path}; read it through, then: python scripts/validate.py --base HEAD {path}")
    return ""


# --- reading ---------------------------------------------------------------------------------------------


def _read(
    target: Target, options: Options, settings: Settings, access: Access, environment: Mapping[str, str]
) -> Sources:
    """Read the package index, where it was named, and the repository. Raises Undone."""
    agent = user_agent(settings.url)
    project = _project(target.project, options, settings, access, agent) if target.project else None
    source = options.given.get("source")
    if project:
        address = source if isinstance(source, str) else project.repository
        target = repository_at(address, access.server_url) or target
    if target.repo is None:
        if source is None:
            cure = "give it by --set source=https://github.com/…"
            say(f"new: the project names no repository on GitHub; {cure}")
        return Sources(project=project)
    identifier = options.given.get("id")
    try:
        gathered = _gather(target, target.repo, settings, access, environment, agent, identifier)
    except RepositoryError as error:
        if project is None:
            raise Undone(printable(str(error))) from None
        say(printable(f"new: {error}; only the package index is used"))
        return Sources(project=project)
    return Sources(site=target.site, repo=target.repo, gathered=gathered, project=project)


def _project(name: str, options: Options, settings: Settings, access: Access, agent: str) -> Project:
    say(printable(f"new: reading {name} on the package index"))
    try:
        timeout_s = settings.limits.timeout_s
        with PackageIndex(options.index, user_agent=agent, timeout_s=timeout_s) as index:
            return index.project(name, access.server_url)
    except PackageIndexError as error:
        raise Undone(str(error)) from None


def _gather(
    target: Target,
    repo: RepoRef,
    settings: Settings,
    access: Access,
    environment: Mapping[str, str],
    agent: str,
    identifier: object,
) -> Gathered:
    plugin_id = identifier if isinstance(identifier, str) else ""
    # The token belongs to one GitHub; a repository on another is read without it.
    if access.token and origin(target.site) == origin(access.server_url):
        say(printable(f"new: reading {repo.full_name} by GitHub's API"))
        asked: Repository = AskedRepository(repo, access, settings, user_agent=agent)
        return gather(asked, repo, settings, plugin_id)
    say(printable(f"new: fetching {repo.full_name} without a token: its topics stay unknown"))
    with tempfile.TemporaryDirectory(prefix="almanac-") as folder:
        url = f"{canonical(target.site, repo)}.git"
        cloned = ClonedRepository(url, repo.full_name, Path(folder), environment=environment)
        return gather(cloned, repo, settings, plugin_id)


# --- telling and asking ----------------------------------------------------------------------------------


def _report(draft: Draft) -> None:
    """Tell what was found, and where."""
    for key, value in draft.flat().items():
        if key != "layout":
            shown = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
            say(printable(f"{key}: {shown if len(shown) <= 100 else shown[:99] + '…'} "
                          f"(from {draft.values[key].origin})"))  # fmt: skip
    for note in draft.notes:
        say(f"note: {note}")


def _check_given(options: Options, draft: Draft) -> None:
    """Refuse what was given and cannot be; a required key is asked for instead, where there is somebody."""
    refused = [key for key, value in options.given.items() if value is not None and key not in draft.values]
    if options.ask:
        refused = [key for key in refused if key not in (*REQUIRED, "authors")]
    if refused:
        raise Undone(
            f"--set {', --set '.join(refused)}: the notes above say what is wrong; give another value"
        )


def _check_id(folder: Path, identifier: str) -> None:
    if reason := conflict(folder, identifier):
        raise Undone(printable(f"id: {identifier}: {reason}"))


def _complete(draft: Draft, options: Options, checker: Checker, answers: TextIO) -> None:
    if not options.ask:
        lines = [f"{key}: not found; give it by {_option(key)}" for key in missing(draft.flat())]
        raise Undone("\n".join(["some required keys are missing:", *lines]))
    try:
        ask_for_missing(
            draft,
            Terminal(answers, sys.stderr),
            checker,
            lambda identifier: conflict(options.out, identifier),
        )
    except Interrupted:
        raise Undone("broken off; nothing was written") from None


def _option(key: str) -> str:
    several = ", or --set 'authors=Ada, Bob'" if key == "author" else ""
    return "--id ID" if key == "id" else f"--set '{key}={'A,B' if key in LISTS else '…'}'{several}"


def _check_whole(checker: Checker, slug: str, text: str) -> None:
    """Hold the whole text against the validator: what is written has no error."""
    problems = checker.problems(slug, text)
    for problem in problems:
        if problem.level == "warning":
            say(printable(f"note: {f'{problem.key}: ' if problem.key else ''}{problem.message}"))
    if errors := [as_text(problem) for problem in problems if problem.level == "error"]:
        raise Undone("\n".join(["the registration would not be valid:", *errors]))
