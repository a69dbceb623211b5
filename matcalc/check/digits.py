"""Numbers of many digits: what they say where float64 finds a difference, which may be nothing but rounding."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from random import Random
from typing import Any

from matcalc.check.floats import LARGE, Floats, differenced
from matcalc.check.jets import NoValue, Taylor

__all__ = ["Digits"]


class Digits(Floats):
    """Floating-point numbers with so many decimal digits.

    A matrix that is singular at any point has a determinant of the size of the last digits, any other one of half of
    them at least: here the two can be told apart.
    """

    def __init__(self, digits: int) -> None:
        self.digits, self.small = digits, 10.0 ** -(digits // 2)
        self.context = _context(digits)
        self.functions = _functions(digits)

    def rational(self, x: Fraction) -> Any:
        """The nearest number."""
        return self.context.mpf(x.numerator) / x.denominator

    def pi(self) -> Any:
        """π"""
        return +self.context.pi

    def draw(self, style: int, positive: bool, random: Random) -> Any:
        """The number that would be drawn in float64."""
        return self.context.mpf(super().draw(style, positive, random))

    def invert(self, x: Any) -> Any:
        """1/x; raises NoValue near zero."""
        return super().invert(self.context.mpf(x))

    def power(self, x: Any, e: Any) -> Taylor:
        """xᵉ for x > 0."""
        return super().power(self.context.mpf(x), e)

    def log_abs(self, x: Any) -> Taylor:
        """log |x|"""
        return super().log_abs(self.context.mpf(x))

    def primitive(self, name: str) -> Callable[[Any], Any]:
        """A function of the table that has no formula, on real numbers."""
        return self._real(self.functions.get(name) or getattr(self.context, name))

    def polygamma(self, order: int) -> Callable[[Any], Taylor]:
        """ψ⁽ⁿ⁾, its derivatives by differences."""
        psi = lambda x: self.context.psi(order, x) if x > 0 else self.context.nan
        return differenced(self._real(psi), self.digits)

    def _real(self, f: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def value(x: Any) -> Any:
            if abs(x) > LARGE:
                raise NoValue("a number too large")
            y = f(x)
            if isinstance(y, self.context.mpc) or self.context.isnan(y):
                raise ValueError("outside the domain")
            return y

        return value


@lru_cache(maxsize=4)
def _context(digits: int) -> Any:
    from mpmath import MPContext

    context = MPContext()
    context.dps = digits
    return context


@lru_cache(maxsize=4)
def _functions(digits: int) -> dict[str, Callable[[Any], Any]]:
    """The functions of the table that mpmath does not have under their names."""
    mp = _context(digits)
    return {
        "abs": abs,
        "step": lambda x: mp.mpf(x > 0),
        "relu": lambda x: max(x, mp.mpf(0)),
        "sigmoid": lambda x: 1 / (1 + mp.exp(-x)),
        "softplus": lambda x: mp.log1p(mp.exp(x)),
        "lgamma": lambda x: mp.loggamma(x) if x > 0 else mp.nan,
        "digamma": lambda x: mp.digamma(x) if x > 0 else mp.nan,
        "trigamma": lambda x: mp.psi(1, x) if x > 0 else mp.nan,
    }
