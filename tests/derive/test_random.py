"""Random formulas: compiled derivatives against differences, the adjoint identity, symmetric Hessians.

`pytest --hypothesis-profile nightly tests/derive/test_random.py` tries thousands.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import matcalc
from matcalc.codegen import Argument, compile_function
from matcalc.errors import UndecidedError
from tests.random_formulas import WHERE, array_formula, scalar_formula

SIZES = {"m": 4, "n": 3, "p": 2}


def arrays(d: matcalc.Derivation, random: Random) -> dict[str, Any]:
    """Small random values for every declared name, with the declared properties."""
    rng = np.random.default_rng(random.randrange(2**32))
    found: dict[str, Any] = {}
    for name, s in d.symbols.items():
        rows, columns = (e if isinstance(e, int) else SIZES[str(e)] for e in s.shape)
        a = rng.uniform(-1, 1, (rows, columns))
        if "posdef" in s.data[1]:
            a = a @ a.T + np.eye(rows)
        elif "symmetric" in s.data[1]:
            a = a + a.T
        if "positive" in s.data[1]:
            a = abs(a) + 0.1
        found[name] = float(a[0, 0]) if s.is_scalar else a.ravel() if columns == 1 else a
    return {**SIZES, **found}


def differences(f: Callable[..., Any], point: dict[str, Any], name: str, h: Any) -> tuple[Any, float]:
    """f's change along h by central differences, and how far two steps disagree."""
    x = np.asarray(point[name], dtype=float)

    def slope(step: float) -> Any:
        plus, minus = (np.asarray(f(**{**point, name: x + s * step * h}), dtype=float) for s in (1, -1))
        return (plus - minus) / (2 * step)

    fine, coarse = slope(1e-5), slope(2e-5)
    return fine, float(np.max(abs(fine - coarse)))


def derive_or_skip(formula: str, variable: str, **options: Any) -> Any:
    """The derivation, or None where the formula has a value nowhere."""
    try:
        return matcalc.derive(formula, variable, where=WHERE, **options)
    except UndecidedError:
        return None


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@given(st.randoms(use_true_random=False))
def test_arrays(random: Random) -> None:
    """∂F_ij/∂X_kl of random vectors and matrices against differences; <S, dF> = <pullback(S), dX> to rounding."""
    formula, variable = array_formula(random, random.randint(1, 4), kinks=False)
    d = derive_or_skip(formula, variable)
    if d is None:
        return
    point = arrays(d, random)
    x = np.asarray(point[variable])
    h = np.random.default_rng(0).normal(size=x.shape)
    value = compile_function(d.function, [Argument(n, s.shape) for n, s in d.symbols.items()])
    change, doubt = differences(value, point, variable, h)
    derivative = np.asarray(d.compile()(**point), dtype=float)
    claimed = np.tensordot(derivative, h, h.ndim) if h.ndim else derivative * h
    scale = np.max(abs(derivative), initial=1e-3) + np.max(abs(np.asarray(value(**point))))
    if not np.isfinite(scale) or scale > 1e6:
        return
    assert np.max(abs(claimed.reshape(-1) - change.reshape(-1)), initial=0) < 1e-5 * scale + 20 * doubt, formula
    there, back = d.linear_map, d.linear_map.adjoint()
    forward, backward = (
        compile_function(m.value, [Argument(n, s.shape) for n, s in {**d.symbols, m.argument.name: m.argument}.items()])
        for m in (there, back)
    )
    moved = np.asarray(forward(**point, **{there.argument.name: h}))
    cotangent = np.random.default_rng(1).normal(size=moved.shape)
    pulled = np.asarray(backward(**point, **{back.argument.name: cotangent}))
    terms = np.sum(abs(cotangent * moved)) + np.sum(abs(pulled * h))
    assert abs(np.sum(cotangent * moved) - np.sum(pulled * h)) <= 1e-10 * terms * 100 + 1e-12, formula


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@given(st.randoms(use_true_random=False))
def test_hessians(random: Random) -> None:
    """Hessians of random scalars against differences of the gradient; they are symmetric."""
    formula, variable = scalar_formula(random, random.randint(1, 3), kinks=False)
    d = derive_or_skip(formula, variable, order=2)
    if d is None:
        return
    point = arrays(d, random)
    x = np.asarray(point[variable])
    h = np.random.default_rng(0).normal(size=x.shape)
    gradient = d.previous.compile()
    change, doubt = differences(gradient, point, variable, h)
    hessian = np.asarray(d.compile()(**point), dtype=float)
    scale = np.max(abs(hessian), initial=1e-3) + np.max(abs(np.asarray(gradient(**point))))
    if not np.isfinite(scale) or scale > 1e6:
        return
    claimed = np.tensordot(hessian, h, h.ndim) if h.ndim else hessian * h
    assert np.max(abs(claimed - change)) < 1e-5 * scale + 20 * doubt, formula
    square = hessian.reshape(x.size, x.size)
    assert square == pytest.approx(square.T, abs=1e-9 * scale), formula


@given(st.randoms(use_true_random=False))
def test_gradients(random: Random) -> None:
    """Random scalars up to depth 6, kinks and all: every answer passes its check, and nothing else escapes."""
    formula, variable = scalar_formula(random, random.randint(1, 6))
    d = derive_or_skip(formula, variable)
    assert d is None or d.check.ok
