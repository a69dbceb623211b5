"""What an expression costs: its length to read, then the work to compute it."""

from __future__ import annotations

from matcalc import algebra
from matcalc.expr import Expr, postorder
from matcalc.operators import COLUMNWISE

__all__ = ["cost"]

EXTRA = {"eye": 2.0, "ones": 0.5, "inv": 0.25, "commutation": 2.0, "sym": 4.5}
"""Charged beyond its length: an identity that nobody typed, a vector of ones, an inverse written twice, a commutation
matrix, sym(A) for a sum A + Aᵀ that is short enough to read."""


def cost(e: Expr) -> tuple[float, int]:
    """The written length with extra charges, ties broken by the number of different nodes (the work)."""
    extra, nodes = 0.0, 0
    for node in postorder(e):
        nodes += 1
        extra += EXTRA.get(node.op, 0.0)
        if node.op == "mul" and node.args[0].value == -1:
            extra -= 1.0  # a sign is no factor
        elif node.op == "transpose" and node.args[0].op in COLUMNWISE:
            inside = node.args[0].args[0]
            extra += algebra.transpose(inside).size - inside.size - 1.0  # it reads as the operator on rows
        elif node.op == "add" and {a.op for a in node.args} == {"eye", "commutation"}:
            extra -= EXTRA["eye"]  # I + K is a matrix of its own
        elif node.op == "dot" and any(a.op == "commutation" for a in node.args) and any(map(_has_vec, node.args)):
            extra += 1.5  # K·(v·wᵀ + P) hides that K·v is the vec of a transpose
    return (e.size + extra, nodes)


def _has_vec(e: Expr) -> bool:
    """Whether a term of a sum begins with a vec."""
    cores = [t.args[-1] if t.op == "mul" else t for t in e.args] if e.op == "add" else []
    return any(c.op == "dot" and c.args[0].op == "vec" for c in cores)
