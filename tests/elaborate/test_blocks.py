"""Blocks of matrices and ranges of indices."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.printing import text

RNG = np.random.default_rng(8)
GIVEN = {
    "A": RNG.normal(size=(4, 3)),
    "B": RNG.normal(size=(4, 2)),
    "C": RNG.normal(size=(5, 3)),
    "D": RNG.normal(size=(5, 2)),
    "x": RNG.normal(size=3),
    "y": RNG.normal(size=4),
}
WHERE = "A: m×n, B: m×p, C: q×n, D: q×p, x: n, y: m"
A, B, C, D, x, y = GIVEN.values()

BLOCKS: list[tuple[str, Any]] = [
    ("[A, B]", np.hstack([A, B])),
    ("[A; C]", np.vstack([A, C])),
    ("[A, B; C, D]", np.block([[A, B], [C, D]])),
    ("[A, B, y]", np.column_stack([A, B, y])),
    ("[x; y]", np.concatenate([x, y])),
    ("[x', 1]", np.append(x, 1.0)[None, :]),
    ("[1, 2; 3, 4]", np.array([[1.0, 2], [3, 4]])),
    ("[A; x']", np.vstack([A, x])),
    ("A[1:2,:]", A[:2]),
    ("A[2:4]", A[1:4]),
    ("A[:,2:3]", A[:, 1:3]),
    ("A[2:3,1:2]", A[1:3, :2]),
    ("A[2,1:2]", A[1:2, :2]),
    ("y[2:4]", y[1:4]),
    ("x'[1:2]", x[None, :2]),
    ("x[2:2]", x[1]),
    ("[A, B][:,2:4]", np.hstack([A, B])[:, 1:4]),
]


@pytest.mark.parametrize(("formula", "expected"), BLOCKS, ids=[b[0] for b in BLOCKS])
def test_values(formula: str, expected: Any) -> None:
    """Blocks and ranges are those of NumPy, and read back from what they print as."""
    e = matcalc.parse(formula, where=WHERE)
    assert np.squeeze(e.compile()(**GIVEN)) == pytest.approx(np.squeeze(expected))
    again = matcalc.parse(text(e, "ascii"), where=WHERE)
    assert again.compile()(**GIVEN) == pytest.approx(e.compile()(**GIVEN))


@pytest.mark.parametrize(
    ("formula", "variable", "where", "expected"),
    [
        ("||[A; B]||_F^2", "A", "A: m×n, B: p×n", "2A"),
        ("||[A, B]*[u; v]||^2", "v", "A: m×n, B: m×p, u: n, v: p", "2Bᵀ·(A·u + B·v)"),
        (
            "||[X; sqrt(t)*I]*w - [y; zeros(n)]||^2",
            "w",
            "X: m×n, w: n, y: m, t: scalar positive",
            "2(Xᵀ·(X·w − y) + t·w)",
        ),
        ("||[x, y]||_F^2", "x", "x, y: n", "2x"),
        ("sum(x[1:3])", "x", "x: n", "sum(units(n, 1, 3), columns)"),
        ("a'*X[2:4,:]*b", "X", "X: m×n, a: 3, b: n", "units(m, 2, 4)·a·bᵀ"),
    ],
)
def test_derivatives(formula: str, variable: str, where: str, expected: str) -> None:
    """Blocks that do not meet leave no trace in the result."""
    d = matcalc.derive(formula, variable, where=where)
    assert d.check is not None and d.check.ok
    assert d.text() == expected


def test_sizes_of_blocks_are_found() -> None:
    """The size of a block follows from the whole, and that of the whole from the blocks."""
    e = matcalc.parse("[A, B]*x", where="A: m×n, B: m×p")
    assert {str(s.shape[0]) for s in _symbols(e) if s.name == "x"} == {"n + p"}
    e = matcalc.parse("M*[x; y]", where="M: k×(n + m), x: n")
    assert {str(s.shape[0]) for s in _symbols(e) if s.name == "y"} == {"m"}


def _symbols(e: Any) -> list[Any]:
    from matcalc.expr import postorder

    return [s for s in postorder(e) if s.op == "symbol"]
