"""The check that every answer passes before it is returned.

The function is evaluated over jets along a random direction, from the definitions of its operators; the claimed
derivative is evaluated at the same point. The rules of differentiation take no part in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from matcalc.check.evaluator import LARGE, Evaluator, Floats
from matcalc.check.jets import Jet, Matrix, NoValue
from matcalc.check.points import direction, draw, flat, sizes_of
from matcalc.errors import UnsupportedError
from matcalc.expr import Expr, free_symbols, postorder
from matcalc.functions import find_function

__all__ = ["CheckReport", "check", "check_equal"]

PLANS = ("distinct", "distinct", "equal", "large")
"""The sizes of the runs: all different (a lost transpose shows), all equal (as does one that only fits then), large."""

STRUCTURES = frozenset({"symmetric", "antisymmetric", "diagonal"})
REPEATS = 5
"""How often the runs are repeated for a formula with kinks: a mistake on one side of a kink shows only there."""

DRAWS = 12
"""Points tried for a run before it is given up."""

TOLERANCE = 2e-6
"""Relative to the sum of the absolute values of the terms compared."""


@dataclass(frozen=True, slots=True)
class CheckReport:
    """The verdict of a check: `ok` is True (right), False (refuted) or None (undecided).

    `method` says how, `detail` at which sizes and with which error, `bound` how probable it is that a wrong answer
    passes (None where no bound is known), `counterexample` where it is refuted.
    """

    ok: bool | None
    method: str
    detail: str
    bound: float | None = None
    counterexample: str | None = None

    def __str__(self) -> str:
        word = {True: "checked", False: "refuted", None: "undecided"}[self.ok]
        return f"{word} {self.method}: {self.detail}"


def check(
    f: Expr,
    x: Expr,
    claim: Expr,
    kind: str = "gradient",
    *,
    then: Expr | None = None,
    direction: Expr | None = None,
    convention: str = "within",
    seed: int | None = None,
) -> CheckReport:
    """Compare a claimed derivative with the function itself.

    Args:
        f: the function.
        x: the variable.
        claim: its derivative, in the shape that `kind` says.
        kind: "gradient" (the shape of x), "jacobian", "derivative" (∂vec f/∂vec x, or f's shape by a scalar),
            "hessian" (∂vec ∇/∂vec x), "hvp" (the gradient's change along a direction) or "directional" (f's).
        then: the second variable of a mixed second derivative.
        direction: a symbol in the shape of x, for the last two kinds.
        convention: for a structured variable, whether the claim is the gradient "within" its space, or by the "free"
            entries on and below the diagonal.
        seed: for the random points.
    """
    random = Random(20260 if seed is None else seed)
    worst, tried, trouble = 0.0, [], ""
    symbols = free_symbols(*(e for e in (f, x, claim, then, direction) if e is not None))
    kinked = any(
        e.op in ("max", "min", "norm1") or (e.op == "elementwise" and _has_kinks(e.data[0])) for e in postorder(f)
    )
    for plan in PLANS * (REPEATS if kinked else 1):
        for attempt in range(DRAWS):
            sizes = sizes_of([f, claim, *symbols.values()], plan, random)
            point = {n: draw(s, sizes, attempt, random) for n, s in symbols.items()}
            try:
                error = _error(f, x, claim, (kind, convention), (then or x, direction), point, sizes, random)
            except NoValue as reason:
                trouble = str(reason)
                continue
            except UnsupportedError as reason:
                return CheckReport(None, "numerically", str(reason))
            tried.append(sizes)
            worst = max(worst, error)
            if error > TOLERANCE:
                return CheckReport(
                    False, "numerically", f"relative error {error:.1e}", counterexample=_point_text(sizes, point)
                )
            break
    if len(tried) < 2:
        return CheckReport(None, "numerically", f"no point found where the formula has a value ({trouble})")
    shown = "; ".join(list(dict.fromkeys(", ".join(f"{n}={v}" for n, v in list(s.items())[:8]) for s in tried))[:4])
    at = f"at sizes {shown}" if shown else f"at {len(tried)} points"
    return CheckReport(True, "numerically", f"{at}; largest relative error {worst:.0e}")


def _error(
    f: Expr,
    x: Expr,
    claim: Expr,
    mode: tuple[str, str],
    others: tuple[Expr, Expr | None],
    point: Mapping[str, Matrix],
    sizes: dict[str, int],
    random: Random,
) -> float:
    """The difference between f along random directions and what the claim says of it, relative to its terms."""
    (kind, convention), (y, along) = mode, others
    jets: dict[str, Jet] = {n: {0: m} for n, m in point.items()}
    h1 = direction(point[x.name], random, x.data[1])
    if kind == "directional" and along is not None:
        h1 = point[along.name]
    jets[x.name] = {**jets[x.name], 1: h1}
    h2: Matrix = []
    if kind in ("hessian", "hvp"):
        h2 = direction(point[y.name], random, y.data[1]) if along is None else point[along.name]
        jets[y.name] = {**jets[y.name], 2: h2}
    evaluator = Evaluator(Floats(), jets, sizes, random)
    value = evaluator.value(f)
    plain = Evaluator(Floats(), {n: {0: m} for n, m in point.items()}, sizes, random)
    plain.generic = evaluator.generic
    derivative = plain.value(claim)[0]
    rows, columns = len(value[0]), len(value[0][0])
    if kind == "hessian":
        got = [_entry(value, 3)[0][0]]
        if x.is_scalar or y.is_scalar:
            derivative = [list(flat(derivative))] if x.is_scalar else [[d] for d in flat(derivative)]
        terms = [
            [a * d * b for a, row in zip(flat(h1), derivative, strict=True) for d, b in zip(row, flat(h2), strict=True)]
        ]
    elif kind == "directional":
        got, terms = [_entry(value, 1)[0][0]], [list(flat(derivative))]
    elif kind in ("gradient", "hvp"):
        got = [_entry(value, 1 if kind == "gradient" else 3)[0][0]]
        structured = bool(x.data[1] & STRUCTURES)
        terms = [
            [
                d * h
                for i, (p, q) in enumerate(zip(derivative, h1, strict=True))
                for j, (d, h) in enumerate(zip(p, q, strict=True))
                if not (structured and convention == "free" and j > i)
            ]
        ]
        if structured and not _has(derivative, x.data[1]):
            return 1.0  # the claim is not in the space, where alone it is unique
    elif (len(derivative), len(derivative[0])) == (rows, columns) and x.is_scalar:
        got = list(flat(_entry(value, 1)))
        terms = [[d * h1[0][0]] for d in flat(derivative)]
    else:
        got = list(flat(_entry(value, 1)))
        terms = [[d * h for d, h in zip(row, flat(h1), strict=True)] for row in derivative]
    noise = 1e-4 * sum(abs(v) for row in value[0] for v in row)  # cancellation inside f is no error of the claim
    return max(_relative(a, t, noise) for a, t in zip(got, terms, strict=True))


def _has_kinks(name: str) -> bool:
    known = find_function(name)
    return known is not None and bool(known.kink)


def _has(a: Matrix, props: frozenset[str]) -> bool:
    """Whether a matrix has the structure of its space, up to rounding."""
    scale = TOLERANCE * (1e-9 + max(abs(v) for row in a for v in row))
    sign = -1 if "antisymmetric" in props else 1
    return all(
        abs(v - sign * a[j][i]) <= scale and ("diagonal" not in props or i == j or abs(v) <= scale)
        for i, row in enumerate(a)
        for j, v in enumerate(row)
    )


def _entry(value: Jet, mask: int) -> Matrix:
    return value.get(mask) or [[0.0] * len(row) for row in value[0]]


def _relative(got: Any, terms: list[Any], noise: float) -> float:
    total = sum(terms)
    scale = abs(got) + sum(map(abs, terms)) + noise
    if not scale < LARGE:
        raise NoValue("a number too large")
    return float(abs(got - total) / (scale + 1e-9))


def _point_text(sizes: Mapping[str, int], point: Mapping[str, Matrix]) -> str:
    where = ", ".join(f"{n} = {v}" for n, v in sizes.items())
    values = "; ".join(f"{n} = {[[round(float(v), 3) for v in row] for row in m]}" for n, m in point.items())
    return f"at {where}: {values}" if where else f"at {values}"


def check_equal(left: Expr, right: Expr, seed: int | None = None) -> CheckReport:
    """Compare two expressions of one shape at random points."""
    random = Random(20260 if seed is None else seed)
    worst, tried, trouble = 0.0, [], ""
    symbols = free_symbols(left, right)
    for plan in PLANS:
        for attempt in range(DRAWS):
            sizes = sizes_of([left, right, *symbols.values()], plan, random)
            point = {n: draw(s, sizes, attempt, random) for n, s in symbols.items()}
            try:
                evaluator = Evaluator(Floats(), {n: {0: m} for n, m in point.items()}, sizes, random)
                values = [list(flat(evaluator.value(side)[0])) for side in (left, right)]
                scale = sum(abs(v) for side in values for v in side)
                if not scale < LARGE:
                    raise NoValue("a number too large")
            except NoValue as reason:
                trouble = str(reason)
                continue
            error = max(abs(a - b) for a, b in zip(*values, strict=True)) / (scale + 1e-9)
            tried.append(sizes)
            worst = max(worst, error)
            if error > TOLERANCE:
                where = _point_text(sizes, point)
                return CheckReport(False, "numerically", f"relative error {error:.1e}", counterexample=where)
            break
    if len(tried) < 2:
        return CheckReport(None, "numerically", f"no point found where both have a value ({trouble})")
    return CheckReport(True, "numerically", f"at {len(tried)} points; largest relative error {worst:.0e}")
