"""Judging a claimed derivative: right, or wrong with the smallest counterexample found and what would repair it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from random import Random

from matcalc import algebra
from matcalc.check import check_equal
from matcalc.check.evaluator import Evaluator, Floats
from matcalc.check.jets import Matrix, NoValue
from matcalc.check.points import draw, sizes_of
from matcalc.derivation import Derivation
from matcalc.dims import dim_names, show_shape
from matcalc.errors import MatcalcError
from matcalc.expr import Expr, free_symbols, postorder
from matcalc.simplify import simplest

__all__ = ["Difference", "Verdict", "judge", "respellings", "smallest_difference"]

SEARCHED = 150
"""Claims with more nodes than this are not mutated in search of a repair."""

ALMOST = 1e-6
"""Relative difference above which two numbers differ."""

ENTRIES = (1, 2, -1, 3, -2)
"""Entries of the points that counterexamples are looked for at."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Where two expressions differ: the sizes, the values of the names, the entry (from 1), and both values there."""

    sizes: Mapping[str, int]
    point: Mapping[str, Matrix]
    entry: tuple[int, int]
    values: tuple[float, float]

    def __str__(self) -> str:
        where = ", ".join(f"{n} = {v}" for n, v in self.sizes.items())
        names = ", ".join(f"{n} = {_shown(m)}" for n, m in self.point.items())
        return "at " + "; ".join(part for part in (where, names) if part)


def _shown(m: Matrix) -> str:
    rows = [[f"{float(v):.6g}" for v in row] for row in m]
    if len(m) == len(m[0]) == 1:
        return rows[0][0]
    if len(m[0]) == 1:
        return "(" + ", ".join(r[0] for r in rows) + ")"
    return "[" + "; ".join(", ".join(r) for r in rows) + "]"


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
    difference: Difference | None = None
    repair: str = ""
    repaired: Expr | None = None

    def __bool__(self) -> bool:
        return self.ok is True

    def text(self, ascii: bool = False) -> str:
        """The verdict for print."""
        from matcalc import printing

        style = "ascii" if ascii else "unicode"
        word = {True: "right", False: "wrong", None: "undecided"}[self.ok]
        lines = [f"{word}: {self.reason}"]
        if self.difference is not None:
            entry = "" if self.correct.plain.is_scalar else " in entry ({}, {})".format(*self.difference.entry)
            claimed, true = (f"{v:.6g}" for v in self.difference.values)
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
        if claim.shape != truth.shape:
            claimed, right = show_shape(claim.shape), show_shape(truth.shape)
            reason = f"the claim has the shape {claimed}, the derivative {right} ({correct.layout_words})"
            return _repaired(Verdict(False, reason, correct, claim), truth)
        if simplest(claim) == truth:
            return Verdict(True, "equal", correct, claim)
        report = check_equal(claim, truth)
        if report.ok is None:
            return Verdict(None, report.detail, correct, claim)
        if report.ok:
            return Verdict(True, f"equal, written differently ({report.method}, {report.detail})", correct, claim)
        reason = "the claim differs from the derivative"
        strange = [n for n in free_symbols(claim) if n not in correct.symbols]
        if strange:
            reason += f"; {', '.join(strange)} is not in the function"
        return _repaired(Verdict(False, reason, correct, claim, smallest_difference(claim, truth)), truth)


# --- counterexamples --------------------------------------------------------------------------------------------------


def _values(e: Expr, point: Mapping[str, Matrix], sizes: Mapping[str, int]) -> Matrix:
    value: Matrix = Evaluator(Floats(), {n: {0: m} for n, m in point.items()}, sizes, Random(1)).value(e)[0]
    return value


def smallest_difference(claim: Expr, truth: Expr) -> Difference | None:
    """The first difference found between two expressions of one shape, at small sizes with small whole entries."""
    symbols = free_symbols(claim, truth)
    roots = [claim, truth, *symbols.values()]
    names = list(sizes_of(roots, "equal", Random(0)))
    plans = [dict.fromkeys(names, size) for size in (1, 2)]
    plans += [{n: 1 + (i + shift) % 3 for i, n in enumerate(names)} for shift in range(3)]
    for sizes in plans:
        for attempt in range(12):
            random = Random(attempt)
            try:
                point = {n: _small(s, sizes, attempt, random) for n, s in symbols.items()}
                left, right = _values(claim, point, sizes), _values(truth, point, sizes)
            except (NoValue, MatcalcError, ArithmeticError):
                continue
            for i, (p, q) in enumerate(zip(left, right, strict=True)):
                for j, (a, b) in enumerate(zip(p, q, strict=True)):
                    if abs(a - b) > ALMOST * (abs(a) + abs(b) + 1e-3):
                        used = {n for n in names if any(n in dim_names(d) for s in symbols.values() for d in s.shape)}
                        shown = {n: v for n, v in sizes.items() if n in used}
                        return Difference(shown, point, (i + 1, j + 1), (float(a), float(b)))
    return None


