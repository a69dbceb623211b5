"""Results in SymPy have the same value."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sympy

import matcalc
from tests.corpus import cases, where

MORE = [
    {"id": "centered rows", "expr": "||(X - mean(X, columns))*W||_F^2", "wrt": "X", "where": "X: m×n, W: n×p"},
    {"id": "piecewise", "expr": "sum(where(X > Y, X.^2, Y .* X))", "wrt": "X", "where": "X, Y: m×n"},
]
SIMPLE = [c for c in cases("gradient") if not c.get("functions") and "det" not in c["ops"]]


@pytest.mark.parametrize("case", [*SIMPLE[::4], *MORE], ids=lambda c: c["id"])
def test_value_in_sympy(case: dict[str, Any]) -> None:
    """Explicit matrices in SymPy give the number that the compiled NumPy function gives."""
    d = matcalc.derive(case["expr"], case["wrt"], where=case.get("where") or where(case))
    converted = d.to_sympy()
    rng = np.random.default_rng(1)
    sizes = {
        n: 2 + i % 2
        for i, n in enumerate(sorted({str(x) for s in d.symbols.values() for x in s.shape if not isinstance(x, int)}))
    }
    arrays = {n: rng.uniform(0.3, 1.2, [sizes.get(str(x), x) for x in s.shape]) for n, s in d.symbols.items()}
    for n, s in d.symbols.items():
        if "symmetric" in s.data[1]:
            arrays[n] = arrays[n] + arrays[n].T
    substituted = converted.subs({sympy.Symbol(n, integer=True, positive=True): k for n, k in sizes.items()})
    for n, s in d.symbols.items():
        if s.is_scalar:
            substituted = substituted.subs(sympy.Symbol(n, real=True), float(arrays[n][0, 0]))
        else:
            rows, columns = arrays[n].shape
            substituted = substituted.subs(sympy.MatrixSymbol(n, rows, columns), sympy.Matrix(arrays[n].tolist()))
    value = substituted.doit()
    value = value.as_explicit() if hasattr(value, "as_explicit") else sympy.Matrix([[value]])
    got = np.array(value.evalf().tolist(), dtype=float)
    flat = {n: a[0, 0] if d.symbols[n].is_scalar else a.ravel() if a.shape[1] == 1 else a for n, a in arrays.items()}
    expected = np.asarray(d.compile()(**flat))
    assert got.ravel() == pytest.approx(expected.ravel(), rel=1e-8, abs=1e-8)
