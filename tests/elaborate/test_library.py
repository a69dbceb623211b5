"""The functions of rules/definitions.rules: what they compute, and that their names stay free for variables."""

from __future__ import annotations

from collections.abc import Callable
from math import gamma, log
from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.elaborate.library import Defined, find_defined, library_names, read_defined
from matcalc.errors import MatcalcError, RuleError

RNG = np.random.default_rng(3)
X = RNG.uniform(0.1, 0.9, size=(4, 3))
Y = RNG.uniform(0.1, 0.9, size=(4, 3))
x, y = RNG.uniform(0.1, 0.9, size=5), RNG.uniform(0.1, 0.9, size=5)
S = np.cov(RNG.normal(size=(5, 9)))


def _log_softmax(a: Any, axis: int) -> Any:
    return a - np.log(np.exp(a).sum(axis, keepdims=True))


VALUES: list[tuple[str, str, Callable[[], Any]]] = [
    ("var(X)", "X: m×n", lambda: np.var(X)),
    ("variance(X, rows)", "X: m×n", lambda: np.var(X, 0, keepdims=True)),
    ("var(X, axis=1)", "X: m×n", lambda: np.var(X, 1)),
    ("std(x)", "x: n", lambda: np.std(x)),
    ("std(X, columns)", "X: m×n", lambda: np.std(X, 1)),
    ("center(X, rows)", "X: m×n", lambda: X - X.mean(0)),
    ("center(x)", "x: n", lambda: x - x.mean()),
    ("rms(X, axis=0)", "X: m×n", lambda: np.sqrt((X**2).mean(0, keepdims=True))),
    ("rownorms(X)", "X: m×n", lambda: np.linalg.norm(X, axis=1)),
    ("colnorms(X)", "X: m×n", lambda: np.linalg.norm(X, axis=0, keepdims=True)),
    ("norm(X, axis=1)", "X: m×n", lambda: np.linalg.norm(X, axis=1)),
    ("norm(X, rows)", "X: m×n", lambda: np.linalg.norm(X, axis=0, keepdims=True)),
    ("normalize(x)", "x: n", lambda: x / np.linalg.norm(x)),
    ("distance(x, y)", "x, y: n", lambda: np.linalg.norm(x - y)),
    ("cosine_similarity(x, y)", "x, y: n", lambda: x @ y / np.linalg.norm(x) / np.linalg.norm(y)),
    ("mahalanobis(x, y, S)", "x, y: n, S: n×n", lambda: np.sqrt((x - y) @ np.linalg.solve(S, x - y))),
    ("clip(X, 0.3, 0.6)", "X: m×n", lambda: np.clip(X, 0.3, 0.6)),
    ("clamp(x, 0.3, 0.6)", "x: n", lambda: np.clip(x, 0.3, 0.6)),
    ("prelu(x - y, 0.2)", "x, y: n", lambda: np.where(x > y, x - y, 0.2 * (x - y))),
    ("huber(x, 0.5)", "x: n", lambda: np.where(x < 0.5, x**2 / 2, 0.5 * (x - 0.25))),
    ("leaky_relu(-x, 0.2)", "x: n", lambda: -0.2 * x),
    ("elu(-x, 2)", "x: n", lambda: 2 * (np.exp(-x) - 1)),
    ("logaddexp(X, Y)", "X, Y: m×n", lambda: np.logaddexp(X, Y)),
    ("hypot(X, Y)", "X, Y: m×n", lambda: np.hypot(X, Y)),
    (
        "betaln(x, y)",
        "x, y: n",
        lambda: np.array([log(gamma(a) * gamma(b) / gamma(a + b)) for a, b in zip(x, y, strict=True)]),
    ),
    ("xlogy(x, y)", "x, y: n", lambda: x * np.log(y)),
    ("log_softmax(X, axis=1)", "X: m×n", lambda: _log_softmax(X, 1)),
    ("log_softmax(x)", "x: n", lambda: _log_softmax(x, 0)),
    ("mse(X, Y)", "X, Y: m×n", lambda: ((X - Y) ** 2).mean()),
    ("crossentropy(x, y)", "x, y: n", lambda: -(x * np.log(y)).sum()),
    ("cross_entropy(x, y)", "x, y: n", lambda: -(x * np.log(y)).sum()),
    ("softmin(x)", "x: n", lambda: np.exp(_log_softmax(-x, 0))),
    ("lse(x)", "x: n", lambda: np.log(np.exp(x).sum())),
    ("cofactor(S)", "S: n×n", lambda: np.linalg.det(S) * np.linalg.inv(S).T),
    ("kl(x, y)", "x, y: n", lambda: (x * np.log(x / y)).sum()),
    ("bce(x, y)", "x, y: n", lambda: -(x * np.log(y) + (1 - x) * np.log(1 - y)).sum()),
    ("cond(S)", "S: n×n", lambda: np.linalg.cond(S, 2)),
    ("S*lyap(S, T) + lyap(S, T)*S + T", "S, T: n×n symmetric", lambda: np.zeros((5, 5))),
    ("S*dlyap(S, T)*S' - dlyap(S, T) + T", "S, T: n×n symmetric", lambda: np.zeros((5, 5))),
]


@pytest.mark.parametrize(("formula", "where", "expected"), VALUES, ids=[v[0] for v in VALUES])
def test_values_are_those_of_numpy(formula: str, where: str, expected: Callable[[], Any]) -> None:
    """A definition computes what its name says."""
    given = {"X": X, "Y": Y, "x": x, "y": y, "S": S, "T": S @ S}
    e = matcalc.parse(formula, where=where)
    assert e.compile()(**given) == pytest.approx(expected(), abs=1e-9)


def test_every_definition_has_a_value_here() -> None:
    """No line of the table is untested."""
    assert library_names() <= {name for formula, _, _ in VALUES for name in library_names() if f"{name}(" in formula}


def test_the_names_are_free_for_variables() -> None:
    """A name that stands without a bracket, or is declared, is a variable; a user's own function comes first."""
    assert matcalc.parse("var*x", where="var: scalar, x: n").op == "mul"
    assert str(matcalc.parse("distance*2")) == "2distance"
    assert str(matcalc.parse("var(t) = 3*t; var(x)", where="x: n")) == "3x"
    assert matcalc.parse("std(x)", where="x: n, std: elementwise").op == "elementwise"


def test_a_line_is_enough() -> None:
    """A line gives name, parameters, axis and body."""
    (found,) = read_defined("spread(x, axis) = sum(x.^2, axis) - sum(x, axis).^2")
    assert found == Defined("spread", ("x",), True, "sum(x.^2, axis) - sum(x, axis).^2")
    assert found.body(None) == "sum(x.^2) - sum(x).^2"
    assert find_defined("huber", 2) is not None and find_defined("huber", 1) is None
    with pytest.raises(RuleError, match="a definition reads"):
        list(read_defined("spread(x, axis)"))


@pytest.mark.parametrize("formula", ["var(X, 3)", "clip(x)'", "mse(x, axis=0)", "norm(X, axis=2)"])
def test_mistakes_are_errors(formula: str) -> None:
    """A wrong axis is an error at its place."""
    if formula == "clip(x)'":
        assert matcalc.parse(formula).op == "transpose"  # one argument: a generic function
        return
    with pytest.raises(MatcalcError):
        matcalc.parse(formula)
