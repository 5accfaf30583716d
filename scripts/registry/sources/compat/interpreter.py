"""Follow a file's module level as Python 3 would, without running anything.

An abstract interpreter over `ast`: it computes the values of `values`, takes the branch of an `if` that can
be decided, and otherwise takes every branch and lets the last one in source order win, tagged `conditional`.
Calls do nothing, except for harmless methods, functions of the file itself, and what packaging calls: `setup`
and `create_plugin_setup_parameters` are noted with their arguments.
"""

import ast
import re
from collections.abc import Sequence
from dataclasses import replace
from enum import Enum

from registry.sources.compat import values
from registry.sources.compat.assignments import Assignments
from registry.sources.compat.scope import Scope, same
from registry.sources.compat.values import OPAQUE, UNKNOWN, Function, Namespace, unknown_of

MAX_ROUNDS = 8
"""Members of a known list for which a loop over it is followed."""

GONE_MODULES = frozenset(
    re.findall(
        r"\w+",
        "__builtin__ anydbm BaseHTTPServer ConfigParser Cookie cookielib copy_reg cPickle cStringIO commands "
        "dbhash dummy_thread exceptions htmlentitydefs HTMLParser httplib md5 Queue robotparser sets sha "
        "SimpleHTTPServer SimpleXMLRPCServer SocketServer StringIO thread Tkinter urllib2 urlparse UserDict "
        "UserList UserString xmlrpclib",
    )
)
"""Modules of Python 2's library: importing one fails on a host."""
GONE_NAMES = frozenset(
    re.findall(
        r"\w+",
        "apply basestring buffer cmp coerce execfile file intern long raw_input reduce reload unichr unicode "
        "xrange",
    )
)
"""Built-in names of Python 2."""
_EXITS = frozenset(("sys.exit", "os._exit", "os.abort"))


class Flow(Enum):
    """How a block ends."""

    NEXT = 0
    STOP = 1
    """By an exception, sys.exit or return."""
    BREAK = 2


