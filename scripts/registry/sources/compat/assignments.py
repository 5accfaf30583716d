"""What binds names: assignments of every kind, imports, and methods that change a value in place."""

import ast
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from registry.sources.compat import values
from registry.sources.compat.calls import Calls
from registry.sources.compat.expressions import as_dict
from registry.sources.compat.scope import Scope
from registry.sources.compat.values import OPAQUE, Ref, Unknown, bounded, unknown_of


class Assignments(Calls):
    """Binds names."""

    def _assign(self, target: ast.expr, value: Any, scope: Scope) -> None:
        self._spend(1)
        match target:
            case ast.Name():
                self._bind(target.id, value, scope)
            case ast.Tuple() | ast.List():
                self._unpack(target.elts, value, scope)
            case ast.Starred():
                self._assign(target.value, value, scope)
            case ast.Subscript():
                self._assign_item(target, value, scope)

    def _unpack(self, targets: Sequence[ast.expr], value: Any, scope: Scope) -> None:
        items: Sequence[Any] = list(value) if isinstance(value, tuple | list | str | dict) else ()
        star = next((i for i, target in enumerate(targets) if isinstance(target, ast.Starred)), None)
        if star is not None and len(items) >= len(targets) - 1:
            after = len(targets) - star - 1
            items = [*items[:star], list(items[star : len(items) - after]), *items[len(items) - after :]]
        if len(items) != len(targets):
            items = [unknown_of(value)] * len(targets)
        for target, item in zip(targets, items, strict=True):
            self._assign(target, item, scope)

    def _assign_item(self, target: ast.Subscript, value: Any, scope: Scope) -> None:
        key = self._value(target.slice, scope)
        if isinstance(key, OPAQUE):
            return
        if self._is_globals(target.value, scope):
            if isinstance(key, str):
                self._bind(key, value, scope)
            return
        owner = self._value(target.value, scope)
        if isinstance(owner, dict) and isinstance(key, str | int):
            self._assign(target.value, bounded({**owner, key: value}), scope)

    def _augment(self, node: ast.AugAssign, scope: Scope) -> None:
        if not isinstance(node.target, ast.Name):
            return
        before = scope.get(node.target.id)
        value = self._value(node.value, scope)
        if before is not None:
            # The name it adds to is its own, so that is no constant of another name.
            self._tags |= before.tags
            value = values.binary(node.op, before.value, value)
        else:
            value = unknown_of(value)
        self._bind(node.target.id, value, scope)

    def _mutates(self, node: ast.Call, scope: Scope) -> bool:
        """Follow `name.update(...)`, `.append(...)`, `.extend(...)` as an assignment to `name`."""
        func = node.func
        if not isinstance(func, ast.Attribute) or func.attr not in (
            "update",
            "append",
            "extend",
            "setdefault",
        ):
            return False
        args = [self._value(arg, scope) for arg in node.args]
        if func.attr == "update" and self._is_globals(func.value, scope):
            for key, value in {**as_dict(args[0] if args else {}), **self._keywords(node, scope)}.items():
                if isinstance(key, str):
                    self._bind(key, value, scope)
            return True
        if not isinstance(func.value, ast.Name | ast.Subscript):
            return False
        owner = self._value(func.value, scope)
        if isinstance(owner, dict) and func.attr == "update":
            given = as_dict(args[0]) if args else {}
            self._assign(func.value, bounded({**owner, **given, **self._keywords(node, scope)}), scope)
        elif (
            isinstance(owner, dict)
            and func.attr == "setdefault"
            and len(args) == 2
            and isinstance(args[0], str)
        ):
            self._assign(func.value, bounded({args[0]: args[1], **owner}), scope)
        elif isinstance(owner, list) and func.attr == "append" and len(args) == 1:
            self._assign(func.value, bounded([*owner, args[0]]), scope)
        elif isinstance(owner, list) and func.attr == "extend" and args and isinstance(args[0], list | tuple):
            self._assign(func.value, bounded([*owner, *args[0]]), scope)
        else:
            return False
        return True

    def _is_globals(self, node: ast.expr, scope: Scope) -> bool:
        match node:
            case ast.Call(func=ast.Name(id="globals" | "vars" | "locals" as name), args=[], keywords=[]):
                return scope.get(name) is None
        return False

    def _import(self, node: ast.Import | ast.ImportFrom, scope: Scope) -> None:
        if isinstance(node, ast.Import):
            for alias in node.names:
                name = alias.asname or alias.name.split(".")[0]
                self._bind(name, Ref(alias.name if alias.asname else name), scope)
            return
        module = self._absolute(node.module or "", node.level)
        for alias in node.names:
            name = alias.asname or alias.name
            if alias.name == "*":
                self._import_all(module, scope)
            elif module and module == self.module:
                self._bind(name, Ref(f"{module}.{alias.name}"), scope)
            elif module and self.modules.owns(module):
                found = self.modules.lookup(module, alias.name)
                if not found.line:
                    found = replace(found, path=self.path, line=node.lineno)
                scope.names[name] = replace(found, tags=found.tags | {"import"})
            else:
                known = values.KNOWN.get(f"{module}.{alias.name}")
                self._bind(name, Ref(f"{module}.{alias.name}") if known is None else known, scope)

    def _import_all(self, module: str, scope: Scope) -> None:
        if not module or module == self.module or not self.modules.owns(module):
            return
        found = self.modules.exported(module)
        if isinstance(found, Unknown):
            self.stars.extend(sorted(found.needs))
            return
        for name, binding in found.items():
            self._spend(1)
            scope.names[name] = replace(binding, tags=binding.tags | {"import"})

    def _absolute(self, module: str, level: int) -> str:
        """Return the dotted name of an import; empty where it leaves the plugin."""
        if not level:
            return module
        parts = self.module.split(".")
        up = level - (1 if self.is_package else 0)
        if up >= len(parts):
            return ""
        base = parts[: len(parts) - up]
        return ".".join([*base, module] if module else base)
