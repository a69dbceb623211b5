"""The check that every answer passes before it is returned.

The function is evaluated over jets along a random direction, from the definitions of its operators; the claimed
derivative is evaluated at the same point. The rules of differentiation take no part in it.
"""

from __future__ import annotations

from matcalc.check.ladder import decide
from matcalc.check.questions import DerivativeQuestion, EqualityQuestion
from matcalc.check.report import PROOF, CheckReport
from matcalc.expr import Expr

__all__ = ["PROOF", "CheckReport", "check", "check_equal"]


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
    return decide(DerivativeQuestion(f, x, claim, kind, then or x, direction, convention), seed)


def check_equal(left: Expr, right: Expr, seed: int | None = None) -> CheckReport:
    """Compare two expressions of one shape at random points."""
    return decide(EqualityQuestion(left, right), seed)
