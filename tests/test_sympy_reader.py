"""SymPy's matrix expressions are read as what SymPy means by them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sympy
from sympy import (
    BlockDiagMatrix,
    BlockMatrix,
    Determinant,
    DiagMatrix,
    Dummy,
    Function,
    HadamardPower,
    HadamardProduct,
    Identity,
    Inverse,
    KroneckerProduct,
    Lambda,
    MatrixSymbol,
    OneMatrix,
    Rational,
    Symbol,
    Trace,
    ZeroMatrix,
    symbols,
)
from sympy.matrices.expressions.diagonal import DiagonalMatrix, DiagonalOf

import matcalc
from matcalc.check import check_equal
from matcalc.dims import Dim
from matcalc.errors import NameClash, UnsupportedError
from matcalc.expr import free_symbols
from tests.corpus import cases, where

m, n, k, t, u = *symbols("m n", integer=True, positive=True), Symbol("k", integer=True), Symbol("t"), Symbol("u")
A, B, C = MatrixSymbol("A", n, m), MatrixSymbol("B", n, n), MatrixSymbol("C", m, m)
X, Y, x, y = MatrixSymbol("X", m, n), MatrixSymbol("Y", n, n), MatrixSymbol("x", n, 1), MatrixSymbol("y", n, 1)
f = Function("f")
SIZES = {m: 2, n: 3}
VALUES = {t: Rational(3, 2), k: 3}


def matrices(*free: str) -> dict[str, Any]:
    """Explicit matrices of fractions; those that are named have symbols as entries."""
    rng = np.random.default_rng(5)
    found = {}
    for s in (A, B, C, X, Y, x, y):
        rows, columns = (int(d.subs(SIZES)) for d in s.shape)
        found[s.name] = sympy.Matrix(rows, columns, lambda i, j: Rational(int(rng.integers(1, 30)), 20) + 2 * (i == j))
        if s.name in free:
            found[s.name] = sympy.Matrix(
                rows, columns, lambda i, j, name=s.name: Symbol(f"{name}{i}{j}", positive=True)
            )
    return found


def explicit(e: Any, values: dict[str, Any]) -> Any:
    """What SymPy computes for an expression when every matrix is written out."""
    e = e.subs(SIZES)
    for s in (A, B, C, X, Y, x, y):
        small = MatrixSymbol(s.name, *(d.subs(SIZES) for d in s.shape))
        e = e.subs(small, values[s.name].as_immutable())
    e = e.subs(VALUES).doit()
    return e.as_explicit() if hasattr(e, "as_explicit") else sympy.Matrix([[e]])


def ours(e: matcalc.Expr | matcalc.Derivation) -> np.ndarray:
    """What our expression is at the same place."""
    arrays = {s: np.array(v.tolist(), dtype=float) for s, v in matrices().items()}
    given = {s: a.ravel() if a.shape[1] == 1 else a for s, a in arrays.items()} | {"t": 1.5, "k": 3}
    names = e.symbols if isinstance(e, matcalc.Derivation) else free_symbols(e)
    return np.asarray(e.compile()(**{s: given[s] for s in names}), dtype=float)


EXPRESSIONS = [
    X * A - 2 * C,
    t * X / 3 + ZeroMatrix(m, n),
    X.T * C.T * X,
    Inverse(Y) + Y**-2 + Y**3 + Y.inv().T,
    Y**k,
    HadamardProduct(X, A.T, X),
    HadamardPower(X, Rational(1, 2)),
    HadamardPower(X, t),
    KroneckerProduct(x, C, y.T),
    Trace(Y * B) * Identity(n),
    X.applyfunc(sympy.sin),
    X.applyfunc(Lambda(u, u**2 * sympy.exp(-u) + t)),
    (X.applyfunc(sympy.exp) * Y).applyfunc(Lambda(u, 1 / (1 + u))),
    DiagMatrix(x) * Y,
    OneMatrix(m, n) + X,
    BlockMatrix([[Y, x], [y.T, Identity(1)]]),
    BlockDiagMatrix(Y, C),
    X[0, 1] * X[m - 1, 0],
    X[0:2, 1:3],
    x.T * Y * y,
    sympy.sqrt(x.T * x) + Identity(1),
    sympy.log(Determinant(Y)) * sympy.pi + sympy.E + sympy.sqrt(Trace(Y * B)),
    X.applyfunc(Lambda(u, sympy.Max(u, 1))),
    X.applyfunc(Lambda(u, sympy.Heaviside(u - 1) * sympy.Abs(u - 1))),
]


@pytest.mark.parametrize("e", EXPRESSIONS, ids=lambda e: str(e)[:40])
def test_values(e: Any) -> None:
    """Our expression has the value that SymPy computes with explicit matrices; so has its translation back."""
    read = matcalc.from_sympy(e)
    expected = np.array(explicit(e, matrices()).evalf().tolist(), dtype=float)
    assert ours(read).ravel() == pytest.approx(expected.ravel(), rel=1e-10)
    try:
        again = matcalc.from_sympy(read.to_sympy())
    except UnsupportedError as reason:
        assert "SymPy has no unit" in str(reason) or "SymPy has no max" in str(reason)
    else:
        assert check_equal(read, again).ok is True


SCALARS = [
    (Trace(A * X) ** 2, X),
    (Trace(X * Y * X.T * C) / 2, X),
    (sympy.log(Determinant(Y)), Y),
    (Trace(Inverse(Y) * B), Y),
    (x.T * Y * x, x),
    (sympy.sqrt(Trace(X.T * X)), X),
    (x.T * HadamardProduct(Y, B, Y) * y, Y),
    (Trace(KroneckerProduct(Y, C)), Y),
    (x.T * DiagMatrix(y) * x, y),
    (Trace(Y**3), Y),
    (OneMatrix(1, 2 * n) * BlockMatrix([[Y, B], [B, Y * Y]]) * OneMatrix(2 * n, 1), Y),
    (OneMatrix(1, m) * X.applyfunc(sympy.exp) * y, X),
    (X[0, 1] * X[1, 0] ** 2, X),
    (OneMatrix(1, n) * HadamardPower(x, 3), x),
    (sympy.exp(-x.T * x / 2), x),
    (OneMatrix(1, m) * (X * y).applyfunc(Lambda(u, sympy.log(1 + sympy.exp(u)))), y),
]


@pytest.mark.parametrize(("e", "by"), SCALARS, ids=lambda v: str(v)[:40])
def test_derivatives(e: Any, by: Any) -> None:
    """Our gradient of what was read is what SymPy gets by differentiating with every entry written out."""
    derivative = matcalc.derive(matcalc.from_sympy(e), by.name)
    values = matrices(by.name)
    written_out = explicit(e, values)[0, 0]
    at = dict(zip(values[by.name], matrices()[by.name], strict=True))
    expected = [float(sympy.diff(written_out, entry).subs(at)) for entry in values[by.name]]
    assert ours(derivative).ravel() == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("e", [Trace(A * X), Trace(X * Y * X.T), x.T * Y * x, Trace(Y**3)])
def test_derivatives_by_sympy(e: Any) -> None:
    """What SymPy's own diff gives for a matrix expression is read, and equals ours."""
    for by in (s for s in (X, Y, x) if s in e.free_symbols):
        assert check_equal(matcalc.derive(matcalc.from_sympy(e), by.name).result, matcalc.from_sympy(e.diff(by))).ok


