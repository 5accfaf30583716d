"""From a plugin's id to its flag, asking for files round by round. It reads nothing itself."""

import re
from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from registry.sources.base import Blob, Tree
from registry.sources.compat import packaging_files
from registry.sources.compat.flag import ModuleFile, Plugin
from registry.sources.compat.outcome import NoFlag, Outcome
from registry.sources.compat.packaging_files import Candidate, Declared, fold, is_module
from registry.sources.compat.reader import MAX_TEXT

MAX_ROUNDS = 5
MAX_PATHS = 12
"""Paths asked for in one round."""
MAX_LOOKED_INTO = 4
"""Folders of a repository without packaging files of its own that are looked into."""

Asking = Generator[tuple[str, ...], Mapping[str, Blob | Tree | None], Outcome]
_Step = Generator[tuple[str, ...], Mapping[str, Blob | Tree | None], None]

_READERS = (
    ("setup.py", packaging_files.from_setup_py),
    ("pyproject.toml", packaging_files.from_pyproject),
    ("setup.cfg", packaging_files.from_setup_cfg),
)
_SUBPATH = re.compile(r"[^\x00-\x1f\x7f-\x9f\\:\"]{1,200}")
_OWN_PATH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_][A-Za-z0-9_.-]*){0,9}")
_NEVER_A_PLUGIN = re.compile(
    r"assets|build|dist|docs?|examples?|extras|images|img|scripts|tests?|tools|translations", re.IGNORECASE
)


def root_paths(plugin_id: str, subpath: str, prefix: str) -> tuple[str, ...]:
    """Return the five paths of the first round: the folder, its packaging files, the likeliest module.

    Always five, so that one query text serves every plugin; none at all for a `subpath` that is no path.
    """
    base = _base(subpath)
    if base is None:
        return ()
    names = ("setup.py", "pyproject.toml", "setup.cfg", f"{_likely_package(plugin_id, prefix)}/__init__.py")
    return (base, *(_under(base, name) for name in names))


def locate(
    plugin_id: str, *, subpath: str, prefix: str, entry_point_group: str, control_property: str
) -> Asking:
    """Find the plugin's flag. Yields the paths it needs, is sent what is there, returns the outcome.

    The first round asks for `root_paths`; a repository of the usual kind needs no other. At most five rounds
    of at most twelve paths. A `subpath` that is no path ends the search before the first round.
    """
    search = _Search(plugin_id, prefix, entry_point_group, control_property)
    return (yield from search.run(subpath))


def _base(subpath: str) -> str | None:
    bare = subpath.strip("/")
    if not bare:
        return ""
    fits = _SUBPATH.fullmatch(bare) and not any(part in ("", ".", "..") for part in bare.split("/"))
    return bare if fits else None


def _under(base: str, name: str) -> str:
    return f"{base}/{name}" if base and name else base or name


def _likely_package(plugin_id: str, prefix: str) -> str:
    package = re.sub(r"[^A-Za-z0-9_]", "_", prefix + plugin_id)
    return package if package[:1].isalpha() or package.startswith("_") else f"_{package}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """A module's file, and how it was found."""

    candidate: Candidate
    base: str
    folders: Mapping[str, str]
    path: str
    blob: Blob


