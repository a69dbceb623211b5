"""Sums over indices: what they are read as against loops in NumPy, what is refused, and that each reading is checked."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc import algebra, sums
from matcalc.api import read
from matcalc.check.points import draw, sizes_of
from matcalc.check.sums import confirm
from matcalc.dims import show_shape
from matcalc.errors import UnsupportedError
from matcalc.sums import Sum
from tests.latex.test_latex import arrays

ROWS = "x_i: rows of X"
COLUMNS = "x_i: columns of X"

# LaTeX, declarations, the sum as loops in NumPy, the reading
SUMS: list[tuple[str, str, Callable[..., Any], str]] = [
    (r"\sum_{i,j} X_{ij}^2", "", lambda X: sum(x**2 for row in X for x in row), "||X||_F^2"),
    (r"\sum_{ij} X_{ij}^2", "", lambda X: sum(x**2 for row in X for x in row), "||X||_F^2"),
    (r"\sum_i x_i", "", lambda x: sum(x), "sum(x)"),
    (r"\sum_{i=1}^n x_i y_i", "", lambda x, y: sum(a * b for a, b in zip(x, y, strict=True)), "x'*y"),
    (r"\sum_{i\in[n]} x_i^3", "", lambda x: sum(a**3 for a in x), "sum(x.^3)"),
    (r"\sum_i A_{ii}", "", lambda A: sum(A[i, i] for i in range(len(A))), "tr(A)"),
    (
        r"\frac1n\sum_{i=1}^n (y_i - x_i^\top w)^2",
        ROWS,
        lambda X, y, w: sum((a - x @ w) ** 2 for x, a in zip(X, y, strict=True)) / len(y),
        "1/n*||y - X*w||^2",
    ),
    (
        r"\sum_i \log(1+e^{-y_i x_i^\top w})",
        ROWS,
        lambda X, y, w: sum(np.log(1 + np.exp(-a * (x @ w))) for x, a in zip(X, y, strict=True)),
        "sum(log(1 + exp(-(y .* (X*w)))))",
    ),
    (
        r"\sum_i \log(1+e^{-y_i x_i^\top w})",
        COLUMNS,
        lambda X, y, w: sum(np.log(1 + np.exp(-a * (x @ w))) for x, a in zip(X.T, y, strict=True)),
        "sum(log(1 + exp(-(y .* (X'*w)))))",
    ),
    (
        r"\sum_{i,j} A_{ij} B_{ji}",
        "",
        lambda A, B: sum(A[i, j] * B[j, i] for i in range(len(A)) for j in range(len(B))),
        "tr(A*B)",
    ),
    (
        r"\sum_{i,j,k} A_{ij} B_{jk} C_{ki}",
        "",
        lambda A, B, C: sum(
            A[i, j] * B[j, k] * C[k, i] for i in range(len(A)) for j in range(len(B)) for k in range(len(C))
        ),
        "tr(A*B*C)",
    ),
    (
        r"\sum_i \sum_j A_{ij} x_i y_j",
        "",
        lambda A, x, y: sum(A[i, j] * x[i] * y[j] for i in range(len(x)) for j in range(len(y))),
        "x'*A*y",
    ),
    (
        r"\sum_{i=1}^m\sum_{j=1}^n (X_{ij} - u_i v_j)^2",
        "",
        lambda X, u, v: sum((X[i, j] - u[i] * v[j]) ** 2 for i in range(len(u)) for j in range(len(v))),
        "||X - u*v'||_F^2",
    ),
    (r"\log \sum_i e^{x_i}", "", lambda x: np.log(sum(np.exp(a) for a in x)), "log(sum(exp(x)))"),
    (
        r"\sum_i \log \sum_j e^{x_i^\top w_j}",
        ROWS + ", w_j: rows of W",
        lambda X, W: sum(np.log(sum(np.exp(x @ w) for w in W)) for x in X),
        "sum(log(sum(exp(X*W'), columns)))",
    ),
    (r"\prod_i x_i", "", lambda x: np.prod(x), "prod(x)"),
    (
        r"\left(\sum_i x_i\right)^2 - \sum_i x_i^2",
        "",
        lambda x: sum(a * b for a in x for b in x) - sum(a * a for a in x),
        "sum(x)^2 - ||x||^2",
    ),
    (r"\sum_i (x_i - \frac1n\sum_{j=1}^n x_j)^2", "", lambda x: ((x - np.mean(x)) ** 2).sum(), "||x - 1/n*sum(x)||^2"),
    (
        r"\sum_i \alpha_i x_i",
        ROWS + ", alpha: n",
        lambda X, alpha: sum(a * x for a, x in zip(alpha, X, strict=True)),
        "X'*alpha",
    ),
    (r"\sum_i x_i x_i^\top", ROWS, lambda X: sum(np.outer(x, x) for x in X), "X'*X"),
    (
        r"\sum_i \lambda_i v_i v_i^\top",
        "v_i: columns of V",
        lambda V, lam: sum(a * np.outer(v, v) for a, v in zip(lam, V.T, strict=True)),
        "V*diag(lambda)*V'",
    ),
    (
        r"\sum_i (x_i-\mu)^\top S^{-1}(x_i-\mu)",
        ROWS + ", S: p×p posdef",
        lambda X, S, mu: sum((x - mu) @ np.linalg.inv(S) @ (x - mu) for x in X),
        "tr((X - ones(n)*mu')*inv(S)*(X - ones(n)*mu')')",
    ),
    (
        r"\sum_i \|y_i - W x_i\|^2",
        COLUMNS + ", y_i: columns of Y",
        lambda X, Y, W: sum(((y - W @ x) ** 2).sum() for x, y in zip(X.T, Y.T, strict=True)),
        "||Y - W*X||_F^2",
    ),
    (r"\sum_i \|x_i\|_1", ROWS, lambda X: sum(abs(x).sum() for x in X), "||X||_1"),
    (r"\sum_i \|x_i\|", COLUMNS, lambda X: sum(np.linalg.norm(x) for x in X.T), "sum(sqrt(sum((X.^2)', columns)))"),
    (
        r"\sum_{i} \max(0, 1 - y_i(w^\top x_i + b))",
        ROWS + ", b: scalar",
        lambda X, y, w, b: sum(max(0, 1 - a * (w @ x + b)) for x, a in zip(X, y, strict=True)),
        "sum(max(0, 1 - y .* (X*w + b)))",
    ),
    (
        r"\sum_{i=1}^N \left( y^{(i)} - w^\top x^{(i)} \right)^2",
        ROWS,
        lambda X, y, w: sum((a - x @ w) ** 2 for x, a in zip(X, y, strict=True)),
        "||y - X*w||^2",
    ),
    (
        r"-\sum_{i} \left[ y_i \log \hat{y}_i + (1-y_i)\log(1-\hat{y_i})\right]",
        "y_hat: n positive",
        lambda y, y_hat: -sum(a * np.log(b) + (1 - a) * np.log(1 - b) for a, b in zip(y, y_hat, strict=True)),
        "-y'*log(y_hat) - (1 - y)'*log(1 - y_hat)",
    ),
    (
        r"\sum_{i,j} K_{ij} \|x_i - x_j\|^2",
        ROWS,
        lambda X, K: sum(K[i, j] * ((X[i] - X[j]) ** 2).sum() for i in range(len(X)) for j in range(len(X))),
        "tr(K*(sum((X.^2)', rows) - 2*X*X' + sum(X.^2, columns)))",
    ),
    (r"\sum_i (Xw)_i^3", "", lambda X, w: sum((X[i] @ w) ** 3 for i in range(len(X))), "sum((X*w).^3)"),
    (
        r"\sum_{i,j} (X^\top)_{ij} Y_{ij}",
        "",
        lambda X, Y: sum(X[j, i] * Y[i, j] for i in range(len(Y)) for j in range(len(X))),
        "tr(X'*Y')",
    ),
    (r"\sum_i x_{i,1}^2", "x: m×n", lambda x: sum(row[0] ** 2 for row in x), "||x[:,1]||^2"),
    (r"\sum_{i=1}^{3} x_i^2 + \sum_{i=1}^{3} c", "c: scalar", lambda x, c: (x**2).sum() + 3 * c, "||x||^2 + 3*c"),
]


@pytest.mark.parametrize(("latex", "where", "loops", "reading"), SUMS, ids=[s[0] + s[1] for s in SUMS])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_sums(latex: str, where: str, loops: Callable[..., Any], reading: str) -> None:
    """Each has the value of the loops, at sizes that all differ, and the matrix form of a textbook."""
    found = read(latex, where)
    compared = 0
    for seed in range(40):
        point = arrays(dict(found.symbols), [found.expr], seed)
        expected = loops(**{"lam" if n == "lambda" else n: v for n, v in point.items()})
        if np.isfinite(expected).all():
            assert found.expr.compile()(**point) == pytest.approx(expected, rel=1e-9, abs=1e-9)
            compared += 1
    assert compared >= 3
    symbols = ", ".join(f"{n}: {show_shape(s.shape)} {' '.join(sorted(s.data[1]))}" for n, s in found.symbols.items())
    plain = matcalc.parse(reading, symbols)
    assert found.expr == plain


@pytest.mark.parametrize(
    ("text", "latex", "where"),
    [
        ("sum[i,j] X[i,j]^2", r"\sum_{i,j} X_{ij}^2", ""),
        ("∑[i=1:n] (y[i] - x[i]'*w)^2/n", r"\frac1n\sum_{i=1}^n (y_i - x_i^\top w)^2", ROWS),
        ("2*sum[i] x[i]*y[i] + 1", r"2\sum_i x_i y_i + 1", ""),
        ("prod[i] (1 + x[i])", r"\prod_i (1 + x_i)", ""),
        ("log(sum[i] exp(x[i]))", r"\log\sum_i e^{x_i}", ""),
    ],
)
def test_sums_in_text(text: str, latex: str, where: str) -> None:
    """The notation of the grammar and LaTeX mean the same."""
    assert matcalc.parse(text, where) == matcalc.parse(latex, where)


@pytest.mark.parametrize(
    ("formula", "where", "message", "at"),
    [
        (r"\sum_{i\neq j} X_{ij}", "", "runs over no plain range", r"\neq"),
        (r"\sum_{i<j} X_{ij}", "", "runs over no plain range", "<"),
        (r"\sum_{i\in S} x_i", "", "runs over no plain range", r"\in"),
        (r"\sum_{(i,j)\in\Omega} X_{ij}", "", "no index", "("),
        (r"\sum_{i=2}^n x_i", "", "runs from 1", "="),
        (r"\sum_{i=0}^{n-1} x_i", "", "runs from 1", "="),
        (r"\sum x", "", "over what", r"\sum"),
        (r"\sum_k A_{ik}B_{kj}", "", "i is not summed", "i"),
        (r"\sum_i x_i - y_i", "", "summed elsewhere", "i", ),
        (r"\sum_i \sum_i x_i", "", "summed already", None),
        (r"\sum_i 1", "", "range of the index i is not known", r"\sum"),
        (r"\sum_i i x_i", "", "stands here as a number", None),
        (r"\sum_i x_i^\top w", "", "x_i is an entry here", "x_i"),
        (r"\sum_i \|x_i\|^2", "", "x_i is an entry here", r"\|x_i"),
        (r"\sum_i X_i", "X: m×n", "number of indices", "X_i"),
        (r"\sum_i x_{ij}", "", "j is not summed", "j"),
        (r"\sum_t x_{t-1}", "", "an index stands alone", "-"),
        (r"\sum_i f_i(w)", "", "a function for each index", None),
        (r"\sum_{i,j} X^\top_{ij}", "", "the entry or the power", "^"),
        (r"\sum_{i,j} x_j^{(i)}", "", "an index above and one below", "^"),
        (r"\sum_i \log\det(x_i x_i^\top)", ROWS, "no matrix form", r"\sum"),
        (r"\sum_i x_i y_i", "x: m, y: n", "axes of different lengths", None),
        (r"\sum_{i=1}^n x_i", "n: scalar, x: m", "a dimension is needed", r"\sum"),
        (r"\|x_i\|^2", ROWS, "outside of a sum over i", "x_i"),
        ("sum[i] x[i] - y[i]", "", "an index is a whole number", None),
        ("sum[i,j] x[i]", "", "range of the index j", "sum"),
        ("sum[i=2:n] x[i]", "", "runs from 1", "2"),
    ],
)  # fmt: skip
def test_refusals(formula: str, where: str, message: str, at: str | None) -> None:
    """What is no plain sum of entries, rows and columns is refused, with the place; never read as something else."""
    with pytest.raises(matcalc.MatcalcError, match=re.escape(message)) as raised:
        matcalc.parse(formula, where)
    mistake = raised.value
    assert (mistake.exit_code in (2, 3) and mistake.hint is not None) or "f_i" in formula
    if at is not None:
        assert mistake.span is not None
        assert formula[mistake.span.start :].startswith(at), formula[mistake.span.start :]


@pytest.mark.parametrize("where", ["x_i, y_i: rows of X", "x: rows of X", "x_1: rows of X"])
def test_declarations_of_rows(where: str) -> None:
    """One name with an index has the rows of one matrix."""
    with pytest.raises(matcalc.MatcalcError):
        matcalc.parse(r"\sum_i \|x_i\|^2", where)


def test_every_reading_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reading that is wrong is no answer: the literal sum at a random point shows it."""
    right = sums.summed

    def wrong(word: str, index: Any, body: Any) -> Any:
        return algebra.mul(algebra.number(2), right(word, index, body))

    monkeypatch.setattr(sys.modules["matcalc.elaborate.build"], "summed", wrong)
    with pytest.raises(UnsupportedError, match="failed its check"):
        matcalc.parse("sum[i] x[i]^2")


