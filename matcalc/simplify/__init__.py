"""From the sweep's result to the form a textbook prints.

Nodes are born in canonical form, with the rewrites of ``rules/simplify`` applied; what is left to do is to take common
factors out of sums and to choose the cheapest of a few forms, within a budget.
"""

from __future__ import annotations

from functools import partial

from matcalc import algebra
from matcalc.errors import LimitError
from matcalc.expr import Expr, postorder, rebuild
from matcalc.operators import OPERATORS
from matcalc.pattern import remade
from matcalc.simplify.chains import fused
from matcalc.simplify.cost import cost
from matcalc.simplify.expansion import expand
from matcalc.simplify.factoring import Factoring

__all__ = ["cost", "expand", "factored", "simplest"]

TURNABLE = frozenset({"dot"} | {name for name, row in OPERATORS.items() if row.transpose == "invariant"})
"""What may be the same for a transposed product."""

SPREAD = ("add", "hadamard", "elementwise", "power")
"""What goes term by term or entry by entry, so that a transpose may stand inside as well as outside."""

PASSES = 3
"""A second pass shortens a few results further, a fourth none in trials."""

BUDGET = 400
"""Written length above which only the form at hand is factored, not the expanded one as well."""

LIMIT = 20_000
"""Written length above which the form is returned as it is."""


def factored(e: Expr) -> Expr:
    """The expression with common factors taken out of every sum, passes repeated while they help."""
    for _ in range(PASSES):
        better = rebuild(e, partial(_factored, Factoring()))
        if cost(better) >= cost(e):
            return e
        e = better
    return e


def _factored(search: Factoring, e: Expr, args: tuple[Expr, ...]) -> Expr:
    made = remade(e, args)
    if made.op == "add":
        return search.factor(made)
    return _turned(made) if made.is_scalar and made.op in TURNABLE else made


def _fused(e: Expr, args: tuple[Expr, ...]) -> Expr:
    return fused(remade(e, args))


def _ordered(e: Expr, args: tuple[Expr, ...]) -> Expr:
    made = _squared(remade(e, args))
    return _positive_first(made) if made.op == "add" else made


def _spread(root: Expr) -> Expr:
    """Yᵀ − Z for (Y − Zᵀ)ᵀ and P ⊙ Yᵀ for (Pᵀ ⊙ Y)ᵀ, where that is no longer, at any depth."""
    if not any(e.op == "transpose" and e.args[0].op in SPREAD for e in postorder(root)):
        return root
    plain: dict[bytes, Expr] = {}
    turned: dict[bytes, Expr] = {}
    for e in postorder(root):
        args, others = ([side[a.key] for a in e.args] for side in (plain, turned))
        made = algebra.reconstruct(e, tuple(args)) if args else e
        if e.op in SPREAD:
            other = algebra.reconstruct(e, tuple(others))
        elif e.op == "dot":
            other = algebra.mul(*reversed(others))
        elif e.op == "mul":
            other = algebra.mul(*args[:-1], others[-1])
        else:
            other = args[0] if e.op == "transpose" else algebra.transpose(made)
        if e.op == "transpose" and e.args[0].op in SPREAD and cost(others[0]) <= cost(made):
            made = others[0]
        plain[e.key], turned[e.key] = made, other
    return plain[root.key]


def _squared(e: Expr) -> Expr:
    """‖A·x‖² for xᵀ·Aᵀ·A·x; xᵀ·x stays as it is."""
    half = len(e.args) // 2
    if e.op != "dot" or not e.is_scalar or half < 2 or len(e.args) % 2:
        return e
    right = algebra.mul(*e.args[half:])
    return algebra.apply("normsq", right) if algebra.mul(*e.args[:half]).key == right.tkey else e


def _positive_first(total: Expr) -> Expr:
    """The sum with a positive term in front where there is one: X − D·R, not −D·R + X."""
    first = next((t for t in total.args if algebra.split_number(t)[0] > 0), total.args[0])
    return total if first is total.args[0] else algebra.add(first, *(t for t in total.args if t is not first))


def _turned(e: Expr) -> Expr:
    """A 1×1 product, a trace or a norm, transposed if that needs fewer transposes."""
    chain = e if e.op == "dot" else e.args[0]
    if chain.op != "dot":
        return e
    other = algebra.mul(*(algebra.transpose(f) for f in reversed(chain.args)))
    if e.op != "dot":
        other = algebra.apply(e.op, other)
    return other if other.size < e.size else e


def simplest(e: Expr) -> Expr:
    """The cheapest among the factored form and the expanded form factored anew."""
    if e.size > LIMIT:
        return e
    best = factored(e)
    if best.size <= BUDGET:
        try:
            expanded = expand(e)
            if expanded != e:
                best = min((best, factored(expanded)), key=cost)
        except LimitError:
            pass
    for _ in range(PASSES):
        better = _spread(rebuild(best, _fused))
        if better is best:
            break
        before, best = cost(best), factored(better)
        if cost(best) >= before:
            break
    return rebuild(best, _ordered)
