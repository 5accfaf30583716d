"""What may be each key's value: pairs of (value, where it came from), likeliest first. Nothing is judged."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from registry.authoring import licences as licence_names
from registry.authoring.gathering import Gathered
from registry.authoring.package_index import Project
from registry.authoring.packaging_metadata import Field, Told, person
from registry.authoring.repository import About
from registry.authoring.texts import humanised, people, plain_line
from registry.registration.model import RepoRef, parse_repo
from registry.settings import Settings
from registry.sources.compat import Evidence
from registry.text.problems import quoted
from registry.validation.rules import LONGEST_DESCRIPTION, LONGEST_TITLE

Offers = Iterator[tuple[Any, str]]

MAX_TAGS = 10
LONGEST_TAG = 30
LONGEST_NAME = 100
MAX_AUTHORS = 10


def all_told(gathered: Gathered | None, project: Project | None) -> tuple[Told, ...]:
    """Return what the repository's files say, then what the package index says."""
    return (*(gathered.told if gathered else ()), *(project.told if project else ()))


def _of(told: Sequence[Told], field: Field) -> Iterator[Told]:
    return (entry for entry in told if entry.field == field)


def identifiers(told: Sequence[Told]) -> Offers:
    """Offer the plugin's identifier."""
    return ((entry.value, entry.where) for entry in _of(told, "identifier"))


def titles(told: Sequence[Told], repo: RepoRef | None, settings: Settings) -> Offers:
    """Offer what the host shows, then the project's name without its prefix."""
    prefixes = (settings.packages.prefix, settings.host.name)
    for entry in _of(told, "name"):
        line = plain_line(entry.value, LONGEST_TITLE)
        yield (line if "__plugin_" in entry.where else humanised(line, prefixes)), entry.where
    if repo:
        yield humanised(repo.name, prefixes), "the repository's name"


def descriptions(told: Sequence[Told], about: About | None, origin: str) -> Offers:
    """Offer one sentence."""
    for entry in _of(told, "summary"):
        yield plain_line(entry.value, LONGEST_DESCRIPTION), entry.where
    if about and about.description:
        yield plain_line(about.description, LONGEST_DESCRIPTION), f"{origin}, the description"


def authors(told: Sequence[Told], about: About | None, origin: str) -> Offers:
    """Offer one name or a list of names, never an e-mail address; last, the repository's owner."""
    places: dict[str, list[str]] = {}
    for entry in _of(told, "author"):
        names = [plain_line(name, LONGEST_NAME) for name in people(person(entry.value))]
        places.setdefault(entry.where, []).extend(name for name in names if name and "@" not in name)
    for where, names in places.items():
        if several := list(dict.fromkeys(names))[:MAX_AUTHORS]:
            yield (several[0] if len(several) == 1 else several), where
    if about and about.owner:
        yield plain_line(about.owner, LONGEST_NAME), f"{origin}, the owner"


def licences(told: Sequence[Told], gathered: Gathered | None) -> Offers:
    """Offer an SPDX identifier: GitHub's, then one that was declared, then what a text means."""
    if gathered and gathered.about.license:
        yield gathered.about.license, f"{gathered.origin}, the licence"
    declared = [(plain_line(t.value, 1_000), t.where) for t in _of(told, "license")]
    yield from ((name, where) for name, where in declared if licence_names.is_spdx(name))
    for entry in _of(told, "classifier"):
        if name := licence_names.of_classifier(entry.value):
            yield name, entry.where
    if gathered and gathered.license and (name := licence_names.of_text(gathered.license.text)):
        yield name, f"the file {gathered.license.path}"
    named = [(name, where) for name, where in declared if len(name) <= licence_names.LONGEST_NAME]
    yield from ((licence_names.spdx(name), where) for name, where in named)


_HOMEPAGE = re.compile(r"(?:^|\W)_*(?:plugin_)?(?:url|home[-_ ]?page)_*$", re.IGNORECASE)


def homepages(told: Sequence[Told], about: About | None, origin: str, source: str, server_url: str) -> Offers:
    """Offer the plugin's own page; one that is another repository is passed over, as a template left it."""
    pages = [(entry.value, entry.where) for entry in _of(told, "url") if _HOMEPAGE.search(entry.where)]
    if about and about.homepage:
        pages.append((about.homepage, f"{origin}, the homepage"))
    for url, where in pages:
        repo = parse_repo(url, server_url)
        if repo is None or about is None:
            yield url, where
        elif repo.full_name.lower() == about.full_name.lower():
            yield source, where
    if source:
        yield source, "the address"


