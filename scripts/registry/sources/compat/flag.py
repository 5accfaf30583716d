"""What a plugin's module says in the control property, following imports from its own siblings."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from packaging.specifiers import SpecifierSet

from registry.sources.compat.cutting import TooMuch
from registry.sources.compat.expressions import OutOfSteps
from registry.sources.compat.interpreter import Interpreter
from registry.sources.compat.lexing import code_of, normalise
from registry.sources.compat.outcome import Evidence, NoFlag, Outcome, check_specifier
from registry.sources.compat.reader import MAX_TEXT, Source, read
from registry.sources.compat.scope import Binding
from registry.sources.compat.values import OPAQUE, UNKNOWN, Unknown

_STAR_IMPORT = re.compile(r"\bimport[\s\\(]*\*")
_SUFFIXES = ("conditional", "constant", "import")
_KINDS = {int: "a number", float: "a number", bool: "true or false", bytes: "bytes", tuple: "a tuple"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleFile:
    """A file of the plugin."""

    path: str
    text: str

    @property
    def is_package(self) -> bool:
        """Whether relative imports start at the module itself."""
        return self.path.rpartition("/")[2] == "__init__.py"


@dataclass(slots=True)
class _Followed:
    names: Mapping[str, Binding | None] = field(default_factory=dict)
    stars: tuple[str, ...] = ()
    source: Source | None = None
    trouble: str = ""
    text: str = ""


class Plugin:
    """The plugin's module and, as they come in, the siblings that it imports from."""

    def __init__(self, module: str, file: ModuleFile, control_property: str) -> None:
        self.module = module
        self.control_property = control_property
        self._files: dict[str, ModuleFile | None] = {module: file}
        self._followed: dict[str, _Followed] = {}

    def add(self, module: str, file: ModuleFile | None) -> None:
        """Take in a sibling; None: there is no such file."""
        self._files.setdefault(module, file)
        self._followed.clear()

    def knows(self, module: str) -> bool:
        """Whether `module` has been looked for."""
        return module in self._files

    def read(self, rule: str, entry_point: str = "") -> tuple[Outcome, tuple[str, ...]]:
        """Return what the flag says and which siblings would have to be read to tell more."""
        file = self._files[self.module]
        assert file is not None  # noqa: S101 - the constructor put it there
        followed = self._follow(self.module)
        if followed.trouble:
            return NoFlag(reason=followed.trouble, path=file.path, problem=True), ()
        binding = followed.names.get(self.control_property)
        if binding is None:
            needs = tuple(dict.fromkeys(star for star in followed.stars if not self.knows(star)))
            return self._absent(file, followed), needs
        if isinstance(binding.value, Unknown) and binding.value.needs:
            return self._unknown(binding), tuple(sorted(binding.value.needs))
        return self._judge(binding, rule, entry_point, followed), ()

    # --- Modules, for the interpreter --------------------------------------------------------------------

    def owns(self, module: str) -> bool:
        """Whether `module` belongs to the plugin."""
        return module.split(".")[0] == self.module.split(".")[0] and self._files.get(module, "") is not None

    def misses(self, module: str) -> bool:
        """Whether `module` would belong to the plugin, and is not there."""
        return self._files.get(module, "") is None

    def lookup(self, module: str, name: str) -> Binding:
        """Return `name` of `module`; its value is Unknown with `needs` while the module is unread."""
        if module not in self._files:
            return Binding(value=Unknown(frozenset((module,))), path="", line=0)
        followed = self._follow(module)
        found = followed.names.get(name)
        if found is None and not followed.trouble:
            for star in followed.stars:
                if not self.knows(star):
                    return Binding(value=Unknown(frozenset((star,))), path="", line=0)
            file = self._files[module]
            submodule = f"{module}.{name}"
            if (
                file is not None
                and file.is_package
                and not self.knows(submodule)
                and name.isidentifier()
                and name != self.control_property
            ):
                return Binding(value=Unknown(frozenset((submodule,))), path="", line=0)
        return found or Binding(value=UNKNOWN, path="", line=0)

    def exported(self, module: str) -> Mapping[str, Binding] | Unknown:
        """Return what `from module import *` binds: names without underscore, or those of `__all__`."""
        if module not in self._files:
            return Unknown(frozenset((module,)))
        followed = self._follow(module)
        names = {name: binding for name, binding in followed.names.items() if binding is not None}
        listed = names.get("__all__")
        if listed is None:
            return {name: binding for name, binding in names.items() if not name.startswith("_")}
        if not isinstance(listed.value, list | tuple):
            return names
        return {name: names[name] for name in listed.value if isinstance(name, str) and name in names}

    # --- inside ------------------------------------------------------------------------------------------

    def _follow(self, module: str) -> _Followed:
        if module in self._followed:
            return self._followed[module]
        # While it is being followed, a module that imports in a circle finds nothing in it.
        self._followed[module] = _Followed()
        file = self._files.get(module)
        if file is not None:
            self._followed[module] = self._interpret(module, file)
        return self._followed[module]

    def _interpret(self, module: str, file: ModuleFile) -> _Followed:
        text = normalise(file.text)
        if self._is_hopeless(module, text):
            return _Followed(text=text)
        interpreter = Interpreter(file.path, module=module, is_package=file.is_package, modules=self)
        try:
            # Of a sibling any name may be asked for, so it is read whole.
            seeds = frozenset((self.control_property, "__all__"))
            source = read(text, seeds, everything=module != self.module)
            interpreter.run(source.body)
        except TooMuch as bound:
            return _Followed(trouble=f"{file.path} is too large: {bound}", text=text)
        except (OutOfSteps, RecursionError):
            return _Followed(trouble=f"{file.path} is too intricate to follow", text=text)
        return _Followed(
            names=dict(interpreter.top.names), stars=tuple(interpreter.stars), source=source, text=text
        )

    def _is_hopeless(self, module: str, text: str) -> bool:
        """Whether the plugin's own module cannot have a flag: the cheap way out for most that have none."""
        if module != self.module or len(text) > MAX_TEXT:
            return False
        return self.control_property not in text and not _STAR_IMPORT.search(text)

    def _absent(self, file: ModuleFile, followed: _Followed) -> NoFlag:
        name = self.control_property
        for line, text in followed.source.unread if followed.source else ():
            if name in code_of(text):
                reason = f"{name} stands in a statement that cannot be read"
                return NoFlag(reason=reason, path=file.path, line=line, problem=True)
        for module, other in self._files.items():
            hidden = self._followed[module].names.get(name) if module in self._followed else None
            if hidden is not None and other is not None and module != self.module:
                reason = (
                    f"{name} is set in {other.path}, but `import *` does not bring it: `__all__` lacks it"
                )
                return NoFlag(reason=reason, path=other.path, line=hidden.line, problem=True)
        return NoFlag(reason=f"{name} is not set in {file.path}", path=file.path)

    def _unknown(self, binding: Binding) -> NoFlag:
        reason = f"{self.control_property} is computed in a way that cannot be told without running it"
        return NoFlag(reason=reason, path=binding.path or self._path(), line=binding.line, problem=True)

    def _path(self) -> str:
        file = self._files[self.module]
        return file.path if file else ""

    def _judge(self, binding: Binding, rule: str, entry_point: str, followed: _Followed) -> Outcome:
        name, value, path, line = self.control_property, binding.value, binding.path, binding.line
        if isinstance(value, OPAQUE):
            return self._unknown(binding)
        if value is None:
            return NoFlag(reason=f"{name} is None", path=path, line=line)
        if not isinstance(value, str):
            kind = _KINDS.get(type(value), "a list or the like")
            return NoFlag(reason=f"{name} is {kind}, not text", path=path, line=line, problem=True)
        wrong = check_specifier(value.strip())
        if wrong:
            return NoFlag(reason=f"{name} {wrong}", path=path, line=line, problem=True)
        if not len(SpecifierSet(value)):
            return NoFlag(reason=f"{name} is empty", path=path, line=line)
        suffixes = [suffix for suffix in _SUFFIXES if suffix in binding.tags]
        if followed.source is not None and followed.source.tolerant:
            suffixes.append("tolerant")
        return Evidence(
            python=value.strip(),
            rule="+".join([rule, *suffixes]),
            path=path,
            line=line,
            module=self.module,
            entry_point=entry_point,
        )


def find_flag(text: str, path: str, control_property: str) -> Outcome:
    """Return what the file `path` with `text` says in `control_property`, looking at no other file.

    The rule is `file`, with suffixes. `path` is only repeated.
    """
    plugin = Plugin("plugin", ModuleFile(path=path, text=text), control_property)
    outcome, _ = plugin.read("file")
    return outcome
