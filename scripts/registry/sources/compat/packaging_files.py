"""Which module a repository's packaging files name as the plugin. The files are read as text, never run."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from registry.sources.compat.cutting import TooMuch
from registry.sources.compat.expressions import OutOfSteps
from registry.sources.compat.interpreter import Interpreter
from registry.sources.compat.lexing import normalise
from registry.sources.compat.reader import read
from registry.sources.compat.scope import Binding

MAX_PACKAGING = 128_000
"""Characters of a packaging file that are looked at."""
MAX_CANDIDATES = 4

_MODULE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,79}(?:\.[A-Za-z_][A-Za-z0-9_]{0,79}){0,5}")
_FOLDER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,79}(?:/[A-Za-z0-9_][A-Za-z0-9_.-]{0,79}){0,3}")
_TOML_HEADER = re.compile(r"[ \t]*\[+([^\[\]\n]+)\]+[ \t]*(?:#.*)?")
_LONG_KEY = re.compile(r"(?<![\w\"'-])(?:[\w\"'-]++[ \t]*+\.[ \t]*+){30}")
_TOML_PAIR = re.compile(r"""[ \t]*["']?([^"'=\s][^"'=\n]*?)["']?[ \t]*=[ \t]*["']([^"'\n]*)["']""")
_SEEDS = frozenset(
    (
        "setup",
        "create_plugin_setup_parameters",
        "additional_setup_parameters",
        "plugin_package",
        "plugin_identifier",
        "PLUGIN_PACKAGE",
        "PLUGIN_IDENTIFIER",
    )
)
"""Names that a setup.py too large to be followed whole is read for."""
_PACKAGE_NAMES = ("plugin_package", "PLUGIN_PACKAGE", "package")
_IDENTIFIER_NAMES = ("plugin_identifier", "PLUGIN_IDENTIFIER", "identifier")


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A module that may be the plugin."""

    module: str
    rule: str
    entry_point: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What one packaging file tells."""

    candidates: tuple[Candidate, ...] = ()
    folders: Mapping[str, str] = field(default_factory=dict)
    """Package to its folder, `""` to the folder that holds all packages."""


def fold(name: str) -> str:
    """Return `name` as ids are compared when looking: without case, with - . _ and + the same."""
    return re.sub(r"[-_.+]+", "_", name).lower()


def is_module(name: str) -> bool:
    """Whether `name` is a dotted name of plain ASCII identifiers: nothing else ever becomes a path."""
    return _MODULE.fullmatch(name) is not None


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
    interpreter = Interpreter(
        "setup.py", module="__main__", is_package=False, package_prefix=prefix, entry_point_group=group
    )
    # Where it is too much, what was bound until then still counts.
    with suppress(TooMuch, OutOfSteps, RecursionError):
        interpreter.run(read(normalise(text), _SEEDS, everything=True).body)
    names = {name: binding for name, binding in interpreter.top.names.items() if binding is not None}
    extra = _known(names, "additional_setup_parameters")
    calls = [*interpreter.setups, extra if isinstance(extra, dict) else {}]
    candidates: list[Candidate] = []
    for call in calls:
        for entry, module in _chosen(_entries(call.get("entry_points"), group), plugin_id):
            candidates.append(
                Candidate(module=module, rule=_setup_rule(names, module, prefix, entry), entry_point=entry)
            )
    candidates += _by_name(interpreter, names, prefix)
    for call in calls:
        for key, rule in (("py_modules", "setup.py:py_modules"), ("packages", "setup.py:packages")):
            candidates += [
                Candidate(module=module, rule=rule) for module in _likely(call.get(key), plugin_id, prefix)
            ]
    folders: dict[str, str] = {}
    for call in calls:
        folders.update(_folders(call.get("package_dir")))
    return Declared(candidates=_unique(candidates), folders=folders)


