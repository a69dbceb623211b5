"""Deep and wide formulas: no recursion, time that grows with the size."""

from __future__ import annotations

import matcalc
from matcalc import function, matrix, normsq, row


def test_nested_functions() -> None:
    """sin(sin(…)) 5,000 deep."""
    n = 5000
    d = matcalc.derive("sin(" * n + "x" + ")" * n, "x", where="x: scalar")
    assert d.check is not None and d.check.ok and len(d.text()) > n


def test_a_sum_of_many_terms() -> None:
    """5,000 terms."""
    n = 5000
    formula = "+".join(f"a{i}'*x" for i in range(n))
    d = matcalc.derive(formula, "x", where="x: n, " + ", ".join(f"a{i}: n" for i in range(n)))
    assert d.check is not None and d.check.ok and d.text().count("a") == n


def test_a_network_of_200_layers() -> None:
    """Built in Python; its gradient prints with named intermediates."""
    g, layers = function("g"), 200
    h = matrix("X", "n", "d0")
    for i in range(layers):
        h = g(h @ matrix(f"W{i}", f"d{i}", f"d{i + 1}") + row(f"b{i}", f"d{i + 1}"))
    d = matcalc.derive(normsq(h - matrix("Y", "n", f"d{layers}")), "W0")
    assert d.check is not None and d.check.ok and "Z1 = " in d.text()
