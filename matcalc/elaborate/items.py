"""Occurrences with their names resolved: what each node of the syntax tree means, before shapes are known.

Operations, their arguments and their data:

    number       -            Fraction
    dimension    -            Dim: a dimension used as a number
    pi           -
    symbol       -            the name of a variable
    param        -            the name of a parameter, only in the body of a function that the user defines
    eye          -            its size, or None if that follows from use
    ones, zeros  -            (), (length,) or (rows, columns)
    fill         (s,)         "vector" | "matrix": s in every entry, of whatever size fits
    commutation  -            (m, n)
    unit         -            (i,) or (n, i): the i-th unit vector, of a length that follows from use or is n
    units        -            (i, j) or (n, i, j): the unit vectors from the i-th to the j-th as columns
    hcat, vcat   blocks       beside one another, below one another
    basis        -            (the name of an index, its last value or None): each unit vector in turn, for sums over an index
    entry        (x, e, …)    e a basis: an entry of a vector or a row, with two of them of a matrix
    line         (X, e)       e a basis: a row or a column of a matrix as a vector; "rows" | "columns"
    sigma        (body, e, …) "sum" | "prod"
    pick         (x, e)       e a unit vector: an entry of a vector or a row, a row of a matrix; or several of them
    add          terms        ("+" | "-", ...)
    neg          (x,)
    chain        operands     the operators between them; "" is juxtaposition
    kron         operands
    power        (x, k)       x^k: of a scalar or of a square matrix
    elpower      (x, k)       x.^k: of each entry
    transpose    (x,)
    inv          (x,)
    bars         (x,)         |X|, as in log|X|: the determinant of a matrix, the absolute values of all else
    elementwise  (x,)         (name, order of the derivative)
    operator     arguments    the name of a row of the table of operators
    sum, mean, softmax, hardmax, logsumexp, max, min  (x,)   the axis: None, 0, 1 or "last"; "all" of what keeps its shape
    compare      operands     the signs between them
    inner        (a, b)
    norm         (x,)         "1" | "2" | "F" | "*" | "max" | "entries" | None
    abstract     arguments    (name, index of the argument by which the derivative is taken, or None)
    derivative   (f, n)       df/dn: of a scalar in the shape of n, of a vector by a vector entries by entries
    differential (x,)         dx
    equal        sides        of one shape
    use          (x,)         what the user defined and names here; the name, or the call
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from matcalc.errors import Span
from matcalc.limits import still_time

__all__ = ["Item", "in_order", "shorten"]

LONGEST = 40
"""The longest piece of the user's formula in a message."""


@dataclass(eq=False, slots=True)
class Item:
    """One occurrence: an operation on other items. What a definition gives a name to occurs once, however often used.

    place: where the item stands in the order made by `in_order`.
    """

    op: str
    args: tuple[Item, ...]
    span: Span
    data: Any = None
    place: int = -1


def in_order(root: Item) -> list[Item]:
    """Every item once, arguments first, and each told its place.

    >>> x = Item("symbol", (), Span(1, 2), "x")
    >>> [item.op for item in in_order(Item("neg", (x,), Span(0, 2)))]
    ['symbol', 'neg']
    """
    still_time()
    order: list[Item] = []
    seen: set[int] = set()
    stack: list[tuple[Item, bool]] = [(root, False)]
    while stack:
        item, ready = stack.pop()
        if ready:
            item.place = len(order)
            order.append(item)
        elif id(item) not in seen:
            seen.add(id(item))
            stack.append((item, True))
            stack.extend((a, False) for a in reversed(item.args))
    return order


def shorten(text: str) -> str:
    """A piece of a formula, in one line and not too long."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"
