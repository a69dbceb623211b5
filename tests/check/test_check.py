"""The checker: right claims pass, wrong ones are refuted, and without a point there is no verdict."""

from __future__ import annotations

from typing import Any

import pytest

from matcalc import algebra
from matcalc.api import derive, read
from matcalc.check import check
from matcalc.expr import Expr, make, postorder
from matcalc.pattern import substitute
from tests.corpus import cases, where


def _mutants(e: Expr) -> list[Expr]:
    """The expression with one mistake: a sign, a factor, a lost transpose, a dropped term, swapped factors."""
    found = [algebra.neg(e), algebra.mul(algebra.number(3), e)]
    if e.shape[0] == e.shape[1] and not e.is_symmetric:
        found.append(algebra.transpose(e))
    for node in postorder(e):
        changed: list[Expr] = []
        if node.op == "transpose" and node.shape[0] == node.shape[1]:
            changed.append(node.args[0])
        if node.op == "add" and len(node.args) > 1:
            changed.append(algebra.add(*node.args[1:]))
            changed.append(algebra.add(algebra.neg(node.args[0]), *node.args[1:]))
        if (
            node.op == "dot"
            and len(node.args) > 1
            and node.args[0].shape == node.args[1].shape
            and node.shape != (1, 1)
        ):
            changed.append(make("dot", (node.args[1], node.args[0], *node.args[2:]), None, node.shape))
        if node.op == "hadamard":
            changed.append(node.args[0])
        for new in changed:
            if new.shape == node.shape and new != node:
                found.append(substitute(e, {node: new}))
    return [m for m in found if m != e and m.shape == e.shape]


@pytest.mark.parametrize("case", cases("gradient"), ids=lambda c: c["id"])
def test_planted_mistakes_are_refuted(case: dict[str, Any]) -> None:
    """Every mutant of a result is refuted, the result itself is not; mutants equal in value by the corpus' own E, o aside."""
    d = derive(case["expr"], case["wrt"], where=where(case))
    if algebra.is_zero(d.result):
        return
    for mutant in _mutants(d.result):
        assert check(d.function, d.variable, mutant).ok is not True, str(mutant)


def test_no_point_is_no_verdict() -> None:
    """A formula without a value anywhere is undecided, not right."""
    found = read("log(-x'*x)", "x: n")
    report = check(found.expr, found.symbols["x"], found.symbols["x"])
    assert report.ok is None and "no point" in report.detail


@pytest.mark.parametrize(
    ("formula", "variable", "where_"),
    [
        ("sum(log(x))", "x", "x: n"),
        ("sum(abs(x - y)) + sum(relu(x))", "x", "x: n, y: n"),
        ("logdet(S)", "S", "S: n×n posdef"),
        ("tr(Q'*X)", "X", "Q: n×n orthogonal, X: n×n"),
        ("tr(X^k)*0 + t^k", "t", "X: n×n, k: integer, t: scalar"),
        ("sum(asin(x))", "x", "x: n"),
        ("x'*K*x", "x", "K: n×n antisymmetric, x: n"),
        ("tr(L*X)", "X", "L: n×n lower triangular, X: n×n"),
    ],
)
def test_domains_kinks_and_properties(formula: str, variable: str, where_: str) -> None:
    """Points are drawn inside domains, away from kinks, with the declared properties."""
    d = derive(formula, variable, where=where_)
    assert d.check is not None and d.check.ok


def test_same_seed_same_report() -> None:
    """All randomness comes from the seed."""
    first, second = (derive("tr(inv(X)*A)", "X", seed=7).check for _ in range(2))
    assert first == second


def test_equal_sizes_are_tried() -> None:
    """A claim that is right only for distinct sizes is refuted by the run with equal ones, and the other way round."""
    found = read("tr(A*X)", "A: n×n, X: n×n")
    assert check(found.expr, found.symbols["X"], found.symbols["A"]).ok is False
