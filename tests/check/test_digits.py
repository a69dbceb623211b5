"""Where float64 finds a difference, many digits decide whether it is one."""

from __future__ import annotations

import math
from random import Random

import numpy as np
import pytest

from matcalc.algebra import ones_like
from matcalc.api import derive, read
from matcalc.check import check
from matcalc.check.digits import Digits
from matcalc.check.evaluator import Evaluator
from matcalc.check.floats import Floats
from matcalc.check.jets import NoValue
from matcalc.functions import find_function, function_names

ROUNDED = [
    # an inverse that is nearly singular: 1e7 cancels, and again in its derivative
    ("tr(expm(A))*tr(inv(x*x' + 0.0000001*eye(n)))", "x", "A: n×n, x: n"),
    # 1 + t/10⁶ as a difference of numbers of 10¹⁵
    ("sum(expm(X))*(cosh(9*t)^2 - sinh(9*t)^2 + t/1000000)", "t", "X: n×n, t: scalar"),
    ("spectral_norm(X*exp(20*t)) - exp(20*t)*spectral_norm(X) + t", "t", "X: m×n, t: scalar"),
]


@pytest.mark.parametrize(("formula", "variable", "where"), ROUNDED)
def test_rounding_is_no_mistake(formula: str, variable: str, where: str) -> None:
    """A right derivative passes where float64 loses all its digits, and one with a mistake is refuted there, too."""
    for seed in range(3):
        d = derive(formula, variable, where=where, seed=seed)
        assert d.check is not None and d.check.ok
        report = check(d.function, d.variable, d.result * 1.001)
        assert report.ok is False, str(report)


def test_what_rounding_leaves_of_a_zero() -> None:
    """A function that does not change, times 10³⁰ and more: what is left of its derivative is rounding."""
    factors = "*".join(["exp(9*s)"] * 9)
    d = derive(f"{factors}*sum(atan2(W, W))", "W", where="W: m×n, s: scalar positive")
    assert d.check is not None and d.check.ok
    assert check(d.function, d.variable, d.result + ones_like(d.result.shape)).ok is False


@pytest.mark.parametrize("digits", [30, 60])
def test_singular_matrices_have_no_inverse(digits: int) -> None:
    """X·Xᵀ of a tall X is singular: rounding leaves pivots that are told from small ones."""
    ring = Digits(digits)
    number = ring.context.mpf
    x = [[number(v) * 1000 for v in row] for row in np.random.default_rng(1).uniform(-1, 1, (4, 3))]
    inverse = read("inv(X*X' + s*eye(m))", "X: m×n, s: scalar").expr
    evaluator = lambda s: Evaluator(ring, {"X": {0: x}, "s": {0: [[s]]}}, {"m": 4, "n": 3}, Random(1))
    with pytest.raises(NoValue, match="division by zero"):
        evaluator(number(0)).value(inverse)
    nearly = evaluator(number(10) ** -9).value(inverse)[0]
    assert float(sum(nearly[i][i] for i in range(4))) == pytest.approx(1e9, rel=1e-6)


PRIMITIVES = sorted({f.name for f in map(find_function, function_names()) if f is not None and not f.formula})


@pytest.mark.parametrize("name", PRIMITIVES)
def test_functions_are_those_of_float64(name: str) -> None:
    """A function has the same values, and the same derivatives, in float64 and in many digits; outside its domain none."""
    few, many = Floats(), Digits(40)
    for x in (0.37, 1.7, -0.41, -3.2):
        try:
            first = few.function(name)(x)
        except (NoValue, ValueError):
            with pytest.raises((NoValue, ValueError)):
                many.function(name)(many.context.mpf(x))
            continue
        second = many.function(name)(many.context.mpf(x))
        assert [float(v) for v in second] == pytest.approx(first, rel=1e-5, abs=1e-6), x
        assert float(second[0]) == pytest.approx(first[0], rel=1e-13, abs=1e-15)


def test_derivatives_of_functions_have_half_of_the_digits() -> None:
    """sin and its derivatives, against SymPy's own many digits."""
    import mpmath

    ring = Digits(60)
    value, first, second = ring.function("sin")(ring.context.mpf(0.7))
    with mpmath.workdps(60):
        x = mpmath.mpf(0.7)
        assert abs(value - mpmath.sin(x)) < 1e-59
        assert abs(first - mpmath.cos(x)) < 1e-40
        assert abs(second + mpmath.sin(x)) < 1e-35
    assert math.isclose(float(first), math.cos(0.7))
