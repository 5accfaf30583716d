"""The values of expressions, computed without running anything. Calls are in `calls`."""

import ast
from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from registry.sources.compat import values
from registry.sources.compat.scope import Binding, Modules, NoModules, Scope, equal
from registry.sources.compat.values import (
    OPAQUE,
    UNKNOWN,
    Hosts,
    Namespace,
    Ref,
    Unknown,
    bounded,
    lift,
    truth,
    unknown_of,
)

MAX_STEPS = 20_000
"""Expressions, statements and names of one file that are followed."""
MAX_DEPTH = 40
"""Expressions inside one another; sums of many parts count once."""


class OutOfSteps(Exception):
    """The file asks for more steps than MAX_STEPS."""


class Expressions:
    """Computes expressions of one file. The statements that bind names are the business of subclasses."""

    def __init__(
        self,
        path: str,
        *,
        module: str,
        is_package: bool,
        modules: Modules | None = None,
        package_prefix: str = "",
        entry_point_group: str = "",
    ) -> None:
        """`package_prefix` and `entry_point_group` matter for setup.py alone."""
        self.path = path
        self.module = module
        self.is_package = is_package
        self.modules: Modules = modules or NoModules()
        self.package_prefix = package_prefix
        self.entry_point_group = entry_point_group
        self.top = Scope()
        self.setups: list[dict[str, Any]] = []
        self.created: list[dict[str, Any]] = []
        """What create_plugin_setup_parameters was called with."""
        self.stars: list[str] = []
        """Unread modules of the plugin from which everything is imported."""
        self._steps = 0
        self._depth = 0
        self._tags: set[str] = set()
        self._returned: list[Any] = []
        self._calls = 0
        self._line = 0

    def _bind(self, name: str, value: Any, scope: Scope) -> None:
        scope.names[name] = Binding(value=value, path=self.path, line=self._line, tags=frozenset(self._tags))

    @abstractmethod
    def _assign(self, target: ast.expr, value: Any, scope: Scope) -> None:
        """Bind what an assignment to `target` binds."""

    @abstractmethod
    def _call(self, node: ast.Call, scope: Scope) -> Any:
        """Return what a call returns, as far as it can be told."""

    @abstractmethod
    def _is_globals(self, node: ast.expr, scope: Scope) -> bool:
        """Whether an expression is the dictionary of the file's names."""

    def _spend(self, steps: int) -> None:
        self._steps += steps
        if self._steps > MAX_STEPS:
            raise OutOfSteps

    def _truth(self, node: ast.expr, scope: Scope) -> bool | None:
        """Return whether a condition holds on a Python 3 host, None where that cannot be told."""
        match node:
            case ast.BoolOp():
                parts = [self._truth(part, scope) for part in node.values[:MAX_DEPTH]]
                if len(node.values) > MAX_DEPTH:
                    return None
                decisive = isinstance(node.op, ast.Or)
                if decisive in parts:
                    return decisive
                return None if None in parts else not decisive
            case ast.UnaryOp(op=ast.Not()):
                inner = self._deeper(self._truth, node.operand, scope)
                return None if inner is None else not inner
        return truth(self._value(node, scope))

    def _deeper(self, read: Callable[[Any, Scope], Any], node: Any, scope: Scope) -> Any:
        self._depth += 1
        try:
            return read(node, scope) if self._depth <= MAX_DEPTH else None
        finally:
            self._depth -= 1

    def _value(self, node: ast.expr, scope: Scope) -> Any:
        self._spend(1)
        if isinstance(node, ast.Constant):
            return bounded(node.value)
        found = self._deeper(self._compute, node, scope)
        return UNKNOWN if found is None and self._depth >= MAX_DEPTH else found

    def _compute(self, node: ast.expr, scope: Scope) -> Any:
        match node:
            case ast.Name():
                return self._name(node.id, scope)
            case ast.Tuple() | ast.List():
                items = list(self._items(node.elts, scope))
                return bounded(tuple(items) if isinstance(node, ast.Tuple) else items)
            case ast.Set():
                return UNKNOWN
            case ast.Dict():
                return self._dict(node, scope)
            case ast.JoinedStr():
                return self._joined(node, scope)
            case ast.BinOp():
                return self._binary(node, scope)
            case ast.UnaryOp():
                return self._unary(node, scope)
            case ast.BoolOp():
                return self._either(node, scope)
            case ast.Compare():
                return self._compare(node, scope)
            case ast.IfExp():
                return self._conditional(node, scope)
            case ast.NamedExpr():
                value = self._value(node.value, scope)
                self._assign(node.target, value, scope)
                return value
            case ast.Attribute():
                return self._attribute(node, scope)
            case ast.Subscript():
                return self._item(node, scope)
            case ast.Call():
                return self._call(node, scope)
            case ast.ListComp() | ast.GeneratorExp():
                return self._comprehension(node, scope)
        return UNKNOWN

    def _name(self, name: str, scope: Scope) -> Any:
        binding = scope.get(name)
        if binding is None:
            # A name that nobody bound may come by a star import that has not been read yet.
            unbound = Unknown(frozenset(self.stars))
            return False if name == "TYPE_CHECKING" else True if name == "__debug__" else unbound
        if not isinstance(binding.value, OPAQUE):
            self._tags |= binding.tags | {"constant"}
        return binding.value

    def _items(self, nodes: Sequence[ast.expr], scope: Scope) -> Iterator[Any]:
        for node in nodes:
            if isinstance(node, ast.Starred):
                inner = self._value(node.value, scope)
                if isinstance(inner, tuple | list):
                    yield from inner
                else:
                    yield unknown_of(inner)
            else:
                yield self._value(node, scope)

    def _dict(self, node: ast.Dict, scope: Scope) -> Any:
        found: dict[Any, Any] = {}
        for key, value in zip(node.keys, node.values, strict=True):
            if key is None:
                found.update(as_dict(self._value(value, scope)))
                continue
            name = self._value(key, scope)
            given = self._value(value, scope)
            if isinstance(name, str | int):
                found[name] = given
        return bounded(found)

    def _joined(self, node: ast.JoinedStr, scope: Scope) -> Any:
        parts: list[str] = []
        self._tags.add("format")
        for part in node.values:
            if isinstance(part, ast.Constant):
                parts.append(str(part.value))
            elif isinstance(part, ast.FormattedValue):
                spec = (
                    self._joined(part.format_spec, scope)
                    if isinstance(part.format_spec, ast.JoinedStr)
                    else ""
                )
                if not isinstance(spec, str):
                    return UNKNOWN
                conversion = None if part.conversion == -1 else chr(part.conversion)
                shown = values.format_field(self._value(part.value, scope), conversion, spec)
                if isinstance(shown, Unknown):
                    return shown
                parts.append(shown)
            else:
                return UNKNOWN
        return bounded("".join(parts))

    def _binary(self, node: ast.BinOp, scope: Scope) -> Any:
        # A sum of many texts leans to the left as deep as it is long: walk down it instead of recursing.
        chain: list[ast.BinOp] = []
        first: ast.expr = node
        while isinstance(first, ast.BinOp):
            chain.append(first)
            first = first.left
        value = self._value(first, scope)
        for link in reversed(chain):
            value = values.binary(link.op, value, self._value(link.right, scope))
            if isinstance(value, str):
                self._tags.add("format")
        return value

    def _unary(self, node: ast.UnaryOp, scope: Scope) -> Any:
        if isinstance(node.op, ast.Not):
            decided = self._truth(node.operand, scope)
            return UNKNOWN if decided is None else not decided
        value = self._value(node.operand, scope)
        if isinstance(node.op, ast.USub):
            return lift(lambda number: -number, value)
        return unknown_of(value)

    def _either(self, node: ast.BoolOp, scope: Scope) -> Any:
        value: Any = UNKNOWN
        for part in node.values:
            value = self._value(part, scope)
            decided = truth(value)
            if decided is None:
                return unknown_of(value)
            if decided is isinstance(node.op, ast.Or):
                return value
        return value

    def _compare(self, node: ast.Compare, scope: Scope) -> Any:
        left = self._value(node.left, scope)
        unsure = False
        for op, comparator in zip(node.ops, node.comparators, strict=True):
            right = self._value(comparator, scope)
            decided = truth(lift(values.COMPARISONS[type(op)], left, right))
            if decided is False:
                return False
            unsure = unsure or decided is None
            left = right
        return UNKNOWN if unsure else True

    def _conditional(self, node: ast.IfExp, scope: Scope) -> Any:
        decided = self._truth(node.test, scope)
        if decided is not None:
            return self._value(node.body if decided else node.orelse, scope)
        first, second = self._value(node.body, scope), self._value(node.orelse, scope)
        if isinstance(first, OPAQUE) or isinstance(second, OPAQUE):
            return unknown_of(first, second)
        if not equal(first, second):
            self._tags.add("conditional")
        return second

    def _attribute(self, node: ast.Attribute, scope: Scope) -> Any:
        owner = self._value(node.value, scope)
        if isinstance(owner, Namespace):
            self._tags.add("constant")
            return owner.values.get(node.attr, UNKNOWN)
        if isinstance(owner, Hosts) and node.attr in values.VERSION_FIELDS:
            return lift(lambda version: version[values.VERSION_FIELDS.index(node.attr)], owner)
        if isinstance(owner, Ref):
            return self._attribute_of(owner, node.attr)
        return unknown_of(owner)

    def _attribute_of(self, owner: Ref, attribute: str) -> Any:
        name = f"{owner.name}.{attribute}"
        if name in values.KNOWN:
            return values.KNOWN[name]
        if self.modules.owns(owner.name) and owner.name != self.module:
            found = self.modules.lookup(owner.name, attribute)
            self._tags |= found.tags | {"import"}
            return found.value
        return Ref(name) if len(name) < 200 else UNKNOWN

    def _item(self, node: ast.Subscript, scope: Scope) -> Any:
        if self._is_globals(node.value, scope):
            key = self._value(node.slice, scope)
            return self._name(key, scope) if isinstance(key, str) else UNKNOWN
        owner = self._value(node.value, scope)
        if isinstance(node.slice, ast.Slice):
            bounds = [
                None if bound is None else self._value(bound, scope)
                for bound in (node.slice.lower, node.slice.upper, node.slice.step)
            ]
            if not all(bound is None or isinstance(bound, int) for bound in bounds):
                return UNKNOWN
            return lift(lambda value: value[slice(*bounds)], owner)
        key = self._value(node.slice, scope)
        return lift(lambda value, index: value[index], owner, key)

    def _comprehension(self, node: ast.ListComp | ast.GeneratorExp, scope: Scope) -> Any:
        if len(node.generators) != 1:
            return UNKNOWN
        generator = node.generators[0]
        over = self._value(generator.iter, scope)
        if not isinstance(over, tuple | list | dict | str):
            return unknown_of(over)
        found = []
        for item in over:
            inner = Scope(scope)
            self._assign(generator.target, item, inner)
            tests = [self._truth(test, inner) for test in generator.ifs]
            if None in tests:
                return UNKNOWN
            if all(tests):
                found.append(self._value(node.elt, inner))
        return bounded(found)


def as_dict(value: Any) -> dict[Any, Any]:
    """Return a dictionary, or pairs as one; an empty one for anything else."""
    if isinstance(value, list | tuple):
        pairs = [
            pair for pair in value if isinstance(pair, tuple) and len(pair) == 2 and isinstance(pair[0], str)
        ]
        return dict(pairs)
    return value if isinstance(value, dict) else {}
