"""Generated NumPy code: what it computes, and how."""

from __future__ import annotations

import numpy as np
import pytest

import matcalc

RNG = np.random.default_rng(3)


def test_network_gradient() -> None:
    """The gradient of a layer, with the product X·W computed once."""
    d = matcalc.derive("||g(X*W) - Y||_F^2", "W", where="X: m×n, W: n×p, Y: m×p")
    assert (
        d.code()
        == "import numpy as np\n\n\ndef gradient(X, W, Y, g, dg):\n    t1 = X @ W\n    return 2 * (X.T @ ((g(t1) - Y) * dg(t1)))\n"
    )
    X, W, Y = RNG.normal(size=(5, 4)), RNG.normal(size=(4, 3)), RNG.normal(size=(5, 3))
    got = d.compile()(X=X, W=W, Y=Y, g=np.tanh, dg=lambda z: 1 - np.tanh(z) ** 2)
    assert got == pytest.approx(2 * X.T @ ((np.tanh(X @ W) - Y) * (1 - np.tanh(X @ W) ** 2)))


@pytest.mark.parametrize(
    ("formula", "where", "has", "has_not"),
    [
        ("inv(A)*b", "A: n×n, b: n", "np.linalg.solve(A, b)", "inv("),
        ("b'*inv(A)", "A: n×n, b: n", "np.linalg.solve(A.T, b)", "inv("),
        ("diag(v)*A", "A: m×n, v: m", "v[:, None] * A", "np.diag"),
        ("A*diag(v)*x", "A: m×n, v: n, x: n", "v * x", "np.diag"),
        ("sum(A, rows)", "A: m×n", "A.sum(axis=0)", "ones"),
        ("C + r", "C: m×n, r: 1×n", "C + r", "ones"),
        ("C + c", "C: m×n, c: m", "C + c[:, None]", "ones"),
        ("tr(A*B)", "A: m×n, B: n×m", "np.sum(A * B.T)", "@"),
        ("A*B*x", "A: m×n, B: n×p, x: p", "A @ (B @ x)", "A @ B @"),
        ("a*b'*x", "a: m, b: n, x: n", "b @ x", "outer"),
        ("logdet(S)", "S: n×n", "slogdet", "det(S)\n"),
        ("sigmoid(x)", "x: n", "logaddexp", "1 / (1"),
    ],
)
def test_how_it_computes(formula: str, where: str, has: str, has_not: str) -> None:
    """Solves instead of inverses, broadcasts instead of diagonal matrices, vectors first."""
    from matcalc.codegen import Argument, source_code
    from matcalc.expr import free_symbols

    with_rewrites = matcalc.parse(formula, where=where)
    source = source_code(with_rewrites, [Argument(n, s.shape) for n, s in free_symbols(with_rewrites).items()])
    assert has in source and has_not not in source


def test_unused_names_are_accepted_and_missing_ones_named() -> None:
    """compile() takes every declared name, used or not."""
    f = matcalc.derive("a'*x + tr(B)", "x", where="a: n, x: n, B: m×m").compile()
    assert f(a=np.ones(3), x=np.zeros(3), B=np.eye(2)) == pytest.approx(np.ones(3))
    with pytest.raises(TypeError, match="missing: a"):
        f(x=np.zeros(3))


def test_keywords_rows_and_shapes() -> None:
    """lambda becomes lambda_, a row stays 1×n, a Jacobian by a matrix has three axes."""
    assert "lambda_" in matcalc.derive("lambda*x'*x", "x", where="lambda: scalar, x: n").code()
    row = matcalc.derive("sum(C + r)", "r", where="C: m×n, r: 1×n").compile()
    assert row(C=np.ones((2, 3)), r=np.ones((1, 3))).shape == (1, 3)
    cube = matcalc.derive("X*a", "X", where="X: m×n, a: n").compile()(X=np.ones((2, 3)), a=np.arange(3.0))
    assert cube.shape == (2, 2, 3) and cube[1, 1] == pytest.approx(np.arange(3.0)) and not cube[0, 1].any()


def test_user_text_never_runs() -> None:
    """What a formula says does not reach the code but as identifiers."""
    for formula in ("__import__('os')", "x.__class__", "eval(x); x", "exec(x)*x"):
        try:
            source = matcalc.derive(formula, "x").code()
        except matcalc.MatcalcError:
            continue
        assert "import os" not in source and "__class__" not in source


@pytest.mark.parametrize("formula", ["A*x*sum(sign(r))", "A*x*sum(sin(r))", "A*x*r"])
def test_derivatives_by_rows_have_their_axis(formula: str) -> None:
    """The derivative of a vector or matrix F by a row has the shape of F and then that of the row, also if it is 0."""
    d = matcalc.derive(formula, "r", where="A: m×n, x: n, r: 1×k")
    rng = np.random.default_rng(1)
    point = {"A": rng.normal(size=(2, 3)), "x": rng.normal(size=3), "r": rng.normal(size=(1, 4))}
    assert d.compile()(**point).shape == ((2, 4, 1, 4) if formula == "A*x*r" else (2, 1, 4))


@pytest.mark.parametrize(
    "formula", ["X[1,2]*X[2,1]*X[1,1]", "norm(X[:,2] + 2)*X[1,1]", "norm(X[1,:])*norm(X[:,2])", "sum(sin(X[2,:]))^2"]
)
def test_hessians_of_entries(formula: str) -> None:
    """Indices that are numbers, in factors and in deltas: the Hessian against differences of the gradient."""
    d = matcalc.derive(formula, "X", where="X: m×n", order=2)
    rng = np.random.default_rng(5)
    x, h, step = rng.uniform(0.3, 1, (3, 4)), rng.normal(size=(3, 4)), 1e-5
    gradient = lambda at: d.previous.compile()(X=at, m=3, n=4)
    change = (gradient(x + step * h) - gradient(x - step * h)) / (2 * step)
    assert np.tensordot(d.compile()(X=x, m=3, n=4), h, 2) == pytest.approx(change, rel=1e-6, abs=1e-7)
