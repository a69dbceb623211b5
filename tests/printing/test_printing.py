"""Formulas in print read back, and look as a textbook prints them."""

from __future__ import annotations

from typing import Any

import pytest

import matcalc
from matcalc.printing import latex, let_text, text
from tests.corpus import cases, where


@pytest.mark.parametrize("case", cases("gradient"), ids=lambda c: c["id"])
@pytest.mark.parametrize("style", ["unicode", "ascii"])
def test_results_read_back(case: dict[str, Any], style: str) -> None:
    """Printed text parses to the same expression."""
    d = matcalc.derive(case["expr"], case["wrt"], where=where(case))
    printed = text(d.result, style)
    again = matcalc.parse(
        f"({printed}) + 0*{case['wrt']}" if d.result.op in ("eye", "zero", "ones") else printed, where=where(case)
    )
    assert again == d.result
    if style == "ascii":
        assert printed.isascii()


@pytest.mark.parametrize(
    ("formula", "where_", "unicode", "ascii_", "latex_"),
    [
        (
            "2*X'*(g(X*W)-Y).*Z",
            "X: m×n, W: n×m, Y: m×m, Z: n×m, g: elementwise",
            "2((Xᵀ·(g(X·W) − Y)) ⊙ Z)",
            "2*((X'*(g(X*W) - Y)) .* Z)",
            r"2 \left( \left( X^{\top} \, \left( g\left( X \, W \right) - Y \right) \right) \odot Z \right)",
        ),
        ("(x - y)/norm(x)", "x: n, y: n", "(x − y)/‖x‖", "(x - y)/||x||", r"\frac{x - y}{\left\Vert x \right\Vert}"),
        ("(A' + A)*x", "A: n×n, x: n", "(A + Aᵀ)·x", "(A + A')*x", None),
        ("inv(A)'*b/t", "A: n×n, b: n, t: scalar", "A⁻ᵀ·b/t", "inv(A)'*b/t", r"\frac{A^{-\top} \, b}{t}"),
        (
            "||X||_F^2 + ||x||",
            "X: m×n, x: n",
            "‖X‖_F² + ‖x‖",
            "||X||_F^2 + ||x||",
            r"\left\Vert X \right\Vert_F^{2} + \left\Vert x \right\Vert",
        ),
        ("x.^2 ./ y", "x: n, y: n", "x.^2 ⊘ y", "x.^2 ./ y", r"x^{\circ 2} \oslash y"),
        ("lambda*x'*x", "lambda: scalar, x: n", "λ·xᵀ·x", "lambda*x'*x", r"\lambda \, x^{\top} \, x"),
        ("sum(X, rows) + sum(X)", "X: m×n", "sum(X, rows) + sum(X)", "sum(X, rows) + sum(X)", None),
        ("X*W + ones(m)*b", "X: m×n, W: n×p, b: 1×p", "X·W + b", "X*W + b", None),
        ("eye(n) - vector(1)*p'", "p: n", "eye(n) − ones(n)·pᵀ", "eye(n) - ones(n)*p'", None),
        (
            "diag(p) + A + t*ones(n)*ones(n)'",
            "p: n, A: n×n, t: scalar",
            "diag(p) + A + t·ones(n, n)",
            "diag(p) + A + t*ones(n, n)",
            None,
        ),
        ("sum(y')*x", "x: m, y: n", "sum(y)·x", "sum(y)*x", None),
        ("A*A*A", "A: n×n", "A³", "A^3", "A^{3}"),
        ("kron(A, B)*C", "A: 2×3, B: 4×5, C: 15×2", "(A ⊗ B)·C", "kron(A, B)*C", r"\left( A \otimes B \right) \, C"),
        ("t ./ x", "t: scalar, x: n", "t ⊘ x", "t ./ x", None),
        ("f(X, Y)", "X: m×n, Y: n×p, f: (m×n, n×p) -> scalar", "f(X, Y)", "f(X, Y)", None),
        ("a'*x/(2*t)", "a: n, x: n, t: scalar", "aᵀ·x/(2·t)", "a'*x/(2*t)", r"\frac{a^{\top} \, x}{2 \, t}"),
    ],
)
def test_words(formula: str, where_: str, unicode: str, ascii_: str, latex_: str | None) -> None:
    """Each vocabulary, as a person reads it."""
    e = matcalc.parse(formula, where=where_)
    assert (text(e), text(e, "ascii")) == (unicode, ascii_)
    assert matcalc.parse(unicode, where=where_) == matcalc.parse(ascii_, where=where_) == e
    if latex_ is not None:
        assert latex(e) == latex_


def test_long_formulas_get_names() -> None:
    """A formula that is very long written out is printed with named intermediates, which read back."""
    formula = "x'*x"
    for _ in range(14):
        formula = f"({formula})*({formula} + 1)" if len(formula) < 3000 else f"sin({formula})"
    e = matcalc.parse(formula, where="x: n")
    shown = let_text(e)
    assert len(shown) < len(text(e)) and "Z1 = " in shown
    assert r", \quad Z_{1} = " in let_text(e, "latex")
    assert matcalc.parse(shown, where="x: n") == e


def test_jupyter() -> None:
    """Results and expressions show as LaTeX in a notebook."""
    d = matcalc.derive("a'*X*b", "X")
    assert d._repr_latex_() == r"$\displaystyle a \, b^{\top}$" == d.result._repr_latex_()


@pytest.mark.parametrize(
    "formula",
    ["(||x||^2)^3", "(||X||_F^2)^t", "softmax(r, axis=0)", "logsumexp(x, axis=1)", "softmax(x', axis=0)' + x"],
)
def test_powers_of_powers_and_single_rows_read_back(formula: str) -> None:
    """(‖x‖²)³ keeps its brackets, and softmax along the only entry of a row its axis."""
    where = "X: m×n, x: m, r: 1×n, t: scalar"
    e = matcalc.parse(formula, where=where)
    assert matcalc.parse(str(e), where=where) == e == matcalc.parse(text(e, "ascii"), where=where)
    assert matcalc.parse(latex(e), where=where, language="latex") == e