def tags(told: Sequence[Told], about: About | None, origin: str, settings: Settings) -> Offers:
    """Offer the repository's topics, else the project's keywords."""
    host = settings.host.name.casefold()
    empty = {host, f"{host}-plugin", f"{host} plugin", f"{host}-plugins", f"{host} plugins", "octoprint"}
    keywords = [entry.value for entry in _of(told, "keyword")]
    where = next((entry.where for entry in _of(told, "keyword")), "")
    for words, place in ((about.topics if about else (), f"{origin}, the topics"), (keywords, where)):
        lines = [plain_line(word, LONGEST_TAG + 1) for word in words]
        kept = {line.casefold(): line for line in reversed(lines) if 0 < len(line) <= LONGEST_TAG}
        if chosen := [tag for key, tag in reversed(kept.items()) if key not in empty]:
            yield chosen[:MAX_TAGS], place


def host_versions(told: Sequence[Told], settings: Settings) -> Offers:
    """Offer what the plugin requires of OctoPrint: `OctoPrint>=1.4` means that version and later ones."""
    if settings.host.name.casefold() != "octoprint":
        return
    for entry in _of(told, "requires"):
        try:
            requirement = Requirement(entry.value)
        except (InvalidRequirement, RecursionError):
            continue
        if canonicalize_name(requirement.name) == "octoprint" and len(requirement.specifier):
            only = next(iter(requirement.specifier)) if len(requirement.specifier) == 1 else None
            least = only.version if only and only.operator == ">=" else str(requirement.specifier)
            yield [least], entry.where


def pythons(told: Sequence[Told], gathered: Gathered | None, settings: Settings) -> Offers:
    """Offer the flag that the host reads, then what the project asks for."""
    if gathered and isinstance(gathered.flag, Evidence) and gathered.flag.kind == "flag":
        flag = gathered.flag
        yield flag.python, f"{flag.path}:{flag.line}, {settings.compatibility.control_property}"
    for entry in _of(told, "python"):
        yield " ".join(entry.value.split()), entry.where


# --- what disagrees --------------------------------------------------------------------------------------


def contradictions(
    chosen: Mapping[str, Any], gathered: Gathered, project: Project | None, settings: Settings
) -> Iterator[str]:
    """Yield what the sources say differently, and what the host cannot use."""
    flag, name = gathered.flag, settings.compatibility.control_property
    read = isinstance(flag, Evidence) and flag.kind == "flag"
    if settings.sources.compatibility and flag.reason:
        assumed = f"; until then {settings.host.name} takes it for {settings.compatibility.default_python}"
        cure = "" if isinstance(flag, Evidence) else f"; set {name} in the plugin's module"
        yield f"compatibility.python: {flag.reason}{cure}{'' if read else assumed}"
    told = all_told(gathered, project)
    asked = next(_of(told, "python"), None)
    if isinstance(flag, Evidence) and read and asked and _folded(asked.value) != _folded(flag.python):
        yield (
            f"compatibility.python: {flag.path}:{flag.line} says {quoted(flag.python)}, {asked.where} "
            f"{quoted(asked.value)}; the host goes by the first"
        )
    licence = chosen.get("license")
    for other, where in licences(told, gathered):
        if isinstance(licence, str) and not licence_names.same(licence, other):
            yield f"license: {where} says {quoted(other)}, not {quoted(licence)}; make them agree"
            break
    identifiers_told = {entry.value: entry.where for entry in _of(told, "identifier")}
    for identifier, where in identifiers_told.items():
        if "id" in chosen and identifier != chosen["id"]:
            yield f"id: {where} says {quoted(identifier)}, not {quoted(str(chosen['id']))}"
            break


def same_project(first: str, second: str) -> bool:
    """Tell whether two names are one project to a package index."""
    return canonicalize_name(first) == canonicalize_name(second)


def _folded(specifier: str) -> frozenset[str]:
    return frozenset(re.sub(r"\s", "", specifier).split(","))
