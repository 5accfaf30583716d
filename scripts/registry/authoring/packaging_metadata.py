"""What the packaging files say of a plugin: its name, its makers, its licence. They are read, never run.

Each thing that is told keeps where it stands, so that people see where a value came from. Nothing is
judged here: a value is what was written, bounded, and may be anything.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import getaddresses
from typing import Any, Literal

from registry.sources.base import Blob
from registry.sources.compat import host, packaging_files
from registry.sources.compat.packaging_files import MAX_PACKAGING
from registry.sources.compat.setup_py import SetupPy

Field = Literal[
    "identifier",  # of the plugin in the host
    "name",  # of the project, or of the plugin as people see it
    "summary",
    "author",
    "license",  # free text
    "classifier",
    "url",
    "keyword",
    "requires",  # one requirement of PEP 508
    "python",  # the versions of Python that the project asks for
]

MAX_VALUE = 2_000
"""Characters of a value; what is longer is no name, no sentence and no address."""
MAX_VALUES = 60
"""Values of one field in one file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One value, and where it stands."""

    field: Field
    value: str
    where: str
    """File and key, e.g. `setup.py, plugin_name`."""


def describe(filename: str, group: str, text: str) -> tuple[Told, ...]:
    """Return what a packaging file tells, likeliest first within a field.

    `filename` is `setup.py`, `pyproject.toml` or `setup.cfg`, `group` that of the entry points. What cannot
    be read tells nothing.
    """
    if len(text) > MAX_PACKAGING:
        return ()
    match filename:
        case "setup.py":
            found = _setup_py(text, group)
        case "pyproject.toml":
            found = _pyproject(text, group)
        case "setup.cfg":
            found = _setup_cfg(text, group)
        case _:
            raise ValueError(f"{filename!r} is no packaging file")
    return _bounded(filename, found)


def describe_module(path: str, names: Mapping[str, Field], blob: Blob) -> tuple[Told, ...]:
    """Return the texts that the host reads of `names` (`__plugin_name__` …) in a plugin's module."""
    try:
        bound = host.constants(host.parse(blob), tuple(names))
    except host.GaveUpError as stopped:
        bound = stopped.found
    except (SyntaxError, host.UnclearError):
        return ()
    return _bounded(path, ((names[name], value, name) for name, (value, _) in bound.items()))


_Raw = tuple[Field, Any, str]
"""(field, value of any kind, key)."""


def _bounded(filename: str, found: Iterator[_Raw]) -> tuple[Told, ...]:
    told: dict[tuple[str, str], Told] = {}
    counts: dict[str, int] = {}
    for field, value, key in found:
        bare = value.strip() if isinstance(value, str) else ""
        if field == "summary":
            bare = bare[:MAX_VALUE]  # its beginning is a summary, too
        if not bare or len(bare) > MAX_VALUE or counts.get(field, 0) >= MAX_VALUES:
            continue
        counts[field] = counts.get(field, 0) + 1
        where = f"{filename}, {key[:80]}"
        told.setdefault((field, bare), Told(field=field, value=bare, where=where))
    return tuple(told.values())


def _each(field: Field, values: Any, key: str) -> Iterator[_Raw]:
    """Yield the members of a list; a text counts as its lines or, for keywords, as its words."""
    if isinstance(values, str):
        values = re.split(r"[,\n]" if field == "keyword" else r"\n", values)
    for value in values if isinstance(values, list | tuple) else ():
        yield field, value, key


# --- setup.py --------------------------------------------------------------------------------------------

_NAMES: tuple[tuple[Field, str], ...] = (
    ("identifier", "plugin_identifier"),
    ("name", "plugin_name"),
    ("summary", "plugin_description"),
    ("author", "plugin_author"),
    ("license", "plugin_license"),
    ("url", "plugin_url"),
)
"""The names of OctoPrint's template."""
_PARAMETERS: tuple[tuple[Field, str], ...] = (
    ("identifier", "identifier"),
    ("name", "name"),
    ("summary", "description"),
    ("author", "author"),
    ("license", "license"),
    ("url", "url"),
)
"""Keyword arguments of create_plugin_setup_parameters."""
_ARGUMENTS: tuple[tuple[Field, str], ...] = (*_PARAMETERS[1:], ("python", "python_requires"))
"""Keyword arguments of setup()."""


def _setup_py(text: str, group: str) -> Iterator[_Raw]:
    setup = SetupPy(text)
    for field, name in _NAMES:
        yield field, setup.value(name), name
    yield from _each("requires", setup.value("plugin_requires"), "plugin_requires")
    for given in setup.created():
        for field, name in _PARAMETERS:
            yield field, given.get(name), name
        yield from _each("requires", given.get("requires"), "requires")
    for call in setup.setups():
        for field, name in _ARGUMENTS:
            yield field, call.get(name), name
        yield from _each("requires", call.get("install_requires"), "install_requires")
        yield from _each("classifier", call.get("classifiers"), "classifiers")
        yield from _each("keyword", call.get("keywords"), "keywords")
        yield from _urls(call.get("project_urls"), "project_urls")
        for name, _, _ in packaging_files.entry_points(call.get("entry_points"), group):
            yield "identifier", name, f"entry point of {group}"


# --- pyproject.toml --------------------------------------------------------------------------------------


