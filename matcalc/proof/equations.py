"""Definitions as equations between formulas: "X*F = det(X)*I, F*X = det(X)*I; words" says what F = adjugate(X) is.

F = formula can be put in place of F; from formula = X, as in F*F' = X, a claim is proved for every X of that form.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from matcalc.dims import Shape, show_shape
from matcalc.elaborate import elaborate
from matcalc.expr import Expr, free_symbols
from matcalc.operators import OPERATORS
from matcalc.pattern import substitute
from matcalc.syntax import parse_program, parse_where

__all__ = ["determinant", "explicit", "factored", "vanishing"]

VALUE = "F"
ARGUMENTS = ("X", "A", "B", "C", "k")
"""What the arguments of an operator may be called in its definition, in their order."""


class _Equation(NamedTuple):
    left: str
    right: str


def _equations(op: str) -> tuple[tuple[str, ...], list[_Equation]]:
    """The names of the arguments and the equations of a definition; none if it is in entries or in words."""
    text = OPERATORS[op].definition.partition(";")[0]
    sides = [equation.split("=") for equation in re.split(r",(?![^()]*\))", text)] if "[" not in text else []
    found = [_Equation(s[0].strip(), s[1].strip()) for s in sides if len(s) == 2]
    words = {word for e in found for side in e for word in re.findall(r"\w+", side)}
    return tuple(n for n in ARGUMENTS if n in words), found


@lru_cache(maxsize=256)
def _formula(text: str, op: str, names: tuple[str, ...], shapes: tuple[Shape, ...]) -> Expr:
    symmetric = " symmetric" if OPERATORS[op].symmetric else ""
    given = [f"{n}: {show_shape(s)}{symmetric if n == 'X' else ''}" for n, s in zip(names, shapes, strict=True)]
    return elaborate(parse_program(text), parse_where(", ".join(given))).expr


def explicit(node: Expr) -> tuple[tuple[str, ...], Expr] | None:
    """The names of the arguments and the formula that an operator stands for, if that is how it is defined."""
    names, found = _equations(node.op)
    if len(found) != 1 or found[0].left != VALUE:
        return None
    return names, _formula(found[0].right, node.op, names, tuple(a.shape for a in node.args))


def determinant(node: Expr) -> Expr | None:
    """The determinant of an operator's value as a formula in X, if its row says what it is."""
    row = OPERATORS.get(node.op)
    return _formula(row.determinant, row.name, ("X",), (node.args[0].shape,)) if row and row.determinant else None


def vanishing(node: Expr) -> Iterator[Expr]:
    """left - right of every equation that defines a node."""
    names, found = _equations(node.op)
    values = dict(zip((*names, VALUE), (*node.args[: len(names)], node), strict=True))
    shapes = tuple(v.shape for v in values.values())
    for left, right in found if explicit(node) is None else ():
        zero = _formula(f"({left}) - ({right})", node.op, tuple(values), shapes)
        yield substitute(zero, {s: values[n] for n, s in free_symbols(zero).items()})


def factored(node: Expr) -> tuple[Expr, Expr] | None:
    """A symbol for the value of a node, and its argument as a formula in it: F and F*F' for the factor of Cholesky."""
    names, found = _equations(node.op)
    if len(node.args) == 1 and node.args[0].op == "symbol":
        for left, right in found:
            if right == names[0] and names[0] not in re.findall(r"\w+", left):
                formula = _formula(left, node.op, (VALUE,), (node.shape,))
                return free_symbols(formula)[VALUE], formula
    return None