@dataclass(slots=True)
class _Search:
    plugin_id: str
    prefix: str
    group: str
    control_property: str
    rounds: int = 0
    seen: dict[str, Blob | Tree | None] = field(default_factory=dict)

    def run(self, subpath: str) -> Asking:
        base = _base(subpath)
        if base is None:
            return NoFlag(reason="the source's address names a folder that is no path", problem=True)
        yield from self._ask(root_paths(self.plugin_id, subpath, self.prefix), base)
        if not any(self.seen.values()) and not base:
            return self._nothing(base)
        found = yield from self._at(base)
        if found is None and base:
            found = yield from self._package_itself(base)
        if found is None and not self._packaging(base):
            if base:
                yield from self._ask(root_paths(self.plugin_id, "", self.prefix), "")
                found = yield from self._at("")
            else:
                found = yield from self._below()
        if found is None:
            return self._nothing(base)
        return (yield from self._read(found))

    # --- asking ------------------------------------------------------------------------------------------

    def _ask(self, paths: Iterable[str], base: str) -> _Step:
        """Ask for those of `paths` that are new, stay in the repository, and can be there at all."""
        new = [path for path in dict.fromkeys(paths) if path not in self.seen and self._is_safe(path, base)]
        new = [path for path in new if self._may_exist(path, base)][:MAX_PATHS]
        if not new or self.rounds >= MAX_ROUNDS:
            return
        self.rounds += 1
        answer = yield tuple(new)
        self.seen.update({path: answer.get(path) for path in new})

    def _is_safe(self, path: str, base: str) -> bool:
        inside = path.removeprefix(base).lstrip("/") if base else path
        return path.startswith(base) and (not inside or _OWN_PATH.fullmatch(inside) is not None)

    def _may_exist(self, path: str, base: str) -> bool:
        """Whether the folder's listing, where there is one, has the first step of `path`."""
        tree = self.seen.get(base)
        if not isinstance(tree, Tree) or path == base:
            return True
        step, _, rest = path.removeprefix(base).lstrip("/").partition("/")
        return (step, "tree") in tree.entries or (not rest and (step, "blob") in tree.entries)

    def _blob(self, path: str) -> Blob | None:
        blob = self.seen.get(path)
        return blob if isinstance(blob, Blob) else None

    def _packaging(self, base: str) -> bool:
        return any(self._blob(_under(base, name)) for name, _ in _READERS)

    # --- where the module is -----------------------------------------------------------------------------

    def _at(self, base: str) -> Generator[tuple[str, ...], Mapping[str, Blob | Tree | None], _Found | None]:
        """Find the module that the packaging files in `base` name, else the one that looks like it."""
        declared = self._declared(base)
        folders = dict(declared.folders)
        found = yield from self._first(declared.candidates, base, folders)
        if found is None:
            inner = _under(base, folders.get("", "src"))
            guess = Candidate(module=_likely_package(self.plugin_id, self.prefix), rule="guess:prefix")
            found = yield from self._first((guess,), base, folders, also=(inner,))
            guesses = self._lookalikes(base) or self._lookalikes(inner)
            if found is None:
                found = yield from self._first(guesses, base, folders)
        return found

    def _declared(self, base: str) -> Declared:
        candidates: list[Candidate] = []
        folders: dict[str, str] = {}
        for name, reader in _READERS:
            blob = self._blob(_under(base, name))
            if blob is None or blob.text is None:
                continue
            told = reader(blob.text, self.plugin_id, self.prefix, self.group)
            candidates += [c for c in told.candidates if c.module not in {k.module for k in candidates}]
            folders = {**told.folders, **folders}
        return Declared(candidates=tuple(candidates), folders=folders)

    def _first(
        self, candidates: Sequence[Candidate], base: str, folders: Mapping[str, str], also: Sequence[str] = ()
    ) -> Generator[tuple[str, ...], Mapping[str, Blob | Tree | None], _Found | None]:
        """Return the first candidate that is there."""
        places = [(c, path) for c in candidates for path in _module_paths(c.module, base, folders)]
        yield from self._ask([*(path for _, path in places), *also], base)
        for candidate, path in places:
            blob = self._blob(path)
            if blob is not None:
                return _Found(candidate=candidate, base=base, folders=folders, path=path, blob=blob)
        return None

    def _lookalikes(self, place: str) -> tuple[Candidate, ...]:
        """Return the module in a folder that is named after the plugin, or the only one with the prefix."""
        tree = self.seen.get(place)
        if not isinstance(tree, Tree) or not self.prefix:
            return ()
        names = [
            name.removesuffix(".py") if kind == "blob" else name
            for name, kind in tree.entries
            if name.lower().startswith(self.prefix.lower()) and (kind == "tree" or name.endswith(".py"))
        ]
        names = sorted({name for name in names if is_module(name) and "." not in name})
        same = [name for name in names if fold(name) == fold(self.prefix + self.plugin_id)]
        chosen = same[:2] if same else names if len(names) == 1 else []
        return tuple(Candidate(module=name, rule="guess:tree") for name in chosen)

    def _package_itself(
        self, base: str
    ) -> Generator[tuple[str, ...], Mapping[str, Blob | Tree | None], _Found | None]:
        """The source's address may lead to the package's own folder."""
        tree = self.seen.get(base)
        if not isinstance(tree, Tree) or ("__init__.py", "blob") not in tree.entries:
            return None
        path = _under(base, "__init__.py")
        yield from self._ask((path,), base)
        blob, name = self._blob(path), base.rpartition("/")[2]
        if blob is None or not is_module(name):
            return None
        outer = base.rpartition("/")[0]
        candidate = Candidate(module=name, rule="guess:address")
        return _Found(candidate=candidate, base=outer, folders={}, path=path, blob=blob)

    def _below(self) -> Generator[tuple[str, ...], Mapping[str, Blob | Tree | None], _Found | None]:
        """Look into the folders of a repository that has no packaging files at its root."""
        tree = self.seen.get("")
        if not isinstance(tree, Tree):
            return None
        names = [
            name
            for name, kind in tree.entries
            if kind == "tree" and _OWN_PATH.fullmatch(name) and not _NEVER_A_PLUGIN.fullmatch(name)
        ]
        names.sort(
            key=lambda name: (fold(self.plugin_id) not in fold(name), "octoprint" not in name.lower(), name)
        )
        names = names[:MAX_LOOKED_INTO]
        wanted = [_under(name, part) for name in names for part in ("", "setup.py", "pyproject.toml")]
        yield from self._ask(wanted, "")
        packaged = [name for name in names if self._packaging(name)]
        own = [name for name in packaged if self._is_own(name)]
        for name in own[:1] or (packaged if len(packaged) == 1 else []):
            return (yield from self._at(name))
        return None

    def _is_own(self, base: str) -> bool:
        return any(fold(c.entry_point) == fold(self.plugin_id) for c in self._declared(base).candidates)

    def _nothing(self, base: str) -> NoFlag:
        if not any(self.seen.values()):
            return NoFlag(reason="there are no files to read")
        named = self._declared(base).candidates
        if named:
            reason = f"{named[0].rule.split(':')[0]} names the module {named[0].module}, which is not there"
            return NoFlag(reason=reason, problem=True)
        return NoFlag(reason="no packaging file names the plugin's module, and none is found by looking")

    # --- what the module says ----------------------------------------------------------------------------

    def _read(self, found: _Found) -> Asking:
        text = found.blob.text
        if text is None or found.blob.truncated or len(text) > MAX_TEXT:
            why = "is no text" if found.blob.binary else f"is too large: {found.blob.byte_size:,} bytes"
            return NoFlag(reason=f"{found.path} {why}", path=found.path, problem=True)
        candidate = found.candidate
        plugin = Plugin(candidate.module, ModuleFile(path=found.path, text=text), self.control_property)
        while True:
            outcome, needs = plugin.read(candidate.rule, candidate.entry_point)
            needs = tuple(module for module in needs if is_module(module) and not plugin.knows(module))
            if not needs or self.rounds >= MAX_ROUNDS:
                return outcome
            paths = {module: self._sibling_paths(module, found) for module in needs[: MAX_PATHS // 2]}
            yield from self._ask((path for both in paths.values() for path in both), found.base)
            for module in needs:
                plugin.add(module, self._sibling(paths.get(module, ())))

    def _sibling_paths(self, module: str, found: _Found) -> tuple[str, ...]:
        """Return where `module` would be, seen from the plugin's own file."""
        own = found.candidate.module.split(".")
        folders = found.path.split("/")[:-1]
        up = len(own) if found.path.endswith("/__init__.py") else len(own) - 1
        place = folders[: len(folders) - up] if len(own) > 1 or up else folders
        if found.path.endswith("/__init__.py"):
            # The package's folder may bear another name than the package (`package_dir`).
            inside = (
                [*folders, *module.split(".")[len(own) :]] if module.startswith(".".join(own) + ".") else None
            )
        else:
            inside = None
        path = "/".join(inside or [*place, *module.split(".")])
        return (f"{path}.py", f"{path}/__init__.py")

    def _sibling(self, paths: Sequence[str]) -> ModuleFile | None:
        for path in reversed(paths):
            blob = self._blob(path)
            if (
                blob is not None
                and blob.text is not None
                and not blob.truncated
                and len(blob.text) <= MAX_TEXT
            ):
                return ModuleFile(path=path, text=blob.text)
        return None


def _module_paths(module: str, base: str, folders: Mapping[str, str]) -> list[str]:
    """Return where `module` may be, likeliest first: in the folders that are named, in `.`, in `src`."""
    parts = module.split(".")
    places: list[str] = []
    for length in range(len(parts), 0, -1):
        package = ".".join(parts[:length])
        if package in folders:
            places.append("/".join(filter(None, [folders[package], *parts[length:]])))
    places += [
        "/".join(filter(None, [root, *parts])) for root in dict.fromkeys([folders.get("", ""), "", "src"])
    ]
    paths = []
    for place in dict.fromkeys(places):
        paths += [_under(base, _under(place, "__init__.py"))]
        if place:
            paths += [_under(base, f"{place}.py")]
    return paths
