"""Wrong rules are refused: mistakes planted in every pullback and every rewrite, none of which is proved."""

from __future__ import annotations

import pytest

import matcalc
from benchmarks.mutants import mutants
from matcalc import algebra, expr
from matcalc.check import check, check_equal
from matcalc.expr import free_symbols
from matcalc.linear import inner
from matcalc.proof import prove_equal, prove_pullback
from matcalc.rulebook import COTANGENT, Rewrite, Rule, default_rulebook

BOOK = default_rulebook()
REWRITES = [r for rewrites in BOOK.rewrites_by_head.values() for r in rewrites]
MOST = 24
"""Mistakes tried in one formula."""


def wrong_pullbacks(rule: Rule) -> tuple[int, list[str]]:
    """How many mistakes were planted in the pullbacks of a rule, and those that were proved all the same."""
    tried, proved = 0, []
    for name, pullback in rule.pullbacks.items():
        whole, variable = rule.stated(name)
        for template in [*mutants(pullback.template)][:MOST]:
            tried += 1
            if prove_pullback(whole, variable, template, COTANGENT) is not None:
                value = inner(algebra.symbol(COTANGENT, whole.shape), whole)
                if check(value, variable, template).ok is not True:  # it is a mistake indeed
                    proved.append(f"{rule.name}, {name}: {template}")
    return tried, proved


def wrong_rewrites(rewrite: Rewrite) -> tuple[int, list[str]]:
    """The same for the right side of a rewrite."""
    tried, proved = 0, []
    for right in [*mutants(rewrite.right)][:MOST]:
        tried += 1
        if prove_equal(rewrite.left, right) is not None and check_equal(rewrite.left, right).ok is not True:
            proved.append(f"{rewrite.name}: {rewrite.left} => {right}")
    return tried, proved


def test_no_wrong_pullback_is_proved() -> None:
    """A sign, a factor, a transpose, a dropped or exchanged factor, ⊙ for ·, in every pullback."""
    found = [wrong_pullbacks(rule) for rule in BOOK.rules.values()]
    assert sum(tried for tried, _ in found) > 650
    assert [text for _, proved in found for text in proved] == []


def test_no_wrong_rewrite_is_proved() -> None:
    """The same in the right side of every rewrite."""
    found = [wrong_rewrites(rewrite) for rewrite in REWRITES]
    assert sum(tried for tried, _ in found) > 1000
    assert [text for _, proved in found for text in proved] == []


def test_the_mistakes_are_mistakes() -> None:
    """Nearly all of those that were planted are refuted by the check, which knows no proofs."""
    rules = [BOOK.rules[name] for name in ("two_sided_multiplication", "quadratic_form", "inverse", "softmax")]
    verdicts = []
    for rule in rules:
        for name, pullback in rule.pullbacks.items():
            value = inner(algebra.symbol(COTANGENT, rule.pattern.shape), rule.pattern)
            for template in mutants(pullback.template):
                verdicts.append(check(value, free_symbols(value)[name], template).ok)
    assert verdicts.count(False) > 0.9 * len(verdicts) > 30


def test_what_is_taken_for_equal_is_proved(monkeypatch: pytest.MonkeyPatch) -> None:
    """Were tril(A)' taken for tril(A'), there would be no proof of it: each side is read from the definitions."""
    a = matcalc.matrix("Turned", "n", "n")
    monkeypatch.setitem(expr.MIRRORED, "tril", ("tril", 0))
    left, right = algebra.transpose(algebra.apply("tril", a)), algebra.apply("tril", algebra.transpose(a))
    assert left == right and prove_equal(left, right) is None
    monkeypatch.undo()
    b = matcalc.matrix("Turned", "m", "m")
    assert prove_equal(algebra.transpose(algebra.apply("tril", b)), algebra.apply("triu", algebra.transpose(b)))
