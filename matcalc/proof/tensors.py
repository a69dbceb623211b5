"""Matrices in entries: which indices their rows and columns have, and how two of them are made to fit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from matcalc.dims import DimLike, divide_dim
from matcalc.proof.canonical import Unprovable
from matcalc.proof.space import Poly

__all__ = ["Tensor", "common_pieces"]


class Tensor(NamedTuple):
    """A matrix in entries: the indices of its rows and columns (none where there is one), and an entry.

    An index over rows may be a pair or a longer tuple of simple indices, the last of which runs fastest.
    """

    rows: tuple[int, ...]
    columns: tuple[int, ...]
    entry: Poly

    def side(self, n: int) -> tuple[int, ...]:
        """The indices of the rows (0) or columns (1)."""
        return self.columns if n else self.rows


def common_pieces(a: Sequence[DimLike], b: Sequence[DimLike]) -> tuple[list[list[DimLike]], list[list[DimLike]]]:
    """How to divide each of two rows of dimensions so that they are the same; the last runs fastest."""
    left: list[list[DimLike]] = [[] for _ in a]
    right: list[list[DimLike]] = [[] for _ in b]
    one, two = [(k, d) for k, d in enumerate(a)], [(k, d) for k, d in enumerate(b)]
    while one and two:
        (i, x), (j, y) = one.pop(), two.pop()
        if x == y:
            small = x
        elif (q := divide_dim(x, y)) is not None:
            small = y
            one.append((i, q))
        elif (q := divide_dim(y, x)) is not None:
            small = x
            two.append((j, q))
        else:
            raise Unprovable("two ways to divide an index")
        left[i].insert(0, small)
        right[j].insert(0, small)
    if one or two:
        raise Unprovable("two ways to divide an index")
    return left, right
