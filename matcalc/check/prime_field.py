"""Numbers modulo a prime: no rounding, and a polynomial that is not zero is zero at hardly any point.

A function that is no rational one takes random values, the same for the same argument, related as its definition says:
exp is its own derivative and exp(−x) = 1/exp(x), sin² + cos² = 1, |x| is x or −x. What holds then holds for the real
function, too; what fails may hold for it all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from fractions import Fraction
from operator import add, mul
from random import Random
from typing import Any

from matcalc.check.jets import Generic, Matrix, NoValue, Ring, Taylor
from matcalc.functions import find_function

__all__ = ["Field"]

SPARE = 40
"""Random bits for a residue beyond those of the prime: so all residues are nearly equally probable."""

SMALL = 1 << 20
"""Residues below this are taken for whole numbers: a random one is smaller once in 10²⁹ times."""


class Field(Ring):
    """Residues modulo a prime."""

    method = "exactly"
    exact = True

    def __init__(self, p: int, random: Random) -> None:
        self.p, self.random = p, random
        self.bits = p.bit_length() + SPARE
        self.tables: dict[Hashable, Any] = {}
        self.rationals: dict[Fraction, int] = {}

    # --- arithmetic ---------------------------------------------------------------------------------------------------

    def reduce(self, x: Any) -> Any:
        """The residue."""
        return x % self.p

    def invert(self, x: Any) -> Any:
        """1/x"""
        if not x % self.p:
            raise NoValue("division by zero")
        return pow(x, -1, self.p)

    def matmul(self, a: Matrix, b: Matrix) -> Matrix:
        """The product of two matrices."""
        columns, p = list(zip(*b, strict=True)), self.p
        return [[sum(map(mul, row, column)) % p for column in columns] for row in a]

    def entrywise(self, a: Matrix, b: Matrix) -> Matrix:
        """The Hadamard product of two matrices."""
        p = self.p
        return [[x * y % p for x, y in zip(r, s, strict=True)] for r, s in zip(a, b, strict=True)]

    def plus(self, a: Matrix, b: Matrix) -> Matrix:
        """The sum of two matrices."""
        p = self.p
        return [[x % p for x in map(add, r, s)] for r, s in zip(a, b, strict=True)]

    def times(self, s: Any, a: Matrix) -> Matrix:
        """A number times a matrix."""
        p = self.p
        return [[s * x % p for x in row] for row in a]

    def gap(self, got: Any, terms: Sequence[Any], noise: Any = 0) -> float:
        """0 for equal numbers, else 1."""
        return float((got - sum(terms)) % self.p != 0)

    # --- numbers ------------------------------------------------------------------------------------------------------

    def rational(self, x: Fraction) -> Any:
        """The residue of a fraction."""
        if x not in self.rationals:
            self.rationals[x] = x.numerator * self.invert(x.denominator) % self.p
        return self.rationals[x]

    def pi(self) -> Any:
        """A random square: the root of π has to exist."""
        root = self.table("root of pi")
        square = root * root % self.p
        self.tables["root", square, 2] = root
        return square

    def draw(self, style: int, positive: bool, random: Random) -> Any:
        """A residue."""
        return random.getrandbits(self.bits) % self.p

    def fixed(self, x: Any) -> Any:
        """A small whole number."""
        small = x if x <= self.p // 2 else x - self.p
        return small if abs(small) <= 64 else None

    def table(self, *key: Hashable) -> Any:
        """A random number, the same for the same key, not zero."""
        found = self.tables.get(key)
        if found is None:
            found = self.tables[key] = 1 + self.random.getrandbits(self.bits) % (self.p - 1)
        return found

    def odd(self, name: str, x: int) -> int:
        """The value of an odd function: a random one."""
        if not x:
            return 0
        return int(self.table(name, x)) if x < self.p - x else self.p - int(self.table(name, self.p - x))

    # --- powers -------------------------------------------------------------------------------------------------------

    def root(self, x: int, order: int) -> int:
        """A number that stands for a root of x: for small whole numbers a true one, else a random one."""
        key = ("root", x, order)
        if key not in self.tables and x < SMALL:
            group = (self.p - 1) // 2
            self.tables[key] = pow(x, pow(order, -1, group), self.p)
        return int(self.table(*key))

    def real_power(self, x: int, e: Fraction) -> int:
        """xᵉ as a power of a root."""
        base = x if e.denominator == 1 else self.root(x, e.denominator)
        if not x:
            if e > 0 and e.denominator == 1:
                return 0
            raise NoValue("a root of zero, or a division by it")
        return pow(base, e.numerator, self.p)

    def power(self, x: Any, e: Any) -> Taylor:
        """xᵉ, for y = x^(a/b) from y·x^(−1/b)ᵃ = 1"""
        e = Fraction(e)
        if not e:
            return 1, 0, 0
        first, second = self.rational(e), self.rational(e * (e - 1))
        return (
            self.real_power(x, e),
            first * self.real_power(x, e - 1) % self.p,
            second * self.real_power(x, e - 2) % self.p,
        )

    # --- functions ----------------------------------------------------------------------------------------------------

    def function(self, name: str) -> Callable[[Any], Taylor] | None:
        """A function by its definition; None for one that has a formula."""
        found: Callable[[Any], Taylor] | None = getattr(self, "f_" + name, None)
        return None if found is None or _redefined(name) else found

    def generic(self, random: Random) -> Generic:
        """A function of random values, and so are its derivatives."""
        return Table(self)

    def step(self, x: Any, moving: bool) -> Any:
        """A random number, for 1 or 0, with step(−x) = 1 − step(x)."""
        x %= self.p
        if not x:
            return 0
        return self.table("step", x) if x < self.p - x else (1 - self.table("step", self.p - x)) % self.p

    def largest(self, values: Sequence[Any]) -> int:
        """A random place, the same for the same numbers."""
        return int(self.table("largest", *values)) % len(values)

    def sign(self, x: int) -> int:
        """2·step(x) − 1, and 0 for 0"""
        return (2 * self.step(x, False) - 1) % self.p if x else 0

    def exp(self, x: int) -> int:
        """A random number, with exp(−x) = 1/exp(x)."""
        if not x:
            return 1
        return int(self.table("exp", x)) if x < self.p - x else int(self.invert(self.table("exp", self.p - x)))

    def log_abs(self, x: Any) -> Taylor:
        """log |x|"""
        return self.f_log(self.sign(x) * x % self.p)[0], *self.f_log(x)[1:]

    def f_exp(self, x: Any) -> Taylor:
        """exp′ = exp"""
        return (self.exp(x),) * 3

    def f_log(self, x: Any) -> Taylor:
        """log′(x) = 1/x"""
        y = self.invert(x)
        value = 0 if x == 1 else self.table("log", x) if x < y else self.p - self.table("log", y)
        return value, y, -y * y % self.p

    def f_sin(self, x: Any) -> Taylor:
        """sin″ = −sin"""
        s, c = self.circle(x)
        return s, c, self.p - s

    def f_cos(self, x: Any) -> Taylor:
        """cos″ = −cos"""
        s, c = self.circle(x)
        return c, self.p - s, self.p - c

    def circle(self, x: int) -> tuple[int, int]:
        """A random point with s² + c² = 1, with s odd and c even."""
        t = self.odd("circle", x)
        scale = self.invert(1 + t * t)
        return 2 * t * scale % self.p, (1 - t * t) * scale % self.p

    def f_abs(self, x: Any) -> Taylor:
        """|x| = sign(x)·x"""
        s = self.sign(x)
        return s * x % self.p, s, 0

    def f_sign(self, x: Any) -> Taylor:
        """Constant near x."""
        return self.sign(x), 0, 0

    def f_step(self, x: Any) -> Taylor:
        """Constant near x."""
        return self.step(x, False), 0, 0

    def f_relu(self, x: Any) -> Taylor:
        """relu(x) = x·step(x)"""
        s = self.step(x, False)
        return s * x % self.p, s, 0

    def _integral(self, name: str, x: int, inside: int, inner: int, e: Fraction) -> Taylor:
        """An odd function with the derivative u^e, where u has the given value and derivative."""
        first = self.real_power(inside, e)
        second = self.rational(e) * inner % self.p * self.real_power(inside, e - 1) % self.p
        return self.odd(name, x), first, second

    def f_asin(self, x: Any) -> Taylor:
        """asin(x) = ∫ (1 − x²)^(−1/2)"""
        return self._integral("asin", x, (1 - x * x) % self.p, -2 * x, Fraction(-1, 2))

    def f_acos(self, x: Any) -> Taylor:
        """acos(x) = π/2 − asin(x)"""
        y, first, second = self.f_asin(x)
        return (self.pi() * self.invert(2) - y) % self.p, -first % self.p, -second % self.p

    def f_atan(self, x: Any) -> Taylor:
        """atan(x) = ∫ 1/(1 + x²)"""
        return self._integral("atan", x, (1 + x * x) % self.p, 2 * x, Fraction(-1))

    def f_asinh(self, x: Any) -> Taylor:
        """asinh(x) = ∫ (1 + x²)^(−1/2)"""
        return self._integral("asinh", x, (1 + x * x) % self.p, 2 * x, Fraction(-1, 2))

    def f_acosh(self, x: Any) -> Taylor:
        """acosh(x) = ∫ (x² − 1)^(−1/2)"""
        first, second = self._integral("acosh", x, (x * x - 1) % self.p, 2 * x, Fraction(-1, 2))[1:]
        return self.table("acosh", x), first, second

    def f_atanh(self, x: Any) -> Taylor:
        """atanh(x) = ∫ 1/(1 − x²)"""
        return self._integral("atanh", x, (1 - x * x) % self.p, -2 * x, Fraction(-1))

    def f_erf(self, x: Any) -> Taylor:
        """erf(x) = 2·π^(−1/2)·∫ exp(−x²)"""
        scale = 2 * self.real_power(self.pi(), Fraction(-1, 2))
        first = scale * self.exp(-x * x % self.p) % self.p
        return self.odd("erf", x), first, -2 * x * first % self.p

    def f_erfinv(self, x: Any) -> Taylor:
        """y with erf(y) = x: y′ = 1/erf′(y), y″ = 2y·y′²"""
        y = self.odd("erfinv", x)
        first = self.invert(self.f_erf(y)[1])
        return y, first, 2 * y * first * first % self.p

    def f_lgamma(self, x: Any) -> Taylor:
        """lgamma′ = digamma"""
        return self.table("gamma", 0, x), self.table("gamma", 1, x), self.table("gamma", 2, x)

    def f_digamma(self, x: Any) -> Taylor:
        """digamma′ = trigamma"""
        return self.table("gamma", 1, x), self.table("gamma", 2, x), self.table("gamma", 3, x)

    def f_trigamma(self, x: Any) -> Taylor:
        """Its derivatives have no name."""
        return self.table("gamma", 2, x), self.table("gamma", 3, x), self.table("gamma", 4, x)


def _redefined(name: str) -> bool:
    """Whether a user has given a name of the table a formula of their own."""
    known = find_function(name)
    return known is not None and bool(known.formula)


class Table:
    """A function that takes random values, and so do its derivatives."""

    def __init__(self, ring: Field) -> None:
        self.ring = ring

    def derivative(self, order: int, x: int) -> int:
        """g⁽ᵏ⁾(x)"""
        return int(self.ring.table(self, order, x))
