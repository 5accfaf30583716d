"""The gate: every fault of every file, strict with what is new and patient with what stands.

Files are registrations, or the hand-written data that steers installations (`_data/notices.yml` and its
peers). Of those, every fault is an error: what an installation cannot read is not published. An id is held
against what the data name, and the other way round.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, Protocol

from registry.host.notices_and_blocklist import READERS, faults_of, names_in
from registry.registration.frontmatter import Document, FrontMatterError, parse, read_bytes, unforeseen
from registry.registration.model import is_slug
from registry.registration.values import FILE_NAME_FAULT, redirects_of
from registry.text.problems import Code, Finding, Problem, quoted
from registry.text.scalars import scalar_text
from registry.validation.body import check_body
from registry.validation.front_matter_schema import check_schema
from registry.validation.rules import Surroundings, check_rules

__all__ = ["Base", "Validator"]


DATA_FOLDER = "_data"
"""Where hand-written data lie, beside the folder of registrations."""


class Base(Protocol):
    """What stands, to tell what a change adds: see `registry.git.base_revision.Base`."""

    def read(self, path: Path, now: bytes) -> bytes | None:
        """Return the file as it stands, None when there is none; `now` is its content with the change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Validator:
    """Judges files. Keep one for a run: it remembers what lies beside a file."""

    today: date
    server_url: str
    """GITHUB_SERVER_URL."""
    base: Base | None = None
    """What stands; None: everything does."""
    plugins: Path | None = None
    """The folder of registrations, for hand-written data; None: `_plugins` beside their folder."""
    data: Path | None = None
    """The folder of hand-written data, for registrations; None: `_data` beside their folder."""
    _folders: dict[Path, "_Folder"] = field(default_factory=dict, init=False, repr=False)
    _data: dict[Path, dict[str, list[tuple[str, str]]]] = field(default_factory=dict, init=False, repr=False)

    def validate(self, paths: Iterable[Path]) -> list[Problem]:
        """Return the problems of all files, by file and line; a folder means everything in it.

        Raises FileNotFoundError for a path that does not exist, GitError when the base cannot be read.
        """
        files = dict.fromkeys(file for path in paths for file in _files(path))
        problems = [problem for file in files for problem in self._judge(file)]
        return sorted(problems, key=lambda problem: (problem.file, problem.line, problem.key, problem.code))

    def _judge(self, path: Path) -> Iterator[Problem]:
        """Yield the problems of one file.

        A deviation stands when the file had the very same at the base; so a change to an old file is held to
        today's rules, and only what it leaves alone is not.
        """
        if _steers(path):
            yield from self._judge_data(path)
            return
        if reason := _no_registration(path):
            yield _problem(path, reason)
            return
        try:
            raw = read_bytes(path)
        except OSError as error:
            yield _problem(path, _fault("unreadable", f"the file cannot be read: {error.strerror}"))
            return
        old = self.base.read(path, raw) if self.base else raw
        document, findings = self._inspect(path, raw, old)
        standing = findings if old == raw else self._inspect(path, old, old)[1] if old is not None else []
        known = {finding.identity for finding in standing}
        beside = self._folder(path.parent)
        named = self._named(self.data or path.absolute().parent.parent / DATA_FOLDER)
        findings += [*beside.conflicts(path, document), *beside.misspelt(document, named)]
        for finding in findings:
            stands = finding.weight == "deviation" and finding.identity in known
            yield _problem(path, finding, document, warning=stands or finding.weight == "warning")

    def _judge_data(self, path: Path) -> Iterator[Problem]:
        """Yield the faults of one file of hand-written data."""
        if path.is_symlink() or not path.is_file():
            yield _problem(path, _fault("not-a-file", _NOT_A_FILE))
            return
        folder = self.plugins or path.absolute().parent.parent / "_plugins"
        for problem in faults_of(path, self._folder(folder).spellings):
            yield replace(problem, file=_shown(path))

    def _inspect(self, path: Path, raw: bytes, old: bytes | None) -> tuple[Document | None, list[Finding]]:
        """Return the document, if it can be read, and what is found in it; `old` is the file at the base."""
        try:
            document = parse(raw, path.as_posix(), patient=True)
        except FrontMatterError as error:
            return None, [_fault(error.code, error.message, error.line)]
        around = Surroundings(
            slug=path.stem,
            today=self.today,
            server_url=self.server_url,
            site=path.parent.parent if (path.parent.parent / "assets").is_dir() else None,
            before=None if old is None or self.base is None else _data_of(old),
        )
        findings = [_fault(fault.code, fault.message, fault.line) for fault in document.faults]
        try:
            findings += check_schema(document.data)
            findings += check_rules(document, around)
            findings += check_body(document)
        except Exception as error:  # noqa: BLE001 - one file must not cost the others their verdict
            findings.append(_fault("unreadable", unforeseen(error)))
        return document, findings

    def _named(self, data: Path) -> dict[str, list[tuple[str, str]]]:
        """Return the identifiers that hand-written data name, each with its places, by what ignores case."""
        if data not in self._data:
            named: dict[str, list[tuple[str, str]]] = defaultdict(list)
            for name in READERS:
                for identifier, line in names_in(data / f"{name}.yml").items():
                    place = f"{data.name}/{name}.yml, line {line}"
                    named[identifier.casefold()].append((identifier, place))
            self._data[data] = dict(named)
        return self._data[data]

    def _folder(self, path: Path) -> "_Folder":
        if path not in self._folders:
            self._folders[path] = _Folder.read(path)
        return self._folders[path]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Folder:
    """The names and ids of a folder, to find what two files claim."""

    stems: dict[str, list[str]]
    """File names by what is the same to a file system that ignores case."""
    ids: dict[str, list[str]]
    """File names by id, without regard to case: so usage is counted."""
    spellings: frozenset[str]
    """The ids as they are written."""

    @classmethod
    def read(cls, folder: Path) -> "_Folder":
        stems: dict[str, list[str]] = defaultdict(list)
        ids: dict[str, list[str]] = defaultdict(list)
        spellings = set()
        for path in sorted(folder.glob("*.md")):
            stems[path.stem.casefold()].append(path.name)
            if path.is_file() and not path.is_symlink():
                with suppress(OSError):  # told where that file is judged
                    identifier = _id_of(_data_of(read_bytes(path)))
                    ids[identifier.casefold()].append(path.name)
                    spellings.add(identifier)
        return cls(stems=stems, ids=ids, spellings=frozenset(spellings - {""}))

    def conflicts(self, path: Path, document: Document | None) -> Iterator[Finding]:
        """Yield an error for each claim of the file that another file makes, too."""
        if others := _but(path, self.stems.get(path.stem.casefold(), [])):
            message = f"{others} differs by case only, which not every system can tell apart; rename it"
            yield _fault("duplicate-file-name", message)
        data = document.data if document else {}
        if (identifier := _id_of(data).casefold()) and (others := _but(path, self.ids.get(identifier, []))):
            message = (
                f"{others} has this id, too (upper and lower case are the same); give each plugin its own"
            )
            yield _fault("duplicate-id", message, None, "id")
        listed = isinstance(data.get("redirect_from"), list)
        for index, redirect in enumerate(redirects_of(data)):
            if redirect.removeprefix("/plugins/").strip("/").casefold() in self.stems:
                message = f"'{redirect}' is the page of a listed plugin; remove it"
                yield _fault("redirect", message, None, "redirect_from", *([index] if listed else []))

    def misspelt(
        self, document: Document | None, named: Mapping[str, list[tuple[str, str]]]
    ) -> Iterator[Finding]:
        """Yield an error for each place of hand-written data that names this id in another spelling.

        It means another plugin when that spelling is registered, too.
        """
        identifier = _id_of(document.data) if document else ""
        for written, place in named.get(identifier.casefold(), []):
            if identifier and written != identifier and written not in self.spellings:
                message = (
                    f"{place} names {quoted(written)}, and upper and lower case count; write the id so, or "
                    "correct that line"
                )
                yield _fault("wrong-case", message, None, "id")


