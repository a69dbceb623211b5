"""Who writes a formula in each style."""

from __future__ import annotations

from matcalc.printing.latex import Latex
from matcalc.printing.text import Ascii, Unicode

__all__ = ["Writer", "writer_of"]

Writer = Unicode | Latex
"""Whatever writes expressions; Ascii is a Unicode with other words."""


def writer_of(style: str) -> Writer:
    """The writer for "unicode", "ascii" or "latex"."""
    return Latex() if style == "latex" else Ascii() if style == "ascii" else Unicode()
