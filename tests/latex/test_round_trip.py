"""All LaTeX that is printed reads back: formulas and derivatives of the corpus and of books, Hessians, random formulas."""

from __future__ import annotations

from random import Random

import pytest

import matcalc
from matcalc.printing import latex
from tests import random_formulas
from tests.corpus import cases, where
from tests.formulas.test_formulas import FORMULAS
from tests.latex.round_trip import declarations, difference


@pytest.mark.parametrize("case", cases()[::4], ids=lambda c: c["id"])
def test_corpus(case: dict[str, str]) -> None:
    """A function and its derivative: gradients, Jacobians and Hessians."""
    d = matcalc.derive(case["expr"], case["wrt"], where=where(case), order=2 if "hessian" in case["kind"] else 1)
    assert difference(d.function) is None
    assert difference(d.result) is None


@pytest.mark.parametrize("case", FORMULAS[::12], ids=lambda c: c["name"])
def test_formulas_of_books(case: dict[str, str]) -> None:
    """A formula and its derivative."""
    d = matcalc.derive(case["formula"], case["wrt"], where=case["where"], order=int(case.get("order", 1)))
    assert difference(d.function) is None
    assert difference(d.result) is None


@pytest.mark.parametrize("seed", range(4))
def test_random_formulas(seed: int) -> None:
    """Operators in every surrounding."""
    random = Random(seed)
    for i in range(60):
        draw = random_formulas.scalar_formula if i % 2 else random_formulas.array_formula
        text, _ = draw(random, random.randint(1, 4))
        assert difference(matcalc.parse(text, random_formulas.WHERE)) is None, text


@pytest.mark.parametrize(
    ("formula", "where", "printed"),
    [
        ("(||x||^2)^3", "x: n", r"\left( \left\Vert x \right\Vert^{2} \right)^{3}"),
        ("x[1]*x'", "x: n", r"\left[ x \right]_{1} \, x^{\top}"),
        ("kron(ones(m,m), A)", "A: n×n", r"\left( \mathbf{1}_{m} \mathbf{1}_{m}^{\top} \right) \otimes A"),
        ("1e-9*x", "x: n", r"10^{-9} x"),
        ("x/1001", "x: n", r"\tfrac{1}{1001} x"),
        ("K*K'", "K: m×n", r"K \, K^{\top}"),
        ("commutation(m,n)*vec(K)", "K: m×n", r"K_{m,n} \, \operatorname{vec}\left( K \right)"),
        ("logdet(X)*t", "X: n×n, t: scalar", r"t \, \log\det\left( X \right)"),
    ],
)
def test_what_once_went_wrong(formula: str, where: str, printed: str) -> None:
    """No double superscripts, no ⊗ beside another product, no rounded numbers."""
    e = matcalc.parse(formula, where)
    assert latex(e) == printed and difference(e) is None


@pytest.mark.parametrize(
    ("formula", "variable", "where", "order"),
    [
        ("logsumexp(A*x)", "x", "A: m×n", 2),
        ("||g(W2*g(W1*x)) - t||^2", "W1", "W1: m×n, W2: k×m, x: n, t: k, g: elementwise", 1),
        ("sum(log(1 + exp(X*w)))", "w", "X: m×n", 2),
    ],
)
def test_named_intermediates(formula: str, variable: str, where: str, order: int) -> None:
    """The form let, a formula with its definitions behind it, reads back as the result."""
    d = matcalc.derive(formula, variable, where=where, order=order)
    shown = d.latex(form="let")
    assert r", \quad " in shown
    assert matcalc.parse(shown, declarations(d.result), language="latex") == d.result
