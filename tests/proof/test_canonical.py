"""Canonical names of bound indices: they do not depend on the names before, and long chains are named in linear work."""

from __future__ import annotations

from random import Random

import matcalc
from matcalc.proof.canonical import Unprovable, canonical_part
from tests.work import calls

FREE = (100, 101)


def form(factors: list[tuple[int, tuple[int, ...], int]], kinds: dict[int, int]) -> list[tuple[object, ...]]:
    """The factors with canonical names; atom 20 is symmetric."""
    bound = sorted({i for _, args, _ in factors for i in args if i not in FREE})
    ways = {20: [(0, 1), (1, 0)]}
    order = canonical_part(factors, bound, lambda x: (x,), kinds, lambda a: ways.get(a, [tuple(range(a // 10))]))
    rank = {b: k for k, b in enumerate(order)}
    shown = [(a, e, min(tuple(rank.get(args[p], args[p]) for p in way) for way in ways.get(a, [range(a // 10)])))
             for a, args, e in factors]  # fmt: skip
    return sorted(shown)


def test_names_do_not_matter() -> None:
    """Renamed and in another order, a product of factors gets the same form; where the factors differ, it does not."""
    seen = 0
    for seed in range(400):
        random = Random(seed)
        bound = range(random.randint(2, 7))
        kinds = {b: random.randint(0, 1) for b in bound}
        factors = []
        for _ in range(random.randint(2, 8)):
            k = random.choice((1, 2, 2, 2, 3))
            args = tuple(random.choice((*bound, *FREE)) for _ in range(k))
            factors.append((random.randint(0, 2) + 10 * k, args, random.choice((1, 1, 2))))
        names = {b: 7 * b + 3 for b in bound}
        turned = random.sample(list(names.values()), len(names))
        names = dict(zip(bound, turned, strict=True))
        renamed = [(a, tuple(names.get(i, i) for i in args), e) for a, args, e in factors]
        random.shuffle(renamed)
        try:
            first = form(factors, kinds)
        except Unprovable:
            continue
        assert first == form(renamed, {names[b]: k for b, k in kinds.items()})
        a, args, e = renamed[0]
        assert first != form([(a, args, e + 1), *renamed[1:]], {names[b]: k for b, k in kinds.items()})
        seen += 1
    assert seen > 300


def test_a_chain_is_named_in_linear_work() -> None:
    """W·Wᵀ·W·Wᵀ… with free ends: twice the length, about twice the work."""

    def chain(n: int) -> int:
        names = [FREE[0], *range(n), FREE[1]]
        factors = [(21, (names[k], names[k + 1]) if k % 2 else (names[k + 1], names[k]), 1) for k in range(n + 1)]
        kinds = {b: b % 2 for b in range(n)}
        return calls(lambda: form(factors, kinds))

    assert chain(160) < 3 * chain(80)


def test_a_long_product_is_not_proved() -> None:
    """A proof that would name too many indices is given up; the answer is checked all the same."""
    d = matcalc.derive("||X - X*" + "*".join(["W*W'"] * 14) + "||_F^2", "W", where="X: n×d, W: d×k")
    assert d.proof is None and d.check is not None and d.check.ok
    assert matcalc.derive("||X - X*W*W'*W*W'||_F^2", "W", where="X: n×d, W: d×k").proof is not None
