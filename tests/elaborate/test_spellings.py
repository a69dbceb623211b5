"""Spellings of books and of NumPy: comparisons, norms, extremes, functions without brackets; compared with NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.printing import latex, text
from tests.elaborate.reading import read

RNG = np.random.default_rng(11)
DATA = {
    "X": RNG.normal(size=(4, 3)),
    "Y": RNG.normal(size=(4, 3)),
    "S": np.cov(RNG.normal(size=(5, 9))),
    "x": RNG.normal(size=5),
    "y": RNG.normal(size=5),
    "a": -0.3,
    "b": 0.7,
    "p": 2.5,
}
WHERE = "X, Y: m×n, S: k×k posdef, x, y: k, a, b, p: scalar"
X, Y, S, x, y, a, b, p = DATA.values()

VALUES: list[tuple[str, Callable[[], Any]]] = [
    ("where(x > a, x, b*y)", lambda: np.where(x > a, x, b * y)),
    ("where([x > 0] .* [x > 0] .* [y < b], x, y)", lambda: np.where((x > 0) & (y < b), x, y)),
    ("where(X <= Y, 1, X.^2)", lambda: np.where(X <= Y, 1, X**2)),
    ("(x > 0) .* x", lambda: np.maximum(x, 0)),
    ("x .* [a < x < b]", lambda: x * ((a < x) & (x < b))),
    ("1[x ≥ y]'*x", lambda: x[x >= y].sum()),
    ("𝟙[x >= y]'*x", lambda: x[x >= y].sum()),
    ("2<x, y> + <x, x>", lambda: 2 * x @ y + x @ x),
    ("f(t) = t^2*(t > 0); sum(f(X))", lambda: (X[X > 0] ** 2).sum()),
    ("maximum(X, 0)", lambda: np.maximum(X, 0)),
    ("minimum(x, y)", lambda: np.minimum(x, y)),
    ("max(X)", lambda: X.max()),
    ("min(x)", lambda: x.min()),
    ("max(X, axis=0)", lambda: X.max(0, keepdims=True)),
    ("amin(X, columns)", lambda: X.min(1)),
    ("amax(X, 0)", lambda: X.max(0, keepdims=True)),
    ("max(X, 0)", lambda: np.maximum(X, 0)),
    ("min(X, all)", lambda: X.min()),
    ("center(X, all)", lambda: X - X.mean()),
    ("center(X, axis=1)", lambda: X - X.mean(1, keepdims=True)),
    ("hardmax(X, axis=1)", lambda: (X.max(1, keepdims=True) == X).astype(float)),
    ("sum(X, all)", lambda: X.sum()),
    ("sum(X, axis=-1)", lambda: X.sum(1)),
    ("sum(x, axis=-1)", lambda: x.sum()),
    ("sum(X, axis=1, keepdims=True)", lambda: X.sum(1)),
    ("softmax(X, all)", lambda: np.exp(X) / np.exp(X).sum()),
    ("softmax(X, dim=-1)", lambda: np.exp(X) / np.exp(X).sum(1, keepdims=True)),
    ("log_softmax(x, all)", lambda: x - np.log(np.exp(x).sum())),
    ("logsumexp(X, all)", lambda: np.log(np.exp(X).sum())),
    ("atan2(x, y)", lambda: np.arctan2(x, y)),
    ("f(t) = t*atan2(t, b); f(x)", lambda: x * np.arctan2(x, b)),
    ("logaddexp(x, y)", lambda: np.logaddexp(x, y)),
    ("norm(X, 'fro')", lambda: np.linalg.norm(X)),
    ('norm(X, ord="nuc")', lambda: np.linalg.norm(X, "nuc")),
    ("norm(X, 2)", lambda: np.linalg.norm(X, 2)),
    ("norm(x, inf)", lambda: np.linalg.norm(x, np.inf)),
    ("norm(x, p)", lambda: np.linalg.norm(x, p)),
    ("norm(x, 3)", lambda: np.linalg.norm(x, 3)),
    ("norm(x, ord=p)", lambda: np.linalg.norm(x, p)),
    ("norm(X, axis=1)", lambda: np.linalg.norm(X, axis=1)),
    ("norm(X, axis=None)", lambda: np.linalg.norm(X, axis=None)),
    ("norm(X, all)", lambda: np.linalg.norm(X)),
    ("||x||_p^p", lambda: (np.abs(x) ** p).sum()),
    ("||x||_4^4", lambda: (x**4).sum()),
    ("‖x‖_∞", lambda: np.abs(x).max()),
    ("||X||_max", lambda: np.abs(X).max()),
    ("||X||_{2,1}", lambda: np.linalg.norm(X, axis=0).sum()),
    ("||X||_{1,2}", lambda: np.linalg.norm(np.abs(X).sum(0))),
    ("||X||_{1,1}", lambda: np.abs(X).sum()),
    ("½x'x + ¾", lambda: x @ x / 2 + 0.75),
    ("tr X'Y", lambda: np.trace(X.T @ Y)),
    ("log det S", lambda: np.linalg.slogdet(S)[1]),
    ("-½ log|S| - 1", lambda: -np.linalg.slogdet(S)[1] / 2 - 1),
    ("1/sqrt(|S|)", lambda: np.linalg.det(S) ** -0.5),
    ("|S|^(-1/2)", lambda: np.linalg.det(S) ** -0.5),
    ("sum(log(|S|))", lambda: np.log(np.abs(S)).sum()),
    ("sum(|S|)", lambda: np.abs(S).sum()),
    ("2 sin a cos b", lambda: 2 * np.sin(a) * np.cos(b)),
]


@pytest.mark.parametrize(("formula", "value"), VALUES, ids=[formula for formula, _ in VALUES])
def test_value(formula: str, value: Callable[[], Any]) -> None:
    """A formula has the value that NumPy gives to what is meant."""
    e = matcalc.parse(formula, where=WHERE)
    np.testing.assert_allclose(e.compile()(**DATA), value(), rtol=1e-12)


@pytest.mark.parametrize("formula", [formula for formula, _ in VALUES])
def test_reads_back(formula: str) -> None:
    """What is printed of these, in Unicode and in ASCII, is read as the same."""
    e = matcalc.parse(formula, where=WHERE)
    for shown in (text(e), text(e, "ascii")):
        assert matcalc.parse(shown, where=WHERE) == e, shown
    assert matcalc.parse(latex(e), where=WHERE, language="latex") == e


@pytest.mark.parametrize(
    ("formula", "gradient"),
    [
        ("sum(where(x > 0, x, a*x))", "where(x > 0, 1, a)"),
        ("sum(where(|x| <= b, x.^2/2, b*(|x| - b/2)))", "where(|x| ≤ b, x, b·sign(x))"),
        ("sum(elu(x, a))", "where(x > 0, 1, a·exp(x))"),
        ("sum([x > 0] .* x.^2)", "2·relu(x)"),
        ("max(x)", "hardmax(x)"),
        ("norm(x, inf)", "hardmax(|x|) ⊙ sign(x)"),
        ("max(x'*y) + center(x'*x)", "y"),
        ("norm(x, p)", "‖x‖_p^(1 − p)·(|x|.^(p − 1) ⊙ sign(x))"),
        ("sum(logaddexp(x, y))", "sigmoid(x − y)"),
        ("logsumexp(x, all)", "softmax(x)"),
        ("sum(clip(x, a, b))", "step(x − a) − step(x − b)"),
    ],
)
def test_gradients_read_like_a_book(formula: str, gradient: str) -> None:
    """Printed forms, read by a person."""
    assert str(matcalc.derive(formula, "x", where=WHERE).result) == gradient


def _notes(formula: str, where: str = "") -> tuple[str, ...]:
    return tuple(read(formula, where).notes)


def test_readings_are_noted() -> None:
    """What a sign or a bar is taken for is said."""
    assert "x > 0 is 1 where it holds, else 0" in _notes("sum([x > 0] .* x)")
    assert "|S| is the determinant" in _notes("log|S|")
    assert "|S| holds the absolute values; the determinant is det(X)" in _notes("A*|S|", "A, S: n×n")
    assert "tr X'A X read as tr(X'A X)" in _notes("tr X'A X")
    assert "norm(X, inf) is the largest absolute entry" in _notes("norm(X, inf)", "X: m×n")
    assert "||X||_3 is that of the entries, as of one vector" in _notes("||X||_3", "X: m×n")
    assert not _notes("||x||_3 + ||x||_∞", "x: n")


@pytest.mark.parametrize(
    "formula", ["||x||_0", "||X||_{2,0}", "norm(x, 1, 2)", "norm(x, p=1)", "norm(x, -inf)", "max()"]
)
def test_what_is_no_norm_and_no_extreme(formula: str) -> None:
    """How many entries are not zero, options that say nothing, and the largest of nothing are refused."""
    with pytest.raises(matcalc.MatcalcError) as refused:
        matcalc.parse(formula)
    assert refused.value.exit_code == 2 and refused.value.span is not None
