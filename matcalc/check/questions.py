"""What a check compares: the change of a function with what a claimed derivative says of it, or two expressions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Protocol, TypeAlias

from matcalc.check.evaluator import Evaluator
from matcalc.check.jets import Jet, Matrix, Ring
from matcalc.check.points import direction, flat
from matcalc.expr import Expr

__all__ = ["Comparison", "DerivativeQuestion", "EqualityQuestion", "Question"]

Comparison: TypeAlias = tuple[Any, Sequence[Any]]
"""A number, and the terms whose sum it should be."""

STRUCTURES = frozenset({"symmetric", "antisymmetric", "diagonal"})


class Question(Protocol):
    """Something to be checked at a point."""

    @property
    def roots(self) -> tuple[Expr, ...]:
        """The expressions that are evaluated; the first is the one that is asked about."""

    def error(self, ring: Ring, point: Mapping[str, Matrix], sizes: Mapping[str, int], random: Random) -> float:
        """How far the two sides are apart, relative to their terms; raises NoValue outside the domain."""


@dataclass(frozen=True, slots=True)
class EqualityQuestion:
    """Whether two expressions of one shape are equal."""

    left: Expr
    right: Expr

    @property
    def roots(self) -> tuple[Expr, ...]:
        """Both sides."""
        return self.left, self.right

    def error(self, ring: Ring, point: Mapping[str, Matrix], sizes: Mapping[str, int], random: Random) -> float:
        """The largest difference of two entries, relative to all."""
        evaluator = Evaluator(ring, {n: {0: m} for n, m in point.items()}, sizes, random)
        left, right = (list(flat(evaluator.value(side)[0])) for side in self.roots)
        noise = 0 if ring.exact else sum(map(abs, left)) + sum(map(abs, right))
        return max(ring.gap(a, [b], noise) for a, b in zip(left, right, strict=True))


@dataclass(frozen=True, slots=True)
class DerivativeQuestion:
    """Whether a claim is the derivative of a function; the fields are those of `check`."""

    f: Expr
    x: Expr
    claim: Expr
    kind: str
    then: Expr
    along: Expr | None
    convention: str

    @property
    def roots(self) -> tuple[Expr, ...]:
        """The function, the claim and the variables."""
        return tuple(e for e in (self.f, self.claim, self.x, self.then, self.along) if e is not None)

    def error(self, ring: Ring, point: Mapping[str, Matrix], sizes: Mapping[str, int], random: Random) -> float:
        """The difference between f along random directions and what the claim says of it, relative to its terms."""
        jets: dict[str, Jet] = {n: {0: m} for n, m in point.items()}
        h1 = direction(point[self.x.name], random, self.x.data[1], ring)
        if self.kind == "directional" and self.along is not None:
            h1 = point[self.along.name]
        jets[self.x.name] = {**jets[self.x.name], 1: h1}
        h2: Matrix = []
        if self.kind in ("hessian", "hvp"):
            y = self.then
            h2 = direction(point[y.name], random, y.data[1], ring) if self.along is None else point[self.along.name]
            jets[y.name] = {**jets[y.name], 2: h2}
        evaluator = Evaluator(ring, jets, sizes, random)
        value = evaluator.value(self.f)
        derivative = evaluator.still().value(self.claim)[0]
        if not self._in_its_space(derivative, ring):
            return 1.0
        # cancellation inside f is no error of the claim
        noise = 0 if ring.exact else 1e-4 * sum(abs(v) for row in value[0] for v in row)
        return max(ring.gap(got, terms, noise) for got, terms in self._comparisons(value, derivative, h1, h2))

    def _in_its_space(self, derivative: Matrix, ring: Ring) -> bool:
        """Whether a gradient has the structure of the variable, where alone it is unique."""
        props = self.x.data[1]
        if self.kind not in ("gradient", "hvp") or not props & STRUCTURES:
            return True
        sign = -1 if "antisymmetric" in props else 1
        scale = 0 if ring.exact else sum(abs(v) for row in derivative for v in row)
        return all(
            not ring.gap(v, [sign * derivative[j][i]], scale) > 1e-6
            and ("diagonal" not in props or i == j or not ring.gap(v, [], scale) > 1e-6)
            for i, row in enumerate(derivative)
            for j, v in enumerate(row)
        )

    def _comparisons(self, value: Jet, derivative: Matrix, h1: Matrix, h2: Matrix) -> list[Comparison]:
        shape = len(value[0]), len(value[0][0])
        if self.kind == "hessian":
            if self.x.is_scalar or self.then.is_scalar:
                derivative = [list(flat(derivative))] if self.x.is_scalar else [[d] for d in flat(derivative)]
            rows = zip(flat(h1), derivative, strict=True)
            return [
                (_entry(value, 3)[0][0], [a * d * b for a, row in rows for d, b in zip(row, flat(h2), strict=True)])
            ]
        if self.kind == "directional":
            return [(_entry(value, 1)[0][0], flat(derivative))]
        if self.kind in ("gradient", "hvp"):
            free = self.convention == "free" and bool(self.x.data[1] & STRUCTURES)
            terms = [
                d * h
                for i, (p, q) in enumerate(zip(derivative, h1, strict=True))
                for j, (d, h) in enumerate(zip(p, q, strict=True))
                if not (free and j > i)
            ]
            return [(_entry(value, 1 if self.kind == "gradient" else 3)[0][0], terms)]
        moved = flat(_entry(value, 1))
        if (len(derivative), len(derivative[0])) == shape and self.x.is_scalar:
            return list(zip(moved, [[d * h1[0][0]] for d in flat(derivative)], strict=True))
        products = [[d * h for d, h in zip(row, flat(h1), strict=True)] for row in derivative]
        return list(zip(moved, products, strict=True))


def _entry(value: Jet, mask: int) -> Matrix:
    return value.get(mask) or [[0] * len(row) for row in value[0]]
