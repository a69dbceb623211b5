"""What the norms mean: ‖x‖_p, ‖x‖_∞, ‖X‖_{2,1}, norm(X, 'fro'), norm(x, p)."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction

from matcalc.elaborate.items import Item
from matcalc.errors import Span, SyntaxMistake
from matcalc.syntax import Node
from matcalc.syntax.names import NORMS

__all__ = ["AXES", "exponent_of", "norm"]

AXES: dict[str, int | str] = {"rows": 0, "row": 0, "columns": 1, "cols": 1, "column": 1, "all": "all", "None": "all"}
"""The words for an axis."""

NUMBER = r"[0-9]+(?:\.[0-9]+)?"


def exponent_of(call: Node) -> tuple[Node, ...]:
    """The p of norm(x, p) or norm(x, ord=p), if it is a number or a name rather than a word or an axis; else nothing."""
    which = tuple(a.args[0] if a.head == "keyword" and a.value == "ord" else a for a in call.args[1:])
    if len(which) != 1 or which[0].head == "keyword" or which[0].value in AXES or which[0].text in NORMS:
        return ()
    return which


def norm(
    x: Item, which: str | None, exponent: Item | None, span: Span, note: Callable[[str], None] = lambda _: None
) -> Item:
    """A norm, by its subscript: the p of ‖x‖_p is an item of its own.

    Raises: SyntaxMistake for a subscript that says nothing.
    """
    if exponent is not None:
        return _p_norm(x, exponent, span)
    word = None if which is None else re.sub(r"\s", "", which)
    if word is None or word == "entries":
        return Item("norm", (x,), span, word)
    if word in NORMS:
        return Item("norm", (x,), span, NORMS[word])
    pair = re.fullmatch(f"({NUMBER}),({NUMBER})", word)
    if pair is None:
        hint = "known: 1, 2, F, *, inf, a number or name p, and a pair such as 2,1"
        raise SyntaxMistake("this norm is not supported", span=span, hint=hint)
    note(f"‖X‖_{{{word}}} is the {pair[2]}-norm of the {pair[1]}-norms of the columns; of the rows it is that of X'")
    p, q = (Item("number", (), span, Fraction(n)) for n in pair.groups())
    return _p_norm(_p_norm(x, p, span, axis=0), q, span, positive=True)


def _p_norm(x: Item, p: Item, span: Span, axis: int | None = None, positive: bool = False) -> Item:
    """(Σ |x|ᵖ)^(1/p), of the columns if an axis is given; of even powers the absolute value is left out.

    Raises: SyntaxMistake for p = 0.
    """
    number = p.data if p.op == "number" else None
    if number == 0:
        hint = "how many entries are not zero has no derivative; ||x||_1 is the sum of the absolute entries"
        raise SyntaxMistake("there is no norm with the exponent 0", span=span, hint=hint)
    if number == 2 and axis is None:
        return Item("norm", (x,), span, "entries")
    plain = positive or (number is not None and number % 2 == 0)
    if axis is None and not plain and number != 1:
        return Item("operator", (x, p), span, "pnorm")
    entries = x if plain else Item("elementwise", (x,), span, ("abs", 0))
    total = Item("sum", (entries if number == 1 else Item("elpower", (entries, p), span),), span, axis)
    if number == 1:
        return total
    return Item("elpower", (total, Item("number", (), span, 1 / Fraction(number or 1))), span)
