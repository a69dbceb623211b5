"""From a syntax tree to an expression: names, kinds, shapes, broadcasts; what was assumed is noted."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from matcalc import algebra
from matcalc.dims import Shape
from matcalc.elaborate import mistakes
from matcalc.elaborate.build import build
from matcalc.elaborate.choice import choose_kinds
from matcalc.elaborate.declared import AbstractFunction, Names, read_declarations
from matcalc.elaborate.dimensions import Dimensions
from matcalc.elaborate.items import Item, in_order
from matcalc.elaborate.kinds import MATRIX
from matcalc.elaborate.resolve import Scope, resolve
from matcalc.elaborate.words import known_words
from matcalc.errors import MatcalcError, NameClash, SyntaxMistake, UnknownName
from matcalc.expr import Expr
from matcalc.sums import Sum
from matcalc.syntax import Declaration, Definition, Program

__all__ = ["AbstractFunction", "Elaborated", "elaborate", "is_known_function"]


def is_known_function(name: str) -> bool:
    """Whether a word is a function that matcalc knows."""
    return name in known_words()


@dataclass(frozen=True)
class Elaborated:
    """What a formula means.

    Attributes:
        expr: the formula.
        symbols: every declared or occurring name, with its shape and properties.
        wrt: the variables: those asked for, or the parameters of a definition f(W) = ….
        then: the second variables of mixed derivatives.
        notes: what was assumed.
        functions: the declared abstract functions, by name.
        program: the formula as it was read.
        sides: the sides, where the formula is several that are said to be equal.
        sums: the sums over indices in it, innermost first, each with what it was read as.
    """

    expr: Expr
    symbols: Mapping[str, Expr]
    wrt: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    functions: Mapping[str, AbstractFunction] = field(default_factory=dict)
    then: tuple[str, ...] = ()
    program: Program | None = None
    sides: tuple[Expr, ...] = ()
    sums: tuple[Sum, ...] = ()


def elaborate(
    program: Program,
    declarations: Sequence[Declaration | Definition] = (),
    wrt: Sequence[str] = (),
    then: Sequence[str] = (),
    dims: Collection[str] = (),
    where_text: str | None = None,
) -> Elaborated:
    """Resolve the names of a program, find kinds and dimensions, and build the expression.

    Args:
        program: the formula with its definitions.
        declarations: of names and functions.
        wrt, then: names that must be known, the variables.
        dims: names of dimensions beyond those in the declarations.
        where_text: the text of the declarations, which mistakes in them show.

    Raises: UnknownName if a variable neither is declared nor occurs; DeclarationError for declarations that contradict
    themselves; ShapeError, NameClash, ArityError, SyntaxMistake, UnsupportedError, LimitError with the place in the text.

    >>> from matcalc.syntax import parse_program, parse_where
    >>> elaborate(parse_program("||X*w - y||^2"), parse_where("X: m×n")).symbols["y"].shape
    (Dim('m'), 1)
    """
    try:
        names = read_declarations(declarations, dims)
    except MatcalcError as mistake:
        if where_text is None:
            mistake.span = None
        raise mistake.located(text=where_text) from None
    reading = algebra.REWRITER.set(None)  # x*step(x), which says what relu(x) is, must not be rewritten to relu(x)
    try:
        return _elaborate(program, names, tuple(wrt), tuple(then))
    except MatcalcError as mistake:
        raise mistake.located(text=program.text) from None
    finally:
        algebra.REWRITER.reset(reading)


def _elaborate(program: Program, names: Names, wrt: tuple[str, ...], then: tuple[str, ...]) -> Elaborated:
    root, scope = resolve(program, names, {*wrt, *then})
    items = in_order(root)
    dims = _dimensions(items, names, scope)
    whole = _assume_whole_exponents(items, dims.kinds, names)
    made = build(items, dims, scope)
    shapes = dims.symbol_shapes()
    _refuse_glued(items, shapes, names)
    symbols = {n: algebra.symbol(n, shape, names.properties.get(n, ())) for n, shape in shapes.items()}
    wanted = wrt or (program.header[1] if program.header is not None else ())
    for name in (*wanted, *then):
        if name not in symbols:
            raise _no_variable(name, scope, tuple(symbols))
    notes = (*_assumptions(shapes, whole, scope), *scope.notes, *dims.notes)
    sides = tuple(made[side.place] for side in root.args) if root.op == "equal" else ()
    return Elaborated(made[-1], symbols, wanted, notes, names.abstract, then, program, sides, tuple(scope.sums))


def _dimensions(items: Sequence[Item], names: Names, scope: Scope) -> Dimensions:
    """The dimensions for the best choice of kinds; if nothing fits, the mistake is the one that the usual choice makes."""
    mistake: MatcalcError | None = None
    for kinds in choose_kinds(items, names):
        try:
            return Dimensions(items, kinds, names, scope.program.text, (*scope.assumed_functions, *scope.templates))
        except MatcalcError as found:
            mistake = found
    assert mistake is not None
    raise mistake


def _assume_whole_exponents(items: Sequence[Item], kinds: Sequence[int], names: Names) -> set[str]:
    """Undeclared names in the exponents of matrices are integers."""
    whole: set[str] = set()
    for item in items:
        if item.op == "power" and kinds[item.args[0].place] == MATRIX:
            whole |= {i.data for i in _below(item.args[1]) if i.op == "symbol" and i.data not in names.kinds}
    for name in whole:
        names.properties[name] = ("integer",)
    return whole


def _below(item: Item) -> list[Item]:
    """An item of an exponent with its arguments, in any order."""
    found = [item]
    for i in found:
        found.extend(i.args)
    return found


def _assumptions(shapes: Mapping[str, Shape], whole: Collection[str], scope: Scope) -> list[str]:
    """What was taken for undeclared names, in the words of a declaration; and near misses among them."""
    names = scope.names
    assumed: list[str] = []
    near: list[str] = []
    unused = [name for name in names.kinds if name not in scope.occurring]
    for name, (rows, columns) in shapes.items():
        if name in names.kinds:
            continue
        if rows == columns == 1:
            assumed.append(f"{name}: {'integer' if name in whole else 'scalar'}")
        else:
            sides = [mistakes.bracketed(d) for d in ((rows, columns) if columns != 1 else (rows,))]
            assumed.append(f"{name}: {'×'.join(sides)}")
        meant = mistakes.nearest(name, unused)
        if meant is not None:
            near.append(f"{name} is not declared; did you mean {meant}?")
        near += _misread(name, shapes)
    assumed += [f"{name}: elementwise" for name in scope.assumed_functions]
    return ([f"assumed {', '.join(assumed)}"] if assumed else []) + near


def _refuse_glued(items: Sequence[Item], shapes: Mapping[str, Shape], names: Names) -> None:
    """Refuse Ax where there is a vector x that it is not multiplied by: it is A·x without its sign."""
    products = {(a.data, b.data) for item in items if item.op == "chain" for a, b in pairwise(item.args)}
    for item in items:
        name = item.data if item.op == "symbol" and item.data not in names.kinds else ""
        if len(name) != 2 or not name[0].isupper() or name[1] not in shapes or (name, name[1]) in products:
            continue
        rows, columns = shapes[name[1]]
        if rows != 1 == columns:
            hint = f"write {name[0]}*{name[1]} for the product, or declare {name}"
            raise SyntaxMistake(f"{name} is one name, and there is a vector {name[1]}", span=item.span, hint=hint)


def _misread(name: str, shapes: Mapping[str, Shape]) -> list[str]:
    """Names that look like a product, as in Xw, or like an entry, as in z_y beside a vector z."""
    stem, _, index = name.partition("_")
    if len(name) == 2 and name.isalpha() and name.isascii() and (name[0].isupper() or set(name) <= shapes.keys()):
        return [f"{name} is one name; a product is {name[0]}*{name[1]}"]
    if index and shapes[name] == (1, 1) and shapes.get(stem, (1, 1)) != (1, 1):
        return [f"{name} is a name of its own and no entry of {stem}"]
    return []


def _no_variable(name: str, scope: Scope, known: tuple[str, ...]) -> MatcalcError:
    """Why a name that the user differentiates by is none: it is something else, or unknown."""
    if name in scope.defined or name in scope.templates:
        hint = f"leave the definition of {name} out, and declare {name}, to differentiate by it"
        return NameClash(f"{name} is defined by the formula, so it is no variable", hint=hint)
    if scope.names.is_function(name) or name in scope.assumed_functions:
        return NameClash(f"{name} is a function, so it is no variable", hint="differentiate by one of its arguments")
    if name in scope.names.dims:
        hint = f"a dimension is a whole number; for a scalar use another name, such as t instead of {name}"
        return NameClash(f"{name} is a dimension, so it is no variable", hint=hint)
    if name in scope.names.families:
        which, matrix = scope.names.families[name]
        hint = f"differentiate by {matrix}, whose {which} they are"
        return UnknownName(f"{name} stands for the {which} of {matrix}", hint=hint, name=name)
    return mistakes.unknown_variable(name, known)
