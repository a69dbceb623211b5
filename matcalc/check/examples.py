"""Counterexamples that can be followed by hand: small sizes, small whole numbers, fractions where that is possible."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

from matcalc.check.digits import Digits
from matcalc.check.jets import Generic, Matrix, NoValue, Ring, Taylor
from matcalc.check.points import draw, sizes_of
from matcalc.check.questions import Question
from matcalc.dims import dim_names
from matcalc.errors import MatcalcError, UnsupportedError
from matcalc.expr import Expr, free_symbols

__all__ = ["Example", "Rationals", "smallest_example"]

ENTRIES = (1, 2, -1, 3, -2)
"""Entries of the points that counterexamples are looked for at."""

DIGITS = 40
"""Decimal digits, where fractions do not do."""

ALMOST = 1e-6
"""Relative difference above which two numbers differ that are rounded."""


@dataclass(frozen=True, slots=True)
class Example:
    """Where two sides differ: the sizes, the values of the names, the entry (from 1), and both values there."""

    sizes: Mapping[str, int]
    point: Mapping[str, Matrix]
    entry: tuple[int, int]
    values: tuple[Any, Any]

    def __str__(self) -> str:
        where = ", ".join(f"{n} = {v}" for n, v in self.sizes.items())
        names = ", ".join(f"{n} = {_matrix(m)}" for n, m in self.point.items())
        return "at " + "; ".join(part for part in (where, names) if part)

    @property
    def shown(self) -> tuple[str, str]:
        """Both values as text; what rounding leaves of a zero is 0."""
        left, right = (v if abs(v) * 10**12 > max(map(abs, self.values)) else 0 for v in self.values)
        return _number(left), _number(right)


def _number(x: Any) -> str:
    if not isinstance(x, Fraction | int):
        return f"{float(x):.6g}"
    exactly = str(x) if -(10**12) < x < 10**12 else ""
    return exactly if 0 < len(exactly) < 20 else f"{Decimal(x.numerator) / Decimal(x.denominator):.6g}"


def _matrix(m: Matrix) -> str:
    rows = [[_number(v) for v in row] for row in m]
    if len(m) == len(m[0]) == 1:
        return rows[0][0]
    if len(m[0]) == 1:
        return "(" + ", ".join(r[0] for r in rows) + ")"
    return "[" + "; ".join(", ".join(r) for r in rows) + "]"


def smallest_example(question: Question) -> Example | None:
    """The first difference found between the sides of a question, in fractions if it can be evaluated in them."""
    try:
        return _first(question, Rationals())
    except UnsupportedError:
        return _first(question, Digits(DIGITS))


def _first(question: Question, ring: Ring) -> Example | None:
    symbols = free_symbols(*question.roots)
    roots = [*question.roots, *symbols.values()]
    names = list(sizes_of(roots, "equal", Random(0)))
    plans = [dict.fromkeys(names, size) for size in (1, 2)]
    plans += [{n: 1 + (i + shift) % 3 for i, n in enumerate(names)} for shift in range(3)]
    used = {n for n in names if any(n in dim_names(d) for s in symbols.values() for d in s.shape)}
    for sizes in plans:
        for attempt in range(12):
            random = Random(attempt)
            try:
                point = {n: _small(s, sizes, attempt, random, ring) for n, s in symbols.items()}
                for entry, a, b in question.entries(ring, point, sizes):
                    if a != b and (ring.exact or abs(a - b) > ALMOST * (abs(a) + abs(b) + 1e-3)):
                        shown = {n: v for n, v in sizes.items() if n in used}
                        return Example(shown, point, entry, (a, b))
            except UnsupportedError:
                raise
            except (NoValue, MatcalcError, ArithmeticError):
                continue
    return None


def _small(s: Expr, sizes: Mapping[str, int], attempt: int, random: Random, ring: Ring) -> Matrix:
    """A matrix of small whole numbers; with declared properties, or after some attempts in vain, any that fits."""
    drawn = draw(s, dict(sizes), attempt, random, ring)
    if s.data[1] or attempt >= 6:
        return drawn
    first = attempt + len(s.name)
    return [[ENTRIES[(first + 2 * i + 3 * j) % len(ENTRIES)] for j in range(len(drawn[0]))] for i in range(len(drawn))]


class Rationals(Ring):
    """Fractions: with them an example has round numbers."""

    method = "exactly"
    exact = True

    def invert(self, x: Any) -> Any:
        """1/x"""
        if not x:
            raise NoValue("division by zero")
        return Fraction(1) / x

    def rational(self, x: Fraction) -> Any:
        """Itself."""
        return x

    def pi(self) -> Any:
        """No fraction."""
        raise UnsupportedError("π is no fraction")

    def draw(self, style: int, positive: bool, random: Random) -> Any:
        """A small whole number."""
        return random.randint(1, 3) * (1 if positive or style % 2 else random.choice((-1, 1)))

    def fixed(self, x: Any) -> Any:
        """A whole number."""
        return int(x) if x == int(x) else None

    def power(self, x: Any, e: Any) -> Taylor:
        """Roots are no fractions."""
        raise UnsupportedError("a root is no fraction")

    def function(self, name: str) -> Callable[[Any], Taylor] | None:
        """Only those with a kink have fractions for values."""
        found = {"abs": _abs, "sign": _sign, "step": _step, "relu": _relu}.get(name)
        if found is None:
            raise UnsupportedError(f"{name} has no fractions for values")
        return found

    def log_abs(self, x: Any) -> Taylor:
        """No fraction."""
        raise UnsupportedError("a logarithm is no fraction")

    def step(self, x: Any, moving: bool) -> Any:
        """1 for x > 0, else 0."""
        if moving and not x:
            raise NoValue("a tie")
        return int(x > 0)

    def largest(self, values: Sequence[Any]) -> int:
        """The place of the largest number."""
        place = max(range(len(values)), key=values.__getitem__)
        if values.count(values[place]) > 1:
            raise NoValue("a tie")
        return place

    def generic(self, random: Random) -> Generic:
        """A function with small whole numbers for values, and so its derivatives."""
        return _Values(random)

    def gap(self, got: Any, terms: Sequence[Any], noise: Any = 0) -> float:
        """0 for equal numbers, else 1."""
        return float(got != sum(terms))


def _abs(x: Any) -> Taylor:
    return abs(x), _sign(x)[0], 0


def _sign(x: Any) -> Taylor:
    return int(x > 0) - int(x < 0), 0, 0


def _step(x: Any) -> Taylor:
    return int(x > 0), 0, 0


def _relu(x: Any) -> Taylor:
    return max(x, 0), int(x > 0), 0


class _Values:
    """Small whole numbers at random."""

    def __init__(self, random: Random) -> None:
        self.random, self.values = random, dict[tuple[int, Any], int]()

    def derivative(self, order: int, x: Any) -> int:
        """g⁽ᵏ⁾(x)"""
        return self.values.setdefault((order, x), self.random.randint(-3, 3))
