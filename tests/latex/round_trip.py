"""Whether the LaTeX of an expression reads back, with the names declared as they are."""

from __future__ import annotations

from random import Random

import matcalc
from matcalc import algebra
from matcalc.check.points import sizes_of
from matcalc.dims import show_shape
from matcalc.expr import Expr, free_symbols, postorder, rebuild
from matcalc.functions import find_function
from matcalc.printing import latex

__all__ = ["declarations", "difference"]


def declarations(e: Expr) -> str:
    """The declarations of all that occurs in an expression, its dimensions included."""
    found = []
    for name, symbol in free_symbols(e).items():
        words = set(symbol.data[1])
        shape = "" if "integer" in words else show_shape(symbol.shape)
        found.append(f"{name}: {shape} {' '.join(sorted(words))}")
    found += [f"unused{i}: {d}" for i, d in enumerate(sizes_of([e], "equal", Random(1)))]
    functions = {n.data[0] for n in postorder(e) if n.op == "elementwise"}
    found += [f"{f}: elementwise" for f in sorted(functions) if find_function(f) is None]
    return ", ".join(found)


def difference(e: Expr) -> str | None:
    """What is read instead of an expression, None if its LaTeX reads back as the same.

    ‖x‖² may be a node of its own or a power of ‖x‖, norms of numbers are absolute values, ‖x‖₂ and ‖x‖_* are ‖x‖: what is printed alike is
    equal here.
    """
    shown = latex(e)
    try:
        back = matcalc.parse(shown, declarations(e), language="latex")
    except matcalc.MatcalcError as mistake:
        return f"{shown}: {mistake}"
    return None if _spelled_out(back) == _spelled_out(e) else f"{shown} is read as {back}"


def _spelled_out(e: Expr) -> Expr:
    def made(node: Expr, args: tuple[Expr, ...]) -> Expr:
        if node.op == "normsq":
            root = algebra.elementwise("abs", args[0]) if args[0].is_scalar else algebra.apply("norm", args[0])
            return algebra.power(root, algebra.number(2))
        if node.op in ("norm", "norm1", "spectral_norm", "nuclear_norm") and args[0].is_scalar:
            return algebra.elementwise("abs", args[0])
        if node.op in ("spectral_norm", "nuclear_norm") and 1 in args[0].shape:
            return algebra.apply("norm", args[0])
        return algebra.reconstruct(node, args)

    return rebuild(e, made)
