"""Common factors of the terms of a sum.

Sums are born expanded only where the user typed them so; what the sweep adds up often has a number, a scalar, a
factor on the left or right, or a Hadamard factor in common. Taking it out is worth it where the written form gets
shorter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import islice, pairwise
from math import gcd
from typing import NamedTuple

from matcalc import algebra
from matcalc.atoms import entry_power
from matcalc.expr import Expr
from matcalc.simplify.cost import cost

__all__ = ["Factoring"]

CANDIDATES = 20
"""How many factorings are tried for one sum; more changed nothing in trials."""

WORK = 30_000
"""How many nodes are looked at in one pass over an expression; the textbook formulas need two thirds of that at most."""

TERMS = 12
"""Above this many terms only factors common to all are looked for."""


@dataclass(frozen=True, slots=True)
class _Term:
    """A term taken apart: number × scalar powers × chain (or Hadamard factors)."""

    number: Fraction
    scalars: tuple[Expr, ...]
    chain: tuple[Expr, ...]


def _take_apart(t: Expr) -> _Term:
    c, rest = algebra.split_number(t)
    factors = rest.args if rest.op == "mul" else (rest,)
    scalars = tuple(f for f in factors if f.is_scalar and f is not algebra.ONE)
    core = next((f for f in factors if not f.is_scalar), None)
    if core is None and len(scalars) == 1 and scalars[0].op == "dot":
        return _Term(c, (), scalars[0].args)
    return _Term(c, scalars, () if core is None else core.args if core.op == "dot" else (core,))


class Factoring:
    """Takes common factors out of sums, each sum once, as long as its budget of nodes lasts."""

    def __init__(self, budget: int = WORK) -> None:
        self.budget = budget
        self.known: dict[Expr, Expr] = {}

    def factor(self, total: Expr) -> Expr:
        """The cheapest form of a sum with common factors taken out, the sum itself if none helps."""
        found = self.known.get(total)
        if found is not None:
            return found
        best = self.known[total] = total
        for _ in range(len(total.args)):
            if self.budget <= 0 or best.op != "add":
                break
            cheapest = min(self.candidates(best), default=None)
            if cheapest is None or cheapest[0] >= cost(best):
                break
            best = cheapest[-1]
        self.known[total] = best
        return best

    def candidates(self, total: Expr) -> Iterator[tuple[tuple[float, int], int, bytes, Expr]]:
        """The sum with some common factor taken out, in several ways: the cost, the kind of way, the form and its key."""
        found = ((kind, way) for kind, ways in enumerate(_ways(total.args)) for way in ways)
        for kind, way in islice(found, CANDIDATES):
            if self.budget <= 0:
                return
            self.budget -= total.size
            form = self.regrouped(total.args, way)
            length, nodes = cost(form)
            yield (length + way.charge, nodes), kind, form.key, form

    def regrouped(self, terms: Sequence[Expr], way: _Way) -> Expr:
        """The sum with the chosen terms replaced by factor × (sum of their quotients)."""
        inner = algebra.add(*way.quotients)
        # a sum that does not get smaller is not looked into: two ways to factor would undo each other for ever
        smaller = inner.op == "add" and inner.size < sum(terms[i].size for i in way.chosen)
        product = way.put_back(self.factor(inner) if smaller else inner)
        first, chosen = way.chosen[0], set(way.chosen)
        others = [t for i, t in enumerate(terms) if i not in chosen]
        before = sum(1 for i in range(first) if i not in chosen)
        return algebra.add(*others[:before], product, *others[before:]) if others else product


class _Way(NamedTuple):
    """Which terms share a factor, what is left of each, how the factor is put back, and what must be saved by it."""

    chosen: Sequence[int]
    quotients: Sequence[Expr]
    put_back: Callable[[Expr], Expr]
    charge: float = 0.0


def _ways(terms: Sequence[Expr]) -> Iterator[Iterator[_Way]]:
    parts = [_take_apart(t) for t in terms]
    yield _by_side(parts, 0, -1)
    yield _by_side(parts, -1, 0)
    yield _by_last_vector(terms, parts)
    yield _by_trace(parts)
    commuted = [_commuted(p) for p in parts]
    if any(c is not p for c, p in zip(commuted, parts, strict=True)):
        yield _by_side(commuted, -1, 0)
    yield _by_symmetry(terms)
    yield _by_scalar(terms, parts)
    yield _by_hadamard(terms)
    yield _by_diagonal(terms)
    yield _by_kron(terms)
    yield _by_number(terms, parts)


def _groups(keys: Sequence[Sequence[Expr]]) -> Iterator[tuple[Expr, list[int]]]:
    """Which terms share which factor, the factor shared by most first."""
    where: dict[Expr, list[int]] = {}
    for i, factors in enumerate(keys):
        for f in dict.fromkeys(factors):
            where.setdefault(f, []).append(i)
    least = 2 if len(keys) <= TERMS else len(keys)
    for f, at in sorted(where.items(), key=lambda pair: -len(pair[1])):
        if len(at) >= least:
            yield f, at


def _between(left: Sequence[Expr], right: Sequence[Expr], quotient: Expr) -> Expr:
    return algebra.mul(*left, quotient, *right)


def _by_side(parts: Sequence[_Term], end: int, other: int) -> Iterator[_Way]:
    """A common prefix (end 0) or suffix (end −1) of the products, as long as possible."""
    sides = [list(p.chain[::-1] if end else p.chain) for p in parts]
    for head, at in _groups([s[:1] for s in sides]):
        shared = 1
        while all(len(sides[i]) > shared for i in at) and len({sides[i][shared] for i in at}) == 1:
            shared += 1
        common = sides[at[0]][:shared]
        left, right = ((), tuple(reversed(common))) if end else (tuple(common), ())
        whole = all(len(sides[i]) == shared for i in at)  # s·X + t·X = (s + t)·X
        if head.op == "eye" and not whole:
            continue
        size = 1 if whole else common[-1].shape[0] if end else common[-1].shape[1]
        quotients = []
        for i in at:
            rest = sides[i][shared:]
            chain = list(reversed(rest)) if end else rest
            core = algebra.mul(*chain) if chain else algebra.eye(size)
            quotients.append(algebra.mul(algebra.number(parts[i].number), *parts[i].scalars, core))
        if len({q.shape for q in quotients}) == 1:
            yield _Way(at, quotients, partial(_between, left, right))


def _by_last_vector(terms: Sequence[Expr], parts: Sequence[_Term]) -> Iterator[_Way]:
    """(xᵀb)·a + (aᵀx)·b = (a·bᵀ + b·aᵀ)·x: a 1×1 product read as the end of the chain."""
    if terms[0].shape[1] != 1 or terms[0].is_scalar:
        return
    readings: list[dict[Expr, tuple[int, tuple[Expr, ...]]]] = []
    for p in parts:
        ends: dict[Expr, tuple[int, tuple[Expr, ...]]] = {}
        for i, s in enumerate(p.scalars):
            if s.op == "dot":
                ends[s.args[-1]] = (i, s.args[:-1])
                ends[algebra.transpose(s.args[0])] = (i, tuple(algebra.transpose(f) for f in reversed(s.args[1:])))
        readings.append(ends)
    for last, at in _groups([list(r) for r in readings]):
        quotients = []
        for i in at:
            used, middle = readings[i][last]
            rest = [s for j, s in enumerate(parts[i].scalars) if j != used]
            quotients.append(algebra.mul(algebra.number(parts[i].number), *rest, *parts[i].chain, *middle))
        yield _Way(at, quotients, partial(_between, (), (last,)))


def _by_trace(parts: Sequence[_Term]) -> Iterator[_Way]:
    """tr(A·B) + s·tr(A·C) = tr(A·(B + s·C)): traces that can be turned to begin alike."""
    if any(p.chain for p in parts):
        return
    readings: list[dict[Expr, tuple[int, tuple[Expr, ...]]]] = []
    for p in parts:
        starts: dict[Expr, tuple[int, tuple[Expr, ...]]] = {}
        traces = [i for i, s in enumerate(p.scalars) if _base(s).op == "tr"]
        if len(traces) == 1 and p.scalars[traces[0]].op == "tr":  # a product of traces is left as it is
            for chain in _turns(p.scalars[traces[0]].args[0]):
                starts.setdefault(chain[0], (traces[0], chain))
        readings.append(starts)
    for head, at in _groups([list(r) for r in readings]):
        chains = [readings[i][head][1] for i in at]
        shared = 1
        while all(len(c) > shared + 1 for c in chains) and len({c[shared] for c in chains}) == 1:
            shared += 1
        if all(len(c) > shared for c in chains):
            quotients = []
            for i, chain in zip(at, chains, strict=True):
                rest = [s for j, s in enumerate(parts[i].scalars) if j != readings[i][head][0]]
                quotients.append(algebra.mul(algebra.number(parts[i].number), *rest, *chain[shared:]))
            yield _Way(at, quotients, partial(_trace_of, chains[0][:shared]))


def _turns(e: Expr) -> Iterator[tuple[Expr, ...]]:
    """The factors of a trace from each of them on, forwards and, transposed, backwards."""
    forwards = e.args if e.op == "dot" else (e,)
    for factors in (forwards, tuple(algebra.transpose(f) for f in reversed(forwards))):
        for i in range(len(factors)):
            yield factors[i:] + factors[:i]


def _trace_of(left: Sequence[Expr], inner: Expr) -> Expr:
    return algebra.apply("tr", algebra.mul(*left, inner))


def _commuted(p: _Term) -> _Term:
    """The term with commutation matrices on the left of Kronecker products: (B ⊗ A)·K = K·(A ⊗ B)."""
    if not any(left.op == "kron" and right.op == "commutation" for left, right in pairwise(p.chain)):
        return p
    factors = list(p.chain)
    for i in range(len(factors) - 1, 0, -1):
        left, right = factors[i - 1 : i + 1]
        if left.op == "kron" and right.op == "commutation":
            b, a = left.args
            factors[i - 1 : i + 1] = [algebra.commutation(b.shape[0], a.shape[0]), algebra.kron(a, b)]
    return _Term(p.number, p.scalars, tuple(factors))


def _by_symmetry(terms: Sequence[Expr]) -> Iterator[_Way]:
    """A + Aᵀ = 2·sym(A), where A is long."""
    if terms[0].is_scalar or terms[0].shape[0] != terms[0].shape[1]:
        return
    where = {t.key: i for i, t in enumerate(terms)}
    pairs = [(i, j) for i, t in enumerate(terms) if (j := where.get(t.tkey, i)) > i]
    if pairs:
        plain = [min(terms[i], terms[j], key=lambda t: t.size) for i, j in pairs]
        yield _Way([i for pair in pairs for i in pair], plain, _symmetric_part)


def _symmetric_part(inner: Expr) -> Expr:
    return algebra.mul(algebra.number(2), algebra.apply("sym", inner))


def _by_scalar(terms: Sequence[Expr], parts: Sequence[_Term]) -> Iterator[_Way]:
    """A common scalar, with the exponent nearest to zero."""
    exponents = [{_base(s): n for s in p.scalars if (n := _exponent(s))} for p in parts]
    for base, at in _groups([list(e) for e in exponents]):
        powers = [exponents[i][base] for i in at]
        for n in sorted(set(powers), key=lambda n: (abs(n), n)):
            if all(m / n >= 1 for m in powers) or n == min(powers):
                inverse = algebra.power(base, algebra.number(-n))
                quotients = [algebra.mul(inverse, terms[i]) for i in at]
                nested = len(at) < len(terms) and n < max(powers)  # Horner's A + t·(B + t·C)
                yield _Way(at, quotients, partial(algebra.mul, algebra.power(base, algebra.number(n))), 1.5 * nested)
                break


def _base(s: Expr) -> Expr:
    return s.args[0] if s.op == "power" else s


def _exponent(s: Expr) -> Fraction | None:
    return s.args[1].value if s.op == "power" else Fraction(1)


def _by_hadamard(terms: Sequence[Expr]) -> Iterator[_Way]:
    """A common factor of Hadamard products, with the least of its exponents."""
    split = [algebra.split_scalars(t) for t in terms]
    if not any(core.op in ("hadamard", "power", "transpose") for _, core in split) or terms[0].is_scalar:
        return
    powers = [_entry_powers(core) for _, core in split]
    for common, at in _groups([list(p) for p in powers]):
        n = min(powers[i][common] for i in at)
        quotients = []
        for i in at:
            left = {**powers[i], common: powers[i][common] - n}
            core = algebra.hadamard(*(algebra.power(f, algebra.number(m)) for f, m in left.items()))
            quotients.append(algebra.mul(*split[i][0], core))
        yield _Way(at, quotients, partial(algebra.hadamard, algebra.power(common, algebra.number(n))))


def _entrywise_factors(core: Expr) -> Sequence[Expr]:
    if core.op == "transpose" and core.args[0].op == "hadamard":
        return [algebra.transpose(f) for f in core.args[0].args]
    return core.args if core.op == "hadamard" else (core,)


def _entry_powers(core: Expr) -> dict[Expr, Fraction]:
    """The exponent of every base in an entrywise product: 3 for Aᵀ in (A.^2)ᵀ ⊙ Aᵀ."""
    found: dict[Expr, Fraction] = {}
    for base, n in map(_entry_power, _entrywise_factors(core)):
        found[base] = found.get(base, Fraction(0)) + n
    return found


def _entry_power(f: Expr) -> tuple[Expr, Fraction]:
    """Base and exponent of an entrywise factor; of (A.^2)ᵀ these are Aᵀ and 2."""
    base, exponent, turned = entry_power(f)
    n = exponent.value
    return (f, Fraction(1)) if n is None else (algebra.transpose(base) if turned else base, n)


def _by_diagonal(terms: Sequence[Expr]) -> Iterator[_Way]:
    """s·diag(u) + t·diag(v) + c·I = diag(s·u + t·v + c·1)"""
    split = [algebra.split_scalars(t) for t in terms]
    at = [i for i, (_, core) in enumerate(split) if core.op in ("diag", "eye")]
    if len(at) < 2 or all(split[i][1].op == "eye" for i in at):
        return
    ones = algebra.ones(terms[0].shape[0])
    vectors = [ones if split[i][1].op == "eye" else split[i][1].args[0] for i in at]
    yield _Way(
        at, [algebra.mul(*split[i][0], v) for i, v in zip(at, vectors, strict=True)], partial(algebra.apply, "diag")
    )


def _by_kron(terms: Sequence[Expr]) -> Iterator[_Way]:
    """A ⊗ B + A ⊗ C = A ⊗ (B + C), and on the right side"""
    split = [algebra.split_scalars(t) for t in terms]
    for side in (0, 1):
        keys = [core.args[side : side + 1] if core.op == "kron" else () for _, core in split]
        for common, at in _groups(keys):
            quotients = [algebra.mul(*split[i][0], split[i][1].args[1 - side]) for i in at]
            if len({q.shape for q in quotients}) == 1:
                yield _Way(at, quotients, partial(_kron_with, common, side))


def _kron_with(common: Expr, side: int, other: Expr) -> Expr:
    return algebra.kron(other, common) if side else algebra.kron(common, other)


def _by_number(terms: Sequence[Expr], parts: Sequence[_Term]) -> Iterator[_Way]:
    """The rational content of all terms, with the sign that leaves a positive term first."""
    numbers = [p.number for p in parts]
    content = Fraction(gcd(*(n.numerator for n in numbers)), _lcm([n.denominator for n in numbers]))
    signs = [1] if any(n > 0 for n in numbers) else [-1]
    for sign in signs:
        c = content * sign
        if c != 1:
            quotients = [algebra.mul(algebra.number(1 / c), t) for t in terms]
            yield _Way(range(len(terms)), quotients, partial(algebra.mul, algebra.number(c)))


def _lcm(values: Sequence[int]) -> int:
    result = 1
    for v in values:
        result = result * v // gcd(result, v)
    return result
