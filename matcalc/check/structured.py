"""A prime field in which roots, signs and exponentials obey their laws, where random values did not suffice.

A number counts as positive if it is a square. Then √(x·y) = √x·√y, |x·y| = |x|·|y| and sign(x)² = 1 hold. A number is
reckoned modulo a product p·q·… of a chain of primes at once: exp(x) = γ^(x mod q) modulo p turns sums into products.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from random import Random
from typing import Any

from matcalc.check.jets import NoValue, Taylor
from matcalc.check.prime_field import Field

__all__ = ["Structured"]


class Structured(Field):
    """Residues modulo a product of primes, of which each is the order of the squares modulo the one before.

    Args:
        primes: the chain, with one more than is reckoned with: one for every exp within an exp, and one.
        random: for bases, and for functions without such laws.
    """

    def __init__(self, primes: Sequence[int], random: Random) -> None:
        self.parts = tuple(pairwise(primes))
        self.top, self.group = self.parts[0]
        product = 1
        for prime, _ in self.parts:
            product *= prime
        super().__init__(product, random)
        self.lifts = [product // prime * pow(product // prime, -1, prime) for prime, _ in self.parts]
        self.bases = [pow(2 + random.getrandbits(64), 2, prime) for prime, _ in self.parts]
        self.roots = 0

    def joined(self, residues: Sequence[int]) -> int:
        """The number with these residues."""
        return sum(r * lift for r, lift in zip(residues, self.lifts, strict=True)) % self.p

    def invert(self, x: Any) -> Any:
        """1/x"""
        if not x % self.top:
            raise NoValue("division by zero")
        return pow(x, -1, self.p)

    def gap(self, got: Any, terms: Sequence[Any], noise: Any = 0) -> float:
        """0 for numbers that are equal modulo the largest prime, else 1: the others serve as exponents."""
        return float((got - sum(terms)) % self.top != 0)

    def draw(self, style: int, positive: bool, random: Random) -> Any:
        """A residue; a square in every second style."""
        x = random.getrandbits(self.bits) % self.p
        return x * x % self.p if positive or style % 2 else x

    # --- laws ---------------------------------------------------------------------------------------------------------

    def is_positive(self, x: int) -> bool:
        """Whether x is a square."""
        key = ("positive", x % self.top)
        if key not in self.tables:
            self.tables[key] = pow(x, self.group, self.top) == 1
        return bool(self.tables[key])

    def step(self, x: Any, moving: bool) -> Any:
        """1 for a square, else 0."""
        return int(self.is_positive(x))

    def raised(self, x: int, exponents: Sequence[int]) -> int:
        """x to a power, given as a residue for every prime; in the group of the squares."""
        if not self.is_positive(x):
            raise NoValue("a root of a number that is not positive")
        return self.joined([pow(x, e, prime) for e, (prime, _) in zip(exponents, self.parts, strict=True)])

    def real_power(self, x: int, e: Fraction) -> int:
        """xᵉ"""
        if e.denominator == 1:
            return super().real_power(x, e)
        key = ("power", x, e)
        if key not in self.tables:
            self.roots += e.numerator == 1
            exponents = [e.numerator * pow(e.denominator, -1, group) % group for _, group in self.parts]
            self.tables[key] = self.raised(x, exponents)
        return int(self.tables[key])

    def exp(self, x: int) -> int:
        """γˣ"""
        if ("exp", x) not in self.tables:
            exponents = [x % group for _, group in self.parts]
            powers = [pow(b, e, q) for b, e, (q, _) in zip(self.bases, exponents, self.parts, strict=True)]
            self.note_exp(x, self.joined(powers))
        return int(self.tables["exp", x])

    def note_power(self, x: Any, y: Any, product: Any) -> None:
        """exp(y·log x) = x^y"""
        self.note_exp(product, self.raised(x, [y % group for _, group in self.parts]))

    def note_exp(self, x: int, y: int) -> None:
        """y = exp(x), so that x = log y"""
        self.tables["exp", x] = y
        self.tables.setdefault(("log", y), x)

    def f_log(self, x: Any) -> Taylor:
        """log(exp(x)) = x = exp(log(x))"""
        y = self.invert(x)
        if ("log", x) not in self.tables and ("log", y) in self.tables:
            self.tables["log", x] = self.p - self.tables["log", y]
        value = 0 if x == 1 else self.table("log", x)
        self.tables.setdefault(("exp", value), x)
        return value, y, -y * y % self.p
