"""Gradients by symmetric, antisymmetric and diagonal variables are what differences inside the space give."""

from __future__ import annotations

import numpy as np
import pytest

import matcalc
from matcalc.errors import UnsupportedError

N = 4


def units(structure: str) -> list[tuple[int, int, np.ndarray]]:
    """The directions of the free entries of a structure, those on and below the diagonal."""
    found = []
    for i in range(N):
        for j in range(i + 1):
            if (structure == "diagonal" and i != j) or (structure == "antisymmetric" and i == j):
                continue
            e = np.zeros((N, N))
            e[i, j] = 1
            if i != j:
                e[j, i] = -1 if structure == "antisymmetric" else 1
            found.append((i, j, e))
    return found


@pytest.mark.parametrize("formula", ["tr(A*X)", "det(X + B)", "a'*inv(X + B)*a", "||A*X - B||_F^2"])
@pytest.mark.parametrize("structure", ["symmetric", "antisymmetric", "diagonal"])
def test_both_conventions(formula: str, structure: str) -> None:
    """By the free entries it holds their derivatives; within the space its inner products with directions do."""
    rng = np.random.default_rng(3)
    directions = units(structure)
    values = {"A": rng.normal(size=(N, N)), "B": rng.normal(size=(N, N)) + 3 * np.eye(N), "a": rng.normal(size=N)}
    x = sum(rng.normal() * e for _, _, e in directions)
    where = f"A, B: n×n, a: n, X: n×n {structure}"
    f = matcalc.parse(formula, where=where)
    names = {s for s in ("A", "B", "a") if s in formula}

    def value(at: np.ndarray) -> float:
        return float(f.compile()(X=at, **{s: values[s] for s in names}))

    got = {
        c: matcalc.derive(formula, "X", where=where, convention=c).compile()(X=x, **values) for c in ("free", "within")
    }
    for i, j, e in directions:
        slope = (value(x + 1e-5 * e) - value(x - 1e-5 * e)) / 2e-5
        assert got["free"][i, j] == pytest.approx(slope, rel=1e-6, abs=1e-7)
        assert np.sum(got["within"] * e) == pytest.approx(slope, rel=1e-6, abs=1e-7)


@pytest.mark.parametrize(("formula", "order"), [("A*X", 1), ("eigvec_max(X)", 1), ("det(X)", 2)])
def test_only_gradients(formula: str, order: int) -> None:
    """Jacobians and Hessians by a structured variable are refused, whatever their shape."""
    with pytest.raises(UnsupportedError, match="declared symmetric"):
        matcalc.derive(formula, "X", where="A: m×n, X: n×n symmetric", order=order)