@pytest.mark.parametrize("case", [c for c in cases("gradient") if "functions" not in c][::3], ids=lambda c: c["id"])
def test_round_trip(case: dict[str, Any]) -> None:
    """Ours to SymPy and back is the same function, wherever SymPy has the operators."""
    e = matcalc.parse(case["expr"], where=where(case))
    try:
        there = e.to_sympy()
    except UnsupportedError:
        pytest.skip("SymPy has no such operator")
    assert check_equal(e, matcalc.from_sympy(there)).ok is not False


def test_scopes() -> None:
    """The parameter of an applyfunc means its array in its formula only, and scalars in the formula are the same everywhere."""
    e = X.applyfunc(Lambda(t, t * u + Trace(Y))) * t + A.T.applyfunc(Lambda(u, u * t)) * Trace(
        X.applyfunc(Lambda(t, t)) * A
    )
    declared = "X: m×n, A: n×m, Y: n×n, t, u: scalar"
    assert matcalc.from_sympy(e) == matcalc.parse("t*(u*X + tr(Y)) + tr(X*A)*t*A'", where=declared)


@pytest.mark.parametrize(
    ("e", "text"),
    [
        (DiagonalMatrix(Y) + DiagMatrix(y), "diag(diag(Y)) + diag(y)"),
        (DiagonalOf(Y * B), "diag(Y*B)"),
        (HadamardPower(2, X), "2.^X"),
        (sympy.exp(Y) + sympy.log(B), "expm(Y) + logm(B)"),
        (Y ** Rational(1, 2), "sqrtm(Y)"),
        (X.applyfunc(Lambda(u, sympy.polygamma(1, u) + sympy.sinc(u))), "trigamma(X) + sinc(X)"),
        (X.applyfunc(Lambda(u, sympy.Max(u, 0))), "relu(X)"),
    ],
)
def test_meaning(e: Any, text: str) -> None:
    """What SymPy does not write out has the meaning of its documentation."""
    assert matcalc.from_sympy(e) == matcalc.parse(text, where="X: m×n, Y, B: n×n, y: n")


