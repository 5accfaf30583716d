"""The registrations of a folder, as the build takes them: patient with what stands, firm with what harms.

Only what would make the build or a page wrong is looked at here, so that 10,000 files take seconds; the whole
schema is the validator's.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from registry.quarantine.left_out import LeftOut, left_out
from registry.registration.frontmatter import Document, FrontMatterError, parse, read_bytes, unforeseen
from registry.registration.model import Registration, is_slug, parse_repo
from registry.registration.values import (
    COMPUTED_KEYS,
    FILE_NAME_FAULT,
    RENDERER_KEYS,
    URL_KEYS,
    day_of,
    has_control,
    id_fault,
    python_fault,
    redirect_fault,
    redirects_of,
    url_fault,
)
from registry.registration.yaml_reader import kind_of
from registry.text.problems import Code, Level, Problem
from registry.text.scalars import scalar_text

__all__ = ["Loaded", "Refused", "Registration", "load_registrations"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A file of the folder that cannot be published, and why."""

    path: Path
    plugin: str
    """Its id, or the file's name without `.md` where no id can be read, or another plugin has it."""
    source: str
    """Where the plugin's code lives, "" where the file names no safe address."""
    key: str
    code: Code
    message: str
    line: int

    @property
    def problem(self) -> Problem:
        """Return it as an error of its file."""
        return _problem(self.path, self.line, self.key, "error", self.code, self.message)

    @property
    def entry(self) -> LeftOut:
        """Return it as what the build leaves out. Its message names the line, as errors.json has no other."""
        where = f"line {self.line}: " if self.line > 1 else ""
        slug = self.path.stem if self.path.suffix == ".md" and is_slug(self.path.stem) else ""
        return left_out(
            self.plugin,
            "registration",
            self.code,
            where + (f"{self.key}: {self.message}" if self.key else self.message),
            slug=slug,
            file=self.path.as_posix(),
            line=self.line,
            source=self.source,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What a folder held."""

    registrations: tuple[Registration, ...] = ()
    """Sorted by slug."""
    refused: tuple[Refused, ...] = ()
    """Files that are left out."""
    warnings: tuple[Problem, ...] = ()
    """What was read over."""

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Return an error for each file that is left out, and the warnings; sorted by file."""
        problems = [*self.warnings, *(each.problem for each in self.refused)]
        return tuple(sorted(problems, key=lambda problem: (problem.file, problem.line)))

    @property
    def left_out(self) -> dict[str, str]:
        """Return file name to the reason, in words."""
        return {each.path.name: each.message for each in self.refused}


class _LeftOut(Exception):
    """A file that cannot be published, and why."""

    def __init__(self, key: str, code: Code, message: str, line: int = 1) -> None:
        super().__init__(key, code, message, line)
        self.key = key
        self.code: Code = code
        self.message = message
        self.line = line


def load_registrations(
    folder: Path, server_url: str, *, only: Collection[str] = (), published: Collection[str] = ()
) -> Loaded:
    """Return what can be published of the folder, and what cannot with its reason. Writes nothing.

    With `only`, those registrations whose id or slug is named. `server_url`: see `parse_repo`. `published`:
    the ids of the last build, which no newcomer takes. Raises OSError when there is no such folder.
    """
    found: dict[str, Registration] = {}
    refused: list[Refused] = []
    warnings: list[Problem] = []

    def leave_out(path: Path, reason: _LeftOut, data: Mapping[str, Any]) -> None:
        found.pop(path.name, None)
        refused.append(_refused(path, reason, data))

    paths = sorted(folder.iterdir())
    for path in paths:
        document = None
        try:
            document = _read(path, only)
            if document is not None:
                found[path.name] = _registration(path, document, server_url)
                warnings.extend(_read_over(path, document))
        except _LeftOut as reason:
            leave_out(path, reason, document.data if document else {})
        except Exception as error:  # noqa: BLE001 - one file must not cost the others theirs
            leave_out(path, _LeftOut("", "unreadable", unforeseen(error)), {})
    ids = frozenset(published)
    for rival, claim in [*_rivals(found.values(), ids), *_squatters(found.values(), paths, ids)]:
        leave_out(Path(rival.path), claim, rival.data)
    registrations = (r for r in found.values() if not only or r.id in only or r.slug in only)
    return Loaded(
        registrations=tuple(sorted(registrations, key=lambda registration: registration.slug)),
        refused=tuple(refused),
        warnings=tuple(warnings),
    )


def _refused(path: Path, reason: _LeftOut, data: Mapping[str, Any]) -> Refused:
    plugin, source = _text(data.get("id")), _text(data.get("source"))
    is_own = plugin and not id_fault(plugin) and reason.code != "duplicate-id"
    return Refused(
        path=path,
        plugin=plugin if plugin and is_own else path.name.removesuffix(".md"),
        source=source if source and not url_fault(source) else "",
        key=reason.key,
        code=reason.code,
        message=reason.message,
        line=reason.line,
    )


def _problem(path: Path, line: int, key: str, level: Level, code: Code, message: str) -> Problem:
    return Problem(file=path.as_posix(), line=line, key=key, level=level, code=code, message=message)


def _read(path: Path, only: Collection[str]) -> Document | None:
    """Return the document of a file, None for one that `only` does not mean. Raises _LeftOut."""
    if path.suffix != ".md" or path.is_symlink() or not path.is_file():
        raise _LeftOut("", "not-markdown", "only Markdown files belong here; remove it")
    if not is_slug(path.stem):
        raise _LeftOut("", "file-name", FILE_NAME_FAULT)
    try:
        raw = read_bytes(path)
    except OSError as error:
        raise _LeftOut("", "unreadable", f"the file cannot be read ({error.strerror})") from None
    if only and path.stem not in only and not any(name.encode() in raw for name in only):
        return None
    try:
        return parse(raw, path.as_posix(), patient=True)
    except FrontMatterError as error:
        raise _LeftOut("", error.code, error.message, error.line) from None


def _registration(path: Path, document: Document, server_url: str) -> Registration:
    """Return the registration of a document. Raises _LeftOut when it cannot be rendered safely."""
    data = document.data
    for key, code, message in _hazards(data):
        raise _LeftOut(key, code, message, document.line_of(key))

    def text(key: str) -> str:
        return _text(data.get(key)) or ""

    return Registration(
        slug=path.stem,
        path=path.as_posix(),
        id=text("id"),
        title=text("title"),
        description=text("description"),
        authors=_authors(data),
        date=day_of(data.get("date")),
        homepage=text("homepage"),
        source=text("source"),
        archive=text("archive"),
        repo=parse_repo(text("source"), server_url),
        python=_python(data),
        pypi=text("pypi") or None,
        data=data,
        body=document.body,
    )


def _hazards(data: dict[str, Any]) -> Iterator[tuple[str, Code, str]]:
    """Yield (key, code, message) of what would make a page or a feed wrong or unsafe."""
    for key in data:
        if key in COMPUTED_KEYS:
            yield key, "computed-key", "only the build writes this key; remove it"
        if key in RENDERER_KEYS:
            yield key, "unknown-key", "this key would steer the renderer; remove it"
    if data.get("layout", "plugin") != "plugin":
        yield "layout", "layout", "a registration has no other layout; write 'layout: plugin'"
    for key in ("id", "title", "description"):
        text = _text(data.get(key))
        if text is None:
            yield key, "wrong-type", f"must be text, not {kind_of(data[key])}; put it in quotes"
        elif has_control(text):
            yield key, "control-character", "the text holds a control character; delete it"
        elif not text and key != "description":
            yield key, "missing-key", "this key has no value; every page and feed needs it"
        elif key == "id" and (fault := id_fault(text)):
            yield key, "id", fault
    for key in URL_KEYS:
        url = _text(data.get(key))
        if url is None:
            yield key, "wrong-type", f"must be an address, not {kind_of(data[key])}; put it in quotes"
        elif url and (fault := url_fault(url)):
            yield key, "url", fault
    if data.get("date") is not None and day_of(data["date"]) is None:
        yield "date", "date", "this is no day of the calendar; write e.g. 2024-10-07"
    for redirect in redirects_of(data):
        if fault := redirect_fault(redirect):
            yield "redirect_from", "redirect", fault


def _text(value: object) -> str | None:
    """Return a scalar as the text that was meant, "" for nothing, None for what is no text."""
    return None if isinstance(value, bool | list | dict) else scalar_text(value).strip()


def _authors(data: dict[str, Any]) -> tuple[str, ...]:
    """Return the names of `authors` or, without it, of `author`; a name is never split."""
    names = data.get("authors") or data.get("author") or []
    texts = (_text(name) for name in (names if isinstance(names, list) else [names]))
    return tuple(text for text in texts if text and not has_control(text))


def _python(data: dict[str, Any]) -> str | None:
    compatibility = data.get("compatibility")
    python = compatibility.get("python") if isinstance(compatibility, dict) else None
    return python if isinstance(python, str) and not python_fault(python) else None


def _read_over(path: Path, document: Document) -> Iterator[Problem]:
    """Yield a warning for each thing that the build can live with."""
    for fault in document.faults:
        yield _problem(path, fault.line, "", "warning", fault.code, fault.message)
    for key in ("description", *URL_KEYS, "date"):
        if document.data.get(key) is None:
            message = "this key has no value; every page and feed needs it"
            yield _problem(path, document.line_of(key), key, "warning", "missing-key", message)


def _rivals(
    found: Iterable[Registration], published: Collection[str]
) -> Iterator[tuple[Registration, _LeftOut]]:
    """Yield each registration that must yield its id: usage is counted without regard to case.

    The id as it was published last keeps its place, then the file named after its id, else the first by name.
    """
    groups: dict[str, list[Registration]] = {}
    for registration in found:
        groups.setdefault(registration.id.casefold(), []).append(registration)
    for group in groups.values():
        keeper, *rivals = sorted(
            group, key=lambda rival: (rival.id not in published, rival.slug != rival.id, rival.slug)
        )
        for rival in rivals:
            message = f"{Path(keeper.path).name} has the id {keeper.id!r}; give each plugin an id of its own"
            yield rival, _LeftOut("id", "duplicate-id", message)


def _squatters(
    found: Collection[Registration], paths: Iterable[Path], published: Collection[str]
) -> Iterator[tuple[Registration, _LeftOut]]:
    """Yield each registration that would redirect the page of a listed plugin to its own.

    A newcomer takes no former address either that one which was published redirects. One that was published
    before a file came to the address that it redirects stays, and the page is the file's: nobody loses a
    plugin because of a newcomer's name.
    """
    slugs = {path.stem for path in paths}
    old = {r.slug for r in found if r.id in published} | set(published).difference(r.id for r in found)
    claimed = {
        _slug_of(path).casefold(): r for r in found if r.id in published for path in redirects_of(r.data)
    }
    for registration in found:
        is_new = registration.id not in published
        for redirect in redirects_of(registration.data):
            slug = _slug_of(redirect)
            if slug in slugs and (is_new or slug in old):
                message = f"'{redirect}' is the page of a listed plugin; remove it"
            elif is_new and (owner := claimed.get(slug.casefold())):
                message = f"'{redirect}' leads to {owner.id!r} already; remove it"
            else:
                continue
            yield registration, _LeftOut("redirect_from", "redirect", message)
            break


def _slug_of(redirect: str) -> str:
    return redirect.removeprefix("/plugins/").strip("/")
