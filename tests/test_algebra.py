"""Constructors: canonical forms, zeros that keep their shape, keys that see through order and orientation."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcalc import algebra
from matcalc.algebra import add, elementwise, eye, hadamard, mul, neg, number, ones, power, symbol, transpose, zeros
from matcalc.api import parse
from matcalc.errors import ShapeError
from matcalc.expr import Expr

A, B = symbol("A", ("m", "n")), symbol("B", ("m", "n"))
C = symbol("C", ("n", "p"))
Q = symbol("Q", ("n", "n"))
S = symbol("S", ("n", "n"), ["symmetric"])
x, y = symbol("x", ("n", 1)), symbol("y", ("n", 1))
s, t = symbol("s"), symbol("t")


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (add(A, B), add(B, A)),
        (add(A, A), mul(number(2), A)),
        (add(A, neg(A)), zeros(A.shape)),
        (mul(transpose(x), Q, y), mul(transpose(y), transpose(Q), x)),
        (transpose(mul(A, C)), mul(transpose(C), transpose(A))),
        (transpose(transpose(A)), A),
        (transpose(S), S),
        (mul(A, eye(A.shape[1])), A),
        (hadamard(A, algebra.ones_like(A.shape)), A),
        (hadamard(A, A), power(A, number(2))),
        (mul(A, s, C, t), mul(t, s, A, C)),
        (power(power(s, number(2)), number(3)), power(s, number(6))),
        (mul(power(s, number(-1)), s), number(1)),
        (mul(transpose(ones(x.shape[0])), ones(x.shape[0])), algebra.dimension(x.shape[0])),
        (elementwise("tanh", transpose(A)), transpose(elementwise("tanh", A))),
        (neg(add(A, neg(B))), add(B, neg(A))),
        (algebra.apply("tr", mul(Q, S)), algebra.apply("tr", mul(S, transpose(Q)))),
    ],
)
def test_equal(left: Expr, right: Expr) -> None:
    """Two ways to build one thing give equal expressions."""
    assert left == right and left.shape == right.shape


def test_different() -> None:
    """What only looks alike is told apart."""
    assert mul(Q, S) != mul(S, Q)
    assert transpose(Q) != Q
    assert symbol("X", ("n", "n")) != symbol("X", ("n", "n"), ["symmetric"])
    assert power(power(s, number(2)), number("1/2")) != s  # it is |s|
    assert mul(transpose(A), A).is_symmetric and not mul(transpose(A), A, Q).is_symmetric


@pytest.mark.parametrize(
    "made",
    [
        mul(zeros((A.shape[0], A.shape[0])), A),
        add(zeros(A.shape), zeros(A.shape)),
        hadamard(zeros(A.shape), A),
        mul(number(0), A),
        mul(s, zeros(A.shape)),
        transpose(zeros((A.shape[1], A.shape[0]))),
        power(zeros(A.shape), number(2)),
    ],
)
def test_zero_keeps_its_shape(made: Expr) -> None:
    """Zero is typed."""
    assert made.op == "zero" and made.shape == A.shape


@pytest.mark.parametrize(
    "build",
    [
        lambda: add(A, C),
        lambda: mul(A, A),
        lambda: hadamard(A, C),
        lambda: algebra.apply("det", A),
        lambda: algebra.apply("tr", A),
    ],
)
def test_shapes_that_clash_are_refused(build: object) -> None:
    """No constructor makes a node whose arguments do not fit."""
    with pytest.raises(ShapeError):
        build()  # type: ignore[operator]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from([A, B, mul(s, A), neg(B), mul(number(3), A), hadamard(A, B)]), min_size=2, max_size=6),
    st.integers(0, 9),
)
def test_scrambled_sums_are_equal(terms: list[Expr], seed: int) -> None:
    """The order and the grouping of terms do not matter."""
    shuffled = list(terms)
    random.Random(seed).shuffle(shuffled)
    grouped = add(shuffled[0], add(*shuffled[1:]) if len(shuffled) > 2 else shuffled[1])
    assert add(*terms) == grouped


@pytest.mark.parametrize(
    "inner", ["X'.*Y'.*(B*X')", "X' .* Y' ./ (1 + (B*X').^2)", "(X .* Y)' .* sin(B*X')", "X' .* (B*Y') .* Y'"]
)
def test_products_with_the_transpose_are_symmetric(inner: str) -> None:
    """H'H is known to be symmetric however the transposes stand in H."""
    assert parse(f"({inner})'*({inner})", where="X: m×n, Y: m×n, B: n×n").is_symmetric


def test_powers_under_a_transpose() -> None:
    """(A.^2)ᵀ ⊙ Aᵀ is (A.^3)ᵀ, so that a product with its transpose is seen to be symmetric."""
    a = symbol("A", ("m", "n"))
    cubed = hadamard(transpose(power(a, number(2))), transpose(a))
    assert cubed == transpose(power(a, number(3)))
    assert mul(transpose(cubed), cubed).is_symmetric
