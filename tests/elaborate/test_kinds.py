"""Kinds: scalar, vector, row or matrix, by declarations, use and defaults."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.elaborate.reading import expr, read, shapes

CASES = [
    json.loads(line)
    for line in Path(__file__).parents[1].joinpath("corpus/cases.jsonl").read_text(encoding="utf-8").splitlines()
]


@pytest.mark.parametrize(
    ("formula", "wanted"),
    [
        ("||g(X*W)-Y||_F^2", "X: m×n, W: n×p, Y: m×p"),
        ("x'*A*x", "x: n×1, A: n×n"),
        ("0.5*x'*A*x", "x: n×1, A: n×n"),
        ("w'*x+b", "w: n×1, x: n×1, b: scalar"),
        ("(y.*v)'*x", "y: n×1, v: n×1, x: n×1"),
        ("a^b", "a: scalar, b: scalar"),
        ("norm1(A*x-y)", "A: m×n, x: n×1, y: m×1"),
        ("norm2(A*x-y)^2", "A: m×n, x: n×1, y: m×1"),
        ("sum(log(exp(-y.*(X*w)) + vector(1)))", "y: m×1, X: m×n, w: n×1"),
        ("tr(A*X'*B*X*C)", "A: m×n, X: p×n, B: p×p, C: n×m"),
        ("log(det(inv(X)))", "X: n×n"),
        ("x'*A*x + b'*x + c", "x: n×1, A: n×n, b: n×1, c: scalar"),
        ("||A*x - b||^2 + lam*||x||^2", "A: m×n, x: n×1, b: m×1, lam: scalar"),
        ("1/N*||X - D*R||_F^2 + lambda*norm1(R)", "N: scalar, X: m×n, D: m×p, R: p×n, lambda: scalar"),
        ("(x - mu)'*inv(S)*(x - mu)", "x: n×1, mu: n×1, S: n×n"),
        ("0.5*||w||^2 + C*sum(max(0, 1 - y.*(X*w)))", "w: m×1, C: scalar, y: n×1, X: n×m"),
        ("(mu - nu)'*S*(mu - nu) - k", "mu: n×1, nu: n×1, S: n×n, k: scalar"),
        ("x/||x||", "x: n×1"),
        ("z - log(sum(exp(z)))", "z: n×1"),
        ("exp(x)/sum(exp(x))", "x: n×1"),
        ("1/t*X", "t: scalar, X: m×n"),
        ("X*diag(s)*Y'", "X: m×n, s: n×1, Y: p×n"),
        ("A\\b", "A: n×n, b: n×1"),
        ("X^k", "X: n×n, k: scalar"),
        ("x.^k", "x: n×1, k: scalar"),
        ("(q - 0.5)*sum(y) + norm1(y)", "q: scalar, y: n×1"),
        ("sum(X, rows) + r", "X: m×n, r: 1×n"),
        ("f(x) + x", "x: n×1"),
        ("logdet(A + x*x')", "A: n×n, x: n×1"),
        ("vec(X)'*vec(X)", "X: m×n"),
        ("kron(A, B)*vec(X)", "A: m×n, B: p×k, X: k×n"),
    ],
)
def test_undeclared(formula: str, wanted: str) -> None:
    """Formulas that need no declarations, those that matrixcalculus.org documents among them."""
    assert shapes(formula) == wanted


def declared(case: dict[str, Any]) -> str:
    """The declarations of a case of the corpus."""
    assumed = case.get("assume") or {}
    words = {
        n: ["×".join(map(str, dims)) if dims else "scalar", *assumed.get(n, [])] for n, dims in case["shapes"].items()
    }
    return ", ".join(f"{name}: {' '.join(parts)}" for name, parts in words.items())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_corpus_with_declarations(case: dict[str, Any]) -> None:
    """Every formula of the corpus is read, and so is its derivative, which has the shape that it should have."""
    f = read(case["expr"], declared(case), case["wrt"])
    derivative = expr(case["closed_form"], declared(case))
    x = f.symbols[case["wrt"]]
    if case["kind"] == "gradient":
        assert f.expr.is_scalar
        assert derivative.shape == x.shape
    elif case["kind"] == "jacobian" and 1 in f.expr.shape and 1 in x.shape and not x.is_scalar:
        assert derivative.shape == tuple(next((d for d in shape if d != 1), 1) for shape in (f.expr.shape, x.shape))


def test_corpus_without_declarations() -> None:
    """With all declarations dropped the kinds of all names are right in all but a few formulas, where nothing tells."""
    wrong = []
    for case in CASES:
        symbols = read(case["expr"]).symbols
        for name, dims in case["shapes"].items():
            full = [1, 1] if not dims else [*dims, 1] if len(dims) == 1 else dims
            if name in symbols and [d == 1 for d in symbols[name].shape] != [d == 1 for d in full]:
                wrong.append(case["id"])
    assert len(set(wrong)) <= 9


def test_declared_kinds_stand() -> None:
    """A declared kind is never changed, whatever the name; the sizes follow from use."""
    assert shapes("A*b", "A: row, b: vector") == "A: 1×n, b: n×1"
    assert shapes("x*Y", "x: scalar") == "x: scalar, Y: m×n"
    assert shapes("X + r", "X: m×n, r: row") == "X: m×n, r: 1×n"


def test_bias() -> None:
    """What the text cannot decide is noted with the alternative."""
    assert "b is added to every entry; for a row declare b: 1×p" in read("||X*W + b||_F^2", "X: m×n, W: n×p").notes


def test_one_by_one_is_a_scalar() -> None:
    """x'x divides, multiplies and exponentiates as a scalar does, and so does what is declared 1×1."""
    where = "x: n, A: n×n, s: 1×1"
    assert expr("A/(x'*x)", where).shape == expr("A", where).shape
    assert expr("(x'*A*x)^2 + s", where).is_scalar
    assert expr("A^(s - s + 2)", where) == expr("A*A", where)
    assert expr("inv(x'*x)", where) == expr("1/(x'*x)", where)
    assert expr("||x'*A*x||", where) == expr("|x'*A*x|", where)