def test_the_check_finds_wrong_readings() -> None:
    """A transpose, a sign, a factor and a product for a sum are found."""
    e, x, y = (algebra.symbol(n, ("n", 1)) for n in "exy")
    A = algebra.symbol("A", ("n", "n"))
    t, dot = algebra.transpose, algebra.mul
    body = dot(t(e), A, x)
    confirm(Sum("sum", e, body, algebra.total(dot(A, x))))
    for claim in (algebra.total(dot(t(A), x)), algebra.neg(algebra.total(dot(A, x))), dot(t(x), A, x)):
        with pytest.raises(UnsupportedError):
            confirm(Sum("sum", e, body, claim))
    with pytest.raises(UnsupportedError):
        confirm(Sum("prod", e, dot(t(e), x), algebra.total(x)))
    with pytest.raises(UnsupportedError):
        confirm(Sum("sum", e, dot(t(e), x, t(e), y), dot(algebra.total(x), algebra.total(y))))


def test_random_summands() -> None:
    """Sums of random products, powers and functions of entries: those that are read have the value of the loops."""
    random = Random(5)
    entries = ["x[i]", "y[j]", "A[i,j]", "A[i,k]*B[k,j]", "B[k,j]", "u[i]", "r[i]'*q[j]", "2"]
    where = "x, u: 3, y: 4, A: 3×4, B: 4×4, r_i: rows of R, R: 3×5, q_j: columns of Q, Q: 5×4"
    done = 0
    for _ in range(60):
        factors = [
            random.choice(["{}", "{}", "({})^2", "exp({})", "(1 + {})"]).format(random.choice(entries)) for _ in "abc"
        ]
        body = random.choice(["{}*{}*{}", "{}*{} - {}", "sin({} + {})*{}"]).format(*factors)
        text = f"sum[i=1:3,j=1:4,k=1:4] ({body})"
        try:
            found = read(text, where)
        except UnsupportedError:
            continue
        sizes = sizes_of([found.expr], "distinct", random)
        at = {n: np.array(draw(s, sizes, 1, random)) for n, s in found.symbols.items()}
        expected = sum(_value(body, at, i, j, k) for i in range(3) for j in range(4) for k in range(4))
        point = {n: a.ravel() if found.symbols[n].shape[1] == 1 else a for n, a in at.items()}
        assert found.expr.compile()(**point) == pytest.approx(expected, rel=1e-9), text
        done += 1
    assert done >= 40


