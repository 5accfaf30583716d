"""Which module a repository's packaging files name as the plugin. The files are read as data, never run."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from registry.sources.compat.setup_py import SetupPy

MAX_PACKAGING = 128_000
"""Characters of a packaging file that is read."""
MAX_CANDIDATES = 4

_MODULE = re.compile(r"[^\W\d][\w-]{0,79}(?:\.[^\W\d][\w-]{0,79}){0,5}")
_FOLDER = re.compile(r"\w[\w.-]{0,79}(?:/\w[\w.-]{0,79}){0,3}")
_LONG_KEY = re.compile(r"(?<![\w\"'-])(?:[\w\"'-]++[ \t]*+\.[ \t]*+){30}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A module that may be the plugin."""

    module: str
    rule: str
    entry_point: str = ""
    written: str = ""
    """The entry point's value, where it is more than a module: the host can load none such."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What one packaging file tells."""

    candidates: tuple[Candidate, ...] = ()
    folders: Mapping[str, str] = field(default_factory=dict)
    """Package to its folder, `""` to the folder that holds all packages."""


def fold(name: str) -> str:
    """Return `name` as ids are compared when looking: without case, with - . _ and + the same."""
    return re.sub(r"[-_.+]+", "_", name).lower()


def is_module(name: object) -> bool:
    """Whether `name` is a dotted name whose parts are letters, digits, _ and -: nothing else becomes a path.

    The host finds a package by its folder, so that one with a hyphen is found.
    """
    return isinstance(name, str) and _MODULE.fullmatch(name) is not None


def folder(value: Any) -> str | None:
    """Return a folder of the repository as it is written in a packaging file, None if it leaves it."""
    if not isinstance(value, str):
        return None
    bare = value.strip().replace("\\", "/").removeprefix("./").rstrip("/")
    if bare in ("", "."):
        return ""
    return bare if _FOLDER.fullmatch(bare) else None


def from_setup_py(text: str, plugin_id: str, prefix: str, group: str) -> Declared:
    """Read setup.py: what its call of setup() was given, else the names by which plugins set it up."""
    if len(text) > MAX_PACKAGING:
        return Declared()
    setup = SetupPy(text)
    calls = setup.setups()
    package, identifier = _template_names(setup)
    candidates: list[Candidate] = []
    for call in calls:
        for entry, module, written in _chosen(entry_points(call.get("entry_points"), group), plugin_id):
            rule = _rule(setup, module) if module == package else "setup.py:entry-point"
            candidates.append(Candidate(module=module, rule=rule, entry_point=entry, written=written))
    if is_module(package):
        candidates.append(Candidate(module=package, rule=_rule(setup, package), entry_point=identifier))
    elif identifier and is_module(prefix + identifier):
        module = prefix + identifier
        candidates.append(Candidate(module=module, rule="setup.py:plugin_identifier", entry_point=identifier))
    for call in calls:
        for key in ("py_modules", "packages"):
            candidates += [
                Candidate(module=module, rule=f"setup.py:{key}")
                for module in _likely(call.get(key), plugin_id, prefix)
            ]
    folders: dict[str, str] = {}
    for call in calls:
        folders.update(_folders(call.get("package_dir")))
    return Declared(candidates=_unique(candidates), folders=folders)


def from_pyproject(text: str, plugin_id: str, prefix: str, group: str) -> Declared:
    """Read pyproject.toml: PEP 621's entry points, Poetry's and Flit's. A broken file says nothing."""
    del prefix
    try:
        data = toml_tables(text)
    except tomllib.TOMLDecodeError:
        return Declared()
    tools = _table(data, "tool")
    candidates: list[Candidate] = []
    for rule, tables in (
        ("pyproject:entry-point", _table(data, "project", "entry-points")),
        ("pyproject:poetry", _table(tools, "poetry", "plugins")),
        ("pyproject:flit", _table(tools, "flit", "entrypoints")),
    ):
        # A table whose dots were not quoted is a table in a table.
        points = tables.get(group, _table(tables, *group.split(".")))
        candidates += [
            Candidate(module=module, rule=rule, entry_point=entry, written=written)
            for entry, module, written in _chosen(entry_points({group: points}, group), plugin_id)
        ]
    setuptools = _table(tools, "setuptools")
    folders = _folders(setuptools.get("package-dir"))
    where = _table(setuptools, "packages", "find").get("where")
    _set_root(folders, where[0] if isinstance(where, list) and where else where)
    for package in _list(_table(tools, "poetry").get("packages")):
        if isinstance(package, dict):
            _set_root(folders, package.get("from"))
    for package in _list(_table(tools, "hatch", "build", "targets", "wheel").get("packages")):
        inside = folder(package)
        if inside and "/" in inside:
            folders.setdefault(inside.rpartition("/")[2], inside)
    return Declared(candidates=_unique(candidates), folders=folders)


def from_setup_cfg(text: str, plugin_id: str, prefix: str, group: str) -> Declared:
    """Read setup.cfg: `[options.entry_points]`, `py_modules`, `package_dir`, `packages.find`."""
    sections = ini_sections(text)
    options = sections.get("options", {})
    points = sections.get("options.entry_points", sections.get("entry_points"))
    candidates = [
        Candidate(module=module, rule="setup.cfg:entry-point", entry_point=entry, written=written)
        for entry, module, written in _chosen(entry_points(points, group), plugin_id)
    ]
    modules = re.split(r"[\s,]+", options.get("py_modules", options.get("py-modules", "")))
    candidates += [
        Candidate(module=module, rule="setup.cfg:py_modules")
        for module in _likely(modules, plugin_id, prefix)
    ]
    given = options.get("package_dir", options.get("package-dir", ""))
    pairs = (part.partition("=") for part in re.split(r"[\n,]", given))
    folders = _folders({key.strip(): value.strip() for key, equals, value in pairs if equals})
    _set_root(folders, sections.get("options.packages.find", {}).get("where", "").strip() or None)
    return Declared(candidates=_unique(candidates), folders=folders)


