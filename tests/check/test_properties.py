"""Matrices drawn for a declared property have it, and are otherwise general."""

from __future__ import annotations

from random import Random

import pytest

import matcalc
from matcalc import matrix
from matcalc.check.jets import Matrix, Ring, transposed
from matcalc.check.points import FLOATS, draw
from matcalc.check.prime_field import Field
from matcalc.check.primes import chain

N = 5


def drawn(*properties: str, ring: Ring = FLOATS) -> Matrix:
    """A matrix for a symbol with the properties."""
    return draw(matrix("P", "n", "n", *properties), {"n": N}, 0, Random(7), ring)


def field() -> Field:
    """A prime field."""
    return Field(chain(Random(3))[0], Random(4))


def test_idempotent_and_stochastic() -> None:
    """P·P = P and P·1 = 1 hold exactly in the field; transposed they hold only where that is declared."""
    ring = field()
    p = drawn("idempotent", ring=ring)
    assert ring.matmul(p, p) == p != transposed(p)
    q = drawn("idempotent", "symmetric", ring=ring)
    assert ring.matmul(q, q) == q == transposed(q)
    s = drawn("stochastic", ring=ring)
    assert [ring.reduce(sum(row)) for row in s] == [1] * N != [ring.reduce(sum(row)) for row in transposed(s)]
    assert all(x > 0 for row in drawn("stochastic") for x in row)


@pytest.mark.parametrize(
    ("formula", "where", "claim", "right"),
    [
        ("x'*P'*P*x", "P: n×n symmetric idempotent", "2*P*x", True),
        ("x'*P'*P*x", "P: n×n idempotent", "2*P*x", False),
        ("sum(P*x)", "P: n×n stochastic", "sum(P, rows)'", True),
        ("sum(P'*x)", "P: n×n stochastic", "ones(n)", True),
        ("sum(P*x)", "P: n×n stochastic", "ones(n)", False),
    ],
)
def test_used_in_claims(formula: str, where: str, claim: str, right: bool) -> None:
    """What follows from a property is right, what would follow from its transpose is not."""
    assert bool(matcalc.verify(formula, "x", claim=claim, where=where)) is right
