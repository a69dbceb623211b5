"""Judging a claimed derivative: right, or wrong with the smallest counterexample found and what would repair it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from random import Random

from matcalc import algebra, printing
from matcalc.check import check_equal
from matcalc.check.evaluator import Evaluator, Floats
from matcalc.check.examples import Example, smallest_example
from matcalc.check.jets import Matrix, NoValue
from matcalc.check.points import draw, sizes_of
from matcalc.check.questions import EqualityQuestion
from matcalc.derivation import Derivation
from matcalc.dims import show_shape
from matcalc.errors import MatcalcError
from matcalc.expr import Expr, free_symbols, postorder
from matcalc.pattern import substitute
from matcalc.simplify import simplest
from matcalc.syntax import Node, rebuilt
from matcalc.syntax import postorder as postorder_of_tree

__all__ = ["Repair", "Verdict", "factor_between", "find_repair", "is_right", "judge", "respelled", "values"]

SEARCHED = 150
"""Claims with more nodes than this are not mutated in search of a repair."""

ALMOST = 1e-6
"""Relative difference above which two numbers differ."""


@dataclass(frozen=True, slots=True)
class Repair:
    """What would make a formula right, in words, and the formula so changed."""

    words: str
    formula: Expr


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found of a claim; true when the claim is right.

    Attributes:
        ok: True (right), False (wrong) or None (no verdict).
        reason: in words.
        correct: matcalc's own derivation.
        claim: the claim as it was read, None where its shapes do not fit.
        difference: a counterexample.
        repair: what would make it right, in words, or "".
        repaired: the repaired claim.

    >>> import matcalc
    >>> verdict = matcalc.verify("a'*X*b", "X", claim="b*a'")
    >>> verdict.ok, verdict.repair
    (False, 'transposed, as in another layout')
    """

    ok: bool | None
    reason: str
    correct: Derivation
    claim: Expr | None = None
    difference: Example | None = None
    repair: str = ""
    repaired: Expr | None = None

    def __bool__(self) -> bool:
        return self.ok is True

    def text(self, ascii: bool = False) -> str:
        """The verdict for print."""
        style = "ascii" if ascii else "unicode"
        word = {True: "right", False: "wrong", None: "undecided"}[self.ok]
        lines = [f"{word}: {self.reason}"]
        if self.difference is not None:
            entry = "" if self.correct.plain.is_scalar else " in entry ({}, {})".format(*self.difference.entry)
            claimed, true = self.difference.shown
            lines += [f"  {self.difference}", f"  the claim gives {claimed}{entry}, the derivative is {true}"]
        if self.repair and self.repaired is not None:
            lines.append(f"repair: {self.repair}: {printing.text(self.repaired, style)}")
        if self.ok is not True or self.claim is None or self.claim != self.correct.result:
            lines.append(f"matcalc: {printing.heading(self.correct, style)} = {self.correct.text(ascii=ascii)}")
        return "\n".join(lines)

    __str__ = text


def judge(correct: Derivation, claim: Expr) -> Verdict:
    """The verdict on a claimed derivative, given the right one."""
    truth = correct.result
    with correct.book.in_force():
        strange = [n for n in free_symbols(claim) if n not in correct.symbols]
        unknown = (
            f"; {strange[0]} is not in the function: define it in the claim, {strange[0]} = …; …" if strange else ""
        )
        if claim.shape != truth.shape:
            claimed, right = show_shape(claim.shape), show_shape(truth.shape)
            reason = f"the claim has the shape {claimed}, the derivative {right} ({correct.layout_words}){unknown}"
            return _repaired(Verdict(False, reason, correct, claim), truth)
        if simplest(claim) == truth:
            return Verdict(True, "equal", correct, claim)
        report = check_equal(claim, truth)
        if report.ok is None:
            return Verdict(None, report.detail, correct, claim)
        if report.ok:
            return Verdict(True, f"equal, written differently ({report.method}, {report.detail})", correct, claim)
        reason = f"the claim differs from the derivative{unknown}"
        return _repaired(
            Verdict(False, reason, correct, claim, smallest_example(EqualityQuestion(claim, truth))), truth
        )


def is_right(correct: Derivation, claim: Expr) -> bool:
    """Whether a formula is the derivative."""
    with correct.book.in_force():
        return claim.shape == correct.result.shape and _agree(claim, correct.result)


# --- repairs ----------------------------------------------------------------------------------------------------------


