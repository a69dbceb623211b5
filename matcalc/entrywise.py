"""Elementwise functions as expressions: a scalar formula lifted to arrays, and derivatives from the table."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from matcalc import algebra
from matcalc.dims import Shape
from matcalc.elaborate import elaborate
from matcalc.expr import Expr, postorder
from matcalc.functions import Function, find_function
from matcalc.syntax import parse_program, parse_where

__all__ = ["derivative", "derivative_formula", "formula_of", "lift", "meaning_of"]


def lift(template: Expr, values: Mapping[str, Expr], shape: Shape) -> Expr:
    """A scalar formula applied entry by entry to arrays of one shape.

    Products become Hadamard products, numbers are broadcast where they are added.
    """
    done: dict[Expr, Expr] = {}
    for t in postorder(template):
        args = [done[a] for a in t.args]
        if t.op == "symbol" and t.name in values:
            done[t] = values[t.name]
        elif t.op == "add" and len({a.shape for a in args}) > 1:
            done[t] = algebra.add(*(algebra.broadcast(a, shape) for a in args))
        elif t.op == "mul":
            scalars, arrays = [a for a in args if a.is_scalar], [a for a in args if not a.is_scalar]
            done[t] = algebra.mul(*scalars, algebra.hadamard(*arrays)) if arrays else algebra.mul(*scalars)
        else:
            done[t] = algebra.reconstruct(t, tuple(args))
    return algebra.broadcast(done[template], shape)


def derivative(name: str, order: int, x: Expr) -> Expr:
    """The derivative of an elementwise function at x, from the table; the generic g′(x) if it has no such name."""
    known = find_function(name)
    if known is None:
        return algebra.elementwise(name, x, order)
    if x.op == "transpose":
        return algebra.transpose(derivative(name, order, x.args[0]))
    return lift(derivative_formula(known), {"x": x, "y": algebra.elementwise(name, x)}, x.shape)


@lru_cache(maxsize=1024)
def derivative_formula(known: Function) -> Expr:
    """The derivative as a formula in the scalars x and y = g(x)."""
    if not known.derivative:
        return _from_sympy(known)
    return elaborate(parse_program(known.derivative), parse_where("x, y: scalar")).expr


def _from_sympy(known: Function) -> Expr:
    from matcalc.sympy_bridge import differentiate

    x, formula = formula_of(known)
    return differentiate(formula, x)


@lru_cache(maxsize=1024)
def formula_of(known: Function) -> tuple[Expr, Expr]:
    """The argument of a function and its formula, as expressions in scalars."""
    formula = elaborate(parse_program(known.formula), parse_where(f"{known.parameter}: scalar")).expr
    return algebra.symbol(known.parameter), formula


@lru_cache(maxsize=1024)
def meaning_of(known: Function) -> Expr | None:
    """The formula in more elementary functions that defines a function of the table, if one is given."""
    text = known.formula or known.means
    return elaborate(parse_program(text), parse_where(f"{known.parameter}: scalar")).expr if text else None
