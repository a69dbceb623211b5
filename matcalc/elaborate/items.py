"""Occurrences with their names resolved: what each node of the syntax tree means, before shapes are known."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from matcalc import algebra
from matcalc.dims import Dim, Shape, dim_names
from matcalc.errors import ArityError, DeclarationError, NameClash, Span, SyntaxMistake, UnsupportedError
from matcalc.expr import Expr
from matcalc.functions import Function, find_function, function_names
from matcalc.operators import OPERATORS, operator
from matcalc.syntax import Declaration, Definition, Node, Program, dimension_of, postorder

__all__ = ["AbstractFunction", "Item", "Names", "Scope", "read_declarations", "resolve"]

CONSTANTS = {"ones", "zeros", "eye", "vector", "matrix"}
SIZED = {"ones", "zeros", "eye", "commutation"}
SUMS = {"sum", "mean"}
WORDS = {
    "norm1",
    "norm2",
    "sqrt",
    "inner",
    "outer",
    "exp",
    "trace",
    "square",
    "cbrt",
    "norm",
    "dot",
    "commutation",
    "hadamard",
}
"""Names that mean something before a bracket beyond the tables of operators and functions."""

AXES = {"rows": 0, "columns": 1, "cols": 1}


@dataclass(eq=False, slots=True)
class Item:
    """One occurrence: an operation on other items. Shared items (definitions) occur once."""

    op: str
    args: tuple[Item, ...]
    span: Span
    data: Any = None


@dataclass(frozen=True, slots=True)
class AbstractFunction:
    """A declared function such as f: m×p -> scalar; a dimension is None where it was not given."""

    domain: tuple[Shape | None, ...]
    codomain: Shape


@dataclass(slots=True)
class Names:
    """What the declarations say."""

    shapes: dict[str, Shape] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    properties: dict[str, tuple[str, ...]] = field(default_factory=dict)
    generic: set[str] = field(default_factory=set)
    abstract: dict[str, AbstractFunction] = field(default_factory=dict)
    functions: dict[str, Function] = field(default_factory=dict)
    dims: set[str] = field(default_factory=set)


def _shape_of(dims: tuple[Node, Node] | None, kind: str) -> Shape | None:
    if dims is not None:
        return (dimension_of(dims[0]), dimension_of(dims[1]))
    return (1, 1) if kind in ("scalar", "integer") else None


def read_declarations(declarations: Sequence[Declaration | Definition]) -> Names:
    """The names of declarations; raises DeclarationError for a name declared twice."""
    names = Names()
    seen: set[str] = set()
    for d in declarations:
        for name in d.names if isinstance(d, Declaration) else (d.name,):
            if name in seen:
                raise DeclarationError(f"{name} is declared twice", span=d.span, hint="declare each name once")
            seen.add(name)
            if isinstance(d, Definition):
                raise UnsupportedError("functions defined in declarations are not supported here", span=d.span)
            if d.kind == "elementwise":
                names.generic.add(name)
            elif d.kind == "function":
                assert d.codomain is not None
                domain = tuple(_shape_of(s.dims, s.kind) for s in d.domain)
                names.abstract[name] = AbstractFunction(domain, _shape_of(d.codomain.dims, d.codomain.kind) or (1, 1))
            else:
                names.properties[name] = (*d.properties, *(["integer"] if d.kind == "integer" else []))
                names.kinds[name] = d.kind
                shape = _shape_of(d.dims, d.kind)
                if shape is not None:
                    names.shapes[name] = shape
    shapes = [*names.shapes.values()]
    for f in names.abstract.values():
        shapes += [s for s in (*f.domain, f.codomain) if s is not None]
    names.dims = {n for s in shapes for d in s for n in dim_names(d)}
    return names


class Scope:
    """Resolves the names of a program: variables, definitions, dimensions, functions and operators."""

    def __init__(self, program: Program, names: Names) -> None:
        self.program = program
        self.names = names
        self.notes: list[str] = []
        self.defined: dict[str, Item] = {}
        self.lambdas: dict[str, Definition] = {}
        self.variables: dict[str, Item] = {}
        self.free = self._bare_names()
        names.dims |= self._sizes() - set(names.kinds)

    def _bare_names(self) -> set[str]:
        """Names that occur other than before a bracket."""
        bodies = [*(d.body for d in self.program.definitions), self.program.body]
        return {n.value for body in bodies for n in postorder(body) if n.head == "name"}

    def _sizes(self) -> set[str]:
        """Names that stand for sizes, as in eye(n)."""
        bodies = [*(d.body for d in self.program.definitions), self.program.body]
        calls = [n for body in bodies for n in postorder(body) if n.head == "call" and n.value[0] in SIZED]
        return {n.value for call in calls for a in call.args for n in postorder(a) if n.head == "name"}

    def is_variable(self, name: str) -> bool:
        """Whether a name before a bracket is a factor rather than a function."""
        if name in self.names.generic or name in self.names.abstract or name in self.lambdas:
            return False
        if name in self.names.kinds or name in self.defined:
            return True
        known = name in CONSTANTS | SUMS | WORDS or find_function(name) or name in _OPERATOR_WORDS
        return not known and name in self.free and name not in self.names.generic

    def variable(self, name: str, span: Span) -> Item:
        """The item of a name in the text."""
        if name in self.defined:
            return self.defined[name]
        if name in self.names.generic or name in self.names.abstract or name in self.lambdas:
            raise NameClash(
                f"{name} is a function and stands here as a variable",
                span=span,
                hint=f"write {name}(…), or rename one of them",
            )
        if name not in self.names.kinds:
            if name in self.names.dims:
                self.note(f"{name} taken as the dimension {name}")
                return Item("dimension", (), span, Dim(name))
            if name == "pi":
                return Item("pi", (), span)
            if name == "I":
                return Item("eye", (), span, None)
        if name not in self.variables:
            self.variables[name] = Item("symbol", (), span, name)
        return Item("symbol", (), span, name)

    def elementwise(self, name: str, order: int, x: Expr) -> Expr:
        """An elementwise function, or its derivative, of an expression."""
        if order and find_function(name) is not None:
            raise UnsupportedError(
                f"write the derivative of {name} out", hint="primes are for generic functions such as g"
            )
        return algebra.elementwise(name, x, order)

    def note(self, text: str) -> None:
        """Say once what was assumed."""
        if text not in self.notes:
            self.notes.append(text)


_OPERATOR_WORDS = {word for row in OPERATORS.values() for word in (row.name, *row.aliases)}


def resolve(program: Program, names: Names) -> tuple[Item, Scope]:
    """The formula of a program as items; definitions are shared where they are used.

    Raises: NameClash, SyntaxMistake, UnsupportedError with the place.
    """
    scope = Scope(program, names)
    for d in program.definitions:
        if d.params:
            raise UnsupportedError("functions defined in the formula are not supported here", span=d.span)
        scope.defined[d.name] = _items(d.body, scope)
    return _items(program.body, scope), scope


def _items(root: Node, scope: Scope) -> Item:
    done: dict[Node, Item] = {}
    for node in postorder(root):
        done[node] = _item(node, tuple(done[a] for a in node.args), scope)
    return done[root]


def _item(node: Node, args: tuple[Item, ...], scope: Scope) -> Item:
    head, span = node.head, node.span
    if head == "name":
        return scope.variable(node.value, span)
    if head == "call":
        return _call(node, args, scope)
    if head == "partial":
        return _partial(node, args, scope)
    if head in ("keyword", "slice", "range", "row"):
        return Item(head, args, span, node.value)
    if head in ("index", "block"):
        raise UnsupportedError(
            "entries, slices and blocks are not supported yet",
            span=span,
            hint="use unit vectors as declared constants: e_i'*X*e_j",
        )
    if head == "invtranspose":
        return Item("transpose", (Item("inv", args, span),), span)
    if head == "power" and args[1].op == "neg" and args[1].args[0].op == "number" and args[1].args[0].data == 1:
        return Item("inv", args[:1], span)
    if head == "abs":
        return Item("elementwise", args, span, ("abs", 0))
    if head in ("group", "braces"):
        return Item("group", args, span)
    return Item(head, args, span, node.value)


def _call(node: Node, args: tuple[Item, ...], scope: Scope) -> Item:
    name, primes = node.value
    span = node.span
    if scope.is_variable(name):
        factor = scope.variable(name, Span(span.start, span.start + len(name)))
        for _ in range(primes):
            factor = Item("transpose", (factor,), span)
        if len(args) != 1:
            raise SyntaxMistake(
                f"{name} is a variable, so {name}(…) is a product, and it has {len(args)} factors in the bracket",
                span=span,
                hint=f"declare {name} as a function: {name}: elementwise",
            )
        return Item("chain", (factor, Item("group", args, args[0].span)), span, ("*",))
    if name in scope.names.abstract:
        return Item("abstract", args, span, (name, 0 if primes else None))
    if name in scope.names.generic:
        return _function(name, primes, args, span)
    if not args and name in SUMS | WORDS | _OPERATOR_WORDS | set(function_names()):
        raise ArityError(f"{name}() has no argument", span=span, hint=f"write {name}(X)")
    special = _special(name, args, node, scope)
    if special is not None:
        return special
    if name in _OPERATOR_WORDS:
        return Item("operator", args, span, operator(name).name)
    known = find_function(name)
    if known is not None:
        return _function(known.name, primes, args, span)
    if name in scope.names.dims and name not in scope.names.generic:
        raise NameClash(
            f"{name} is a dimension and stands here as a function", span=span, hint=f"rename it, or write {name}*(…)"
        )
    words = [*function_names(), *_OPERATOR_WORDS, *WORDS, *SUMS]
    near = difflib.get_close_matches(name, words, 1, 0.75) if len(name) > 2 else []
    scope.note(f"{name} taken as an elementwise function" + (f"; did you mean {near[0]}?" if near else ""))
    return _function(name, primes, args, span)


def _function(name: str, primes: int, args: tuple[Item, ...], span: Span) -> Item:
    if len(args) != 1:
        raise SyntaxMistake(
            f"{name} takes one argument, not {len(args)}",
            span=span,
            hint=f"declare it, such as {name}: (n, n) -> scalar",
        )
    return Item("elementwise", args, span, (name, primes))


def _special(name: str, args: tuple[Item, ...], node: Node, scope: Scope) -> Item | None:
    """The words that are neither operators of the table nor elementwise functions."""
    span = node.span
    if name in SUMS:
        return Item(name, args[:1], span, _axis(node, args))
    if name in CONSTANTS:
        if name in ("vector", "matrix") and len(args) == 1:
            return Item("fill", args, span, name)
        dims = tuple(dimension_of(a) for a in node.args)
        return Item("eye", (), span, dims[0]) if name == "eye" and dims else Item(name, (), span, dims)
    if name == "commutation":
        return Item("commutation", (), span, (dimension_of(node.args[0]), dimension_of(node.args[-1])))
    if name == "sqrt":
        return Item("sqrt", args, span)
    if name in ("inner", "dot") and len(args) == 2:
        return Item("inner", args, span)
    if name == "outer" and len(args) == 2:
        return Item("chain", (args[0], Item("transpose", args[1:], span)), span, ("*",))
    if name in ("norm1", "norm2", "norm"):
        return Item("norm", args[:1], span, {"norm1": "1", "norm2": "entries", "norm": None}[name])
    if name == "inv":
        return Item("inv", args, span)
    return None


def _axis(node: Node, args: tuple[Item, ...]) -> int | None:
    """The axis of sum(X, rows), sum(X, axis=0) or sum(X, 0)."""
    if len(args) == 1:
        return None
    word = node.args[1]
    if word.head == "keyword":
        word = word.args[0]
    if word.head == "name" and word.value in AXES:
        return AXES[word.value]
    if word.head == "number" and word.value in (0, 1):
        return int(word.value)
    raise SyntaxMistake(
        "an axis is rows, columns, 0 or 1", span=word.span, hint="sum(X, rows) adds the rows up, like axis=0"
    )


def _partial(node: Node, args: tuple[Item, ...], scope: Scope) -> Item:
    """∂f/∂X of an abstract function f of one argument."""
    name = node.value
    if name not in scope.names.abstract or len(args) != 1:
        raise UnsupportedError(
            f"∂{name}/∂… needs {name} declared as a function of one argument",
            span=node.span,
            hint=f"declare {name}: m×n -> scalar",
        )
    return Item("abstract", args, node.span, (name, 0))