def _repaired(verdict: Verdict, truth: Expr) -> Verdict:
    """The verdict with the first repair that makes the claim right."""
    assert verdict.claim is not None
    found = find_repair(verdict.claim, truth)
    return verdict if found is None else replace(verdict, repair=found.words, repaired=found.formula)


def find_repair(claim: Expr, truth: Expr, value: Callable[[Expr], Expr] = lambda e: e) -> Repair | None:
    """The first change found that makes a formula equal to another.

    Args:
        value: what a formula stands for, if it holds unknowns.
    """

    def fits(candidate: Expr) -> bool:
        return candidate.shape == truth.shape and _agree(value(candidate), truth)

    for words, candidate in _whole(claim, value(claim), truth):
        if fits(candidate):
            return Repair(words, simplest(candidate))
    for name, other_claim, other_truth in _if_symmetric(value(claim), truth):
        if _agree(other_claim, other_truth):
            return Repair(f"right if {name} is symmetric, which is not declared", claim)
    for words, candidate in _mutations(claim) if claim.size <= SEARCHED else ():
        if fits(candidate):
            return Repair(words, simplest(candidate))
    if claim.shape == truth.shape:
        missing = simplest(algebra.sub(truth, value(claim)))
        if missing.size < truth.size:
            return Repair("a term is missing", simplest(algebra.add(claim, missing)))
    return None


def _if_symmetric(claim: Expr, truth: Expr) -> Iterator[tuple[str, Expr, Expr]]:
    """Both expressions with a square name taken as symmetric."""
    if claim.shape != truth.shape:
        return
    for name, s in free_symbols(claim, truth).items():
        if s.shape[0] == s.shape[1] and not s.is_scalar and not s.is_symmetric:
            symmetric = algebra.symbol(name, s.shape, [*s.data[1], "symmetric"])
            yield name, substitute(claim, {s: symmetric}), substitute(truth, {s: symmetric})


def values(e: Expr, point: Mapping[str, Matrix], sizes: Mapping[str, int]) -> Matrix:
    """The entries of an expression at a point, in floating-point numbers; raises NoValue outside of its domain."""
    value: Matrix = Evaluator(Floats(), {n: {0: m} for n, m in point.items()}, sizes, Random(1)).value(e)[0]
    return value


