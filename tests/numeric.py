"""Derivatives of random formulas as compiled code: against differences, the adjoint identity, the symmetry of Hessians."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np

import matcalc
from matcalc.check.digits import Digits
from matcalc.check.evaluator import Evaluator
from matcalc.check.jets import NoValue
from matcalc.check.points import draw, flat, sizes_of
from matcalc.check.prime_field import Field
from matcalc.check.primes import chain
from matcalc.codegen import Argument, compile_function
from matcalc.errors import UnsupportedError
from matcalc.expr import Expr, free_symbols

SIZES = {"m": 4, "n": 3, "p": 2}
GENERIC = {"g": np.sin, "dg": np.cos, "d2g": lambda x: -np.sin(x), "d3g": lambda x: -np.cos(x)}
DIFFERENTIALS = ("directional", "hvp")
"""The kinds of answers for maps without a matrix."""

LARGE = 1e6
"""Derivatives beyond this are not compared: differences have no digits left there."""


class NoComparison(Exception):
    """The code has no value at the point, or none that differences can tell."""


def arrays(d: matcalc.Derivation, random: Random) -> dict[str, Any]:
    """Small random values for every declared name, with the declared properties, and sin for g."""
    rng = np.random.default_rng(random.randrange(2**32))
    found: dict[str, Any] = {}
    for name, s in d.symbols.items():
        rows, columns = (e if isinstance(e, int) else SIZES[str(e)] for e in s.shape)
        a = rng.uniform(-1, 1, (rows, columns))
        if "integer" in s.data[1]:
            a = np.full((1, 1), 2)
        if "posdef" in s.data[1]:
            a = a @ a.T + np.eye(rows)
        elif "symmetric" in s.data[1]:
            a = a + a.T
        if "positive" in s.data[1]:
            a = abs(a) + 0.1
        found[name] = a[0, 0].item() if s.is_scalar else a.ravel() if columns == 1 else a
    return {**SIZES, **GENERIC, **found}


def value(f: Callable[..., Any], point: dict[str, Any]) -> Any:
    """What compiled code computes; NoComparison where that is nothing of use."""
    try:
        found = np.asarray(f(**point), dtype=float)
    except (np.linalg.LinAlgError, ArithmeticError, ValueError) as outside:
        raise NoComparison(str(outside)) from outside
    if not np.all(abs(found) < LARGE):
        raise NoComparison("too large")
    return found


def differences(f: Callable[..., Any], point: dict[str, Any], name: str, h: Any) -> tuple[Any, float]:
    """f's change along h by central differences, and how far two steps disagree."""
    x = np.asarray(point[name], dtype=float)

    def slope(step: float) -> Any:
        plus, minus = (value(f, {**point, name: x + s * step * h}) for s in (1, -1))
        return (plus - minus) / (2 * step)

    fine, coarse = slope(1e-5), slope(2e-5)
    return fine, float(np.max(abs(fine - coarse), initial=0))


def function_of(e: Expr, d: matcalc.Derivation) -> Callable[..., Any]:
    """An expression in the names of a derivation as code."""
    return compile_function(e, [Argument(n, s.shape) for n, s in d.symbols.items()])


def moving(d: matcalc.Derivation, random: Random) -> tuple[dict[str, Any], Any]:
    """A point, and a change of the variable there, by the name of the tangent as well."""
    point = arrays(d, random)
    h = np.random.default_rng(0).normal(size=np.shape(point[d.variable.name]))
    return {**point, d.linear_map.argument.name: h}, h


def contracted(d: matcalc.Derivation, derivative: Any, h: Any) -> Any:
    """What a derivative says of a change h; the differential, the answer where a map has no matrix, is that already."""
    if d.kind in DIFFERENTIALS:
        return derivative
    return np.tensordot(derivative, h, h.ndim) if h.ndim else derivative * h


def steady(d: matcalc.Derivation, point: dict[str, Any]) -> Any:
    """The derivative as code; NoComparison where rounding changes it, as with the singular vectors of equal values."""
    derivative = value(d.compile(), point)
    nudged = {n: v * (1 + 1e-13) if n in d.symbols and not isinstance(v, int) else v for n, v in point.items()}
    if np.max(abs(value(d.compile(), nudged) - derivative), initial=0) > 1e-7 * np.max(abs(derivative), initial=1e-3):
        raise NoComparison("ill-conditioned")
    return derivative


def compare_array(d: matcalc.Derivation, random: Random) -> None:
    """∂F_ij/∂X_kl as code against differences; the adjoint identity.

    Raises: AssertionError where they differ, NoComparison.
    """
    point, h = moving(d, random)
    f = function_of(d.function, d)
    change, doubt = differences(f, point, d.variable.name, h)
    derivative = steady(d, point)
    claimed = contracted(d, derivative, h)
    scale = np.max(abs(derivative), initial=1e-3) + np.max(abs(value(f, point)))
    assert np.max(abs(claimed.ravel() - change.ravel()), initial=0) < 1e-5 * scale + 20 * doubt
    assert is_adjoint(d, random)


def is_adjoint(d: matcalc.Derivation, random: Random) -> bool:
    """Whether <S, dF> = <pullback(S), dX>: in a prime field, or else in 40 digits to 1e-10 of its terms.

    Raises: NoComparison.
    """
    there = d.linear_map
    back = there.adjoint()
    symbols = free_symbols(there.value, back.value, there.argument, back.argument)
    for attempt in range(20):
        for ring in (Field(chain(random)[0], random), Digits(40)):
            sizes = sizes_of([there.value, back.value, *symbols.values()], "distinct", random)
            point = {n: draw(s, sizes, attempt, random, ring) for n, s in symbols.items()}
            evaluator = Evaluator(ring, {n: {0: m} for n, m in point.items()}, sizes, random)
            try:
                moved, pulled = (flat(evaluator.value(m.value)[0]) for m in (there, back))
                left = [a * b for a, b in zip(flat(point[back.argument.name]), moved, strict=True)]
                right = [a * b for a, b in zip(flat(point[there.argument.name]), pulled, strict=True)]
                gap = ring.gap(sum(left), right, 0 if ring.exact else sum(map(abs, left)))
            except (NoValue, UnsupportedError):
                continue
            if gap <= 1e-10:
                return True
            if not ring.exact:
                return False
    raise NoComparison("no point")


def compare_hessian(d: matcalc.Derivation, random: Random) -> None:
    """A Hessian against differences of the gradient, and its symmetry.

    Raises: AssertionError where they differ, NoComparison.
    """
    point, h = moving(d, random)
    assert d.previous is not None
    gradient = d.previous.compile()
    change, doubt = differences(gradient, point, d.variable.name, h)
    hessian = steady(d, point)
    scale = np.max(abs(hessian), initial=1e-3) + np.max(abs(value(gradient, point)))
    assert np.max(abs(contracted(d, hessian, h) - change)) < 1e-5 * scale + 20 * doubt
    if d.kind in DIFFERENTIALS:
        return
    square = hessian.reshape(h.size, h.size)
    assert np.allclose(square, square.T, atol=1e-9 * scale)
