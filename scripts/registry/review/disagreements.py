"""Where a registration and its source disagree, and which to change where. Pure.

Users of the reference were confused exactly there: they changed the registration, and the host went on
reading the source. So each advice ends in an action.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from registry.frontmatter import Document
from registry.merge import same_pythons
from registry.model import Registration, parse_repo
from registry.review.guesses import yaml_text
from registry.review.inspection import Source
from registry.review.markdown import code, link
from registry.settings import Settings
from registry.sources.compat import Evidence, NoFlag

PYTHONS_3 = tuple(f"3.{minor}" for minor in range(7, 21))
"""Releases of which a plugin for today's host must admit one."""
EXAMPLE = ">=3.7,<4"


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """One disagreement."""

    title: str
    """A few plain words, to show in bold."""
    text: str
    """Markdown of ours, values of others escaped in it; the last sentence says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Both:
    """A registration and its source, and the words for places in them."""

    registration: Registration
    document: Document
    source: Source
    settings: Settings
    server_url: str
    new: bool

    def line(self, *keys: str) -> str:
        """Return `line N of _plugins/x.md`, or the file alone where the key is not written."""
        found = self.registration.data
        for key in keys:
            if not isinstance(found, dict) or key not in found:
                return code(self.registration.path)
            found = found[key]
        return f"line {self.document.line_of(*keys)} of {code(self.registration.path)}"

    def place(self, path: str, line: int) -> str:
        """Return a place in the source, linked to the commit that was read."""
        words = f"line {line} of {code(path)}" if line else code(path)
        return link(words, self.url(path, line)) if self.source.commit else words

    def url(self, path: str, line: int = 0) -> str:
        """Return the address of a file at the commit that was read."""
        repo = self.source.facts.get("repo") or (self.source.repo.full_name if self.source.repo else "")
        anchor = f"#L{line}" if line else ""
        home = f"{self.server_url.rstrip('/')}/{quote(str(repo))}"
        return f"{home}/blob/{self.source.commit}/{quote(path)}{anchor}"

    @property
    def flag(self) -> str:
        """The name of the flag."""
        return self.settings.compatibility.control_property

    @property
    def host(self) -> str:
        """The host's name, which is the registry's own."""
        return self.settings.host.name

    def set_flag(self, python: str) -> str:
        """Return the line of source that sets the flag."""
        return code(f'{self.flag} = "{python}"')


def disagreements(
    registration: Registration,
    document: Document,
    source: Source,
    settings: Settings,
    server_url: str,
    *,
    new: bool,
) -> list[Advice]:
    """Return where registration and source disagree, what matters most first."""
    both = _Both(
        registration=registration,
        document=document,
        source=source,
        settings=settings,
        server_url=server_url,
        new=new,
    )
    if source.repo is None:
        return []
    if source.unread:
        return list(_gone(both))
    return [
        advice
        for check in (_python, _identity, _archive, _moved, _archived, _licence)
        for advice in check(both)
    ]


def _gone(both: _Both) -> Iterator[Advice]:
    if both.source.gone and both.source.repo:
        yield Advice(
            title="No such repository",
            text=f"GitHub knows no public repository {code(both.source.repo.full_name)}, so nobody can "
            "install or "
            f"check this plugin. Correct the address in {both.line('source')}, or make the repository "
            "public.",
        )


def _python(both: _Both) -> Iterator[Advice]:
    outcome, registered = both.source.outcome, both.registration.python
    if isinstance(outcome, Evidence):
        if registered and not same_pythons(registered, outcome.python):
            yield _contradiction(both, outcome, registered)
        elif not _admits_python_3(outcome.python):
            yield Advice(
                title="The flag rules out Python 3",
                text=f"{_capital(both.place(outcome.path, outcome.line))} says {code(outcome.python)}, so "
                f"{both.host} "
                f"on Python 3 refuses the plugin. Once it runs there, change that line to "
                f"{both.set_flag(EXAMPLE)} and release a new version.",
            )
    elif isinstance(outcome, NoFlag) and outcome.problem:
        yield _unusable(both, outcome)
    elif isinstance(outcome, NoFlag) and not same_pythons(registered or "", _default(both)):
        yield _no_flag(both, outcome, registered)


def _contradiction(both: _Both, found: Evidence, registered: str) -> Advice:
    where = both.line("compatibility", "python")
    shown = found.python if both.settings.compatibility.prefer == "source" else registered
    refused = ""
    if _admits_python_3(registered) and not _admits_python_3(found.python):
        refused = f" {both.host} on Python 3 refuses the plugin as it is."
    return Advice(
        title="Python versions",
        text=f"{_capital(where)} says {code(registered)}, but {both.place(found.path, found.line)} says "
        f"{code(found.python)}. {both.host} reads the flag in the source and never the registration, so "
        f"{code(found.python)} is what counts; the page will show {code(shown)}.{refused} "
        f"If the source is right, change {where} to {code('python: ' + yaml_text(found.python))}. "
        f"If the registration is right, change {both.place(found.path, found.line)} to "
        f"{both.set_flag(registered)} and release a new version.",
    )


def _unusable(both: _Both, outcome: NoFlag) -> Advice:
    where = both.place(outcome.path, outcome.line) if outcome.path else "the source"
    registered = both.registration.python
    wanted = registered if registered and _admits_python_3(registered) else EXAMPLE
    target = code(outcome.path) if outcome.path else "the plugin's module"
    if not outcome.path and "names the module" in outcome.reason:
        return Advice(
            title="The plugin's module is not there",
            text=f"In {code(_name(both))} {code(outcome.reason)}, so {both.host} would find no plugin after "
            "installing it. Correct the name in that file, or add the module, and release a new version.",
        )
    return Advice(
        title="The flag cannot be used",
        text=f"In {where}: {code(outcome.reason)}. {both.host} needs a plain text there, and without one it "
        "assumes "
        f"{code(_default(both))}. Write {both.set_flag(wanted)} at the top level of {target} and release a "
        "new "
        "version.",
    )


def _no_flag(both: _Both, outcome: NoFlag, registered: str | None) -> Advice:
    path = outcome.path
    if not path:
        return Advice(
            title="No plugin found in the source",
            text=f"In {code(_name(both))}, neither `setup.py` nor `pyproject.toml` nor `setup.cfg` names a "
            "module "
            f"for {both.host}, and none is found by looking. Declare the entry point "
            f"{code(f'{both.registration.id} = your_module')} in the group "
            f"{code(both.settings.entry_point_group)}, and release a new version.",
        )
    claim = (
        f"although {both.line('compatibility', 'python')} says {code(registered)}"
        if registered
        else "and the registration says nothing either"
    )
    wanted = registered if registered and _admits_python_3(registered) else EXAMPLE
    return Advice(
        title="No flag for Python 3",
        text=f"{code(both.flag)} is not set in {both.place(path, 0)}, {claim}. {both.host} reads the source "
        "and never "
        f"the registration: without the flag it assumes {code(_default(both))} and refuses the plugin on "
        "Python 3. "
        f"Add the line {both.set_flag(wanted)} to {code(path)}, at the top level, and release a new version.",
    )


def _identity(both: _Both) -> Iterator[Advice]:
    declared = both.source.declared
    if declared is None or not declared.entry_point or declared.entry_point == both.registration.id:
        return
    found, own = declared.entry_point, both.registration.id
    rename = f" and rename the file to {code(f'_plugins/{found}.md')}" if both.new else ""
    yield Advice(
        title="The plugin's identifier",
        text=f"{_capital(both.line('id'))} says {code(own)}, but {both.place(both.source.packaging, 0)} says "
        f"{code(found)}, and {both.host} knows the plugin by what the package says: updates and usage "
        "figures "
        f"would not find it. If the package is right, change {both.line('id')} to "
        f"{code('id: ' + yaml_text(found))}{rename}. If the registration is right, change the identifier in "
        f"{code(both.source.packaging)} to {code(own)} and release a new version.",
    )


def _archive(both: _Both) -> Iterator[Advice]:
    source, registration = both.source, both.registration
    where = both.line("archive")
    if source.archive_missing:
        cure = "Change it to a branch or tag that is there."
        if source.branch:
            good = f"{_root(both)}/archive/refs/heads/{quote(source.branch)}.zip"
            cure = f"Change {where} to {code('archive: ' + good)}."
        yield Advice(
            title="The archive does not exist",
            text=f"{_capital(where)} downloads {code(source.archive_ref)}, and {code(_name(both))} has "
            "neither a "
            f"branch nor a tag of that name, so the plugin cannot be installed. {cure}",
        )
        return
    archive = parse_repo(registration.archive, both.server_url)
    names = {_name(both).lower(), source.repo.full_name.lower() if source.repo else ""}
    if archive and archive.full_name.lower() not in names:
        yield Advice(
            title="The archive of another repository",
            text=f"{_capital(where)} installs from {code(archive.full_name)}, but {both.line('source')} "
            "names "
            f"{code(_name(both))}: people would install what they cannot read there. Change the one of the "
            "two "
            "lines that is wrong.",
        )


def _moved(both: _Both) -> Iterator[Advice]:
    repo, now = both.source.repo, str(both.source.facts.get("repo") or "")
    if repo is None or not now or now.lower() == repo.full_name.lower():
        return
    changes = []
    # An archive that is not there is told of by itself.
    for key in ("source", "homepage", *(("archive",) if not both.source.archive_missing else ())):
        address = getattr(both.registration, key)
        named = parse_repo(address, both.server_url)
        if named and named.full_name.lower() == repo.full_name.lower():
            moved = re.sub(re.escape(repo.full_name), lambda _: now, address, count=1, flags=re.IGNORECASE)
            changes.append(f"{both.line(key)} to {code(f'{key}: {moved}')}")
    yield Advice(
        title="The repository has moved",
        text=f"{code(repo.full_name)} is called {code(now)} now; the old address works only until somebody "
        "else "
        f"takes the name. Change {', '.join(changes) or both.line('source')}.",
    )


def _archived(both: _Both) -> Iterator[Advice]:
    data = both.registration.data
    attributes = data.get("attributes")
    told = any(data.get(key) for key in ("abandoned", "disabled", "up_for_adoption")) or (
        isinstance(attributes, list) and "abandoned" in attributes
    )
    if both.source.facts.get("archived") and not told:
        yield Advice(
            title="The repository is archived",
            text=f"{code(_name(both))} is read-only: no fault can be mended there. If the plugin is "
            "maintained, "
            f"unarchive the repository in its settings. If it is not, write `abandoned: true` into "
            f"{code(both.registration.path)}.",
        )


def _licence(both: _Both) -> Iterator[Advice]:
    registered, found = both.registration.data.get("license"), both.source.facts.get("license")
    if not isinstance(registered, str) or not registered.strip():
        return
    if not found:
        yield Advice(
            title="No licence recognised",
            text=f"{_capital(both.line('license'))} says {code(registered)}, but GitHub recognises no "
            "licence in "
            f"{code(_name(both))}. If there is none, add a file `LICENSE` with the text of "
            f"{code(registered)} "
            "to the repository.",
        )
    elif not same_licence(registered, str(found)):
        where = both.line("license")
        yield Advice(
            title="The licence",
            text=f"{_capital(where)} says {code(registered)}, but GitHub recognises {code(str(found))} in "
            f"{code(_name(both))}. If the repository is right, change {where} to "
            f"{code('license: ' + yaml_text(str(found)))}. If the registration is right, replace the "
            "`LICENSE` of "
            f"the repository by the text of {code(registered)}.",
        )


_FAMILIES = (
    ("agpl", r"affero|agpl"),
    ("lgpl", r"lesser|library general|lgpl"),
    ("gpl", r"\bgnu\b|gpl"),
    ("apache", r"apache"),
    ("mpl", r"mozilla|mpl"),
    ("mit", r"\bmit\b|expat"),
    ("bsd", r"bsd"),
    ("unlicense", r"unlicen[cs]e"),
    ("cc0", r"cc0"),
    ("isc", r"\bisc\b"),
    ("wtfpl", r"wtfpl|what the f"),
)


def same_licence(one: str, other: str) -> bool:
    """Tell whether two names mean the same licence; where one names no version, the family decides."""
    first, second = _licence_of(one), _licence_of(other)
    return first[0] == second[0] and (first[1] == second[1] or "" in (first[1], second[1]))


def _licence_of(name: str) -> tuple[str, str]:
    text = name[:200].lower()
    family = next((key for key, pattern in _FAMILIES if re.search(pattern, text)), "")
    if not family:
        return re.sub(r"[^a-z0-9]|licen[cs]e", "", text), ""
    number = re.search(r"(?<![a-z0-9])v?(\d+(?:\.\d+)?)|(?<=[a-z])v?(\d(?:\.\d)?)", text.replace("cc0", ""))
    version = (number[1] or number[2]) if number else ""
    return family, version.removesuffix(".0")


def _admits_python_3(specifier: str) -> bool:
    try:
        return any(SpecifierSet(specifier).contains(version) for version in PYTHONS_3)
    except InvalidSpecifier:
        return False


def _default(both: _Both) -> str:
    return both.settings.compatibility.default_python


def _name(both: _Both) -> str:
    """Return the repository's current name."""
    return str(both.source.facts.get("repo") or (both.source.repo.full_name if both.source.repo else ""))


def _root(both: _Both) -> str:
    """Return the address of the repository, on the host that the registration names."""
    host = re.match(r"https?://[^/]+", both.registration.source)
    return f"{host[0] if host else both.server_url}/{_name(both)}"


def _capital(text: str) -> str:
    """Return the text, which may be a link, with its first letter capital."""
    start = 1 if text.startswith("[") else 0
    return text[:start] + text[start : start + 1].upper() + text[start + 1 :]
