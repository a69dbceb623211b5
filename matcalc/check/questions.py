"""What a check compares: the change of a function with what a claimed derivative says of it, or two expressions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import Any, Protocol, TypeAlias

from matcalc.atoms import TANGENT
from matcalc.check.evaluator import Evaluator
from matcalc.check.jets import Jet, Matrix, Ring
from matcalc.check.points import direction, flat, structured, units
from matcalc.expr import Expr

__all__ = ["DerivativeQuestion", "EqualityQuestion", "Question"]

Comparison: TypeAlias = tuple[Any, Sequence[Any]]
"""A number, and the terms whose sum it should be."""

Entry: TypeAlias = tuple[tuple[int, int], Any, Any]
"""A place, from (1, 1), and the values of both sides there."""


class Question(Protocol):
    """Something to be checked at a point."""

    @property
    def roots(self) -> tuple[Expr, ...]:
        """The expressions that are evaluated."""

    @property
    def parts(self) -> list[tuple[Expr, int]]:
        """The two sides, each with the order of its jets: 1 for values alone."""

    def error(self, ring: Ring, point: Mapping[str, Matrix], sizes: Mapping[str, int], random: Random) -> float:
        """How far the two sides are apart, relative to their terms; raises NoValue outside the domain."""

    def entries(self, ring: Ring, point: Mapping[str, Matrix], sizes: Mapping[str, int]) -> Iterator[Entry]:
        """What is claimed and what is true, entry by entry."""


@dataclass(frozen=True, slots=True)
class EqualityQuestion:
    """Whether two expressions of one shape are equal."""

    left: Expr
    right: Expr

    @property
    def roots(self) -> tuple[Expr, ...]:
        """Both sides."""
        return self.left, self.right

    @property
    def parts(self) -> list[tuple[Expr, int]]:
        """Both sides, without jets."""
        return [(self.left, 1), (self.right, 1)]

    def error(self, ring: Ring, point: Mapping[str, Matrix], sizes: Mapping[str, int], random: Random) -> float:
        """The largest difference of two entries, relative to all."""
        evaluator = Evaluator(ring, {n: {0: m} for n, m in point.items()}, sizes, random)
        left, right = (flat(evaluator.value(side)[0]) for side in self.roots)
        noise = 0 if ring.exact else sum(map(abs, left)) + sum(map(abs, right))
        return max(ring.gap(a, [b], noise) for a, b in zip(left, right, strict=True))

    def entries(self, ring: Ring, point: Mapping[str, Matrix], sizes: Mapping[str, int]) -> Iterator[Entry]:
        """The entries of both sides."""
        evaluator = Evaluator(ring, {n: {0: m} for n, m in point.items()}, sizes, Random(1))
        left, right = (evaluator.value(side)[0] for side in self.roots)
        for i, (p, q) in enumerate(zip(left, right, strict=True), 1):
            for j, (a, b) in enumerate(zip(p, q, strict=True), 1):
                yield (i, j), a, b


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

    @property
    def parts(self) -> list[tuple[Expr, int]]:
        """The function with tangents, and for second derivatives those of tangents; the claim."""
        return [(self.f, 3 if self._is_second else 2), (self.claim, 1)]

    @property
    def _is_second(self) -> bool:
        return self.kind in ("hessian", "hvp")

    @property
    def _structure(self) -> frozenset[str]:
        return TANGENT & self.x.data[1] if self.kind in ("gradient", "hvp") else frozenset()

    def error(self, ring: Ring, point: Mapping[str, Matrix], sizes: Mapping[str, int], random: Random) -> float:
        """The difference between f along random directions and what the claim says of it, relative to its terms."""
        h1, h2 = self._directions(ring, point, random)
        value, derivative = self._evaluated(ring, point, sizes, (h1, h2), random)
        if self._structure and not self._in_its_space(derivative, ring):
            return 1.0
        return max(ring.gap(got, terms) for got, terms in self._comparisons(value, derivative, h1, h2))

    def _directions(self, ring: Ring, point: Mapping[str, Matrix], random: Random) -> tuple[Matrix, Matrix]:
        """Those given, else random ones."""
        given = None if self.along is None else point[self.along.name]
        h1 = given if self.kind == "directional" else None
        if h1 is None:
            h1 = direction(point[self.x.name], random, self.x.data[1], ring)
        if not self._is_second:
            return h1, []
        return h1, given or direction(point[self.then.name], random, self.then.data[1], ring)

    def _evaluated(
        self,
        ring: Ring,
        point: Mapping[str, Matrix],
        sizes: Mapping[str, int],
        directions: tuple[Matrix, Matrix],
        random: Random,
    ) -> tuple[Jet, Matrix]:
        """The jet of f along the directions, and the claim."""
        jets: dict[str, Jet] = {n: {0: m} for n, m in point.items()}
        jets[self.x.name][1] = directions[0]
        if directions[1]:
            jets[self.then.name][2] = directions[1]
        evaluator = Evaluator(ring, jets, sizes, random)
        value = evaluator.value(self.f)
        return value, evaluator.still().value(self.claim)[0]

    def _in_its_space(self, derivative: Matrix, ring: Ring) -> bool:
        """Whether a gradient has the structure of the variable, where alone it is unique."""
        scale = 0 if ring.exact else sum(abs(v) for row in derivative for v in row)
        wanted = structured(derivative, self._structure, ring)
        pairs = (pair for rows in zip(derivative, wanted, strict=True) for pair in zip(*rows, strict=True))
        return all(ring.gap(v, [w], scale) < 1e-6 for v, w in pairs)

    def _comparisons(self, value: Jet, derivative: Matrix, h1: Matrix, h2: Matrix) -> list[Comparison]:
        """What f does, and the terms of what the claim says."""
        shape = len(value[0]), len(value[0][0])
        if self.kind == "hessian":
            if self.x.is_scalar or self.then.is_scalar:
                derivative = [list(flat(derivative))] if self.x.is_scalar else [[d] for d in flat(derivative)]
            rows = zip(flat(h1), derivative, strict=True)
            return [
                (_entry(value, 3)[0][0], [a * d * b for a, row in rows for d, b in zip(row, flat(h2), strict=True)])
            ]
        if self.kind == "directional":
            return list(zip(flat(_entry(value, 1)), [[d] for d in flat(derivative)], strict=True))
        if self.kind in ("gradient", "hvp"):
            free = self.convention == "free" and bool(self._structure & {"symmetric", "antisymmetric"})
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

    def entries(self, ring: Ring, point: Mapping[str, Matrix], sizes: Mapping[str, int]) -> Iterator[Entry]:
        """What the claim and f say of the change along the unit matrices of the space."""
        if self.kind == "directional" and self.along is not None:
            first = [((1, 1), point[self.along.name])]
        else:
            first = units(point[self.x.name], self.x.data[1])
        second: list[tuple[tuple[int, int], Matrix]] = [((1, 1), [])]
        if self._is_second:
            given = None if self.along is None else point[self.along.name]
            second = units(point[self.then.name], self.then.data[1]) if given is None else [((1, 1), given)]
        rows = len(point[self.x.name])
        halves = bool(self._structure) and self.convention == "within"
        for place, h1 in first:
            for other, h2 in second:
                value, derivative = self._evaluated(ring, point, sizes, (h1, h2), Random(1))
                for k, (got, terms) in enumerate(self._comparisons(value, derivative, h1, h2), 1):
                    column = place[0] + (place[1] - 1) * rows
                    if self.kind == "hessian":
                        across = other[0] + (other[1] - 1) * len(point[self.then.name])
                        yield (column, across), sum(terms), got
                    elif self.kind in ("gradient", "hvp", "directional"):
                        scale = ring.rational(Fraction(1, sum(map(abs, flat(h1))))) if halves else 1
                        yield place, scale * sum(terms), scale * got
                    else:
                        yield (k, column), sum(terms), got


def _entry(value: Jet, mask: int) -> Matrix:
    return value.get(mask) or [[0] * len(row) for row in value[0]]