def from_pyproject(text: str, plugin_id: str, prefix: str, group: str) -> Declared:
    """Read pyproject.toml: PEP 621's entry points, Poetry's and Flit's; a broken file line by line."""
    del prefix
    if len(text) > MAX_PACKAGING:
        return Declared()
    try:
        data = toml_tables(text)
    except tomllib.TOMLDecodeError:
        return _broken_pyproject(_unix(text), plugin_id, group)
    tools = _table(data, "tool")
    candidates: list[Candidate] = []
    for rule, table in (
        ("pyproject:entry-point", _table(data, "project", "entry-points")),
        ("pyproject:poetry", _table(tools, "poetry", "plugins")),
        ("pyproject:flit", _table(tools, "flit", "entrypoints")),
    ):
        # A table whose dots were not quoted is a table in a table.
        points = table.get(group, _table(table, *group.split(".")))
        candidates += [
            Candidate(module=module, rule=rule, entry_point=entry)
            for entry, module in _chosen(_pairs(points), plugin_id)
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
    if len(text) > MAX_PACKAGING:
        return Declared()
    sections = _ini(text)
    options = sections.get("options", {})
    points = sections.get("options.entry_points", sections.get("entry_points"))
    candidates = [
        Candidate(module=module, rule="setup.cfg:entry-point", entry_point=entry)
        for entry, module in _chosen(_entries(points, group), plugin_id)
    ]
    modules = re.split(r"[\s,]+", options.get("py_modules", options.get("py-modules", "")))
    candidates += [
        Candidate(module=module, rule="setup.cfg:py_modules")
        for module in _likely(modules, plugin_id, prefix)
    ]
    given = options.get("package_dir", options.get("package-dir", ""))
    folders = _folders(
        {
            key.strip(): value.strip()
            for key, eq, value in (p.partition("=") for p in re.split(r"[\n,]", given))
            if eq
        }
    )
    _set_root(folders, sections.get("options.packages.find", {}).get("where", "").strip() or None)
    return Declared(candidates=_unique(candidates), folders=folders)


def toml_tables(text: str) -> dict[str, Any]:
    """Return the tables of a TOML file, in a time that its length bounds. Raises tomllib.TOMLDecodeError."""
    text = _unix(text)
    if _LONG_KEY.search(text):
        # The time that tomllib takes grows with the square of a key's dots.
        raise tomllib.TOMLDecodeError("a key has too many dots")
    try:
        return tomllib.loads(text)
    except (RecursionError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise tomllib.TOMLDecodeError(type(error).__name__) from None


def ini_sections(text: str) -> dict[str, dict[str, str]]:
    """Return the sections of a setup.cfg; what does not fit is passed over."""
    return _ini(text)


def entry_points(value: Any, group: str) -> list[tuple[str, str]]:
    """Return (name, module) of `group` in an `entry_points` argument: a dictionary, or ini text."""
    return _entries(value, group)


def _unix(text: str) -> str:
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


# --- setup.py --------------------------------------------------------------------------------------------


def _known(names: Mapping[str, Binding], *wanted: str) -> Any:
    return next((names[name].value for name in wanted if name in names), None)


def _setup_rule(names: Mapping[str, Binding], module: str, prefix: str, entry: str) -> str:
    for name in _PACKAGE_NAMES:
        if name in names and names[name].value == module:
            return "setup.py:format" if "format" in names[name].tags else "setup.py:plugin_package"
    identifier = _known(names, *_IDENTIFIER_NAMES)
    if isinstance(identifier, str) and entry == identifier and module == prefix + identifier:
        return "setup.py:plugin_identifier"
    return "setup.py:entry-point"


def _by_name(interpreter: Interpreter, names: Mapping[str, Binding], prefix: str) -> Iterator[Candidate]:
    """Yield what the names of OctoPrint's plugin template say, for a setup() that could not be followed."""
    for given in interpreter.created:
        package, identifier = given.get("package"), given.get("identifier")
        entry = identifier if isinstance(identifier, str) else ""
        if isinstance(package, str) and is_module(package):
            yield Candidate(
                module=package, rule=_setup_rule(names, package, prefix, entry), entry_point=entry
            )
    for name in _PACKAGE_NAMES[:2]:
        package = _known(names, name)
        if isinstance(package, str) and is_module(package):
            entry = _known(names, *_IDENTIFIER_NAMES[:2])
            yield Candidate(
                module=package,
                rule=_setup_rule(names, package, prefix, ""),
                entry_point=entry if isinstance(entry, str) else "",
            )
    identifier = _known(names, *_IDENTIFIER_NAMES[:2])
    if isinstance(identifier, str) and is_module(prefix + identifier):
        yield Candidate(module=prefix + identifier, rule="setup.py:plugin_identifier", entry_point=identifier)


def _likely(modules: Any, plugin_id: str, prefix: str) -> list[str]:
    """Return the module of a list that is named after the plugin, or the only one with the prefix."""
    found = [name for name in _list(modules) if isinstance(name, str) and is_module(name) and "." not in name]
    found = [name for name in found if prefix and name.lower().startswith(prefix.lower())]
    same = [name for name in found if fold(name) == fold(prefix + plugin_id)]
    return same or (found if len(found) == 1 else [])


# --- entry points ----------------------------------------------------------------------------------------


def _entries(value: Any, group: str) -> list[tuple[str, str]]:
    """Return (id, module) of `group` in an `entry_points` argument: a dictionary, or ini text."""
    if isinstance(value, str):
        value = _ini(value)
    if not isinstance(value, dict):
        return []
    points = value.get(group)
    if isinstance(points, str):
        points = points.split("\n")
    if isinstance(points, dict):
        return _pairs(points)
    pairs = (point.partition("=") for point in _list(points) if isinstance(point, str))
    return [(name.strip(), module) for name, eq, raw in pairs if eq and (module := _module_of(raw))]


def _pairs(points: Any) -> list[tuple[str, str]]:
    if not isinstance(points, dict):
        return []
    return [
        (str(name).strip(), module)
        for name, raw in points.items()
        if isinstance(raw, str) and (module := _module_of(raw))
    ]


def _module_of(value: str) -> str:
    """Return the module of `pkg.module:attribute [extra]`; empty where it is none."""
    bare = value.split("[")[0].split(":")[0].strip().removesuffix(".__init__")
    return bare if is_module(bare) else ""


def _chosen(entries: Sequence[tuple[str, str]], plugin_id: str) -> list[tuple[str, str]]:
    """Return the entry of this plugin: by its id, by its id folded, or the only one there is."""
    exact = [entry for entry in entries if entry[0] == plugin_id]
    alike = [entry for entry in entries if fold(entry[0]) == fold(plugin_id)]
    only = list(entries) if len({module for _, module in entries}) == 1 else []
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
        if inside is not None and (package == "" or (isinstance(package, str) and is_module(package))):
            found[package] = inside
    return found


def _set_root(folders: dict[str, str], value: Any) -> None:
    inside = folder(value)
    if inside:
        folders.setdefault("", inside)


# --- the formats -----------------------------------------------------------------------------------------


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else ()


def _table(data: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    found: Any = data
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def _broken_pyproject(text: str, plugin_id: str, group: str) -> Declared:
    """Read the tables of entry points alone, one line at a time."""
    headers = {
        f"project.entry-points.{group}": "pyproject:entry-point",
        f"tool.poetry.plugins.{group}": "pyproject:poetry",
        f"tool.flit.entrypoints.{group}": "pyproject:flit",
    }
    rule = ""
    found: dict[str, list[tuple[str, str]]] = {}
    for line in text.split("\n"):
        if header := _TOML_HEADER.fullmatch(line[:500]):
            rule = headers.get(re.sub(r"[\"'\s]", "", header.group(1)), "")
        elif rule and (pair := _TOML_PAIR.match(line[:500])) and (module := _module_of(pair.group(2))):
            found.setdefault(rule, []).append((pair.group(1), module))
    candidates = [
        Candidate(module=module, rule=f"{rule}", entry_point=entry)
        for rule, entries in found.items()
        for entry, module in _chosen(entries, plugin_id)
    ]
    return Declared(candidates=_unique(candidates))


def _ini(text: str) -> dict[str, dict[str, str]]:
    """Return the sections of ini text. More patient than configparser: what does not fit is passed over.

    An option continues on lines that are indented deeper than itself; entry_points.txt may be indented whole.
    """
    sections: dict[str, dict[str, str]] = {}
    section: dict[str, str] = {}
    option, indent = "", 0
    lines: list[str] = []
    for raw in text.removeprefix("\ufeff").replace("\r", "\n").split("\n"):
        bare = raw.strip()
        if not bare or bare.startswith(("#", ";")):
            continue
        deep = len(raw) - len(raw.lstrip())
        if bare.startswith("[") and bare.endswith("]") and "=" not in bare:
            section = sections.setdefault(bare[1:-1].strip(), {})
            option = ""
            continue
        if option and deep > indent:
            lines.append(bare)
            section[option] = "\n".join(lines) if len(lines) < 500 else section[option]
            continue
        name, separator, value = bare.partition("=") if "=" in bare else bare.partition(":")
        if separator:
            option, indent, lines = name.strip(), deep, [value.split(" #")[0].strip()]
            section[option] = lines[0]
    return sections