# --- what names a module ---------------------------------------------------------------------------------


def _template_names(setup: SetupPy) -> tuple[Any, str]:
    """Return the package and the identifier that OctoPrint's template is filled in with."""
    package, identifier = None, None
    for given in setup.created():
        package, identifier = given.get("package") or package, given.get("identifier") or identifier
    for lower in ("plugin_package", "plugin_identifier"):
        value = setup.value(lower) or setup.value(lower.upper())
        if lower == "plugin_package":
            package = package or value
        else:
            identifier = identifier or value
    return package, identifier if isinstance(identifier, str) else ""


def _rule(setup: SetupPy, module: str) -> str:
    formatted = any(
        setup.is_formatted(name) and setup.value(name) == module
        for name in ("plugin_package", "PLUGIN_PACKAGE", "package")
    )
    return "setup.py:format" if formatted else "setup.py:plugin_package"


def _likely(modules: Any, plugin_id: str, prefix: str) -> list[str]:
    """Return the module of a list that is named after the plugin, or the only one with the prefix."""
    found = [name for name in _list(modules) if is_module(name) and "." not in name]
    found = [name for name in found if prefix and name.lower().startswith(prefix.lower())]
    same = [name for name in found if fold(name) == fold(prefix + plugin_id)]
    return same or (found if len(found) == 1 else [])


Entry = tuple[str, str, str]
"""(id, module, what is written, where that is more than a module)."""


def entry_points(value: Any, group: str) -> list[Entry]:
    """Return the entries of `group` in an `entry_points` argument: a dictionary, or ini text."""
    if isinstance(value, str):
        value = ini_sections(value)
    points = value.get(group) if isinstance(value, dict) else None
    if isinstance(points, dict):
        pairs = [(str(name), raw) for name, raw in points.items() if isinstance(raw, str)]
    else:
        lines = points.split("\n") if isinstance(points, str) else _list(points)
        parts = [line.partition("=") for line in lines if isinstance(line, str)]
        pairs = [(name, raw) for name, equals, raw in parts if equals]
    entries = []
    for name, raw in pairs:
        written = raw.strip()
        module = written.split("[")[0].split(":")[0].strip()
        bare = module.removesuffix(".__init__")
        if is_module(bare):
            entries.append((name.strip(), bare, written[:100] if written != module else ""))
    return entries


def _chosen(entries: Sequence[Entry], plugin_id: str) -> list[Entry]:
    """Return the entry of this plugin: by its id, by its id folded, or the only one there is."""
    exact = [entry for entry in entries if entry[0] == plugin_id]
    alike = [entry for entry in entries if fold(entry[0]) == fold(plugin_id)]
    only = list(entries) if len({entry[1] for entry in entries}) == 1 else []
    return (exact or alike or only)[:1]


def _unique(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    first: dict[str, Candidate] = {}
    for candidate in candidates:
        first.setdefault(candidate.module, candidate)
    return tuple(first.values())[:MAX_CANDIDATES]


# --- folders ---------------------------------------------------------------------------------------------


def _folders(value: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for package, raw in value.items() if isinstance(value, dict) else ():
        inside = folder(raw)
        if inside is not None and (package == "" or is_module(package)):
            found[package] = inside
    return found


def _set_root(folders: dict[str, str], value: Any) -> None:
    if inside := folder(value):
        folders.setdefault("", inside)


# --- the formats -----------------------------------------------------------------------------------------


def toml_tables(text: str) -> dict[str, Any]:
    """Return the tables of a TOML file. Raises tomllib.TOMLDecodeError."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if len(text) > MAX_PACKAGING or _LONG_KEY.search(text):
        # The time that tomllib takes grows with the square of a key's dots.
        raise tomllib.TOMLDecodeError("too much to read")
    try:
        return tomllib.loads(text)
    except (RecursionError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise tomllib.TOMLDecodeError(type(error).__name__) from None


def ini_sections(text: str) -> dict[str, dict[str, str]]:
    """Return the sections of a setup.cfg. More patient than configparser: what does not fit is passed over.

    An option continues on lines that are indented deeper than itself; entry_points.txt may be indented whole.
    """
    sections: dict[str, dict[str, str]] = {}
    section: dict[str, str] = {}
    option, indent = "", 0
    lines: list[str] = []
    for raw in text[:MAX_PACKAGING].removeprefix("\ufeff").replace("\r", "\n").split("\n"):
        bare = raw.strip()
        if not bare or bare.startswith(("#", ";")):
            continue
        deep = len(raw) - len(raw.lstrip())
        if bare.startswith("[") and bare.endswith("]") and "=" not in bare:
            section = sections.setdefault(bare[1:-1].strip(), {})
            option = ""
        elif option and deep > indent:
            lines.append(bare)
            section[option] = "\n".join(lines) if len(lines) < 500 else section[option]
        else:
            name, separator, value = bare.partition("=") if "=" in bare else bare.partition(":")
            if separator:
                option, indent, lines = name.strip(), deep, [value.split(" #")[0].strip()]
                section[option] = lines[0]
    return sections


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else ()


def _table(data: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    found: Any = data
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}
