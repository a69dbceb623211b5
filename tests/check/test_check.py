"""The checker: right claims pass, wrong ones are refuted, and without a point there is no verdict."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from benchmarks.mutants import equivalent, mutants
from matcalc.api import derive, read
from matcalc.check import check
from tests.corpus import cases, where


@pytest.mark.parametrize("case", cases("gradient"), ids=lambda c: c["id"])
def test_planted_mistakes_are_refuted(case: dict[str, Any]) -> None:
    """A sample of the mutants of a result is refuted, but for those that equal it; benchmarks/mutants.py tries 2,000.

    The result itself passes, by chance once in 10¹² times at most if that can be bounded.
    """
    d = derive(case["expr"], case["wrt"], where=where(case))
    assert d.check is not None and d.check.ok
    assert d.check.bound is None or d.check.bound <= 1e-12
    fitting = list(mutants(d.result))
    for mutant in Random(case["id"]).sample(fitting, min(2, len(fitting))):
        report = check(d.function, d.variable, mutant)
        assert report.ok is False or equivalent(mutant, d.result), f"{mutant}: {report}"


def test_the_arbiter_tells_mutants_apart() -> None:
    """Forms of one thing are equivalent, a mistake on one side of a kink is not."""
    e = lambda text: read(text, "x: n, A: n×n").expr
    assert equivalent(e("x'*A*x"), e("x'*(A + A')*x/2"))
    assert equivalent(e("abs(x)"), e("x .* sign(x)"))
    assert not equivalent(e("relu(x)"), e("abs(x)"))
    assert not equivalent(e("step(2*sum(x) + 1)*x"), e("step(sum(x) + 1)*x"))


def test_a_claim_without_a_value_is_wrong() -> None:
    """A claim that is outside its domain wherever the function has a value is refuted."""
    found = read("sum(x .* log(x)) - sum(x)", "x: n")
    x = found.symbols["x"]
    assert check(found.expr, x, read("log(x)", "x: n").expr).ok
    report = check(found.expr, x, read("log(-x)", "x: n").expr)
    assert report.ok is False and "no value" in report.detail


def test_kinks_near_zero_are_met() -> None:
    """A wrong sign of the margin shows only where the distances are small."""
    d = derive("max(0, 1 + ||L*(x - y)||^2 - ||L*(x - z)||^2)", "L", where="L: m×n, x, y, z: n")
    wrong = read(str(d.result).replace("1 + ‖", "−1 + ‖"), "L: m×n, x, y, z: n").expr
    assert all(check(d.function, d.variable, wrong, seed=seed).ok is False for seed in range(20))


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


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        ("tr(A*X*X)", ["checked exactly: at sizes n=", "a wrong answer passes with probability < 1e-"]),
        ("sum(abs(X*X') .* A)", ["checked exactly: at sizes n=", "probability"]),
        ("tr(A*expm(X))", ["checked numerically: at sizes n=", "largest relative error", "no bound on the chance"]),
    ],
)
def test_reports_say_sizes_method_and_bound(formula: str, words: list[str]) -> None:
    """The report lists the sizes tried, the method, and how probable a mistake is, or that this is not known."""
    d = derive(formula, "X", where="A: n×n, X: n×n")
    assert d.check is not None and (d.check.bound is None) == ("no bound" in str(d.check))
    for word in words:
        assert word in str(d.check)
