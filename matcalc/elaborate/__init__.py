"""From a syntax tree to an expression: names, kinds, shapes, broadcasts; what was assumed is noted."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from matcalc import algebra
from matcalc.dims import show_shape
from matcalc.elaborate.build import build
from matcalc.elaborate.dimensions import Dimensions
from matcalc.elaborate.items import AbstractFunction, Names, read_declarations, resolve
from matcalc.elaborate.kinds import assign_kinds, items_of, kinds_of
from matcalc.errors import MatcalcError, UnknownName
from matcalc.expr import Expr
from matcalc.functions import Function, using_functions
from matcalc.syntax import Declaration, Definition, Program

__all__ = ["AbstractFunction", "Elaborated", "elaborate"]


@dataclass(frozen=True)
class Elaborated:
    """What a formula means.

    Attributes:
        expr: the formula.
        symbols: every declared or occurring name, with its shape.
        wrt: the variables: those asked for, or the parameters of a definition f(W) = ….
        notes: what was assumed.
        functions: abstract functions by name.
    """

    expr: Expr
    symbols: Mapping[str, Expr]
    wrt: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    functions: Mapping[str, AbstractFunction | Function] = field(default_factory=dict)


def elaborate(
    program: Program,
    declarations: Sequence[Declaration | Definition] = (),
    wrt: Sequence[str] = (),
    dims: Collection[str] = (),
) -> Elaborated:
    """Resolve the names of a program, infer kinds and dimensions, and build the expression.

    Args:
        program: the formula with its definitions.
        declarations: of names and functions.
        wrt: names that must be known, the variables.
        dims: names of dimensions beyond those in the declarations.

    Raises: UnknownName if a variable neither is declared nor occurs; ShapeError, NameClash, UnsupportedError with the
    place in the text.
    """
    try:
        names = read_declarations(declarations)
        names.dims |= set(dims) - set(names.kinds)
        with using_functions(names.functions):
            return _elaborate(program, names, wrt)
    except MatcalcError as mistake:
        raise mistake.located(text=program.text) from None


def _elaborate(program: Program, names: Names, wrt: Sequence[str]) -> Elaborated:
    root, scope = resolve(program, names)
    items = items_of(root)
    assigned = assign_kinds(items, names)
    kinds = kinds_of(items, assigned)
    dims = Dimensions(items, kinds, names, program.text)
    expr = build(items, dims, scope)
    symbols = {
        i.data: algebra.symbol(i.data, dims.shape(i), names.properties.get(i.data, ()))
        for i in items
        if i.op == "symbol"
    }
    for name, shape in names.shapes.items():
        symbols.setdefault(name, algebra.symbol(name, shape, names.properties.get(name, ())))
    header = program.header[1] if program.header is not None else ()
    wanted = tuple(wrt) or header
    for name in wanted:
        if name not in symbols:
            raise _unknown(name, symbols, names)
    assumed = [_assumption(n, e) for n, e in symbols.items() if n not in names.shapes]
    notes = (*scope.notes, *dims.notes, *assumed)
    return Elaborated(expr, symbols, wanted, notes, {**names.abstract, **names.functions})


def _assumption(name: str, e: Expr) -> str:
    kind = "a scalar" if e.is_scalar else "a vector" if e.shape[1] == 1 else "a row" if e.shape[0] == 1 else "a matrix"
    shape = "" if e.is_scalar else f" of shape {show_shape(e.shape)}"
    return f"{name} taken as {kind}{shape}"


def _unknown(name: str, symbols: Mapping[str, Expr], names: Names) -> UnknownName:
    near = difflib.get_close_matches(name, symbols, 1, 0.5) or [n for n in symbols if n.lower() == name.lower()]
    known = ", ".join(list(symbols)[:8])
    hint = f"did you mean {near[0]}?" if near else f"the names are {known}" if known else "the formula has no names"
    return UnknownName(
        f"{name} is neither declared nor in the formula", name=name, nearest=near[0] if near else None, hint=hint
    )
