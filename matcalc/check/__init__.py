"""The check that every answer passes before it is returned.

The function is evaluated over jets along a random direction, from the definitions of its operators; the claimed
derivative is evaluated at the same point. The rules of differentiation take no part in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from matcalc.check.evaluator import Evaluator
from matcalc.check.floats import Floats
from matcalc.check.jets import Matrix, NoValue, Ring
from matcalc.check.points import draw, sizes_of
from matcalc.check.prime_field import Field
from matcalc.check.primes import chain
from matcalc.check.questions import DerivativeQuestion, EqualityQuestion, Question
from matcalc.errors import UnsupportedError
from matcalc.expr import Expr, free_symbols, postorder
from matcalc.functions import find_function

__all__ = ["CheckReport", "check", "check_equal"]

PLANS = ("distinct", "distinct", "equal", "large")
"""The sizes of the runs: all different (a lost transpose shows), all equal (as does one that only fits then), large."""

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
    return _decide(DerivativeQuestion(f, x, claim, kind, then or x, direction, convention), seed)


def check_equal(left: Expr, right: Expr, seed: int | None = None) -> CheckReport:
    """Compare two expressions of one shape at random points."""
    return _decide(EqualityQuestion(left, right), seed)


def _decide(question: Question, seed: int | None) -> CheckReport:
    """The first verdict of: exactly; in floats."""
    random = Random(20260 if seed is None else seed)
    trouble = _missing_domain(question, random)
    if trouble:
        return CheckReport(None, Floats.method, f"no point found where the formula has a value ({trouble})")
    try:
        runs = _runs(question, lambda: Field(chain(random)[0], random), PLANS, random)
        if runs.error == 0 and len(runs.sizes) >= len(PLANS):
            return CheckReport(True, Field.method, _sizes_text(runs.sizes))
    except UnsupportedError:
        pass
    return _in_floats(question, random)


@dataclass(slots=True)
class _Runs:
    """What came of some runs: the sizes of those that found a point, and where the sides differed."""

    sizes: list[dict[str, int]] = field(default_factory=list)
    error: float = 0.0
    point: Mapping[str, Matrix] | None = None
    trouble: str = ""


def _runs(question: Question, ring: Callable[[], Ring], plans: Sequence[str], random: Random) -> _Runs:
    """Compare the sides once for every plan, until they differ."""
    found = _Runs()
    symbols = free_symbols(*question.roots)
    roots = [*question.roots, *symbols.values()]
    for plan in plans:
        for attempt in range(DRAWS):
            arithmetic = ring()
            sizes = sizes_of(roots, plan, random)
            try:
                point = {n: draw(s, sizes, attempt, random, arithmetic) for n, s in symbols.items()}
                error = question.error(arithmetic, point, sizes, random)
            except NoValue as reason:
                found.trouble = str(reason)
                continue
            found.sizes.append(sizes)
            found.error = max(found.error, error)
            if error > TOLERANCE:
                found.point = point
                return found
            break
    return found


def _in_floats(question: Question, random: Random) -> CheckReport:
    plans = PLANS * (REPEATS if _has_kinks(question) else 1)
    try:
        runs = _runs(question, Floats, plans, random)
    except UnsupportedError as unsupported:
        return CheckReport(None, Floats.method, str(unsupported))
    if runs.point is not None:
        where = _point_text(runs.sizes[-1], runs.point)
        return CheckReport(False, Floats.method, f"relative error {runs.error:.1e}", counterexample=where)
    if len(runs.sizes) < 2:
        reason = f"no point found where the formula has a value ({runs.trouble})"
        return CheckReport(None, Floats.method, reason)
    return CheckReport(True, Floats.method, f"{_sizes_text(runs.sizes)}; largest relative error {runs.error:.0e}")


def _missing_domain(question: Question, random: Random) -> str:
    """Why no real point was found where all has a value, or ""; asked only where roots and logarithms stand."""
    nodes = list(postorder(*question.roots))
    if not any(_is_limited(e) for e in nodes):
        return ""
    symbols = free_symbols(*question.roots)
    trouble = ""
    for attempt in range(DRAWS):
        sizes = sizes_of([*question.roots, *symbols.values()], "distinct", random)
        point = {n: {0: draw(s, sizes, attempt, random)} for n, s in symbols.items()}
        evaluator = Evaluator(Floats(), point, sizes, random)
        try:
            for root in question.roots:
                evaluator.value(root)
        except NoValue as reason:
            trouble = str(reason)
        except UnsupportedError:
            return ""
        else:
            return ""
    return trouble


def _is_limited(e: Expr) -> bool:
    """Whether a node has a value only for some real arguments."""
    if e.op == "power":
        n = e.args[1].value
        return n is None or n.denominator != 1
    known = find_function(e.data[0]) if e.op == "elementwise" else None
    return known is not None and bool(known.domain)


def _has_kinks(question: Question) -> bool:
    return any(
        e.op in ("max", "min", "norm1") or (e.op == "elementwise" and _is_kinked(e.data[0]))
        for e in postorder(*question.roots)
    )


def _is_kinked(name: str) -> bool:
    known = find_function(name)
    return known is not None and bool(known.kink)


def _sizes_text(tried: Sequence[Mapping[str, int]]) -> str:
    shown = "; ".join(list(dict.fromkeys(", ".join(f"{n}={v}" for n, v in list(s.items())[:8]) for s in tried))[:4])
    return f"at sizes {shown}" if shown else f"at {len(tried)} points"


def _point_text(sizes: Mapping[str, int], point: Mapping[str, Matrix]) -> str:
    where = ", ".join(f"{n} = {v}" for n, v in sizes.items())
    values = "; ".join(f"{n} = {[[round(float(v), 3) for v in row] for row in m]}" for n, m in point.items())
    return f"at {where}: {values}" if where else f"at {values}"
