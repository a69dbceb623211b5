"""Proofs in index form: of every rule and rewrite, and of no wrong one."""

from __future__ import annotations

import pytest

import matcalc
from benchmarks.mutants import run
from matcalc import algebra
from matcalc.expr import Expr, postorder
from matcalc.proof import prove, prove_equal
from matcalc.proof.canonical import Unprovable
from matcalc.proof.entries import Entries
from matcalc.rulebook import default_rulebook
from tests.corpus import cases, where

BOOK = default_rulebook()


def _symbol(e: Expr, name: str) -> Expr:
    return next(s for s in postorder(e) if s.op == "symbol" and s.name == name)


@pytest.mark.parametrize("name", BOOK.rules)
def test_every_rule_is_proved(name: str) -> None:
    """Each pullback is proved for all sizes."""
    rule = BOOK.rules[name]
    for variable in rule.pullbacks:
        assert rule.proof(variable) is not None


@pytest.mark.parametrize("name", [n for n, r in BOOK.rewrites.items() if not r.entry.get("unproved")])
def test_every_rewrite_is_proved(name: str) -> None:
    """Both sides of each rewrite are the same for all sizes, and not the negatives of each other."""
    for rewrite in [r for rs in BOOK.rewrites_by_head.values() for r in rs if r.name == name]:
        proof = prove_equal(rewrite.left, rewrite.right)
        assert proof is not None
        if not proof.steps or proof.steps[-1].terms:  # softmax of one number is 1, and its logarithm 0
            if algebra.is_zero(rewrite.right):
                continue
            assert prove_equal(rewrite.left, algebra.neg(rewrite.right)) is None
            assert prove_equal(rewrite.left, algebra.mul(algebra.number(2), rewrite.right)) is None


def test_most_gradients_of_the_corpus_are_proved() -> None:
    """At least nine of ten gradients are proved for all sizes."""
    proved = 0
    found = cases("gradient")
    for case in found:
        d = matcalc.derive(case["expr"], case["wrt"], where=where(case))
        proved += prove(d.function, d.variable, d.result, d.kind) is not None
    assert proved >= 0.95 * len(found)


def test_no_wrong_gradient_is_proved() -> None:
    """A sample of gradients with planted mistakes; benchmarks/mutants.py runs all."""
    tried, wrong = run(300)
    assert tried == 300
    assert wrong == []


SIZES = (
    "A: n×n, B: n×n, C: n×n, X: m×n, Y: m×n, u: n, v: n, s: scalar, t: scalar, K: p×q, L: q×k, M: r×m, S: n×n symmetric"
)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("tr(A*B*C)", "tr(C*A*B)"),
        ("(A*B)'", "B'*A'"),
        ("tr(A*A*A*A*A*A)", "tr(A'*A'*A'*A'*A'*A')"),
        ("tr(A)^3*tr(B)", "tr(B)*tr(A)*tr(A)^2"),
        ("(A + B)*(A - B)", "A*A - A*B + B*A - B*B"),
        ("vec(M*X*B)", "kron(B', M)*vec(X)"),
        ("kron(M, K)*kron(X, L)", "kron(M*X, K*L)"),
        ("normsq(X)", "tr(X*X')"),
        ("normsq(X - Y)", "normsq(X) - 2*tr(X'*Y) + normsq(Y)"),
        ("u'*S*v", "v'*S*u"),
        ("1/(1 + s) - 1/(1 - s)", "-2*s/(1 - s^2)"),
        ("norm(u)/normsq(u)", "1/norm(u)"),
        ("g(A)'", "g(A')"),
        ("sum(g(A*u))", "sum(g((u'*A')'))"),
        ("sum(X, rows)*u", "ones(m)'*X*u"),
        ("exp(s + t)", "exp(s)*exp(t)"),
        ("inv(S)'", "inv(S)"),
        ("det(2*A)", "2^n*det(A)"),
    ],
)
def test_equal(left: str, right: str) -> None:
    """Identities of the field have one normal form on both sides."""
    a, b = (matcalc.parse(text, where=SIZES) for text in (left, right))
    assert prove_equal(a, b) is not None


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("tr(A*B*C)", "tr(A*C*B)"),
        ("u'*A*v", "v'*A*u"),
        ("g(A)*B", "B*g(A)"),
        ("sum(g(A*u))", "sum(g(A'*u))"),
        ("sum(g(A*u) .* (B*u))", "sum(g(B*u) .* (A*u))"),
        ("tr(A)^2", "tr(A*A)"),
        ("norm(u)^3", "normsq(u)"),
        ("(s^2)^(1/2)", "s"),
        ("exp(log(abs(s)))", "s"),
        ("kron(A, B)", "kron(B, A)"),
        ("vec(A)", "vec(A')"),
        ("inv(A)", "inv(A')"),
        ("tr(A*A*A*B)", "tr(A*A*B*A') "),
        ("sum(exp(u))^2", "sum(exp(2*u))"),
        ("norm(-u)", "-norm(u)"),
        ("1/sqrt(-s)", "1/sqrt(s)"),
    ],
)
def test_different(left: str, right: str) -> None:
    """What is not the same has no proof."""
    a, b = (matcalc.parse(text, where=SIZES) for text in (left, right))
    assert prove_equal(a, b) is None


def test_bound_indices_are_not_captured() -> None:
    """The sum inside a function and the sum around it keep their indices apart."""
    a = matcalc.parse("sum(g(A*(A*u)) .* g(A*u))", where=SIZES)
    b = matcalc.parse("sum(g(A*(A*u)))*sum(g(A*u))", where=SIZES)
    assert prove_equal(a, b) is None
    assert prove(matcalc.parse("norm1(X)", where=SIZES), _symbol(a, "A"), matcalc.parse("0*A", where=SIZES)) is not None


def test_a_budget_is_a_refusal() -> None:
    """A product of too many sums is given up, not proved."""
    power = matcalc.parse("*".join(["(s + t + tr(A) + tr(B) + tr(C))"] * 12), where=SIZES)
    wide = algebra.mul(*[algebra.add(power, algebra.symbol(f"z{k}")) for k in range(6)])
    with pytest.raises(Unprovable):
        Entries().read(wide)
    assert prove_equal(wide, wide) is None


def test_depth() -> None:
    """Deep nesting costs no recursion."""
    e = matcalc.parse("u", where=SIZES)
    for _ in range(1500):
        e = algebra.elementwise("g", e)
    assert prove_equal(e, e) is not None
    assert prove_equal(e, algebra.elementwise("g", e)) is None
