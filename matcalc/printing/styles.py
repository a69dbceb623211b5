"""Formulas in each style: Unicode, ASCII or LaTeX."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from matcalc import algebra
from matcalc.expr import Expr
from matcalc.printing.latex import Latex
from matcalc.printing.text import Ascii, Unicode

__all__ = ["Writer", "parts_of", "with_names", "writer_of", "written"]

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


def parts_of(text: str) -> list[str]:
    """What stands between the semicolons of a text, those inside brackets aside.

    >>> parts_of("p = softmax(x); [A, B; C, D]*p")
    ['p = softmax(x)', '[A, B; C, D]*p']
    """
    depth, cuts = 0, [-2]
    for at, c in enumerate(text):
        depth += (c == "[") - (c == "]")
        if depth == 0 and text.startswith("; ", at):
            cuts.append(at)
    return [text[a + 2 : b] for a, b in pairwise([*cuts, len(text)])]