def _pairs(a: Expr, b: Expr) -> list[tuple[float, float]]:
    """The entries of two expressions at some point where both have a value; none if there is no such point."""
    symbols = free_symbols(a, b)
    for attempt in range(24):
        random = Random(attempt)
        plan = ("distinct", "large", "equal")[attempt % 3]
        sizes = sizes_of([a, b, *symbols.values()], plan, random)
        with suppress(NoValue, MatcalcError, ArithmeticError):
            point = {n: draw(s, sizes, attempt // 3, random) for n, s in symbols.items()}
            left, right = values(a, point, sizes), values(b, point, sizes)
            return [(x, y) for p, q in zip(left, right, strict=True) for x, y in zip(p, q, strict=True)]
    return []


def _agree(a: Expr, b: Expr) -> bool:
    """Whether two expressions are equal: at one point first, which most are not."""
    if a.shape != b.shape:
        return False
    if any(abs(x - y) > ALMOST * (abs(x) + abs(y) + 1e-3) for x, y in _pairs(a, b)):
        return False
    return check_equal(a, b).ok is True


def _whole(claim: Expr, value: Expr, truth: Expr) -> Iterator[tuple[str, Expr]]:
    """What may be wrong with a claim as a whole, the likeliest first."""
    if value.shape == truth.shape:
        yield "the sign", algebra.neg(claim)
        factor = factor_between(value, truth)
        if factor is not None:
            yield f"a factor {factor}", algebra.mul(algebra.number(factor), claim)
    yield "transposed, as in another layout", algebra.transpose(claim)
    yield "the negative transpose", algebra.neg(algebra.transpose(claim))
    yield "a sum over rows is missing", algebra.total(claim, 0)
    yield "a sum over columns is missing", algebra.total(claim, 1)


def factor_between(claim: Expr, truth: Expr) -> Fraction | None:
    """The number c with truth = c·claim, if there seems to be one."""
    ratios = [b / a for a, b in _pairs(claim, truth) if abs(a) > 1e-9]
    if not ratios or max(ratios) - min(ratios) > ALMOST * abs(ratios[0]):
        return None
    found = Fraction(ratios[0]).limit_denominator(48)
    return found if found and abs(float(found) - ratios[0]) < ALMOST * abs(ratios[0]) else None


def _mutations(e: Expr) -> Iterator[tuple[str, Expr]]:
    """The expression with one place changed: a transpose, a sign, a factor, an order, ⊙ for · and back."""
    for node in postorder(e):
        for words, new in _changes(node):
            try:
                changed = substitute(e, {node: new})
            except MatcalcError:
                continue
            yield words, changed


def _changes(node: Expr) -> Iterator[tuple[str, Expr]]:
    text = str(node)
    if not node.is_scalar and not node.is_symmetric and node.op in ("symbol", "transpose", "dot", "inv"):
        yield f"{text} is to be transposed", algebra.transpose(node)
    if node.op == "dot":
        for i in range(len(node.args) - 1):
            left, right = node.args[i : i + 2]
            swapped = (*node.args[:i], right, left, *node.args[i + 2 :])
            yield from _built(f"{left} and {right} are to change places", algebra.mul, swapped)
            if left.shape == right.shape:
                joined = algebra.hadamard(left, right)
                yield from _built("the product is to be ⊙", algebra.mul, (*node.args[:i], joined, *node.args[i + 2 :]))
    if node.op == "hadamard":
        for i, a in enumerate(node.args):
            rest = node.args[:i] + node.args[i + 1 :]
            other = algebra.hadamard(*rest) if len(rest) > 1 else rest[0]
            yield from _built("⊙ is to be a product", algebra.mul, (other, a))
            yield from _built("⊙ is to be a product", algebra.mul, (a, other))
    if node.op == "add":
        for i, t in enumerate(node.args):
            others = [*node.args[:i], *node.args[i + 1 :]]
            yield f"the sign of {t}", algebra.add(*others, algebra.neg(t))
            yield f"a factor 2 at {t}", algebra.add(*others, algebra.mul(algebra.number(2), t))
            yield f"a factor 1/2 at {t}", algebra.add(*others, algebra.mul(algebra.number(Fraction(1, 2)), t))
            yield f"{t} is too much", algebra.add(*others) if others else algebra.zeros(t.shape)
    if node.op == "inv":
        yield f"{text} is not to be inverted", node.args[0]
    elif node.op == "symbol" and node.shape[0] == node.shape[1] and not node.is_scalar:
        yield f"{text} is to be inverted", algebra.inverse(node)


def _built(words: str, construct: Callable[..., Expr], args: tuple[Expr, ...]) -> Iterator[tuple[str, Expr]]:
    try:
        yield words, construct(*args)
    except MatcalcError:
        return


# --- formulas whose shapes do not fit ---------------------------------------------------------------------------------


def respelled(root: Node) -> Iterator[tuple[str, Node]]:
    """A formula transposed or summed, with ⊙ for one product, with one factor transposed, or with one not transposed."""
    whole = Node("group", (root,), root.span)
    yield "transposed, as in another layout", Node("transpose", (whole,), root.span)
    for axis in ("rows", "columns"):
        word = Node("name", (), root.span, axis)
        yield f"a sum over {axis} is missing", Node("call", (root, word), root.span, ("sum", 0))
    for node in postorder_of_tree(root):
        for i, sign in enumerate(node.value if node.head == "chain" else ()):
            if sign in ("*", ""):
                signs = (*node.value[:i], ".*", *node.value[i + 1 :])
                yield "a product is to be ⊙", _changed(root, node, replace(node, value=signs))
            elif sign == "/":
                signs = (*node.value[:i], "./", *node.value[i + 1 :])
                yield "a quotient is to be ⊘", _changed(root, node, replace(node, value=signs))
        if node.head == "call" and node.value == ("sum", 0) and len(node.args) == 1:
            for axis in ("rows", "columns"):
                summed = replace(node, args=(*node.args, Node("name", (), node.span, axis)))
                yield f"the sum is to be over {axis}", _changed(root, node, summed)
    for node in postorder_of_tree(root):
        if node.head in ("name", "group", "derivative"):
            turned = Node("transpose", (node,), node.span)
            yield f"{node.value or 'a factor'} is to be transposed", _changed(root, node, turned)
    for node in postorder_of_tree(root):
        if node.head == "transpose":
            name = node.args[0].value if node.args[0].head == "name" else "a factor"
            yield f"{name} is not to be transposed", _changed(root, node, node.args[0])


def _changed(root: Node, old: Node, new: Node) -> Node:
    """A tree with one node replaced."""
    return rebuilt(root, lambda node, args: new if node is old else replace(node, args=args))
