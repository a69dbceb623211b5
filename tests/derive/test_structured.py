"""Gradients by symmetric, antisymmetric, diagonal and triangular variables are what differences inside the space give."""

from __future__ import annotations

import numpy as np
import pytest

import matcalc
from matcalc.errors import UnsupportedError

N = 4


def units(structure: str) -> list[tuple[int, int, np.ndarray]]:
    """The directions of the free entries of a structure: those on and below the diagonal, or on and above."""
    found = []
    for i in range(N):
        for j in range(i + 1):
            if (structure == "diagonal" and i != j) or (structure == "antisymmetric" and i == j):
                continue
            e = np.zeros((N, N))
            place = (j, i) if structure == "upper triangular" else (i, j)
            e[place] = 1
            if i != j and "triangular" not in structure:
                e[j, i] = -1 if structure == "antisymmetric" else 1
            found.append((*place, e))
    return found


@pytest.mark.parametrize("formula", ["tr(A*X)", "det(X + B)", "a'*inv(X + B)*a", "||A*X - B||_F^2"])
@pytest.mark.parametrize(
    "structure", ["symmetric", "antisymmetric", "diagonal", "lower triangular", "upper triangular"]
)
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


@pytest.mark.parametrize(
    ("formula", "structure"),
    [
        ("logdet(X)", "posdef"),
        ("logdet(X) + tr(A*inv(X))", "posdef"),
        ("tr(A*X*A'*X)", "symmetric"),
        ("det(X + B)", "symmetric"),
        ("||A*X*B||_F^2", "antisymmetric"),
        ("a'*inv(X)*a", "diagonal"),
    ],
)
def test_hessians_are_maps_of_the_space(formula: str, structure: str) -> None:
    """H·vec(dX) is the change of the gradient for every dX of the space, H·V its product, H⁻¹ takes both back."""
    rng = np.random.default_rng(4)
    space = "symmetric" if structure == "posdef" else structure
    values = {"A": rng.normal(size=(N, N)), "B": rng.normal(size=(N, N)) + 3 * np.eye(N), "a": rng.normal(size=N)}
    x = sum(rng.uniform(0.5, 1) * e for _, _, e in units(space)) + (3 * np.eye(N) if space != "antisymmetric" else 0)
    h = sum(rng.normal() * e for _, _, e in units(space))
    where = f"A, B: n×n, a: n, X: n×n {structure}"
    second = matcalc.derive(formula, "X", where=where, order=2)
    gradient = second.previous.compile()
    change = (gradient(X=x + 1e-5 * h, **values) - gradient(X=x - 1e-5 * h, **values)) / 2e-5
    got = np.tensordot(second.compile()(X=x, **values), h, 2)
    assert got == pytest.approx(change, rel=1e-5, abs=1e-6)
    product = matcalc.derive(formula, "X", where=where, hvp="V").compile()
    assert product(X=x, V=h, **values) == pytest.approx(change, rel=1e-5, abs=1e-6)
    if structure == "posdef" or "tr(" in formula:
        assert second.solve("G").compile()(X=x, G=got, **values) == pytest.approx(h, rel=1e-6)


@pytest.mark.parametrize("formula", ["A*X", "X*A*X", "eigvec_max(X)", "diag(X)", "inv(X)"])
def test_jacobians_hold_for_symmetric_changes(formula: str) -> None:
    """dF for a symmetric dX; of X and Xᵀ the formula may use either."""
    rng = np.random.default_rng(5)
    a = rng.normal(size=(N, N))
    x = sum(rng.normal() * e for _, _, e in units("symmetric")) + np.diag([1.0, 4.0, 8.0, 13.0])
    h = sum(rng.normal() * e for _, _, e in units("symmetric"))
    where = "A: n×n, X: n×n symmetric"
    d = matcalc.derive(formula, "X", where=where)
    f = matcalc.parse(formula, where=where).compile()
    given = {"A": a} if "A" in formula else {}
    change = (f(X=x + 1e-6 * h, **given) - f(X=x - 1e-6 * h, **given)) / 2e-6
    assert np.tensordot(d.compile()(X=x, A=a), h, 2) == pytest.approx(change, rel=1e-5, abs=1e-6)


def test_logdet_of_a_covariance() -> None:
    """What textbooks print for a symmetric X, without a commutation matrix (Boyd, A.4.3)."""
    d = matcalc.derive("logdet(X)", "X", where="X: n×n posdef", order=2)
    assert (str(d), str(d.solve("G"))) == ("−(X⁻¹ ⊗ X⁻¹)", "−X·G·X")
    assert "for changes that are symmetric" in " ".join(d.notes)


@pytest.mark.parametrize(("formula", "order"), [("A*X", 1), ("eigvec_max(X)", 1), ("det(X)", 2)])
def test_only_gradients_by_free_entries(formula: str, order: int) -> None:
    """Jacobians and Hessians by free entries are refused, whatever their shape."""
    with pytest.raises(UnsupportedError, match="declared symmetric"):
        matcalc.derive(formula, "X", where="A: m×n, X: n×n symmetric", order=order, convention="free")
