"""What the names of a file stand for while it is followed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from registry.sources.compat.values import UNKNOWN, Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """What a name stands for, and where it got that."""

    value: Any
    path: str
    line: int
    tags: frozenset[str] = frozenset()
    """How the value was found: `conditional`, `constant`, `import`, `format`."""


@dataclass(slots=True)
class Scope:
    """Names, over those of an outer scope or of the state before a branch. None: deleted."""

    outer: "Scope | None" = None
    names: dict[str, Binding | None] = field(default_factory=dict)

    def get(self, name: str) -> Binding | None:
        """Return what `name` stands for, or None."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.outer
        return None


class Modules(Protocol):
    """The plugin's other modules, as far as they have been read."""

    def owns(self, module: str) -> bool:
        """Whether `module` belongs to the plugin."""
        ...

    def misses(self, module: str) -> bool:
        """Whether `module` would belong to the plugin, and is not there."""
        ...

    def lookup(self, module: str, name: str) -> Binding:
        """Return `name` of `module`; its value is Unknown with `needs` while the module is unread."""
        ...

    def exported(self, module: str) -> Mapping[str, Binding] | Unknown:
        """Return what `from module import *` would bind."""
        ...


class NoModules:
    """A file on its own."""

    def owns(self, module: str) -> bool:  # noqa: D102
        del module
        return False

    def misses(self, module: str) -> bool:  # noqa: D102
        del module
        return False

    def lookup(self, module: str, name: str) -> Binding:  # noqa: D102
        del module, name
        return Binding(value=UNKNOWN, path="", line=0)

    def exported(self, module: str) -> Mapping[str, Binding] | Unknown:  # noqa: D102
        del module
        return UNKNOWN


def equal(first: Any, second: Any) -> bool:
    """Whether two values are the same, kind and all."""
    return type(first) is type(second) and bool(first == second)


def same(first: Binding, second: Binding) -> bool:
    """Whether two bindings give a name the same value."""
    return first is second or equal(first.value, second.value)