def _pyproject(text: str, group: str) -> Iterator[_Raw]:
    try:
        data = packaging_files.toml_tables(text)
    except tomllib.TOMLDecodeError:
        return
    project = _table(data.get("project"))
    yield from _points(_table(project.get("entry-points")), group, "project.entry-points")
    yield "name", project.get("name"), "project.name"
    yield "summary", project.get("description"), "project.description"
    for author in _members(project.get("authors")):
        yield "author", _table(author).get("name"), "project.authors"
    given = project.get("license")
    yield "license", given if isinstance(given, str) else _table(given).get("text"), "project.license"
    yield from _each("classifier", project.get("classifiers"), "project.classifiers")
    yield from _each("keyword", project.get("keywords"), "project.keywords")
    yield from _urls(project.get("urls"), "project.urls")
    yield from _each("requires", project.get("dependencies"), "project.dependencies")
    yield "python", project.get("requires-python"), "project.requires-python"
    yield from _poetry(_table(_table(data.get("tool")).get("poetry")), group)


def _poetry(poetry: Mapping[str, Any], group: str) -> Iterator[_Raw]:
    yield from _points(_table(poetry.get("plugins")), group, "tool.poetry.plugins")
    yield "name", poetry.get("name"), "tool.poetry.name"
    yield "summary", poetry.get("description"), "tool.poetry.description"
    yield "license", poetry.get("license"), "tool.poetry.license"
    for author in _members(poetry.get("authors")):
        yield "author", person(author) if isinstance(author, str) else None, "tool.poetry.authors"
    yield from _each("keyword", poetry.get("keywords"), "tool.poetry.keywords")
    for name in ("homepage", "repository", "documentation"):
        yield "url", poetry.get(name), f"tool.poetry.{name}"
    for name, given in list(_table(poetry.get("dependencies")).items())[:MAX_VALUES]:
        asked = _poetry_range(given if isinstance(given, str) else _table(given).get("version"))
        if asked and name == "python":
            yield "python", asked, "tool.poetry.dependencies.python"
        elif asked:
            yield "requires", f"{name}{asked}", f"tool.poetry.dependencies.{name}"


_CARET = re.compile(r"\^ ?([1-9][0-9]{0,3})((?:\.[0-9]{1,4}){0,3})")


def _poetry_range(given: Any) -> str:
    """Return Poetry's `^3.7` as PEP 440 has it, what PEP 440 reads as it stands; "" for anything else."""
    if not isinstance(given, str) or len(given) > 100:
        return ""
    if caret := _CARET.fullmatch(given.strip()):
        return f">={caret[1]}{caret[2]},<{int(caret[1]) + 1}"
    return given.strip() if re.match(r"\s*[<>=!~]", given) else ""


def _points(tables: Mapping[str, Any], group: str, where: str) -> Iterator[_Raw]:
    # A table whose dots were not quoted is a table in a table.
    table: Any = tables.get(group)
    if table is None:
        table = tables
        for part in group.split("."):
            table = _table(table).get(part)
    for name in list(_table(table))[:MAX_VALUES]:
        yield "identifier", name, f'{where}."{group}"'


# --- setup.cfg -------------------------------------------------------------------------------------------

_METADATA: tuple[tuple[Field, str], ...] = (
    ("name", "name"),
    ("summary", "description"),
    ("summary", "summary"),
    ("author", "author"),
    ("license", "license"),
    ("url", "url"),
    ("url", "home_page"),
    ("url", "home-page"),
)


def _setup_cfg(text: str, group: str) -> Iterator[_Raw]:
    sections = packaging_files.ini_sections(text)
    metadata, options = sections.get("metadata", {}), sections.get("options", {})
    points = sections.get("options.entry_points", sections.get("entry_points"))
    for name, _, _ in packaging_files.entry_points(points, group):
        yield "identifier", name, "options.entry_points"
    for field, name in _METADATA:
        yield field, _literal(metadata.get(name)), f"metadata.{name}"
    yield from _each("classifier", _literal(metadata.get("classifiers")), "metadata.classifiers")
    yield from _each("keyword", _literal(metadata.get("keywords")), "metadata.keywords")
    pairs = (line.partition("=") for line in _literal(metadata.get("project_urls")).split("\n"))
    yield from _urls({name.strip(): url.strip() for name, _, url in pairs}, "metadata.project_urls")
    yield from _each("requires", _literal(options.get("install_requires")), "options.install_requires")
    yield "python", _literal(options.get("python_requires")), "options.python_requires"


def _literal(value: str | None) -> str:
    """Return a value that stands in the file itself, "" for `file:` and `attr:`, which lead elsewhere."""
    return "" if value is None or value.lstrip().startswith(("file:", "attr:")) else value


# --- what they share -------------------------------------------------------------------------------------


def person(text: str) -> str:
    """Return the name in `Ada Lovelace <ada@example.com>`; "" where there is an address alone."""
    name, address = next(iter(getaddresses([text[:500]])), ("", ""))
    return name or ("" if "@" in address else text.strip())


def _urls(urls: Any, where: str) -> Iterator[_Raw]:
    """Yield the addresses, a homepage first."""
    pairs = [(str(label), url) for label, url in list(_table(urls).items())[:MAX_VALUES]]
    for label, url in sorted(pairs, key=lambda pair: re.sub(r"\W", "", pair[0]).lower() != "homepage"):
        yield "url", url, f"{where}.{label}"


def _table(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _members(value: Any) -> list[Any]:
    return value[:MAX_VALUES] if isinstance(value, list) else []