def _value(body: str, at: dict[str, Any], i: int, j: int, k: int) -> float:
    """A summand at one choice of the indices, by NumPy."""
    names = {
        "x[i]": at["x"][i, 0] if "x" in at else 0,
        "u[i]": at["u"][i, 0] if "u" in at else 0,
        "y[j]": at["y"][j, 0] if "y" in at else 0,
        "A[i,j]": at["A"][i, j] if "A" in at else 0,
        "A[i,k]": at["A"][i, k] if "A" in at else 0,
        "B[k,j]": at["B"][k, j] if "B" in at else 0,
        "r[i]'*q[j]": at["R"][i] @ at["Q"][:, j] if "R" in at and "Q" in at else 0,
    }
    code = body.replace("^", "**").replace("exp", "np.exp").replace("sin", "np.sin")
    for name in sorted(names, key=len, reverse=True):
        code = code.replace(name, repr(float(names[name])).join("()"))
    return float(eval(code, {"np": np}))


@pytest.mark.parametrize("latex", [r"\sum_i \|x_i - \mu\|^2", r"\sum_i \log \sigma(w^\top x_i)"])
def test_samples_that_are_vectors_are_declared(latex: str) -> None:
    """A number is no sample in a norm or behind wᵀ: what to declare is said, and then it is read."""
    with pytest.raises(matcalc.MatcalcError, match="x_i is an entry here") as raised:
        matcalc.parse(latex)
    assert "x_i: rows of X" in (raised.value.hint or "")
    assert matcalc.parse(latex, where=ROWS).is_scalar
