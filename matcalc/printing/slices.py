"""Products with unit vectors, as they are typed: entries X[1,2], slices X[1:3,:], and sums of them as blocks [A, B]."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from matcalc import algebra
from matcalc.atoms import UNITS
from matcalc.dims import DimLike, show_dim
from matcalc.expr import Expr

__all__ = ["Part", "blocks", "parts"]


class Part(NamedTuple):
    """A factor, what is taken of it (unit vectors that choose rows and columns, None for all), and whether that is
    transposed."""

    factor: Expr
    rows: Expr | None = None
    columns: Expr | None = None
    turned: bool = False

    @property
    def place(self) -> str:
        """What stands between the square brackets; nothing if all is taken."""
        if self.rows is None and self.columns is None:
            return ""
        if self.factor.shape[1] == 1 or self.factor.shape[0] == 1:
            return _range(self.rows if self.rows is not None else self.columns)
        return f"{_range(self.rows)},{_range(self.columns)}"


def _range(e: Expr | None) -> str:
    if e is None:
        return ":"
    if e.op == "unit":
        return str(e.data)
    first, last = (show_dim(d, "*") for d in e.data)
    return first if first == last else f"{first}:{last}"


def _is_row(f: Expr) -> bool:
    return f.op == "transpose" and f.args[0].op in UNITS


def _is_whole(f: Expr) -> bool:
    """Whether something can be taken of a factor."""
    return f.op not in UNITS and not _is_row(f) and not algebra.is_ones(f)


def parts(factors: Sequence[Expr]) -> list[Part]:
    """The factors of a product, each with the unit vectors around it that choose from its rows and columns."""
    found: list[Part] = []
    i = 0
    while i < len(factors):
        rows = columns = None
        if _is_row(factors[i]) and i + 1 < len(factors) and _is_whole(factors[i + 1]):
            rows, i = factors[i].args[0], i + 1
        factor = factors[i]
        if i + 1 < len(factors) and factors[i + 1].op in UNITS and _is_whole(factor):
            columns, i = factors[i + 1], i + 1
        if factor.op == "transpose" and (rows is not None or columns is not None):
            height = factor.shape[0] if rows is None else rows.shape[1]
            width = factor.shape[1] if columns is None else columns.shape[1]
            single = height == 1 and width == 1
            found.append(Part(factor.args[0], columns, rows, not single))
        else:
            found.append(Part(factor, rows, columns))
        i += 1
    return found


def blocks(e: Expr) -> list[list[Expr]] | None:
    """The blocks, row by row, if a sum is [A, B; C, D]: each term stands at unit vectors, and they leave nothing free."""
    for first, second in ((_at_top, _at_end), (_at_end, _at_top)):
        lines = _split(e, first)
        if lines is None:
            continue
        inner = [_split(line, second) if line.op == "add" else None for line in lines]
        whole = [line for line in inner if line is not None]
        grid = whole if len(whole) == len(lines) and len({len(line) for line in whole}) == 1 else [[x] for x in lines]
        return grid if first is _at_top else [list(column) for column in zip(*grid, strict=True)]
    return None


def _at_top(factors: Sequence[Expr]) -> tuple[Expr, Sequence[Expr]] | None:
    return (factors[0], factors[1:]) if factors[0].op in UNITS else None


def _at_end(factors: Sequence[Expr]) -> tuple[Expr, Sequence[Expr]] | None:
    return (factors[-1].args[0], factors[:-1]) if _is_row(factors[-1]) else None


def _split(e: Expr, at: Callable[[Sequence[Expr]], tuple[Expr, Sequence[Expr]] | None]) -> list[Expr] | None:
    """The parts of a sum by the unit vectors that their terms have at one end, in order; None if they do not fill it."""
    pieces: dict[Expr, list[Expr]] = {}
    for t in e.args:
        scalars, core = algebra.split_scalars(t)
        found = at(core.args if core.op == "dot" else (core,))
        if found is None:
            return None
        unit, rest = found
        count = unit.shape[1]
        inner = algebra.mul(*rest) if rest else algebra.eye(count)
        pieces.setdefault(unit, []).append(algebra.mul(*scalars, inner))
    starts = {_ends(unit)[0]: unit for unit in pieces}
    ordered: list[Expr] = []
    start: DimLike = 1
    while start in starts:
        unit = starts.pop(start)
        ordered.append(algebra.add(*pieces[unit]))
        start = _ends(unit)[1] + 1
    full = not starts and start == next(iter(pieces)).shape[0] + 1
    return ordered if full and len(ordered) > 1 else None


def _ends(unit: Expr) -> tuple[DimLike, DimLike]:
    return (unit.data, unit.data) if unit.op == "unit" else unit.data
