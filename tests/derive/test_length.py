"""Results are no longer than what textbooks print, in nodes of the written formula."""

from __future__ import annotations

import pytest

import matcalc
from tests.corpus import cases, where


def test_corpus() -> None:
    """At least 97 of 100 results are not longer than the source's form, and none is more than a fifth longer."""
    ratios = {}
    for case in cases():
        if case.get("closed_form"):
            d = matcalc.derive(case["expr"], case["wrt"], where=where(case), order=1 + (case["kind"] == "hessian"))
            ratios[case["id"]] = d.result.size / matcalc.parse(case["closed_form"], where=where(case)).size
    assert len(ratios) > 150
    assert {name: r for name, r in ratios.items() if r > 1.2} == {}
    assert sum(r <= 1 for r in ratios.values()) >= 0.97 * len(ratios)


TEXTBOOK = [
    # formula, variable, order, declarations, what the source prints, the source
    ("sum(Y .* softmax(X))", "X", 1, "X, Y: m×n", "P .* (Y - sum(P .* Y, columns))", "Giles-style pullback of softmax"),
    ("sum(x ./ (1 + x))", "x", 1, "x: n", "(1 + x).^(-2)", "quotient rule"),
    (
        "sum(sqrt(x.^2 + s))",
        "x",
        2,
        "x: n, s: scalar positive",
        "s*diag((x.^2 + s).^(-3/2))",
        "Charbonnier et al. (1994)",
    ),
    ("-sum(log(1 - x.^2))", "x", 2, "x: n", "2*diag((1 + x.^2) ./ (1 - x.^2).^2)", "Boyd & Vandenberghe (2004), ch. 9"),
    ("a'*expm(t*A)*b", "t", 1, "A: n×n, a, b: n, t: scalar", "a'*A*expm(t*A)*b", "Higham (2008), sec. 10.1"),
    ("||kron(X, A)||_F^2", "X", 1, "X: m×n, A: p×q", "2*||A||_F^2*X", "Van Loan (2000)"),
    (
        "tr(inv(S)*A) + logdet(S)",
        "S",
        1,
        "S: n×n posdef, A: n×n symmetric",
        "inv(S) - inv(S)*A*inv(S)",
        "Anderson (2003)",
    ),
    ("-sum(log(sigmoid(-(N*v))))", "v", 1, "N: k×d, v: d", "N'*sigmoid(N*v)", "Mikolov et al. (2013)"),
    ("tr(A*X'*X*B)", "X", 1, "X: m×n, A: p×n, B: n×p", "X*(B*A + A'*B')", "Cookbook, sec. 2.5"),
    ("||X'*X - I||_F^2", "X", 1, "X: m×n", "4*X*(X'*X - I)", "orthogonality penalty"),
    ("log(x'*A*x)", "x", 1, "x: n, A: n×n symmetric", "2*A*x/(x'*A*x)", "Rayleigh quotient"),
    (
        "exp(t)'*r/sum(exp(t))",
        "t",
        1,
        "t, r: n",
        "softmax(t) .* (r - ones(n)*(softmax(t)'*r))",
        "Sutton & Barto (2018), sec. 2.8",
    ),
    (
        "V*exp(K*q)/sum(exp(K*q))",
        "q",
        1,
        "V: p×m, K: m×n, q: n",
        "V*(diag(softmax(K*q)) - softmax(K*q)*softmax(K*q)')*K",
        "Vaswani et al. (2017), one query",
    ),
    ("s*x'*x + t*x'*x", "x", 1, "x: n, s, t: scalar", "2*(s + t)*x", "like terms"),
]


@pytest.mark.parametrize(("formula", "wrt", "order", "declared", "printed", "source"), TEXTBOOK)
def test_textbook(formula: str, wrt: str, order: int, declared: str, printed: str, source: str) -> None:
    """The source's form is right, and the result is not longer."""
    text = printed.replace("P", "softmax(X)")
    d = matcalc.derive(formula, wrt, where=declared, order=order)
    if order == 1:
        assert matcalc.verify(formula, wrt, claim=text, where=declared), source
    assert d.result.size <= matcalc.parse(text, where=declared).size, d.result
