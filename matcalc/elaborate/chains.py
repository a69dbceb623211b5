"""Products written without brackets: which of · and ⊙ binds tighter, and how a chain is folded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

from matcalc.elaborate.kinds import MATRIX, ROW, SCALAR, VECTOR

__all__ = ["ENTRYWISE", "MATRIX_PRODUCT", "PRODUCT", "READINGS", "Fit", "fits", "fold", "is_mixed", "readings_that_fit"]

READINGS = ("left to right", "⊙ tighter", "· tighter")
"""The readings of a chain, the first one preferred where several fit equally well."""

ENTRYWISE = frozenset({".*", "./"})
MATRIX_PRODUCT = frozenset({"*", "", "\\"})
PRODUCT = frozenset({"*", "", "/"})

Value = TypeVar("Value")
Combine = Callable[[Value, Value, str], Value]


class Fit(NamedTuple):
    """How the kinds of a chain fit: the kind of its value, clashes of kinds, and rows or columns repeated."""

    kind: int
    clashes: int
    broadcasts: int


def is_mixed(operators: Sequence[str], kinds: Sequence[int]) -> bool:
    """Whether both · and ⊙ stand between factors that are not scalars; scalar factors decide nothing."""
    seen = set()
    before = kinds[0] != SCALAR
    for op, kind in zip(operators, kinds[1:], strict=True):
        if before and kind != SCALAR and op != "/":
            seen.add(op in ENTRYWISE)
        before = before or kind != SCALAR
    return len(seen) == 2


def fold(operators: Sequence[str], values: Sequence[Value], reading: str, combine: Combine[Value]) -> Value:
    """The value of a chain in a reading, given how two values combine.

    >>> show = lambda a, b, op: f"({a}{op}{b})"
    >>> [fold(["*", ".*"], ["A", "B", "C"], reading, show) for reading in READINGS]
    ['((A*B).*C)', '(A*(B.*C))', '((A*B).*C)']
    """
    if reading == READINGS[0]:
        total = values[0]
        for op, value in zip(operators, values[1:], strict=True):
            total = combine(total, value, op)
        return total
    tight = ENTRYWISE if reading == READINGS[1] else MATRIX_PRODUCT | {"/"}
    runs: list[Value] = [values[0]]
    between: list[str] = []
    for op, value in zip(operators, values[1:], strict=True):
        if op in tight:
            runs[-1] = combine(runs[-1], value, op)
        else:
            between.append(op)
            runs.append(value)
    return fold(between, runs, READINGS[0], combine)


def combine_kinds(a: Fit, b: Fit, op: str) -> Fit:
    """How two factors fit, told from their kinds."""
    k, other = a.kind, b.kind
    clashes, broadcasts = a.clashes + b.clashes, a.broadcasts + b.broadcasts
    if op in ("*", "") and SCALAR not in (k, other):
        # The columns of the one are the rows of the other: one of each, or more of each.
        clashes += (k & 2 != 0) != (other & 1 != 0)
        return Fit((k & ROW) | (other & VECTOR), clashes, broadcasts)
    if op == "/":
        return Fit(k, clashes + (other != SCALAR), broadcasts)
    if op == "\\":
        return Fit(other, clashes + (k != MATRIX) + (other & ROW != 0), broadcasts)
    joined = k & other
    if SCALAR not in (k, other):
        broadcasts += (k != joined) + (other != joined)
    return Fit(joined, clashes, broadcasts)


def fits(operators: Sequence[str], kinds: Sequence[int], reading: str) -> Fit:
    """How the kinds of a chain fit in a reading."""
    return fold(operators, [Fit(k, 0, 0) for k in kinds], reading, combine_kinds)


def product_fits(operators: Sequence[str], kinds: Sequence[int]) -> Fit:
    """The same for what most chains are, a product without ⊙, faster."""
    kind, clashes = kinds[0], 0
    for op, other in zip(operators, kinds[1:], strict=True):
        if op == "/":
            clashes += other != SCALAR
        elif kind == SCALAR:
            kind = other
        elif other != SCALAR:
            clashes += (kind & 2 != 0) != (other & 1 != 0)
            kind = (kind & ROW) | (other & VECTOR)
    return Fit(kind, clashes, 0)


def readings_that_fit(operators: Sequence[str], kinds: Sequence[int]) -> dict[str, Fit]:
    """The readings in which kinds clash least and nothing is repeated needlessly, the preferred one first.

    Chains that are not mixed have one reading.
    """
    first = READINGS[0]
    if PRODUCT.issuperset(operators):
        return {first: product_fits(operators, kinds)}
    if not is_mixed(operators, kinds):
        return {first: fits(operators, kinds, first)}
    found = {reading: fits(operators, kinds, reading) for reading in READINGS}
    best = min((fit.clashes, fit.broadcasts) for fit in found.values())
    return {reading: fit for reading, fit in found.items() if (fit.clashes, fit.broadcasts) == best}
