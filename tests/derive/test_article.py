"""The article's rules and derivations come out of matcalc as they stand there."""

from __future__ import annotations

import pytest

import matcalc

NET = "||g(X*W) - Y||_F^2"
DICTIONARY = "||X - D*R||_F^2"


def test_network_derivation() -> None:
    """Equations (1) to (4): four maps are peeled off, each with its reason."""
    d = matcalc.derive(NET, "W", where="X: m×n, W: n×p, Y: m×p")
    assert d.text() == "2Xᵀ·((g(X·W) − Y) ⊙ g′(X·W))"
    assert [s.rules for s in d.steps] == [
        ("left_multiplication",),
        ("elementwise_function",),
        ("addition",),
        ("squared_norm",),
    ]
    assert d.text(steps=True).splitlines() == [
        "f = ‖g(X·W) − Y‖_F²",
        "df/dW = Xᵀ·df/d(X·W)                      (1) left multiplication by X",
        "      = Xᵀ·(df/dg(X·W) ⊙ g′(X·W))         (2) elementwise function g",
        "      = Xᵀ·(df/d(g(X·W) − Y) ⊙ g′(X·W))   (3) adding −Y",
        "      = 2Xᵀ·((g(X·W) − Y) ⊙ g′(X·W))      (4) squared Frobenius norm",
    ]
    assert [str(n) for n in d.shape] == ["n", "p"]
    assert d.check is not None and d.check.ok


@pytest.mark.parametrize(
    ("variable", "result", "expanded"),
    [("D", "−2(X − D·R)·Rᵀ", "−2X·Rᵀ + 2D·R·Rᵀ"), ("R", "−2Dᵀ·(X − D·R)", "−2Dᵀ·X + 2Dᵀ·D·R")],
)
def test_dictionary_learning(variable: str, result: str, expanded: str) -> None:
    """Equations (5) to (10), and the expanded form at their end."""
    d = matcalc.derive(DICTIONARY, variable)
    assert d.text() == result
    assert str(d.form("expanded")) == expanded
    assert [s.rules[0] for s in d.steps if s.kind == "rule"][1:] == ["scaling", "addition", "squared_norm"]


@pytest.mark.parametrize(
    ("formula", "variable", "where", "result"),
    [
        ("f(X*W)", "X", "X: m×n, W: n×p, f: m×p -> scalar", "∂f/∂(X·W)·Wᵀ"),
        ("f(W*X)", "X", "X: m×n, W: p×m, f: p×n -> scalar", "Wᵀ·∂f/∂(W·X)"),
        ("f(W*X')", "X", "X: m×n, W: p×n, f: p×m -> scalar", "(∂f/∂(W·Xᵀ))ᵀ·W"),
        ("f(g(X))", "X", "X: m×n, g: elementwise, f: m×n -> scalar", "∂f/∂g(X) ⊙ g′(X)"),
        ("f(X + C)", "X", "X: m×n, C: m×n, f: m×n -> scalar", "∂f/∂(X + C)"),
        ("f(C + X)", "X", "X: 1×n, C: m×n, f: m×n -> scalar", "sum(∂f/∂(C + X), rows)"),
        ("f(C + X)", "X", "X: m, C: m×n, f: m×n -> scalar", "sum(∂f/∂(C + X), columns)"),
        ("a'*G*a", "G", "a: n, G: n×n", "a·aᵀ"),
        ("||G||_F^2", "G", "G: m×n", "2G"),
    ],
)
def test_framework(formula: str, variable: str, where: str, result: str) -> None:
    """df/dX in terms of S = df/dG for each map G of the article, and its two functions f."""
    assert matcalc.derive(formula, variable, where=where).text() == result


def test_header_names_the_variable() -> None:
    """f(W) = … makes W the variable."""
    assert matcalc.derive("f(W) = ||X*W - Y||_F^2").text() == "2Xᵀ·(X·W − Y)"


def test_several_variables_in_one_sweep() -> None:
    """A list of variables gives a mapping, each result as if derived alone."""
    found = matcalc.derive("||g(X*V + b)*W - Y||_F^2", ["V", "W", "b"], where="X: n×d, V: d×h, b: 1×h, W: h×k, Y: n×k")
    assert list(found) == ["V", "W", "b"]
    for name, d in found.items():
        alone = matcalc.derive("||g(X*V + b)*W - Y||_F^2", name, where="X: n×d, V: d×h, b: 1×h, W: h×k, Y: n×k")
        assert d.result == alone.result


def test_a_variable_that_does_not_occur_has_derivative_zero() -> None:
    """Zero of the right shape, with a note."""
    d = matcalc.derive("tr(A)", "x", where="A: m×m, x: n")
    assert d.text() == "zeros(n, 1)"
    assert any("does not depend on" in note for note in d.notes)


@pytest.mark.parametrize(
    ("formula", "variable", "result"),
    [
        ("0.5*x'*A*x", "x", "1/2·(A + Aᵀ)·x"),
        ("(y.*v)'*x", "x", "y ⊙ v"),
        ("a^b", "a", "b·a^(b − 1)"),
        ("norm1(A*x-y)", "x", "Aᵀ·sign(A·x − y)"),
        ("norm2(A*x-y)^2", "x", "2Aᵀ·(A·x − y)"),
        ("sum(log(exp(-y.*(X*w)) + vector(1)))", "w", "−Xᵀ·(y ⊙ sigmoid(−(y ⊙ (X·w))))"),
        ("tr(A*X'*B*X*C)", "X", "Bᵀ·X·Aᵀ·Cᵀ + B·X·C·A"),
        ("log(det(inv(X)))", "X", "−X⁻ᵀ"),
    ],
)
def test_what_matrixcalculus_org_documents(formula: str, variable: str, result: str) -> None:
    """The documented formulas work verbatim, without declarations."""
    assert matcalc.derive(formula, variable).text() == result
