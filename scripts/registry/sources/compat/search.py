"""From a plugin's id to what the host concludes of its module, round by round. It reads nothing itself."""

import re
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import unquote, urlsplit

from registry.sources.base import Blob, Files, Tree
from registry.sources.compat import host, packaging_files
from registry.sources.compat.outcome import Evidence, Outcome, Question, Unread
from registry.sources.compat.packaging_files import Candidate, Declared, fold, is_module

MAX_ROUNDS = 5
MAX_PATHS = 12
"""Paths asked for in one round."""
MAX_PATH = 500
"""Characters, as docs/schemas/state.schema.json has it."""
MAX_LOOKED_INTO = 4
"""Folders of a repository without packaging files of its own that are looked into."""

_Found = tuple[Candidate, str, Blob]
"""The module, its path, its file."""
_Asking = Generator[tuple[str, ...], Files, None]
_Finding = Generator[tuple[str, ...], Files, _Found | None]

READERS = (
    ("setup.py", packaging_files.from_setup_py),
    ("pyproject.toml", packaging_files.from_pyproject),
    ("setup.cfg", packaging_files.from_setup_cfg),
)
_SUBPATH = re.compile(r"[^\x00-\x1f\x7f-\x9f\\:\"]{1,200}")
_OWN_PATH = re.compile(r"\w[\w.-]*(?:/\w[\w.-]*){0,9}")
_CONTROL = re.compile(r"__plugin_[a-z]+__")
_NEVER_A_PLUGIN = re.compile(
    r"assets|build|dist|docs?|examples?|extras|images|img|scripts|tests?|tools|translations", re.IGNORECASE
)


def first_paths(question: Question) -> tuple[str, ...]:
    """Return the five paths of the first round: the folder, its packaging files, the likeliest module.

    Always five, so that one query text serves every plugin; none at all for a `subpath` that is no path.
    """
    base = _base(question.subpath)
    if base is None:
        return ()
    likely = _single_file(question.archive) or f"{_likely_package(question)}/__init__.py"
    return (base, *(_under(base, name) for name in ("setup.py", "pyproject.toml", "setup.cfg", likely)))


def advance(asked: tuple[Question, Files]) -> Outcome | tuple[str, ...]:
    """Return what the host concludes, or the paths that are wanted next, from all files seen so far.

    Pure, and begun anew for each round, so that it can be asked in any process. At most MAX_ROUNDS of at most
    MAX_PATHS; the first are `first_paths`.
    """
    question, seen = asked
    steps = _Search(question).run()
    try:
        wanted = next(steps)
        while all(path in seen for path in wanted):
            wanted = steps.send(seen)
    except StopIteration as done:
        outcome: Outcome = done.value
        return outcome
    return wanted


def first_declared(asked: tuple[Question, Files]) -> tuple[Candidate | None, str]:
    """Return the module that a packaging file names, and that file's path; the plugin's own folder first.

    One that names an entry point says more than one that names a module alone.
    """
    question, files = asked
    search = _Search(question, seen=dict(files))
    for base in dict.fromkeys((_base(question.subpath) or "", "")):
        for name, declared in search.each_declared(base):
            if named := declared.candidates:
                return next((each for each in named if each.entry_point), named[0]), _under(base, name)
    return None, ""


def _base(subpath: str) -> str | None:
    bare = subpath.strip("/")
    if not bare:
        return ""
    fits = _SUBPATH.fullmatch(bare) and not any(part in ("", ".", "..") for part in bare.split("/"))
    return bare if fits else None


def _under(base: str, name: str) -> str:
    return f"{base}/{name}" if base and name else base or name


def _likely_package(question: Question) -> str:
    package = re.sub(r"[^A-Za-z0-9_]", "_", question.rules.prefix + question.plugin_id)
    return package if package[:1].isalpha() or package.startswith("_") else f"_{package}"


def _single_file(archive: str) -> str:
    """Return the file's name, where a plugin is installed from one file; "" where it is not."""
    try:
        name = unquote(urlsplit(archive).path).rpartition("/")[2]
    except ValueError:
        return ""
    return (
        name if name.endswith(".py") and is_module(name.removesuffix(".py")) and name.count(".") == 1 else ""
    )