def _small(s: Expr, sizes: Mapping[str, int], attempt: int, random: Random) -> Matrix:
    """A matrix of small whole numbers; with declared properties, or after some attempts in vain, any that fits."""
    drawn = draw(s, dict(sizes), attempt, random)
    if s.data[1] or attempt >= 6:
        return drawn
    first = attempt + len(s.name)
    return [[ENTRIES[(first + 2 * i + 3 * j) % len(ENTRIES)] for j in range(len(drawn[0]))] for i in range(len(drawn))]


# --- repairs ----------------------------------------------------------------------------------------------------------


def _repaired(verdict: Verdict, truth: Expr) -> Verdict:
    """The verdict with the first repair that makes the claim right."""
    claim = verdict.claim
    assert claim is not None
    for words, candidate in _whole(claim, truth):
        if candidate.shape == truth.shape and _agree(candidate, truth):
            return replace(verdict, repair=words, repaired=simplest(candidate))
    for name, other_claim, other_truth in _if_symmetric(claim, truth):
        if _agree(other_claim, other_truth):
            return replace(verdict, repair=f"right if {name} is symmetric, which is not declared", repaired=claim)
    for words, candidate in _within(claim, truth):
        if candidate.shape == truth.shape and _agree(candidate, truth):
            return replace(verdict, repair=words, repaired=simplest(candidate))
    return verdict


def _if_symmetric(claim: Expr, truth: Expr) -> Iterator[tuple[str, Expr, Expr]]:
    """Both expressions with a square name taken as symmetric."""
    if claim.shape != truth.shape:
        return
    for name, s in free_symbols(claim, truth).items():
        if s.shape[0] == s.shape[1] and not s.is_scalar and not s.is_symmetric:
            symmetric = algebra.symbol(name, s.shape, [*s.data[1], "symmetric"])
            yield name, _with(claim, s, symmetric), _with(truth, s, symmetric)


def _pairs(a: Expr, b: Expr) -> list[tuple[float, float]]:
    """The entries of two expressions at some point where both have a value; none if there is no such point."""
    symbols = free_symbols(a, b)
    for attempt in range(24):
        random = Random(attempt)
        plan = ("distinct", "large", "equal")[attempt % 3]
        sizes = sizes_of([a, b, *symbols.values()], plan, random)
        with suppress(NoValue, MatcalcError, ArithmeticError):
            point = {n: draw(s, sizes, attempt // 3, random) for n, s in symbols.items()}
            left, right = _values(a, point, sizes), _values(b, point, sizes)
            return [(x, y) for p, q in zip(left, right, strict=True) for x, y in zip(p, q, strict=True)]
    return []


def _agree(a: Expr, b: Expr) -> bool:
    """Whether two expressions are equal: at one point first, which most are not."""
    if any(abs(x - y) > ALMOST * (abs(x) + abs(y) + 1e-3) for x, y in _pairs(a, b)):
        return False
    return check_equal(a, b).ok is True


def _whole(claim: Expr, truth: Expr) -> Iterator[tuple[str, Expr]]:
    """What may be wrong with a claim as a whole, the likeliest first."""
    if claim.shape == truth.shape:
        yield "the sign", algebra.neg(claim)
        factor = _factor_between(claim, truth)
        if factor is not None:
            yield f"a factor {factor}", algebra.mul(algebra.number(factor), claim)
    yield "transposed, as in another layout", algebra.transpose(claim)
    yield "the negative transpose", algebra.neg(algebra.transpose(claim))
    yield "a sum over rows is missing", algebra.total(claim, 0)
    yield "a sum over columns is missing", algebra.total(claim, 1)


def _within(claim: Expr, truth: Expr) -> Iterator[tuple[str, Expr]]:
    """What may be wrong at one place of a claim."""
    if claim.size <= SEARCHED:
        yield from _mutations(claim)
    if claim.shape == truth.shape:
        missing = simplest(algebra.sub(truth, claim))
        if missing.size < truth.size:
            yield "a term is missing", algebra.add(claim, missing)


def _factor_between(claim: Expr, truth: Expr) -> Fraction | None:
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
                changed = _with(e, node, new)
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


def _with(e: Expr, old: Expr, new: Expr) -> Expr:
    """A node replaced where it stands, everything above it made anew."""
    done: dict[Expr, Expr] = {}
    for node in postorder(e):
        done[node] = new if node == old else algebra.reconstruct(node, tuple(done[a] for a in node.args))
    return done[e]


# --- claims whose shapes do not fit -----------------------------------------------------------------------------------

_PRODUCT = re.compile(r"(?<![.*])(\*|·|@)(?!\*)")
_NAME = re.compile(r"(?<![\w.])[^\W\d]\w*(?!\w|\s*\(|'|ᵀ|\^)")


def respellings(claim: str) -> Iterator[tuple[str, str]]:
    """A claim in text with ⊙ for one product, or with one name transposed."""
    for found in _PRODUCT.finditer(claim):
        yield "a product is to be ⊙", f"{claim[: found.start()]} .* {claim[found.end() :]}"
    for found in _NAME.finditer(claim):
        yield f"{found[0]} is to be transposed", f"{claim[: found.end()]}'{claim[found.end() :]}"
    for found in re.finditer(r"(\w)(?:'|ᵀ)", claim):
        yield f"{found[1]} is not to be transposed", claim[: found.end(1)] + claim[found.end() :]