class Interpreter(Assignments):
    """Follows one file. After `run`, `top` holds the names and `setups` what setup() was called with."""

    def run(self, body: Sequence[ast.stmt]) -> None:
        """Follow module level. Raises OutOfSteps."""
        self._bind("__name__", self.module, self.top)
        self._block(body, self.top)

    def _block(self, body: Sequence[ast.stmt], scope: Scope) -> Flow:
        for statement in body:
            flow = self._statement(statement, scope)
            if flow is not Flow.NEXT:
                return flow
        return Flow.NEXT

    def _statement(self, node: ast.stmt, scope: Scope) -> Flow:
        self._spend(1)
        self._tags = set()
        self._line = node.lineno
        match node:
            case ast.Expr():
                return self._expression(node.value, scope)
            case ast.Assign():
                value = self._value(node.value, scope)
                for target in node.targets:
                    self._assign(target, value, scope)
            case ast.AnnAssign(value=ast.expr() as given):
                self._assign(node.target, self._value(given, scope), scope)
            case ast.AugAssign():
                self._augment(node, scope)
            case ast.Delete():
                for target in node.targets:
                    if isinstance(target, ast.Name):
                        scope.names[target.id] = None
            case ast.Import() | ast.ImportFrom():
                self._import(node, scope)
            case ast.If():
                return self._if(node, scope)
            case ast.Try() | ast.TryStar():
                return self._try(node, scope)
            case ast.With() | ast.AsyncWith():
                for item in node.items:
                    self._value(item.context_expr, scope)
                    if item.optional_vars is not None:
                        self._assign(item.optional_vars, UNKNOWN, scope)
                return self._block(node.body, scope)
            case ast.For() | ast.AsyncFor():
                return self._for(node, scope)
            case ast.While():
                return self._while(node, scope)
            case ast.Match():
                self._value(node.subject, scope)
                return self._branches([[*case.body] for case in node.cases] + [[]], scope)
            case ast.FunctionDef():
                decorated = bool(node.decorator_list)
                self._bind(node.name, UNKNOWN if decorated else Function(node), scope)
            case ast.ClassDef():
                self._class(node, scope)
            case ast.AsyncFunctionDef():
                self._bind(node.name, UNKNOWN, scope)
            case ast.Raise():
                return Flow.STOP
            case ast.Return():
                self._returned.append(self._value(node.value, scope) if node.value else None)
                return Flow.STOP
            case ast.Break() | ast.Continue():
                return Flow.BREAK
            case ast.Assert():
                self._value(node.test, scope)
        return Flow.NEXT

    def _expression(self, node: ast.expr, scope: Scope) -> Flow:
        if isinstance(node, ast.Call):
            name = self._dotted(node.func, scope)
            if name in _EXITS or (name in ("exit", "quit") and scope.get(name) is None):
                return Flow.STOP
            if self._mutates(node, scope):
                return Flow.NEXT
        self._value(node, scope)
        return Flow.NEXT

    def _if(self, node: ast.If, scope: Scope) -> Flow:
        decided = self._truth(node.test, scope)
        if decided is not None:
            return self._block(node.body if decided else node.orelse, scope)
        return self._branches([node.body, node.orelse], scope)

    def _branches(self, bodies: Sequence[Sequence[ast.stmt]], scope: Scope) -> Flow:
        ends = []
        for body in bodies:
            inner = Scope(scope)
            ends.append((inner, self._block(body, inner)))
        return self._merge(ends, scope)

    def _merge(self, ends: Sequence[tuple[Scope, Flow]], scope: Scope) -> Flow:
        """Join branches of which any may have been taken: the last in source order that binds a name wins."""
        alive = [inner for inner, flow in ends if flow is Flow.NEXT]
        if not alive:
            return Flow.BREAK if any(flow is Flow.BREAK for _, flow in ends) else Flow.STOP
        for name in {name: None for inner in alive for name in inner.names}:
            self._spend(1)
            before = scope.get(name)
            found = [inner.names.get(name, before) for inner in alive]
            bound = [inner.names[name] for inner in alive if name in inner.names]
            live = [binding for binding in bound if binding is not None]
            known = [binding for binding in live if not isinstance(binding.value, OPAQUE)]
            if not known and before is not None and not isinstance(before.value, OPAQUE):
                known = [before]
            # What another module may still tell goes before what is known: it is read, and all is done again.
            asking = [binding for binding in live if values.needs(binding.value)]
            last = next((group[-1] for group in (asking, known, live) if group), None)
            if last is not None and not all(other is not None and same(other, last) for other in found):
                last = replace(last, tags=last.tags | {"conditional"})
            scope.names[name] = last
        return Flow.NEXT

    def _try(self, node: ast.Try | ast.TryStar, scope: Scope) -> Flow:
        body = Scope(scope)
        raised = ""
        flow = Flow.NEXT
        safe = True
        for statement in node.body:
            raised = self._fails(statement, body)
            if raised:
                break
            flow = self._statement(statement, body)
            safe = safe and self._cannot_fail(statement, body)
            if flow is not Flow.NEXT:
                break
        if not raised and flow is Flow.NEXT:
            flow = self._block(node.orelse, body)
        if raised:
            handler = next((h for h in node.handlers if _catches(h, raised)), None)
            scope.names.update(body.names)
            flow = self._handler(handler, scope) if handler is not None else Flow.NEXT
        elif safe:
            scope.names.update(body.names)
        else:
            ends = [(body, flow)]
            for handler in node.handlers:
                inner = Scope(scope)
                ends.append((inner, self._handler(handler, inner)))
            flow = self._merge(ends, scope)
        last = self._block(node.finalbody, scope)
        return flow if last is Flow.NEXT else last

    def _handler(self, handler: ast.ExceptHandler, scope: Scope) -> Flow:
        if handler.name:
            self._bind(handler.name, UNKNOWN, scope)
        return self._block(handler.body, scope)

    def _fails(self, statement: ast.stmt, scope: Scope) -> str:
        """Return which exception a statement surely raises on a Python 3 host, or nothing."""
        match statement:
            case ast.Import():
                names = [alias.name.split(".")[0] for alias in statement.names]
            case ast.ImportFrom():
                module = self._absolute(statement.module or "", statement.level)
                if self.modules.misses(module):
                    return "ImportError"
                names = [] if statement.level else [module.split(".")[0]]
            case ast.Expr(value=ast.Name(id=name)) | ast.Assign(value=ast.Name(id=name)):
                return "NameError" if name in GONE_NAMES and scope.get(name) is None else ""
            case ast.Raise(exc=ast.Name(id=name) | ast.Call(func=ast.Name(id=name))):
                return name
            case _:
                return ""
        return "ImportError" if any(name in GONE_MODULES for name in names) else ""

    def _cannot_fail(self, statement: ast.stmt, scope: Scope) -> bool:
        match statement:
            case ast.Pass():
                return True
            case ast.ImportFrom(names=names):
                # Found in another module of the plugin, so it is there.
                imported = [scope.get(alias.asname or alias.name) for alias in names]
                return all(b is not None and b.line and not isinstance(b.value, OPAQUE) for b in imported)
            case ast.Assign(targets=targets) if all(isinstance(target, ast.Name) for target in targets):
                bound = [scope.get(target.id) for target in targets if isinstance(target, ast.Name)]
                return all(binding is not None and not isinstance(binding.value, OPAQUE) for binding in bound)
        return False

    def _for(self, node: ast.For | ast.AsyncFor, scope: Scope) -> Flow:
        over = self._value(node.iter, scope)
        if isinstance(over, tuple | list | dict | str) and len(over) <= MAX_ROUNDS:
            tags = frozenset(self._tags)
            for item in over:
                self._tags = set(tags)
                self._assign(node.target, item, scope)
                flow = self._block(node.body, scope)
                if flow is Flow.STOP:
                    return flow
                if flow is Flow.BREAK:
                    return Flow.NEXT
            return self._block(node.orelse, scope)
        self._assign(node.target, unknown_of(over), scope)
        inner = Scope(scope)
        self._block(node.body, inner)
        self._merge([(inner, Flow.NEXT), (Scope(scope), Flow.NEXT)], scope)
        return self._block(node.orelse, scope)

    def _while(self, node: ast.While, scope: Scope) -> Flow:
        decided = self._truth(node.test, scope)
        if decided is False:
            return self._block(node.orelse, scope)
        inner = Scope(scope)
        flow = self._block(node.body, inner)
        if decided is True and flow is not Flow.STOP:
            # Once round: what a second round would compute cannot be told, and a `break` is the usual end.
            scope.names.update(inner.names)
            return Flow.NEXT
        return self._merge([(inner, flow), (Scope(scope), Flow.NEXT)], scope)

    def _class(self, node: ast.ClassDef, scope: Scope) -> None:
        inner = Scope(scope)
        line, tags = self._line, self._tags
        self._block(node.body, inner)
        self._line, self._tags = line, tags
        attributes = {name: binding.value for name, binding in inner.names.items() if binding is not None}
        self._bind(node.name, UNKNOWN if node.decorator_list else Namespace(attributes), scope)


def _catches(handler: ast.ExceptHandler, raised: str) -> bool:
    if handler.type is None:
        return True
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    names = {kind.id for kind in kinds if isinstance(kind, ast.Name)}
    wider = {
        "Exception",
        "BaseException",
        raised,
        "ModuleNotFoundError" if raised == "ImportError" else raised,
    }
    return bool(names & wider)
