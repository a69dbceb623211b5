"""Compiled derivatives of the corpus against differences of the compiled function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.check.jets import NoValue
from tests.corpus import cases, where


def _function(case: dict[str, Any], name: str) -> Callable[[Any], Any]:
    text = (case.get("functions") or {})[name]
    words = {w: getattr(np, w) for w in ("sin", "cos", "exp", "log", "tanh", "sqrt", "cosh", "sinh")}
    code = compile(text, "case", "eval")
    return lambda t: eval(code, {"__builtins__": {}}, {**words, "t": t}) + 0.0 * t


@pytest.mark.parametrize("case", cases(), ids=lambda c: c["id"])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_compiled_derivative(case: dict[str, Any], at_point: Callable[..., Any]) -> None:
    """Central differences of f along a random direction agree with the compiled derivative."""
    order = 2 if case["kind"] == "hessian" else 1
    d = matcalc.derive(case["expr"], case["wrt"], where=where(case), order=order)
    value = d.previous.compile() if d.previous is not None else matcalc.parse(case["expr"], where=where(case)).compile()
    functions = {}
    for name in case.get("functions") or {}:
        primes = name.count("'")
        functions[("d" if primes == 1 else f"d{primes}" if primes else "") + name.rstrip("'")] = _function(case, name)
    variable = case["wrt"]

    def compare(point: dict[str, Any], sizes: dict[str, int]) -> None:
        arrays = {n: np.array(point.get(n, [[0.5]]), dtype=float) for n in case["shapes"]}
        for n, dims in case["shapes"].items():
            arrays[n] = arrays[n].reshape(()) if not dims else arrays[n].ravel() if len(dims) == 1 else arrays[n]
        if variable not in point:
            return
        rng = np.random.default_rng(0)
        h = rng.normal(size=arrays[variable].shape)
        step = 1e-6
        try:
            plus, minus = (value(**{**arrays, variable: arrays[variable] + s * step * h}, **functions) for s in (1, -1))
            derivative = np.asarray(d.compile()(**arrays, **functions))
        except np.linalg.LinAlgError as singular:
            raise NoValue("singular") from singular
        difference = (np.asarray(plus) - np.asarray(minus)) / (2 * step)
        if not (np.isfinite(difference).all() and np.isfinite(derivative).all()):
            raise NoValue("not finite")
        claimed = np.tensordot(derivative, h, h.ndim) if derivative.ndim >= h.ndim else derivative * h
        assert np.squeeze(claimed) == pytest.approx(
            np.squeeze(difference), rel=1e-4, abs=1e-5 * (1 + np.abs(derivative).max())
        )

    symbols = [s for n, s in d.symbols.items() if n in case["shapes"]]
    at_point([d.function, *symbols], compare)
