"""The expanded form: products multiplied out over sums."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from operator import is_

from matcalc import algebra
from matcalc.errors import LimitError
from matcalc.expr import Expr, rebuild

__all__ = ["expand"]

PASSES = 4
"""A factor that cancels a denominator is multiplied out one pass later than the sum with the denominator."""

TERMS = 2000
"""More terms than this are refused."""


def expand(e: Expr) -> Expr:
    """Multiply out every product over the sums in it; A·(B + C) becomes A·B + A·C.

    Raises: LimitError if that would give more than 2,000 terms in one sum.
    """
    for _ in range(PASSES):
        more = rebuild(e, _expanded)
        if more == e:
            break
        e = more
    return e


def _expanded(e: Expr, args: tuple[Expr, ...]) -> Expr:
    if all(map(is_, args, e.args)) and not any(a.op == "add" for a in args):
        return e
    if e.op in ("mul", "dot"):
        return _multiplied(args, algebra.mul)
    if e.op == "hadamard":
        return _multiplied(args, algebra.hadamard)
    if e.op == "transpose" and args[0].op == "add":
        return algebra.add(*(algebra.transpose(t) for t in args[0].args))
    if e.op == "tr" and args[0].op == "add":
        return algebra.add(*(algebra.apply("tr", t) for t in args[0].args))
    if e.op == "power" and args[1].value in (2, 3) and args[0].op == "add":
        entrywise = algebra.mul if e.is_scalar else algebra.hadamard
        return _multiplied([args[0]] * int(args[1].value or 0), entrywise)
    return algebra.reconstruct(e, args)


def _multiplied(factors: Sequence[Expr], combine: Callable[..., Expr]) -> Expr:
    below = {d for f in factors if f.op == "add" for t in f.args for d in _denominators(t)}
    added = [f for f in factors if f.op == "add"]
    postponed = [f for f in added if f in below]
    if len(postponed) == len(added):
        postponed = []
    sums = [f.args if f.op == "add" and f not in postponed else (f,) for f in factors]
    count = 1
    for s in sums:
        count *= len(s)
    if count > TERMS:
        raise LimitError(
            f"the expanded form would have {count} terms", limit=TERMS, found=count, hint="use the form as it is"
        )
    if count == 1:
        return combine(*factors)
    return algebra.add(*(combine(*choice) for choice in product(*sums)))


def _denominators(term: Expr) -> list[Expr]:
    """The bases of negative powers among the factors of a term."""
    factors = [
        f
        for part in (term.args if term.op == "mul" else (term,))
        for f in (part.args if part.op == "hadamard" else (part,))
    ]
    return [f.args[0] for f in factors if f.op == "power" and f.args[1].value is not None and f.args[1].value < 0]