def test_names_and_sizes() -> None:
    """Sizes become dimensions, assumptions properties; generic functions keep their derivatives."""
    z = matcalc.from_sympy(MatrixSymbol("Z", m * n + 1, 2 * n))
    assert z.shape == (Dim("m") * Dim("n") + 1, Dim("n") * 2)
    s = Symbol("s", positive=True)
    assert matcalc.from_sympy(s).data == ("s", frozenset({"positive"}))
    assert matcalc.from_sympy(n + Trace(Y)) == matcalc.parse("n + tr(Y)", where="Y: n×n")
    d = Dummy()
    generic = [X.applyfunc(f), X.applyfunc(Lambda(d, f(d).diff(d))), sympy.Subs(f(d).diff(d, 2), d, t)]
    assert [str(matcalc.from_sympy(g)) for g in generic] == ["f(X)", "f′(X)", "f′′(t)"]
    second = matcalc.derive("sum(g(X))", "X", where="X: m×n, g: elementwise").result
    assert matcalc.from_sympy(second.to_sympy()) == second


REFUSED = [
    ((x.T * Y * x)[0, 0], "Sum"),
    (Y.adjoint(), "Adjoint"),
    (sympy.I * Trace(Y), "ImaginaryUnit"),
    (sympy.matrices.expressions.Permanent(Y), "Permanent"),
    (sympy.Matrix([[1, 2], [3, 4]]), "MutableDenseMatrix"),
    (sympy.ImmutableMatrix([[1, 2], [3, 4]]) * MatrixSymbol("Z", 2, 2), "ImmutableDenseMatrix"),
    (sympy.sin(Y), "sin of a whole matrix"),
    (sympy.besselj(0, t), "besselj"),
    (f(t, u), "function f"),
    (Function("softmax")(t), "softmax"),
    (X[k, 0], "index k"),
    (Y**t, "MatPow"),
    (MatrixSymbol("W", n / 2, n), "not whole"),
    (X[::2, :], "MatrixSlice"),
    (t * sympy.oo, "Infinity"),
    (Trace(Y) > 0, "StrictGreaterThan"),
    (2, "int"),
]


@pytest.mark.parametrize(("e", "word"), REFUSED, ids=lambda v: str(v)[:30])
def test_refusals(e: Any, word: str) -> None:
    """What has no counterpart is refused by the name of its class."""
    with pytest.raises(UnsupportedError, match=word):
        matcalc.from_sympy(e)


@pytest.mark.parametrize("e", [X * MatrixSymbol("X", n, 2), Symbol("Y") * Y, t + Symbol("t", positive=True)])
def test_two_symbols_of_one_name(e: Any) -> None:
    """Symbols that SymPy tells apart are not mixed up."""
    with pytest.raises(NameClash):
        matcalc.from_sympy(e)


def test_depth() -> None:
    """Reading does not recurse."""
    e = t
    for _ in range(3000):
        e = f(e)
    assert matcalc.from_sympy(e).size == 3001
