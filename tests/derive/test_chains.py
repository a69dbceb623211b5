"""Elementwise chains are simplified by SymPy where identities connect their functions."""

from __future__ import annotations

import pytest

import matcalc
from tests.work import calls


@pytest.mark.parametrize(
    ("formula", "result"),
    [
        ("sum(sin(x) .* cos(x))", "cos(2x)"),
        ("sum(sinh(x) .* cosh(x))", "cosh(2x)"),
        ("sum(sin(x).^2)", "sin(2x)"),
        ("sum(sin(A*x) .* cos(A*x))", "Aᵀ·cos(2A·x)"),
        ("sum(sin(x) + cos(y))", "cos(x)"),
    ],
)
def test_chain(formula: str, result: str) -> None:
    """The shorter form is found, and passes the check."""
    d = matcalc.derive(formula, "x", where="x: n, y: n, A: m×n")
    assert d.text() == result
    assert d.check is not None and d.check.ok


def test_sympy_is_not_asked_about_long_chains() -> None:
    """The product rule takes little work for many sines; the identities between them would take many times as much."""
    formula = "sum(" + " .* ".join(f"sin(x + y{i})" for i in range(16)) + ")"
    assert calls(lambda: matcalc.derive(formula, "x")) < 1_000_000
