"""Equations that hold at a minimum: Xᵀ·X·w = Xᵀ·y and w = (Xᵀ·X)⁻¹·Xᵀ·y follow from df/dw = 0.

They are no identities. What is zero, a gradient or what a line … = 0 says, is kept with its variable. A formula for the
variable is put into it; any other equation is evaluated where it is zero, at random points, if it is affine there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from random import Random

from matcalc import algebra
from matcalc.auditing.report import Finding
from matcalc.check import check_equal
from matcalc.check.jets import Matrix, NoValue
from matcalc.check.points import draw, flat, sizes_of
from matcalc.claims import factor_between, find_repair, values
from matcalc.errors import MatcalcError
from matcalc.expr import Expr, free_symbols
from matcalc.pattern import substitute

__all__ = ["Condition", "judge"]

POINTS, ATTEMPTS = 3, 36
"""Solutions at which an equation must hold, and the points that are tried for them."""
MOST = 40
"""Entries of a variable for which a condition is solved."""
CLOSE = 1e-6
"""What is zero, relative to the terms; a solution is found to some digits less than its condition."""


@dataclass(frozen=True, slots=True)
class Condition:
    """What is zero, such as a gradient.

    words: what it is called: df/dw.
    value: an expression in the names of `symbols`.
    variable: for which it can be solved; None if this is not known.
    """

    words: str
    value: Expr
    variable: Expr | None
    symbols: Mapping[str, Expr]


def judge(conditions: Sequence[Condition], sides: Sequence[tuple[Expr, Expr] | None]) -> Finding | None:
    """The verdict on an equation, where it can follow from one of the conditions; None if it is about something else.

    Args:
        sides: those of the equation, with the shapes of each condition; None where they do not fit.
    """
    found: list[Finding] = []
    solved = {c.variable.name for c in conditions if c.variable is not None}
    for condition, pair in zip(conditions, sides, strict=True):
        finding = None if pair is None else _follows(condition, *pair, solved)
        if finding is not None and finding.status == "right":
            return finding
        found += [] if finding is None else [finding]
    return next((f for f in found if f.status == "condition"), found[-1] if found else None)


def _follows(condition: Condition, left: Expr, right: Expr, solved: set[str]) -> Finding | None:
    """Whether an equation follows from a condition; `solved` are the variables of all conditions."""
    names, others = (set(free_symbols(*roots)) for roots in ((left, right), (condition.value,)))
    variable = condition.variable
    if variable is not None and variable.name not in names:
        return None
    zero = f"{condition.words} = 0"
    holds: bool | None
    if left == variable and variable.name not in free_symbols(right):
        value = substitute(condition.value, {left: right})
        holds = check_equal(value, algebra.zeros(value.shape)).ok
        words = f"solves {zero}"
    else:
        if not algebra.is_zero(right) and _holds(condition, left, algebra.zeros(left.shape)):
            if not _is_at_zero(condition) or _is_multiple(condition.value, left):
                return None  # both sides are zero, whatever they are
            holds = _is_multiple(condition.value, algebra.sub(left, right)) or None
        else:
            holds = _holds(condition, left, right)
        words = f"where {zero}"
    if holds:
        return Finding("right", right, words)
    if holds is None and variable is None:
        return None
    foreign = sorted(names ^ others)
    if foreign:
        return Finding("condition", right, f"{', '.join(foreign)} is not in both this and {zero}")
    if holds is None or variable is None or len(solved & others) > 1:
        return Finding("condition", right)
    repair = None
    if left == variable:
        truth = algebra.zeros(condition.value.shape)
        repair = find_repair(right, truth, lambda e: substitute(condition.value, {left: e}))
    return Finding("wrong", right, f"does not {'solve' if left == variable else 'follow from'} {zero}", repair=repair)


def _holds(condition: Condition, left: Expr, right: Expr) -> bool | None:
    """Whether an equation holds where the condition does; None if this is not found out."""
    unknown = [condition.variable] if condition.variable is not None else list(free_symbols(condition.value).values())
    for variable in unknown:
        held = _at_solutions(condition.value, variable, left, right)
        if held is not None:
            return held
    return _is_multiple(condition.value, algebra.sub(left, right)) or None


def _is_multiple(value: Expr, e: Expr) -> bool:
    """Whether an expression or its transpose is a number times a value."""
    for turned in (e, algebra.transpose(e)):
        factor = factor_between(turned, value) if turned.shape == value.shape else None
        if factor is not None and check_equal(algebra.mul(algebra.number(factor), turned), value).ok:
            return True
    return False


def _is_at_zero(condition: Condition) -> bool:
    """Whether zero is a solution, as of A·x = λ·x, so that the others are those that matter."""
    x, value = condition.variable, condition.value
    return (
        x is not None
        and check_equal(substitute(value, {x: algebra.zeros(x.shape)}), algebra.zeros(value.shape)).ok is True
    )


def _at_solutions(value: Expr, variable: Expr, left: Expr, right: Expr) -> bool | None:
    """Whether two expressions are equal wherever another is zero, which must be affine in the variable."""
    symbols = free_symbols(value, left, right)
    found = 0
    for attempt in range(ATTEMPTS):
        random = Random(attempt)
        with suppress(NoValue, MatcalcError, ArithmeticError):
            sizes = sizes_of([value, left, right], ("distinct", "large", "equal")[attempt % 3], random)
            point = {n: draw(s, sizes, attempt // 3, random) for n, s in symbols.items()}
            solution = _solution(value, variable, point, sizes)
            if solution is None:
                continue
            point[variable.name] = solution
            a, b = (flat(values(e, point, sizes)) for e in (left, right))
            scale = max(map(abs, (*a, *b)))
            if any(abs(x - y) > CLOSE * max(1.0, scale) for x, y in zip(a, b, strict=True)):
                return False
            found += 1
            if found == POINTS:
                return True
    return None


def _solution(value: Expr, variable: Expr, point: Mapping[str, Matrix], sizes: Mapping[str, int]) -> Matrix | None:
    """The value of the variable for which an expression is zero, if it is affine and there is one."""
    import numpy as np

    start = np.array(point[variable.name], dtype=float)
    if start.size > MOST:
        return None

    def at(entries: np.ndarray) -> np.ndarray:
        moved = {**point, variable.name: entries.reshape(start.shape).tolist()}
        return np.array(list(flat(values(value, moved, sizes))), dtype=float)

    first = at(start)
    slopes = np.array([at(start.ravel() + unit) - first for unit in np.eye(start.size)]).T
    if slopes.shape[0] < start.size or np.linalg.cond(slopes) > 1e6:
        return None
    step = np.linalg.lstsq(slopes, first, rcond=None)[0]
    there = at(start.ravel() - step)
    if np.abs(there).max() > 1e-9 * (np.abs(first).max() + np.abs(slopes).max()):
        return None
    return [list(row) for row in (start.ravel() - step).reshape(start.shape).tolist()]
