"""What an expression costs: its length to read, then the work to compute it."""

from __future__ import annotations

from matcalc.expr import Expr, postorder

__all__ = ["cost"]

EXTRA = {"eye": 2.0, "ones": 0.5, "inv": 0.25, "commutation": 2.0}
"""Charged beyond its length: an identity that nobody typed, a vector of ones, an inverse written twice."""


def cost(e: Expr) -> tuple[float, int]:
    """The written length with extra charges, ties broken by the number of different nodes (the work)."""
    extra, nodes = 0.0, 0
    for node in postorder(e):
        nodes += 1
        extra += EXTRA.get(node.op, 0.0)
        if node.op == "mul" and node.args[0].value == -1:
            extra -= 1.0  # a sign is no factor
    return (e.size + extra, nodes)