@dataclass(slots=True)
class _Search:
    question: Question
    rounds: int = 0
    seen: dict[str, Blob | Tree | None] = field(default_factory=dict)

    def run(self) -> Generator[tuple[str, ...], Files, Outcome]:
        base = _base(self.question.subpath)
        if base is None:
            return Unread(reason="the source's address names a folder that is no path", problem=True)
        yield from self._ask(first_paths(self.question), base)
        if not base and not any(self.seen.values()):
            return self._nothing(base)
        found = self._single(base)
        if found is None:
            found = yield from self._at(base)
        if found is None and base:
            found = yield from self._package_itself(base)
        if found is None and not self._packaging(base):
            if base:
                yield from self._ask(first_paths(replace(self.question, subpath="")), "")
                found = yield from self._at("")
            else:
                found = yield from self._below()
        return self._nothing(base) if found is None else self._concluded(*found)

    # --- asking ------------------------------------------------------------------------------------------

    def _ask(self, paths: Iterable[str], base: str) -> _Asking:
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
        return (
            len(path) <= MAX_PATH
            and path.startswith(base)
            and (not inside or _OWN_PATH.fullmatch(inside) is not None)
        )

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
        return any(self._blob(_under(base, name)) for name, _ in READERS)

    # --- where the module is -----------------------------------------------------------------------------

    def _at(self, base: str) -> _Finding:
        """Find the module that the packaging files in `base` name, else the one that looks like it."""
        declared = self._declared(base)
        folders = dict(declared.folders)
        found = yield from self._first(declared.candidates, base, folders)
        if found is None:
            inner = _under(base, folders.get("", "src"))
            guess = Candidate(module=_likely_package(self.question), rule="guess:prefix")
            found = yield from self._first((guess,), base, folders, also=(inner,))
            guesses = self._lookalikes(base) or self._lookalikes(inner)
            if is_module(self.question.plugin_id) and not declared.candidates:
                guesses += (Candidate(module=self.question.plugin_id, rule="guess:id"),)
            if found is None:
                found = yield from self._first(guesses, base, folders)
        return found

    def _single(self, base: str) -> _Found | None:
        """Return the file that the archive is: then it is the plugin, whatever lies beside it."""
        path = _under(base, _single_file(self.question.archive))
        blob = self._blob(path)
        candidate = Candidate(module=path.rpartition("/")[2].removesuffix(".py"), rule="archive")
        return (candidate, path, blob) if blob is not None else None

    def each_declared(self, base: str) -> Iterator[tuple[str, Declared]]:
        """Yield each packaging file of a folder and what it tells."""
        rules = self.question.rules
        for name, reader in READERS:
            blob = self._blob(_under(base, name))
            if blob is not None and blob.text is not None:
                yield name, reader(blob.text, self.question.plugin_id, rules.prefix, rules.group)

    def _declared(self, base: str) -> Declared:
        candidates: list[Candidate] = []
        folders: dict[str, str] = {}
        for _, told in self.each_declared(base):
            candidates += [c for c in told.candidates if c.module not in {k.module for k in candidates}]
            folders = {**told.folders, **folders}
        return Declared(candidates=tuple(candidates), folders=folders)

    def _first(
        self, candidates: Sequence[Candidate], base: str, folders: Mapping[str, str], also: Sequence[str] = ()
    ) -> _Finding:
        """Return the first candidate that is there."""
        places = [(c, path) for c in candidates for path in _module_paths(c.module, base, folders)]
        yield from self._ask([*(path for _, path in places), *also], base)
        for candidate, path in places:
            blob = self._blob(path)
            if blob is not None and (not candidate.rule.startswith("guess:") or self._is_plugin(blob)):
                return candidate, path, blob
        return None

    def _is_plugin(self, blob: Blob) -> bool:
        """Whether the file has a name that the host takes a plugin by: a guess is not believed without."""
        text = blob.text or ""
        return self.question.rules.control_property in text or _CONTROL.search(text) is not None

    def _lookalikes(self, place: str) -> tuple[Candidate, ...]:
        """Return the module in a folder that is named after the plugin, or the only one with the prefix."""
        tree = self.seen.get(place)
        if not isinstance(tree, Tree):
            return ()
        prefix = self.question.rules.prefix
        names = [
            name.removesuffix(".py") if kind == "blob" else name
            for name, kind in tree.entries
            if name.lower().startswith(prefix.lower()) and (kind == "tree" or name.endswith(".py"))
        ]
        names = sorted({name for name in names if is_module(name) and "." not in name})
        same = [name for name in names if fold(name) == fold(prefix + self.question.plugin_id)]
        chosen = same[:2] if same else names if len(names) == 1 else []
        return tuple(Candidate(module=name, rule="guess:tree") for name in chosen)

    def _package_itself(self, base: str) -> _Finding:
        """The source's address may lead to the package's own folder."""
        tree = self.seen.get(base)
        if not isinstance(tree, Tree) or ("__init__.py", "blob") not in tree.entries:
            return None
        path = _under(base, "__init__.py")
        yield from self._ask((path,), base)
        blob, name = self._blob(path), base.rpartition("/")[2]
        if blob is None or not is_module(name) or not self._is_plugin(blob):
            return None
        return Candidate(module=name, rule="guess:address"), path, blob

    def _below(self) -> _Finding:
        """Look into the folders of a repository that has no packaging files at its root."""
        tree = self.seen.get("")
        if not isinstance(tree, Tree):
            return None
        names = [
            name
            for name, kind in tree.entries
            if kind == "tree" and _OWN_PATH.fullmatch(name) and not _NEVER_A_PLUGIN.fullmatch(name)
        ]
        own_id = fold(self.question.plugin_id)
        names.sort(key=lambda name: (own_id not in fold(name), "octoprint" not in name.lower(), name))
        names = names[:MAX_LOOKED_INTO]
        wanted = [_under(name, part) for name in names for part in ("", "setup.py", "pyproject.toml")]
        yield from self._ask(wanted, "")
        packaged = [name for name in names if self._packaging(name)]
        own = [name for name in packaged if self._is_own(name)]
        for name in own[:1] or (packaged if len(packaged) == 1 else []):
            return (yield from self._at(name))
        return None

    def _is_own(self, base: str) -> bool:
        own_id = fold(self.question.plugin_id)
        return any(fold(each.entry_point) == own_id for each in self._declared(base).candidates)

    # --- what comes of it --------------------------------------------------------------------------------

    def _nothing(self, base: str) -> Unread:
        if not any(self.seen.values()):
            return Unread(reason="there are no files to read")
        if named := self._declared(base).candidates:
            where = named[0].rule.split(":")[0]
            return Unread(
                reason=f"{where} names the module {named[0].module}, which is not there", problem=True
            )
        return Unread(reason="no packaging file names the plugin's module, and none is found by looking")

    def _concluded(self, candidate: Candidate, path: str, blob: Blob) -> Outcome:
        if blob.text is None or blob.truncated or len(blob.text) > host.MAX_TEXT:
            why = "is not text" if blob.binary else f"is too large: {blob.byte_size:,} bytes"
            return Unread(reason=f"{path} {why}", path=path, problem=True)
        rules = self.question.rules
        found = host.conclude(path, blob, rules)
        if not found.kind:
            reason = found.reason if found.problem else f"{path} {found.reason}"
            return Unread(reason=reason, path=path, problem=found.problem, passing=not found.problem)
        reason, problem = found.reason, found.problem
        if candidate.written:
            where = candidate.rule.partition(":")[0]
            reason = (
                f"{rules.host} loads a plugin by its module alone, and the entry point in {where} is "
                f"`{candidate.written}`; write `{candidate.module}`"
            )
            problem = True
        return Evidence(
            python=found.python or rules.default_python,
            rule=f"{candidate.rule}+{found.kind}",
            path=path,
            line=found.line,
            reason=reason,
            problem=problem,
            module=candidate.module,
            entry_point=candidate.entry_point,
        )


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
