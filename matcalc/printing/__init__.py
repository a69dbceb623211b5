"""Expressions and derivations in print."""

from __future__ import annotations

from matcalc.expr import Expr
from matcalc.printing.text import Ascii, Unicode

__all__ = ["text"]


def text(e: Expr, style: str = "unicode") -> str:
    """An expression as text that reads back.

    >>> from matcalc.algebra import mul, symbol, transpose
    >>> text(mul(transpose(symbol("X", ("m", "n"))), symbol("y", ("m", 1))))
    'Xᵀ·y'
    """
    return (Ascii() if style == "ascii" else Unicode()).write(e)
