"""Named intermediates: a formula whose written form is long, as definitions that share what occurs more than once."""

from __future__ import annotations

from matcalc import algebra
from matcalc.expr import Expr, make, postorder

__all__ = ["named_intermediates"]

SIZE = 6
"""Shared subexpressions smaller than this are written out."""

LONG = 400
"""A subexpression whose remaining written form reaches this size gets a name even if it occurs once."""


def named_intermediates(e: Expr) -> tuple[list[tuple[str, Expr]], Expr]:
    """Definitions (name, value) in order, and the formula in terms of them."""
    uses: dict[Expr, int] = {}
    for node in postorder(e):
        for a in node.args:
            uses[a] = uses.get(a, 0) + 1
    taken = {n.name for n in postorder(e) if n.op == "symbol"}
    done: dict[Expr, Expr] = {}
    definitions: list[tuple[str, Expr]] = []
    for node in postorder(e):
        args = tuple(done[a] for a in node.args)
        # The parts are canonical already, and a name must not be merged with what it stands for: no constructor here.
        made = (
            node
            if all(a is b for a, b in zip(args, node.args, strict=True))
            else make(node.op, args, node.data, node.shape)
        )
        if node is not e and node.args and ((uses[node] > 1 and made.size >= SIZE) or made.size >= LONG):
            name = next(f"Z{i}" for i in range(len(definitions) + 1, 10**9) if f"Z{i}" not in taken)
            taken.add(name)
            definitions.append((name, made))
            made = algebra.symbol(name, node.shape)
        done[node] = made
    return definitions, done[e]
