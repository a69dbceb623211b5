"""Formulas in each style: Unicode, ASCII or LaTeX."""

from __future__ import annotations

from collections.abc import Sequence

from matcalc import algebra
from matcalc.expr import Expr
from matcalc.printing.latex import Latex
from matcalc.printing.text import Ascii, Unicode

__all__ = ["Writer", "with_names", "writer_of", "written"]

Writer = Unicode | Latex
"""Whatever writes expressions; Ascii is a Unicode with other words."""


def writer_of(style: str) -> Writer:
    """The writer for "unicode", "ascii" or "latex"."""
    return Latex() if style == "latex" else Ascii() if style == "ascii" else Unicode()


def written(e: Expr, style: str) -> str:
    """An expression in a style."""
    return writer_of(style).write(e)


def with_names(body: str, names: Sequence[tuple[str, Expr]], style: str) -> str:
    """A formula after the names in it; in LaTeX these follow."""
    words = [f"{written(algebra.symbol(n, v.shape), style)} = {written(v, style)}" for n, v in names]
    return r", \quad ".join([body, *words]) if style == "latex" else "; ".join([*words, body])