def _but(path: Path, names: list[str]) -> str:
    return ", ".join(name for name in names if name != path.name)


def _id_of(data: dict[str, Any]) -> str:
    identifier = data.get("id")
    return "" if isinstance(identifier, list | dict) else scalar_text(identifier)


def _data_of(raw: bytes) -> dict[str, Any]:
    """Return the front matter, nothing of what cannot be read."""
    try:
        return parse(raw, "", patient=True).data
    except FrontMatterError:
        return {}


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        files = sorted(path.iterdir())
        return [file for file in files if _steers(file)] if path.absolute().name == DATA_FOLDER else files
    path.lstat()  # raises what is the matter
    return [path]


def _steers(path: Path) -> bool:
    """Tell whether the file holds hand-written data that steers installations."""
    return path.suffix == ".yml" and path.stem in READERS and path.absolute().parent.name == DATA_FOLDER


_NOT_A_FILE = "only plain files belong here, no folders and no links; remove it"


def _no_registration(path: Path) -> Finding | None:
    if path.is_symlink() or not path.is_file():
        return _fault("not-a-file", _NOT_A_FILE)
    if path.suffix != ".md":
        return _fault(
            "not-markdown", "only Markdown files (.md) belong here; move it, e.g. images to assets/"
        )
    if not is_slug(path.stem):
        return _fault("file-name", FILE_NAME_FAULT)
    return None


def _fault(code: Code, message: str, line: int | None = 1, *path: str | int) -> Finding:
    return Finding(path=path, code=code, message=message, weight="error", line=line)


def _problem(
    path: Path, finding: Finding, document: Document | None = None, *, warning: bool = False
) -> Problem:
    line = finding.line or (document.line_of(*finding.path) if document else 1)
    return Problem(
        file=_shown(path),
        line=line,
        key=finding.key,
        level="warning" if warning else "error",
        code=finding.code,
        message=finding.message,
    )


def _shown(path: Path) -> str:
    r"""Return the path, from the working directory if it is below; what is no UTF-8 as `\xff`."""
    working = Path.cwd()
    absolute = working / path
    shown = absolute.relative_to(working) if absolute.is_relative_to(working) else path
    return shown.as_posix().encode(errors="surrogateescape").decode(errors="backslashreplace")
