"""float64: the last resort of the check, and the arithmetic of examples."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from fractions import Fraction
from random import Random
from typing import Any, TypeAlias

from matcalc.check.jets import Generic, NoValue, OutsideDomain, Ring, Taylor
from matcalc.functions import find_function, float_value, polygamma

__all__ = ["Floats", "differenced"]

KINK = 1e-3
"""A point is redrawn if an argument of |·|, sign, max … comes nearer than this to its kink."""

LARGE = 1e60

STYLES = ((0.4, 1.4, True), (0.4, 1.4, False), (0.1, 0.6, False), (0.05, 0.3, True), (1.2, 2.5, False))
"""Ranges of absolute values to try, and whether signs are mixed: most domains contain points of one of these kinds."""


class Floats(Ring):
    """float64."""

    method = "numerically"
    digits = 16
    small: float = 1e-7
    """What is smaller may be nothing but rounding, and is not divided by."""

    def invert(self, x: Any) -> Any:
        """1/x; raises NoValue near zero."""
        if abs(x) < self.small:
            raise NoValue("division by zero")
        if abs(x) > LARGE:
            raise NoValue("a number too large")  # the derivatives 1/x² and 2/x³ would be rounded to 0
        return 1 / x

    def rational(self, x: Fraction) -> Any:
        """The nearest float."""
        return float(x)

    def pi(self) -> Any:
        """π"""
        return math.pi

    def draw(self, style: int, positive: bool, random: Random) -> Any:
        """A number from the range of a style."""
        low, high, signed = STYLES[style % len(STYLES)]
        return random.uniform(low, high) * (random.choice((-1, 1)) if signed and not positive else 1)

    def fixed(self, x: Any) -> Any:
        """Any number can be an exponent."""
        return x

    def power(self, x: Any, e: Any) -> Taylor:
        """xᵉ for x > 0."""
        if x <= self.small:
            raise OutsideDomain("a root of a number that is not positive")
        e = self.rational(e) if isinstance(e, Fraction) else e
        y = x**e
        return y, e * y / x, e * (e - 1) * y / x**2

    def function(self, name: str) -> Callable[[Any], Taylor] | None:
        """A primitive function, its derivatives by differences; None for one with a formula."""
        known, value = find_function(name), self.value(name)
        return None if known is None or value is None else differenced(value, self.digits, bool(known.kink))

    def value(self, name: str) -> Callable[[Any], Any] | None:
        """The value of a primitive function."""
        known = find_function(name)
        return None if known is None or known.formula else self.primitive(known.name)

    def primitive(self, name: str) -> Callable[[Any], Any]:
        """A function of the table that has no formula."""
        return float_value(name)

    def polygamma(self, order: int) -> Callable[[Any], Taylor]:
        """ψ⁽ⁿ⁾, its derivatives by differences."""
        return differenced(lambda x: polygamma(order, x), self.digits)

    def log_abs(self, x: Any) -> Taylor:
        """log |x|"""
        return self.primitive("log")(abs(x)), 1 / x, -1 / x**2

    def step(self, x: Any, moving: bool) -> Any:
        """1 for x > 0, else 0."""
        if moving and abs(x) < KINK:
            raise NoValue("a tie")
        return int(x > 0)

    def largest(self, values: Sequence[Any]) -> int:
        """The place of the largest number."""
        place = max(range(len(values)), key=values.__getitem__)
        if any(values[place] - v < KINK for i, v in enumerate(values) if i != place):
            raise NoValue("a tie")
        return place

    def generic(self, random: Random) -> Generic:
        """A sum of sines."""
        return Waves(self, random)

    def gap(self, got: Any, terms: Sequence[Any], noise: Any = 0) -> float:
        """The relative error."""
        scale = abs(got) + sum(map(abs, terms)) + noise
        if not scale < LARGE:
            raise NoValue("a number too large")
        return float(abs(got - sum(terms)) / (scale + self.small / 100))


class Waves:
    """A bounded function with all its derivatives, standing for a generic g: a sum of sines."""

    def __init__(self, ring: Floats, random: Random) -> None:
        self.sin, self.quarter = ring.primitive("sin"), ring.pi() / 2
        ranges = ((0.4, 1.2), (0.5, 1.7), (0, 6))
        self.waves = [[ring.rational(Fraction(random.uniform(*r))) for r in ranges] for _ in range(3)]

    def derivative(self, order: int, x: Any) -> Any:
        """g⁽ᵏ⁾(x)"""
        return sum(a * w**order * self.sin(w * x + b + order * self.quarter) for a, w, b in self.waves)


Estimate: TypeAlias = tuple[Any, Any]
"""How far a number may be off, and the number."""


def _differences(f: Callable[[Any], Any], x: Any, scale: Any, digits: int) -> tuple[Estimate, Estimate]:
    """The first two derivatives by differences of five points.

    Steps h and k leave errors of h⁴ and k⁴, and rounding ε errors of ε/h and ε/k². How far off they may be is told by
    the differences of three points, and by what rounding makes of f.
    """
    bits = 10 * digits // 3
    h, k = scale * 2.0 ** -(bits // 5 + 1), scale * 2.0 ** -(bits // 6)
    value, outer, inner = f(x), f(x + 2 * k) + f(x - 2 * k), f(x + k) + f(x - k)
    narrow = f(x + h) - f(x - h)
    first = (8 * narrow - (f(x + 2 * h) - f(x - 2 * h))) / (12 * h)
    second = (16 * inner - outer - 30 * value) / (12 * k * k)
    rounding = 10.0**-digits * abs(value)
    return (
        (abs(first - narrow / (2 * h)) + rounding / h, first),
        (abs(second - (inner - 2 * value) / (k * k)) + rounding / (k * k), second),
    )


def differenced(f: Callable[[Any], Any], digits: int, kinked: bool = False) -> Callable[[Any], Taylor]:
    """A function and its first two derivatives, these by differences: away from kinks far better than is asked for."""

    def jet(x: Any) -> Taylor:
        if abs(x) > 1e8:
            raise NoValue("a large number")
        if kinked:
            if abs(x) < KINK:
                raise NoValue("a kink")
            step = KINK * 2.0**-2
            return f(x), (f(x + step) - f(x - step)) / (2 * step), 0
        near = min(1.0, max(0.01, abs(x)))  # functions with a singularity at 0 change faster near it
        found = []
        for scale in (near, abs(x) / 4) if abs(x) > 4 or 0 < abs(x) < 0.04 else (near,):
            with suppress(ArithmeticError, ValueError):
                found.append(_differences(f, x, scale, digits))
        if not found:
            raise NoValue("outside the domain, or at its edge")
        # log changes slowly far out and quickly near 0, exp does not: the step that agrees better with itself
        return f(x), min(first for first, _ in found)[1], min(second for _, second in found)[1]

    return jet
