"""Elementwise formulas through SymPy, where there is more to do than arithmetic: cos(x)² − sin(x)² is cos(2x)."""

from __future__ import annotations

from matcalc import algebra
from matcalc.entrywise import lift
from matcalc.expr import Expr, postorder
from matcalc.simplify.cost import cost

__all__ = ["fused"]

FAMILIES = (frozenset({"sin", "cos", "tan", "cot", "sec", "csc"}), frozenset({"sinh", "cosh", "tanh"}))
"""Functions that identities connect; one of them alone is left as it is."""

ENTRYWISE = frozenset({"add", "mul", "hadamard", "power", "elementwise"})

LARGEST = 32
"""Written length above which SymPy is not asked."""


def fused(e: Expr) -> Expr:
    """A sum or entrywise product of related functions of one argument, simplified by SymPy if that is shorter."""
    if e.op not in ("add", "hadamard", "mul") or e.size > LARGEST or not _is_related(e):
        return e
    from matcalc.sympy_bridge import simplify_scalar

    scalar, arrays = _as_scalar(e)
    found = simplify_scalar(scalar)
    if found == scalar:
        return e
    lifted = lift(found, arrays, e.shape)
    return lifted if cost(lifted) < cost(e) else e


def _is_related(e: Expr) -> bool:
    """Whether two functions of one family are applied to the same argument; a cheap test before SymPy is loaded."""
    seen: dict[tuple[Expr, int], str] = {}
    for node in postorder(e):
        if node.op == "elementwise":
            for i, family in enumerate(FAMILIES):
                if node.data[0] in family and seen.setdefault((node.args[0], i), node.data[0]) != node.data[0]:
                    return True
    return False


def _as_scalar(e: Expr) -> tuple[Expr, dict[str, Expr]]:
    """The formula that is applied to every entry, and the arrays that its symbols stand for."""
    done: dict[Expr, Expr] = {}
    arrays: dict[str, Expr] = {}
    for node in postorder(e):
        constant = None if node.is_scalar else algebra.constant_entry(node)
        if constant is not None:
            done[node] = constant
        elif node.is_scalar:
            done[node] = node
        elif node.op in ENTRYWISE and node.shape == e.shape:
            args = tuple(done[a] for a in node.args)
            done[node] = algebra.mul(*args) if node.op == "hadamard" else algebra.reconstruct(node, args)
        else:
            name = f"entry {len(arrays)}"
            arrays[name] = node
            done[node] = algebra.symbol(name)
    return done[e], arrays
