"""What calls return: harmless methods and built-ins, the file's own functions, and what packaging calls."""

import ast
from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

from registry.sources.compat import values
from registry.sources.compat.expressions import Expressions, as_dict
from registry.sources.compat.scope import Scope, equal
from registry.sources.compat.values import (
    OPAQUE,
    UNKNOWN,
    Function,
    Hosts,
    Ref,
    bounded,
    lift,
    truth,
    unknown_of,
)

MAX_CALLS = 5
"""Functions of the file that call one another."""

_TRANSLATIONS = frozenset(("gettext", "lazy_gettext", "_", "N_", "str", "unicode", "u", "b", "to_unicode"))
"""Functions that return the text they are given."""


class Calls(Expressions):
    """Computes calls too."""

    @abstractmethod
    def _block(self, body: Sequence[ast.stmt], scope: Scope) -> object:
        """Follow statements."""

    def _dotted(self, node: ast.expr, scope: Scope) -> str:
        """Return the dotted name that a call names, imports resolved; empty for anything else."""
        names: list[str] = []
        while isinstance(node, ast.Attribute) and len(names) < 8:
            names.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return ""
        binding = scope.get(node.id)
        if binding is None:
            names.append(node.id)
        elif isinstance(binding.value, Ref):
            names.append(binding.value.name)
        else:
            return ""
        return ".".join(reversed(names))

    def _keywords(self, node: ast.Call, scope: Scope) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for keyword in node.keywords:
            value = self._value(keyword.value, scope)
            if keyword.arg is None:
                found.update({str(key): item for key, item in as_dict(value).items()})
            else:
                found[keyword.arg] = value
        return found

    def _call(self, node: ast.Call, scope: Scope) -> Any:
        func = node.func
        name = self._dotted(func, scope)
        last = name.rpartition(".")[2]
        if name in ("locals", "vars", "globals") and not node.args:
            return self._locals(scope if name != "globals" else self.top)
        owner = self._value(func.value, scope) if isinstance(func, ast.Attribute) else UNKNOWN
        args = list(self._items(node.args, scope))
        keywords = self._keywords(node, scope)
        if isinstance(func, ast.Attribute) and (isinstance(owner, Hosts) or not isinstance(owner, OPAQUE)):
            self._tags.add("format")
            return values.call_method(owner, func.attr, args, keywords)
        if name in values.KNOWN_CALLS:
            return values.KNOWN_CALLS[name]
        if isinstance(func, ast.Name):
            binding = scope.get(func.id)
            if binding is not None and isinstance(binding.value, Function):
                self._tags.add("constant")
                return self._call_function(binding.value.node, args, keywords)
        if last == "setup":
            self.setups.append(keywords)
            return UNKNOWN
        if last == "create_plugin_setup_parameters":
            return self._create_parameters(args, keywords)
        if last == "dict_merge" and len(args) >= 2:
            return values.merged(args[0], args[1])
        return self._builtin(name, last, args, keywords)

    def _builtin(self, name: str, last: str, args: Sequence[Any], keywords: dict[str, Any]) -> Any:
        first = args[0] if args else None
        if name == "dict":
            return bounded({**as_dict(first), **keywords})
        if name in ("list", "tuple") and isinstance(first, list | tuple | None):
            return list(first or ()) if name == "list" else tuple(first or ())
        if name == "sorted" and len(args) == 1 and not keywords and isinstance(first, list | tuple):
            return lift(lambda: sorted(first)) if values.parts_unknown(first) is None else UNKNOWN
        if name == "len" and len(args) == 1:
            return lift(len, first)
        if name == "int" and len(args) == 1:
            return lift(lambda text: int(text) if len(str(text)) < 10 else UNKNOWN, first)
        if name == "bool" and len(args) == 1:
            decided = truth(first)
            return UNKNOWN if decided is None else decided
        if last in _TRANSLATIONS and len(args) == 1 and isinstance(first, str):
            return first
        if name == "str" and len(args) == 1 and isinstance(first, int):
            return str(first)
        if name == "getattr" and len(args) >= 2 and isinstance(first, Ref) and isinstance(args[1], str):
            return self._attribute_of(first, args[1])
        if name.startswith("typing.") and last == "cast" and len(args) == 2:
            return args[1]
        return unknown_of(*args)

    def _locals(self, scope: Scope) -> dict[str, Any]:
        names: dict[str, Any] = {}
        for name, binding in scope.names.items():
            if binding is not None and not name.startswith("__"):
                names[name] = binding.value
        self._spend(len(names))
        self._tags.add("constant")
        return dict(list(names.items())[: values.MAX_ITEMS])

    def _create_parameters(self, args: Sequence[Any], keywords: dict[str, Any]) -> Any:
        """Return what octoprint_setuptools.create_plugin_setup_parameters would, as far as it matters."""
        given = {**dict(zip(("identifier", "name", "version"), args, strict=False)), **keywords}
        self.created.append(given)
        identifier, package = given.get("identifier"), given.get("package")
        if package is None and isinstance(identifier, str):
            package = self.package_prefix + identifier
        if not isinstance(package, str):
            return {"entry_points": UNKNOWN}
        entry = f"{identifier} = {package}" if isinstance(identifier, str) else f"? = {package}"
        return {"packages": [package], "entry_points": {self.entry_point_group: [entry]}}

    def _call_function(self, node: ast.FunctionDef, args: Sequence[Any], keywords: dict[str, Any]) -> Any:
        """Follow a call of one of the file's own functions. What it binds stays inside, `global` or not."""
        if self._calls >= MAX_CALLS:
            return UNKNOWN
        inner = Scope(self.top)
        given = node.args
        names = [arg.arg for arg in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
        defaults = dict(
            zip(reversed([*given.posonlyargs, *given.args]), reversed(given.defaults), strict=False)
        )
        for arg, default in defaults.items():
            self._bind(arg.arg, self._value(default, self.top), inner)
        for name, value in {
            **dict.fromkeys(names[len(defaults) :], None),
            **dict(zip(names, args, strict=False)),
        }.items():
            if value is not None or name not in inner.names:
                self._bind(name, UNKNOWN if value is None else value, inner)
        for name, value in keywords.items():
            self._bind(name, value, inner)
        outer, self._returned = self._returned, []
        line, tags = self._line, set(self._tags)
        self._calls += 1
        self._block(node.body, inner)
        self._calls -= 1
        returned, self._returned = self._returned, outer
        self._line, self._tags = line, tags
        if not returned:
            return None
        if any(isinstance(value, OPAQUE) or not equal(value, returned[0]) for value in returned):
            return returned[0] if len(returned) == 1 else UNKNOWN
        return returned[0]
